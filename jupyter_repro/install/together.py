"""Run several tasks that wait for servers at once, without delaying an interruption."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

_WORKERS = 8
_WAKE = 0.5  # seconds between checks for a signal, if it does not end the wait

Result = TypeVar("Result")


def together(
    count: int,
    work: Callable[[int], Result],
    stopped: threading.Event,
    on_done: Callable[[int], None] = lambda _: None,
) -> list[Result]:
    """Return the results of ``work(0)``, ``work(1)``, …; the first error ends it.

    A pool would wait for a silent server even after an interruption.

    Parameters
    ----------
    stopped
        Set at the end in every case; work that still runs has to check it.
    on_done
        Called with the number of finished tasks.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Result, BaseException | None]] = queue.SimpleQueue()
    for number in range(count):
        waiting.put(number)

    def run() -> None:
        while not stopped.is_set():
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, work(number), None))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                done.put((number, None, error))  # type: ignore[arg-type]

    for _ in range(min(_WORKERS, count)):
        threading.Thread(target=run, daemon=True).start()
    found: dict[int, Result] = {}
    try:
        while len(found) < count:
            try:
                number, result, error = done.get(timeout=_WAKE)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            found[number] = result
            on_done(len(found))
    finally:
        stopped.set()
    return [found[number] for number in range(count)]
