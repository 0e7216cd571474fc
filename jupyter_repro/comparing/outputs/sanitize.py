r"""The user's regular expressions for text that differs in every run, in nbval's files.

A file holds pairs of lines, in sections that are only titles::

    [temperature]
    regex: \d+ °C
    replace: TEMPERATURE

nbval looks for such pairs and for nothing else, so a section may hold several, and an expression
that comes twice is applied once, with its last replacement. ``=`` and blanks around it are accepted
as well, as INI files have them.

One expression of the user can take years, and Python's `re` cannot be stopped. So a separate
process with a time limit applies them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.safety.files import name_of, read_bytes
from jupyter_repro.safety.text import printable

_TITLE = re.compile(r"\s*\[(.*)\]\s*")
_REGEX = re.compile(r"[ \t]*regex[ \t]*[:=][ \t]?(.*)")
_REPLACE = re.compile(r"[ \t]*replace[ \t]*[:=][ \t]?(.*)")

MAX_FILE = 1_000_000
MAX_PATTERNS = 1_000
MAX_SECONDS = 20
"""For all the texts of a notebook."""

_APPLY = """
import json, re, sys
patterns, texts = json.load(sys.stdin)
for regex, replacement in patterns:
    pattern = re.compile(regex)
    texts = [pattern.sub(replacement, text) for text in texts]
json.dump(texts, sys.stdout)
"""

Pattern = tuple[str, str]


def read_patterns(path: Path) -> list[Pattern]:
    """Return the expressions of a file and their replacements, in the file's order.

    Raises
    ------
    ReproError
        If the file cannot be read or is not in nbval's format; the message names the section.
    """
    shown = name_of(path)
    try:
        text = read_bytes(path, MAX_FILE).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"{shown} is no sanitize file: {printable(str(error), 200)}"
        raise UsageError(reason) from None
    lines = re.split(r"\r\n|\r|\n", text)
    found: dict[str, str] = {}
    where = shown
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        title = _TITLE.fullmatch(line)
        where = f"{shown}: [{printable(title[1], 100)}]" if title else where
        regex, replacement = _REGEX.fullmatch(line), _REPLACE.fullmatch(following)
        if regex is None:
            continue
        if replacement is None:
            reason = f"{where} needs the lines regex: … and replace: …"
            raise UsageError(reason)
        try:
            re.compile(regex[1]).sub(replacement[1], "")
        except (re.error, IndexError) as error:
            reason = f"{where} is no regular expression ({error})."
            raise UsageError(reason) from None
        found[regex[1]] = replacement[1]
    if not found and any(line.strip() for line in lines):
        reason = f"{where} needs the lines regex: … and replace: …"
        raise UsageError(reason)
    if len(found) > MAX_PATTERNS:
        reason = f"{shown} has {len(found)} expressions; {MAX_PATTERNS} are the limit."
        raise UsageError(reason)
    return list(found.items())


def apply(patterns: Sequence[Pattern], texts: Sequence[str]) -> list[str]:
    """Return the texts with every match of the expressions replaced, one after the other.

    Raises
    ------
    ReproError
        If that takes too long, or a replacement does not fit its expression.
    """
    if not patterns or not texts:
        return list(texts)
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, and no text in the command
            [sys.executable, "-I", "-c", _APPLY],
            input=json.dumps([patterns, list(texts)]),
            capture_output=True,
            encoding="utf-8",
            timeout=MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        reason = (
            f"The regular expressions of the sanitize file took longer than {MAX_SECONDS} s; "
            "one of them tries too many ways, as (a+)+ does."
        )
        raise ReproError(reason) from None
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        reason = f"The sanitize file could not be applied ({printable(' '.join(last), 200)})."
        raise ReproError(reason)
    result: list[str] = json.loads(done.stdout)
    return result


def sanitize(patterns: Sequence[Pattern], cells: Sequence[dict[str, object]]) -> None:
    """Apply expressions to all printed and displayed texts of decoded cells, in place.

    The outputs must be normalised by `normalise.results_of`. Pictures do not change.
    """
    places: list[tuple[dict[str, object], str]] = []
    for cell in cells:
        outputs = cell["outputs"]
        assert isinstance(outputs, list)
        for output in outputs:
            if output["output_type"] == "stream":
                places.append((output, "text"))
            elif output["output_type"] == "error":
                places.append((output, "evalue"))
            else:
                data = output["data"]
                places += [(data, mime) for mime in data if not mime.startswith("image/")]
    places = [(holder, key) for holder, key in places if isinstance(holder[key], str)]
    texts = apply(patterns, [str(holder[key]) for holder, key in places])
    for (holder, key), text in zip(places, texts, strict=True):
        holder[key] = text
