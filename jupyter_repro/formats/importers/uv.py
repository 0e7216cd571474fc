"""Import what uv and tools based on it write into a notebook, a script or a lock file.

* a block ``# /// script`` in a cell (PEP 723,
  https://packaging.python.org/en/latest/specifications/inline-script-metadata/), written by juv
* a whole lock file under ``metadata["uv.lock"]``, written by ``juv lock``
* ``metadata.uv`` or ``metadata.runt.uv`` with ``dependencies``, written by nteract
* a file ``uv.lock`` (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.draft import Draft, only_text
from jupyter_repro.formats.importers.notebook_text import NotebookText
from jupyter_repro.formats.importers.pip_line import add_pip_line
from jupyter_repro.packages.lines import Distribution
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.toml import parse_toml

LOCK = "uv.lock"

_PYPI = "https://pypi.org/simple"

_BLOCK = re.compile(r"^# /// script[ \t]*\n((?:#(?: .*)?\n)*?)# ///[ \t]*$", re.MULTILINE)


def find(text: NotebookText) -> str | None:
    """Return the lock file or the dependencies in a notebook, as TOML, or None."""
    lock = text.metadata.get(LOCK)
    if isinstance(lock, str) and lock.strip():
        return lock
    for cell in text.cells:
        if _BLOCK.search(cell.source):
            return cell.source
    places: list[Any] = [text.metadata]
    runt = text.metadata.get("runt")
    places += [runt] if isinstance(runt, dict) else []
    for place in places:
        table = place.get("uv")
        if isinstance(table, dict) and isinstance(table.get("dependencies"), list):
            return _as_block(table)
    return None


def _as_block(table: dict[str, Any]) -> str:
    """Return dependencies from metadata as the equivalent script block."""
    import json

    lines = [f"dependencies = {json.dumps([*only_text(table['dependencies'])])}"]
    python = table.get("requires-python") or table.get("requires_python")
    if isinstance(python, str):
        lines.append(f"requires-python = {json.dumps(python)}")
    return "# /// script\n" + "".join(f"# {line}\n" for line in lines) + "# ///\n"


def read(text: str, draft: Draft) -> None:
    """Add the requirements of a script block, or the packages of a lock file.

    Raises
    ------
    UnreadableError
        If the text is neither of the two, or not valid TOML.
    """
    text = text.replace("\r\n", "\n")
    blocks = _BLOCK.findall(text + "\n")
    if len(blocks) > 1:
        reason = "has more than one block `# /// script`."
        raise UnreadableError(reason)
    if blocks:
        _read_block(_load("".join(f"{line[2:]}\n" for line in blocks[0].splitlines())), draft)
        return
    table = _load(text)
    if not isinstance(table.get("package"), list):
        reason = "has neither a block `# /// script` nor the packages of a uv.lock."
        raise UnreadableError(reason)
    _read_lock(table, draft)


def _load(text: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except ValueError as error:
        reason = f"is not valid TOML: {printable(str(error), 200)}."
        raise UnreadableError(reason) from None


def _read_block(table: dict[str, Any], draft: Draft) -> None:
    dependencies = table.get("dependencies", [])
    for dependency in only_text(dependencies if isinstance(dependencies, list) else ()):
        add_pip_line(draft, dependency)
    _add_python(table, draft)
    tool = table.get("tool", {})
    settings = tool.get("uv", {}) if isinstance(tool, dict) else {}
    if isinstance(settings, dict):
        for key, value in settings.items():
            if _add_places(draft, key, value):
                continue
            told = f": {printable(value, 50)}" if key == "exclude-newer" else ""
            draft.note(f"The setting {printable(str(key), 50)} of uv is left out{told}.")


_PLACES = {
    "index-url": "--index-url",
    "extra-index-url": "--extra-index-url",
    "find-links": "--find-links",
    "index": "--extra-index-url",
}


def _add_places(draft: Draft, key: str, value: object) -> bool:
    """Add the places that a setting of uv names; return whether it is such a setting."""
    for one in value if isinstance(value, list) else [value]:
        url = one.get("url") if isinstance(one, dict) else one
        if key in _PLACES and isinstance(url, str):
            is_default = isinstance(one, dict) and one.get("default") is True
            draft.add_option("--index-url" if is_default else _PLACES[key], url)
    return key in _PLACES


def _add_python(table: dict[str, Any], draft: Draft) -> None:
    value = table.get("requires-python")
    if not isinstance(value, str):
        return
    try:
        draft.requires_python = str(SpecifierSet(value))[:200] or None
    except InvalidSpecifier:
        draft.note("Its requires-python cannot be read.")


def _read_lock(table: dict[str, Any], draft: Draft) -> None:
    _add_python(table, draft)
    packages = [*_packages(table)]
    versions: dict[str, list[str]] = {}
    for package in packages:
        name, version = package.get("name"), package.get("version")
        versions.setdefault(str(name), []).append(str(version))
    for package in packages:
        name, source = package.get("name"), package.get("source")
        if not isinstance(name, str) or not isinstance(source, dict):
            draft.note(f"{printable(str(name), 100)}: an entry that cannot be read.")
        elif len(versions[name]) > 1:  # the version depends on the platform or on Python
            several = printable(", ".join(dict.fromkeys(versions[name])), 150)
            draft.note(f"{printable(name, 100)} has several versions ({several}); none was taken.")
        else:
            _add_package(draft, name, package, source)


def _add_package(draft: Draft, name: str, package: dict[str, Any], source: dict[str, Any]) -> None:
    version = package.get("version")
    if "git" in source:
        url, _, commit = str(source["git"]).partition("#")
        place = parse_qs(url.partition("?")[2]).get("subdirectory", [""])[0]
        below = f"#subdirectory={place}" if place else ""
        add_pip_line(draft, f"{name} @ git+{url.partition('?')[0]}@{commit}{below}")
    elif "url" in source:
        digest = _digest_of(package)
        add_pip_line(draft, f"{name} @ {source['url']}{f'#{digest}' if digest else ''}")
    elif kind := next((key for key in ("editable", "directory", "path") if key in source), None):
        add_pip_line(draft, f"{name} @ {source[kind]}", editable=kind == "editable")
    elif "registry" in source and isinstance(version, str):
        draft.add_distribution(Distribution(name, version, "pip"))
        registry = source["registry"]
        if isinstance(registry, str) and registry.rstrip("/") != _PYPI:
            draft.add_option("--extra-index-url", registry)
    else:
        draft.note(f"{printable(name, 100)}: the project itself, or no place to get it from.")


def _digest_of(package: dict[str, Any]) -> str | None:
    """Return the digest of the only file of a package from an address, as in an address."""
    wheels = package.get("wheels")
    files = [package.get("sdist"), *(wheels if isinstance(wheels, list) else ())]
    found = [one["hash"] for one in files if isinstance(one, dict) and "hash" in one]
    digest = found[0] if len(found) == 1 else None
    return digest.replace(":", "=", 1) if isinstance(digest, str) else None


def _packages(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (package for package in table["package"] if isinstance(package, dict))
