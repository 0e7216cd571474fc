"""Count the operations without a deterministic algorithm, of which PyTorch warns.

Python shows such a warning once per line. To see the others, one filter passes them all to one
function, which asks Python to apply the user's own filters to the warning again. So the same
warnings are shown, hidden, recorded or raised as without the filter. The record of what was already
shown is kept beside Python's own, which would stop the next warning before it gets here.

The tests compare twenty ways to handle warnings with and without the filter. Other libraries read
the filters as well (scikit-learn passes them on to its workers). There, our filter is an expression
that matches nothing.
"""

from __future__ import annotations

import os
import re
import warnings
from _thread import get_ident
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.hooks.switches import Change
from jupyter_repro.seeding.watch.recorder import Recorder, outside, short_name

KIND = "nondeterministic-operation"

_PATTERN = re.compile(
    r"(?P<operation>[\w.:]+)[ ]does[ ]not[ ]have[ ]a[ ]deterministic[ ]implementation,[ ]but[ ]you"
    r"|(?P<cublas>Deterministic[ ]behavior[ ]was[ ]enabled.*CuBLAS)"
    r"|(?P<attention>Memory[ ]Efficient[ ]attention[ ]defaults[ ]to[ ]a[ ]non-deterministic)",
    re.VERBOSE | re.DOTALL,
)
_NAMES = {"cublas": "A matrix product of cuBLAS", "attention": "Memory-efficient attention"}
_ADVICE = (
    "Use a different operation here, or the CPU, or compare with a tolerance; "
    "determinism=strict stops at such a line."
)
_REGISTRY = "__warningregistry__"
_SHOWN = "jupyter_repro"
"""Key in a module's registry of warnings, under which what was shown of these is kept."""


class _Pattern:
    """Takes the role of a compiled regular expression in a filter.

    Other libraries read the filters as well: scikit-learn passes them on to its workers. For them
    it is an expression that matches nothing.

    Attributes
    ----------
    active : bool
        Whether it matches anything here.
    matched, passing : set of int
        Threads whose last warning it has matched, and threads in which it must not match.
    """

    pattern = "(?!)"
    flags = 0

    def __init__(self) -> None:
        self.active = False
        self.matched: set[int] = set()
        self.passing: set[int] = set()

    def match(self, text: str) -> bool:
        """Return whether a warning is one of these; Python calls it."""
        thread = get_ident()
        if not self.active or thread in self.passing or _PATTERN.match(text) is None:
            return False
        self.matched.add(thread)
        return True

    def __reduce__(self) -> tuple[Callable[[str], re.Pattern[str]], tuple[str]]:
        return re.compile, (self.pattern,)


class Alerts:
    """Records PyTorch's warnings about operations without a deterministic algorithm."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._folder = ""
        self._pattern = _Pattern()
        self._filter = ("always", self._pattern, Warning, None, 0)

    def intercept(self, torch: ModuleType) -> list[Change]:
        """Begin; return how to undo it. Do nothing if this Python lacks the function to replace."""
        module: Any = warnings
        original: Callable[[Any], None] | None = getattr(module, "_showwarnmsg", None)
        if original is None:
            return []
        self._folder = os.path.dirname(torch.__file__ or "") + os.sep  # noqa: PTH120

        def show(message: Any) -> None:  # noqa: ANN401 - a warnings.WarningMessage
            __tracebackhide__ = True
            thread = get_ident()
            if thread in self._pattern.passing:
                original(message)
                return
            matched = thread in self._pattern.matched
            self._pattern.matched.discard(thread)
            with suppress(Exception):
                self._see(message, calling_frame(1))
            if matched:
                self._pass_on(message, calling_frame(1))
            else:
                original(message)

        def write(function: object) -> None:
            module._showwarnmsg = function  # noqa: SLF001 - what Python's compiled part calls

        write(show)
        self._pattern.active = True
        self.stand_first()
        return [
            Change("warnings._showwarnmsg", original, show, lambda: module._showwarnmsg, write)  # noqa: SLF001
        ]

    def stand_first(self) -> None:
        """Put the filter before those that the user has added since; called before each cell."""
        filters: list[Any] = warnings.filters  # type: ignore[assignment]
        if self._pattern.active and not (filters and filters[0] is self._filter):
            self._remove()
            filters.insert(0, self._filter)
            _tell_python()

    def stop(self) -> None:
        """Remove the filter."""
        self._pattern.active = False
        if self._remove():
            _tell_python()

    def _remove(self) -> bool:
        filters: list[Any] = warnings.filters  # type: ignore[assignment]
        kept = [one for one in filters if one is not self._filter]
        removed = len(kept) < len(filters)
        if removed:
            filters[:] = kept
        return removed

    def _see(self, message: Any, frame: FrameType | None) -> None:  # noqa: ANN401
        found = _PATTERN.match(str(message.message))
        if found is None or not self._recorder.is_listening():
            return
        operation = found["operation"] or _NAMES[str(found.lastgroup)]
        recorder = self._recorder
        inner = outside(frame, self._folder)
        place = recorder.cell_frame(frame) or inner
        file = place.f_code.co_filename if place else None
        line = place.f_lineno if place else None
        if recorder.findings.seen_again(KIND, file, line, operation):
            return
        what = f"{operation} has no deterministic algorithm: its results may differ from run to run"
        if inner is not None and inner is not place:
            what += f" (called in {short_name(inner.f_code.co_filename)}, line {inner.f_lineno})"
        recorder.add(KIND, "warning", f"{what}.", _ADVICE, file=file, line=line, subject=operation)

    def _pass_on(self, message: Any, frame: FrameType | None) -> None:  # noqa: ANN401
        """Let Python decide again, by the user's own filters."""
        __tracebackhide__ = True
        namespace = _namespace_of(message, frame)
        registry = namespace.setdefault(_REGISTRY, {}).setdefault(_SHOWN, {})
        thread = get_ident()
        self._pattern.passing.add(thread)
        try:
            warnings.warn_explicit(
                message.message,
                message.category,
                message.filename,
                message.lineno,
                module=namespace.get("__name__") or "<string>",
                registry=registry,
                source=message.source,
            )
        finally:
            self._pattern.passing.discard(thread)


def _namespace_of(message: Any, frame: FrameType | None) -> dict[str, Any]:  # noqa: ANN401
    """Return the globals of the code that a warning is about; Python uses their registry."""
    while frame is not None:
        if frame.f_code.co_filename == message.filename:
            return frame.f_globals
        frame = frame.f_back
    return {}


def _tell_python() -> None:
    """Make Python forget what it has cached with the earlier filters."""
    with warnings.catch_warnings():  # it clears the cache at both ends
        pass
