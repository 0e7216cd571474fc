"""Record where automatic mixed precision is on, because nothing shows it after the block."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import wraps
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.hooks.switches import Change
from jupyter_repro.seeding.watch.recorder import Recorder, outside

KIND = "autocast"

_ADVICE = "Compare such results with a wider tolerance; without it they agree to more digits."


def intercept(torch: ModuleType, recorder: Recorder) -> list[Change]:
    """Record each place that enters ``torch.autocast``, as a block or as a decorator.

    Its subclasses for one device, such as ``torch.cuda.amp.autocast``, are recorded as well.
    """
    cls: Any = getattr(torch, "autocast", None)
    original = getattr(cls, "__dict__", {}).get("__enter__")
    if original is None:
        return []
    folder = os.path.dirname(torch.__file__ or "") + os.sep  # noqa: PTH120

    @wraps(original)
    def __enter__(self: Any) -> Any:  # noqa: ANN401, N807 - as the original
        __tracebackhide__ = True
        if getattr(self, "_enabled", True) and recorder.is_listening():
            with suppress(Exception):
                _record(self, folder, recorder)
        return original(self)

    def write(function: object) -> None:
        cls.__enter__ = function

    write(__enter__)
    return [Change("torch.autocast.__enter__", original, __enter__, lambda: cls.__enter__, write)]


def _record(autocast: Any, folder: str, recorder: Recorder) -> None:  # noqa: ANN401 - PyTorch's
    frame = outside(calling_frame(2), folder)
    file = frame.f_code.co_filename if frame else None
    line = frame.f_lineno if frame else None
    if recorder.findings.seen_again(KIND, file, line):
        return
    precision = str(getattr(autocast, "fast_dtype", "")).removeprefix("torch.")
    where = f"{precision or 'a lower precision'} on {getattr(autocast, 'device', 'a device')}"
    what = f"Automatic mixed precision was on ({where}): results keep fewer digits."
    recorder.add(KIND, "note", what, _ADVICE, file=file, line=line)
