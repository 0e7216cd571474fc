"""The command ``jupyter repro calibrate``: how much results vary."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import msgspec

from jupyter_repro.cli import HOLDS, complain, options, terminal
from jupyter_repro.cli.extras import require_runner
from jupyter_repro.cli.reading import each
from jupyter_repro.comparing.results.noise import measure_noise, render_noise
from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.model.document import Document
from jupyter_repro.model.message import METADATA_KEY
from jupyter_repro.model.results import Part
from jupyter_repro.notebook.encode import encode_as
from jupyter_repro.notebook.file import load_json, parse_notebook, require_writable
from jupyter_repro.notebook.lift import recorded
from jupyter_repro.safety.files import name_of, read_bytes, write_atomically

MOST_RUNS = 100


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro calibrate paper.ipynb --runs 5 --seeds 5\n\n"
        "Runs with the notebook's own seed measure the noise of the machine. Runs with other\n"
        "seeds measure how much a result depends on chance. Twice the noise is proposed as the\n"
        "tolerance, and used for results without one. Only the record of the results is written.",
    )
    options.add_json(parser)
    options.add_notebooks(parser)
    parser.add_argument(
        "--runs",
        type=int,
        default=5,
        metavar="N",
        help="number of runs with the same seed (default: 5)",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=0,
        metavar="N",
        help="number of runs with other seeds (default: 0)",
    )
    options.add_kernel(parser)
    options.add_timeout(parser)


def run(args: Namespace) -> int:
    """Run each notebook several times, and record the noise of its results."""
    if not 2 <= args.runs <= MOST_RUNS or not 0 <= args.seeds <= MOST_RUNS:
        reason = f"--runs must be from 2 to {MOST_RUNS}, --seeds from 0 to {MOST_RUNS}."
        raise UsageError(reason)
    require_runner()
    return each(args.notebooks, lambda path: _calibrate_one(path, args), as_json=args.json)


def _calibrate_one(path: Path, args: Namespace) -> tuple[int, dict[str, Any]]:
    raw = read_bytes(path)
    notebook = parse_notebook(path, raw)
    document, problems = recorded(notebook)
    for problem in problems:
        complain(f"{name_of(path)}, {problem}")
    if document is None or not document.results:
        reason = (
            f"{name_of(path)} has recorded no results: add `%repro expect loss=loss` where they "
            f"are known, and use `jupyter repro run {name_of(path)}`."
        )
        raise ReproError(reason)
    require_writable(path)
    same = [_run(path, raw, args, None, f"run {number + 1}") for number in range(args.runs)]
    seeds = _seeds(document, args.seeds)
    others = [_run(path, raw, args, seed, f"seed {seed}") for seed in seeds]
    noise = measure_noise(same, others)
    results = {
        name: msgspec.structs.replace(result, noise=noise.get(name, result.noise))
        for name, result in document.results.items()
    }
    if read_bytes(path) != raw:
        reason = f"{name_of(path)} changed while it ran; nothing was written. Run it again."
        raise ReproError(reason)
    plain = load_json(path, raw)
    plain["metadata"][METADATA_KEY] = msgspec.to_builtins(
        msgspec.structs.replace(document, results=results)
    )
    write_atomically(path, encode_as(raw, plain))
    if not args.json:
        terminal.show_title(name_of(path))
        for name, result in results.items():
            if name in noise:
                print(render_noise(name, result.parts, noise[name]))  # noqa: T201
            else:
                print(f"{name}: not recorded in every run")  # noqa: T201
    return HOLDS, {"noise": noise}


def _seeds(document: Document, count: int) -> list[int]:
    """Return seeds that are not the notebook's own."""
    own = document.reference.layers.determinism.seed
    return [seed for seed in range(1, count + 2) if str(seed) != own][:count]


def _run(
    path: Path, raw: bytes, args: Namespace, seed: int | None, title: str
) -> dict[str, list[Part]]:
    from jupyter_repro.run.runner import RunOptions, run_notebook

    forced = {} if seed is None else {"seed": str(seed)}
    how = RunOptions(kernel=args.kernel, seed=seed, timeout=args.timeout, forced=forced)
    with terminal.progress(f"{name_of(path)}, {title}") as on_cell:
        done = run_notebook(path, raw, how, on_cell)
    if done.failure:
        reason = f"{name_of(path)}, {title}: {done.failure}; nothing was written."
        raise ReproError(reason)
    return {name: result.parts for name, result in done.results.items()}
