"""What several commands share: reading records, exit codes, JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, NOT_CHECKED, complain
from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.model.document import Document
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.model.report import SEVERITIES, Severity
from jupyter_repro.model.snapshot import DeterminismLayer, Snapshot
from jupyter_repro.notebook.file import Notebook, parse_notebook
from jupyter_repro.notebook.lift import recorded
from jupyter_repro.safety.files import name_of, read_bytes
from jupyter_repro.safety.text import escaped, printable

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts
    from jupyter_repro.comparing.results.judge import Judged


def each(
    paths: Sequence[Path], command: Callable[[Path], tuple[int, dict[str, Any]]], *, as_json: bool
) -> int:
    """Run a command on each notebook and return the highest exit code.

    If the command fails on a notebook, the reason goes to standard error and the next one follows.
    With `as_json`, each notebook gives a line: the fields that the command returns, or the error.
    """
    worst = HOLDS
    for path in paths:
        code, fields = _one(path, command)
        worst = max(worst, code)
        if as_json:
            print_json({"notebook": name_of(path), "exit_code": code, **fields})
    return worst


def _one(
    path: Path, command: Callable[[Path], tuple[int, dict[str, Any]]]
) -> tuple[int, dict[str, Any]]:
    try:
        return command(path)
    except ReproError as error:
        complain(str(error))
        return NOT_CHECKED, {"error": str(error)}


def print_json(plain: object) -> None:
    """Print a line of JSON. A terminal may show it, so nothing in it steers one."""
    print(escaped(msgspec.json.encode(plain).decode()))  # noqa: T201


def exit_code(verdicts: Verdicts, fail_on: Severity) -> int:
    """Return the exit code for a comparison.

    Parameters
    ----------
    fail_on
        The least severe finding that does not hold. A result outside its tolerance never does.
    """
    report = verdicts.report
    unclear = any(one.outcome == "not comparable" for one in verdicts.judged)
    if report.verdict in ("not comparable", "not checked") or unclear:
        return NOT_CHECKED
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    fails = any(finding.severity in failing for finding in report.findings)
    fails = fails or any(one.fails for one in verdicts.judged)
    return DOES_NOT_HOLD if fails else HOLDS


def results_json(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return named results for ``--json``."""
    return [
        {
            "name": one.name,
            "outcome": one.outcome,
            "reference": one.reference,
            "current": one.current,
            "last_outcome": one.last,
            "last_value": one.last_value,
            "why": one.why,
        }
        for one in judged
    ]


def this_environment(folder: Path | None = None) -> Snapshot:
    """Return a snapshot of this process.

    Parameters
    ----------
    folder
        Where to look for git; None is the working directory.
    """
    from jupyter_repro.capturing.capture import capture as capture_context
    from jupyter_repro.safety.world import current_world

    world = current_world()
    snapshot = capture_context(replace(world, cwd=folder) if folder else world)
    seeds = DeterminismLayer(status="unavailable", reason="no notebook runs in this process")
    layers = msgspec.structs.replace(snapshot.layers, determinism=seeds)
    return msgspec.structs.replace(snapshot, layers=layers)


def read_recorded(path: Path) -> Document:
    """Return what a file has recorded. See `recorded_in`."""
    return recorded_in(path, read_bytes(path))


def read_with_notebook(path: Path) -> tuple[Document, Notebook | None]:
    """Return what a file has recorded, and the notebook if it is one. See `recorded_in`."""
    raw = read_bytes(path)
    document = recorded_in(path, raw)
    notebook = None
    if b'"nbformat"' in raw:
        with suppress(UnreadableError):  # a snapshot may name it as a package
            notebook = parse_notebook(path, raw)
    return document, notebook


def recorded_in(path: Path, raw: bytes, revision: str | None = None) -> Document:
    """Return what the contents of a file have recorded.

    Parameters
    ----------
    path
        A notebook; or a snapshot or an environment file, which counts as a reference.
    raw
        Its contents.
    revision
        In git, if these are not the present contents.
    """
    if path.suffix == ".ipynb":
        return document_of(parse_notebook(path, raw), revision)
    if raw.lstrip()[:1] not in {b"{", b""}:
        from jupyter_repro.formats.importers.registry import import_bytes

        snapshot = import_bytes(path, raw)
    else:
        try:
            snapshot = decode_snapshot(raw)
        except UnreadableError as error:
            if b'"nbformat"' in raw:  # which a snapshot may name as a package, too
                return document_of(parse_notebook(path, raw), revision)
            reason = f"{name_of(path)}: {error}"
            raise UnreadableError(reason) from None
    return Document(schema_version=snapshot.schema_version, reference=snapshot)


def document_of(notebook: Notebook, revision: str | None = None) -> Document:
    """Return what a notebook has recorded, and complain about what cannot be read."""
    shown = name_of(notebook.path)
    document, problems = recorded(notebook)
    for problem in problems:
        complain(f"{shown}, {problem}")
    if document is None and revision is not None:
        reason = f"{shown} had recorded nothing at {printable(revision)}: name a later revision."
        raise ReproError(reason)
    if document is None:
        reason = (
            f"{shown} has recorded nothing yet: put %repro seed=42 into its first cell, "
            f"or use `jupyter repro run {shown}`."
        )
        raise ReproError(reason)
    return document
