"""The options: one table, and no second list or default of them anywhere."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_repro
from jupyter_repro.cli.parser import make_parser
from jupyter_repro.errors import UsageError
from jupyter_repro.kernel.arguments import parse_request
from jupyter_repro.kernel.remote import Beginning
from jupyter_repro.model.options import DETERMINISM, OPTIONS, PINS, SEEDING, Choice, suggest
from jupyter_repro.run.runner import RunOptions
from jupyter_repro.seeding.options import SeedOptions, parse_options

PACKAGE = Path(jupyter_repro.__file__).parent
TABLE = PACKAGE / "model" / "options.py"
CHOICES = {name: one for name, one in OPTIONS.items() if isinstance(one, Choice)}
# "yes" and "no" are words of many tables
LISTS = {name: {*one.choices} for name, one in CHOICES.items() if "yes" not in one.choices}
# The other names are those of many parameters
DEFAULTS = {one.name: one.default for one in SEEDING if isinstance(one, Choice)} | {
    "policy": CHOICES["policy"].default,
    "pins": PINS.default,
}


def strings_in(node: ast.AST) -> set[object]:
    """Return the strings that a tuple, list or set holds, or a `Literal` names."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("Literal"):
        node = node.slice
    if not isinstance(node, ast.Tuple | ast.List | ast.Set):
        return set()
    return {one.value for one in node.elts if isinstance(one, ast.Constant)}


def defaults_in(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield names and what they are when nobody gives them."""
    if isinstance(node, ast.FunctionDef):
        positional = [*node.args.posonlyargs, *node.args.args]
        given = positional[len(positional) - len(node.args.defaults) :]
        yield from zip((one.arg for one in given), node.args.defaults, strict=True)
        yield from zip(
            (one.arg for one in node.args.kwonlyargs), node.args.kw_defaults, strict=True
        )
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, node.value
    elif isinstance(node, ast.Call):
        words = [str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant)]
        options = [word.lstrip("-") for word in words if word.startswith("--")]
        values = [one.value for one in node.keywords if one.arg == "default"]
        yield from ((name, value) for name in options for value in values)
    elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        name = ast.unparse(node.values[0]).rpartition(".")[2]
        yield name, node.values[-1]


def seconds() -> Iterator[str]:
    """Yield where a list of choices or a default is written a second time."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path == TABLE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}"
            yield from (
                f"{where} {name}" for name, all_of in LISTS.items() if all_of == strings_in(node)
            )
            yield from (
                f"{where} {name}={value.value!r}"
                for name, value in defaults_in(node)
                if name in DEFAULTS
                and isinstance(value, ast.Constant)
                and value.value == DEFAULTS[name]
            )


def test_no_choices_and_no_default_are_written_twice() -> None:
    assert list(seconds()) == []


@pytest.mark.parametrize("name", [one.name for one in SEEDING if isinstance(one, Choice)])
def test_a_wrong_choice_gets_the_same_answer_in_a_cell_and_in_a_script(name: str) -> None:
    with pytest.raises(UsageError) as in_cell:
        parse_request(f"seed=1 {name}=waarn")
    with pytest.raises(UsageError) as in_script:
        parse_options(1, **{name: "waarn"})
    assert str(in_cell.value) == str(in_script.value)


def options_of(command: str) -> dict[str, argparse.Action]:
    parser = make_parser([command])
    found = next(one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    return {one.dest: one for one in found.choices[command]._actions}


def test_the_command_line_has_the_choices_of_the_table() -> None:
    run = options_of("run")
    assert run["determinism"].choices == DETERMINISM.choices
    assert run["determinism"].default == DETERMINISM.default
    assert run["policy"].choices == CHOICES["policy"].choices
    assert options_of("export")["pins"].choices == PINS.choices


def test_all_who_seed_begin_with_the_same_level() -> None:
    levels = {SeedOptions(1).determinism, Beginning().determinism, RunOptions().determinism}
    assert levels == {DETERMINISM.default}


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_is_whole(name: str) -> None:
    option = CHOICES[name]
    assert option.default in option.choices
    assert len(option.meanings) in {0, len(option.choices)}
    assert [option.parse(choice) for choice in option.choices] == list(option.choices)
    assert f"{option.default} (default)" in option.summary


def test_only_a_near_word_is_suggested() -> None:
    assert suggest("sede", ["seed", "mode"]) == "Did you mean 'seed'?"
    assert suggest("zzz", ["seed", "mode"]) == ""
    assert suggest("zzz", ["seed"], "Choose one of seed.") == "Choose one of seed."


def test_the_nearest_word_is_looked_for_in_one_place() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert [path for path, text in sources.items() if "get_close_matches" in text] == [TABLE]
