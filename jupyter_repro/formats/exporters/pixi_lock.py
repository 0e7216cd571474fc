"""Write a snapshot as a pixi.lock, version 6, which pixi and rattler can install.

For the format, see https://pixi.sh/latest/workspace/lockfile/.
"""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.formats.exporters.lock_parts import LockedConda, LockedPython, lock_parts
from jupyter_repro.formats.exporters.request import Exported, Request, made_by
from jupyter_repro.formats.exporters.text import comment, joined, quoted


def export(request: Request) -> Exported:
    """Return the text of a pixi.lock with one environment, ``default``.

    Raises
    ------
    CannotExportError
        If no conda package has an address, or the platform is unknown.
    """
    parts = lock_parts(request)
    packages = [one for one in parts.packages if one.pin.version]
    parts.remarks.extend(
        f"{one.pin.requirement}: its version, which a pixi.lock names, is not known"
        for one in parts.packages
        if not one.pin.version
    )
    lines = [
        comment(made_by(request.snapshot)),
        *(comment(remark) for remark in parts.remarks),
        "version: 6",
        "environments:",
        "  default:",
        "    channels:",
        *(f"    - url: {quoted(f'{channel}/')}" for channel in parts.channels),
    ]
    if packages:
        lines += ["    indexes:", f"    - {quoted('https://pypi.org/simple')}"]
    lines += [
        "    packages:",
        f"      {quoted(parts.platform)}:",
        *(f"      - conda: {quoted(one.url)}" for one in parts.conda),
        *(f"      - pypi: {quoted(one.file.url)}" for one in packages),
        "packages:",
    ]
    for locked in parts.conda:
        lines += _conda(locked)
    for package in packages:
        lines += _python(package)
    return Exported({"pixi.lock": joined(lines)}, [*parts.notes])


def _conda(one: LockedConda) -> Iterator[str]:
    yield f"- conda: {quoted(one.url)}"
    if one.sha256:
        yield f"  sha256: {quoted(one.sha256)}"
    if one.md5:
        yield f"  md5: {quoted(one.md5)}"
    if one.details is None:
        return
    for key, specs in (("depends", one.details.depends), ("constrains", one.details.constrains)):
        if specs:
            yield f"  {key}:"
            yield from (f"  - {quoted(spec)}" for spec in specs)
    if one.details.license:
        yield f"  license: {quoted(one.details.license)}"
    if one.details.size:
        yield f"  size: {one.details.size}"
    if one.details.timestamp:
        yield f"  timestamp: {one.details.timestamp}"


def _python(one: LockedPython) -> Iterator[str]:
    yield f"- pypi: {quoted(one.file.url)}"
    yield f"  name: {quoted(one.pin.name.lower())}"
    yield f"  version: {quoted(one.pin.version)}"
    yield f"  sha256: {quoted(one.file.sha256)}"
