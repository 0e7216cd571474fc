"""Record results from code: what ``%repro expect`` does, as a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_repro.errors import UsageError
from jupyter_repro.kernel.session import Session, current_session
from jupyter_repro.kernel.shown import arrival_of
from jupyter_repro.model.results import Tolerance

if TYPE_CHECKING:
    from jupyter_repro.comparing.results.expectations import Expected


def expect(
    name: str,
    value: object,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    ulp: int | None = None,
) -> Expected:
    """Record a result, and compare it with the one that the notebook has recorded.

    Parameters
    ----------
    name
        Of the result: letters, digits, dots, hyphens and underscores.
    value
        A number, string, bool, array, tensor, model (its state dict), frame or figure, or lists
        and dicts of these. Large arrays are kept as a fingerprint; see
        `comparing.results.fingerprint`.
    rtol, atol
        As in `numpy.isclose`, the recorded value being the second argument.
    ulp
        Units in the last place that floats may differ by.

    Returns
    -------
    Expected
        With `outcome` and `why`. It is true where the result holds or was recorded just now.

    Raises
    ------
    UsageError
        If the name, the tolerance or the value is of no use; nothing is recorded then.

    Examples
    --------
    >>> import jupyter_repro
    >>> jupyter_repro.expect("example", 0.5, rtol=1e-3).outcome
    'recorded'
    """
    return record_result(current_session(), name, value, tolerance_of(rtol, atol, ulp))


def record_result(
    session: Session, name: str, value: object, tolerance: Tolerance | None
) -> Expected:
    """Record a named result of the cell that is running; see `expect`."""
    if session.recorded is not None:
        session.find_results()
    cell = session.follower.running_cell
    expected = session.client.results.expect(
        name,
        value,
        tolerance=tolerance,
        default=session.policy().tolerance,
        # A number instead of an id means nothing after this kernel
        cell=None if cell is None or " " in cell else cell,
    )
    if session.shown.sends and session.recorded is not None:
        # At once: this cell may end the kernel
        session.shown.send(arrival_of(session, session.recorded, results=[name]))
    return expected


def tolerance_of(rtol: float | None, atol: float | None, ulp: int | None) -> Tolerance | None:
    """Return a tolerance, or None where nothing of it is said.

    Raises
    ------
    UsageError
        If one of them is out of its range.
    """
    if rtol is None and atol is None and ulp is None:
        return None
    for key, number, limit in (
        ("rtol", rtol, 1),
        ("atol", atol, float("inf")),
        ("ulp", ulp, 2**63),
    ):
        if number is not None and not 0 <= number < limit:
            range_ = {"rtol": "from 0 to below 1", "atol": "from 0", "ulp": "from 0"}[key]
            reason = f"{key}={number!r} is no tolerance: it is a number {range_}."
            raise UsageError(reason)
    return Tolerance(rtol=float(rtol or 0), atol=float(atol or 0), ulp=int(ulp or 0))
