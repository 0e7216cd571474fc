"""The model's other half: what a comparison says, and what a kernel answers to a front end."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from jupyter_repro.model.document import Document, Stamps
from jupyter_repro.model.fields import MAX_PACKAGES, Digest, Line, Name, Text
from jupyter_repro.model.findings import RunFinding
from jupyter_repro.model.results import MAX_HISTORY, MAX_RESULTS, Outcome
from jupyter_repro.model.snapshot import SCHEMA_VERSION, Snapshot

Severity: TypeAlias = Literal["error", "warning", "note"]
Verdict: TypeAlias = Literal["match", "drift", "mismatch", "not comparable", "not checked"]
LayerState: TypeAlias = Literal[
    "match", "drift", "mismatch", "not comparable", "not checked", "not present"
]
OverallVerdict: TypeAlias = Literal[
    "match", "drift", "mismatch", "not comparable", "not checked", "not run"
]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""Worst first."""


class Finding(Struct, frozen=True, kw_only=True):
    """One difference between two snapshots, weighed by a policy.

    `kind` names the sort of difference (``version-minor``, ``driver-branch``, …), `why` says
    what it may mean for the results, `action` what to do about it.
    """

    kind: Name
    layer: Name
    subject: Text
    reference: Line | None
    current: Line | None
    severity: Severity
    used: bool
    why: Line
    action: Line


class LayerReport(Struct, frozen=True, kw_only=True):
    """Verdict on one layer, with the reason where it could not be compared.

    Parameters
    ----------
    absent
        Neither side has anything of it, so nothing was compared and nothing is missing. The
        verdict is ``not checked`` then: older front ends know no other word.
    """

    verdict: Verdict
    reason: Text | None = None
    absent: bool = False

    @property
    def state(self) -> LayerState:
        """What is to be said of the layer."""
        return "not present" if self.absent else self.verdict


class Report(Struct, frozen=True, kw_only=True):
    """The comparison of a reference with a current snapshot; `findings` are worst first.

    Parameters
    ----------
    ignored
        How many differences the policy ignores.
    imported
        Sentences on a side that was imported from a file.
    """

    schema_version: int = SCHEMA_VERSION
    verdict: Verdict
    summary: Line
    policy: Text
    reference_digest: Digest
    current_digest: Digest
    layers: dict[Name, LayerReport]
    findings: list[Finding]
    ignored: int = 0
    imported: Line = ""


class Overall(Struct, frozen=True, kw_only=True):
    """The verdict on a notebook: on its environment and its named results together.

    Parameters
    ----------
    verdict
        The worse one of the two. ``not run`` where nothing differs, but this kernel, or this run,
        has not given all results yet.
    summary
        A sentence that says which part it is, and what was not checked.
    differences
        Differences of the environment, and results outside their tolerance.
    """

    verdict: OverallVerdict
    summary: Line
    differences: int


class ResultCheck(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named result as a front end shows it.

    Parameters
    ----------
    reference, current
        The recorded value and the one of this run, as they are shown; `current` is empty where
        it was not run.
    why
        What differs, as a sentence; of one that was not run, what it was when last recorded.
    tolerance
        The one that is in force, as it is written.
    cell
        Id of the cell that records it.
    fails
        It is outside its tolerance, now or, where it was not run, since it was last recorded.
    values
        The single numbers that it has had, the oldest first, for a small chart; empty where it is
        not one number.
    band
        What the tolerance allows, lowest and highest.
    """

    name: Text
    outcome: Outcome
    reference: Text
    current: Text
    why: Line = ""
    tolerance: Text = ""
    cell: Text | None = None
    fails: bool = False
    values: Annotated[list[float], Meta(max_length=MAX_HISTORY)] = []
    band: Annotated[list[float], Meta(max_length=2)] = []


class PackageRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the table of packages; either side may lack the package.

    Parameters
    ----------
    recorded, current
        The versions, with more where that alone tells the two apart; None where a side does not
        have it.
    origin
        Where it comes from: a channel, or what installed it.
    layers
        The layers that list it, ``conda`` and ``packages``.
    used
        The notebook uses it.
    differs
        Whether the comparison names it; None where it was not checked.
    """

    name: Text
    recorded: Line | None = None
    current: Line | None = None
    origin: Text = ""
    layers: list[Name]
    used: bool = False
    differs: bool | None = None


class Packages(Struct, frozen=True, kw_only=True):
    """What a kernel answers to a front end that opens the table of packages."""

    rows: Annotated[list[PackageRow], Meta(max_length=4 * MAX_PACKAGES)]


class Check(Struct, frozen=True, kw_only=True):
    """What a kernel answers to a front end that asks about a notebook.

    Parameters
    ----------
    tool
        Version of jupyter_repro in the kernel.
    problem
        Why the notebook's metadata could not be read, as one sentence.
    recorded
        Whether this kernel has run ``%repro seed=…``, or accepts this environment.
    cell_id
        The cell in which it did: two notebooks may share a kernel.
    document
        What the notebook's metadata should hold now; None where nothing is recorded, and where
        they hold it already.
    unchanged
        They hold it already: it need not travel and be validated once more.
    report
        How the kernel's environment compares with the reference; None where nothing is recorded.
    overall
        The verdict on environment and results; None where nothing is recorded.
    snapshot
        The kernel's own stack.
    facts, reference_facts
        Leading facts of the two snapshots, by layer.
    notes
        What is not in force, as sentences.
    findings
        What was seen since ``%repro seed=…``, the worst first, with their counts. The document
        holds those of cells that were not run since as well.
    results
        The named results of the document, the worst first; those that this kernel has not given
        are ``not run``.
    stamps
        Id of a cell → what its metadata should hold, of the cells that this kernel has run.
    """

    schema_version: int = SCHEMA_VERSION
    tool: Text
    problem: Line | None = None
    recorded: bool = False
    cell_id: Text | None = None
    document: Document | None = None
    unchanged: bool = False
    report: Report | None = None
    overall: Overall | None = None
    snapshot: Snapshot
    facts: dict[Name, list[Text]]
    reference_facts: dict[Name, list[Text]] | None = None
    notes: list[Line] = []
    findings: list[RunFinding] = []
    results: Annotated[list[ResultCheck], Meta(max_length=MAX_RESULTS)] = []
    stamps: Stamps = {}
