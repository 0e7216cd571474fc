"""Forked children: each gets its own numbers, the same ones in the next run.

Otherwise NumPy's and PyTorch's generators would be copied into every child, and Python's reseeded
from fresh entropy. Python cannot unregister a callback for forks, so the callbacks check whether
anything is seeded.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from jupyter_repro.seeding.generators.entropy import Entropy

_watched: list[tuple[Entropy, Callable[[], None]]] = []


def watch(entropy: Entropy, reseed: Callable[[], None]) -> None:
    """Reseed in each forked child from now on, while `entropy` is started.

    Parameters
    ----------
    entropy
        The entropy of this process.
    reseed
        Seeds the global generators in the child; must not raise.
    """
    if not hasattr(os, "register_at_fork"):  # Windows
        return
    if not _watched:
        os.register_at_fork(before=_before, after_in_child=_after_in_child)
    _watched[:] = [(entropy, reseed)]


def _before() -> None:
    for entropy, _ in _watched:
        if entropy.mode is not None:
            entropy.streams.before_fork()


def _after_in_child() -> None:
    for entropy, reseed in _watched:
        if entropy.mode is not None:
            entropy.streams.after_fork_in_child()
            reseed()
