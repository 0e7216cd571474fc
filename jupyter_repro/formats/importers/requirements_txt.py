"""Import a ``requirements.txt`` that was written by hand or pinned by pip-compile or uv.

See https://pip.pypa.io/en/stable/reference/requirements-file-format/. Included files are named and
not read; digests are left out, because an installation does not keep them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jupyter_repro.formats.importers.draft import Draft
from jupyter_repro.formats.importers.pip_line import add_pip_line
from jupyter_repro.safety.text import printable

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_OPTION = re.compile(r"\s--?[A-Za-z][A-Za-z-]*(?:[=\s]\S+)?")
_INCLUDE = re.compile(r"(?:-r|-c|--requirement|--constraint)(?:\s*=?\s*)(\S.*)")
_EDITABLE = re.compile(r"(?:-e|--editable)[=\s]\s*(\S.*)")


def read(text: str, draft: Draft) -> None:
    """Add the requirements of the file."""
    digests = False
    for whole in _lines(text):
        entry = _COMMENT.sub("", whole).strip()
        include, editable = _INCLUDE.match(entry), _EDITABLE.match(entry)
        if include:
            kind = "constraints" if entry.startswith(("-c", "--c")) else "requirements"
            name = printable(include[1].replace("\\", "/").rpartition("/")[2], 100)
            draft.note(f"It includes the {kind} of {name}; that file was not read.")
        elif editable:
            add_pip_line(draft, editable[1], editable=True)
        elif entry.startswith("-"):
            name = re.split(r"[=\s]", entry, maxsplit=1)[0]
            draft.note(f"The option {printable(name, 50)} is left out.")
        elif entry:
            digests = digests or "--hash" in entry
            add_pip_line(draft, _OPTION.sub("", entry))
    if digests:
        draft.note("Digests of files are left out: an installed package does not keep them.")


def _lines(text: str) -> Iterator[str]:
    """Yield the lines, with continued lines joined as pip does."""
    joined = ""
    for line in text.splitlines():
        # A comment ends a continued line
        if line.lstrip().startswith("#"):
            if joined:
                yield joined
            joined = ""
        elif line.endswith("\\"):
            joined += line[:-1]
        else:
            yield joined + line
            joined = ""
    if joined:
        yield joined
