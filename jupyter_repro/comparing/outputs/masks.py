"""Mask the parts of a text that differ in every run and are not results.

Only text that is surely not a result is masked: a duration beside a word like "elapsed", an address
after "at" or in the description of an object. The replacement is never masked again.

A folder is always masked, because it belongs to the machine. Python's warnings on standard error
depend on a library's version and are left out; the rest of standard error is compared.
"""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

# Bounded, as are the other repetitions: a stranger's text must not take hours
_NUMBER = r"[0-9]{1,12}(?:,[0-9]{3}){0,4}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?"
_UNIT = (
    r"(?:ns|µs|μs|us|ms|s|secs?|seconds?|milliseconds?|microseconds?|"
    r"m|mins?|minutes?|h|hrs?|hours?)"
)
_RATE = (
    r"(?:(?:it|iter|iters|iterations|steps?|samples?|batch(?:es)?|rows|tokens|examples|imgs?|images|"
    r"[kKMG]?i?B)/s(?:ec)?|(?:ns|µs|us|ms|s)/(?:it|iter|step|epoch|sample|batch))"
)
_TIMED = (
    r"took|takes|elapsed|run ?time|wall[ -]?time|cpu times?|time taken|eta|duration|"
    r"(?:training|execution|elapsed|total|fit|processing|inference|computation)[ _]time|"
    r"(?:finished|done|completed|executed|ran|trained|fitted|loaded|ready) (?:in|after)"
)

# The order matters: a bar contains times, a path contains temporary names
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    # %time, %%time, %timeit
    (re.compile(r"^(?:CPU times|Wall time): .*$", re.MULTILINE), "<times>"),
    (re.compile(r"^.* per loop \(mean ± std\. dev\. of .*\)$", re.MULTILINE), "<times>"),
    # tqdm: the bar, and the text in brackets up to the values that the user shows
    (re.compile(r"[0-9]{1,3}%\|[^|\n]*\|"), "<bar>"),
    (re.compile(r"\[[0-9:?]+<[0-9:?]+, *[^,\]\n]*/[^,\]\n]*"), "[<rate>"),
    (re.compile(r"\[[0-9]{2}:[0-9]{2}(?::[0-9]{2})?, *[^,\]\n]*/[^,\]\n]*"), "[<rate>"),
    # Keras, rich, pip
    (re.compile(r"[━╸╺█▉▊▋▌▍▎▏░▒▓─]{4,}|(?<=\[)[=>.#-]{8,}(?=\])"), "<bar>"),
    (re.compile(rf"(?<![\w.,])(?:{_NUMBER}s )?{_NUMBER}(?:ms|us|µs|s)/(?:step|epoch)\b"), "<rate>"),
    (re.compile(rf"(?<![\w.,]){_NUMBER} ?{_RATE}(?!\w)"), "<rate>"),
    # Elapsed time in words
    (
        re.compile(
            rf"\b({_TIMED})\b([^\S\n]*(?:[:=]|is|was)?[^\S\n]*)(?:{_NUMBER} ?{_UNIT}\b ?)+",
            re.IGNORECASE,
        ),
        r"\1\2<duration>",
    ),
    (
        re.compile(r"(?<![\w:.])(?<!days )[0-9]{1,3}:[0-9]{2}:[0-9]{2}\.[0-9]{6}(?![\w:])"),
        "<duration>",
    ),
    # Names that are made anew each time
    (
        re.compile(
            r"(?<![0-9a-fA-F-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F-])"
        ),
        "<uuid>",
    ),
    (re.compile(r"\bat 0x[0-9a-fA-F]+\b"), "at <address>"),
    # Elsewhere such a number may be a result, as of hex()
    (
        re.compile(
            r"\b(id|addr|address|pointer|ptr|handle)\b(\W{0,3})0x[0-9a-fA-F]{6,16}\b", re.IGNORECASE
        ),
        r"\1\2<address>",
    ),
    (
        re.compile(r"(<[A-Za-z_][^<>\n]{0,200}?)\b0x[0-9a-fA-F]{12,16}(?=[^<>\n]{0,200}>)"),
        r"\1<address>",
    ),
    (re.compile(r"\b(pid|process id)(\s*[=:]?\s*)[0-9]+\b", re.IGNORECASE), r"\1\2<pid>"),
    (re.compile(r"\bipykernel_[0-9]+[\\/][0-9]+\.py\b"), "<cell>"),
    (re.compile(r"<ipython-input-[0-9]+-[0-9a-f]+>"), "<cell>"),
    (re.compile(r"\b(In|Out) ?\[[0-9]+\]"), r"\1[<count>]"),
    (re.compile(r"\btmp[a-z0-9_]{8}\b(?=[\\/\s'\".,)>\]]|$)"), "<temporary>"),
    # The folder belongs to the machine, the name of the file to the notebook
    (
        re.compile(
            r"(?<![\w.~/\\:>-])(?:file://)?/(?:[^\s/'\"<>|:*?()\[\]{},;=]+/)+(?=[^\s/'\"]|\b|$)"
        ),
        "<folder>/",
    ),
    (re.compile(r"(?<![\w/])[A-Za-z]:\\{1,2}(?:[^\\/:*?\"<>|\r\n]+\\{1,2})+"), "<folder>/"),
)

