"""The recipes of CONTRIBUTING.md, followed word by word on a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_WRITE = re.compile(r"Write `([\w./]+\.py)`")
_ADD = re.compile(r"Add it to `(\w+)` in `([\w./]+\.py)`")
_STEP = re.compile(r"^\d\. (.*?)(?=^\d\. |\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^ +```python\n(.*?)^ +```$", re.MULTILINE | re.DOTALL)


def follow(recipe: str, copy: Path) -> list[str]:
    """Do what the steps of a recipe that have code say, and return the files changed."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    steps = text.partition(f"\n## {recipe}\n")[2].partition("\n## ")[0]
    changed = []
    for step in _STEP.findall(steps):
        code = _CODE.search(step)
        if code is None:
            continue
        block = textwrap.dedent(code[1])
        write, add = _WRITE.search(step), _ADD.search(step)
        if write is not None:
            (copy / write[1]).write_text(block, encoding="utf-8")
            changed.append(write[1])
        elif add is not None:
            path = copy / add[2]
            path.write_text(added(path.read_text(encoding="utf-8"), add[1], block), "utf-8")
            changed.append(add[2])
    return changed


def added(source: str, table: str, entry: str) -> str:
    """Return a module with a further entry in a table, before the first one of its kind."""
    lines = source.splitlines(keepends=True)
    start = next(at for at, line in enumerate(lines) if re.match(rf"{table}\b.*[=(]", line))
    opening = re.match(r"\w*\W", entry)
    assert opening is not None
    first = next(
        at for at, line in enumerate(lines[start:], start) if line.strip().startswith(opening[0])
    )
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    entry = entry.rstrip().rstrip(",") + ",\n"
    return "".join([*lines[:first], textwrap.indent(entry, indent), *lines[first:]])


def run(copy: Path, code: str) -> str:
    """Run code in a fresh process that imports the copy, and return what it prints."""
    paths = [copy, ROOT / "examples" / "third_party_seeder"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=copy,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    leave = shutil.ignore_patterns("__pycache__", "labextension", "locale")
    shutil.copytree(ROOT / "jupyter_repro", tmp_path / "jupyter_repro", ignore=leave)
    return tmp_path


def test_add_a_seeder(copy: Path) -> None:
    code = """
        import jupyter_repro
        jupyter_repro.seed_all(42)
        import dicebox
        print(jupyter_repro.__file__)
        print([dicebox.throw() for _ in range(20)])
    """
    where, first = run(copy, code).splitlines()
    assert Path(where).is_relative_to(copy)
    assert run(copy, code).splitlines()[1] != first  # else the recipe would prove nothing
    assert len(follow("Add a seeder", copy)) == 2
    throws = {run(copy, code).splitlines()[1] for _ in range(2)}
    assert len(throws) == 1


def test_add_an_exporter(copy: Path) -> None:
    command = (
        "import sys; from jupyter_repro.cli import main;"
        "sys.exit(main(['capture', '-o', 'here.json'])"
        " or main(['export', 'here.json', '-o', 'names.txt']))"
    )
    with pytest.raises(AssertionError, match=r"names\.txt"):
        run(copy, command)
    assert len(follow("Add an exporter", copy)) == 2
    run(copy, command)
    assert "msgspec" in (copy / "names.txt").read_text(encoding="utf-8").splitlines()


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_add_a_layer_and_a_kind_of_difference(copy: Path) -> None:
    """Six places: type, field, probe, comparison, kind, and its row in SECURITY.md."""
    package = copy / "jupyter_repro"
    snapshot = package / "model" / "snapshot.py"
    replaced(
        snapshot,
        "class Layers(Struct",
        "class MoonLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):\n"
        '    """The moon."""\n\n'
        '    TITLE: ClassVar[str] = "Moon"\n'
        '    STATE: ClassVar[frozenset[str]] = Layer.STATE | {"seen"}\n\n'
        "    phase: Text | None = None\n"
        "    seen: Text | None = None\n\n\n"
        "class Layers(Struct",
    )
    replaced(
        snapshot,
        "    determinism: DeterminismLayer\n",
        "    determinism: DeterminismLayer\n"
        '    moon: MoonLayer = MoonLayer(status="unavailable")\n',
    )
    (package / "capturing" / "probes" / "moon.py").write_text(
        "from jupyter_repro.model.snapshot import MoonLayer\n"
        "def collect(world):\n"
        '    return MoonLayer(status="ok", phase=world.environ["PHASE"], seen="by night")\n'
    )
    comparison = package / "comparing" / "environments"
    replaced(
        comparison / "layers.py",
        '    "core": core_changes,\n',
        '    "core": core_changes,\n'
        '    "moon": lambda one, other: plain_change('
        '"moon", "moon", "moon", one.phase, other.phase),\n',
    )
    replaced(
        comparison / "kinds.py",
        "KINDS: dict[str, Kind] = {\n",
        "KINDS: dict[str, Kind] = {\n"
        '    "moon": Kind("Tides turn.", research=WARNING, as_cause=120),\n',
    )
    printed = run(
        copy,
        """
        import os
        import msgspec
        from jupyter_repro.capturing.capture import capture
        from jupyter_repro.comparing.environments.compare import compare
        from jupyter_repro.comparing.environments.policy import RESEARCH
        from jupyter_repro.comparing.why.causes import likely_causes
        from jupyter_repro.notebook.record import record
        from jupyter_repro.show.text import render_stack

        os.environ["PHASE"] = "new"
        before = capture()
        os.environ["PHASE"] = "full"
        after = capture()
        report = compare(before, after, RESEARCH)
        (found,) = [one for one in report.findings if one.layer == "moon"]
        print(found.kind, found.severity, found.why, report.layers["moon"].verdict)
        print(report.layers["moon"].verdict, compare(after, after, RESEARCH).layers["moon"].verdict)
        print(likely_causes("a.ipynb", None, report, [], numbers={})[0].kind)
        print("Moon" in render_stack(after), "phase full" in render_stack(after))
        unseen = msgspec.structs.replace(after.layers.moon, seen=None)
        layers = msgspec.structs.replace(after.layers, moon=unseen)
        bare = msgspec.structs.replace(after, layers=layers)
        print(before.digest != after.digest)
        document = record(record(None, bare), after)
        print(document.latest, document.reference.layers.moon.seen)
        """,
    )
    assert printed.splitlines() == [
        "moon warning Tides turn. drift",
        "drift match",
        "moon",
        "True True",
        "True",
        "None by night",
    ]
