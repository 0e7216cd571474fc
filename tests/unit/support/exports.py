"""A snapshot in a format, as the tests of exporters ask for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_repro.formats.exporters.formats import FORMATS, export, make_request
from jupyter_repro.formats.exporters.request import Exported, ExportOptions
from jupyter_repro.model.snapshot import Snapshot

NOWHERE = Path("/")
"""No project is there whose pins would count."""

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CU121 = "--extra-index-url https://download.pytorch.org/whl/cu121"
"""The option for the torch of `factories.PACKAGES`."""
NO_CONDA: dict[str, Any] = {
    "status": "unavailable",
    "reason": "not a conda environment",
    "name": None,
    "packages": {},
    "channels": [],
}


class File(NamedTuple):
    """One file of an index."""

    name: str
    url: str
    sha256: str


def an_index(**versions: str) -> Any:
    """Return an index that has a wheel and a source archive of each version, and another one."""

    def files_of(name: str) -> list[File]:
        version = versions.get(name)
        names = [f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.tar.gz"]
        made = [File(one, f"https://files.example.org/{one}", "a" * 64) for one in names]
        other = File(f"{name}-0.0.1.tar.gz", "https://files.example.org/x", "c" * 64)
        return [other, *made] if version else []

    return files_of


def exported(snapshot: Snapshot, name: str, **wishes: Any) -> Exported:
    own = "files_of", "details_of", "prefix", "notebook"
    direct = {one: wishes.pop(one) for one in own if one in wishes}
    request = make_request(snapshot, NOWHERE, ExportOptions(**wishes))
    return export(FORMATS[name], replace(request, **direct))


def text_of(snapshot: Snapshot, name: str = "environment.yml", **wishes: Any) -> str:
    return exported(snapshot, name, **wishes).text
