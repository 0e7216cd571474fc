"""Outputs that show a version other than the recorded one, and impossible records.

A version counts only if the source shows which line of the output it is: the last expression of the
cell is ``np.__version__``, or the cell prints as many lines as it has calls of ``print``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from jupyter_repro.lint import facts
from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import CodeCell, Page
from jupyter_repro.lint.python_code import Names, executed, is_print, parse
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.lines import Distribution, parse_distribution
from jupyter_repro.packages.names import normalise

_ASKS = re.compile(r"__version__|\bpython_version\(")
_IMPORTS = re.compile(r"^[ \t]*(?:import|from)[ \t]", re.MULTILINE)
_RELEASE = re.compile(r"([0-9]+)\.([0-9]+)(?:\.([0-9]+))?")
_VERSION = r"[0-9]+\.[0-9]+[\w.+!-]*"
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "skimage": "scikit-image", "PIL": "pillow"}
"""Modules whose distributions have a different name. Only recorded distributions are compared."""
PYTHON = "platform.python_version"

_MAX_LINE = 1_000


def find(page: Page) -> Iterator[Seen]:
    """Yield outputs that show a version other than the recorded one, and impossible records."""
    if page.document is None:
        return
    yield from _impossible(page.document.reference)
    if not page.is_python:
        return
    for index, cell in enumerate(page.cells):
        if cell.outputs and _ASKS.search(cell.source) and not cell.is_edited:
            yield from _contradictions(page, index)


def _contradictions(page: Page, index: int) -> Iterator[Seen]:
    cell = page.cells[index]
    snapshots = page.snapshot_of(cell)
    tree = parse(cell.source)
    if not snapshots or tree is None or any(output.error for output in cell.outputs):
        return
    names = Names()
    for above in page.cells[:index]:
        imports = parse(above.source) if _IMPORTS.search(above.source) else None
        for node in () if imports is None else executed(imports):
            names.learn(node)
    for node in executed(tree):
        names.learn(node)
    for what, version, line in _printed(tree, names, cell):
        recorded = {one for snapshot in snapshots for one in _recorded(what, snapshot)}
        releases = {_release(one) for one in recorded}
        if recorded and None not in releases and _release(version) not in releases:
            title = "Python" if what == PYTHON else what
            known = " and ".join(sorted(recorded))
            text = f"Its output shows {title} {version}, but {known} is recorded."
            yield Seen("printed-version", text, cell.number, line)


def _printed(tree: ast.Module, names: Names, cell: CodeCell) -> Iterator[tuple[str, str, int]]:
    """Yield a distribution, the version that the output shows, and the line of the source."""
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        what = _asked(last.value, names)
        results = [output for output in cell.outputs if output.kind == "execute_result"]
        if what is not None and len(results) == 1:
            shown = re.fullmatch(f"['\"]({_VERSION})['\"]", results[0].text)
            if shown:
                yield what, shown[1], last.lineno
    top = [node.value for node in tree.body if isinstance(node, ast.Expr)]
    calls = [node for node in top if isinstance(node, ast.Call) and is_print(node)]
    text = "".join(output.text for output in cell.outputs if output.stream == "stdout")
    lines = text.split("\n")[:-1]
    every = sum(is_print(node) for node in ast.walk(tree))
    plain = not any(call.keywords for call in calls)
    if not text.endswith("\n") or not len(calls) == len(lines) == every or not plain:
        return
    for call, line in zip(calls, lines, strict=True):
        yield from _on_line(call, names, line)


def _on_line(call: ast.Call, names: Names, line: str) -> Iterator[tuple[str, str, int]]:
    if len(line) > _MAX_LINE:
        return
    whats: list[str] = []
    unknown = 0
    pattern = []
    for argument in call.args:
        text = ""
        for part in argument.values if isinstance(argument, ast.JoinedStr) else (argument,):
            what = _asked(part, names)
            if what is not None:
                text += f"(?P<v{len(whats)}>{_VERSION})"
                whats.append(what)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                text += re.escape(part.value)
            else:
                text += ".*"
                unknown += 1
        pattern.append(text)
    # Other text on the line could look like a version itself
    if unknown > 1 or not 0 < len(whats) <= 5:
        return
    found = re.fullmatch(" ".join(pattern), line)
    if found:
        for number, what in enumerate(whats):
            yield what, found[f"v{number}"], call.lineno


def _asked(node: ast.AST, names: Names) -> str | None:
    """Return the distribution whose version an expression gives, or `PYTHON`."""
    if isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None:
        node = node.value
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        return PYTHON if names.meaning_of(node.func) == PYTHON else None
    if not isinstance(node, ast.Attribute) or node.attr != "__version__":
        return None
    module = names.meaning_of(node.value)
    if module is None or "." in module:
        return None
    return normalise(_DISTRIBUTIONS.get(module, module))


def _recorded(what: str, snapshot: Snapshot) -> Iterator[str]:
    """Yield every version that a snapshot knows of a distribution."""
    if what == PYTHON:
        if snapshot.layers.core.python is not None:
            yield snapshot.layers.core.python
        return
    for found in _distributions(what, snapshot):
        yield found.version
    for framework in snapshot.layers.frameworks.frameworks:
        if normalise(framework.name) == what:
            yield from filter(None, (framework.version, framework.loaded))


def _distributions(name: str, snapshot: Snapshot) -> list[Distribution]:
    # The first letters decide quickly; only few lines are read as a whole
    lines = snapshot.layers.packages.packages
    likely = [line for line in lines if normalise(line[: len(name)]) == name]
    return [found for found in map(parse_distribution, likely) if found.key == name]


def _release(version: str) -> tuple[int, ...] | None:
    """Return the leading numbers of a version; None if it has none."""
    found = _RELEASE.match(version)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def _impossible(snapshot: Snapshot) -> Iterator[Seen]:
    """Yield recorded packages that pip cannot have installed for the recorded Python."""
    python = _release(snapshot.layers.core.python or "")
    if python is None:
        return
    minor = (python[0], python[1])
    for name in ("torch", "numpy"):
        oldest = facts.OLDEST_WHEEL.get(name, {}).get(minor)
        newest = facts.NEWEST.get(name, {}).get(minor)
        for found in _distributions(name, snapshot) if oldest or newest else ():
            release = _release(found.version)
            if release is None or found.installer not in ("pip", "uv") or found.source:
                continue
            version = (release[0], release[1])
            if (oldest and version < oldest) or (newest and version > newest):
                what = (
                    f"The record names {found.name} {found.version} for Python "
                    f"{minor[0]}.{minor[1]}, but that version was never published for it."
                )
                yield Seen("impossible-version", what)
