"""What writing an environment of 500 packages costs, by format, without network.

Run it with ``python -m benchmarks.bench_export``. The first export of a process imports what it
needs: that is a column of its own. conda-lock.yml and pixi.lock read the records of a prefix of 500
packages besides, for the dependencies.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import msgspec

from benchmarks.synthetic_prefix import write_prefix
from benchmarks.table import Row, cpu_ms, print_table
from jupyter_repro.capturing.probes import conda
from jupyter_repro.formats.exporters.formats import FORMATS, export, make_request
from jupyter_repro.formats.exporters.request import Request
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.safety.world import World
from tests.unit.support.exports import File
from tests.unit.support.factories import snapshot_with

CONDA, DISTS = 500, 100
TARGET = 50
HEAVY = ("numpy", "torch", "yaml", "rattler", "IPython", "nbformat")

IMPORT = """
import sys, time
import msgspec, packaging.version, packaging.utils, packaging.tags
import jupyter_repro.packages.pins
import jupyter_repro.show.text
import jupyter_repro.capturing.plugins
import jupyter_repro.capturing.capture
start = time.process_time()
from jupyter_repro.formats.exporters.formats import _exporter, FORMATS
_exporter(FORMATS[sys.argv[1]])
if sys.argv[1] == "cyclonedx":
    import cyclonedx.model.bom, cyclonedx.model.component, cyclonedx.output.json
if sys.argv[1] == "ro-crate":
    import rocrate.rocrate
print((time.process_time() - start) * 1e3)
print([name for name in sys.argv[2:] if name in sys.modules])
"""


def files_of(name: str) -> list[File]:
    """Answer as an index would, without a network."""
    names = [f"{name.replace('-', '_')}-1.{number}.0-py3-none-any.whl" for number in range(DISTS)]
    return [File(one, f"https://example.org/{one}", "a" * 64) for one in names]


def make_environment(prefix: Path) -> Snapshot:
    """Return a snapshot of a prefix with large records, as it would have been decoded."""
    write_prefix(prefix, CONDA, 0)
    layer = conda.collect(
        World(
            prefix=prefix,
            base_prefix=prefix,
            home=prefix,
            cwd=prefix,
            environ={},
            sys_path=(),
            modules={},
        )
    )
    lines = [f"dist-{number:03}==1.{number}.0 [pip]" for number in range(DISTS)]
    changed = {name: getattr(layer, name) for name in ("packages", "install_order", "channels")}
    snapshot = snapshot_with(conda=changed, packages={"packages": lines})
    return msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot)


def import_cost(name: str) -> float:
    """Return the milliseconds that the modules of a format take to import, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, name, *HEAVY], capture_output=True, text=True, check=True
    )
    cost, heavy = done.stdout.splitlines()
    if heavy != "[]":
        sys.exit(f"{name} imports {heavy}")
    return float(cost)


def write(name: str, request: Request) -> int:
    """Export, from the pins on, and return the bytes that come out."""
    fresh = make_request(
        request.snapshot,
        Path("/"),
        prefix=request.prefix,
        notebook=request.notebook,
    )
    fresh = replace(fresh, files_of=request.files_of)
    return sum(len(text) for text in export(FORMATS[name], fresh).files.values())


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        snapshot = make_environment(Path(folder) / "env")
        rows = []
        for name in FORMATS:
            prefix = Path(folder) / "env" if name in {"conda-lock.yml", "pixi.lock"} else None
            request = make_request(snapshot, Path("/"), prefix=prefix, notebook="paper.ipynb")
            request = replace(request, files_of=files_of)
            size = write(name, request)
            rows.append(
                Row(
                    name,
                    cpu_ms(lambda name=name, request=request: write(name, request)),  # type: ignore[misc]
                    "ms",
                    TARGET,
                    note=f"{size / 1000:.0f} kB; imports once {import_cost(name):.0f} ms",
                )
            )
    print_table(f"Exporting {CONDA} conda packages and {DISTS} distributions", rows)


if __name__ == "__main__":
    main()
