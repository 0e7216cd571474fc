"""What the tests of the importers share."""

from __future__ import annotations

from pathlib import Path

import msgspec

from jupyter_repro.formats.importers.registry import FORMATS, Part, import_text
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.model.snapshot import Snapshot

HERE = Path("folder")


def imported(
    text: str, name: str, *, platform: str = "linux-64", environment: str | None = None
) -> Snapshot:
    """Return the snapshot of a text in a format; it is what would be read back."""
    part = Part(platform, environment)
    snapshot = import_text(text, FORMATS[name], HERE / "file", part=part)
    assert decode_snapshot(msgspec.json.encode(snapshot)) == snapshot
    return snapshot


def notes(snapshot: Snapshot) -> list[str]:
    assert snapshot.imported is not None
    return snapshot.imported.notes
