"""What holds for every test."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

from tests import parallel, ports

# How long an example takes says how busy the machine is; speed is measured in benchmarks/
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return parallel.make_scheduler(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if ports.worker() is not None:
        items.sort(key=lambda item: parallel.rank_of(item.nodeid))


def pytest_configure() -> None:
    ports.use_own_ports()
