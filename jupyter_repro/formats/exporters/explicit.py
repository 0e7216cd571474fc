"""Write the conda packages of a snapshot as an ``@EXPLICIT`` file: addresses with digests.

conda, mamba, micromamba and rattler install such a file without solving, in the order of its lines.
All of them read ``#sha256:`` and a bare md5, except the versions of mamba and micromamba that
`VERIFYING` names; rattler refuses a bare sha256, which conda and mamba write.
https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#building-identical-conda-environments
"""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.formats.exporters.no_place import (
    channels_without_place,
    options_without_place,
)
from jupyter_repro.formats.exporters.request import CannotExportError, Exported, Request, made_by
from jupyter_repro.formats.exporters.text import comment, joined
from jupyter_repro.packages.pins import UNREADABLE_LAYER, CondaPin
from jupyter_repro.safety.words import count

VERIFYING = (
    "mamba and micromamba 2.0.0 to 2.0.8 do not compare the hashes of this file: install with "
    "1.x, with 2.1.0 or newer (2.3.3 or newer keep the dependencies too), or with conda."
)


def export(request: Request) -> Exported:
    """Return the text of an explicit file, in the order of installation.

    Raises
    ------
    CannotExportError
        If no package has an address, or for a different platform.
    """
    pins = request.pins
    lines, remarks = [], [str(one) for one in pins.left_out("conda", "spec")]
    for pin in pins.conda:
        why = why_not(pin, hashes=request.hashes)
        if why:
            remarks.append(f"{pin.file_name}: {why}")
        else:
            lines.append(f"{pin.url}{_fragment(pin)}")
    if not lines:
        raise CannotExportError(_why_nothing(request, remarks))
    text = [
        comment(made_by(request.snapshot)),
        comment("To make the environment anew: conda create --name NAME --file THIS_FILE"),
        *([comment(VERIFYING)] if any("#" in line for line in lines) else []),
        *([comment(f"platform: {pins.platform}")] if pins.platform else []),
        *(comment(remark) for remark in remarks),
        *(comment(sentence) for sentence in (*no_pip(request), *channels_without_place(request))),
        "@EXPLICIT",
        *lines,
    ]
    notes = [*_missing(remarks), *no_pip(request), *channels_without_place(request)]
    return Exported({"explicit.txt": joined(text)}, notes)


def why_not(pin: CondaPin, *, hashes: bool) -> str | None:
    """Return why a package cannot be fetched by its address, or None."""
    if pin.is_private:
        return "from a private or local channel"
    if pin.url is None:
        return "its record does not say where it came from"
    if hashes and not pin.digest:
        return "its record has no digest to check it by"
    return None


def no_pip(request: Request) -> Iterator[str]:
    """Yield the note that such a file cannot contain the Python packages."""
    left_out = request.pins.left_out("packages", "asked")
    readable = [one for one in left_out if one.what != UNREADABLE_LAYER]
    number = len(request.pins.packages) + len(readable)
    if number:
        has, it = ("has", "it") if number == 1 else ("have", "them")
        yield (
            f"{count(number, 'Python package')} that conda did not install {has} no place in this "
            f"file: requirements.txt is for {it}."
        )
    yield from options_without_place(request)


def _missing(remarks: list[str]) -> Iterator[str]:
    if remarks:
        yield (
            f"{len(remarks)} of the conda packages are comments, so the environment is not "
            f"complete without them: {'; '.join(remarks[:3])}{' …' if len(remarks) > 3 else ''}"
        )


def _fragment(pin: CondaPin) -> str:
    return f"#sha256:{pin.sha256}" if pin.sha256 else f"#{pin.md5}" if pin.md5 else ""


def _why_nothing(request: Request, remarks: list[str]) -> str:
    layer = request.snapshot.layers.conda
    if layer.status != "ok":
        return (
            f"There are no conda packages to list ({layer.reason or 'no reason given'}): "
            "requirements.txt is for an environment without conda."
        )
    first = f" ({remarks[0]})" if remarks else ""
    return f"No conda package has an address to fetch it from{first}: use environment.yml."
