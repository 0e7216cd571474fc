"""Texts of outputs as reports show them that others read: nothing personal, no credential.

An output can hold anything: the message of an exception names a home folder, a printed address
holds a password. The notebook's author sees that in a terminal and in the notebook. A comment on a
pull request, an annotation and a page are read by others.
"""

from __future__ import annotations

from jupyter_repro.safety.redact import find_secrets, hide_values, redact_text, secret_values
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import current_world

_LONGEST = 5_000


def for_report(text: str, limit: int = 500) -> str:
    """Return a text of an output on one line, without credentials, personal folders and names.

    Parameters
    ----------
    text
        Such as the message of an exception.
    limit
        Longest result, in characters. What is hidden is hidden before the text is cut.
    """
    world = current_world()
    text = redact_text(printable(text, _LONGEST + limit), world, _LONGEST + limit)
    values = secret_values(world.environ)
    return printable(hide_values(text, find_secrets(text, values)), limit)
