"""Import the output of watermark (https://github.com/rasbt/watermark), in each format since 1.0.

Until version 2.1 it printed ``numpy 1.14.3``, since then ``numpy: 1.26.4`` in columns.
``%watermark -iv`` alone prints no header. It names modules, not distributions: a version is
compared if a distribution has that name; if none has, nothing is reported. Author, host and dates
are not kept.
"""

from __future__ import annotations

import ast
import re

from jupyter_repro.formats.importers.draft import LONGEST, Draft
from jupyter_repro.formats.importers.module_names import STANDARD, distribution_of, is_local
from jupyter_repro.formats.importers.notebook_text import (
    NotebookText,
    TextCell,
    imported_modules,
)
from jupyter_repro.model.snapshot import GpuDevice
from jupyter_repro.packages.lines import Distribution
from jupyter_repro.packages.platforms import conda_platform

# The magic, its function, and what `nbconvert` makes of the magic
_CALL = re.compile(r"%watermark\b|(?<![\w.])(?:watermark\.)?watermark\(|_magic\(['\"]watermark\b")
_FUNCTION = re.compile(r"^[ \t]*(?:from|import)[ \t]+watermark\b", re.MULTILINE)
_PRINTS = re.compile(
    r"\bprint\s*\((?!\s*(?:watermark\.)?watermark\()|^[ \t]*!|\.write\(", re.MULTILINE
)
_ASKED = re.compile(r"(?:-p|--packages)[ \t]+(\S+)|packages\s*=\s*['\"]([^'\"]*)['\"]")
_LITERAL = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"")

