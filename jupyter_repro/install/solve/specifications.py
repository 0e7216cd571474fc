"""What an imported file asks of conda without a build: ``python=3.8.5``, ``scipy>=1.5``.

Such a specification holds if a channel lists a package that it allows. Whether all of them hold
together is for the solver to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from jupyter_repro.install.places.places import normal_address
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.solve.verdicts import PackageVerdict
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.addresses import channel_address
from jupyter_repro.packages.match_spec import (
    MatchSpec,
    allows_build,
    allows_version,
    parse_match_spec,
    selects,
)
from jupyter_repro.packages.pins import Pins
from jupyter_repro.packages.versions import version_key

_VERSION = re.compile(r"[A-Za-z0-9_.+!*=<>~,|-]+", re.ASCII)
_BUILD = re.compile(r"[A-Za-z0-9_.+*]+", re.ASCII)
_PYTHON = re.compile(r"[0-9]+\.[0-9]+(?:\.[0-9]+)?", re.ASCII)


def specifications(
    snapshot: Snapshot, pins: Pins, platform: str
) -> tuple[tuple[MatchSpec, ...], tuple[str, ...]]:
    """Return what an imported file asks of conda besides its exact builds, and what is unreadable.

    What a native record says was requested is installed in it, so nothing of that is open.
    """
    if snapshot.imported is None:
        return (), ()
    known = {pin.name for pin in pins.conda}
    found, unread = [], []
    for text in snapshot.layers.conda.requested:
        spec = parse_match_spec(text)
        if spec is None or not _is_safe(spec):
            unread.append(text)
        elif spec.name not in known and selects(spec.selector or "", platform) is not False:
            found.append(spec)
    return tuple(found), tuple(unread)


def python_of(specs: Sequence[MatchSpec]) -> str | None:
    """Return the version of Python that a specification names, with two or three numbers."""
    named = (spec.pin for spec in specs if spec.name == "python")
    return next((pin for pin in named if pin and _PYTHON.fullmatch(pin)), None)


def text_of(spec: MatchSpec) -> str:
    """Return a specification in one form, for rattler as well."""
    parts = {"version": spec.version, "build": spec.build}
    if spec.channel:
        parts["channel"] = channel_address(spec.channel)
    inner = ", ".join(f'{key}="{value}"' for key, value in parts.items() if value)
    return f"{spec.name}[{inner}]" if inner else spec.name


def spec_verdicts(
    specs: Sequence[MatchSpec],
    by_name: dict[str, list[Record]],
    silence: str | None,
    trust: Trust,
) -> Iterator[PackageVerdict]:
    """Yield whether a channel lists a package for each specification.

    Parameters
    ----------
    by_name
        Name → what the channels list.
    silence
        Why a channel has not answered; None if all have.
    """
    for spec in specs:
        wanted = normal_address(channel_address(spec.channel)) if spec.channel else None
        if wanted and trust.channel(wanted) is None:
            yield _verdict(spec, "not checked", trust.how_to_allow("channel", wanted))
            continue
        fitting = [
            one
            for one in by_name.get(spec.name, ())
            if one.is_well_formed
            and (wanted is None or normal_address(one.channel) == wanted)
            and (not spec.version or allows_version(spec.version, one.version))
            and (not spec.build or allows_build(spec.build, one.build))
        ]
        if fitting:
            best = max(fitting, key=lambda one: (version_key(one.version), one.build_number))
            yield _verdict(spec, "exact", "asked for without a build", best.file_name)
        elif silence is not None:
            yield _verdict(spec, "not checked", silence)
        else:
            yield _verdict(spec, "not installable", "no channel lists a package that it allows")


def _verdict(
    spec: MatchSpec, verdict: str, reason: str, candidate: str | None = None
) -> PackageVerdict:
    return PackageVerdict(
        part="conda",
        package=" ".join(part for part in (spec.name, spec.version, spec.build) if part),
        verdict=verdict,  # type: ignore[arg-type]
        reason=reason,
        candidate=candidate,
    )


def _is_safe(spec: MatchSpec) -> bool:
    return (
        (spec.version is None or _VERSION.fullmatch(spec.version) is not None)
        and (spec.build is None or _BUILD.fullmatch(spec.build) is not None)
        and (spec.channel is None or normal_address(channel_address(spec.channel)) is not None)
    )
