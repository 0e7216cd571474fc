"""`%repro export` in a real kernel, and what the panel's menu asks it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kernel.live import LiveKernel, live_kernel

pytestmark = pytest.mark.kernel

REMOTE = '__import__("jupyter_repro.remote", fromlist=["_"])'


@pytest.fixture(scope="module")
def kernel() -> Iterator[LiveKernel]:
    with live_kernel() as running:
        running.run("%load_ext jupyter_repro")
        yield running


def ask(kernel: LiveKernel, question: str, request: Any) -> str:
    answer = kernel.ask(f"{REMOTE}.{question}({json.dumps(request)!r})")
    assert answer["status"] == "ok", answer
    text: str = answer["data"]["text/plain"]
    return text


def test_a_file_is_written_and_nothing_is_left_behind(kernel: LiveKernel, tmp_path: Path) -> None:
    kernel.run(f"import os; os.chdir({str(tmp_path)!r}); names = sorted(globals())")
    run = kernel.run("%repro export environment.yml")
    assert run.error is None
    assert run.stdout.startswith("Written: environment.yml\n")
    document = yaml.safe_load((tmp_path / "environment.yml").read_text())
    assert any("ipykernel==" in str(one) for one in document["dependencies"])
    left = kernel.run("[n for n in globals() if n not in names and not n.startswith('_')]")
    assert left.result == "['names']"
    assert "is there already" in str(kernel.run("%repro export environment.yml").error)
    assert kernel.run("%repro export environment.yml replace=yes pins=version").error is None


def test_nothing_heavy_is_imported(kernel: LiveKernel) -> None:
    kernel.run("import sys; before = set(sys.modules)")
    assert kernel.run("%repro export requirements.txt hashes=no").error is None
    new = kernel.run("sorted({n.partition('.')[0] for n in set(sys.modules) - before})").result
    assert new is not None
    assert not {"numpy", "torch", "yaml", "cyclonedx", "rocrate", "rattler"} & {*eval(new)}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("export", "takes a file"),
        ("export a.zip", "Cannot guess the format"),
        ("export pylock.toml", "network=yes"),
        ("export environment.yml pins=exact", "not one of production"),
        ("export environment.yml seed=1", "export takes no seed"),
        ("export a.yml b.yml", "takes one name"),
    ],
)
def test_a_mistake_is_one_sentence(kernel: LiveKernel, line: str, said: str) -> None:
    error = str(kernel.run(f"%repro {line}").error)
    assert said in error
    assert "Traceback" not in error


def test_the_menu_is_told_what_there_is(kernel: LiveKernel) -> None:
    formats = json.loads(ask(kernel, "formats", {}))
    assert formats["environment.yml (conda, mamba, micromamba)"] == "environment.yml"
    assert {"explicit", "pixi.lock", "dockerfile", "markdown"} <= {*formats.values()}
    # A server writes no hidden files
    assert not {"binder", "github-actions"} & {*formats.values()}


def test_the_menu_gets_the_files(kernel: LiveKernel) -> None:
    request = {"format": "paragraph", "notebook": "a.ipynb"}
    told = json.loads(ask(kernel, "export", request))
    assert [*told["files"]] == ["environment-paragraph.txt"]
    told = json.loads(ask(kernel, "export", {**request, "format": "explicit"}))
    assert [*told] == ["told"]
    assert "no conda packages" in told["told"]


@pytest.mark.parametrize("name", ["paper.ipynb", "my paper's.ipynb", "-rf.ipynb", "$(evil).ipynb"])
def test_the_restore_command_is_safe_in_a_shell(kernel: LiveKernel, name: str) -> None:
    command = ask(kernel, "restore_command", {"notebook": name})
    plain = f"./{name}" if name.startswith("-") else name
    assert shlex.split(command) == ["jupyter", "repro", "restore", plain, "--prefix", "./env"]


def test_the_first_export_for_pip_is_one_without_digests(
    kernel: LiveKernel, tmp_path: Path
) -> None:
    kernel.run(f"import os; os.chdir({str(tmp_path)!r})")
    for name in ("requirements.txt", "Dockerfile"):
        run = kernel.run(f"%repro export {name}")
        assert run.error is None
        assert "The file has no digests" in run.stdout
        assert "network=yes" in run.stdout
    assert "# Without digests" in (tmp_path / "requirements.txt").read_text()
    assert "--require-hashes" not in (tmp_path / "Dockerfile").read_text()
    told = json.loads(ask(kernel, "export", {"format": "requirements.txt", "notebook": "a.ipynb"}))
    assert [*told["files"]] == ["requirements.txt"]
    assert "The file has no digests" in told["told"]
