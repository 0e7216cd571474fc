"""Ask whether a channel answers, before py-rattler does.

rattler follows every redirection, and tries again if a server is silent. Here a redirection to a
host that the user has not allowed ends the check, and so does silence. A channel that is not there
without credentials is left to rattler, which may have credentials of the user that we lack.

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
    try:
        fetch(place, f"{subdir}/repodata.json.zst", friends, seconds=seconds)
    except AbsentError:
        fetch(place, f"{subdir}/repodata.json", friends, seconds=seconds)
