"""``python -m jupyter_repro``: the same as ``jupyter repro``."""

from __future__ import annotations

import os
import sys


def _leave_present_folder() -> None:
    """Take the present folder from the path, where `python -m` puts it first.

    It may be a stranger's, and what a command imports must not come from it.
    """
    try:
        here = os.getcwd()  # noqa: PTH109 - as Python writes it
    except FileNotFoundError:  # removed meanwhile
        here = ""
    if sys.path[:1] in ([""], [here]) and not getattr(sys.flags, "safe_path", False):
        del sys.path[0]


if __name__ == "__main__":
    _leave_present_folder()
    from jupyter_repro.cli import main

    sys.exit(main())
