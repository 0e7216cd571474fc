"""One difference between two snapshots, before a policy weighs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jupyter_repro.comparing.environments.kinds import KINDS, PACKAGE_KINDS

_POSITION = {kind: position for position, kind in enumerate(KINDS)}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between a reference and a current snapshot.

    Parameters
    ----------
    kind
        One of `KINDS`.
    layer
        Name of the layer that it belongs to.
    subject
        What differs: a package, a device, a variable.
    reference, current
        What was recorded and what is here now; None if there is nothing.
    used
        Whether the notebook imports it. True for what is below every package, such as the GPU.
    installer
        The tool that would install the recorded state of a package.
    """

    kind: str
    layer: str
    subject: str
    reference: str | None
    current: str | None
    used: bool = True
    installer: Literal["conda", "pip"] | None = None


def impact(change: Change) -> tuple[bool, int]:
    """Return a sort key: what is likelier to change a number comes first."""
    kind = change.kind
    if change.layer == "frameworks" and kind in PACKAGE_KINDS:
        # A framework has its own kernels: it comes before Python, not among the packages
        kind = "framework-build"
    return not change.used, _POSITION[kind]
