"""What a notebook should record when a front end asks, as a table of its cases."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_repro.comparing.results.values import parts_of
from jupyter_repro.kernel.recorded import CheckRequest, Known, recorded_now, settled_cells
from jupyter_repro.model.document import Document
from jupyter_repro.model.findings import RunFinding
from jupyter_repro.model.options import PolicyName
from jupyter_repro.model.results import RunResult
from jupyter_repro.notebook.record import record
from tests.unit.support.factories import make_snapshot, snapshot_with

FIRST = make_snapshot()
SECOND = snapshot_with(core={"python": "3.12.1"})
THIRD = snapshot_with(core={"python": "3.13.1"})
SENT = record(None, FIRST)
DRIFTED = record(SENT, SECOND)
RESULTS = {"loss": RunResult(parts=parts_of("loss", 0.5), created="2026-01-01T00:00:00Z")}


def known(**fields: Any) -> Known:
    given: dict[str, Any] = {"snapshot": FIRST, "results": {}, "history": [FIRST]} | fields
    return Known(**given)


@pytest.mark.parametrize(
    ("sent", "of_kernel", "request_", "reference", "latest"),
    [
        # Version 0.1.0 does not say whether it wrote: it gets all that was recorded here
        (None, known(), {}, FIRST, None),
        (None, known(snapshot=SECOND, history=[FIRST, SECOND]), {}, FIRST, SECOND),
        (SENT, known(snapshot=SECOND, history=[SECOND]), {}, FIRST, SECOND),
        (SENT, known(snapshot=SECOND, history=[], accepted=True), {}, SECOND, None),
        (DRIFTED, known(snapshot=SECOND, history=[FIRST, SECOND]), {}, FIRST, SECOND),
        (DRIFTED, known(), {}, FIRST, None),
        # A newer one: the cells brought environments, a question adds what is known since
        (None, known(), {"wrote": True}, None, None),
        (SENT, known(), {"wrote": True}, FIRST, None),
        (SENT, known(snapshot=SECOND), {"wrote": True}, FIRST, SECOND),
        (SENT, known(snapshot=SECOND, ran_last=False), {"wrote": True}, FIRST, None),
        (DRIFTED, known(snapshot=SECOND, ran_last=False), {"wrote": True}, FIRST, SECOND),
        (DRIFTED, known(snapshot=THIRD), {"wrote": True}, FIRST, THIRD),
        (SENT, known(snapshot=SECOND, accepted=True), {"wrote": True}, FIRST, SECOND),
        # The user accepts in the front end
        (None, known(snapshot=SECOND), {"wrote": False, "accept": True}, SECOND, None),
        (SENT, known(snapshot=SECOND), {"wrote": True, "accept": True}, SECOND, None),
        (SENT, known(snapshot=SECOND, history=[SECOND]), {"accept": True}, SECOND, None),
    ],
)
def test_what_is_recorded_now(
    sent: Document | None, of_kernel: Known, request_: dict[str, Any], reference: Any, latest: Any
) -> None:
    found = recorded_now(sent, of_kernel, CheckRequest(**request_))
    assert (found.reference if found else None) == reference
    assert (found.latest if found else None) == latest
    assert recorded_now(sent, of_kernel, CheckRequest(**request_)) == found


@pytest.mark.parametrize(("policy", "expected"), [(None, "production"), ("research", "research")])
def test_the_policy_of_the_front_end_goes_before_that_of_the_kernel(
    policy: PolicyName | None, expected: PolicyName
) -> None:
    request = CheckRequest(wrote=True, policy=policy)
    document = recorded_now(SENT, known(policy="production"), request)
    assert document is not None
    assert document.policy == expected


@pytest.mark.parametrize(
    ("request_", "names"),
    [({}, ["loss"]), ({"wrote": True}, []), ({"wrote": True, "accept": True}, ["loss"])],
)
def test_results_come_with_the_cells_but_for_an_old_front_end(
    request_: dict[str, Any], names: list[str]
) -> None:
    document = recorded_now(SENT, known(results=RESULTS), CheckRequest(**request_))
    assert document is not None
    assert list(document.results) == names


def test_findings_of_cells_that_ran_or_were_deleted_do_not_stay() -> None:
    def found(cell: str) -> RunFinding:
        return RunFinding(kind="reseeded", severity="warning", what="x", advice="y", cell=cell)

    document = msgspec.structs.replace(SENT, findings=[found("a"), found("b"), found("c")])
    assert settled_cells(document, {"a"}, ["a", "b"]) == {"a", "c"}
    assert settled_cells(document, {"a"}, None) == {"a"}
    now = recorded_now(document, known(ran={"a"}), CheckRequest(wrote=True, cells=["a", "b"]))
    assert now is not None
    assert [one.cell for one in now.findings] == ["b"]
