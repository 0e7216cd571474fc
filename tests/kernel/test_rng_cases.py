"""The cases of `rng_cases`, in real kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from importlib.util import find_spec

import pytest
from jupyter_client.manager import KernelManager

from tests.kernel.live import ROOT, TIMEOUT, LiveKernel, live_kernel
from tests.kernel.rng_cases import CASES, Case, Scenario, fill

pytestmark = pytest.mark.kernel

Printed = dict[int, str]
"""Position of a cell → what it printed."""


def run_cells(kernel: LiveKernel, case: Case, cells: list[str], order: Iterable[int]) -> Printed:
    printed = {}
    for position in order:
        cell_id = f"cell-{position}" if case.ids else None
        run = kernel.run(fill(cells[position]), cell_id=cell_id)
        assert run.error is None, run.error
        printed[position] = run.stdout
    return printed


def environment(case: Case) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    return {**inherited, **case.env}


def run_once(case: Case, cells: list[str], order: Iterable[int]) -> Printed:
    with live_kernel(env=environment(case)) as kernel:
        return run_cells(kernel, case, cells, order)


def run_fresh(case: Case) -> tuple[Printed, Printed]:
    order = range(len(case.cells))
    return run_once(case, case.cells, order), run_once(case, case.cells, order)


def run_restart(case: Case) -> tuple[Printed, Printed]:
    manager = KernelManager()
    manager.start_kernel(cwd=str(ROOT), env=environment(case))
    client = manager.client()
    client.start_channels()
    order = range(len(case.cells))
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        first = run_cells(LiveKernel(client), case, case.cells, order)
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=TIMEOUT)
        return first, run_cells(LiveKernel(client), case, case.cells, order)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def run_rerun(case: Case) -> tuple[Printed, Printed]:
    rest = range(case.setup, len(case.cells))
    with live_kernel(env=environment(case)) as kernel:
        run_cells(kernel, case, case.cells, range(case.setup))
        return (
            run_cells(kernel, case, case.cells, rest),
            run_cells(kernel, case, case.cells, rest),
        )


def run_order(case: Case) -> tuple[Printed, Printed]:
    return run_once(case, case.cells, range(len(case.cells))), run_once(
        case, case.cells, case.order
    )


def run_edit(case: Case) -> tuple[Printed, Printed]:
    order = range(len(case.cells))
    return run_once(case, case.cells, order), run_once(case, case.cells_b, order)


def run_exact(case: Case) -> tuple[Printed, Printed]:
    last = len(case.cells) - 1
    printed = run_once(case, case.cells, range(len(case.cells)))
    return {last: printed[last].strip()}, {last: case.value}


RUN: dict[Scenario, Callable[[Case], tuple[Printed, Printed]]] = {
    "fresh": run_fresh,
    "restart": run_restart,
    "rerun": run_rerun,
    "order": run_order,
    "edit": run_edit,
    "exact": run_exact,
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    missing = [name for name in case.needs if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")
    first, second = RUN[case.scenario](case)
    assert any(first.values()), "no cell printed anything"
    if case.expect == "diff":
        assert first != second
    else:
        assert first == second
