"""Import an ``environment.yml`` that was written by hand or by ``conda env export``.

See https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html. All
entries are kept unchanged as requests; those with a build are also recorded as packages. Comments
like ``# [linux]`` are kept with their entry: other tools read them, although conda does not. An
entry of micromamba for one system (``sel(linux): cudatoolkit``) is kept in the same form.
"""

from __future__ import annotations

import re

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.draft import LONGEST, Draft, only_text
from jupyter_repro.formats.importers.requirements_txt import read as read_requirements
from jupyter_repro.packages.addresses import redact_spec
from jupyter_repro.packages.match_spec import parse_match_spec
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.yaml import Plain, read_yaml

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_SELECTED = re.compile(r"^\s*-\s*([\"']?)(?P<spec>[^\"'#]+?)\1\s+#\s*\[(?P<selector>[^\]]*)\]\s*$")
_SECTION = re.compile(r"sel\((unix|linux|osx|win)\)")
_FILE_DIGEST = re.compile(r"(?:sha256:|md5:)?([0-9a-fA-F]{32,64})")
_KNOWN = frozenset(("name", "channels", "dependencies", "platforms", "category"))


def read(text: str, draft: Draft) -> None:
    """Add the channels and the requests of the file.

    Raises
    ------
    UnreadableError
        If the file is not an environment.yml.
    """
    plain = read_yaml(text)
    dependencies = plain.get("dependencies") if isinstance(plain, dict) else None
    if not isinstance(plain, dict) or not isinstance(dependencies, list):
        reason = "is no environment.yml: it has no list of dependencies."
        raise UnreadableError(reason)
    name = plain.get("name")
    draft.conda_name = name if isinstance(name, str) and _NAME.fullmatch(name) else None
    channels = plain.get("channels")
    for channel in only_text(channels if isinstance(channels, list) else ()):
        draft.add_channel(channel)
    selectors = {
        found["spec"].strip(): found["selector"].strip()
        for found in map(_SELECTED.match, filter(_is_short, text.splitlines()))
        if found
    }
    for entry in dependencies:
        if isinstance(entry, str):
            _add_spec(draft, entry.strip(), selectors.get(entry.strip()))
        else:
            _add_section(draft, entry)
    for key in sorted(plain.keys() - _KNOWN):
        # `prefix` is a personal folder, and `variables` may contain secrets
        draft.note(f"Its key {printable(key, 50)} is left out.")


def _is_short(line: str) -> bool:
    return len(line) <= LONGEST


def _add_spec(draft: Draft, text: str, selector: str | None) -> None:
    if len(text) > LONGEST:
        draft.note(f"{printable(text, 40)}: it is too long.")
        return
    if re.search(r"://.*(?:\.conda|\.tar\.bz2)", text):
        url, _, digest = text.partition("#")
        found = _FILE_DIGEST.fullmatch(digest)
        draft.add_conda_file(url, found[1] if found else None)
        return
    shown = redact_spec(text)
    spec = parse_match_spec(shown)
    if spec is None:
        draft.note(f"{printable(shown, 100)!r} is not a specification that conda would read.")
        return
    if spec.is_exact and not selector:
        version = (spec.version or "").removeprefix("==")
        draft.add_conda_file(f"{spec.name}-{version}-{spec.build}")
    draft.request_conda(f"{shown}  # [{selector}]" if selector else shown)


def _add_section(draft: Draft, entry: Plain) -> None:
    sections = entry if isinstance(entry, dict) else {}
    for name, value in sections.items():
        lines = value if isinstance(value, list) else [value]
        if name == "pip" and lines is value:
            read_requirements("\n".join(only_text(lines)), draft)
        elif selector := _SECTION.fullmatch(name):
            for line in only_text(lines):
                _add_spec(draft, line.strip(), selector[1])
        else:
            draft.note(f"Its section {printable(name, 50)} is left out.")
    if not sections:
        draft.note("An entry that is neither a text nor a section is left out.")
