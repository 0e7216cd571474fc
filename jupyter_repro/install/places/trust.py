"""Which channels and package indexes may be asked, and where that consent comes from.

A notebook may come from a stranger, so the places that it names are never added here. A channel or
an index may be asked because it is in the user's own configuration of conda, pip or uv, or because
the user has allowed its address by an option; that consent is remembered on this machine, in
`consent_file`. ``http`` and ``file`` addresses always need that consent, even if they are
configured: ``http`` is not protected on its way, and only we check the hashes of ``file``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.install.places.condarc import configured_channels
from jupyter_repro.install.places.folders import config_folder
from jupyter_repro.install.places.places import Kind, Place, make_place, normal_address
from jupyter_repro.install.places.python_indexes import configured_indexes
from jupyter_repro.packages.pins import PythonPin
from jupyter_repro.safety.files import read_whole, write_atomically
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

MAX_REMEMBERED = 1_000
_MAX_BYTES = 1 << 20


class Consent(msgspec.Struct, frozen=True):
    """What is remembered: addresses without credentials."""

    channels: list[str] = []
    indexes: list[str] = []


@dataclass(frozen=True)
class Trust:
    """Where packages may come from.

    Parameters
    ----------
    channels, indexes
        By priority.
    not_asked
        Places of the user's own configuration whose scheme needs an explicit consent.
    allow_md5
        Whether an md5 is enough to call two files the same.
    """

    channels: tuple[Place, ...]
    indexes: tuple[Place, ...]
    not_asked: tuple[Place, ...] = ()
    allow_md5: bool = False

    def channel(self, address: str) -> Place | None:
        """Return the allowed channel at an address, or None.

        Labels of an allowed channel are allowed with it (``conda-forge/label/broken``): they belong
        to the same people on the same host, and contain the builds that these people have
        withdrawn.
        """
        place = next((place for place in self.channels if place.holds(address)), None)
        shown = normal_address(address)
        if place is None or shown is None or shown == place.address:
            return place
        rest = shown.removeprefix(place.address)
        return Place("channel", shown, place.origin, place.request + rest)

    def index(self, address: str) -> Place | None:
        """Return the allowed index at an address, or None."""
        return next((place for place in self.indexes if place.holds(address)), None)

    def unasked_vendor(self, pin: PythonPin) -> str | None:
        """Return the clause on the vendor's index that has a package, if it may not be asked."""
        if pin.vendor is None or self.index(pin.vendor.address):
            return None
        told = self.how_to_allow("index", pin.vendor.address)
        return f"{pin.vendor.vendor} has it on its own index, and {told}"

    def how_to_allow(self, kind: Kind, address: str) -> str:
        """Return the clause on a place that is not allowed, with the option that allows it."""
        shown = printable(normal_address(address) or address, 300)
        option = f"--allow-{kind} {shown}"
        for place in self.not_asked:
            if place.kind == kind and place.holds(address):
                return (
                    f"the {kind} {shown} of your {place.origin} is not asked without your consent, "
                    f"because it is no https://: {option}"
                )
        return f"the {kind} {shown} is not one of yours; if you trust it: {option}"


def load_trust(
    world: World,
    *,
    allow_channels: Sequence[str] = (),
    allow_indexes: Sequence[str] = (),
    allow_md5: bool = False,
) -> Trust:
    """Return where packages may come from, and remember what is allowed now.

    Parameters
    ----------
    allow_channels, allow_indexes
        Addresses from the options. They are remembered without their credentials, which are used
        for this call alone.
    allow_md5
        For this call alone.

    Raises
    ------
    UsageError
        If one of them is not an address.
    ReproError
        If the consent file cannot be read or written.
    """
    now = [
        *(_required("channel", address) for address in allow_channels),
        *(_required("index", address) for address in allow_indexes),
    ]
    consent = _read_consent(world)
    if now:
        _remember(consent, now, world)
    remembered = [
        *_places("channel", consent.channels),
        *_places("index", consent.indexes),
    ]
    consented = {(place.kind, place.address) for place in (*now, *remembered)}
    configured = [*configured_channels(world)[0], *configured_indexes(world)]
    known: dict[tuple[Kind, str], Place] = {}
    not_asked = []
    # The first of one address stays, but with credentials, from an option or the configuration
    for place in (*now, *configured, *remembered):
        if place.scheme != "https" and (place.kind, place.address) not in consented:
            not_asked.append(place)
        else:
            kept = known.setdefault((place.kind, place.address), place)
            if place.has_credentials and not kept.has_credentials:
                known[place.kind, place.address] = place
    return Trust(
        channels=tuple(place for place in known.values() if place.kind == "channel"),
        indexes=tuple(place for place in known.values() if place.kind == "index"),
        not_asked=tuple(not_asked),
        allow_md5=allow_md5,
    )


def consent_file(world: World) -> Path:
    """Return the file that remembers what the user has allowed; deleting it forgets all."""
    return config_folder(world) / "allowed.json"


def _required(kind: Kind, address: str) -> Place:
    place = make_place(kind, address, f"--allow-{kind}")
    if place is None:
        reason = (
            f"--allow-{kind} {printable(address, 300)!r} is not the address of one: it begins "
            "with https://, http:// or file:///, and holds no blank, query or backslash."
        )
        raise UsageError(reason)
    return place


def _places(kind: Kind, addresses: Iterable[str]) -> Iterator[Place]:
    for address in addresses:
        place = make_place(kind, address, "allowed before")
        if place is not None:
            yield place


def _read_consent(world: World) -> Consent:
    path = consent_file(world)
    if not path.exists():
        return Consent()
    try:
        return msgspec.json.decode(read_whole(path, _MAX_BYTES) or b"", type=Consent)
    except msgspec.DecodeError:
        reason = f"{path} does not hold the channels that you have allowed; correct or delete it."
        raise ReproError(reason) from None


def _remember(before: Consent, now: list[Place], world: World) -> None:
    channels = dict.fromkeys(before.channels)
    indexes = dict.fromkeys(before.indexes)
    for place in now:
        (channels if place.kind == "channel" else indexes)[place.address] = None
    after = Consent(list(channels)[-MAX_REMEMBERED:], list(indexes)[-MAX_REMEMBERED:])
    if after == before:
        return
    path = consent_file(world)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(msgspec.to_builtins(after), indent=1).encode() + b"\n")
    except OSError as error:
        reason = f"{path} cannot be written ({error.strerror}): the consent is not remembered."
        raise ReproError(reason) from None
