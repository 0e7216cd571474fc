"""What lies in a notebook's folder: nothing of it is run or imported, and few bytes are read.

A child process lays an audit hook, which sees each file that is opened, by whatever function, and
counts what is read of those in the folder.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.traps import BROKEN, EVIL, ODD, TABLE
from tests.unit.support.command_line import ONE, ROOT, document
from tests.unit.support.sent_folder import lay_sent_folder

COMMANDS = {
    "check": ["check", "a.ipynb"],
    "lint": ["lint", "a.ipynb"],
    "diff": ["diff", "a.ipynb"],
    "export": ["export", "a.ipynb", "-o", "x.yml", "--format", "environment.yml"],
    "report": ["report", "a.ipynb", "--recorded", "-o", "report.html"],
}
PATIENCE_S = 120
MAX_OPENED = 4_500
MAX_READ = 2_000_000

WATCH = """
import json, os, sys, time
sys.path[:] = [place for place in sys.path if place not in ("", os.getcwd())]
here = os.path.realpath(os.getcwd()) + os.sep
inside, seen = set(), {"opened": 0, "read": 0, "started": []}
STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn",
          "os.spawn", "os.startfile", "socket.connect", "webbrowser.open"}

def hook(event, given):
    if event == "open" and isinstance(given[0], (str, bytes)):
        seen["opened"] += os.path.abspath(os.fsdecode(given[0])).startswith(here)
    elif event in STARTS:
        seen["started"].append(event)
sys.addaudithook(hook)

def counted(original, before=0):
    def read(descriptor, *given):
        data = original(descriptor, *given)
        if os.readlink(f"/proc/self/fd/{descriptor}").startswith(here):
            seen["read"] += len(data)
        return data
    return read
os.read = counted(os.read)

def end():
    modules = [name for name, module in sys.modules.items()
               if (getattr(module, "__file__", None) or "").startswith(here)]
    with open(os.environ["SEEN"], "w") as file:
        json.dump({**seen, "modules": modules}, file)
"""
COMMAND = """
from jupyter_repro.cli import main
try:
    code = main(json.loads(os.environ["ARGUMENTS"]))
finally:
    end()
sys.exit(code)
"""
# As the panel asks a kernel, which finds modules in its folder
QUESTION = """
sys.path.insert(0, "")
names = {"question": "check", "request": os.environ["REQUEST"]}
exec(os.environ["CODE"], names)
print(json.dumps(names["answer"].content))
end()
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as a stranger may send it."""
    folder = tmp_path_factory.mktemp("sent")
    lay_sent_folder(folder)
    return folder


def ask(code: str, folder: Path, tmp_path: Path, **variables: str) -> tuple[dict[str, Any], str]:
    """Return what was seen in a child, and what it printed."""
    site = tmp_path / "site"
    site.mkdir(exist_ok=True)
    (site / "installed_somewhere.py").write_text(EVIL)
    path = [str(ROOT), str(site), os.environ.get("PYTHONPATH", "")]
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "SEEN": str(tmp_path / "seen"),
        "SPRUNG": str(tmp_path / "sprung"),
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-c", WATCH + code],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert not (tmp_path / "sprung").exists(), (tmp_path / "sprung").read_text()
    seen = json.loads((tmp_path / "seen").read_text())
    assert seen["started"] == []
    assert seen["modules"] == []
    assert seen["opened"] <= MAX_OPENED
    assert seen["read"] <= MAX_READ
    return seen, done.stdout + done.stderr


def question() -> str:
    source = ROOT / "labextension" / "src" / "protocol" / "question.ts"
    found = re.search(r"CODE = `\n(.*?)`;", source.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


PROJECTS: dict[str, Callable[[Path], object]] = {
    "none": lambda _path: None,
    "valid": lambda path: path.write_text(f"{TABLE}policy = 'research'\n"),
    **{name: {**ODD, **BROKEN}[name] for name in ("pipe", "link to a device", "6 GB", "deep")},
}


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest, sent: Path) -> Any:
    """Lay a ``pyproject.toml`` for one test; return its kind."""
    path = sent / "pyproject.toml"
    PROJECTS[request.param](path)
    yield request.param
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(command: str, project: str, sent: Path, tmp_path: Path) -> None:
    for name in ("x.yml", "report.html"):
        (sent / name).unlink(missing_ok=True)
    seen, said = ask(COMMAND, sent, tmp_path, ARGUMENTS=json.dumps(COMMANDS[command]))
    assert seen["opened"] >= (project in {"none", "valid"})
    assert ("pyproject.toml" in said) == (project not in {"none", "valid"})


def test_the_panels_question(project: str, sent: Path, tmp_path: Path) -> None:
    known = json.dumps({"document": document(reference=ONE), "wrote": False})
    seen, said = ask(QUESTION, sent, tmp_path, CODE=question(), REQUEST=known)
    answer = json.loads(said)
    assert answer["report"]["findings"]
    assert any("pyproject.toml" in note for note in answer["notes"]) == (
        project not in {"none", "valid"}
    )
    assert "distributions beside the notebook are left out" in " ".join(answer["facts"]["packages"])
    lines = answer["snapshot"]["layers"]["packages"]["packages"]
    assert "a-private==1.0 [unknown, editable, file://***/elsewhere]" in lines
    assert seen["read"] > 0


def test_the_watch_sees_what_it_is_there_for(tmp_path: Path) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "data").write_bytes(b"x" * 100)
    (folder / "mine.py").write_text("")
    code = (
        "f = os.open('data', os.O_RDONLY); os.read(f, 100); open('data').close()\n"
        "sys.path.insert(0, ''); import mine, subprocess; subprocess.run(['true']); end()"
    )
    with pytest.raises(AssertionError):
        ask(code, folder, tmp_path)
    seen = json.loads((tmp_path / "seen").read_text())
    assert seen["opened"] >= 2
    assert seen["read"] == 100
    assert seen["modules"] == ["mine"]
    assert "subprocess.Popen" in seen["started"]
