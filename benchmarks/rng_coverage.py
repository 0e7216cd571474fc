"""Which libraries repeat in two fresh processes, under which recipe: ``make bench-rng``.

Prints the table, and writes it to the file that is named. A library that is not installed is left
out. Ends with status 1 where something differs under ``%repro`` and no reason is known.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.rng_cases import CASES, WHY

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT = 600

RECIPES = {
    "nothing": "def seed(): pass",
    "setup_seed": """
def seed():
    import random, numpy as np, torch
    random.seed(42); np.random.seed(42); torch.manual_seed(42); torch.cuda.manual_seed_all(42)
    torch.backends.cudnn.deterministic = True; torch.backends.cudnn.benchmark = False
""",
    "seed_everything": """
def seed():
    from pytorch_lightning import seed_everything
    seed_everything(42, workers=True)
""",
    "set_seed": """
def seed():
    from transformers import set_seed
    set_seed(42)
""",
    "%repro": """
def seed():
    import jupyter_repro
    jupyter_repro.seed_all(42)
""",
}
NEEDS = {"setup_seed": "torch", "seed_everything": "pytorch-lightning", "set_seed": "transformers"}

# Each case is seeded anew, so that none depends on the draws of a different one
CHILD = """
import contextlib, json, logging, os, sys, warnings
warnings.simplefilter("ignore"); logging.disable(logging.WARNING)
{recipe}
for name, code in json.loads({cases!r}):
    space = {{"__name__": "snippet"}}
    try:
        with contextlib.redirect_stdout(sys.stderr):
            seed()
            exec(code, space)
        shown = repr(space["out"])
    except Exception as error:
        shown = f"error: {{type(error).__name__}}: {{error}}"
    print(json.dumps([name, shown]), flush=True)
os._exit(0)
"""


@dataclass(frozen=True)
class Line:
    """One case: what it is, and under which recipes two processes agree."""

    library: str
    case: str
    same: dict[str, bool | None]


def run(library: str, recipe: str) -> dict[str, str]:
    """Return what each case of a library gave in a fresh process."""
    code = CHILD.format(recipe=RECIPES[recipe], cases=json.dumps(CASES[library]))
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    environ |= {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
    environ |= {"DEV": "PYTHON"}  # for tinygrad, which else wants a compiler
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    if len(answers) < len(CASES[library]):
        print(f"{library}, {recipe}: stopped\n{done.stderr[-2000:]}", file=sys.stderr)
    return dict(answers)


def compare(library: str) -> list[Line]:
    """Run a library's cases twice under each recipe."""
    answers = {
        recipe: (run(library, recipe), run(library, recipe))
        for recipe in RECIPES
        if recipe not in NEEDS or installed(NEEDS[recipe])
    }
    lines = []
    for case, _ in CASES[library]:
        same: dict[str, bool | None] = {}
        for recipe, (first, second) in answers.items():
            value = first.get(case, "error: it did not get that far")
            if value.startswith("error"):
                print(f"{library}, {case}, {recipe}: {value[:300]}", file=sys.stderr)
            failed = value.startswith("error") or case not in second
            same[recipe] = None if failed else value == second[case]
        lines.append(Line(library, case, same))
    print(f"{library}: done", file=sys.stderr, flush=True)
    return lines


def installed(distribution: str) -> str | None:
    """Return the version of a distribution, or None."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


DISTRIBUTIONS = {
    "scikit-learn": "scikit-learn",
    "tensorflow": "tensorflow-cpu",
    "xgboost": "xgboost-cpu",
    "lightning": "pytorch-lightning",
    "paddle": "paddlepaddle",
}


def libraries() -> dict[str, str]:
    """Return the libraries that are here, with their versions."""
    found = {"python": platform.python_version()}
    for library in CASES:
        number = installed(DISTRIBUTIONS.get(library, library))
        if number is not None:
            found[library] = number
    return found


WORDS = {True: "same", False: "**differs**", None: "failed"}


_HEAD = """\
# What repeats

Each case runs in two fresh processes on one machine, under five recipes: nothing; `setup_seed`, the
function that people copy (random, NumPy, PyTorch); Lightning's `seed_everything(42, workers=True)`;
transformers' `set_seed(42)`; and `%repro seed=42`. `make bench-rng` makes this table. Two equal
runs prove nothing more than that; two different ones prove that the recipe does not cover the case.
A recipe without an entry (`-`) was not tried.

Measured with {versions}; no GPU; PYTHONHASHSEED not set.
"""


def as_markdown(lines: list[Line], versions: dict[str, str]) -> str:
    """Return the whole document."""
    listed = ", ".join(f"{library} {number}" for library, number in versions.items())
    head = ["library", "case", *RECIPES]
    rows = [
        [
            line.library,
            f"`{line.case}`",
            *(WORDS[line.same[r]] if r in line.same else "-" for r in RECIPES),
        ]
        for line in lines
    ]
    counts = [
        f"{sum(line.same.get(recipe) is True for line in lines)} of {len(lines)}"
        for recipe in RECIPES
    ]
    rows.append(["**same**", "", *counts])
    remaining = [line for line in lines if line.same.get("%repro") is not True]
    reasons = [
        f"* {line.library}, `{line.case}`: {WHY.get(line.case, 'no reason is known: a defect.')}"
        for line in remaining
    ]
    return "\n".join(
        [
            _HEAD.format(versions=listed),
            "| " + " | ".join(head) + " |",
            "|" + "---|" * len(head),
            *("| " + " | ".join(row) + " |" for row in rows),
            "",
            "## What stays different under `%repro`, and why",
            "",
            *(reasons or ["Nothing."]),
            "",
        ]
    )


def main() -> None:
    """Make the table."""
    versions = libraries()
    chosen = [library for library in CASES if library in versions]
    # Two at a time: each waits for its imports most of the time
    with ThreadPoolExecutor(2) as pool:
        lines = [line for found in pool.map(compare, chosen) for line in found]
    text = as_markdown(lines, versions)
    print(text)
    if sys.argv[1:]:
        Path(sys.argv[1]).parent.mkdir(exist_ok=True)
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    unexplained = [
        line.case for line in lines if line.same["%repro"] is not True and line.case not in WHY
    ]
    if unexplained:
        sys.exit(f"bench-rng: these differ under %repro: {', '.join(unexplained)}")


if __name__ == "__main__":
    main()
