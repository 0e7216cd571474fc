"""Operations without a deterministic algorithm: PyTorch warns of each, and here each is counted.

Python shows such a warning once a line. To see the others, one filter lets them all through to
one function, which asks Python again what the user's own filters say to this one; so nothing
else is shown, hidden, recorded or raised than without it. The memory of what was shown already
lies beside Python's own, which would keep the next one from getting this far.

The tests compare twenty ways to handle warnings with and without the filter. Other libraries read
the filters as well (scikit-learn passes them on to its workers). There, ours is an expression that
matches nothing.
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
    """Stands in a filter where a compiled regular expression does.

    Others read the filters as well: scikit-learn takes them along into its workers. For them it
    is an expression that matches nothing.

    Attributes
    ----------
    active : bool
        Whether it matches anything here.
    matched, passing : set of int
        Threads whose last warning it has matched, and those in which it must not.
    """

    pattern = "(?!)"
    flags = 0

    def __init__(self) -> None:
        self.active = False
        self.matched: set[int] = set()
        self.passing: set[int] = set()

    def match(self, text: str) -> bool:
        """Answer Python, which asks whether a warning is one of these."""
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
        """Begin; return how to undo it. Without the function that Python calls it does nothing."""
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
        """Put the filter before the user's own, which were added since; called before a cell."""
        filters: list[Any] = warnings.filters  # type: ignore[assignment]
        if self._pattern.active and not (filters and filters[0] is self._filter):
            self._remove()
            filters.insert(0, self._filter)
            _tell_python()

    def stop(self) -> None:
        """Take the filter away."""
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
        """Let Python decide once more, by the filters of the user."""
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
    """Return the globals of the code that a warning is of, whose registry Python asks."""
    while frame is not None:
        if frame.f_code.co_filename == message.filename:
            return frame.f_globals
        frame = frame.f_back
    return {}


def _tell_python() -> None:
    """Let Python forget what it has found out with the filters of before."""
    with warnings.catch_warnings():  # it says so itself, at both ends
        pass
