"""How much a difference weighs: the two built-in policies, and a project's own table.

`kinds` has the weights of the built-in policies, with all else that is decided of a kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import msgspec

from jupyter_repro.comparing.environments.kinds import KINDS
from jupyter_repro.comparing.environments.weights import Level, Weights
from jupyter_repro.errors import UsageError
from jupyter_repro.model.options import POLICY, suggest
from jupyter_repro.model.report import Severity
from jupyter_repro.model.results import EXACT, Tolerance
from jupyter_repro.safety.text import printable
from jupyter_repro.settings import KEYS, find_table

LEVELS: tuple[Level, ...] = ("error", "warning", "note", "ignore")


@dataclass(frozen=True)
class Policy:
    """A weight for every kind of change.

    Parameters
    ----------
    name
        Its name, as a report shows it.
    table
        Kind → its level if the notebook uses the subject, and if it does not.
    tolerance
        How near results must be to the recorded ones, unless they have a tolerance.
    """

    name: str
    table: Mapping[str, Weights]
    tolerance: Tolerance = EXACT

    def severity(self, kind: str, *, used: bool) -> Severity | None:
        """Return how much a change weighs; None if the policy ignores it."""
        level = self.table[kind][0 if used else 1]
        return None if level == "ignore" else level


RESEARCH = Policy(
    "research", {name: kind.research for name, kind in KINDS.items()}, Tolerance(rtol=1e-5)
)
"""What is likely to move a result is an error; builds and unused packages are notes. Results may
differ as much as NumPy's `allclose` lets them, but for its `atol`: it would call all small numbers
the same."""

PRODUCTION = Policy("production", {name: kind.production for name, kind in KINDS.items()})
"""Exact builds and digests of everything, whether the notebook uses it or not; exact results."""

BUILT_IN = {policy.name: policy for policy in (RESEARCH, PRODUCTION)}


def load_policy(name: str | None, folder: Path, recorded: str | None = None) -> Policy:
    """Return the policy that applies.

    In this order: the `name` that the user gave, ``[tool.jupyter_repro]`` in the nearest
    ``pyproject.toml``, the one `recorded` in the notebook, `research`. A name that the user gave
    selects the built-in policy unchanged; otherwise the project's severities override it.

    Parameters
    ----------
    name
        ``research``, ``production`` or None.
    folder
        Where to look for ``pyproject.toml``, and above it up to a folder with ``.git`` or the
        home folder.
    recorded
        The policy that the notebook has recorded.

    Raises
    ------
    UsageError
        For an unknown policy, kind or severity; the message names the file.

    Examples
    --------
    The project's own table::

        [tool.jupyter_repro]
        policy = "research"

        [tool.jupyter_repro.severity]
        version-patch = "error"
        build = {used = "warning", unused = "ignore"}

        [tool.jupyter_repro.tolerance]
        rtol = 1e-6
    """
    if name is not None:
        return _built_in(name, "policy")
    found = find_table(folder)
    if found is None:
        return _built_in(recorded or POLICY.default, "the notebook's policy")
    file, table = found
    for key in table:
        if key not in KEYS:
            refuse(f"key {key!r}", KEYS, file)
    base = _built_in(table.get("policy", recorded or POLICY.default), f"{file}: policy")
    own = dict(_own_weights(table.get("severity", {}), base, file))
    tolerance = _own_tolerance(table.get("tolerance"), base.tolerance, file)
    if not own and tolerance == base.tolerance:
        return base
    return Policy(f"{base.name} + pyproject.toml", {**base.table, **own}, tolerance)


def policy_or_built_in(
    name: str | None, folder: Path, recorded: str | None = None
) -> tuple[Policy, str | None]:
    """Return the policy that applies; if the project's cannot be read, a built-in one and why.

    For what must be shown in any folder: in a stranger's folder, ``pyproject.toml`` is a
    stranger's too. See `load_policy`.
    """
    try:
        return load_policy(name, folder, recorded), None
    except UsageError as error:
        policy = BUILT_IN.get(recorded or "", RESEARCH)
        return policy, f"{error} Until then the policy is {policy.name}."


def _built_in(name: object, where: str) -> Policy:
    if not isinstance(name, str) or name not in BUILT_IN:
        refuse(f"policy {name!r}", BUILT_IN, where)
    return BUILT_IN[name]


def _own_tolerance(table: object, base: Tolerance, file: str) -> Tolerance:
    if table is None:
        return base
    for key in table if isinstance(table, dict) else ():
        if key not in Tolerance.__struct_fields__:
            refuse(f"key {key!r} of tolerance", Tolerance.__struct_fields__, file)
    try:
        # A missing key is zero: a project that sets an atol gets no rtol with it
        return msgspec.convert(table, Tolerance, strict=True)
    except msgspec.ValidationError as error:
        reason = (
            f"{file}: [tool.jupyter_repro.tolerance] is not right ({error}): it may hold rtol from "
            "0 to below 1, atol from 0, and ulp, a whole number."
        )
        raise UsageError(reason) from None


def _own_weights(table: object, base: Policy, file: str) -> Iterator[tuple[str, Weights]]:
    if not isinstance(table, dict):
        reason = f"{file}: [tool.jupyter_repro.severity] is not a table of kinds."
        raise UsageError(reason)
    for kind, value in table.items():
        if kind not in base.table:
            refuse(f"kind of difference {kind!r}", KINDS, file)
        yield kind, _weights(value, base.table[kind], f"{file}: {kind}")


def _weights(value: object, default: Weights, where: str) -> Weights:
    if not isinstance(value, dict):
        return _level(value, where), _level(value, where)
    for key in value:
        if key not in {"used", "unused"}:
            refuse(f"key {key!r}", ("used", "unused"), where)
    return (
        _level(value.get("used", default[0]), where),
        _level(value.get("unused", default[1]), where),
    )


def _level(value: object, where: str) -> Level:
    level = next((level for level in LEVELS if level == value), None)
    if level is None:
        refuse(f"severity {value!r}", LEVELS, where)
    return level


def refuse(what: str, known: Iterable[str], where: str) -> NoReturn:
    """Raise a `UsageError` with the nearest known name, or with all of them."""
    names = list(known)
    what = printable(what, 100)
    word = what.partition("'")[2].rpartition("'")[0]
    hint = suggest(word, names, f"Choose one of {', '.join(names)}.")
    reason = f"{where}: there is no {what}. {hint}"
    raise UsageError(reason)
