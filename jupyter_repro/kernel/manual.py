"""What `%repro?` and `%repro help` print, made from the tables of commands and options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_repro.kernel.arguments import COMMANDS
from jupyter_repro.model.options import (
    DETERMINISM,
    GENERATORS,
    MODE,
    OPTIONS,
    PINS,
    RANKS,
    Choice,
)


def _lines(texts: Mapping[str, str]) -> str:
    return "\n".join(f"    {name:<13}{text}" for name, text in texts.items())


def _meanings(*options: Choice[Any]) -> str:
    return "\n".join(
        f"{option.name if choice == option.choices[0] else '':<14}{choice:<12}{meaning}"
        for option in options
        for choice, meaning in zip(option.choices, option.meanings, strict=True)
    )


MANUAL = f"""\
%repro seeds every random generator, makes PyTorch deterministic and records the environment
that this notebook's results were made with.

    %repro seed=42                        seed everything and record
    %repro seed=42 determinism=strict     and stop at nondeterministic operations
    %repro seed=42 mode=cell              give each cell its own numbers: run cells in any order
    %repro seed=42 ranks=distinct         under torchrun: give each process its own numbers
    %repro seed=42 policy=production      and compare builds and digests exactly
    %repro                                show what is seeded and recorded, and whether it holds
    %repro findings                       list what keeps results from repeating
    %repro check                          compare this kernel with the recorded environment
    %repro expect loss=loss rtol=1e-3     record a result; on a re-run, compare it
    %repro checkpoint before              save the state of all random generators
    %repro restore before                 and go back to it
    %repro export environment.yml         write this environment for conda; see the docs for others
    %%repro seed=7                        on top of a cell: seed for this cell alone
    %%repro doctor                        on top of a cell: run it twice and explain what differs
    %repro doctor train                   the same for a function without arguments

Commands
{_lines({name: command.summary for name, command in COMMANDS.items()})}

Options
{_lines({name: option.summary for name, option in OPTIONS.items()})}

{_meanings(DETERMINISM, GENERATORS, MODE, RANKS, PINS)}

On the command line: jupyter repro --help
"""
