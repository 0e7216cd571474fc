"""Run a notebook in a fresh kernel and record what it ran in.

Bytes of a notebook in, bytes of a notebook out: nothing here writes a file.
"""

from __future__ import annotations

import copy
import logging
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from jupyter_repro.comparing.outputs.exact import CellOutcome, compare_outputs
from jupyter_repro.comparing.outputs.normalise import merge_streams
from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.model.message import METADATA_KEY
from jupyter_repro.model.options import DETERMINISM
from jupyter_repro.notebook.file import load_json, parse_notebook
from jupyter_repro.notebook.lift import recorded
from jupyter_repro.run import recording
from jupyter_repro.run.client import ANSWER_TIMEOUT, RecordingClient
from jupyter_repro.run.kernels import find_kernel
from jupyter_repro.run.recording import Recording
from jupyter_repro.run.start_variables import variables_for_run
from jupyter_repro.safety.files import name_of
from jupyter_repro.safety.text import printable

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager
    from nbformat import NotebookNode

    from jupyter_repro.model.document import Document
    from jupyter_repro.model.findings import RunFinding
    from jupyter_repro.model.options import Determinism, PolicyName
    from jupyter_repro.model.results import RunResult
    from jupyter_repro.model.snapshot import Snapshot

SUCCESS = frozenset(("", "0", "None"))
"""Texts of a ``SystemExit`` that is no failure, as for Python and papermill."""

INTERRUPT_TIMEOUT = 10.0
"""Seconds that an interrupted kernel gets to report its environment."""

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # `Run` says what happened, once


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How to run a notebook.

    Parameters
    ----------
    kernel
        Name of the kernel; None takes the one that the notebook names.
    seed, determinism
        Seed before the first cell; None leaves seeding to the notebook.
    timeout
        Seconds that one cell may take; None is no limit.
    accept
        Make the environment of this run the reference.
    policy
        The policy to record; None keeps the recorded one.
    allow_errors
        Continue after a cell that fails.
    may_fail
        Numbers of cells, from 1, that may fail without ending the run.
    skip
        Numbers of cells that are not run.
    folder
        The kernel's working directory; None is that of the notebook.
    forced
        Options that win over those of the notebook's own ``%repro seed=…``.
    variables
        Further environment variables of the kernel, and those that win.
    """

    kernel: str | None = None
    seed: int | None = None
    determinism: Determinism = DETERMINISM.default
    timeout: int | None = None
    accept: bool = False
    policy: PolicyName | None = None
    allow_errors: bool = False
    may_fail: frozenset[int] = frozenset()
    skip: frozenset[int] = frozenset()
    folder: Path | None = None
    forced: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Why a run ended before the last cell.

    Parameters
    ----------
    cell
        Number of the cell, from 1, in which it ended.
    failed
        Whether that cell raised an exception, so that it has an output; else it was cut off.
    sentence
        What happened, without a full stop.
    is_success
        Whether the notebook ended itself as a program that has succeeded: ``sys.exit(0)``.
    """

    cell: int
    failed: bool
    sentence: str
    is_success: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """The result of a run.

    Parameters
    ----------
    data
        The notebook to write.
    before, document
        The record of the notebook before and after the run.
    snapshot
        The environment that it ran in.
    executed
        Number of cells that were run.
    seconds
        How long the cells took.
    outcomes
        How the outputs compare with the stored ones.
    stop
        Why it ended early, or None.
    notes
        Other sentences for the user.
    findings
        What was seen in the run, the worst first.
    results
        The named results that the run gave.
    """

    data: bytes
    before: Document | None
    document: Document
    snapshot: Snapshot
    executed: int
    seconds: float
    outcomes: list[CellOutcome]
    stop: Stop | None
    notes: tuple[str, ...]
    findings: list[RunFinding]
    results: Mapping[str, RunResult]

    @property
    def failure(self) -> str | None:
        """A sentence on the cell that failed, or None."""
        return self.stop.sentence if self.stop and not self.stop.is_success else None


def run_notebook(
    path: Path,
    raw: bytes,
    options: RunOptions,
    on_cell: Callable[[int, int], None],
    on_kernel: Callable[[KernelManager], None] | None = None,
) -> Run:
    """Run a notebook from top to bottom, up to the first cell that fails.

    Parameters
    ----------
    path
        The file; its folder is the kernel's working directory.
    raw
        Its contents.
    on_cell
        Called with the number of the cell that is about to run, and that of all cells.
    on_kernel
        Called with the manager of the kernel, once it has started.

    Raises
    ------
    ReproError
        If it could not run at all; no cell has run then.
    """
    notebook = parse_notebook(path, raw)
    before, problems = recorded(notebook)
    kernel = options.kernel or notebook.kernel_name or "python3"
    spec = find_kernel(kernel)
    node = _decode(path, raw)
    old = copy.deepcopy([{"outputs": cell.get("outputs", [])} for cell in node.cells])
    client = RecordingClient(
        node,
        kernel_name=kernel,
        timeout=options.timeout,
        allow_errors=options.allow_errors,
        record_timing=False,  # it would change the file on every run
        log=_log,
    )
    client.recording = Recording(
        document=before, accept=options.accept, policy=options.policy, notes=problems
    )
    for number, cell in enumerate(node.cells, 1):
        if cell.cell_type == "code" and not _is_skipped(client, cell, number, options):
            recording.clear(cell)
    started = time.monotonic()
    code = (cell.source for cell in node.cells if cell.cell_type == "code")
    variables = variables_for_run(options.seed, code, before.reference if before else None, spec)
    stop = _execute(client, path.parent, options, variables, on_cell, on_kernel)
    seconds = time.monotonic() - started
    document, snapshot = client.recording.document, client.recording.snapshot
    assert document is not None, "the first answer of the kernel holds a snapshot"
    assert snapshot is not None, "the same"
    return Run(
        data=_encode(node, document),
        before=before,
        document=document,
        snapshot=snapshot,
        executed=client.code_cells_executed,
        seconds=seconds,
        outcomes=compare_outputs(old, node.cells),
        stop=stop,
        notes=tuple(client.recording.notes),
        findings=client.recording.findings,
        results=client.recording.results,
    )


