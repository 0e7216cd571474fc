"""Ask a Python package index which files of a project it has.

The JSON of PEP 691 and the HTML of PEP 503 are read, with yanked files (PEP 592):
https://packaging.python.org/en/latest/specifications/simple-repository-api/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import msgspec
from packaging.utils import canonicalize_name

from jupyter_repro.install.places.failures import AbsentError, FetchError
from jupyter_repro.install.places.fetch import SECONDS, fetch
from jupyter_repro.install.places.places import Place
from jupyter_repro.safety.redact import redact_url
from jupyter_repro.safety.text import printable

JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_WORKERS = 8
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class IndexFile(NamedTuple):
    """One file of a project.

    Parameters
    ----------
    sha256
        Empty if the index does not give it.
    requires_python
        As the index gives it; empty for any Python.
    yanked
        None if the file is not yanked; else the reason, which may be empty.
    url
        Its address, without credentials.
    request
        The address as the index gives it, with its query: for requests, not for display.
    """

    name: str
    sha256: str = ""
    requires_python: str = ""
    yanked: str | None = None
    size: int | None = None
    url: str = ""
    request: str = ""


class Project(NamedTuple):
    """The files of a project on all indexes, and why some indexes did not answer."""

    files: Sequence[IndexFile]
    errors: Sequence[str]


class _JsonFile(msgspec.Struct, rename="kebab"):
    filename: str
    url: str = ""
    hashes: dict[str, str] = {}
    requires_python: str | None = None
    yanked: bool | str = False
    size: int | None = None


class _JsonPage(msgspec.Struct):
    files: list[_JsonFile]


def files_of(place: Place, name: str, friends: Iterable[Place] = ()) -> list[IndexFile]:
    """Return the files of a project on an index; none if the index does not have the project.

    Raises
    ------
    FetchError
        If it cannot be asked, or its answer is not that of an index.
    """
    project = canonicalize_name(name)
    if place.is_page:
        return _of_project(_listed(place, "", friends), project)
    return _listed(place, f"{project}/", friends)


def ask(places: Sequence[Place], names: Iterable[str]) -> dict[str, Project]:
    """Return the files and failures for each project, by its normalised name.

    A page of links is fetched once for all projects.
    """
    wanted = sorted({str(canonicalize_name(name)) for name in names})
    pages = {place: _answer(place, "", places) for place in places if place.is_page and wanted}

    def one(name: str) -> Project:
        answers = [_answer(place, f"{name}/", places) for place in places if not place.is_page]
        answers += [
            answer if isinstance(answer, str) else _of_project(answer, name)
            for answer in pages.values()
        ]
        files = [file for answer in answers if not isinstance(answer, str) for file in answer]
        return Project(files, [answer for answer in answers if isinstance(answer, str)])

    with ThreadPoolExecutor(_WORKERS) as pool:
        return dict(zip(wanted, pool.map(one, wanted), strict=True))


def _answer(place: Place, path: str, friends: Sequence[Place]) -> list[IndexFile] | str:
    try:
        return _listed(place, path, friends)
    except FetchError as error:
        return str(error)


def _listed(place: Place, path: str, friends: Iterable[Place]) -> list[IndexFile]:
    """Return the files that a page below a place lists; none if there is no such page."""
    try:
        answer = fetch(place, path, friends, accept=_ACCEPT, seconds=SECONDS)
    except AbsentError:
        return []
    try:
        if answer.content_type.endswith("json"):
            files = msgspec.json.decode(answer.body, type=_JsonPage).files
            found = [_of_json(one) for one in files]
        else:
            found = _of_html(answer.body.decode("utf-8", "replace"))
    except msgspec.DecodeError:
        where = urlsplit(place.address).netloc
        reason = f"{where} answers for {path.rstrip('/') or 'its page'} what no index does"
        raise FetchError(reason) from None
    page = f"{place.address}/{path}" if path else place.address  # addresses are relative to it
    joined = [(one, urljoin(page, one.url)) for one in found]
    return [one._replace(url=redact_url(url), request=url) for one, url in joined]


def _of_project(files: Iterable[IndexFile], project: str) -> list[IndexFile]:
    """Return the files whose names begin with that of a project."""
    return [file for file in files if _project_of(file.name) == project]


def _project_of(file: str) -> str:
    name = file.partition("-")[0] if file.endswith(".whl") else file.rpartition("-")[0]
    return str(canonicalize_name(name))


def _of_json(file: _JsonFile) -> IndexFile:
    yanked = (file.yanked if isinstance(file.yanked, str) else "") if file.yanked else None
    found = _checked(file.filename, file.hashes, file.requires_python or "", yanked, size=file.size)
    return found._replace(url=file.url)


def _checked(
    name: str,
    hashes: Mapping[str, str],
    requires_python: str,
    yanked: str | None,
    *,
    size: int | None = None,
) -> IndexFile:
    sha256 = hashes.get("sha256", "").lower()
    return IndexFile(
        name=name if _FILE.fullmatch(name) else "",
        sha256=sha256 if _SHA256.fullmatch(sha256) else "",
        requires_python=requires_python,
        yanked=None if yanked is None else printable(yanked, 200),
        size=size,
    )


def _of_html(text: str) -> list[IndexFile]:
    parser = _Anchors()
    parser.feed(text)
    return parser.files


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.files: list[IndexFile] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        told = dict(attrs)
        if tag != "a" or not told.get("href"):
            return
        address, fragment = urldefrag(told["href"])
        algorithm, _, digest = fragment.partition("=")
        yanked = (told["data-yanked"] or "") if "data-yanked" in told else None
        found = _checked(
            unquote(urlsplit(address).path.rpartition("/")[2]),
            {algorithm: digest},
            told.get("data-requires-python") or "",
            yanked,
        )
        self.files.append(found._replace(url=address))
