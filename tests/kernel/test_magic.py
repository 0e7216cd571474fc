"""`%repro` in a real kernel: what it shows, what it sends, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from jupyter_repro.model.message import MIME_TYPE, unpack
from jupyter_repro.model.snapshot import Snapshot
from tests.kernel.live import LiveKernel, Run, live_kernel

pytestmark = pytest.mark.kernel

LOAD = "%load_ext jupyter_repro"


@pytest.fixture
def kernel() -> Iterator[LiveKernel]:
    with live_kernel() as running:
        yield running


def snapshot_in(content: dict[str, object]) -> Snapshot:
    data = content["data"]
    assert isinstance(data, dict)
    message, packed = unpack(data[MIME_TYPE])
    assert packed is not None
    snapshot = msgspec.json.decode(packed, type=Snapshot)
    assert snapshot.digest == message.digest
    return snapshot


def text_of(run: Run) -> str:
    text: str = run.displays[-1]["data"]["text/plain"]
    return text


def test_seed_records_what_the_kernel_runs_in(kernel: LiveKernel) -> None:
    assert kernel.run(LOAD).error is None
    run = kernel.run("%repro seed=42")
    assert run.error is None
    assert run.stderr == ""
    snapshot = snapshot_in(run.displays[0])
    assert snapshot.layers.determinism.seed == "42"
    assert any(line.startswith("ipykernel==") for line in snapshot.layers.packages.packages)
    assert run.displays[0]["data"]["text/html"].count("<") > 10
    assert "Seed 42" in text_of(run)
    assert "Recorded: the environment" in text_of(run)  # nothing but itself to compare with
    assert "Environment matches" not in text_of(run)
    assert "Environment matches" in text_of(kernel.run("%repro"))


def test_the_users_kernel_is_left_alone(kernel: LiveKernel) -> None:
    before = kernel.run("sorted(globals())")
    kernel.run(LOAD)
    kernel.run("%repro seed=42")
    kernel.run("%repro")
    kernel.run("%repro check")
    after = kernel.run("sorted(name for name in globals() if not name.startswith('_i'))")
    assert before.result is not None
    assert after.result is not None
    added = set(eval(after.result)) - set(eval(before.result))
    assert {name for name in added if not name.startswith("_")} == set()
    assert kernel.ask("len([])")["status"] == "ok"
    assert kernel.run("1").count == after.count + 1 if after.count else False


def test_loading_imports_nothing_heavy(kernel: LiveKernel) -> None:
    heavy = [
        *("torch", "numpy", "pandas", "yaml", "ipywidgets", "nbformat", "jsonschema"),
        *("jupyter_server", "pynvml", "rich", "sklearn", "threadpoolctl"),
    ]
    kernel.run(f"import sys; before = set(sys.modules); names = {heavy!r}")
    kernel.run(LOAD)
    run = kernel.run("[name for name in names if name in set(sys.modules) - before]")
    assert run.result == "[]"
    kernel.run("%repro seed=42")
    run = kernel.run("[name for name in names if name in set(sys.modules) - before]")
    assert run.result == "[]"


def test_a_new_import_renews_the_record(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    first = kernel.run("%repro seed=42")
    assert "numpy" not in snapshot_in(first.displays[0]).layers.notebook.used
    quiet = kernel.run("x = 1")
    assert quiet.updates == []
    run = kernel.run("import numpy")
    assert len(run.updates) == 1
    renewed = snapshot_in(run.updates[0])
    assert "numpy" in renewed.layers.notebook.used
    assert renewed.digest == snapshot_in(first.displays[0]).digest
    ids = [one["transient"]["display_id"] for one in (run.updates[0], first.displays[0])]
    assert ids[0] == ids[1]


def test_a_package_installed_under_the_kernel_is_seen(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    with live_kernel(cwd=tmp_path) as kernel:
        kernel.run(f"import sys; sys.path.append({str(site)!r})")
        kernel.run(LOAD)
        before = snapshot_in(kernel.run("%repro seed=42").displays[0])
        folder = site / "lately-1.0.dist-info"
        run = kernel.run(
            f"import pathlib; p = pathlib.Path({str(folder)!r}); p.mkdir()\n"
            "(p / 'METADATA').write_text('Metadata-Version: 2.1\\nName: lately\\nVersion: 1.0\\n')"
        )
        after = snapshot_in(run.updates[0])
        assert after.digest != before.digest
        said = text_of(kernel.run("%repro check"))
    assert "lately" in said


def test_accept_makes_the_present_stack_the_reference(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    kernel.run("%repro seed=42")
    content = kernel.run("%repro accept").displays[0]
    assert content["data"][MIME_TYPE]["accept"] is True


def test_check_needs_something_recorded(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    run = kernel.run("%repro check")
    assert run.error is not None
    assert run.error.count("\n") == 0
    assert "Nothing is recorded yet" in run.error


@pytest.mark.parametrize("seed", ["-1", str(2**64), "4.2", "forty", "''", "nan"])
def test_a_wrong_seed_is_one_sentence(kernel: LiveKernel, seed: str) -> None:
    kernel.run(LOAD)
    run = kernel.run(f"%repro seed={seed}")
    assert run.error is not None
    assert run.error.count("\n") == 0
    assert "Traceback" not in run.error
    assert "seed" in run.error
    assert kernel.run("%repro").displays[0]["data"]["text/plain"].startswith("Nothing is seeded")


def test_off_and_unload_undo_everything(kernel: LiveKernel) -> None:
    state = (
        "import sys, os, json; json.dumps([[type(f).__name__ for f in sys.meta_path],"
        " sorted(os.environ.items()),"
        " {k: len(v) for k, v in get_ipython().events.callbacks.items()}])"
    )
    before = kernel.run(state).result
    kernel.run(LOAD)
    kernel.run("%repro seed=42")
    assert kernel.run(state).result != before
    assert "is off" in kernel.run("%repro off").stdout
    assert kernel.run(state).result == before
    kernel.run("%repro seed=42")
    kernel.run("%unload_ext jupyter_repro")
    assert kernel.run(state).result == before
    error = kernel.run("%repro").error
    assert error is None or "not found" in error
    assert "repro" not in str(kernel.complete("%repr"))


def test_loading_again_says_that_nothing_is_seeded(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    assert kernel.run("%reload_ext jupyter_repro").stdout == ""
    kernel.run("%repro seed=42")
    told = kernel.run("%reload_ext jupyter_repro").stdout
    assert "nothing is seeded any more" in told
    assert "run %repro seed=42 again" in told
    assert kernel.run("%repro").displays[0]["data"]["text/plain"].startswith("Nothing is seeded")


def test_completion_offers_commands_and_keys(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    assert "check" in kernel.complete("%repro ")
    assert "seed=" in kernel.complete("%repro se")
    assert "determinism=strict" in " ".join(kernel.complete("%repro seed=42 determinism="))


def test_the_manual_is_there(kernel: LiveKernel) -> None:
    kernel.run(LOAD)
    assert "determinism=strict" in kernel.run("%repro help").stdout


def test_the_reference_is_read_from_the_notebooks_file(tmp_path: Path) -> None:
    """A kernel that Jupyter Server started for a recorded notebook knows what it should match."""
    with live_kernel() as kernel:
        kernel.run(LOAD)
        snapshot = snapshot_in(kernel.run("%repro seed=42").displays[0])
    line = snapshot.layers.packages.packages[0]
    changed = msgspec.structs.replace(
        snapshot.layers.packages, packages=[*snapshot.layers.packages.packages, "vanished==1 [pip]"]
    )
    layers = msgspec.structs.replace(snapshot.layers, packages=changed)
    reference = msgspec.to_builtins(msgspec.structs.replace(snapshot, layers=layers))
    notebook = tmp_path / "paper.ipynb"
    document = {"schema_version": 1, "reference": reference}
    notebook.write_text(
        json.dumps(
            {
                "cells": [],
                "metadata": {"jupyter_repro": document},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )
    as_it_was = notebook.read_bytes()
    assert line
    with live_kernel(env={**__import__("os").environ, "JPY_SESSION_NAME": str(notebook)}) as kernel:
        kernel.run(LOAD)
        said = text_of(kernel.run("%repro check"))
    assert "vanished" in said
    assert notebook.read_bytes() == as_it_was
