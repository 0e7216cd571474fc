"""Say what a snapshot has and a format cannot contain, by its kind."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.formats.exporters.request import Request
from jupyter_repro.formats.exporters.text import some
from jupyter_repro.safety.words import count


def conda_without_place(request: Request) -> Iterator[str]:
    """Yield the notes that a file for pip cannot contain what conda installs."""
    pins = request.pins
    if pins.conda:
        number = len(pins.conda)
        has, it = ("has", "it") if number == 1 else ("have", "them")
        yield (
            f"{count(number, 'conda package')} {has} no place in this file: "
            f"environment.yml or an explicit file is for {it}."
        )
    asked = [one.what for one in pins.left_out("spec")]
    if asked:
        yield (
            f"What the imported file asks of conda has no place in this file ({some(asked)}): "
            "environment.yml is for it."
        )
    yield from channels_without_place(request)


def channels_without_place(request: Request) -> Iterator[str]:
    """Yield the note on the channels of an imported file, for a file that has none.

    The channels of a captured environment are those of its packages.
    """
    channels = [*request.pins.channels, *(one.what for one in request.pins.left_out("channel"))]
    if channels and request.snapshot.imported is not None:
        yield f"The channels have no place in this file: {some(channels)}."


def options_without_place(request: Request) -> Iterator[str]:
    """Yield the note on the options of pip in an imported file, for a file that has none."""
    options = [one.what for one in request.pins.left_out("option")]
    if options:
        yield f"The options of pip have no place in this file: {some(options)}."
