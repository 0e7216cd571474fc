"""Import a ``requirements.txt`` that was written by hand or pinned by pip-compile or uv.

See https://pip.pypa.io/en/stable/reference/requirements-file-format/. Included files are named and
not read; digests are left out, because an installation does not keep them. Such a file is also
where the output of ``conda list`` and ``pip list`` was often saved: see `listed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jupyter_repro.formats.importers.draft import Draft
from jupyter_repro.formats.importers.listed import Listing
from jupyter_repro.formats.importers.pip_line import add_pip_line
from jupyter_repro.safety.text import printable

_COMMENT = re.compile(r"(?:^|\s)#.*$")
# Options begin at the first word with a hyphen, as pip has it
_FIRST_OPTION = re.compile(r"(?:^|\s)--?[A-Za-z]")
# pip freeze writes it above the folder of an editable installation
_FREEZE = re.compile(r"#\s*Editable\b.*\(([A-Za-z0-9][A-Za-z0-9._-]*==[^\s()]+)\)\s*$")
_LONG = {
    "-i": "--index-url",
    "--pypi-url": "--index-url",
    "-f": "--find-links",
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-C": "--config-settings",
    "-Z": "--always-unzip",
}
_FLAGS = frozenset(("--no-index", "--pre", "--prefer-binary", "--require-hashes", "--always-unzip"))
_KEPT = frozenset(
    [
        *("--index-url", "--extra-index-url", "--find-links", "--no-index", "--trusted-host"),
        *("--pre", "--prefer-binary", "--no-binary", "--only-binary"),
    ]
)


def read(text: str, draft: Draft) -> None:
    """Add the requirements of the file."""
    listing = Listing(draft, text)
    digests, frozen = False, None
    for whole in _lines(text):
        if listing.read_comment(whole):
            continue
        found = _FREEZE.match(whole.strip())
        entry = _COMMENT.sub("", whole).strip()
        frozen = found[1] if found else frozen
        if not entry or listing.read_line(entry):
            continue
        first = _FIRST_OPTION.search(entry)
        requirement = entry[: first.start()].strip() if first else entry
        for name, value in _options(entry[first.start() :] if first else ""):
            if name == "--editable":
                _add_editable(draft, value, frozen)
            elif name == "--hash":
                digests = True
            else:
                _add_option(draft, name, value, of=requirement)
        if requirement:
            add_pip_line(draft, requirement)
        frozen = None
    if digests:
        draft.note("Digests of files are left out: an installed package does not keep them.")


def _options(text: str) -> Iterator[tuple[str, str]]:
    """Yield the options at the end of a line, by their long names, with their values."""
    words = text.split()
    while words:
        word = words.pop(0)
        if not word.startswith("-"):  # the rest of a value with blanks
            yield "", word
            continue
        name, equals, value = word.partition("=")
        if not word.startswith("--") and len(word) > 2:
            name, equals, value = word[:2], "=", word[2:].removeprefix("=")
        name = _LONG.get(name, name)
        if not equals and name not in _FLAGS and words and not words[0].startswith("-"):
            value = words.pop(0)
        # A condition belongs to the address before it
        if name == "--editable" and words and words[0].startswith(";"):
            value, words = " ".join((value, *words)), []
        yield name, _unquoted(value)


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if is_quoted else value


def _add_editable(draft: Draft, value: str, frozen: str | None) -> None:
    is_folder = "://" not in value and "@" not in value
    name, _, version = (frozen or "").partition("==")
    told = (name, version) if frozen and is_folder else None
    add_pip_line(draft, value, editable=True, told=told)


def _add_option(draft: Draft, name: str, value: str, *, of: str) -> None:
    file = printable(value.replace("\\", "/").rpartition("/")[2], 100)
    if name in {"--requirement", "--constraint"}:
        draft.note(f"It includes the {name[2:]}s of {file}; that file was not read.")
    elif name in _KEPT and (value or name in _FLAGS):
        draft.add_option(name, value)
    else:
        shown = printable(f"{name} {value}".strip(), 100)
        place = f" of {printable(of, 60)}" if of else ""
        draft.note(f"The option {shown}{place} is left out.")


def _lines(text: str) -> Iterator[str]:
    """Yield the lines, with continued lines joined as pip does."""
    joined = ""
    for line in text.splitlines():
        # A comment ends a continued line
        if line.lstrip().startswith("#"):
            if joined:
                yield joined
            joined = ""
            yield line
        elif line.endswith("\\"):
            joined += line[:-1]
        else:
            yield joined + line
            joined = ""
    if joined:
        yield joined
