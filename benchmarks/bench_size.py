"""How much a recorded snapshot adds to a notebook, beside the files that say the same."""

from __future__ import annotations

import json
import tempfile
import zlib
from pathlib import Path

import msgspec

from benchmarks.bench_capture import world_of
from benchmarks.synthetic_prefix import write_prefix
from benchmarks.table import Row, print_table
from jupyter_repro.capturing.capture import capture
from jupyter_repro.model.snapshot import CondaLayer, PackagesLayer, Snapshot
from jupyter_repro.notebook.record import record

RECORDS = 500
DISTS = 300


def stored_size(snapshot: Snapshot) -> int:
    """Return the bytes that nbformat would write into a notebook's metadata."""
    plain = msgspec.to_builtins(record(None, snapshot))
    text = json.dumps({"metadata": {"jupyter_repro": plain}}, indent=1, ensure_ascii=False)
    return len(text.encode()) - len(json.dumps({"metadata": {}}, indent=1))


def explicit_file(layer: CondaLayer) -> str:
    """Return the @EXPLICIT file of the same packages."""
    lines = [f"{group}/{line}" for group, lines in layer.packages.items() for line in lines]
    return "\n".join(["@EXPLICIT", *lines])


def environment_file(layer: CondaLayer) -> str:
    """Return the environment.yml of the same packages."""
    stems = [line.partition("#")[0] for lines in layer.packages.values() for line in lines]
    parts = [stem.removesuffix(".conda").removesuffix(".tar.bz2") for stem in stems]
    return "dependencies:\n" + "\n".join(f"  - {'='.join(p.rsplit('-', 2))}" for p in parts)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = Path(folder) / "envs" / "bench"
        write_prefix(prefix, RECORDS, DISTS)
        snapshot = capture(world_of(prefix))
    none = PackagesLayer(status="unavailable", reason="left out")
    layers = msgspec.structs.replace(snapshot.layers, packages=none)
    conda_alone = msgspec.structs.replace(snapshot, layers=layers)
    explicit = explicit_file(snapshot.layers.conda)
    environment = environment_file(snapshot.layers.conda)
    packed = len(zlib.compress(msgspec.json.encode(snapshot))) * 4 / 3
    print_table(
        f"Size in the notebook, {RECORDS} conda packages with hashes",
        [
            Row("metadata, inline", stored_size(conda_alone) / 1e3, "kB", 65),
            Row(f"the same with {DISTS} Python distributions", stored_size(snapshot) / 1e3, "kB"),
            Row("the same in an output, compressed", packed / 1e3, "kB"),
            Row("@EXPLICIT + environment.yml", (len(explicit) + len(environment)) / 1e3, "kB"),
            Row("@EXPLICIT alone", len(explicit) / 1e3, "kB"),
        ],
    )


if __name__ == "__main__":
    main()
