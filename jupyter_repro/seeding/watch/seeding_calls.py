"""Record the code that seeds a global generator again: a cell, a user's module, a library.

The functions that seed are replaced by functions that find the caller and call the original.
PyTorch's `manual_seed` itself is not changed, since `torch._dynamo` replaces it as well. Instead
the function for CUDA is replaced, which `manual_seed` calls even without a GPU.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from jupyter_repro.seeding.frames import calling_frame, first_foreign
from jupyter_repro.seeding.hooks.switches import Change, StandIn
from jupyter_repro.seeding.watch.recorder import Owner, Recorder, Severity

KIND = "seeded-again"

_MAX_EVENTS = 1_000
_TELLING = 1_000_000
"""Larger seeds are the time of day, or drawn: they differ in each run and are not shown."""


class Point(NamedTuple):
    """A function that seeds.

    Parameters
    ----------
    library
        The library that has the generator, in words.
    module
        The module to wait for.
    owner
        Path from the module to the object that holds the function.
    name
        Name of the function.
    """

    library: str
    module: str
    owner: tuple[str, ...]
    name: str


POINTS = (
    Point("Python", "random", (), "seed"),
    Point("NumPy", "numpy.random", (), "seed"),
    Point("PyTorch", "torch", ("cuda",), "manual_seed_all"),
)

_LOST = "from here on the seed of %repro no longer applies"


@dataclass
class _Event:
    """One place that seeds: a function, or a line outside of one.

    Parameters
    ----------
    owner, line, function
        Of the calling code.
    meant
        Whether a cell seeds, or calls a function with "seed" in its name.
    value
        The seed; None if it is taken from entropy.
    cell_line
        Line of the cell that led there, if the code is outside the cell.
    subject
        Distinguishes it from other events at the same place.
    libraries
        The libraries that are seeded there.
    """

    owner: Owner
    meant: bool
    line: int
    function: str
    value: object
    cell_line: int | None
    subject: str
    libraries: list[str] = field(default_factory=list)

    def words(self) -> tuple[Severity, str, str]:
        libraries, seed, after = _and(self.libraries), "with a different seed", _LOST
        if type(self.value) is int and 0 <= self.value < _TELLING:
            seed = f"with {self.value}"
        if self.value is None:
            seed, after = "from fresh entropy", "its numbers differ from run to run"
        called = f" (called in line {self.cell_line} of the cell)" if self.cell_line else ""
        who = f"{self.function}() seeded {libraries}" if self.function else f"{libraries}: seeded"
        what = f"{who} again {seed}{called}; {after}."
        if self.value is None:
            return "warning", what, "Remove it: %repro has already seeded this generator."
        if self.meant:
            return "note", what, "Nothing to do if you meant it; otherwise remove it."
        if self.owner == "library":
            return (
                "warning",
                what,
                "Pass the library the seed that it should use, or seed after it.",
            )
        return "warning", what, "Remove the call, or put %repro seed=… after it."


class SeedingCalls:
    """Records the calls of the functions in `POINTS`.

    Parameters
    ----------
    recorder
        Receives the findings.
    is_restored
        Name of a module → whether changes to its generator are undone at present, because a
        library is being imported.
    """

    def __init__(self, recorder: Recorder, is_restored: Callable[[str], bool]) -> None:
        self._recorder = recorder
        self._is_restored = is_restored
        self._events: dict[tuple[str, str, int, str | None], _Event] = {}

    def clear(self) -> None:
        """Forget all calls, because a new run begins."""
        self._events.clear()

    def intercept(self, module: ModuleType, point: Point) -> list[Change]:
        """Replace a function; return how to undo it."""
        owner: Any = module
        for name in point.owner:
            owner = getattr(owner, name)
        original = getattr(owner, point.name)
        folder = os.path.dirname(module.__file__ or "") + os.sep  # noqa: PTH120

        def seed(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
            __tracebackhide__ = True
            if self._recorder.is_listening():
                with suppress(Exception):
                    value = args[0] if args else next(iter(options.values()), None)
                    self._see(point, value, first_foreign(calling_frame(1)), folder)
            return original(*args, **options)

        def write(function: object) -> None:
            setattr(owner, point.name, function)

        ours = StandIn(seed, original, owner.__name__, point.name)
        write(ours)
        full = f"{owner.__name__}.{point.name}"
        return [Change(full, original, ours, lambda: getattr(owner, point.name), write)]

    def _see(self, point: Point, value: object, frame: FrameType | None, folder: str) -> None:
        if point.module == "torch":
            frame, from_entropy = _caller_of_torch(frame, folder)
            value = None if from_entropy else value
        elif value is None:  # it takes entropy, which is derived or listed elsewhere
            return
        if frame is None or self._is_restored(point.module):
            return
        recorder, code = self._recorder, frame.f_code
        file, line = code.co_filename, frame.f_lineno
        cell = recorder.cell_of(file)
        # A function that seeds several libraries is one place
        function = "" if code.co_name.startswith("<") else code.co_name
        key = (file, function, code.co_firstlineno if function else line, cell)
        event = self._events.get(key)
        if event is None:
            owner = recorder.owner_of(file)
            inside = recorder.cell_frame(frame) if owner != "cell" else None
            subject = "" if owner == "cell" else f"{function} {cell}"
            cell_line = inside.f_lineno if inside else None
            # A cell that calls `set_seed(1)` of a library seeds on purpose
            asked = inside is not None and inside is frame.f_back and "seed" in function
            meant = owner == "cell" or asked
            event = _Event(owner, meant, line, function, value, cell_line, subject)
            if len(self._events) < _MAX_EVENTS:
                self._events[key] = event
        is_new = point.library not in event.libraries
        if is_new:
            event.libraries.append(point.library)
        if is_new or point.library == event.libraries[0]:
            recorder.add(
                KIND,
                *event.words(),
                file=file,
                line=event.line,
                subject=event.subject,
                more=is_new and len(event.libraries) > 1,
            )


def _caller_of_torch(frame: FrameType | None, folder: str) -> tuple[FrameType | None, bool]:
    """Return the caller of PyTorch's function, and whether the seed comes from entropy."""
    skipped = [*(("random.py",), ("cuda", "random.py"), ("_compile.py",), ("_dynamo", ""))]
    own = tuple(folder + os.path.join(*parts) for parts in skipped)  # noqa: PTH118 - hot enough
    from_entropy = False
    while frame is not None and frame.f_code.co_filename.startswith(own):
        from_entropy = from_entropy or frame.f_code.co_name == "seed"
        frame = frame.f_back
    return frame, from_entropy


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
