"""Mask the timestamps in a text that only show when it was run.

A date can be a result. It is masked only if the new run shows its own day or hour and the stored
text has a different timestamp at the same place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
_ZONE = r"(?:\ ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})(?!\w))?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\ )?"
_MOMENT = re.compile(
    rf"""(?<![\w.:-])(?:
      (?P<iso>     [0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}} (?:[T\ ,_]+{_CLOCK}{_ZONE})? )
    | (?P<ctime>   {_DAY}{_MONTH}\ +[0-9]{{1,2}},?(?:\ {_CLOCK})?\ [0-9]{{4}}(?:\ {_CLOCK})? )
    | (?P<written> {_DAY}[0-9]{{1,2}}\ {_MONTH}\ [0-9]{{4}}(?:,?\ {_CLOCK}{_ZONE})? )
    | (?P<compact> 20[0-9]{{6}}[_T-]?[0-9]{{6}} )
    | (?P<clock>   [0-9]{{1,2}}:[0-9]{{2}}:[0-9]{{2}}(?:[.,][0-9]+)?(?:\ [AP]M)? )
    | (?P<epoch>   1[0-9]{{9}}(?:\.[0-9]+|[0-9]{{3}})? )
    )(?![\w:-])""",
    re.VERBOSE,
)
_SLACK = timedelta(minutes=2)
_DAY_SLACK = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """When the new outputs were made.

    Parameters
    ----------
    start, end
        Seconds since the epoch.
    """

    start: float
    end: float


def mask_moments(stored: str, new: str, window: Window) -> tuple[str, str]:
    """Return both texts without the timestamps of their own runs.

    If the two texts do not have the same kinds of timestamps in the same order, they are returned
    unchanged.
    """
    old, now = list(_MOMENT.finditer(stored)), list(_MOMENT.finditer(new))
    if len(old) != len(now) or any(
        one.lastgroup != other.lastgroup for one, other in zip(old, now, strict=True)
    ):
        return stored, new
    made = [
        one[0] != other[0] and _is_now(other, window) for one, other in zip(old, now, strict=True)
    ]
    return _without(stored, old, made), _without(new, now, made)


def _without(text: str, matches: list[re.Match[str]], masked: list[bool]) -> str:
    pieces, at = [], 0
    for match, is_masked in zip(matches, masked, strict=True):
        if is_masked:
            pieces += [text[at : match.start()], "<time>"]
            at = match.end()
    return "".join(pieces) + text[at:]


def _is_now(match: re.Match[str], window: Window) -> bool:
    kind = match.lastgroup or ""
    if kind == "epoch":
        whole = float(match[0][:10])
        return window.start - _SLACK.seconds <= whole <= window.end + _SLACK.seconds
    if kind == "clock":
        return _is_hour(match[0], window)
    try:
        day = _READERS[kind](match[0])
    except ValueError:
        return False
    start, end = (datetime.fromtimestamp(t, timezone.utc) for t in (window.start, window.end))
    return start.date() - _DAY_SLACK <= day.date() <= end.date() + _DAY_SLACK


def _is_hour(text: str, window: Window) -> bool:
    """Return whether a time of day is that of the run, in local time or in UTC."""
    hours, minutes, seconds = (int(part[:2]) for part in text.split(":"))
    if text.endswith("PM") and hours < 12:
        hours += 12
    told = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    for zone in (None, timezone.utc):
        first = datetime.fromtimestamp(window.start, zone) - _SLACK
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        length = timedelta(seconds=window.end - window.start) + 2 * _SLACK
        for day in (midnight, midnight + _DAY_SLACK):
            if first <= day + told <= first + length:
                return True
    return False


def _iso(text: str) -> datetime:
    return datetime(int(text[:4]), int(text[5:7]), int(text[8:10]), tzinfo=timezone.utc)


def _compact(text: str) -> datetime:
    return datetime(int(text[:4]), int(text[4:6]), int(text[6:8]), tzinfo=timezone.utc)


def _written(text: str) -> datetime:
    """Read a date with the month in letters: the first number is the day, the year has 4 digits."""
    month = next(
        _MONTHS.index(word[:3].lower()) + 1
        for word in re.findall(r"[A-Za-z]+", text)
        if word[:3].lower() in _MONTHS
    )
    numbers = re.findall(r"(?<![:0-9])[0-9]+(?![:0-9])", text)
    year = next(int(number) for number in numbers if len(number) == 4)
    return datetime(year, month, int(numbers[0]), tzinfo=timezone.utc)


_READERS: dict[str, Callable[[str], datetime]] = {
    "iso": _iso,
    "compact": _compact,
    "ctime": _written,
    "written": _written,
}
