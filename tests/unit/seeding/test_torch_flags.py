"""The table of PyTorch's switches: the comparison and the watch over cells agree on them."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

from jupyter_repro.capturing.sources.torch_flags import (
    INDUCTOR_FLAGS,
    KIND_OF_FLAG,
    TORCH_FLAGS,
)
from jupyter_repro.comparing.environments.kinds import KINDS
from jupyter_repro.model.findings import FINDING_KINDS, RunFinding
from jupyter_repro.seeding.findings import RunFindings
from jupyter_repro.seeding.watch.flags import Flags
from jupyter_repro.seeding.watch.recorder import Recorder
from tests.unit.support.factories import difference


def seen(before: bool, after: bool, name: str) -> list[RunFinding]:  # noqa: FBT001 - values
    """Return what is reported when a cell changes one switch of a stand-in for PyTorch."""
    torch = ModuleType("torch")
    state = {"math": False, "mkldnn": False, name: before}
    mkldnn = SimpleNamespace(deterministic=state["mkldnn"])
    cuda = SimpleNamespace(fp16_bf16_reduction_math_sdp_allowed=lambda: state["math"])
    torch.backends = SimpleNamespace(mkldnn=mkldnn, cuda=cuda)  # type: ignore[attr-defined]
    recorder = Recorder(RunFindings())
    recorder.start()
    flags = Flags(recorder)
    flags.start()
    flags.begin(torch)
    state[name] = after
    mkldnn.deterministic = state["mkldnn"]
    flags.end_cell("")
    return recorder.findings.all()


def test_a_cell_that_rounds_attention_to_half_precision_is_reported() -> None:
    (found,) = seen(before=False, after=True, name="math")
    assert (found.kind, found.severity) == ("flag-changed", "note")
    assert "torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp was changed" in found.what


def test_a_cell_that_makes_onednn_nondeterministic_is_reported() -> None:
    (found,) = seen(before=True, after=False, name="mkldnn")
    assert (found.kind, found.severity) == ("flag-changed", "warning")
    assert "torch.backends.mkldnn.deterministic was changed from True to False" in found.what
    assert seen(before=False, after=True, name="mkldnn") == []


def test_a_warning_instead_of_an_error_is_a_note_for_both() -> None:
    name = "deterministic_algorithms_warn_only"
    report = difference(
        {"determinism": {"torch": {name: True}}}, {"determinism": {"torch": {name: False}}}
    )
    assert [(one.kind, one.severity) for one in report.findings] == [("torch-flag", "note")]
    (watch,) = [flag.watch for flag in TORCH_FLAGS if flag.name == name]
    assert watch is not None
    assert watch.severity == "note"


def test_what_moves_numbers_is_watched() -> None:
    """A flag that makes more than a plain difference is watched, but for what a notebook sets."""
    unwatched = {flag.name for flag in TORCH_FLAGS if flag.watch is None}
    moving = {flag.name for flag in TORCH_FLAGS if flag.kind != "torch-flag"}
    assert unwatched & moving == {"default_dtype"}


def test_the_kinds_are_those_of_the_tables() -> None:
    assert set(KIND_OF_FLAG.values()) <= KINDS.keys()
    assert {flag.watch.kind for flag in TORCH_FLAGS if flag.watch} <= FINDING_KINDS.keys()
    assert len(KIND_OF_FLAG) == len(TORCH_FLAGS) + len(INDUCTOR_FLAGS)
