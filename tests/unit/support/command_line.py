"""The command line as a process, and what its tests let it read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from jupyter_repro.model.document import Document
from tests.fixtures.notebooks.samples import make_snapshot

ROOT = Path(__file__).resolve().parents[3]
ONE = make_snapshot(packages=("numpy==1.26.0 [pip]",), used=("numpy",), seed=42)
OTHER = make_snapshot(packages=("numpy==2.1.0 [pip]",), used=("numpy",), seed=42)


def jupyter_repro(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    found = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environ = {**os.environ, "PYTHONPATH": found, **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "jupyter_repro", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        **options,
    )


def document(**fields: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(Document(schema_version=1, **fields))
    return plain
