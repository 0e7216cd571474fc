r"""The user's regular expressions for text that differs in every run, in nbval's files.

A file is an INI file with a section for each expression::

    [temperature]
    regex: \d+ °C
    replace: TEMPERATURE

One expression of the user can take years, and Python's `re` cannot be stopped. So a separate
process with a time limit applies them.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.safety.files import name_of, read_bytes
from jupyter_repro.safety.text import printable

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
    parser = configparser.RawConfigParser()
    shown = name_of(path)
    try:
        parser.read_string(read_bytes(path, MAX_FILE).decode("utf-8-sig"))
    except (configparser.Error, UnicodeDecodeError) as error:
        reason = f"{shown} is no sanitize file: {printable(str(error), 200)}"
        raise UsageError(reason) from None
    found = []
    for section in parser.sections():
        where = f"{shown}: [{printable(section, 100)}]"
        if not {"regex", "replace"} <= set(parser[section]):
            reason = f"{where} needs the lines regex: … and replace: …"
            raise UsageError(reason)
        regex, replacement = parser[section]["regex"], parser[section]["replace"]
        try:
            re.compile(regex).sub(replacement, "")
        except (re.error, IndexError) as error:
            reason = f"{where} is no regular expression ({error})."
            raise UsageError(reason) from None
        found.append((regex, replacement))
    if len(found) > MAX_PATTERNS:
        reason = f"{shown} has {len(found)} expressions; {MAX_PATTERNS} are the limit."
        raise UsageError(reason)
    return found


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
