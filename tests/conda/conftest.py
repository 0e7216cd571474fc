from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conda import channel
from tests.conda.channel import Package


@dataclass(frozen=True)
class Built:
    """A channel, its packages by file stem and their sha256, and a prefix installed from it."""

    channel: Path
    packages: Mapping[str, Package]
    digests: Mapping[str, str]
    prefix: Path


INSTALLED = (
    f"python-{channel.VERSION}-h0lent0_0_cpython",
    "alpha-1.2.0-py_0",
    "beta-2.0-cuda_0",
    "gamma-0.1-pyh_0",
    "delta-3.1.4-h0_0",
)
"""Of the prefix in `Built`; gamma came in as a dependency of delta."""

REQUESTED = ["python", "alpha ==1.2.0 py_0", "beta ==2.0 cuda_0", "delta"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    pytest.importorskip("rattler")
    folder = tmp_path_factory.mktemp("conda")
    packages = channel.sample_packages()
    digests = channel.write_channel(folder / "channel", packages)
    prefix = channel.make_prefix(folder / "envs" / "work", REQUESTED, folder / "channel")
    channel.install_kernel(prefix)
    by_stem = {package.stem: package for package in packages}
    return Built(folder / "channel", by_stem, digests, prefix)
