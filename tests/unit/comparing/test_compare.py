"""Comparing two snapshots: the order of what is found, its weights, and the verdicts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import PRODUCTION, RESEARCH, Policy
from jupyter_repro.model.report import Report
from jupyter_repro.model.snapshot import (
    LAYER_TITLES,
    Framework,
    Layers,
    Library,
    Snapshot,
    ThirdPartyLayer,
)
from tests.unit.support.factories import (
    A100,
    FORGE,
    NO_GPU,
    NOARCH,
    changes_of,
    conda_with,
    difference,
    make_layers,
    make_snapshot,
    packages_with,
    snapshot_with,
)


def three_differences() -> tuple[Snapshot, Snapshot]:
    layers: dict[str, Any] = {
        "conda": {
            "packages": conda_with(
                numpy="numpy-1.26.5-py311h64a7726_0.conda#" + "a" * 64,
                zlib="zlib-1.3.1-h4ab18f5_2.conda#" + "c" * 64,
            )
        },
        "packages": {"packages": packages_with(numpy="numpy==1.26.5 [conda]", rich=None)},
    }
    used = {"notebook": {"used": ["numpy", "rich", "torch"]}}
    return snapshot_with(**used), snapshot_with(**layers, **used)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (
            RESEARCH,
            [
                ("package-missing", "rich", "error"),
                ("version-patch", "numpy", "warning"),
                ("build", "zlib", "note"),
            ],
        ),
        (
            PRODUCTION,
            [
                ("package-missing", "rich", "error"),
                ("version-patch", "numpy", "error"),
                ("build", "zlib", "error"),
            ],
        ),
    ],
    ids=["research", "production"],
)
def test_a_patch_a_build_and_a_missing_package(policy: Any, expected: list[Any]) -> None:
    report = compare(*three_differences(), policy)
    assert [(one.kind, one.subject, one.severity) for one in report.findings] == expected
    assert report.verdict == "mismatch"
    assert report.policy == policy.name


def test_the_summary_is_one_sentence_with_the_worst() -> None:
    summary = compare(*three_differences(), RESEARCH).summary
    assert summary == "Differs: 1 error, 1 warning, 1 note; worst: rich is missing."


def test_worst_first_and_within_a_severity_what_moves_numbers_most() -> None:
    report = difference(
        {},
        {
            "gpu": {"devices": [A100], "driver": "560.35.03"},
            "core": {"python": "3.12.1"},
            "system": {"kernel": "6.8", "cpu_features": ["avx2"]},
            "determinism": {"torch": {"cudnn.allow_tf32": False}},
            "packages": {
                "packages": packages_with(torch="torch==2.4.0+cu121 [pip]", rich="rich==14.0 [pip]")
            },
            "conda": {
                "packages": conda_with(numpy="numpy-2.0.0-py311h64a7726_0.conda#" + "c" * 64)
            },
        },
    )
    assert [one.kind for one in report.findings] == [
        "gpu-architecture",
        "version-minor",  # torch
        "python-minor",
        "version-major",  # numpy
        "precision",
        "driver-branch",
        "cpu-features",
        "kernel",
        "version-major",  # rich, not used
    ]


def test_each_layer_has_its_verdict_and_the_worst_is_the_whole() -> None:
    report = difference(
        {},
        {
            "core": {"python": "3.12.1"},
            "system": {"kernel": "6.8"},
            "determinism": {"determinism": "off"},
            "libraries": {"status": "error", "reason": "OSError: no such file"},
        },
    )
    verdicts = {name: layer.verdict for name, layer in report.layers.items()}
    assert verdicts == {
        "notebook": "match",
        "frameworks": "match",
        "packages": "match",
        "conda": "match",
        "core": "mismatch",
        "system": "match",
        "gpu": "match",
        "libraries": "not checked",
        "determinism": "drift",
    }
    assert report.verdict == "mismatch"
    assert "OSError: no such file" in (report.layers["libraries"].reason or "")
    assert report.summary.endswith("; not checked: Numerical libraries.")


def test_not_checked_is_never_a_match() -> None:
    failed = {name: {"status": "error", "reason": "broken"} for name in Layers.__struct_fields__}
    report = difference({}, failed)
    assert report.verdict == "not checked"
    assert {layer.verdict for layer in report.layers.values()} == {"not checked"}


def test_a_layer_on_one_side_only_is_a_difference() -> None:
    report = difference({}, {"libraries": {"status": "unavailable", "reason": "none"}})
    assert [one.kind for one in report.findings] == ["layer-status"]
    assert report.layers["libraries"].verdict == "drift"


def test_a_layer_on_neither_side_is_not_present() -> None:
    report = difference({"gpu": NO_GPU}, {"gpu": NO_GPU})
    assert report.layers["gpu"].state == "not present"
    assert report.layers["gpu"].verdict == "not checked"  # what older front ends know
    assert report.layers["gpu"].reason == "no GPU driver found"
    assert report.summary == "Matches: no differences."


NOTHING: dict[str, Any] = {"loaded": [], "variables": {}}
OTHER_LIBRARY: dict[str, Any] = {"loaded": [Library(name="mkl", version="1")]}
NO_CONDA: dict[str, Any] = {"status": "unavailable", "reason": "not conda", "packages": {}}


@pytest.mark.parametrize(
    ("layer", "before", "after", "state", "reason"),
    [
        ("conda", NO_CONDA, NO_CONDA, "not present", "not conda"),
        ("libraries", NOTHING, NOTHING, "not present", ""),
        ("libraries", {}, NOTHING, "not checked", "none of the recorded libraries is loaded here"),
        ("libraries", NOTHING, {}, "not checked", "none was loaded when it was recorded"),
        ("libraries", {}, {}, "match", ""),
        (
            "libraries",
            {**NOTHING, "variables": {"OMP_NUM_THREADS": "1"}},
            {**NOTHING, "variables": {"OMP_NUM_THREADS": "1"}},
            "match",
            "",
        ),
        ("notebook", {"language": None}, {"language": None}, "not present", "nothing of it"),
        (
            "notebook",
            {},
            {"language": None},
            "not checked",
            "the two sides know nothing of it in common",
        ),
        ("packages", {"packages": []}, {"packages": []}, "not present", ""),
        ("frameworks", {"frameworks": []}, {"frameworks": []}, "not present", ""),
        ("gpu", {"devices": []}, {"devices": []}, "not present", ""),
    ],
)
def test_a_layer_with_nothing_to_compare_does_not_match(
    layer: str, before: dict[str, Any], after: dict[str, Any], state: str, reason: str
) -> None:
    report = difference({layer: before}, {layer: after})
    assert (report.layers[layer].state, report.findings) == (state, [])
    assert reason in (report.layers[layer].reason or "")
    title = LAYER_TITLES[layer]
    assert (f"not checked: {title}" in report.summary) == (state == "not checked")


def test_what_of_a_layer_is_not_loaded_here_is_said() -> None:
    both = [*make_layers().libraries.loaded, *OTHER_LIBRARY["loaded"]]
    torch = [
        Framework(name="torch", version="2.3.1+cu121", build={"cuda": "12.1"}, loaded="2.3.1+cu121")
    ]
    report = difference(
        {"libraries": {"loaded": both}, "frameworks": {"frameworks": torch}},
        {"determinism": {"torch": {}}},
    )
    for layer, what in (
        ("libraries", "mkl"),
        ("frameworks", "torch"),
        ("determinism", "the switches of PyTorch"),
    ):
        assert report.layers[layer].state == "match"
        assert report.layers[layer].reason == f"not compared, since not loaded here: {what}"


def test_nothing_compared_is_not_called_no_differences() -> None:
    failed = {name: {"status": "error", "reason": "broken"} for name in Layers.__struct_fields__}
    assert difference({}, failed).summary.startswith("Not checked: Notebook, ")


def test_what_the_policy_ignores_is_counted() -> None:
    lenient = Policy("lenient", {**RESEARCH.table, "kernel": ("ignore", "ignore")})
    report = compare(make_snapshot(), snapshot_with(system={"kernel": "6.8"}), lenient)
    assert report.findings == []
    assert report.summary == "Matches: no differences; 1 difference ignored by the policy."


def test_third_parties() -> None:
    def facts(**values: str) -> ThirdPartyLayer:
        return ThirdPartyLayer(status="ok", facts=dict(values))

    before = make_snapshot(None, {"slurm": facts(partition="a"), "old": facts(), "gpu": facts()})
    after = make_snapshot(None, {"slurm": facts(partition="b"), "new": facts(), "gpu": facts()})
    report = compare(before, after, RESEARCH)
    assert changes_of(report) == [("third-party", "partition", "a", "b")]
    assert report.layers["slurm"].verdict == "drift"
    assert report.layers["old"].reason == "not recorded here"
    assert report.layers["new"].reason == "not recorded in the reference"
    assert report.layers["third_party.gpu"].state == "not present"  # a probe that tells nothing
    same = make_snapshot(None, {"slurm": facts(partition="a")})
    assert compare(same, same, RESEARCH).layers["slurm"].state == "match"


TEXT = st.text(max_size=30)
LINES = st.lists(
    st.one_of(
        TEXT,
        st.from_regex(
            r"[a-c]==[12]\.[0-9](\+cu12|\+cpu)?( \[(pip|conda)(, shadowed)?\])?", fullmatch=True
        ),
        st.from_regex(r"[a-c]-[12]\.[0-9]-h[0-9]_0\.conda#[0-9a-f]{64}", fullmatch=True),
    ),
    max_size=8,
)
LAYERS = st.builds(
    make_layers,
    conda=st.fixed_dictionaries(
        {
            "packages": st.dictionaries(st.sampled_from([FORGE, NOARCH, "unknown"]), LINES),
            "status": st.sampled_from(["ok", "unavailable", "error"]),
        }
    ),
    packages=st.fixed_dictionaries({"packages": LINES}),
    notebook=st.fixed_dictionaries({"used": st.lists(st.sampled_from("abc"))}),
    core=st.fixed_dictionaries({"python": TEXT | st.none()}),
    gpu=st.fixed_dictionaries({"driver": TEXT | st.none(), "library_driver": TEXT | st.none()}),
    determinism=st.fixed_dictionaries({"variables": st.dictionaries(TEXT, TEXT, max_size=3)}),
)


@given(LAYERS)
def test_a_snapshot_matches_itself(layers: Layers) -> None:
    snapshot = make_snapshot(layers) if layers.conda.status != "error" else make_snapshot()
    report = compare(snapshot, snapshot, PRODUCTION)
    assert report.findings == []
    assert report.verdict == "match"


@given(LAYERS, LAYERS)
def test_every_report_is_a_valid_document(before: Layers, after: Layers) -> None:
    digest = make_snapshot()
    sides = (
        msgspec.structs.replace(digest, layers=before),
        msgspec.structs.replace(digest, layers=after),
    )
    report = compare(*sides, RESEARCH)
    assert msgspec.convert(msgspec.to_builtins(report), Report) == report
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
    order = [("error", "warning", "note").index(one.severity) for one in report.findings]
    assert order == sorted(order)
    back = compare(sides[1], sides[0], RESEARCH)
    # What is loaded is held against what is installed on the current side alone
    kinds = {"driver-loaded", "framework-loaded"}
    there, back_again = (
        # Each side may spell a name in its own way
        {one.subject.casefold() for one in one_way.findings if one.kind not in kinds}
        for one_way in (report, back)
    )
    assert there == back_again


def test_seeds_are_not_judged_before_anything_is_seeded() -> None:
    """A notebook that was only opened has not lost its seed."""
    report = compare(snapshot_with(), snapshot_with(determinism={"seed": None}), RESEARCH)
    assert report.findings == []
    assert report.verdict == "match"
    assert report.layers["determinism"].verdict == "not checked"
    assert "not checked: Determinism" in report.summary
