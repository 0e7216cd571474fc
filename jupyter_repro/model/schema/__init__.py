"""The JSON Schema of what is stored and sent, generated from the model.

``python -m jupyter_repro.model.schema`` writes the files beside this module. They are for other
programs: TypeScript types are generated from them. Python validates with the model itself.
``shown.json`` is what the front end shows as Python does: the class of characters, and
the words and tones of verdicts.
"""

from __future__ import annotations

import json
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from jupyter_repro.model.document import CellStamp, Document
from jupyter_repro.model.message import Arrival, Message
from jupyter_repro.model.report import Check, Packages, Report
from jupyter_repro.model.verdicts import OUTCOME_LOOKS, SEVERITY_LOOKS, VERDICT_LOOKS
from jupyter_repro.safety import text

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ROOTS: dict[str, type[msgspec.Struct]] = {
    "arrival": Arrival,
    "cell": CellStamp,
    "check": Check,
    "document": Document,
    "message": Message,
    "packages": Packages,
    "report": Report,
}
"""Name of a file → what it describes."""

SHOWN = "shown.json"


def render_schema(root: type[msgspec.Struct]) -> str:
    """Return the JSON Schema of a Struct and of all that it refers to, as sorted JSON."""
    (reference,), components = msgspec.json.schema_components([root], ref_template="#/$defs/{name}")
    whole = {"$schema": DIALECT, **reference, "$defs": _clean(components)}
    return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


def _clean(value: Any) -> Any:  # noqa: ANN401 - plain JSON
    """Return a schema with unindented descriptions, as Python 3.13 leaves docstrings already."""
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: cleandoc(item) if key == "description" and isinstance(item, str) else _clean(item)
        for key, item in value.items()
    }


def render_shown() -> str:
    """Return what the front end shows as Python does, as JSON."""
    characters = {"hidden": text.HIDDEN, "joiners": text.JOINERS, "letters": text.LETTERS}
    words = {
        name: {one: {"tone": look.tone, "word": look.word} for one, look in looks.items()}
        for name, looks in (
            ("outcomes", OUTCOME_LOOKS),
            ("severities", SEVERITY_LOOKS),
            ("verdicts", VERDICT_LOOKS),
        )
    }
    return json.dumps({"characters": characters, **words}, indent=2, sort_keys=True) + "\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write a schema for each of `ROOTS`, and `SHOWN`; return the files that changed."""
    wanted = {f"{name}.schema.json": render_schema(root) for name, root in ROOTS.items()}
    changed = []
    for name, content in {**wanted, SHOWN: render_shown()}.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed
