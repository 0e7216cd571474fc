"""The code of a cell, or a function of a notebook, in a form that can run again."""

from __future__ import annotations

import ast
import inspect
import io
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.kernel.cells import run_cell_within
from jupyter_repro.kernel.doctor.examine import OUTPUT, VALUE, Results
from jupyter_repro.kernel.doctor.names import (
    assigned_names,
    copy_variables,
    names_in,
    second_namespace,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_FILE = "<%repro doctor>"
_MAGICS = ("run_line_magic", "run_cell_magic", "system", "getoutput")


class Code:
    """What a cell and a function have in common: copied variables, and compared ones.

    Attributes
    ----------
    notes : list of str
        Sentences on variables that cannot be copied.
    """

    def __init__(self, shell: InteractiveShell, code: CodeType, assigned: list[str]) -> None:
        self._namespace: dict[str, Any] = shell.user_ns
        self._names = names_in(code, self._namespace)
        self._compared = [*dict.fromkeys([*assigned, *self._names])]
        self._copies, failed = copy_variables(self._names, self._namespace)
        self.notes = [
            f"{name} cannot be copied, so all runs change the same object." for name in failed
        ]

    def _first(self, run: Callable[[], object]) -> Results:
        text = _Tee(sys.stdout)
        with redirect_stdout(text):
            value = run()
        return self._results(self._namespace, text.getvalue(), value)

    def _again(self, run: Callable[[dict[str, Any]], object]) -> Results:
        from IPython.utils.capture import capture_output

        copies, _ = copy_variables([*self._copies], self._copies)
        with second_namespace(self._namespace, copies) as namespace:
            with capture_output() as captured:
                value = run(namespace)
            return self._results(namespace, captured.stdout, value)

    def _results(self, namespace: dict[str, Any], text: str, value: object) -> Results:
        results = {
            name: namespace[name]
            for name in self._compared
            if name in namespace and not _is_code(namespace[name])
        }
        return {**results, OUTPUT: text, VALUE: value}


class Cell(Code):
    """The code of a cell, without the magic.

    Raises
    ------
    UsageError
        If it cannot run a second time without effects on the notebook.
    """

    def __init__(self, shell: InteractiveShell, source: str) -> None:
        self._shell = shell
        self._source = source
        code: str = shell.transform_cell(source)  # type: ignore[no-untyped-call]
        tree = _parse(code)
        last = tree.body[-1] if tree.body else None
        self._last = None
        if isinstance(last, ast.Expr):
            self._last = compile(ast.Expression(last.value), _FILE, "eval")
            del tree.body[-1]
        self._body = compile(tree, _FILE, "exec")
        whole = _parse(code)
        super().__init__(shell, compile(whole, _FILE, "exec"), assigned_names(whole))

    def first(self) -> Results:
        """Run it as IPython runs a cell."""

        def run() -> object:
            done = run_cell_within(self._shell, self._source)
            if done is None:  # then it runs like the further runs, in your namespace
                return self._run(self._namespace)
            if not done.success:  # IPython has shown the error
                reason = "The cell failed, so there is nothing to compare."
                raise ReproError(reason)
            return done.result

        return self._first(run)

    def again(self) -> Results:
        """Run it on copies."""
        return self._again(self._run)

    def _run(self, namespace: dict[str, Any]) -> object:
        exec(self._body, namespace)  # noqa: S102 - the user's own cell
        return self._last and eval(self._last, namespace)  # noqa: S307 - the same


class Function(Code):
    """A function of the notebook that can be called without arguments.

    Raises
    ------
    UsageError
        If there is no such function, or it needs arguments.
    """

    def __init__(self, shell: InteractiveShell, name: str) -> None:
        function = shell.user_ns.get(name)
        if not isinstance(function, FunctionType):
            reason = (
                f"This notebook has no function {name}. "
                "Use %repro doctor NAME with one of its functions."
            )
            raise UsageError(reason)
        if _needs_arguments(function) or inspect.iscoroutinefunction(function):
            reason = f"%repro doctor calls {name}() without arguments and await, which it needs."
            raise UsageError(reason)
        self._function = name
        super().__init__(shell, compile(f"{name}()", _FILE, "eval"), [])

    def first(self) -> Results:
        """Call it."""
        return self._first(self._namespace[self._function])

    def again(self) -> Results:
        """Call it on copies."""
        return self._again(lambda namespace: namespace[self._function]())


class _Tee(io.StringIO):
    """Keep a text and show it."""

    def __init__(self, shown: Any) -> None:  # noqa: ANN401 - a stream
        super().__init__()
        self._shown = shown

    def write(self, text: str) -> int:
        self._shown.write(text)
        return super().write(text)

    def flush(self) -> None:
        self._shown.flush()


def _is_code(value: object) -> bool:
    """Return whether a variable is code or a module, which is not compared."""
    return isinstance(value, (FunctionType, type, type(sys))) or inspect.isbuiltin(value)


def _needs_arguments(function: FunctionType) -> bool:
    return any(
        parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        for parameter in inspect.signature(function).parameters.values()
    )


def _parse(code: str) -> ast.Module:
    try:
        tree = ast.parse(code, _FILE)
    except SyntaxError as error:
        reason = f"The cell is not valid Python: {error.msg} (line {error.lineno})."
        raise UsageError(reason) from None
    for node in ast.walk(tree):
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)) and _is_outside(tree, node):
            reason = (
                "A cell with await cannot be examined, because it cannot run twice in one cell."
            )
            raise UsageError(reason)
        called = node.func if isinstance(node, ast.Call) else None
        if (
            isinstance(called, ast.Attribute)
            and called.attr in _MAGICS
            and isinstance(called.value, ast.Call)
            and isinstance(called.value.func, ast.Name)
            and called.value.func.id == "get_ipython"
        ):
            reason = (
                "%%repro doctor can repeat only plain Python. "
                "Remove magics and shell commands from the cell."
            )
            raise UsageError(reason)
    return tree


def _is_outside(tree: ast.Module, node: ast.AST) -> bool:
    inside = (ast.AsyncFunctionDef,)
    return not any(
        node in ast.walk(function) for function in ast.walk(tree) if isinstance(function, inside)
    )
