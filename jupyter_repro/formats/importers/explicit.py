"""Import an ``@EXPLICIT`` file: the address of every conda package, with or without a digest.

conda-lock adds the Python packages as comments (``# pip name @ address#sha256=…``), and reads them
when it installs the file.
"""

from __future__ import annotations

import re

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.draft import Draft
from jupyter_repro.formats.importers.locks import LockedPython, add_python
from jupyter_repro.packages.platforms import is_subdir

_PLATFORM = re.compile(r"#\s*platform:\s*([a-z0-9_-]+)")
_PIP = re.compile(r"# pip ([A-Za-z0-9][A-Za-z0-9._-]*) @ (\S+)")
_SHA256 = re.compile(r"(?:^|&)sha256=([0-9a-f]{64})(?=&|$)")
_DIGEST = re.compile(r"(?:md5:|sha256:)?([0-9a-fA-F]+)")


def read(text: str, draft: Draft) -> None:
    """Add the packages.

    Raises
    ------
    UnreadableError
        If the line ``@EXPLICIT`` is missing.
    """
    lines = [line.strip() for line in text.splitlines()]
    if "@EXPLICIT" not in lines:
        reason = "is no explicit file: it has no line @EXPLICIT."
        raise UnreadableError(reason)
    for line in lines:
        platform = _PLATFORM.match(line)
        if platform and is_subdir(platform[1]):
            draft.system["platform"] = platform[1]
        elif pip := _PIP.fullmatch(line):
            digest = _SHA256.search(pip[2].partition("#")[2])
            add_python(draft, LockedPython(pip[1], "", pip[2], digest[1] if digest else ""))
        elif line and not line.startswith(("#", "@")):
            url, _, told = line.partition("#")
            found = _DIGEST.fullmatch(told)
            # The tools that write and read such files use the order of their lines
            draft.add_conda_file(url, found[1] if found else None, needs=())
    if "platform" not in draft.system:
        subdirs = {group.rpartition("/")[2] for group in draft.conda} - {"noarch"}
        if len(subdirs) == 1 and is_subdir(only := subdirs.pop()):
            draft.system["platform"] = only
