"""Write a snapshot as a conda-lock.yml, version 1: conda-lock, mamba and micromamba install it.

For the format, see https://conda.github.io/conda-lock/output/. It requires the md5 of every conda
package, which conda records beside the sha256 and a snapshot does not contain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from jupyter_repro.formats.exporters.lock_parts import (
    LockedConda,
    LockedPython,
    LockParts,
    lock_parts,
)
from jupyter_repro.formats.exporters.request import CannotExportError, Exported, Request, made_by
from jupyter_repro.formats.exporters.text import comment, joined, quoted, some


def export(request: Request) -> Exported:
    """Return the text of a conda-lock.yml.

    Raises
    ------
    CannotExportError
        If an md5 or the platform is unknown, or there is no conda package.
    """
    parts = lock_parts(request)
    without = [one.pin.name for one in parts.conda if one.md5 is None]
    if without:
        how = "export it in the recorded environment itself, allow the network (--network; "
        how += "network=yes in a notebook), or write pixi.lock or explicit.txt."
        if request.details_of is not None:
            why = f" ({parts.problems[0].rstrip('.')})" if parts.problems else ""
            how = f"no channel that was asked has them{why}; write pixi.lock or explicit.txt."
        reason = (
            "conda-lock.yml needs md5 digests, and the snapshot has sha256 alone "
            f"({some(without)}): {how}"
        )
        raise CannotExportError(reason)
    packages = [
        line
        for entry in (
            *(_conda(one, parts.platform) for one in parts.conda),
            *(_python(one, parts.platform) for one in parts.packages),
        )
        for line in entry
    ]
    lines = [
        comment(made_by(request.snapshot)),
        *(comment(remark) for remark in parts.remarks),
        "version: 1",
        "metadata:",
        *_metadata(parts),
        "package:",
        *packages,
    ]
    return Exported({"conda-lock.yml": joined(lines)}, [*parts.notes])


def _metadata(parts: LockParts) -> Iterator[str]:
    # conda-lock compares it with its source files, and there are none
    contents = "\n".join(one.url for one in parts.conda)
    yield "  content_hash:"
    yield f"    {quoted(parts.platform)}: {quoted(hashlib.sha256(contents.encode()).hexdigest())}"
    yield "  channels:"
    for channel in parts.channels:
        yield f"  - url: {quoted(channel)}"
        yield "    used_env_vars: []"
    yield "  platforms:"
    yield f"  - {quoted(parts.platform)}"
    # mamba and micromamba refuse a file that names no source; the source need not exist
    yield "  sources:"
    yield f"  - {quoted('environment.yml')}"


def _conda(one: LockedConda, platform: str) -> Iterator[str]:
    yield from _entry(one.pin.name, one.pin.version, "conda", platform)
    depends = one.details.depends if one.details else ()
    yield "  dependencies:" if depends else "  dependencies: {}"
    for name, rest in {spec.partition(" ")[0]: spec.partition(" ")[2] for spec in depends}.items():
        yield f"    {quoted(name)}: {quoted(rest) if rest else _EMPTY}"
    yield f"  url: {quoted(one.url)}"
    yield "  hash:"
    yield f"    md5: {quoted(one.md5 or '')}"
    if one.sha256:
        yield f"    sha256: {quoted(one.sha256)}"
    yield from _ENDING


def _python(one: LockedPython, platform: str) -> Iterator[str]:
    yield from _entry(one.pin.name, one.pin.version, "pip", platform)
    yield "  dependencies: {}"
    yield f"  url: {quoted(one.file.url)}"
    yield "  hash:"
    yield f"    sha256: {quoted(one.file.sha256)}"
    if one.pin.source:  # conda-lock would else ask an index for its name and version
        yield "  source:"
        yield "    type: url"
        yield f"    url: {quoted(one.pin.source)}"
    yield from _ENDING


def _entry(name: str, version: str, manager: str, platform: str) -> Iterator[str]:
    yield f"- name: {quoted(name)}"
    yield f"  version: {quoted(version) if version else _EMPTY}"
    yield f"  manager: {manager}"
    yield f"  platform: {quoted(platform)}"


_EMPTY = '""'
_ENDING = ("  category: main", "  optional: false")
