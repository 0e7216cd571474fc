"""Python code in a process of its own: seeding changes the whole process that it happens in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_python(code: str, *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run `code` with warnings as errors and return what it printed.

    The package is found through ``PYTHONPATH``, so that the working folder is free for a test.
    Only ``PYTHONHASHSEED`` and what `env` has differ from this process's own environment.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=cwd or Path(sys.prefix),
        env={**inherited, "PYTHONPATH": str(ROOT), **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
