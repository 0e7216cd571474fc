"""Bring the committed schema files up to date: ``python -m jupyter_repro.model.schema``."""

from __future__ import annotations

from pathlib import Path

from jupyter_repro.model.schema import write_schemas

if __name__ == "__main__":
    for path in write_schemas(Path(__file__).parent):
        print(path.name)  # noqa: T201 - the answer of a command
