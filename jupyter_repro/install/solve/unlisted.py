"""Files that a channel does not list any more, and still has.

Channels take builds out of their index, or move them to a label, and keep the files for those who
know the address: conda installs them from a list of files. So the recorded address is asked before
a package is called gone. Only a file whose hash is recorded counts: it is compared when the file is
fetched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor

from jupyter_repro.install.places.failures import FetchError
from jupyter_repro.install.places.fetch import SECONDS, is_there
from jupyter_repro.install.places.places import Place
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.packages.pins import CondaPin

LABELS = ("label/broken", "label/archive")
"""Where a channel moves what it takes out of its index."""

_WORKERS = 8


def recorded_file(pin: CondaPin, channel: str) -> Record:
    """Return the record of a file as it was recorded, in a channel; nothing else is known of it."""
    assert pin.subdir
    return Record(
        name=pin.name,
        version=pin.version,
        build=pin.build,
        file_name=pin.file_name,
        url=f"{channel}/{pin.subdir}/{pin.file_name}",
        channel=channel,
        subdir=pin.subdir,
        sha256=pin.sha256 or "",
        md5=pin.md5 or "",
    )


def find_unlisted(
    pins: Iterable[CondaPin],
    listed: Collection[str],
    trust: Trust,
    seconds: float = SECONDS,
) -> dict[CondaPin, Record]:
    """Return the packages whose file is still at its address, or in a label of its channel.

    Parameters
    ----------
    pins
        Recorded packages that no channel lists as they were recorded.
    listed
        Addresses that a channel lists: a different file lies there under the same name.
    seconds
        How long a server may be silent.
    """

    def one(pin: CondaPin) -> Record | None:
        if not (pin.url and (pin.sha256 or (trust.allow_md5 and pin.md5))):
            return None
        for address in (pin.channel, *(f"{pin.channel}/{label}" for label in LABELS)):
            place = trust.channel(address or "")
            if place is None:
                continue
            record = recorded_file(pin, place.address)
            if record.url not in listed and _has(place, record, trust, seconds):
                return record
        return None

    asked = [*pins]
    if not asked:
        return {}
    with ThreadPoolExecutor(min(_WORKERS, len(asked))) as pool:
        found = zip(asked, pool.map(one, asked), strict=True)
        return {pin: record for pin, record in found if record is not None}


def _has(place: Place, record: Record, trust: Trust, seconds: float) -> bool:
    path = record.url.removeprefix(f"{place.address}/")
    try:
        return is_there(place, path, [*trust.channels, *trust.indexes], seconds=seconds)
    except FetchError:
        return False
