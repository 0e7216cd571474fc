"""Generators that take fresh entropy, and the seeds that they get instead.

The standard library is exempt, because `tempfile` must not make the same names in two processes.
``RandomState(5)`` takes entropy and discards it: a seed that is discarded within the very call that
asked for it does not count as a generator without a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from jupyter_repro.model.findings import RunFinding
from jupyter_repro.model.options import Generators
from jupyter_repro.seeding.findings import RunFindings
from jupyter_repro.seeding.frames import first_foreign, is_exempt
from jupyter_repro.seeding.streams import Streams

KIND = "unseeded-generator"


class Entropy:
    """Seeds for generators that would take fresh entropy.

    Attributes
    ----------
    streams : Streams
        The source of the derived numbers.
    mode : "derive", "report" or None
        None: nothing is derived and nothing recorded.
    cell_of : callable
        Name of a code file → the cell; see `RunFinding.cell`.
    """

    def __init__(self, findings: RunFindings) -> None:
        self.streams = Streams()
        self.mode: Generators | None = None
        self.cell_of: Callable[[str], str | None] = lambda _file: None
        self._findings = findings
        self._exempt: dict[str, bool] = {}
        self._last: tuple[int, str | None, int | None] | None = None

    def start(self, path: tuple[int | str, ...], mode: Generators) -> None:
        """Start, with the numbers of `path`; see `Streams.restart`."""
        self.mode = mode
        self._exempt.clear()
        self.streams.restart(*path)

    def stop(self) -> None:
        """Let every generator take fresh entropy again."""
        self.mode = None
        self._exempt.clear()

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Let generators that are made inside the block take fresh entropy, unrecorded."""
        mode, self.mode = self.mode, None
        try:
            yield
        finally:
            self.mode = mode

    def derives(self, frame: FrameType | None, what: str, *, owner: object = None) -> bool:
        """Record that a generator is made, and return whether its seed must be derived.

        Parameters
        ----------
        frame
            The code that makes it; None if no Python code does.
        what
            What is made, in words.
        owner
            The generator, if `take_back` can undo this call.
        """
        mode = self.mode
        if mode is None:
            return False
        frame = first_foreign(frame)
        file = frame.f_code.co_filename if frame else None
        line = frame.f_lineno if frame else None
        if file is not None and self._is_exempt(file):
            self._last = None
            return False
        if not self._findings.seen_again(KIND, file, line):
            self._record(mode, what, file, line)
        self._last = (id(owner), file, line) if owner is not None else None
        return mode == "derive"

    def report(
        self, kind: str, what: str, advice: str, frame: FrameType | None, *, counted: bool = True
    ) -> None:
        """Record a different kind of finding in a frame, and count it; see `RunFinding`."""
        file = frame.f_code.co_filename if frame else None
        line = frame.f_lineno if frame else None
        if not counted and self._findings.is_known(kind, file, line):
            return
        if self.mode is None or self._findings.seen_again(kind, file, line):
            return
        cell = self.cell_of(file or "")
        self._findings.add(
            RunFinding(
                kind=kind,
                severity="warning",
                what=what,
                advice=advice,
                cell=cell,
                file=file,
                line=line,
            )
        )

    def take_back(self, owner: object) -> None:
        """Undo `derives` for an object whose state is set at once: it is being unpickled."""
        last, self._last = self._last, None
        if last is None or last[0] != id(owner) or self.mode is None:
            return
        self._findings.take_back(KIND, *last[1:])
        if self.mode == "derive":
            self.streams.give_back()

    def take_back_at(self, file: str, line: int) -> None:
        """Undo the record of `derives` for a place whose number was not used."""
        self._findings.take_back(KIND, file, line)

    def _record(self, mode: Generators, what: str, file: str | None, line: int | None) -> None:
        if mode == "derive":
            if self.streams.is_aside():
                return  # what a library makes during its import repeats: no finding
            said = f"{what} was made without a seed; it got one that follows from yours."
            advice = "Nothing to do. With an explicit seed it repeats without %repro as well."
        else:
            said = f"{what} was made without a seed: its numbers differ from run to run."
            advice = "Pass it a seed, or leave out generators=report."
        cell = self.cell_of(file or "")
        self._findings.add(
            RunFinding(
                kind=KIND,
                severity="note" if mode == "derive" else "warning",
                what=said,
                advice=advice,
                cell=cell,
                file=file,
                line=line,
            )
        )

    def _is_exempt(self, file: str) -> bool:
        exempt = self._exempt.get(file)
        if exempt is None:
            exempt = self._exempt[file] = is_exempt(file)
        return exempt
