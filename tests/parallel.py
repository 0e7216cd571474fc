"""How `make test` shares the tests out between processes (pytest-xdist), and what keeps them apart.

The tests of a file stay together and share its fixtures. What takes longest begins first.
"""

from __future__ import annotations

import os
import secrets
import socket
from typing import Any

import pytest

# Their kernels are started by further processes: a server, a command. A kernel gets ports that were
# free a moment ago, and two processes may choose the same. Therefore one process runs all of these,
# and for the others see `use_own_ports`.
STARTED_ELSEWHERE = (
    "tests/browser/",
    "tests/kernel/test_calibrate.py",
    "tests/kernel/test_cli_run.py",
    "tests/kernel/test_verify.py",
    "tests/kernel/test_why.py",
    "tests/conda/test_mismatch.py",
    "tests/conda/test_restore_kernel.py",
    "tests/conda/test_why_versions.py",
)
# It builds from the working tree, in more than one way
PACKAGING = "tests/packaging/"

LONGEST_FIRST = (*STARTED_ELSEWHERE, "tests/kernel/", "tests/torch/", PACKAGING, "tests/conda/")

PORTS = range(12_000, 32_000)
"""Below those that Linux, macOS and Windows give out by themselves."""


def group_of(test: str) -> str:
    """Return the name of what has to run in one process, for a test's identifier."""
    if test.startswith(STARTED_ELSEWHERE):
        return "kernels started elsewhere"
    return PACKAGING if test.startswith(PACKAGING) else test.partition("::")[0]


def rank_of(test: str) -> int:
    """Return how early a test should begin."""
    places = (rank for rank, start in enumerate(LONGEST_FIRST) if test.startswith(start))
    return next(places, len(LONGEST_FIRST))


def make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Return the plan of pytest-xdist."""
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False
    plan = LoadScopeScheduling(config, log)
    plan._split_scope = group_of
    return plan


def worker() -> int | None:
    """Return the number of this process among those that run tests, if there are several."""
    name = os.environ.get("PYTEST_XDIST_WORKER")
    return None if name is None else int(name.removeprefix("gw"))


def use_own_ports(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Start kernels on ports that no other process of this run uses."""
    from jupyter_client.connect import LocalPortCache

    workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    own = PORTS[number::workers]

    def find_available_port(self: LocalPortCache, ip: str) -> int:
        while True:
            port = secrets.choice(own)
            if port not in self.currently_used_ports and _is_free(ip, port):
                self.currently_used_ports.add(port)
                return port

    monkeypatch.setattr(LocalPortCache, "find_available_port", find_available_port)


def _is_free(ip: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((ip, port))
        except OSError:
            return False
    return True
