"""The command ``jupyter repro export``: what a notebook has recorded, for another tool."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from jupyter_repro.cli import HOLDS, complain
from jupyter_repro.cli.reading import read_recorded
from jupyter_repro.errors import UsageError
from jupyter_repro.formats.exporters.export_file import Wishes, export_file, export_text
from jupyter_repro.safety.files import name_of
from jupyter_repro.safety.world import current_world


def export(args: Namespace) -> int:
    """Write the file, and those that belong to it, or print the only one."""
    snapshot = read_recorded(args.notebook).reference
    notebook: Path | None = args.notebook if args.notebook.suffix == ".ipynb" else None
    wishes = Wishes(
        format=args.format,
        pins=args.pins,
        platform=args.platform,
        hashes=not args.no_hashes,
        **_network(args),
    )
    if args.output:
        done = export_file(snapshot, args.output, wishes, notebook=notebook, force=args.force)
        written, *notes = done.sentences
        told: dict[str, object] = {
            "written": [name_of(path) for path in done.written],
            "notes": notes,
        }
    else:
        wanted, exported = export_text(snapshot, None, wishes, notebook=notebook)
        if len(exported.files) > 1 and not args.json:
            reason = f"{wanted.name} is several files: name one with -o, the others go beside it."
            raise UsageError(reason)
        written, notes = "".join(exported.files.values()).rstrip("\n"), [*exported.notes]
        told = {"files": dict(exported.files), "notes": notes}
    print(msgspec.json.encode(told).decode() if args.json else written)  # noqa: T201
    for note in notes if not args.json else ():
        complain(note)
    return HOLDS


def _network(args: Namespace) -> dict[str, Any]:
    """Return what may be asked, and nothing where the network is not allowed."""
    if not args.network:
        if args.allow_channel or args.allow_index:
            reason = "--allow-channel and --allow-index are for an export with --network: add it."
            raise UsageError(reason)
        return {}
    from jupyter_repro.cli.trusting import trust_of
    from jupyter_repro.install.solve.for_export import files_on_indexes, solved_for

    trust = trust_of(args, current_world())
    return {
        "ask_index": partial(files_on_indexes, trust=trust),
        "solve_for": partial(solved_for, trust=trust),
    }
