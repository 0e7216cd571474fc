"""Read single environment variables by name, and show only values that are certainly harmless.

Used by the probes that record settings. The environment is never copied: a name must be on the
caller's list, and a value must look like a setting, not like a path, an address or a key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from jupyter_repro.safety.redact import HIDDEN, hide_secrets

NOT_SHOWN = "set, not shown"
"""Replaces a value that does not look like a setting."""

MAX_LENGTH = 160

# Short words and numbers, joined by the separators of OpenMP's, MKL's and NCCL's settings
_WORD = r"[A-Za-z0-9_.+-]{1,28}"
_HARMLESS = re.compile(rf"[\^{{(]?(?:{_WORD})?(?:[,:;=|{{}}() ]+{_WORD})*[)}}]?")


def pick_variables(
    environ: Mapping[str, str], names: Collection[str], *, pattern: str | None = None
) -> dict[str, str]:
    """Return the variables that are set, sorted by name.

    Parameters
    ----------
    environ
        The current environment: a library may have read a variable before its value changed.
    names
        Names to look up.
    pattern
        Regular expression that matches further names.

    Returns
    -------
    dict
        Name → value, or `NOT_SHOWN`.
    """
    found = {name for name in names if name in environ}
    if pattern is not None:
        wanted = re.compile(pattern)
        found |= {name for name in environ if wanted.fullmatch(name)}
    return {name: shown_value(environ[name]) for name in sorted(found)}


def shown_value(value: str) -> str:
    """Return a setting's value if it looks harmless, else `NOT_SHOWN`."""
    value = value.strip()
    if len(value) > MAX_LENGTH or not _HARMLESS.fullmatch(value):
        return NOT_SHOWN
    return NOT_SHOWN if HIDDEN in hide_secrets(value) else value
