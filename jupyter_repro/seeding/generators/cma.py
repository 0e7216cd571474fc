"""cma: a strategy without a seed seeds NumPy by the clock; it gets one that follows from yours."""

from __future__ import annotations

import copy
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "cma"

_WHAT = "An evolution strategy of cma"


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed strategies; return how to undo it, and no notes."""

    def make(original: Call) -> Call:
        def __init__(  # noqa: N807
            self: Any,  # noqa: ANN401 - as the original
            x0: Any,  # noqa: ANN401
            sigma0: Any,  # noqa: ANN401
            inopts: Any = None,  # noqa: ANN401
            options: Any = None,  # noqa: ANN401
        ) -> None:
            given = options if inopts is None else inopts
            if _is_by_clock(given) and entropy.derives(calling_frame(1), _WHAT):
                given = {} if given is None else copy.copy(given)
                given["seed"] = entropy.streams.next(31) or 1  # 0 stands for the clock
                inopts, options = given, None
            original(self, x0, sigma0, inopts, options)

        return __init__

    strategy = getattr(module, "CMAEvolutionStrategy", None)
    return (replace(strategy, "__init__", make) if strategy is not None else []), []


def _is_by_clock(given: Any) -> bool:  # noqa: ANN401 - options of cma, or what the user passes
    if given is not None and not isinstance(given, dict):
        return False
    seed = (given or {}).get("seed")
    return not seed or str(seed).startswith("time")
