"""The command ``jupyter repro export``: the recorded environment as a file for other tools."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_repro.cli import HOLDS, complain, options
from jupyter_repro.cli.reading import print_json, read_recorded
from jupyter_repro.errors import UsageError
from jupyter_repro.formats.exporters.export_file import export_file, export_text
from jupyter_repro.formats.exporters.request import ExportOptions
from jupyter_repro.model.options import PINS
from jupyter_repro.safety.files import name_of
from jupyter_repro.safety.world import current_world

_EXAMPLE = """\
example    jupyter repro export analysis.ipynb -o environment.yml

The file name decides the format: environment.yml, explicit.txt, requirements.txt,
pylock.toml, conda-lock.yml, pixi.lock, Dockerfile, apptainer.def, .binder,
.github/workflows/notebook.yml, bom.cdx.json, ro-crate-metadata.json, environment-paragraph.txt,
environment.md. Some formats are several files in the same folder. Packages that the file cannot
reproduce are written as comments with the reason, and listed in the output."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(parser, _EXAMPLE)
    options.add_json(parser)
    parser.add_argument("notebook", type=Path, metavar="NB", help="notebook or snapshot file")
    options.add_output(parser, "write this file (default, and for -: print it)", standard=True)
    parser.add_argument("--format", metavar="F", help="format, if the file name does not decide it")
    parser.add_argument(
        "--pins",
        choices=PINS.choices,
        help=f"{PINS.help}: {', '.join(PINS.meanings)} (default: the project's "
        f"[tool.jupyter_repro.pins], else {PINS.default})",
    )
    parser.add_argument(
        "--platform", metavar="P", help="export for this platform, such as osx-arm64"
    )
    parser.add_argument(
        "--network",
        action="store_true",
        help="ask your package index for digests of Python packages and, with --platform, your "
        "channels for the packages of that platform",
    )
    parser.add_argument(
        "--no-hashes", action="store_true", help="write no digests, even if they are known"
    )
    parser.add_argument("--replace", action="store_true", help="overwrite existing files")
    options.add_consent(parser)


def run(args: Namespace) -> int:
    """Write the file, and those that belong to it, or print it if it is one."""
    snapshot = read_recorded(args.notebook).reference
    notebook: Path | None = args.notebook if args.notebook.suffix == ".ipynb" else None
    requested = ExportOptions(
        format=args.format,
        pins=args.pins,
        platform=args.platform,
        hashes=not args.no_hashes,
        **_network(args),
    )
    if args.output is not None:
        done = export_file(
            snapshot, args.output, requested, notebook=notebook, overwrite=args.replace
        )
        written, *notes = done.sentences
        fields: dict[str, object] = {
            "written": [name_of(path) for path in done.written],
            "notes": notes,
        }
    else:
        wanted, exported = export_text(snapshot, None, requested, notebook=notebook)
        if len(exported.files) > 1 and not args.json:
            reason = f"{wanted.name} is several files: name one with -o; the others go beside it."
            raise UsageError(reason)
        written, notes = "".join(exported.files.values()).rstrip("\n"), [*exported.notes]
        fields = {"files": dict(exported.files), "notes": notes}
    if args.json:
        print_json(fields)
        return HOLDS
    print(written)  # noqa: T201
    for note in notes:
        complain(note)
    return HOLDS


def _network(args: Namespace) -> dict[str, Any]:
    """Return how servers are asked; nothing without ``--network``."""
    if not args.network:
        if args.allow_channel or args.allow_index:
            reason = "--allow-channel and --allow-index need --network: add it."
            raise UsageError(reason)
        return {}
    from jupyter_repro.cli.trusting import trust_of
    from jupyter_repro.install.solve.for_export import (
        details_on_channels,
        files_on_indexes,
        solved_for,
    )

    trust = trust_of(args, current_world())
    return {
        "ask_index": partial(files_on_indexes, trust=trust),
        "allows_index": lambda address: trust.index(address) is not None,
        "ask_channels": partial(details_on_channels, trust=trust),
        "solve_for": partial(solved_for, trust=trust),
    }
