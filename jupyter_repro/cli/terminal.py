"""Output in a terminal: colours, a table, a progress bar. A pipe gets plain text.

Rich is used when standard output is a terminal and rich is installed; it follows ``NO_COLOR``
(https://no-color.org).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from textwrap import wrap
from typing import TextIO

from jupyter_repro.comparing.environments.overall import Verdicts
from jupyter_repro.comparing.results.judge import Judged, render_judged
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.model.verdicts import OUTCOME_LOOKS
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count
from jupyter_repro.show.report_text import WIDTH, verdict_lines
from jupyter_repro.show.text import render_stack, stack_lines

_WIDEST = 20_000


def is_rich(stream: TextIO) -> bool:
    """Return whether a stream gets more than plain text."""
    return stream.isatty() and find_spec("rich") is not None


def show_title(title: str) -> None:
    """Print a title."""
    title = printable(title)
    if is_rich(sys.stdout):
        from rich.console import Console
        from rich.text import Text

        Console().print(Text(title, style="bold"))
    else:
        print(title)  # noqa: T201


def show_stack(snapshot: Snapshot) -> None:
    """Print a snapshot, layer by layer."""
    if not is_rich(sys.stdout):
        print(render_stack(snapshot))  # noqa: T201
        return
    from rich.console import Console
    from rich.text import Text

    console = Console()
    for title, facts in stack_lines(snapshot):
        for number, piece in enumerate(_wrapped(f"{title}{facts}".rstrip(), console.width)):
            styled = Text(piece)
            if number == 0:  # a value may hold the title of a layer as well
                styled.stylize("bold cyan", 0, len(title))
            console.print(styled)


def show_verdicts(verdicts: Verdicts, *, everything: bool = False, more: str = "") -> None:
    """Print a comparison: the overall verdict, then the differences, the worst first.

    Parameters
    ----------
    everything, more
        See `jupyter_repro.show.report_text.report_lines`.
    """
    width = WIDTH
    if is_rich(sys.stdout):
        from rich.console import Console

        width = Console().width
    show_lines(verdict_lines(verdicts, everything=everything, width=width, more=more))


def show_results(judged: Sequence[Judged]) -> None:
    """Print a line for each named result, the worst first."""
    lines = render_judged(judged).splitlines()
    styles = [OUTCOME_LOOKS[one.outcome].style for one in judged]
    if lines:
        show_lines([(f"  {line}", style) for line, style in zip(lines, styles, strict=True)])


def show_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Print lines, each with the style that it has in a terminal."""
    lines = [(_indented(line), style) for line, style in lines]
    if not is_rich(sys.stdout):
        print("\n".join(line for line, _ in lines))  # noqa: T201
        return
    from rich.console import Console
    from rich.text import Text

    console = Console()
    for line, style in lines:
        for piece in _wrapped(line, console.width):
            console.print(Text(piece, style=style))


def _wrapped(line: str, width: int) -> list[str]:
    """Return a line in pieces that fit; what goes on stands further to the right."""
    indent = len(line) - len(line.lstrip(" "))
    further = " " * min(indent + 2, width // 2)
    return wrap(line, width, subsequent_indent=further, break_on_hyphens=False) or [""]


def _indented(line: str) -> str:
    """Return a line with nothing that steers a terminal, as far to the right as it was."""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    return indent + printable(line, _WIDEST)


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show on standard error which cell of a notebook is running.

    Yields
    ------
    callable
        Call it with the number of the cell that is about to run, and the number of all cells.
    """
    with progress_of_many() as begin:
        yield begin(title)


@contextmanager
def progress_of_many() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Show on standard error which cells of several notebooks are running.

    Yields
    ------
    callable
        Call it with the title of a notebook; it returns what `progress` yields. Any thread may
        call them.
    """
    if not is_rich(sys.stderr):

        def begin_plain(title: str) -> Callable[[int, int], None]:
            # One line a notebook: in a log, nobody watches the cells
            return lambda number, cells: (
                print(  # noqa: T201
                    f"{title}: running {count(cells, 'cell')}", file=sys.stderr, flush=True
                )
                if number == 1
                else None
            )

        yield begin_plain
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:

        def begin(title: str) -> Callable[[int, int], None]:
            task = bar.add_task(escape(title))
            return lambda number, cells: bar.update(task, completed=number - 1, total=cells)

        yield begin


@contextmanager
def steps() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Show on standard error the progress of several steps.

    Yields
    ------
    callable
        Call it with the title of a step that begins. Call what it returns with how much is done,
        and the total.
    """
    if not is_rich(sys.stderr):

        def say(title: str) -> Callable[[int, int], None]:
            print(f"installing {title}", file=sys.stderr, flush=True)  # noqa: T201
            return lambda _done, _total: None

        yield say
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:

        def begin(title: str) -> Callable[[int, int], None]:
            for task in bar.task_ids:
                bar.update(task, completed=1, total=1)
            task = bar.add_task(escape(title), total=None)
            return lambda done, total: bar.update(task, completed=done, total=total)

        yield begin
