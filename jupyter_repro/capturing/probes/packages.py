"""The packages layer: every Python distribution on ``sys.path``, one per line.

Names are compared with the records in ``conda-meta`` to mark what pip installed over a conda
package. Two cases are missed: packages with an unrelated conda name (except the few in
`CONDA_NAMES`), and a reinstallation of the same version if conda's record does not list the digests
of its files.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from msgspec.structs import replace

from jupyter_repro.capturing.sources.git.state import collect_git
from jupyter_repro.capturing.sources.python.distributions import (
    LEFT_OUT,
    InstalledDistribution,
    distributions_of,
)
from jupyter_repro.model.snapshot import PackagesLayer
from jupyter_repro.packages.lines import distribution_line
from jupyter_repro.packages.names import normalise
from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.world import World

# Distribution → conda package, where the names differ and the package can change results
CONDA_NAMES = {
    "torch": "pytorch",
    "matplotlib": "matplotlib-base",
    "msgpack": "msgpack-python",
    "opencv-python": "py-opencv",
    "tables": "pytables",
    "xgboost": "py-xgboost",
}

MAX_RECORDS = 20
"""Maximum number of records that are read to detect a reinstallation of the same version."""

MAX_RECORD = 4_000_000

_MANY = "{} distributions beside the notebook are left out: there are too many to read"
_INSTALLER_IN_RECORD = re.compile(
    rb"\.dist-info/INSTALLER\"[^{}]{0,400}?\"sha256\": ?\"([0-9a-f]{64})"
)


def collect(world: World) -> PackagesLayer:
    """Return every distribution, with its installer and its source."""
    found = distributions_of(world)
    if any(one.installer != "conda" for one in found):
        found = _mark_replaced(found, _conda_records(world.prefix), world)
    packages = sorted(distribution_line(_with_git(one) if one.folder else one) for one in found)
    left_out = world.memo.get(LEFT_OUT, 0)
    return PackagesLayer(
        status="ok",
        reason=_MANY.format(left_out) if left_out else None,
        packages=packages,
        user_site=any("user-site" in one.flags for one in found),
        python_path=bool(world.environ.get("PYTHONPATH")),
    )


def _conda_records(prefix: Path) -> dict[str, tuple[str, str]]:
    """Return normalised name → version and file name of the records in ``conda-meta``."""
    try:
        names = os.listdir(prefix / "conda-meta")  # noqa: PTH208 - hundreds of names
    except OSError:
        return {}
    found = {}
    for file_name in names:
        parts = file_name.rsplit("-", 2)
        if len(parts) == 3 and file_name.endswith(".json"):
            found[normalise(parts[0])] = (parts[1], file_name)
    return found


def _mark_replaced(
    found: list[InstalledDistribution], records: dict[str, tuple[str, str]], world: World
) -> list[InstalledDistribution]:
    """Return the distributions; those installed over a conda package get ``replaces-conda``.

    An egg-info names no installer: if a record has its name and its version, it is conda's.
    """
    inside = f"{world.prefix}{os.sep}"
    doubts = 0
    marked = []
    for one in found:
        record = records.get(one.name) or records.get(CONDA_NAMES.get(one.name, ""))
        if record is None or one.installer == "conda" or not one.info.startswith(inside):
            marked.append(one)
            continue
        version, file_name = record
        if one.installer == "unknown":
            conda = one.version == version
            marked.append(replace(one, installer="conda") if conda else one)
            continue
        replaced = one.version != version
        if not replaced and doubts < MAX_RECORDS:
            doubts += 1
            replaced = _is_reinstalled(one, world.prefix / "conda-meta" / file_name)
        marked.append(replace(one, flags=(*one.flags, "replaces-conda")) if replaced else one)
    return marked


def _is_reinstalled(one: InstalledDistribution, record: Path) -> bool:
    """Return whether the INSTALLER file differs from the one that conda installed.

    Some old conda packages name ``pip`` there themselves, so the digests are compared.
    """
    told = _INSTALLER_IN_RECORD.search(read_head(record, MAX_RECORD) or b"")
    installer = read_head(f"{one.info}{os.sep}INSTALLER", 64)
    if told is None or installer is None:
        return False
    return hashlib.sha256(installer).hexdigest().encode() != told[1]


def _with_git(one: InstalledDistribution) -> InstalledDistribution:
    """Return an editable distribution with the commit of its source folder.

    The flag is ``dirty`` if there are uncommitted changes, ``unchecked`` if that could not be
    decided.
    """
    assert one.folder is not None
    git = collect_git(Path(one.folder))
    if git is None:
        return one
    flags = {True: ("dirty",), False: (), None: ("unchecked",)}[git.dirty]
    return replace(one, flags=(*one.flags, *flags), source=f"{one.source}@{git.commit}")