_OLD_LINE = re.compile(r"([A-Za-z_][\w.-]*)\s+(\S+)", re.ASCII)
_VERSION = re.compile(r"v?([0-9][A-Za-z0-9.!+_-]*)(?: \(version \S+ is available\))?", re.ASCII)
_UNKNOWN = re.compile(r"([A-Za-z_][\w.-]*)\s+(unknown|not installed|n\a)", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*")
_PYTHON = re.compile(r"([0-9]+\.[0-9]+\.[0-9]+[A-Za-z0-9+]*)\s.*")
_MODULE = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_GPU = re.compile(r"\s*GPU [0-9]+:\s*(\S.*)")
_IMPLEMENTATIONS = {
    name.lower(): name for name in ("CPython", "PyPy", "GraalPy", "Jython", "IronPython")
}
# What watermark prints besides versions
_OTHERS = frozenset(
    (
        *("last updated", "author", "github username", "email", "website", "date", "time"),
        *("date/time", "hostname", "host name", "processor", "cpu cores", "interpreter"),
        *("cuda version", "git hash", "git repo", "git branch", "conda environment", "watermark"),
        *("gpu info", "jupyter enviroment", "jupyter environment", "python installation"),
    )
)
_FACTS = frozenset(
    (
        *("python implementation", "python version", "ipython version", "ipython", "compiler"),
        *("os", "system", "release", "machine", "architecture", *_IMPLEMENTATIONS),
    )
)


def find(text: NotebookText) -> str | None:
    """Return what watermark has printed in a notebook, or None."""
    function = any(_FUNCTION.search(cell.source) for cell in text.cells)
    imported: set[str] | None = None
    found = []
    for cell in text.cells:
        call = _CALL.search(cell.source)
        if call is None or not (function or "%" in call[0] or "_magic" in call[0]):
            continue
        lines = _printed(cell).splitlines()
        if _PRINTS.search(cell.source):
            imported = imported_modules(text) if imported is None else imported
            lines = [line for line in lines if _is_wanted(line, imported | _asked(cell.source))]
        lines = [line for line in lines if not _is_of_notebook(line, text)]
        if any(_pair(line) or _GPU.match(line) for line in lines):
            found.append("\n".join(lines))
    return "\n\n".join(found) or None


def _printed(cell: TextCell) -> str:
    """Return what a cell has printed, or the text that is its result."""
    rest = cell.output.removeprefix(cell.printed).strip()
    if not cell.printed and _LITERAL.fullmatch(rest):
        return str(ast.literal_eval(rest))
    return cell.printed


def _asked(source: str) -> set[str]:
    """Return the packages that a call of watermark names."""
    return {name.strip() for pair in _ASKED.findall(source) for name in "".join(pair).split(",")}


def _is_wanted(line: str, modules: set[str]) -> bool:
    """Return whether a line of a cell that prints other things as well is watermark's."""
    pair = _pair(line)
    if pair is None:
        return _GPU.match(line) is not None
    return pair[0].lower() in _FACTS | _OTHERS or pair[0].partition(".")[0] in modules


def _is_of_notebook(line: str, text: NotebookText) -> bool:
    """Return whether a line names a module that lies beside the notebook."""
    pair = _pair(line)
    if pair is None or text.folder is None or not pair[0].isidentifier():
        return False
    return pair[0].lower() not in _FACTS | _OTHERS and is_local(text.folder, pair[0])


def _pair(line: str) -> tuple[str, str] | None:
    """Return the name and the value of a line that may be watermark's."""
    if len(line) > LONGEST:
        return None
    key, colon, value = (part.strip() for part in line.partition(":"))
    if colon and (_MODULE.fullmatch(key) or key.lower() in _FACTS | _OTHERS):
        return key, value
    old = _OLD_LINE.fullmatch(line.strip())
    if old and _VERSION.fullmatch(old[2]) and not _DATE.fullmatch(old[2]):
        return old[1], old[2]
    unknown = _UNKNOWN.fullmatch(line.strip())
    return (unknown[1], unknown[2]) if unknown else None


def read(text: str, draft: Draft) -> None:
    """Add the versions, Python and the machine."""
    system: dict[str, str] = {}
    devices: list[GpuDevice] = []
    for line in text.splitlines():
        gpu, pair = _GPU.match(line), _pair(line)
        if gpu and len(line) <= LONGEST:
            name = draft.text(gpu[1])
            devices += [GpuDevice(name=name)] if name else []
        elif pair:
            _add(draft, system, *pair)
    if devices:
        draft.gpu["devices"] = devices
    if {"os", "machine"} <= system.keys():
        bits = 32 if system.get("architecture") == "32bit" else 64
        draft.system["platform"] = conda_platform(system["os"], system["machine"], bits=bits)


def _add(draft: Draft, system: dict[str, str], key: str, value: str) -> None:
    lower, version = key.lower(), _VERSION.fullmatch(value)
    if lower in {"os", "system", "architecture", "interpreter"}:
        named = {"system": "os", "interpreter": "architecture"}
        system[named.get(lower, lower)] = value
    elif lower in {"release", "machine"}:
        system[lower] = value
        draft.system["kernel" if lower == "release" else "machine"] = draft.text(value)
    elif lower in {"ipython version", "ipython"} and version:
        _add_package(draft, Distribution("ipython", version[1]))
    elif lower in _FACTS or key == "sys":
        _add_python(draft, key, value)
    elif lower not in _OTHERS and key not in STANDARD:
        _add_module(draft, key, value)


def _add_python(draft: Draft, key: str, value: str) -> None:
    lower, version = key.lower(), _VERSION.fullmatch(value)
    if lower == "python implementation":
        draft.core["implementation"] = draft.text(value)
    elif lower == "compiler":
        draft.core["compiler"] = draft.text(value)
    elif key == "sys":  # its `version`, whose second line names the compiler
        found = _PYTHON.fullmatch(value)
        if found:
            draft.core.setdefault("python", found[1])
            draft.core.setdefault("implementation", "CPython")
    elif version:
        draft.core["python"] = version[1]
        draft.core.setdefault("implementation", _IMPLEMENTATIONS.get(lower, "CPython"))


def _add_module(draft: Draft, key: str, value: str) -> None:
    """Add the distribution that a module is likely to belong to."""
    version = _VERSION.fullmatch(value)
    if version is None:
        draft.note(f"watermark gives no version of {key}.")
    elif "." in key:
        draft.note(f"{key} is a part of a package: its version is left out.")
    else:
        # The package `sklearn` on PyPI is empty and names scikit-learn
        empty = key == "sklearn" and re.match(r"0\.0(?:\.post|$)", version[1])
        name = key if empty else distribution_of(key)
        _add_package(draft, Distribution(name, version[1], flags=("guessed",)))


def _add_package(draft: Draft, one: Distribution) -> None:
    """Add a distribution; cells may name the same one again."""
    before = draft.packages.get(one.name)
    if before is None or before.version != one.version:
        draft.add_distribution(one)
