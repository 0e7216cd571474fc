"""Every command in a folder that a stranger has made: it ends soon, with one sentence."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.traps import BROKEN, EVIL, ODD, lay_entry_points
from tests.unit.support.command_line import ONE, OTHER, ROOT, document, jupyter_repro

PATIENCE_S = 60
"""The slowest of them needs a second or two for its imports; a pipe waits for ever."""

MEMORY = 4 << 30

COMMANDS = {
    "capture": (),
    "show": ("a.ipynb",),
    "check": ("a.ipynb",),
    "lint": ("a.ipynb",),
    "diff": ("a.ipynb",),
    "lift": ("a.ipynb",),
    "export": ("a.ipynb", "-o", "x.yml", "--format", "environment.yml"),
    "solve": ("a.ipynb",),
    "restore": ("a.ipynb", "--prefix", "environment", "--dry-run"),
    "import": ("b.ipynb", "requirements.txt", "-o", "c.ipynb"),
    "report": ("a.ipynb", "--recorded", "-o", "report.html"),
    "run": ("a.ipynb",),
    "verify": ("a.ipynb", "--strict"),
}
READ_THE_POLICY = {"check", "lint", "diff", "export", "report", "run", "verify"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a recorded notebook, as somebody may send it."""
    folder = tmp_path / "sent"
    (folder / ".git").mkdir(parents=True)
    printed = {"output_type": "stream", "name": "stdout", "text": "1\n"}
    plain = document(reference=ONE, latest=OTHER)
    cell = code_cell("print(1)", printed, count=1)
    write_notebook(folder / "a.ipynb", make_notebook(cell, jupyter_repro=plain))
    write_notebook(folder / "b.ipynb", make_notebook(code_cell("1")))
    (folder / "requirements.txt").write_text("numpy==1.26.0\n")
    return folder


def ask(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    done = jupyter_repro(
        *arguments,
        cwd=folder,
        timeout=PATIENCE_S,
        preexec_fn=limit,
        stdin=subprocess.DEVNULL,
        env=variables,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in {0, 1, 2}
    return done


def one_sentence(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert len(done.stderr) < 300
    for part in parts:
        assert part in done.stderr


@pytest.mark.parametrize("trap", ["pipe", "deep"])
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_beside_a_trap(command: str, trap: str, folder: Path) -> None:
    {**ODD, **BROKEN}[trap](folder / "pyproject.toml")
    done = ask(folder, command, *COMMANDS[command])
    if command in READ_THE_POLICY:
        one_sentence(done, "pyproject.toml", "correct it, or move it away")
    else:
        assert "pyproject" not in done.stderr


@pytest.mark.parametrize("trap", [*ODD, *BROKEN])
def test_each_trap(trap: str, folder: Path) -> None:
    lay = {**ODD, **BROKEN}[trap]
    lay(folder / "pyproject.toml")
    one_sentence(ask(folder, "check", "a.ipynb"), "pyproject.toml", "correct it, or move it away")
    if trap in ODD:  # a policy that is named needs no file
        assert ask(folder, "check", "--policy", "research", "a.ipynb").stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read(folder: Path) -> None:
    (folder / "pyproject.toml").touch(0o000)
    one_sentence(ask(folder, "check", "a.ipynb"), "Permission denied", "correct it, or move it")


@pytest.mark.parametrize(
    ("trap", "arguments"),
    [
        *((trap, ("show", "TRAP.ipynb")) for trap in ODD),
        *((trap, ("import", "b.ipynb", "TRAP")) for trap in ODD),
        ("pipe", ("check", "TRAP.ipynb")),
        ("pipe", ("lint", "TRAP.ipynb")),
        ("pipe", ("run", "TRAP.ipynb")),
        ("pipe", ("diff", "a.ipynb", "TRAP")),
        ("pipe", ("verify", "a.ipynb", "--sanitize", "TRAP")),
    ],
)
def test_a_trap_as_the_file_itself(trap: str, arguments: tuple[str, ...], folder: Path) -> None:
    for name in ("TRAP", "TRAP.ipynb"):
        ODD[trap](folder / name)
    one_sentence(
        ask(folder, *arguments), "TRAP", "larger than" if trap == "6 GB" else "not a regular"
    )


INSTALLED = ("METADATA", "RECORD", "INSTALLER", "direct_url.json", "entry_points.txt")
READ_BY_CAPTURE = {
    "git": (".git/config", ".git/index", ".git/packed-refs", ".git/commondir"),
    "head": (".git/HEAD", "y.egg-info/PKG-INFO"),
    "rest": (".git", "y.egg-info", *(f"x-1.dist-info/{name}" for name in INSTALLED), ".condarc"),
}


@pytest.mark.parametrize("trap", ODD)
@pytest.mark.parametrize("names", READ_BY_CAPTURE.values(), ids=READ_BY_CAPTURE)
def test_traps_among_the_files_that_a_capture_reads(
    trap: str, names: tuple[str, ...], folder: Path
) -> None:
    (folder / ".git").rmdir()
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        ODD[trap](folder / name)
    if ".git/config" in names:
        (folder / ".git" / "HEAD").write_text(f"{'1' * 40}\n")
    variables = {"PYTHONPATH": str(folder), "CONDARC": str(folder / ".condarc")}
    done = ask(folder, "capture", "--json", **variables)
    layers = json.loads(done.stdout)["layers"]
    assert {layers["packages"]["status"], layers["notebook"]["status"]} == {"ok"}


def test_the_present_folder_offers_no_plug_in(folder: Path, tmp_path: Path) -> None:
    """Neither by entry points that name an installed module, nor by modules in place of ours."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "installed_somewhere.py").write_text(EVIL)
    lay_entry_points(folder, "installed_somewhere")
    for name in ("msgspec", "packaging", "yaml", "rich", "threadpoolctl", "nbformat", "nbclient"):
        (folder / f"{name}.py").write_text(EVIL)
    sprung = tmp_path / "sprung"
    path = os.pathsep.join(map(str, (ROOT, site)))
    for command, arguments in COMMANDS.items():
        if command not in {"run", "verify"}:  # they run the notebook, which may import anything
            ask(folder, command, *arguments, SPRUNG=str(sprung), PYTHONPATH=path)
            assert not sprung.exists(), (command, sprung.read_text())


def test_a_device_is_not_written_over(tmp_path: Path, folder: Path) -> None:
    device = tmp_path / "device"
    os.mkfifo(device)
    done = ask(folder, "export", "a.ipynb", "-o", str(device), "--format", "environment.yml")
    one_sentence(done, "device")
    done = ask(
        folder, "export", "a.ipynb", "-o", str(device), "--format", "environment.yml", "--replace"
    )
    one_sentence(done, "is not a regular file; name a different one")
    assert device.is_fifo()
