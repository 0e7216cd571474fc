from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.model.document import Document
from jupyter_repro.model.snapshot import Git, Library, Snapshot
from jupyter_repro.notebook.record import record
from tests.fixtures.notebooks.samples import make_snapshot

NAMES = st.sampled_from(["numpy", "torch", "pandas", "random"])
LIBRARIES = st.builds(Library, name=st.sampled_from(["openblas", "mkl"]), threads=st.integers(0, 3))


def snapshot_of(progress: dict[str, bool], **options: Any) -> Snapshot:
    """A library is either seeded or waiting, never both."""
    seeded = tuple(sorted(name for name, done in progress.items() if done))
    waiting = tuple(sorted(name for name, done in progress.items() if not done))
    return make_snapshot(seeded=seeded, waiting=waiting, **options)


SNAPSHOTS = st.builds(
    snapshot_of,
    progress=st.dictionaries(NAMES, st.booleans()),
    packages=st.tuples(st.sampled_from(["numpy==1.0", "numpy==2.0"])),
    used=st.lists(NAMES, max_size=3).map(tuple),
    seed=st.none() | st.integers(0, 2),
    loaded=st.lists(LIBRARIES, max_size=3).map(tuple),
    torch=st.none() | st.sampled_from(["2.13.0", "2.13.0+cpu"]),
    git=st.none() | st.just(Git(commit="a" * 40)),
    created=st.sampled_from(["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]),
)

ONE = make_snapshot(packages=("numpy==1.0",))
OTHER = make_snapshot(packages=("numpy==2.0",))


@given(first=st.lists(SNAPSHOTS, max_size=3), last=SNAPSHOTS, accept=st.booleans())
def test_recording_again_changes_nothing(
    first: list[Snapshot], last: Snapshot, *, accept: bool
) -> None:
    document = None
    for snapshot in first:
        document = record(document, snapshot)
    once = record(document, last, accept=accept)
    assert record(once, last, accept=accept) == once


@given(snapshots=st.lists(SNAPSHOTS, min_size=1, max_size=5))
def test_runs_never_replace_the_reference(snapshots: list[Snapshot]) -> None:
    document = None
    for snapshot in snapshots:
        document = record(document, snapshot)
    assert document is not None
    assert document.reference.digest == snapshots[0].digest
    assert document.reference.created == snapshots[0].created
    newest = snapshots[-1].digest
    if newest == document.reference.digest:
        assert document.latest is None
    else:
        assert document.latest is not None
        assert document.latest.digest == newest


@given(document=st.none() | SNAPSHOTS, snapshot=SNAPSHOTS)
def test_what_is_recorded_is_a_valid_document(
    document: Snapshot | None, snapshot: Snapshot
) -> None:
    recorded = record(record(None, document) if document else None, snapshot, accept=True)
    assert recorded.reference.digest == snapshot.digest
    assert recorded.latest is None
    assert msgspec.json.decode(msgspec.json.encode(recorded), type=Document) == recorded


def test_the_same_environment_fills_in_what_was_not_known() -> None:
    blas = Library(name="openblas", threads=2)
    first = make_snapshot(used=("numpy",), seed=42, waiting=("torch",))
    later = make_snapshot(
        used=("torch",),
        seed=42,
        seeded=("torch",),
        torch="2.13.0+cpu",
        loaded=(blas,),
        git=Git(commit="b" * 40),
        created="2027-01-01T00:00:00Z",
    )
    reference = record(record(None, first), later).reference
    assert reference.created == first.created
    assert reference.layers.notebook.used == ["numpy", "torch"]
    assert reference.layers.notebook.git == Git(commit="b" * 40)
    assert reference.layers.frameworks.frameworks[0].loaded == "2.13.0+cpu"
    assert reference.layers.frameworks.frameworks[0].runtime == {"threads": 2}
    assert reference.layers.libraries.loaded == [blas]
    assert reference.layers.determinism.seeded == ["torch"]
    assert reference.layers.determinism.waiting == []


def test_a_poorer_snapshot_takes_nothing_away() -> None:
    rich = make_snapshot(used=("numpy",), seed=42, torch="2.13.0")
    document = record(None, rich)
    assert record(document, make_snapshot()) == document


def test_another_seed_is_not_recorded_over_the_first() -> None:
    document = record(record(None, make_snapshot(seed=1)), make_snapshot(seed=2))
    assert document.reference.layers.determinism.seed == "1"
    accepted = record(document, make_snapshot(seed=2), accept=True)
    assert accepted.reference.layers.determinism.seed == "2"


def test_an_obsolete_latest_goes() -> None:
    drifted = record(record(None, ONE), OTHER)
    assert drifted.latest == OTHER
    assert record(drifted, ONE).latest is None


def test_the_latest_keeps_its_time_while_nothing_changes() -> None:
    drifted = record(record(None, ONE), OTHER)
    again = msgspec.structs.replace(OTHER, created="2027-01-01T00:00:00Z")
    assert record(drifted, again) == drifted


def test_the_policy_stays_until_another_one_is_chosen() -> None:
    document = record(None, ONE, policy="production")
    assert record(document, OTHER).policy == "production"
    assert record(document, OTHER, policy="research").policy == "research"
