"""Run the checks on one snapshot in order, and keep the results. `solve` lists them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from jupyter_repro.errors import ReproError
from jupyter_repro.install.places.index import Project
from jupyter_repro.install.places.places import Place
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.rattler.parent import Rattler, RattlerError
from jupyter_repro.install.rattler.process import Progress
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.restore.archives import archives
from jupyter_repro.install.restore.installed import require_installed
from jupyter_repro.install.solve.conda_binary import Tool, ask_tool
from jupyter_repro.install.solve.ladder import RUNGS, SAME_FILE, Step
from jupyter_repro.install.solve.listings import silence
from jupyter_repro.install.solve.looks import Look, unanswered
from jupyter_repro.install.solve.machine import virtual_packages
from jupyter_repro.install.solve.python_packages import python_verdicts
from jupyter_repro.install.solve.specifications import spec_verdicts, text_of
from jupyter_repro.install.solve.subjects import Subject
from jupyter_repro.install.solve.verdicts import (
    Check,
    NotebookVerdict,
    Outcome,
    PackageVerdict,
    overall,
)
from jupyter_repro.packages.pins import Pins
from jupyter_repro.packages.platforms import this_platform
from jupyter_repro.packages.versions import major_minor
from jupyter_repro.safety.words import count

_SHOWN = 5


@dataclass(frozen=True)
class Options:
    """Options of `solve`.

    Parameters
    ----------
    platform
        conda's name of the platform, if different from the recorded one.
    install
        Whether to install as well.
    on_progress
        Called with each step of an installation.
    tool, executable
        conda, mamba or micromamba, if you also ask it, and its path.
    """

    platform: str | None = None
    install: bool = False
    tool: Tool | None = None
    executable: str = ""
    on_progress: Callable[[Progress], None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Solution:
    """The results for one snapshot.

    Parameters
    ----------
    records
        The conda packages that would be installed; empty if there is no such environment.
    steps
        Where each recorded conda package stands on the ladder.
    places
        The channels that have answered.
    specifications
        The verdicts on what an imported file asks for without a build.
    """

    verdict: NotebookVerdict
    pins: Pins
    records: tuple[Record, ...]
    steps: tuple[Step, ...]
    places: tuple[Place, ...]
    specifications: tuple[PackageVerdict, ...] = ()


class Judge:
    """Runs the checks on one subject in order, and keeps the results."""

    def __init__(
        self,
        look: Look,
        trust: Trust,
        rattler: Rattler,
        options: Options,
        projects: Mapping[str, Project],
    ) -> None:
        self.look, self.subject, self.trust = look, look.subject, trust
        self.rattler, self.options, self.projects = rattler, options, projects
        self.checks: list[Check] = []
        self.remarks = list(self.subject.remarks)
        self.verdicts = list(look.verdicts)
        self.steps = list(look.steps)
        self.records: list[Record] = []
        silent = [silence(one) for one in look.listings.silent]
        self.specifications = [
            *spec_verdicts(
                look.subject.specs, look.listings.by_name, next(iter(silent), None), trust
            )
        ]

    def judge(self, complaint: str | None) -> Solution:
        """Return the results.

        Parameters
        ----------
        complaint
            What does not fit together; None if that was not checked.
        """
        self._policy()
        if self.subject.roots or self.subject.specs:
            self._listed()
            self._consistency(complaint)
            self._solving()
            if self.options.tool:
                self._tool(self.options.tool)
        self.verdicts += [*self.specifications, *_left_out(self.subject)]
        self._index()
        if self.options.install:
            self._installation()
        packages, checks = tuple(self.verdicts), tuple(self.checks)
        verdict = NotebookVerdict(
            verdict=overall(packages, checks),
            platform=self.subject.platform,
            checks=checks,
            packages=packages,
            remarks=tuple(self.remarks),
        )
        return Solution(
            verdict,
            self.subject.pins,
            tuple(self.records),
            tuple(self.steps),
            tuple(self.look.listings.answering),
            tuple(self.specifications),
        )

    def _check(self, name: str, outcome: Outcome, text: str) -> None:
        self.checks.append(Check(name=name, outcome=outcome, text=text))

    def _policy(self) -> None:
        pins = self.subject.pins
        open_steps = [step for step in self.steps if step.rung != "exact"]
        named = dict.fromkeys(step.pin.channel for step in open_steps if step.pin.channel)
        refused = [channel for channel in named if self.trust.channel(channel) is None]
        weak = [pin for pin in self.subject.roots if not pin.sha256]
        if refused:
            text = "; ".join(
                self.trust.how_to_allow("channel", channel) for channel in refused[:_SHOWN]
            )
            self._check("policy", "not checked", text)
        else:
            asked = [*self.look.listings.by_place]
            asked += [place.address for place in self.trust.indexes if pins.packages]
            self._check("policy", "holds", f"asked: {', '.join(asked) or 'none'}")
        if weak and not self.trust.allow_md5:
            self.remarks.append(
                f"{count(len(weak), 'package')} recorded without a sha256: "
                f"{_some([pin.name for pin in weak])}"
            )

    def _listed(self) -> None:
        silent = self.look.listings.silent
        exact = sum(one.verdict in SAME_FILE for one in self.look.verdicts)
        unlisted = sum(one.verdict == "exact, unlisted" for one in self.look.verdicts)
        text = f"{exact} of {count(len(self.look.verdicts), 'file')} as recorded"
        text += f", {unlisted} of them not listed any more" if unlisted else ""
        if silent:
            text += "".join(f"; {one.place.address}: {one.error}" for one in silent)
        self._check("listed", _outcome(self.look.verdicts), text)

    def _consistency(self, complaint: str | None) -> None:
        if complaint is None and self.look.is_available:
            text = "not known of files that are not listed any more"
            self._check("consistency", "not asked", text)
            self.records = self.look.records
        elif complaint is None:
            text = "checked only when every file is still available"
            self._check("consistency", "not asked", text)
        elif complaint:
            # A channel's metadata of old files changes; the files do not, and install as before
            self._check("consistency", "holds", "not by what the channel says today; see below")
            self.records = self.look.records
            self.remarks.append(
                f"by what the channel says today, {complaint}: the same files can be installed, "
                "but a solver would refuse them"
            )
        else:
            self._check("consistency", "holds", "the files fit together")
            self.records = self.look.records

    def _solving(self) -> None:
        if self.records:
            self._check("solving", "not asked", "nothing has to be replaced")
            return
        asked = [*self.look.verdicts, *self.specifications]
        if any(one.verdict == "not checked" for one in asked):
            self._check("solving", "not checked", "not all packages could be checked")
            return
        missing = [step.pin.name for step in self.steps if step.record is None]
        missing += [one.package for one in self.specifications if one.verdict == "not installable"]
        if missing:
            self._check("solving", "not asked", f"nothing takes the place of {_some(missing)}")
            return
        answer = self._solved(loosened=False)
        if isinstance(answer, RattlerError) and answer.kind == "SolverError":
            answer = self._solved(loosened=True)
        if not isinstance(answer, RattlerError):
            self._take(answer)
        elif answer.kind == "SolverError":
            text = f"the nearest packages do not fit together: {answer}"
            self._check("solving", "does not hold", text)
        else:
            self._check("solving", "not checked", str(answer))

    def _solved(self, *, loosened: bool) -> list[Record] | RattlerError:
        platform = self.subject.platform
        loosened = loosened or self.subject.is_elsewhere
        try:
            return self.rattler.solve(
                self.look.listings.answering,
                [
                    *(_spec(step, loosened=loosened) for step in self.steps),
                    *map(text_of, self.subject.specs),
                ],
                platform,
                virtual=virtual_packages(self.subject.snapshot, platform),
                locked=self.look.records,
            )
        except RattlerError as error:
            return error

    def _take(self, records: Sequence[Record]) -> None:
        """Take the solved records, and update the verdicts on the recorded packages."""
        solved = {record.name: record for record in records}
        for number, step in enumerate(self.steps):
            record = solved.get(step.pin.name)
            if step.rung in SAME_FILE or record is None or record == step.record:
                continue
            now = self.look.place(step.pin, record, self.trust)
            self.steps[number] = now
            self.verdicts[number] = PackageVerdict(
                part="conda",
                package=step.pin.file_name,
                verdict=now.rung,
                reason=now.reason,
                candidate=record.file_name,
                nearest=step.nearest,
            )
        self.records = list(records)
        recorded = {step.pin.name for step in self.steps}
        recorded |= {spec.name for spec in self.subject.specs}
        others = [record for record in records if record.name not in recorded]
        self._check("solving", "holds", f"{count(len(records), 'package')} fit together")
        if others and not self.subject.is_elsewhere:
            further = count(len(others), "further package")
            names = _some([one.name for one in others])
            self.remarks.append(f"{further} would come along, not recorded: {names}")

    def _index(self) -> None:
        pins = self.subject.pins
        solved = next((one.version for one in self.records if one.name == "python"), None)
        found = python_verdicts(
            self.subject.snapshot,
            pins._replace(python=solved or pins.python),
            self.subject.platform,
            self.projects,
            self.trust,
        )
        if not found:
            return
        exact = sum(one.verdict == "exact" for one in found)
        text = f"{exact} of {count(len(found), 'Python package')} as recorded"
        self._check("index", _outcome(found), text)
        self.verdicts += found

    def _tool(self, tool: Tool) -> None:
        if self.subject.platform != this_platform():
            text = f"it is asked on a machine with {self.subject.platform}"
            self._check(tool, "not checked", text)
        else:
            snapshot = self.subject.snapshot
            told = ask_tool(tool, self.options.executable, snapshot, self.trust)
            # mamba's answer is the same where a channel cannot be reached
            why = (
                unanswered(self.look, self.trust, self.rattler.silence)
                if told.outcome == "does not hold"
                else None
            )
            if why is not None:
                self._check(tool, "not checked", f"{told.text}, and {why}")
            else:
                self.checks.append(told)

    def _installation(self) -> None:
        if not self.records:
            self._check("installation", "not checked", "there is no conda environment to install")
            return
        if self.subject.platform != this_platform():
            text = f"a machine with {self.subject.platform} is needed for that"
            self._check("installation", "not checked", text)
            return
        folder = Path(tempfile.mkdtemp(prefix="jupyter_repro-"))
        try:
            with archives(
                self.records,
                [*self.look.listings.answering, *self.trust.channels],
                folder / "prefix",
                self.rattler.world,
                keep=folder / "packages",
            ) as copied:
                rattler = replace(self.rattler, cache=folder / "cache")
                rattler.install(copied, folder / "prefix", (), on_progress=self.options.on_progress)
                require_installed(folder / "prefix", copied, "py-rattler")
        except RattlerError as error:
            outcome: Outcome = "does not hold" if error.kind == "InstallerError" else "not checked"
            self._check("installation", outcome, str(error))
        except ReproError as error:
            self._check("installation", "does not hold", str(error))
        else:
            text = f"{count(len(self.records), 'package')} installed, and removed again"
            self._check("installation", "holds", text)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _outcome(verdicts: Sequence[PackageVerdict]) -> Outcome:
    """Return the outcome of some verdicts; what is known to be missing outweighs the rest."""
    found = {one.verdict for one in verdicts} - SAME_FILE
    if not found:
        return "holds"
    return "not checked" if found == {"not checked"} else "does not hold"


def _left_out(subject: Subject) -> Iterator[PackageVerdict]:
    """Yield what cannot be installed again from the record."""
    for one in subject.pins.left_out("conda"):
        yield PackageVerdict(
            part="conda", package=one.what, verdict="not installable", reason=one.why
        )
    for one in subject.pins.left_out("packages"):
        unknown = one.what == "Python packages"
        yield PackageVerdict(
            part="python",
            package=one.what,
            verdict="not checked" if unknown else "not installable",
            reason=one.why,
        )


def _spec(step: Step, *, loosened: bool) -> str:
    """Return a match specification, made of parts that `pins` and `records` have checked."""
    pin, record = step.pin, step.record
    assert record is not None
    if step.rung in SAME_FILE and record.sha256:
        return f'{pin.name}[sha256="{record.sha256}"]'
    if step.rung in SAME_FILE and record.md5:
        return f'{pin.name}[md5="{record.md5}"]'
    if loosened or RUNGS.index(step.rung) >= RUNGS.index("by major.minor"):
        version = f"{major_minor(record.version)}.*"
    else:
        version = f"=={record.version}"
    if pin.is_private:  # the solver may not take one of that name from elsewhere
        return f'{pin.name}[version="{version}", channel="{record.channel}"]'
    return f"{pin.name} {version}"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    rest = len(names) - _SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown
