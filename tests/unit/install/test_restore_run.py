"""A restore that fails late leaves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.errors import ReproError
from jupyter_repro.install.restore import run
from jupyter_repro.install.restore.engines.choice import Engine
from jupyter_repro.install.restore.plan import Plan
from jupyter_repro.install.restore.python_plan import PythonPlan, PythonStep
from jupyter_repro.packages.pins import PythonPin, pins_of
from tests.fixtures.notebooks.samples import make_snapshot
from tests.unit.support.machine import make_world


def test_python_packages_that_fail_leave_no_line_of_conda(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix, world = tmp_path / "new", make_world(tmp_path)
    listed = world.home / ".conda" / "environments.txt"
    listed.parent.mkdir(parents=True)
    listed.write_text("/mine\n")
    step = PythonStep(PythonPin("echo", "1.0"), "1.0")
    plan = Plan(
        prefix=prefix,
        pins=pins_of(make_snapshot()),
        packages=PythonPlan((step,)),
        conda_engine=Engine("conda", "/bin/conda"),
    )

    def install(*_: Any) -> None:
        prefix.mkdir()
        listed.write_text(f"/mine\n{prefix}\n")

    def fail(*_: Any) -> None:
        reason = "the index is gone"
        raise ReproError(reason)

    monkeypatch.setattr(run, "_install_conda", install)
    monkeypatch.setattr(run, "_install_packages", fail)
    with pytest.raises(ReproError, match="the index is gone"):
        run.restore(plan, world, lambda _: lambda _done, _total: None)
    assert not prefix.exists()
    assert listed.read_text() == "/mine\n"
