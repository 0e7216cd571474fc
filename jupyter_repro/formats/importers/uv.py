"""Import what uv and tools based on it write into a notebook, a script or a lock file.

* a block ``# /// script`` in a cell (PEP 723,
  https://packaging.python.org/en/latest/specifications/inline-script-metadata/), written by juv
* a whole lock file under ``metadata["uv.lock"]``, written by ``juv lock``
* ``metadata.uv`` or ``metadata.runt.uv`` with ``dependencies``, written by nteract
* a file ``uv.lock`` (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.draft import Draft, only_text
from jupyter_repro.formats.importers.notebook_text import NotebookText
from jupyter_repro.formats.importers.pip_line import add_pip_line
from jupyter_repro.packages.lines import Distribution
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.toml import parse_toml

LOCK = "uv.lock"

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
            told = f": {printable(value, 50)}" if key == "exclude-newer" else ""
            draft.note(f"The setting {printable(str(key), 50)} of uv is left out{told}.")


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
    names = Counter(str(package.get("name")) for package in packages)
    for package in packages:
        name, version, source = (package.get(key) for key in ("name", "version", "source"))
        if not isinstance(name, str) or not isinstance(source, dict):
            continue
        if names[name] > 1:  # the version depends on the platform or on Python
            draft.note(f"{printable(name, 100)} has several versions, for different platforms.")
        elif "git" in source:
            url, _, commit = str(source["git"]).partition("#")
            add_pip_line(draft, f"{name} @ git+{url.partition('?')[0]}@{commit}")
        elif "url" in source:
            add_pip_line(draft, f"{name} @ {source['url']}")
        elif {"editable", "directory", "path"} & source.keys():
            kind = next(key for key in ("editable", "directory", "path") if key in source)
            add_pip_line(draft, f"{name} @ {source[kind]}", editable=kind == "editable")
        elif "registry" in source and isinstance(version, str):
            draft.add_distribution(Distribution(name, version, "pip"))


def _packages(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (package for package in table["package"] if isinstance(package, dict))
