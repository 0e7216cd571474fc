"""Stim: simulators and samplers that are made without a seed.

``Tableau.random`` takes no seed at all: it is a finding. With a seed, numbers still depend on the
version of Stim and on the processor, as its documentation says.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.generators.entropy import KIND, Entropy
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "stim"

_WHAT = "A simulator or sampler of Stim"
_SEEDED = (
    ("Circuit", "compile_sampler"),
    ("Circuit", "compile_detector_sampler"),
    ("DetectorErrorModel", "compile_sampler"),
    ("TableauSimulator", "__init__"),
    ("FlipSimulator", "__init__"),
)
_UNSEEDED = (("Tableau", "random"), ("PauliString", "random"))


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed these; return how to undo it, and no notes."""

    def seeded(original: Call) -> Call:
        def make(*args: Any, seed: Any = None, **options: Any) -> Any:  # noqa: ANN401
            if seed is None and entropy.derives(calling_frame(1), _WHAT):
                seed = entropy.streams.next(63)
            return original(*args, seed=seed, **options)

        return make

    def unseeded(original: Call) -> Call:
        def random(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
            entropy.report(
                KIND,
                "A random object of Stim takes no seed: it differs from run to run.",
                "Make it from numbers of a generator with a seed, or store it.",
                calling_frame(1),
            )
            return original(*args, **options)

        return random

    changes: list[Change] = []
    for names, wrap in ((_SEEDED, seeded), (_UNSEEDED, unseeded)):
        for kind, name in names:
            owner = getattr(module, kind, None)
            changes += replace(owner, name, wrap) if owner is not None else []
    return changes, []
