"""Find the variables that code uses, also through functions of the notebook."""

from __future__ import annotations

import ast
import copy
import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

_LEFT_OUT = (types.ModuleType, type, types.BuiltinFunctionType)


def names_in(code: types.CodeType, namespace: Mapping[str, Any]) -> list[str]:
    """Return the names that code refers to, and those of functions that it may call.

    Parameters
    ----------
    code
        Of the cell, or of a function.
    namespace
        The notebook's variables. Functions and classes in it are followed.
    """
    found: dict[str, None] = {}
    waiting = [code]
    while waiting:
        current = waiting.pop()
        for name in current.co_names:
            if name not in found:
                found[name] = None
                waiting += _code_of(namespace.get(name), namespace)
        waiting += [part for part in current.co_consts if isinstance(part, types.CodeType)]
    return [*found]


def _code_of(value: object, namespace: Mapping[str, Any]) -> Iterator[types.CodeType]:
    """Yield the code of a function, or of the methods of a class, of the notebook."""
    members = vars(value).values() if isinstance(value, type) else [value]
    for member in members:
        function = getattr(member, "__func__", member)  # of a static or class method
        if isinstance(function, types.FunctionType) and function.__globals__ is namespace:
            yield function.__code__


def assigned_names(tree: ast.AST) -> list[str]:
    """Return the variables that a cell assigns at top level, in the order of the code."""
    found: dict[str, None] = {}
    for statement in getattr(tree, "body", []):
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found[node.id] = None
    return [*found]


def copy_variables(
    names: list[str], namespace: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return deep copies of variables, and the names of those that cannot be copied.

    They are copied together, so that the copies share what the originals share, such as an
    optimizer the weights of its model.
    """
    wanted = {
        name: namespace[name]
        for name in names
        if name in namespace and not isinstance(namespace[name], (*_LEFT_OUT, types.FunctionType))
    }
    with suppress(Exception):  # any class may fail; then each is copied on its own
        return copy.deepcopy(wanted), []
    memo: dict[int, Any] = {}
    copies: dict[str, Any] = {}
    for name, value in wanted.items():
        with suppress(Exception):
            copies[name] = copy.deepcopy(value, memo)
    return copies, [name for name in wanted if name not in copies]


@contextmanager
def second_namespace(
    namespace: Mapping[str, Any], copies: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Give a namespace in which code can run again without effects on the first one.

    The notebook's functions are copied, so that they use its variables. Classes are not: what
    their methods assign with ``global`` changes the notebook. Inside the block it is that of
    ``__main__``, where a pool of processes looks for the functions that it is given.
    """
    main = types.ModuleType("__main__")
    fresh = vars(main)
    fresh.update(namespace)
    fresh.update(copies)
    for name, value in namespace.items():
        if isinstance(value, types.FunctionType) and value.__globals__ is namespace:
            function = types.FunctionType(
                value.__code__, fresh, value.__name__, value.__defaults__, value.__closure__
            )
            function.__kwdefaults__ = value.__kwdefaults__
            function.__dict__.update(value.__dict__)
            function.__module__ = value.__module__
            fresh[name] = function
    before = sys.modules.get("__main__")
    sys.modules["__main__"] = main
    try:
        yield fresh
    finally:
        if before is not None:
            sys.modules["__main__"] = before
