"""Ask whether a channel answers, before py-rattler does.

rattler follows every redirection, and tries again if a server is silent. So each file that it may
read is asked for here first, by the same method: a redirection to a host that the user has not
allowed ends the check, and so does silence. Nothing of the files is read. A channel that is not
there without credentials is left to rattler, which may have credentials of the user that we lack.

No answer is not the same as missing. Asking each channel separately keeps absent, refused and
silent apart; everything but an answer makes the verdict "not checked".
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from jupyter_repro.install.places.failures import AbsentError, DeniedError, FetchError
from jupyter_repro.install.places.fetch import SECONDS, fetch
from jupyter_repro.install.places.places import Place

_WORKERS = 8
# All that rattler may read, and it reads the first that is there
_INDEXES = (
    "repodata_shards.msgpack.zst",
    *("repodata.json.zst", "repodata.json.bz2", "repodata.json"),
)


def complaints(
    places: Sequence[Place], friends: Sequence[Place], platform: str, seconds: float = SECONDS
) -> list[str | None]:
    """Return for each channel what is wrong with it, or None.

    Parameters
    ----------
    friends
        Places whose hosts a channel may redirect to.
    platform
        conda's name of the platform.
    seconds
        How long a channel may be silent.
    """

    def complaint(place: Place) -> str | None:
        try:
            for subdir in dict.fromkeys(("noarch", platform)):
                _find(place, subdir, friends, seconds)
        except (AbsentError, DeniedError):
            return None
        except FetchError as error:
            return str(error)
        return None

    if not places:
        return []
    with ThreadPoolExecutor(min(_WORKERS, len(places))) as pool:
        return list(pool.map(complaint, places))


def _find(place: Place, subdir: str, friends: Sequence[Place], seconds: float) -> None:
    """Raise an error unless a channel has an index of a platform."""
    if place.scheme == "file":
        return
    found, absent = False, None
    for name in _INDEXES:
        try:
            fetch(place, f"{subdir}/{name}", friends, method="GET", seconds=seconds)
            found = True
        except AbsentError as error:  # noqa: PERF203 - each is asked for itself
            absent = error
    if absent is not None and not found:
        raise absent
