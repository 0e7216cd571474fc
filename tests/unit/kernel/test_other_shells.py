"""IPython shells that are not ipykernel's: xeus-python's runs a cell with fewer arguments."""

from __future__ import annotations

import ast
import json

import pytest

from tests.fresh_process import run_python
from tests.unit.test_imports import PACKAGE

SHELL = """
import json, logging
from IPython.core.async_helpers import _pseudo_sync_runner
from IPython.core.interactiveshell import InteractiveShell

class Shell(InteractiveShell):
    # As xeus-python's: no `transformed_cell`, and it tells of the end of a cell itself
    def run_cell_async(self, raw_cell, done, store_history=False, silent=False,
                       shell_futures=True, cell_id=None):
        ran = super().run_cell_async(raw_cell, store_history=store_history, silent=silent,
                                     shell_futures=shell_futures, cell_id=cell_id,
                                     transformed_cell=self.transform_cell(raw_cell))
        result = _pseudo_sync_runner(ran)
        self.events.trigger("post_execute")
        self.events.trigger("post_run_cell", result)
        done(result)

shell = Shell.instance()
shown, results, defects = [], [], []
shell.display_pub.publish = lambda data, metadata=None, **other: shown.append((data, metadata))
logging.getLogger("jupyter_repro").addHandler(logging.NullHandler(logging.ERROR))
logging.getLogger("jupyter_repro").addFilter(defects.append)

def run(source):
    shell.run_cell_async(source, results.append, store_history=True)
    assert results[-1].success, results[-1]

run("%load_ext jupyter_repro")
run("%repro seed=42")
"""


def run(code: str) -> str:
    return run_python(SHELL + code).rpartition("\n")[2]


def test_the_doctor_where_a_shell_cannot_run_a_cell_within_a_cell() -> None:
    code = """
run("%%repro doctor\\nimport random\\nx = random.random()\\nx")
print(json.dumps([shown[-1][0]["text/plain"].split("(")[0], shell.user_ns["x"], len(defects),
                  [metadata for _, metadata in shown]]))
"""
    told, value, defects, metadata = json.loads(run(code))
    assert told == "Run twice from the same random states: bitwise identical "
    assert value == 0.6394267984578837
    assert defects == 0
    assert metadata == [{}] * len(metadata)


def test_a_seed_above_another_cell_magic() -> None:
    code = """
run("%%repro seed=7\\n%%time\\nimport random\\nx = random.random()")
run("import random; y = random.random()")
print(json.dumps([shell.user_ns["x"], shell.user_ns["y"]]))
"""
    assert json.loads(run(code)) == [0.32383276483316237, 0.6394267984578837]


def test_a_callback_of_ours_never_raises() -> None:
    code = """
from jupyter_repro.kernel.session import current_session
def broken(*_): raise ValueError("a defect")
current_session().seeds.poll = broken
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as said:
    run("1 + 1")
print(json.dumps("Error in callback" in said.getvalue()))
"""
    assert json.loads(run(code)) is False


@pytest.mark.parametrize("name", ["kernel/publish.py", "kernel/commands.py"])
def test_a_display_always_has_metadata(name: str) -> None:
    """Without them xeus-python sends null, and no client takes that."""
    tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "publish"
    ]
    assert calls
    for call in calls:
        assert "metadata" in {one.arg for one in call.keywords}
