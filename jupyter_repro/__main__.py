"""``python -m jupyter_repro``: the same as ``jupyter repro``."""

from __future__ import annotations

import sys

from jupyter_repro.cli import main

if __name__ == "__main__":
    sys.exit(main())
