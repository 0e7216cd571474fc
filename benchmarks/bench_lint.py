"""``jupyter repro lint`` on notebooks of about 100 kB, beside decoding them and nothing else.

Run it with ``python -m benchmarks.bench_lint``. Half of the notebooks have a record and stamps.
"""

from __future__ import annotations

import base64
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.bench_cli import cost_of
from benchmarks.table import Row, print_table
from jupyter_repro.capturing.capture import capture
from jupyter_repro.lint.run import lint
from jupyter_repro.notebook.cell_keys import source_digest
from jupyter_repro.notebook.record import record
from jupyter_repro.safety.world import current_world

NOTEBOOKS = 60
TARGET = 300
"""Notebooks a second on one core."""

SOURCES = (
    "import numpy as np\nimport pandas as pd\nimport torch\n%matplotlib inline",
    (
        "def simulate(steps, seed):\n    rng = np.random.default_rng(seed)\n"
        "    walk = np.cumsum(rng.normal(size=steps))\n    return walk.mean(), walk.std()\n\n"
        "results = [simulate(1_000, seed) for seed in range(50)]\npd.DataFrame(results).describe()"
    ),
    (
        "model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU())\n"
        "for epoch in range(10):\n    loss = train(model, batches)\n    print(epoch, loss.item())"
    ),
    (
        "# what comes out of it\nfig, axes = plt.subplots(1, 2, figsize=(8, 3))\n"
        "axes[0].plot(history)\naxes[1].hist(residuals, bins=30);"
    ),
    "print(np.__version__)",
)


def make_notebook(number: int, document: dict[str, Any] | None) -> bytes:
    """Return a notebook of about 100 kB: text, tables, images."""
    rng = random.Random(number)
    cells: list[dict[str, Any]] = []
    for count in range(1, 31):
        source = SOURCES[(count - 1) % len(SOURCES)] + f"\n# {rng.random()}"
        lines = [f"{epoch} {rng.random():.17g}\n" for epoch in range(40)]
        stream = {"output_type": "stream", "name": "stdout", "text": lines}
        rows = "".join(f"<tr><td>{rng.random()}</td><td>{i}%</td></tr>" for i in range(60))
        table = {"text/html": f"<table>{rows}</table>", "text/plain": " ".join(lines)}
        image = base64.b64encode(rng.randbytes(12_000)).decode()
        data = {"image/png": image, "text/plain": "<Figure>"} if count % 15 == 0 else table
        shown = {"output_type": "display_data", "data": data, "metadata": {}}
        stamp = {"env": "0" * 12, "source": source_digest(source)}
        cells.append(
            {
                "cell_type": "code",
                "execution_count": count,
                "id": f"cell-{count}",
                "metadata": {} if document is None else {"jupyter_repro": stamp},
                "outputs": [stream, shown] if count % 2 else [],
                "source": source.splitlines(keepends=True),
            }
        )
    metadata: dict[str, Any] = {"language_info": {"name": "python"}}
    if document is not None:
        metadata["jupyter_repro"] = document
        cells.insert(0, {**cells[0], "source": "%repro seed=42", "outputs": [], "metadata": {}})
        cells[0]["execution_count"] = 0
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1).encode()


def rate(function: Callable[[bytes], object], files: list[bytes]) -> float:
    """Return how many files a second of CPU time a function handles; the best of five rounds."""
    rates = []
    for _ in range(5):
        start = time.process_time()
        for raw in files:
            function(raw)
        rates.append(len(files) / (time.process_time() - start))
    return max(rates)


def main() -> None:
    """Measure and print."""
    document = msgspec.to_builtins(record(None, capture(current_world())))
    plain = [make_notebook(number, None) for number in range(NOTEBOOKS)]
    recorded = [make_notebook(number, document) for number in range(NOTEBOOKS)]
    path = Path("a.ipynb")

    def look(raw: bytes) -> object:
        return lint(path, raw)

    import nbformat

    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, raw in enumerate(plain + recorded):
            paths.append(str(Path(folder) / f"{number}.ipynb"))
            Path(paths[-1]).write_bytes(raw)
        whole = cost_of("-m", "jupyter_repro", "lint", *paths)
        bare = cost_of("-m", "jupyter_repro", "lint", "--help")
    kilobytes = sum(map(len, plain + recorded)) / len(plain + recorded) / 1000
    rows = [
        Row("lint, without a record", rate(look, plain), "/s", TARGET, at_least=True),
        Row("lint, with a record and stamps", rate(look, recorded), "/s", TARGET, at_least=True),
        Row("json.loads alone", rate(json.loads, plain + recorded), "/s"),
        Row("nbformat.reads", rate(lambda raw: nbformat.reads(raw.decode(), 4), plain[:9]), "/s"),
        Row(f"the command on {len(paths)} files, whole process, cpu", whole.cpu, "s"),
        Row("the command's --help, whole process, cpu", bare.cpu, "s"),
    ]
    print_table(f"Lint, notebooks of {kilobytes:.0f} kB on average", rows)


if __name__ == "__main__":
    main()
