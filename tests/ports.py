"""The ports that kernels of the tests get: no two processes of a run choose the same.

A kernel gets ports that were free a moment before it binds them. This module is also read by the
servers of the browser tests, some of which have no pytest.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence

PORTS = range(12_000, 32_000)
"""Below those that Linux, macOS and Windows give out by themselves."""


def worker() -> int | None:
    """Return the number of this process among those that run tests, if there are several."""
    name = os.environ.get("PYTEST_XDIST_WORKER")
    return None if name is None else int(name.removeprefix("gw"))


def use_own_ports() -> None:
    """Start the kernels of this process on ports that no other process of the run uses."""
    from jupyter_client.connect import LocalPortCache

    number = worker()
    if number is None:
        return
    own = PORTS[number :: int(os.environ["PYTEST_XDIST_WORKER_COUNT"])]

    def find_available_port(self: LocalPortCache, ip: str) -> int:
        return _take(self.currently_used_ports, own, ip)

    LocalPortCache.find_available_port = find_available_port  # type: ignore[method-assign]


def _take(used: set[int], own: Sequence[int], ip: str) -> int:
    while True:
        port = secrets.choice(own)
        if port not in used and _is_free(ip, port):
            used.add(port)
            return port


def _is_free(ip: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((ip, port))
        except OSError:
            return False
    return True
