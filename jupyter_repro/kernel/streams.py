"""Put standard output back where a cell has taken it away.

IPython and ipykernel write to it after each cell and before the next one. With ``sys.stdout =
None`` they raise an exception of their own, and a client without a time limit waits for ever.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_NAMES = ("stdout", "stderr")


class Streams:
    """The standard streams of a kernel, which a headless run keeps in place.

    Parameters
    ----------
    shell
        The shell whose cells may take them away.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._kept = {name: getattr(sys, name) for name in _NAMES}
        shell.events.register("post_run_cell", self._after_cell)

    def _after_cell(self, result: Any) -> None:  # noqa: ANN401 - IPython's
        lost = [f"sys.{name}" for name in _NAMES if not _is_stream(getattr(sys, name))]
        for name in _NAMES:
            if f"sys.{name}" in lost:
                setattr(sys, name, self._kept[name])
        if lost and getattr(result, "success", False):
            error = RuntimeError(f"the cell has set {' and '.join(lost)} to what is no stream")
            result.error_in_exec = error
            with suppress(Exception):  # it is an output only; the reply names the error, too
                self._shell.showtraceback((RuntimeError, error, None))


def _is_stream(stream: object) -> bool:
    return all(callable(getattr(stream, name, None)) for name in ("write", "flush"))
