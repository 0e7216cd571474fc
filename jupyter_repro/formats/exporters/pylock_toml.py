"""Write the Python packages of a snapshot as a pylock.toml.

For the format, see https://packaging.python.org/en/latest/specifications/pylock-toml/. It requires
a digest for every file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from jupyter_repro.formats.exporters.no_place import conda_without_place
from jupyter_repro.formats.exporters.python_hashes import PythonFile, hash_packages, require_hashes
from jupyter_repro.formats.exporters.python_requirements import why_nothing
from jupyter_repro.formats.exporters.request import CannotExportError, Exported, Request, made_by
from jupyter_repro.formats.exporters.text import (
    comment,
    comments_note,
    is_quotable,
    joined,
    plain,
    quoted,
)
from jupyter_repro.packages.pins import PythonPin

_COMMIT = re.compile(
    r"(?P<type>git|hg|svn|bzr)\+(?P<url>.+)@(?P<commit>[0-9A-Za-z]+)(?:#(?P<rest>.*))?"
)


def export(request: Request) -> Exported:
    """Return the text of a pylock.toml.

    Raises
    ------
    CannotExportError
        If there is no Python package, or a digest is unknown.
    """
    pins = request.pins
    left_out = [str(one) for one in pins.left_out("packages", "asked", "option")]
    if not pins.packages:
        raise CannotExportError(why_nothing(left_out))
    hashed = hash_packages(request)
    remarks = [*require_hashes(request, hashed, "pylock.toml"), *left_out]
    lines = [
        comment(made_by(request.snapshot)),
        *(comment(remark) for remark in (*remarks, *conda_without_place(request))),
        'lock-version = "1.0"',
        *_requires_python(request),
        'created-by = "jupyter_repro"',
    ]
    for pin in pins.packages:
        if pin in hashed.missing:
            continue
        lines += ["", "[[packages]]", *_package(pin, hashed.files.get(pin, []))]
    notes = [*comments_note(remarks), *conda_without_place(request)]
    return Exported({"pylock.toml": joined(lines)}, notes)


def _requires_python(request: Request) -> Iterator[str]:
    python, imported = request.pins.python, request.snapshot.imported
    asked = f"=={minor(python)}.*" if python else imported and imported.requires_python
    if asked and is_quotable(asked):
        yield f"requires-python = {quoted(asked)}"


def minor(version: str) -> str:
    """Return the major.minor part of a Python version."""
    return ".".join(version.split(".")[:2])


def _package(pin: PythonPin, files: list[PythonFile]) -> Iterator[str]:
    yield f"name = {quoted(re.sub(r'[-_.]+', '-', pin.name).lower())}"
    if pin.version:
        yield f"version = {quoted(pin.version)}"
    if pin.is_repository:
        yield f"vcs = {{ {_repository(pin)} }}"
    elif pin.source:
        subdirectory = _subdirectory(pin.source.partition("#")[2])
        yield (
            f"archive = {{ url = {quoted(files[0].url)}{subdirectory}, "
            f"hashes = {{ sha256 = {quoted(files[0].sha256)} }} }}"
        )
    else:
        # Only this format can bind a package to its index
        if pin.vendor and not pin.vendor.is_page and _is_there(files, pin.vendor.address):
            yield f"index = {quoted(pin.vendor.address)}"
        yield from _listed(files)


def _is_there(files: list[PythonFile], address: str) -> bool:
    return all(urlsplit(file.url).netloc == urlsplit(address).netloc for file in files)


def _listed(files: list[PythonFile]) -> Iterator[str]:
    archive = next((file for file in files if not file.is_wheel), None)
    if archive:
        yield f"sdist = {_file(archive)}"
    wheels = [file for file in files if file.is_wheel]
    if wheels:
        yield from ("wheels = [", *(f"    {_file(wheel)}," for wheel in wheels), "]")


def _file(file: PythonFile) -> str:
    return (
        f"{{ name = {quoted(file.name)}, url = {quoted(file.url)}, "
        f"hashes = {{ sha256 = {quoted(file.sha256)} }} }}"
    )


def _repository(pin: PythonPin) -> str:
    found = _COMMIT.fullmatch(pin.source)
    if found is None:
        reason = f"The record has an address that pylock.toml cannot hold: {plain(pin.source)}"
        raise CannotExportError(reason)
    return (
        f"type = {quoted(found['type'])}, url = {quoted(found['url'])}"
        f"{_subdirectory(found['rest'] or '')}, commit-id = {quoted(found['commit'])}"
    )


def _subdirectory(fragment: str) -> str:
    found = re.search(r"(?:^|&)subdirectory=([^&]+)", fragment)
    return f", subdirectory = {quoted(found[1])}" if found and is_quotable(found[1]) else ""
