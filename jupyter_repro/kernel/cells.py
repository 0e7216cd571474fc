"""Which cell is running, known from IPython's events.

A cell under `%%repro` stays an ordinary cell: a transformer replaces that one line by a call, and
the states come back when IPython reports that the cell has ended, also after an error. A cell magic
that ran its body would not ``await``, and would show errors twice.
"""

from __future__ import annotations

import linecache
import logging
import re
import threading
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

_log = logging.getLogger(__name__)

_NUMBER = re.compile("[0-9]+")
# Those of a notebook's cells; VS Code sends the address of a file
# (https://nbformat.readthedocs.io/en/latest/format_description.html#cell-ids)
_ID = re.compile("[A-Za-z0-9_-]{1,64}")


class Cells:
    """The cells of one shell, as far as they run on the main thread.

    IPython also reports cells that run inside a cell (``get_ipython().run_cell``), and those of a
    subshell, whose thread runs them while the main cell is still at work. A blank cell has an end
    without a beginning, and so has the cell that registers the events.

    Parameters
    ----------
    shell
        Whose events to follow.
    on_begin
        Called with IPython's ``ExecutionInfo`` when an outermost cell begins.
    on_end
        Called with IPython's ``ExecutionResult`` when an outermost cell has ended.

    Attributes
    ----------
    current : str or None
        The cell that is running: its id, ``In [3]`` where the front end sends none.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        on_begin: Callable[[Any], None],
        on_end: Callable[[Any], None],
    ) -> None:
        self._shell = shell
        self._on_begin = on_begin
        self._on_end = on_end
        self._running: list[object] = []
        self.current: str | None = None
        self._count = 0
        self._ahead = 0
        self._names: dict[int, str] = {}
        self._callbacks = {
            "pre_run_cell": _never_raising(self._before),
            "post_run_cell": _never_raising(self._after),
        }
        for event, callback in self._callbacks.items():
            shell.events.register(event, callback)

    def stop(self) -> None:
        """Follow the events no longer."""
        for event, callback in self._callbacks.items():
            self._shell.events.unregister(event, callback)

    def name_running(self, cell_id: str | None) -> None:
        """Name the cell that is running and began before the events were followed."""
        self._count = self._shell.execution_count
        number = self._count - self._ahead
        name = cell_id if cell_id and _ID.fullmatch(cell_id) else f"In [{number}]"
        self.current = self._names[number] = name

    def name_of(self, file: str) -> str | None:
        """Return the cell that a code file belongs to, else the one that is running."""
        number = _number_of(self._shell, file)
        if number is None:
            return self.current
        return self._names.get(number, f"In [{number}]")

    def variables(self) -> dict[str, object]:
        """Return the notebook's variables."""
        variables: dict[str, object] = self._shell.user_ns
        return variables

    def labels(self) -> dict[str, str]:
        """Return the cells by name → ``In [3]``, the number of their last run."""
        return {name: f"In [{number}]" for number, name in self._names.items()}

    def owns(self, file: str) -> bool:
        """Tell whether a code file is that of a cell."""
        label = getattr(self._shell.compile, "format_code_name", None)
        return bool(label(file)) if label else file in _cached_cells()

    def _before(self, info: Any) -> None:  # noqa: ANN401 - IPython's ExecutionInfo
        if threading.current_thread() is not threading.main_thread():
            return
        self._running.append(info)
        if len(self._running) == 1:
            self.name_running(getattr(info, "cell_id", None))
            self._on_begin(info)

    def _after(self, result: Any) -> None:  # noqa: ANN401 - IPython's ExecutionResult
        if threading.current_thread() is not threading.main_thread():
            return
        if result is None:
            return  # a cell inside a cell that a shell could not run
        if self._running:
            if result.info is not self._running[-1]:
                return  # a blank cell inside a cell
            self._running.pop()
        if not self._running:
            self._learn_number(result.execution_count)
            self._on_end(result)
            self.current = None

    def _learn_number(self, number: int | None) -> None:
        """Correct the number of a cell: IPython 9.16 counts up before a cell runs, not after."""
        wrong = self._count - self._ahead
        if number is None or number == wrong or wrong not in self._names:
            return
        name = self._names.pop(wrong)
        if name == f"In [{wrong}]":
            name = self.current = f"In [{number}]"
        self._names[number] = name
        self._ahead = self._count - number


def run_cell_within(shell: InteractiveShell, source: str) -> ExecutionResult | None:
    """Run a cell inside the one that is running; None where a shell cannot (xeus-python)."""
    from inspect import signature

    if "transformed_cell" not in signature(shell.run_cell_async).parameters:
        return None
    return shell.run_cell(source, store_history=False)  # type: ignore[no-untyped-call, no-any-return]


def _never_raising(callback: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a callback that logs a defect of ours instead of showing it under the user's cell."""

    @wraps(callback)
    def guarded(argument: Any) -> None:  # noqa: ANN401 - what IPython passes
        try:
            callback(argument)
        except Exception:  # noqa: BLE001 - whatever it is
            _log.exception("%repro could not follow this cell")

    return guarded


def _number_of(shell: InteractiveShell, file: str) -> int | None:
    """Return the number of the cell that a code file belongs to, where that can be known."""
    label = getattr(shell.compile, "format_code_name", None)
    if label is not None:
        found = label(file)
        number = _NUMBER.search(found[1]) if found else None
        return int(number[0]) if number else None
    # IPython 7 keeps the code of each file, but not which cell it was: look for it in the history
    cached, history = _cached_cells().get(file), shell.history_manager
    if cached is None or history is None:
        return None
    code, codes = "".join(cached[2]).rstrip("\n"), history.input_hist_parsed
    return next((place for place in range(len(codes) - 1, 0, -1) if codes[place] == code), None)


def _cached_cells() -> dict[str, tuple[int, float | None, list[str], str]]:
    """Return the code of all cells by file, as IPython keeps it for tracebacks."""
    cells: dict[str, tuple[int, float | None, list[str], str]]
    cells = getattr(linecache, "_ipython_cache", {})
    return cells
