"""Whether recorded environments can still be installed. The cheapest check comes first.

1. What may be asked at all, from the snapshot and the user's own configuration; no network.
2. Is every file still listed, under the same name, with the same hash? Each channel is asked once,
   for all notebooks.
3. Do these files still fit together, by the metadata of the channels today?
4. If some are gone: is there an environment with the nearest available files?
5. Are the Python packages still on the index, not withdrawn, with a file for this Python?
6. If you ask for it: what do conda, mamba or micromamba say? Does the installation work, in a
   folder that is removed afterwards?

`verdicts` has the answer as data, `Solution` the records that would be installed.

A solver is asked only if a package has to be replaced. Exact files are installed one by one, and
channels correct the dependencies of old files: a solver would reject half of the old environments
that still install. A solver's objection is only a remark.
"""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_repro.install.places.index import ask
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.rattler.parent import Rattler, require_rattler
from jupyter_repro.install.solve.checks import Judge, Options, Solution
from jupyter_repro.install.solve.listings import Listings, ask_channels, conda_verdict
from jupyter_repro.install.solve.looks import Look
from jupyter_repro.install.solve.python_packages import indexed
from jupyter_repro.install.solve.subjects import Subject, make_subject
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.addresses import channel_address


def solve(
    snapshots: Sequence[Snapshot], trust: Trust, rattler: Rattler, options: Options | None = None
) -> list[Solution]:
    """Return for each snapshot whether it can still be installed.

    Raises
    ------
    ReproError
        If py-rattler is missing.
    """
    options = options or Options()
    subjects = [make_subject(snapshot, options.platform) for snapshot in snapshots]
    asking = [one for one in subjects if one.roots or one.specs]
    if asking:
        require_rattler()
    listings = {
        platform: _ask([one for one in asking if one.platform == platform], trust, rattler)
        for platform in dict.fromkeys(one.platform for one in asking)
    }
    projects = ask(trust.indexes, {pin.name for one in subjects for pin in indexed(one.pins)})
    found = [
        _look(subject, listings.get(subject.platform) or Listings({}, {}, frozenset()), trust)
        for subject in subjects
    ]
    fitting = _validate(found, rattler)
    return [
        Judge(look, trust, rattler, options, projects).judge(complaint)
        for look, complaint in zip(found, fitting, strict=True)
    ]


def _ask(subjects: Sequence[Subject], trust: Trust, rattler: Rattler) -> Listings:
    """Ask the channels once for all subjects of one platform."""
    specs = [(one, spec) for one in subjects for spec in one.specs]
    return ask_channels(
        [pin for one in subjects for pin in one.roots],
        trust,
        rattler,
        subjects[0].platform,
        names={spec.name for _, spec in specs},
        channels=[channel_address(name) for one, _ in specs for name in one.pins.channels],
    )


def _look(subject: Subject, listings: Listings, trust: Trust) -> Look:
    pairs = [conda_verdict(pin, listings, trust, subject) for pin in subject.roots]
    return Look(
        subject, listings, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    )


def _validate(looks: Sequence[Look], rattler: Rattler) -> list[str | None]:
    """Return for each subject with exact packages what does not fit together, or ``""``."""
    environments = [look.records for look in looks if look.asks_consistency]
    answers = iter(rattler.validate(environments) if environments else ())
    return [next(answers) if look.asks_consistency else None for look in looks]
