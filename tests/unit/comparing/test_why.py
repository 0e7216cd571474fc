"""Where two runs part and why: the cause that was put there comes first."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import RESEARCH
from jupyter_repro.comparing.why.causes import (
    Draw,
    Shown,
    causes_of_cell,
    likely_causes,
    render_causes,
)
from jupyter_repro.comparing.why.cuda_numbers import same_numbers_up_to
from jupyter_repro.comparing.why.parting import (
    CellPair,
    Parting,
    first_parting,
    further_partings,
)
from jupyter_repro.comparing.why.printed_versions import (
    PrintedVersion,
    PrintedVersions,
    changed_versions,
)
from jupyter_repro.model.findings import RunFinding
from jupyter_repro.model.snapshot import GpuDevice, GpuLayer, Library, Snapshot
from tests.unit.support.factories import A100, CONDA, H200, make_snapshot, snapshot_with

SAME = CellPair(1, "a", is_edited=False, outcome="identical")
OTHER_NUMPY = {
    group: [line.replace("numpy-1.26.4", "numpy-1.26.5") for line in lines]
    for group, lines in CONDA.items()
}
NUMBERS = {"a": 1, "b": 2, "c": 3}
OPERATION = RunFinding(
    kind="nondeterministic-operation", severity="warning", what="index_put_", advice="-", cell="b"
)


def kinds(before: Snapshot, after: Snapshot, *findings: RunFinding, pair: CellPair) -> list[str]:
    report = compare(before, after, RESEARCH)
    parting = first_parting([SAME, pair])
    assert parting is not None
    causes = likely_causes(
        "a.ipynb", parting, report, findings, numbers=NUMBERS, snapshots=(before, after)
    )
    return [cause.kind for cause in causes]


DIFFERENT = CellPair(2, "b", is_edited=False, outcome="different")


@pytest.mark.parametrize(
    ("pairs", "number", "by"),
    [
        ([SAME, DIFFERENT], 2, "results"),
        ([SAME, DIFFERENT._replace(is_edited=True)], 2, "source"),
        ([SAME._replace(is_edited=True), DIFFERENT], 1, "source"),
        ([SAME, DIFFERENT._replace(moved=("numpy",))], 2, "generators"),
        ([SAME._replace(moved=("torch",)), DIFFERENT], 1, "generators"),
        ([SAME, DIFFERENT._replace(is_edited=None)], 2, "results"),
    ],
)
def test_the_first_cell_that_differs(pairs: list[CellPair], number: int, by: str) -> None:
    parting = first_parting(pairs)
    assert parting is not None
    assert (parting.pair.number, parting.by) == (number, by)
    assert f"cell {number}" in parting.sentence


@pytest.mark.parametrize(
    "pairs",
    [
        [SAME],
        [SAME._replace(is_edited=True)],
        [SAME, DIFFERENT._replace(outcome="not run")],
        [SAME, DIFFERENT._replace(outcome="within tolerance")],
        [],
    ],
)
def test_runs_that_do_not_part(pairs: list[CellPair]) -> None:
    assert first_parting(pairs) is None


@pytest.mark.parametrize(
    ("change", "findings", "expected"),
    [
        ({"conda": {"packages": OTHER_NUMPY}}, (), "version-patch"),
        ({"determinism": {"determinism": "off"}}, (OPERATION,), "determinism-level"),
        ({"determinism": {"seed": None}}, (), "seed"),
        ({"gpu": {"devices": [A100]}}, (), "gpu-architecture"),
        (
            {"libraries": {"loaded": [Library(name="openblas", version="0.3.27", threads=1)]}},
            (),
            "threads",
        ),
        ({}, (OPERATION,), "nondeterministic-operation"),
        ({}, (), "unknown"),
    ],
)
def test_what_was_changed_comes_first(
    change: dict[str, Any], findings: tuple[RunFinding, ...], expected: str
) -> None:
    found = kinds(make_snapshot(), snapshot_with(**change), *findings, pair=DIFFERENT)
    assert found[0] == expected


def test_an_edited_cell_comes_first_unless_it_holds_the_seed() -> None:
    edited = DIFFERENT._replace(is_edited=True)
    assert kinds(make_snapshot(), make_snapshot(), OPERATION, pair=edited)[0] == "source"
    without = snapshot_with(determinism={"seed": None})
    found = kinds(make_snapshot(), without, pair=edited)
    assert found[0] == "seed"
    assert "source" in found


def test_what_was_seen_below_the_cell_explains_nothing() -> None:
    later = msgspec.structs.replace(OPERATION, cell="c")
    assert kinds(make_snapshot(), make_snapshot(), later, pair=DIFFERENT) == ["unknown"]


def test_each_cause_says_what_speaks_for_it_and_how_to_confirm_it() -> None:
    threads = snapshot_with(
        libraries={"loaded": [Library(name="openblas", version="0.3.27", threads=1)]}
    )
    report = compare(make_snapshot(), threads, RESEARCH)
    parting = first_parting([DIFFERENT])
    text = render_causes(likely_causes("a.ipynb", parting, report, [OPERATION], numbers=NUMBERS))
    assert "seen     cell 2" in text
    assert "confirm  jupyter repro verify a.ipynb --with determinism=strict" in text
    assert "confirm  jupyter repro verify a.ipynb --with threads=16" in text


@pytest.mark.parametrize(
    ("stored", "new", "source", "changed", "is_all"),
    [
        ("torch version: 2.4.0", "torch version: 2.13.0+cpu", "f()",
         [("torch version", "2.4.0", "2.13.0+cpu")], True),
        ("2.4", "2.13", "print(torch.__version__[:4])", [("", "2.4", "2.13")], True),
        ("numpy   1.26.4\npip 24.0", "numpy 2.4.6\npip   24.0", "%pip list",
         [("numpy", "1.26.4", "2.4.6")], True),
        ("version 1.2.3\nloss 0.5", "version 1.2.4\nloss 0.7", "f()",
         [("version", "1.2.3", "1.2.4")], False),
        ("loss 0.5", "loss 0.7", "f()", [], False),
        ("version 1.2.3 of it", "version 1.2.4 of that", "f()", [], False),
        ("version 1.2.3\na", "version 1.2.4", "f()", [], False),
    ],
)  # fmt: skip
def test_versions_that_are_printed(
    stored: str,
    new: str,
    source: str,
    changed: list[tuple[str, str, str]],
    is_all: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    found = changed_versions(stored, new, source)
    assert ([*found.changed], found.is_all) == (changed, is_all)


class Chain:
    """Cells of which each number in `builds` builds on the ones above."""

    def __init__(self, *builds: int) -> None:
        self.builds = builds

    def follows(self, at: int) -> bool:
        return at in self.builds

    def reach(self, at: int) -> None:
        pass

    def pass_on(self, at: int) -> None:
        pass


def test_cells_that_differ_by_themselves() -> None:
    others = [DIFFERENT._replace(number=number, cell=None) for number in (3, 4, 5)]
    pairs = [SAME, DIFFERENT, *others]
    first = first_parting(pairs)
    assert first is not None
    found = list(further_partings(pairs, first, Chain(3)))
    assert [one.pair.number for one in found] == [3, 5]
    assert found[0].sentence == (
        "Cell 3 differs by itself: it uses nothing of what differs above it."
    )
    moved = [pair._replace(moved=("numpy",)) for pair in pairs[1:]]
    first = first_parting([SAME, *moved])
    assert first is not None
    assert list(further_partings([SAME, *moved], first, Chain())) == []


def test_what_a_cell_shows_itself_is_its_cause() -> None:
    first, second = (
        Parting(DIFFERENT._replace(number=number, cell=cell), "results", is_first=number == 1)
        for number, cell in ((1, "a"), (2, "b"))
    )
    printed = Shown(PrintedVersions([PrintedVersion("torch", "2.4.0", "2.13.0")], is_all=True))
    causes = likely_causes("a.ipynb", first, None, [], numbers=NUMBERS, shown=printed)
    assert [(one.kind, one.evidence) for one in causes] == [
        ("printed-version", "torch: 2.4.0 → 2.13.0")
    ]
    drawn = Shown(draws=[Draw("np.random.rand() draws, and nothing seeds NumPy.", 3)])
    for shown, above, kinds in (
        (drawn, causes, ["unseeded-draw"]),
        (Shown(), causes, []),  # the version may explain it
        (Shown(), [], ["unknown"]),
    ):
        own = causes_of_cell("a.ipynb", second, [], numbers=NUMBERS, shown=shown, above=above)
        assert [one.kind for one in own] == kinds
    own = causes_of_cell(
        "a.ipynb", second, [OPERATION], numbers=NUMBERS, shown=Shown(), above=causes
    )
    assert [one.kind for one in own] == ["nondeterministic-operation"]


def gpu(capability: str, multiprocessors: int) -> GpuLayer:
    device = GpuDevice(name="x", compute_capability=capability, sm_count=multiprocessors)
    return GpuLayer(status="ok", devices=[device])


def test_two_gpus_draw_the_same_numbers_up_to_the_threads_of_the_smaller() -> None:
    # As measured on a T4 and an L4: https://github.com/pytorch/pytorch/issues/194676
    assert same_numbers_up_to(gpu("7.5", 40), gpu("8.9", 58)) == 40_960
    assert same_numbers_up_to(gpu("8.9", 58), gpu("8.0", 108)) == 89_088
    assert same_numbers_up_to(gpu("9.0", 132), gpu("9.0", 132)) is None
    assert same_numbers_up_to(gpu("1.0", 132), gpu("9.0", 132)) is None
    assert same_numbers_up_to(GpuLayer(status="ok"), gpu("9.0", 132)) is None
    assert H200.sm_count == 132
