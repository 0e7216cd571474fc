"""Carry out a plan: conda packages, or a virtual environment, then the Python packages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_repro.install.restore.archives import archives
from jupyter_repro.install.restore.engines import conda, pip, rattler, uv
from jupyter_repro.install.restore.engines.jobs import CondaJob, OnProgress, PythonJob
from jupyter_repro.install.restore.installed import (
    correct_history,
    distributions_in,
    name_originals,
    require_distributions,
    require_installed,
)
from jupyter_repro.install.restore.plan import Plan
from jupyter_repro.install.restore.prefixes import removed_on_failure, require_new_prefix
from jupyter_repro.install.restore.wheels import wheels
from jupyter_repro.safety.world import World


def restore(plan: Plan, world: World, step: Callable[[str], OnProgress]) -> None:
    """Make the environment of a plan in its new folder.

    Parameters
    ----------
    step
        Called with the name of each step; the result is called with the progress of that step.

    Raises
    ------
    ReproError
        If it fails. After a failure or an interruption nothing of the environment is left;
        downloads stay in the caches of the tools.
    """
    require_new_prefix(plan.prefix)  # time has passed since it was planned
    with removed_on_failure(plan.prefix), _forgotten_on_failure(plan, world):
        if plan.conda_engine:
            _install_conda(plan, world, step)
        else:
            _make_environment(plan, world, step)
        if plan.packages.steps:
            _install_packages(plan, world, step)


@contextmanager
def _forgotten_on_failure(plan: Plan, world: World) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if plan.conda_engine and plan.conda_engine.program:
            conda.forget(plan.prefix, world)
        raise


def _install_conda(plan: Plan, world: World, step: Callable[[str], OnProgress]) -> None:
    assert plan.conda_engine
    records = plan.conda.records
    on_progress = step(f"{len(records)} conda packages")
    total = 2 * len(records)
    with archives(
        records,
        [*plan.conda.places, *plan.channels],
        plan.prefix,
        world,
        on_fetched=lambda count: on_progress(count, total),
    ) as copied:
        job = CondaJob(
            world=world,
            prefix=plan.prefix,
            records=copied,
            requested=plan.requested,
            on_progress=lambda count: on_progress(len(records) + count, total),
            keeps=not any(place.has_credentials for place in plan.conda.places),
        )
        if plan.conda_engine.program:
            conda.install_conda(job, Path(plan.conda_engine.program))
        else:
            rattler.install_conda(job)
        require_installed(plan.prefix, copied, plan.conda_engine.name)
        name_originals(plan.prefix, records, copied)
        correct_history(plan.prefix, records, copied, plan.requested)


def _make_environment(plan: Plan, world: World, step: Callable[[str], OnProgress]) -> None:
    assert plan.python
    assert plan.python_engine
    step(f"a virtual environment with Python {plan.python.version}")
    if plan.python_engine.program:
        uv.make_environment(plan.python_engine.program, plan.python.path, plan.prefix, world)
    else:
        pip.make_environment(plan.python.path, plan.prefix, world)


def _install_packages(plan: Plan, world: World, step: Callable[[str], OnProgress]) -> None:
    assert plan.python_engine
    steps = plan.packages.steps
    step(f"{len(steps)} Python packages")
    with wheels(steps, plan.indexes, plan.prefix) as folder:
        job = PythonJob(
            world=world,
            prefix=plan.prefix,
            places=plan.indexes,
            wheels=folder,
            local=[one.line for one in steps if one.wheel],
            hashed=[one.line for one in steps if one.hashes and not one.wheel],
            unhashed=[one.line for one in steps if not one.hashes],
            allow_source=plan.allow_source,
        )
        before = distributions_in(plan.prefix)
        if plan.python_engine.program:
            uv.install_packages(plan.python_engine.program, job)
        else:
            pip.require_pip(plan.prefix, world)
            pip.install_packages(job)
        require_distributions(plan.prefix, before, steps, plan.python_engine.name)
