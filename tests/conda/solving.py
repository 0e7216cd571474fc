"""What the tests of `solve` ask: snapshots of a small channel, in a home folder of their own."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from jupyter_repro.install.places.trust import load_trust
from jupyter_repro.install.rattler.parent import Rattler
from jupyter_repro.install.solve.checks import Options, Solution
from jupyter_repro.install.solve.solve import solve
from jupyter_repro.install.solve.verdicts import NotebookVerdict, PackageVerdict
from jupyter_repro.model.document import Document
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.safety.world import World, current_world
from tests.conda import channel
from tests.conda.channel import SUBDIR, VERSION, Package
from tests.unit.support.factories import snapshot_with

PRIVATE = "file://***"
"""The channel of packages from a local folder, as it is recorded."""


def make_world(home: Path, **environ: str) -> World:
    """Return a world without any configuration, but for the variables that are named."""
    return dataclasses.replace(
        current_world(),
        home=home,
        prefix=home / "prefix",
        environ={"XDG_CONFIG_DIRS": str(home / "xdg"), "PIP_CONFIG_FILE": "/dev/null", **environ},
    )


def snapshot_of(
    packages: Sequence[Package],
    digests: Mapping[str, str],
    address: str = PRIVATE,
    requested: Sequence[str] = (),
    **layers: dict[str, Any],
) -> Snapshot:
    """Return a snapshot of an environment with some packages of a channel."""
    groups: dict[str, list[str]] = {}
    for package in packages:
        line = f"{package.file_name}#{digests[package.file_name]}"
        groups.setdefault(f"{address}/{package.subdir}", []).append(line)
    plain: dict[str, dict[str, Any]] = {
        "conda": {"packages": groups, "channels": [], "requested": list(requested)},
        "packages": {"packages": []},
        "core": {"python": VERSION},
        "system": {"platform": SUBDIR},
        "gpu": {"cuda_driver": None, "vendor": None},
    }
    return snapshot_with(**plain | layers)


def notebook_of(snapshot: Snapshot) -> str:
    """Return the text of a notebook that has recorded a snapshot."""
    document = Document(schema_version=snapshot.schema_version, reference=snapshot)
    return json.dumps(
        {
            "cells": [],
            "metadata": {"jupyter_repro": msgspec.to_builtins(document)},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def ask(
    snapshot: Snapshot,
    world: World,
    *channels: str,
    indexes: Sequence[str] = (),
    allow_md5: bool = False,
    seconds: float = 30,
    **options: Any,
) -> Solution:
    """Return what is found out on a snapshot, with some channels and indexes allowed."""
    trust = load_trust(world, allow_channels=channels, allow_indexes=indexes, allow_md5=allow_md5)
    rattler = Rattler(world, seconds=int(seconds), silence=seconds)
    return solve([snapshot], trust, rattler, Options(**options))[0]


def verdicts(found: Solution | NotebookVerdict) -> dict[str, str]:
    """Return package → verdict."""
    verdict = found.verdict if isinstance(found, Solution) else found
    return {one.package: one.verdict for one in verdict.packages}


def package(found: Solution, name: str) -> PackageVerdict:
    """Return the verdict on the one package of a name."""
    (one,) = (one for one in found.verdict.packages if one.package.startswith(name))
    return one


def check(found: Solution, name: str) -> tuple[str, str]:
    """Return outcome and text of a check."""
    (one,) = (one for one in found.verdict.checks if one.name == name)
    return one.outcome, one.text


def rewrite(folder: Path, packages: Sequence[Package]) -> dict[str, str]:
    """Put other packages into a channel's folder."""
    shutil.rmtree(folder)
    return channel.write_channel(folder, packages)