# The words for what is masked; "<time>" is of `timestamps`
_KINDS = {
    "<time>": "times",
    "<times>": "times",
    "<duration>": "durations",
    "<rate>": "rates",
    "<bar>": "progress bars",
    "<uuid>": "random names",
    "<temporary>": "temporary names",
    "<address>": "addresses",
    "<pid>": "numbers of processes",
    "<folder>": "folders",
    "<cell>": "names of cells",
    "<count>": "numbers of cells",
}
_MASKED = re.compile("|".join(_KINDS))

MAX_PASSES = 5
"""What one mask leaves can be what another one looks for."""

_WARNING = re.compile(r"^(?:\S.*?:[0-9]+: )(\w*Warning): .*\n?(?:^[ \t]+\S.*\n?)*", re.MULTILINE)


def mask(text: str) -> str:
    """Return a text as a terminal would show it, without what differs in every run.

    Masking a masked text changes nothing.
    """
    text = as_shown(text)
    for _ in range(MAX_PASSES):
        before = text
        for pattern, replacement in _MASKS:
            text = pattern.sub(replacement, text)
        if text == before:
            break
    return text


def as_shown(text: str) -> str:
    """Return a text as a terminal would show it, without colours."""
    return _ANSI.sub("", overwritten(text)).replace("\x1b", "")


def kinds_in(masked: str) -> tuple[str, ...]:
    """Return in words what was masked in a text, each kind once."""
    return tuple(dict.fromkeys(_KINDS[found] for found in _MASKED.findall(masked)))


def is_nothing_else(masked: str) -> bool:
    """Return whether a text holds no letter and no digit beside what was masked in it."""
    return not re.search(r"[^\W_]", _MASKED.sub("", masked))


def is_timing(text: str) -> bool:
    """Return whether a text is only what IPython's ``%time`` and ``%timeit`` print."""
    if "Wall time: " not in text and " per loop (mean " not in text:
        return False
    masked = mask(text)
    return "<times>" in masked and is_nothing_else(masked)


def without_warnings(text: str) -> str:
    """Return a text without Python's warnings: they depend on a library and are not results."""
    return _WARNING.sub("", text)


def overwritten(text: str) -> str:
    """Return what a terminal shows after carriage returns and backspaces.

    JupyterLab saves the text that it shows, nbclient the text that was sent.
    """
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_line(line) for line in text.replace("\r\n", "\n").split("\n"))


def _line(line: str) -> str:
    if "\r" not in line and "\b" not in line:
        return line
    shown: list[str] = []
    at = 0
    for piece in re.split(r"([\r\b])", line):
        if piece == "\r":
            at = 0
        elif piece == "\b":
            at = max(at - 1, 0)
        else:
            shown[at : at + len(piece)] = piece
            at += len(piece)
    return "".join(shown).rstrip()
