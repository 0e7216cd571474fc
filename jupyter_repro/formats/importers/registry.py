"""List the files that can be imported, and recognise one by its name and contents."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import msgspec

from jupyter_repro.errors import ReproError, UnreadableError, UsageError
from jupyter_repro.formats.importers.decoding import decode
from jupyter_repro.formats.importers.draft import Draft
from jupyter_repro.formats.importers.notebook_text import (
    NotebookText,
    imported_distributions,
    read_text,
)
from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.fields import MAX_ITEMS
from jupyter_repro.model.snapshot import Snapshot, SystemLayer
from jupyter_repro.packages.platforms import this_platform
from jupyter_repro.safety.files import name_of, read_bytes

MAX_BYTES = 20_000_000
"""Larger than any file of this kind; a notebook may be larger."""


class Part(NamedTuple):
    """The part of a lock file to read if it has several.

    Parameters
    ----------
    platform
        Such as ``linux-64``; None is that of this machine.
    environment
        Of a ``pixi.lock``; None is ``default``.
    """

    platform: str | None = None
    environment: str | None = None


WHOLE = Part()


class Format(NamedTuple):
    """A format: its name, its module, and how to recognise its files.

    The module has ``read(text, draft)``; if a notebook can contain the format, also ``find(text)``.
    """

    name: str
    module: str
    file_name: str
    content: str
    in_notebook: bool = False


class UnknownFormatError(UnreadableError):
    """A file does not show its format, neither by its name nor by its contents."""


FORMATS = {
    one.name: one
    for one in (
        Format("explicit", "explicit", r"explicit.*\.(txt|lock)", r"^@EXPLICIT[ \t]*$"),
        Format("pixi.lock", "pixi_lock", r"pixi\.lock", r"^environments:"),
        Format(
            "conda-lock.yml",
            "conda_lock",
            r"(.*[.-])?conda-lock\.ya?ml",
            r"^package:[ \t]*$",
        ),
        Format(
            "environment.yml",
            "environment_yml",
            r"(.*[._-])?env(ironment)?s?([._-].*)?\.ya?ml",
            r"^dependencies:",
        ),
        Format(
            "collect_env",
            "collect_env",
            r".*collect_env.*\.(txt|log|md)",
            r"^PyTorch version:",
            in_notebook=True,
        ),
        Format(
            "watermark",
            "watermark",
            r".*watermark.*\.(txt|log|md)",
            r"^(Python implementation|IPython version)[ \t]*:|^CPython [0-9]",
            in_notebook=True,
        ),
        Format(
            "uv", "uv", r"uv\.lock", r"^# /// script\s*$|^requires-python = .*\n", in_notebook=True
        ),
        Format(
            "requirements.txt",
            "requirements_txt",
            r"(.*[._-])?(requirements|constraints).*\.(txt|in)",
            # What conda list and pip list write above their lines
            r"^# packages in environment at |^# \$ conda create --name <env> --file <this file>"
            r"|^Package +Version\b.*\n-{3,} -{3,}",
        ),
    )
}
"""Name → format, in the order in which they are tried."""


def find_format(path: Path, text: str) -> Format | None:
    """Return the format of a file by its content, else by its name, or None."""
    by_content = (one for one in FORMATS.values() if re.search(one.content, text, re.MULTILINE))
    by_name = (
        one for one in FORMATS.values() if re.fullmatch(one.file_name, path.name, re.IGNORECASE)
    )
    return next(by_content, None) or next(by_name, None)


def import_file(
    path: Path,
    *,
    format_name: str | None = None,
    part: Part = WHOLE,
    notebook: NotebookText | None = None,
) -> Snapshot:
    """Return the partial snapshot of a file.

    Parameters
    ----------
    path
        A file in one of `FORMATS`, or a notebook that contains one.
    format_name
        One of `FORMATS`; by default, the format is recognised.
    part, notebook
        See `import_text`.

    Raises
    ------
    ReproError
        With one sentence that gives the reason.
    """
    if path.is_dir():
        reason = f"{name_of(path)} is a folder; name a file."
        raise UnreadableError(reason)
    raw = read_bytes(path) if path.suffix == ".ipynb" else read_bytes(path, MAX_BYTES)
    return import_bytes(path, raw, format_name=format_name, part=part, notebook=notebook)


def import_bytes(
    path: Path,
    raw: bytes,
    *,
    format_name: str | None = None,
    part: Part = WHOLE,
    notebook: NotebookText | None = None,
) -> Snapshot:
    """Return the partial snapshot of the contents of a file. See `import_file`."""
    if path.suffix == ".ipynb":
        return import_notebook(path, raw, format_name=format_name, part=part)
    if len(raw) > MAX_BYTES:
        reason = f"{name_of(path)} is larger than {MAX_BYTES // 1_000_000} MB."
        raise UnreadableError(reason)
    text, encoding = decode(raw)
    if text is None:
        reason = f"{name_of(path)} is not UTF-8 text, nor in an encoding that is known."
        raise UnreadableError(reason)
    found = FORMATS[format_name] if format_name else find_format(path, text)
    if found is None:
        reason = (
            f"{name_of(path)} is in none of the formats that can be read: {', '.join(FORMATS)}."
        )
        raise UnknownFormatError(reason)
    remarks = [f"The file is not UTF-8 text; it was read as {encoding}."] if encoding else []
    snapshot = import_text(text, found, path, part=part, notebook=notebook)
    return _completed(snapshot, remarks, part.platform)


def import_notebook(
    path: Path, raw: bytes, *, format_name: str | None = None, part: Part = WHOLE
) -> Snapshot:
    """Return the partial snapshot of what other tools left in a notebook. See `import_file`.

    What has run takes precedence over what was requested; a note names the rest.
    """
    text = read_text(path, raw)
    found = list(_held(text))
    chosen = [pair for pair in found if format_name in {None, pair[0].name}]
    if not chosen:
        inside = [one.name for one in FORMATS.values() if one.in_notebook]
        looked = [format_name] if format_name else inside
        reason = f"{name_of(path)} holds nothing of {' or '.join(looked)}: name a file to import."
        raise ReproError(reason)
    one, content = chosen[0]
    snapshot = import_text(content, one, path, part=part, notebook=text)
    others = [
        f"The notebook holds something of {other.name} as well."
        for other, _ in found
        if other is not one
    ]
    return _completed(snapshot, others, part.platform)


def _completed(snapshot: Snapshot, remarks: list[str], platform: str | None) -> Snapshot:
    """Return an imported snapshot with more notes, and the platform that the user names.

    The platform is recorded only if the file names none.
    """
    imported, layers = snapshot.imported, snapshot.layers
    assert imported is not None
    notes = [*remarks, *imported.notes][:MAX_ITEMS]
    if platform and layers.system.platform is None:
        system = SystemLayer(status="ok", platform=platform)
        layers = msgspec.structs.replace(layers, system=system)
    return msgspec.structs.replace(
        snapshot,
        layers=layers,
        digest=digest_of(layers, {}),
        imported=msgspec.structs.replace(imported, notes=notes),
    )


def _held(text: NotebookText) -> list[tuple[Format, str]]:
    found = []
    for one in FORMATS.values():
        if one.in_notebook:
            content = _module(one).find(text)
            if content:
                found.append((one, content))
    return found


def import_text(
    text: str,
    one: Format,
    path: Path,
    *,
    part: Part = WHOLE,
    notebook: NotebookText | None = None,
) -> Snapshot:
    """Return the partial snapshot of a text.

    Parameters
    ----------
    text
        In the format `one`.
    path
        The file of the text, for messages and the record.
    part
        What to read if there are several platforms or environments.
    notebook
        The notebook that gets the record: its imports count as used.

    Raises
    ------
    ReproError
        With one sentence.
    """
    if part.environment is not None and one.name != "pixi.lock":
        reason = f"{name_of(path)} is no pixi.lock: only that has environments to choose from."
        raise UsageError(reason)
    draft = Draft(
        format=one.name,
        platform=part.platform or this_platform(),
        environment=part.environment,
        file=path.name,
    )
    if notebook is not None:
        draft.kernel_name = draft.text(notebook.kernel_name) if notebook.kernel_name else None
        draft.used = imported_distributions(notebook)
    try:
        _module(one).read(text.removeprefix("\ufeff"), draft)
        return draft.finish()
    except UnreadableError as error:
        reason = f"{name_of(path)} {error}"
        raise UnreadableError(reason) from None


class _Module(NamedTuple):
    read: Callable[[str, Draft], None]
    find: Callable[[NotebookText], str | None]


def _module(one: Format) -> _Module:
    module = import_module(f"{__package__}.{one.module}")
    return _Module(module.read, getattr(module, "find", lambda _: None))
