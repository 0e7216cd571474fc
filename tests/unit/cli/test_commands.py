"""The table of commands: what each imports, and that nothing is missing in it."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from jupyter_repro.cli import commands, main
from jupyter_repro.cli.commands import COMMANDS

LISTED = {"report": {"report", "verify"}}
"""Commands whose files import the file of another command: report takes what verify takes."""

LOADED = """\
import sys
from jupyter_repro.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
prefix = "jupyter_repro.cli.commands."
print("\\nLOADED", *sorted(name.removeprefix(prefix) for name in sys.modules if prefix in name))
print("HEAVY", *sorted({"msgspec", "IPython", "jupyter_repro.model"} & set(sys.modules)))
"""


def _loaded(*arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-2:]


@pytest.mark.parametrize("arguments", [(), ("--help",), ("--version",), ("no-such-command",)])
def test_the_list_of_commands_imports_none_of_them(arguments: tuple[str, ...]) -> None:
    assert _loaded(*arguments) == ["LOADED", "HEAVY"]


@pytest.mark.parametrize("name", ["capture", "import", "report"])
def test_only_the_called_command_is_imported(name: str) -> None:
    module = COMMANDS[name].module
    expected = " ".join(sorted(LISTED.get(module, {module})))
    assert _loaded(name, "--help")[0] == f"LOADED {expected}"


def test_each_file_is_a_command_of_the_table() -> None:
    files = {path.stem for path in Path(commands.__path__[0]).glob("*.py")} - {"__init__"}
    assert sorted(command.module for command in COMMANDS.values()) == sorted(files)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_called_through_the_table(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module(f"{commands.__name__}.{COMMANDS[name].module}")
    monkeypatch.setattr(module, "add_arguments", lambda _: None)
    monkeypatch.setattr(module, "run", lambda _: 7)
    assert main([name]) == 7
