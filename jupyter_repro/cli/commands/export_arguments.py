"""The arguments of ``jupyter repro export``."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from jupyter_repro.model.options import PINS

EXAMPLE = """\
example    jupyter repro export analysis.ipynb -o environment.yml

The name of the file tells the format: environment.yml, explicit.txt, requirements.txt,
pylock.toml, conda-lock.yml, pixi.lock, Dockerfile, apptainer.def, .binder,
.github/workflows/notebook.yml, bom.cdx.json, ro-crate-metadata.json, environment-paragraph.txt,
environment.md. Some are several files, which lie in the same folder. What cannot be had again
from a file is a comment in it, and is told."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add them to the parser of the command."""
    parser.add_argument("notebook", type=Path, metavar="NB", help="notebook or snapshot file")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write this file (default: print it)"
    )
    parser.add_argument(
        "--format", metavar="F", help="the format, where the file's name does not tell it"
    )
    parser.add_argument(
        "--pins",
        choices=PINS.choices,
        help=f"{PINS.help}: {', '.join(PINS.meanings)} (default: the project's "
        f"[tool.jupyter_repro.pins], else {PINS.default})",
    )
    parser.add_argument("--platform", metavar="P", help="for another platform, like osx-arm64")
    parser.add_argument(
        "--network",
        action="store_true",
        help="ask your package index for digests of Python packages, and with --platform your "
        "channels for what that platform has",
    )
    parser.add_argument(
        "--no-hashes", action="store_true", help="write no digests, also where they are known"
    )
    parser.add_argument("--force", action="store_true", help="write over files that are there")
