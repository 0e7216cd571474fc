"""What is decided about one kind of difference; `kinds` has the table of all."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Level: TypeAlias = Literal["error", "warning", "note", "ignore"]
Weights: TypeAlias = tuple[Level, Level]
"""For what the notebook uses, and for what it does not use."""

ERROR: Weights = ("error", "error")
ERROR_ELSE_WARNING: Weights = ("error", "warning")
ERROR_IF_USED: Weights = ("error", "note")
WARNING: Weights = ("warning", "warning")
WARNING_IF_USED: Weights = ("warning", "note")
NOTE: Weights = ("note", "note")

ACCEPT = "If you meant this change, run %repro accept."
INSTALL = "{install}"


class Kind(NamedTuple):
    """All that is decided about a kind of difference.

    Parameters
    ----------
    why, action
        What it may do to results, and what to do about it. The action may name the subject and the
        reference, see `advice.explain`.
    research, production
        Its weights in the two built-in policies.
    as_cause
        How likely it is to have made two runs differ. None takes it from the place in the report.
    confirm
        The option of ``jupyter repro verify --with`` that confirms it as a cause.
    """

    why: str
    action: str = ACCEPT
    research: Weights = NOTE
    production: Weights = ERROR
    as_cause: int | None = None
    confirm: Literal["seed", "threads", "determinism"] | None = None