def _decode(path: Path, raw: bytes) -> NotebookNode:
    """Decode without validating: every notebook that Jupyter shows can run."""
    plain = load_json(path, raw)
    try:
        node = nbformat.v4.to_notebook(plain)
        whole = all(
            isinstance(cell.source, str)
            and isinstance(cell.metadata, dict)
            and isinstance(cell.metadata.get("tags", []), list)
            and isinstance(cell.get("outputs", []), list)
            for cell in node.cells
        )
    except (AttributeError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole or not isinstance(node.get("metadata"), dict):
        reason = f"{name_of(path)} is not a valid notebook: a part of it is missing."
        raise UnreadableError(reason)
    return node


def _encode(node: NotebookNode, document: Document) -> bytes:
    node.metadata[METADATA_KEY] = nbformat.from_dict(msgspec.to_builtins(document))
    for cell in node.cells:
        if cell.cell_type == "code":
            recording.strip_messages(cell)
            cell.outputs = merge_streams(cell.outputs)
    text: str = nbformat.v4.writes(node).rstrip("\n") + "\n"
    # Half of a surrogate pair is written as its JSON escape
    return text.encode("utf-8", "backslashreplace")


def _is_skipped(
    client: RecordingClient, cell: NotebookNode, number: int, options: RunOptions
) -> bool:
    return number in options.skip or client.skip_cells_with_tag in cell.metadata.get("tags", [])


def _execute(  # noqa: PLR0913, PLR0917 - what a run needs
    client: RecordingClient,
    folder: Path,
    options: RunOptions,
    variables: Mapping[str, str],
    on_cell: Callable[[int, int], None],
    on_kernel: Callable[[KernelManager], None] | None,
) -> Stop | None:
    # If this runs from a cell, the variable names the notebook of that cell
    environ = {key: value for key, value in os.environ.items() if key != "JPY_SESSION_NAME"}
    with tempfile.TemporaryFile() as log, ExitStack() as stack:
        env = {**environ, **variables, **options.variables}
        start = {
            "cwd": str((options.folder or folder).absolute()),
            "env": env,
            # ipykernel repeats there what its child processes print, which the outputs hold
            "stdout": subprocess.DEVNULL,
            "stderr": log,
        }
        try:
            stack.enter_context(client.setup_kernel(**start))
        except (OSError, RuntimeError, TimeoutError) as error:
            why = printable(_last_words(log) or str(error), 300)
            reason = f'The kernel "{client.kernel_name}" did not start ({why}).'
            raise ReproError(reason) from error
        if on_kernel is not None and client.km is not None:
            on_kernel(client.km)
        client.begin(seed=options.seed, determinism=options.determinism, forced=options.forced)
        try:
            return _execute_cells(client, options, on_cell, log)
        except KeyboardInterrupt:
            client.shutdown_kernel = "immediate"
            raise


# ipykernel's own messages, and those of its debugger at each start of Python 3.11 and newer
_IN_PASSING = re.compile(r"\[IPKernelApp\]|\d+\.\d+s - ")


def _last_words(log: BinaryIO) -> str | None:
    """Return the reason that a kernel gave before it stopped, if any."""
    log.seek(0)
    lines = [line.strip() for line in log.read().decode(errors="replace").splitlines()]
    spoken = [line for line in lines if line and not _IN_PASSING.match(line)]
    fatal = [line for line in spoken if line.startswith("Fatal Python error")]
    return next(iter(fatal or spoken[-1:]), None)


def is_success_exit(name: object, message: object) -> bool:
    """Return whether an exception is that of ``sys.exit()`` or ``sys.exit(0)``."""
    return name == "SystemExit" and message in SUCCESS


def _execute_cells(
    client: RecordingClient,
    options: RunOptions,
    on_cell: Callable[[int, int], None],
    log: BinaryIO,
) -> Stop | None:
    """Run the cells and record the end; return where it stopped early."""
    cells = client.nb.cells
    stop, failure, timeout = None, None, ANSWER_TIMEOUT
    for number, cell in enumerate(cells, 1):
        on_cell(number, len(cells))
        if number in options.skip:
            continue
        client.allow_errors = options.allow_errors or number in options.may_fail
        failed = is_success = False
        try:
            client.execute_cell(cell, number - 1, client.code_cells_executed + 1)
        except CellExecutionError as error:
            failed, is_success = True, is_success_exit(error.ename, error.evalue)
            failure = f"cell {number} failed: {printable(f'{error.ename}: {error.evalue}', 300)}"
            if is_success:
                failure = f"cell {number} ended the notebook ({printable(error.ename)})"
        except CellTimeoutError:
            failure = f"cell {number} took longer than {client.timeout} s"
            timeout = INTERRUPT_TIMEOUT
            client.interrupt()
        except DeadKernelError:
            words = _last_words(log)
            failure = f"the kernel died in cell {number}"
            failure += f" ({printable(words, 300)})" if words else ""
        if failure:
            stop = Stop(cell=number, failed=failed, sentence=failure, is_success=is_success)
            if is_success and any(cell.cell_type == "code" for cell in cells[number:]):
                client.recording.notes.append(f"{failure}; the cells below were not run.")
            break
    client.set_widgets_metadata()
    client.finish(timeout)
    return stop
