"""Write small wheels and sources, and serve them as a package index."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.conda.http_channel import Site, index_page

SIMPLE = "simple"


@dataclass(frozen=True)
class Archive:
    """A file of a project."""

    project: str
    name: str
    data: bytes = field(repr=False)
    yanked: str | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def wheel(
    name: str,
    version: str,
    *,
    tag: str = "py3-none-any",
    text: str = "",
    requires: Iterable[str] = (),
    yanked: str | None = None,
    more: Mapping[str, str] | None = None,
) -> Archive:
    """Return a wheel with one module, which tells its version, and `more` files."""
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {one}" for one in requires]
    files = {
        f"{name}.py": f"__version__ = {version!r}\n{text}",
        **(more or {}),
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    lines = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,"]) + "\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return Archive(name, f"{name}-{version}-{tag}.whl", buffer.getvalue(), yanked)


BACKEND = """\
import os, pathlib, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    pathlib.Path(os.environ["HOME"], "built").touch()
    name = f"{NAME}-{VERSION}-py3-none-any.whl"
    info = f"{NAME}-{VERSION}.dist-info"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        archive.writestr(f"{NAME}.py", "")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: {VERSION}\\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return name
"""


def source_files(name: str, version: str) -> dict[str, str]:
    """Return sources that need nothing to be built, and leave ``built`` in the home folder."""
    return {
        "pyproject.toml": (
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            f'[project]\nname = "{name}"\nversion = "{version}"\n'
        ),
        "backend.py": f"NAME, VERSION = {name!r}, {version!r}\n{BACKEND}",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }


def source(name: str, version: str) -> Archive:
    """Return a source archive; see `source_files`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in source_files(name, version).items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return Archive(name, f"{name}-{version}.tar.gz", buffer.getvalue())


def index_of(archives: Iterable[Archive]) -> Site:
    """Return a site that is an index below ``simple``, with the files below ``files``."""
    site = Site()
    projects: dict[str, dict[str, Mapping[str, object]]] = {}
    for one in archives:
        told: dict[str, object] = {
            "hashes": {"sha256": one.sha256},
            "size": len(one.data),
            "url": f"../../files/{one.name}",
        }
        if one.yanked is not None:
            told["yanked"] = one.yanked
        projects.setdefault(one.project, {})[one.name] = told
        site.pages[f"files/{one.name}"] = ("application/octet-stream", one.data)
    for name, files in projects.items():
        for path, page in index_page(name, files).items():
            site.pages[f"{SIMPLE}/{path}"] = page
    return site


def page_of(archives: Iterable[Archive]) -> Site:
    """Return a site with one page of links, ``links.html``, and the files beside it."""
    every = [*archives]
    links = "".join(f'<a href="files/{one.name}#sha256={one.sha256}">x</a>\n' for one in every)
    files = {f"files/{one.name}": ("application/octet-stream", one.data) for one in every}
    return Site(pages={"links.html": ("text/html", links.encode()), **files})


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
