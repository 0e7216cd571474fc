"""Ask each channel once for the packages of all notebooks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from jupyter_repro.install.places.places import Place
from jupyter_repro.install.places.reach import complaints
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.rattler.parent import Listing, Rattler
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.solve.ladder import SAME_FILE, Step, find_step, for_platform
from jupyter_repro.install.solve.subjects import Subject
from jupyter_repro.install.solve.unlisted import find_unlisted
from jupyter_repro.install.solve.variants import by_name
from jupyter_repro.install.solve.verdicts import PackageVerdict
from jupyter_repro.packages.pins import CondaPin


@dataclass(frozen=True)
class Listings:
    """What the channels list for one platform.

    Parameters
    ----------
    by_place
        Address of a channel → its answer, by priority.
    by_name
        Name of a package → its records, those of the first channel first.
    elsewhere
        File names whose address in the index is on a host that is not allowed.
    unlisted
        Recorded packages that no index has, and whose file is still there.
    """

    by_place: dict[str, Listing]
    by_name: dict[str, list[Record]]
    elsewhere: frozenset[str]
    unlisted: Mapping[CondaPin, Record] = field(default_factory=dict)

    @property
    def answering(self) -> list[Place]:
        """The channels that have answered."""
        return [one.place for one in self.by_place.values() if one.error is None]

    @property
    def silent(self) -> list[Listing]:
        """The channels that have not answered."""
        return [one for one in self.by_place.values() if one.error is not None]


def ask_channels(  # noqa: PLR0913 - the last two are rarely given
    pins: Collection[CondaPin],
    trust: Trust,
    rattler: Rattler,
    platform: str,
    *,
    names: Collection[str] = (),
    channels: Collection[str] = (),
) -> Listings:
    """Return what the allowed channels list.

    The channels that the packages were recorded from are asked first, for all names at once; the
    others only for packages that are gone.

    Parameters
    ----------
    names
        Of packages that are asked for without a build.
    channels
        Addresses of the channels that these may come from; if there are none, all are asked.
    """
    homes: dict[str, Place] = {}
    for address in [*(pin.channel for pin in pins), *channels]:
        place = trust.channel(address) if address else None
        if place is not None:
            homes[place.address] = place
    bz2 = {pin.name for pin in pins if pin.archive == ".tar.bz2"}
    asker = _Asker(trust, rattler, platform, bz2)
    answers = asker.ask(list(homes.values()), {*names, *(pin.name for pin in pins)})
    found = _merge(answers, trust)
    gone = {
        pin.name
        for pin in pins
        if find_step(pin, found.by_name.get(pin.name, ()), allow_md5=trust.allow_md5).rung
        != "exact"
    }
    gone |= {name for name in names if name not in found.by_name}
    # If the user has chosen no channels, only those that the packages are from are tried
    is_homeless = any(pin.channel is None and not pin.is_private for pin in pins)
    is_homeless = is_homeless or (bool(names) and not channels)
    others = [
        place
        for place in trust.channels
        if place.address not in homes and (place.is_chosen or is_homeless)
    ]
    if gone and others:
        answers += asker.ask(others, gone)
    order = {place.address: number for number, place in enumerate(trust.channels)}
    answers.sort(key=lambda one: order.get(one.place.address, len(order)))
    merged = _merge(answers, trust)
    return replace(merged, unlisted=_unlisted(pins, merged, trust, platform, rattler.silence))


def _unlisted(
    pins: Iterable[CondaPin], listings: Listings, trust: Trust, platform: str, seconds: float
) -> dict[CondaPin, Record]:
    answering = {place.address for place in listings.answering}
    gone = []
    for pin in dict.fromkeys(pins):
        records = listings.by_name.get(pin.name, ())
        home = trust.channel(pin.channel) if pin.channel else None
        is_asked = home is not None and home.address in answering
        is_of_platform = pin.subdir in {platform, "noarch"}
        step = find_step(pin, records, allow_md5=trust.allow_md5)
        is_elsewhere = pin.file_name in listings.elsewhere
        if is_asked and is_of_platform and step.rung != "exact" and not is_elsewhere:
            gone.append(pin)
    listed = {record.url for records in listings.by_name.values() for record in records}
    return find_unlisted(gone, listed, trust, seconds)


class _Asker(NamedTuple):
    trust: Trust
    rattler: Rattler
    platform: str
    bz2: Collection[str]

    def ask(self, places: Sequence[Place], names: Iterable[str]) -> list[Listing]:
        friends = [*self.trust.channels, *self.trust.indexes]
        wrong = complaints(places, friends, self.platform, self.rattler.silence)
        reached = [place for place, text in zip(places, wrong, strict=True) if text is None]
        found = self.rattler.query(reached, names, self.platform, bz2=self.bz2)
        answers = {one.place.address: one for one in found}
        return [
            answers.get(place.address) or Listing(place, error=text)
            for place, text in zip(places, wrong, strict=True)
        ]


def _merge(answers: Sequence[Listing], trust: Trust) -> Listings:
    by_name: dict[str, list[Record]] = {}
    elsewhere = set()
    places = [*trust.channels, *(one.place for one in answers)]
    for answer in answers:
        for record in answer.records:
            if any(place.has(record.url) for place in places):
                by_name.setdefault(record.name, []).append(record)
            else:
                elsewhere.add(record.file_name)
    by_place = {answer.place.address: answer for answer in answers}
    return Listings(by_place, by_name, frozenset(elsewhere))


def conda_verdict(
    pin: CondaPin, listings: Listings, trust: Trust, subject: Subject
) -> tuple[PackageVerdict, Step]:
    """Return the verdict on a package, and where it stands on the ladder.

    A channel that does not answer, or must not be asked, makes it "not checked", never gone; a file
    with the same hash in a different channel is the same file.
    """
    records = listings.by_name.get(pin.name, [])
    recorded = by_name(subject.pins.conda)
    step = find_step(pin, records, recorded, allow_md5=trust.allow_md5)
    if pin.is_private and step.rung != "exact":
        # Only local channels can have a different build of a private package: in a public one
        # anyone can publish a package of that name
        local = [record for record in records if record.url.startswith("file:")]
        step = find_step(pin, local, recorded, allow_md5=trust.allow_md5)
    if step.rung != "exact" and pin in listings.unlisted:
        record = listings.unlisted[pin]
        where = "the file is still there" if record.url == pin.url else f"{record.channel} has it"
        reason = f"{pin.channel} does not list it any more, but {where}"
        step = Step(pin, "exact, unlisted", record, reason)
    if subject.is_elsewhere:
        step = for_platform(step, subject.platform)
    unknown = None if step.rung in SAME_FILE else _why_unknown(pin, listings, trust)
    candidate = step.record.file_name if step.record else None
    verdict = PackageVerdict(
        part="conda",
        package=pin.file_name,
        verdict="not checked" if unknown else step.rung,
        reason=unknown or step.reason,
        candidate=None if unknown or candidate == pin.file_name else candidate,
        nearest=() if unknown else step.nearest,
    )
    return verdict, step


def _why_unknown(pin: CondaPin, listings: Listings, trust: Trust) -> str | None:
    """Return why it is not known whether a package is gone, or None."""
    if pin.file_name in listings.elsewhere:
        return "its channel says that the file is on a host that is not one of your channels"
    if pin.channel is None:
        if listings.silent:
            return f"{silence(listings.silent[0])}, and its channel is not recorded"
        is_local = any(place.scheme == "file" for place in listings.answering)
        if pin.is_private and not is_local:
            return (
                "from a private or local channel that is not recorded; if you know it: "
                "--allow-channel URL"
            )
        if not listings.by_place:
            return "its channel is not recorded; if you know it: --allow-channel URL"
        return None
    home = trust.channel(pin.channel)
    if home is None:
        return trust.how_to_allow("channel", pin.channel)
    answer = listings.by_place.get(home.address)
    return silence(answer) if answer is not None and answer.error is not None else None


def silence(listing: Listing) -> str:
    """Return the clause on a channel that has not answered."""
    return f"the channel {listing.place.address} could not be asked: {listing.error}"
