"""Mask the timestamps in a text that only show when it was run.

A date can be a result. It is masked only if the new run shows its own day or hour and the stored
text has a different timestamp at the same place. One rule holds for all spellings: digits, words,
seconds since 1970, and Python's and pandas' objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:\ ?[AaPp][Mm]\b)?"
_ZONE_NAME = r"(?:UTC|GMT|[CEW]ES?T|[ECMP][SD]T|BST|IST|JST|MSK)"
_ZONE = rf"(?:\ ?(?:Z|{_ZONE_NAME}|[+-][0-9]{{2}}:?[0-9]{{2}})(?!\w))?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?,?\ (?:the\ )?)?"
_NUMBER = r"[0-9]{1,2}(?:st|nd|rd|th)?"
_ISO = rf"[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}(?:[T\ ,_]+{_CLOCK}{_ZONE})?"
_AT = rf"(?:,?\ (?:at\ )?{_CLOCK}{_ZONE})?"
_MOMENT = re.compile(
    rf"""(?<![\w.:-])(?:
      (?P<object>  (?:\w{{1,20}}\.)?(?:Timestamp|datetime64)\('{_ISO}'
                   (?:,\ \w{{2,4}}='[^'\n]{{1,40}}')?\) )
    | (?P<call>    (?:datetime\.)?(?:datetime|date)\([0-9]{{4}}(?:,\ [0-9]{{1,6}}){{2,6}}
                   (?:,\ (?:fold|tzinfo)=[^\n]{{1,60}}?\)?)?\) )
    | (?P<struct>  time\.struct_time\(tm_year=[0-9]{{4}},\ tm_mon=[0-9]{{1,2}},
                   \ tm_mday=[0-9]{{1,2}}[^()\n]{{0,160}}\) )
    | (?P<iso>     {_ISO} )
    | (?P<digits>  [0-9]{{1,2}}(?P<sign>[-/.])[0-9]{{1,2}}(?P=sign)[0-9]{{4}}{_AT}
                 | [0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{2}}{_AT} )
    | (?P<ctime>   {_DAY}{_MONTH}\ +{_NUMBER},?(?:\ {_CLOCK}{_ZONE})?\ [0-9]{{4}}{_AT} )
    | (?P<written> {_DAY}{_NUMBER}(?:\ of)?[\ -]{_MONTH},?[\ -][0-9]{{4}}{_AT} )
    | (?P<month>   {_MONTH},?\ [0-9]{{4}} )
    | (?P<east>    [0-9]{{4}}\ ?年\ ?[0-9]{{1,2}}\ ?月\ ?[0-9]{{1,2}}\ ?日(?:\ ?{_CLOCK})? )
    | (?P<compact> 20[0-9]{{6}}(?:[_T-]?[0-9]{{6}})? )
    | (?P<clock>   {_CLOCK}{_ZONE} )
    | (?P<epoch>   1[0-9]{{9}}(?:\.[0-9]+|[0-9]{{3}}|[0-9]{{6}}|[0-9]{{9}})? )
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

    Lines that do not have the same kinds of timestamps in the same order are returned unchanged.
    """
    old, now = stored.split("\n"), new.split("\n")
    if len(old) != len(now):
        return _mask_line(stored, new, window)
    lines = [_mask_line(one, other, window) for one, other in zip(old, now, strict=True)]
    return "\n".join(one for one, _ in lines), "\n".join(other for _, other in lines)


def _mask_line(stored: str, new: str, window: Window) -> tuple[str, str]:
    if stored == new:
        return stored, new
    old, now = list(_MOMENT.finditer(stored)), list(_MOMENT.finditer(new))
    if [one.lastgroup for one in old] != [other.lastgroup for other in now]:
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
    start, end = (datetime.fromtimestamp(t, timezone.utc) for t in (window.start, window.end))
    first, last = start.date() - _DAY_SLACK, end.date() + _DAY_SLACK
    if kind == "month":
        month = _month_in(match[0]), int(match[0][-4:])
        return month in {(first.month, first.year), (last.month, last.year)}
    return any(first <= day <= last for day in _days(kind, match[0]))


def _is_hour(text: str, window: Window) -> bool:
    """Return whether a time of day is that of the run, in local time or in UTC."""
    hours, minutes, seconds = (int(part) for part in _HOUR.findall(f"{text}:00")[0])
    half = text.lower().rstrip()[-2:]
    if half == "pm" and hours < 12:
        hours += 12
    elif half == "am" and hours == 12:
        hours = 0
    told = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    for zone in (None, timezone.utc):
        first = datetime.fromtimestamp(window.start, zone) - _SLACK
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        length = timedelta(seconds=window.end - window.start) + 2 * _SLACK
        for day in (midnight, midnight + _DAY_SLACK):
            if first <= day + told <= first + length:
                return True
    return False


_HOUR = re.compile(r"([0-9]{1,2}):([0-9]{2})[^:]*:([0-9]{2})")


def _days(kind: str, text: str) -> Iterator[date]:
    """Yield the days that a text can mean: 01/02/2026 is in January or in February."""
    with suppress(ValueError):
        yield from _readings(kind, text)


def _readings(kind: str, text: str) -> Iterator[date]:
    if kind in {"ctime", "written"}:
        # Not those of a clock; the day is the first number, and the year has four digits
        numbers = [int(number) for number in _OF_A_DAY.findall(text)]
        year = next((number for number in numbers if number >= 1000), 0)
        yield date(year, _month_in(text), numbers[0])
        return
    if kind == "compact":
        yield date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        return
    first, second, third = map(int, re.findall(r"[0-9]+", text.rpartition("64(")[2])[:3])
    if kind != "digits":
        yield date(first, second, third)
        return
    year = third if third >= 100 else 2000 + third
    for month, day in ((first, second), (second, first)):
        if month <= 12 and day <= 31:
            yield date(year, month, day)


_OF_A_DAY = re.compile(r"(?<![:.0-9])[0-9]+(?![:0-9])")


def _month_in(text: str) -> int:
    words = re.findall(r"[A-Za-z]{3,}", text)
    return next(
        _MONTHS.index(word[:3].lower()) + 1 for word in words if word[:3].lower() in _MONTHS
    )
