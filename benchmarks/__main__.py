"""Run every benchmark: ``python -m benchmarks``, or ``python -m benchmarks kernel`` for one."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Run the benchmarks that are named, or all."""
    here = Path(__file__).parent
    known = sorted(file.stem.removeprefix("bench_") for file in here.glob("bench_*.py"))
    for name in sys.argv[1:] or known:
        if name not in known:
            sys.exit(f"benchmarks: there is no {name!r}; there are {', '.join(known)}")
        import_module(f"benchmarks.bench_{name}").main()


if __name__ == "__main__":
    main()
