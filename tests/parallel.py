"""How `make test` shares the tests out between processes (pytest-xdist), and what keeps them apart.

The tests of a file stay together and share its fixtures. What takes longest begins first.
"""

from __future__ import annotations

from typing import Any

import pytest

# Their kernels are started by commands, and a kernel gets ports that were free a moment ago: two
# commands at once may choose the same. Therefore one process runs all of these. For the others, and
# for the servers of the browser tests, see `tests.ports`.
STARTED_BY_COMMANDS = (
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

LONGEST_FIRST = (
    *STARTED_BY_COMMANDS,
    "tests/browser/",
    "tests/kernel/",
    "tests/torch/",
    PACKAGING,
    "tests/conda/",
)


def group_of(test: str) -> str:
    """Return the name of what has to run in one process, for a test's identifier."""
    if test.startswith(STARTED_BY_COMMANDS):
        return "kernels started by commands"
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
