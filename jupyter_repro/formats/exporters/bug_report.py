"""Write a snapshot as Markdown that you can paste into a bug report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jupyter_repro.formats.exporters.request import Exported, Request, made_by
from jupyter_repro.formats.exporters.text import counted, joined
from jupyter_repro.safety.text import printable
from jupyter_repro.show.text import render_stack


def export(request: Request) -> Exported:
    """Return Markdown: the stack, then every package, in code blocks."""
    layers = request.snapshot.layers
    conda = [
        f"{group}/{line.partition('#')[0]}"
        for group, lines in layers.conda.packages.items()
        for line in lines
    ]
    lines = ["### Environment", "", *_block(render_stack(request.snapshot).splitlines())]
    for title, packages in (
        ("conda package", conda),
        ("Python package", layers.packages.packages),
        *_requests(request),
    ):
        if packages:
            lines += ["", "<details>", f"<summary>{counted(len(packages), title)}</summary>", ""]
            lines += [*_block(packages), "", "</details>"]
    lines += ["", _made_by(request)]
    return Exported({"environment.md": joined(lines)})


def _requests(request: Request) -> Iterator[tuple[str, list[str]]]:
    """Yield what an imported file requests; of a captured record, the packages say it."""
    layers, imported = request.snapshot.layers, request.snapshot.imported
    if imported is not None:
        yield "requested conda package", layers.conda.requested
        yield "channel", layers.conda.channels
        yield "requested Python package", layers.packages.requested
        yield "pip option", imported.options
        yield "requested Python", [imported.requires_python] if imported.requires_python else []


def _made_by(request: Request) -> str:
    # Characters that Markdown, HTML and GitHub (@name, #1) would interpret are removed
    return "".join(one for one in printable(made_by(request.snapshot)) if one not in "<>`[]*&\\!@#")


def _block(lines: Iterable[str]) -> Iterator[str]:
    # Only a line of backticks ends a block
    yield "```text"
    for line in lines:
        indent = line[: len(line) - len(line.lstrip(" "))]
        yield indent + printable(line, 1_200).replace("`", "'")
    yield "```"
