"""The command ``jupyter repro import``: a partial reference for a notebook without a record."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import msgspec

from jupyter_repro.cli import HOLDS, options
from jupyter_repro.cli.reading import print_json
from jupyter_repro.errors import ReproError, UnreadableError, UsageError
from jupyter_repro.formats.importers.confidence import confidences
from jupyter_repro.formats.importers.notebook_text import read_text
from jupyter_repro.formats.importers.registry import (
    FORMATS,
    Part,
    UnknownFormatError,
    import_file,
    import_notebook,
)
from jupyter_repro.formats.importers.text import describe_source, render_imported
from jupyter_repro.model.document import Document
from jupyter_repro.model.message import METADATA_KEY
from jupyter_repro.model.migrations import decode_document
from jupyter_repro.notebook.encode import encode_as
from jupyter_repro.notebook.file import load_json, parse_notebook, require_writable
from jupyter_repro.notebook.lift import recorded
from jupyter_repro.notebook.record import record
from jupyter_repro.safety.files import name_of, read_bytes, write_atomically


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro import old.ipynb environment.yml\n"
        "           jupyter repro import old.ipynb   (from the notebook itself)\n\n"
        "It reads environment.yml, @EXPLICIT files, conda-lock.yml, pixi.lock, requirements.txt,\n"
        "uv.lock, and the output of collect_env and %watermark. Without FILE it looks in the\n"
        "notebook for the last two and for uv's metadata. What a file does not contain is never\n"
        "a difference.",
    )
    options.add_json(parser)
    parser.add_argument("notebook", type=Path, metavar="NB", help="notebook file")
    parser.add_argument(
        "file", type=Path, metavar="FILE", nargs="?", help="file to import (default: the notebook)"
    )
    parser.add_argument("--format", metavar="F", help="format of the file (default: recognised)")
    parser.add_argument(
        "--platform",
        metavar="P",
        type=options.platform,
        help="platform to take from a lock file with several, such as linux-64; recorded if the "
        "file names none",
    )
    parser.add_argument(
        "--environment",
        metavar="E",
        help="environment to take from a pixi.lock with several (default: default)",
    )
    parser.add_argument("--replace", action="store_true", help="overwrite an existing reference")
    options.add_output(parser, "write this file instead")


def run(args: Namespace) -> int:
    """Use a file as the reference of a notebook."""
    if args.format not in {None, *FORMATS}:
        reason = f"Unknown format {args.format}. Choose one with --format: {', '.join(FORMATS)}."
        raise UsageError(reason)
    output = args.output or args.notebook
    raw = read_bytes(args.notebook)
    before = _recorded(args.notebook, raw, replace=args.replace)
    text = read_text(args.notebook, raw)
    part = Part(args.platform, args.environment)
    how: dict[str, Any] = {"format_name": args.format, "part": part}
    if args.file is None:
        snapshot = import_notebook(args.notebook, raw, **how)
    else:
        try:
            snapshot = import_file(args.file, notebook=text, **how)
        except UnknownFormatError as error:
            reason = f"{error} Say with --format which one it is."
            raise UnknownFormatError(reason) from None
    # What was imported before and says the same keeps its time: git stays quiet
    document = record(before, snapshot, accept=True)
    require_writable(output)
    _write(args.notebook, raw, output, document)
    if args.json:
        fields = {
            "notebook": name_of(args.notebook),
            "output": name_of(output),
            "reference": document.reference,
            "confidence": confidences(document.reference),
        }
        print_json(fields)
    else:
        source = describe_source(document.reference)
        print(f"{name_of(output)}: its reference now comes from {source}")  # noqa: T201
        print(render_imported(document.reference))  # noqa: T201
    return HOLDS


def _recorded(path: Path, raw: bytes, *, replace: bool) -> Document | None:
    """Return what is recorded already.

    Raises
    ------
    ReproError
        If there is a reference and ``--replace`` is not given.
    """
    notebook = parse_notebook(path, raw)
    try:
        document, _ = recorded(notebook)
    except UnreadableError:
        if not replace:
            raise
        return None
    if document is not None and not replace:
        how = "imported" if document.reference.imported else "recorded"
        reason = (
            f"{name_of(path)} has a reference already, {how} {document.reference.created}: "
            "use --replace to overwrite it."
        )
        raise ReproError(reason)
    return document


def _write(path: Path, raw: bytes, output: Path, document: Document) -> None:
    plain = load_json(path, raw)
    stored = msgspec.to_builtins(document)
    decode_document(stored)  # nothing is written that could not be read back
    metadata = plain.setdefault("metadata", {})
    if metadata.get(METADATA_KEY) == stored and output == path:
        return
    metadata[METADATA_KEY] = stored
    if output == path and read_bytes(path) != raw:
        reason = f"{name_of(path)} changed while it was read; run the command again."
        raise ReproError(reason)
    write_atomically(output, encode_as(raw, plain))
