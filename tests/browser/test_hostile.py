"""Opening is not running, and a stranger's metadata is plain text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.lab import KEY, Lab, write_notebook
from tests.browser.test_recording import elsewhere
from tests.traps import BROKEN, ODD, lay_entry_points

TRAPS = ("jupyter_repro", "msgspec", "packaging", "tomllib", "yaml", "zlib", "pynvml", "sqlite3")


def spring(folder: Path) -> str:
    return f"open({str(folder / 'SPRUNG')!r}, 'a').write(__name__ + chr(10))\n"


def test_modules_beside_the_notebook_are_not_run(lab: Lab, folder: Path) -> None:
    for name in TRAPS:
        (folder / f"{name}.py").write_text(spring(folder))
    probe = folder / "evil-1.0.dist-info"
    probe.mkdir()
    (probe / "METADATA").write_text("Name: evil\nVersion: 1.0\n")
    (probe / "entry_points.txt").write_text("[jupyter_repro.probes_v1]\nevil = evil:probe\n")
    (folder / "evil.py").write_text(spring(folder))
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere())

    lab.open(f"{folder.name}/a.ipynb")

    lab.expect_verdict("Differs")
    sprung = folder / "SPRUNG"
    assert not sprung.exists(), sprung.read_text()


def test_the_traps_would_spring(lab: Lab, folder: Path) -> None:
    (folder / "jupyter_repro.py").write_text(spring(folder))
    # The check has loaded the real one already
    forget = "import sys\ndel sys.modules['jupyter_repro']\n"
    write_notebook(folder / "a.ipynb", f"{forget}import jupyter_repro")
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_verdict("Nothing recorded")
    assert not (folder / "SPRUNG").exists()

    lab.run_all()
    assert (folder / "SPRUNG").exists()
    lab.command("jupyter-repro:check")
    lab.expect_panel("%pip install jupyter_repro")


SCRIPT = "<img src=x onerror='window.sprung = true'><script>window.sprung = true</script>"


def deep(levels: int) -> Any:
    nested: Any = SCRIPT
    for _ in range(levels):
        nested = [nested]
    return nested


def with_tool(text: str) -> Any:
    document = elsewhere()[KEY]
    return {**document, "reference": {**document["reference"], "tool": text}}


def many_packages(count: int) -> Any:
    document = json.loads(json.dumps(elsewhere()[KEY]))
    packages = [f"p{number}==1 [pip]" for number in range(count)]
    document["reference"]["layers"]["packages"]["packages"] = packages
    return document


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        pytest.param(SCRIPT, "cannot be read", id="text"),
        pytest.param([SCRIPT], "cannot be read", id="list"),
        pytest.param({"reference": SCRIPT}, "cannot be read", id="wrong-types"),
        pytest.param(deep(100), "nested too deeply", id="deep"),
        pytest.param({"schema_version": 99, "x": SCRIPT}, "newer", id="newer"),
        pytest.param(with_tool(SCRIPT), "Differs", id="script"),
        pytest.param(with_tool("\u202eevil\u0007"), "cannot be read", id="steering"),
        pytest.param(with_tool("x" * 10_000_000), "cannot be read", id="10-MB"),
        pytest.param(many_packages(100_000), "cannot be read", id="packages"),
    ],
)
def test_metadata_of_a_stranger(long_lab: Lab, folder: Path, recorded: Any, expected: str) -> None:
    lab = long_lab
    path = write_notebook(folder / "a.ipynb", "1", metadata={KEY: recorded})
    lab.open_beside(f"{folder.name}/a.ipynb")
    lab.expect_panel(expected)
    expect(lab.panel.locator("img, script")).to_have_count(0)
    assert lab.page.evaluate("() => window.sprung") is None
    lab.expect_responsive()
    lab.save()
    assert json.loads(path.read_text())["metadata"][KEY] == recorded
    lab.close(f"{folder.name}/a.ipynb")


def test_a_layer_that_nobody_knows_is_text(lab: Lab, folder: Path) -> None:
    document = elsewhere()[KEY]
    layer = {"status": "ok", "facts": {"lens": SCRIPT}}
    document["reference"]["third_party"] = {"telescope": layer}
    write_notebook(folder / "a.ipynb", "1", metadata={KEY: document})
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_verdict("Differs")
    lab.press("telescope")
    lab.expect_panel("<script>window.sprung")
    expect(lab.panel.locator("img, script")).to_have_count(0)
    assert lab.page.evaluate("() => window.sprung") is None


@pytest.mark.parametrize(
    ("trap", "reason"),
    [
        ("pipe", "cannot be read (it is not a regular file)"),
        ("link to a device", "cannot be read (it is not a regular file)"),
        ("6 GB", "cannot be read (it is larger than 250 kB)"),
        ("deep", "is not valid TOML (it is nested deeper than 64 levels)"),
        ("long key", "is not valid TOML (a key has more than 32 parts)"),
    ],
    ids=["pipe", "device", "large", "deep", "key"],
)
def test_a_policy_that_cannot_be_read(long_lab: Lab, folder: Path, trap: str, reason: str) -> None:
    lab = long_lab
    (folder / ".git").mkdir()
    {**ODD, **BROKEN}[trap](folder / "pyproject.toml")
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere())
    lab.open_beside(f"{folder.name}/a.ipynb")
    lab.expect_verdict("Differs")
    lab.expect_panel(f"pyproject.toml {reason}")
    lab.expect_panel("correct it, or move it away. Until then the policy is research.")
    lab.expect_responsive()
    lab.save()  # else closing asks
    lab.close(f"{folder.name}/a.ipynb")


def test_entry_points_beside_the_notebook_import_nothing(lab: Lab, folder: Path) -> None:
    """They name an installed module; this one prints a poem."""
    lay_entry_points(folder, "this")
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere())
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_verdict("Differs")
    look = "import sys; open('seen', 'w').write(str('this' in sys.modules))"
    lab.run_silently(look)
    assert (folder / "seen").read_text() == "False"
