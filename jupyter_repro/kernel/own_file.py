"""What the file of this kernel's own notebook has recorded, where the file is known.

It is only read: writing it would fight with the front end that has it open.

Why the kernel never writes the notebook: tools that did lost their users' edits. Reading the file
that Jupyter Server names in ``JPY_SESSION_NAME`` gives the reference in front ends without our
extension, and it cannot lose anything: a stale name is only a missing reference.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_repro.errors import UnreadableError

if TYPE_CHECKING:
    from jupyter_repro.model.document import Document

_log = logging.getLogger(__name__)


def stored_document() -> Document | None:
    """Return what the notebook's file has recorded; None where nothing can be read."""
    path = notebook_path()
    if path is None:
        return None
    from jupyter_repro.notebook.lift import read_document

    try:
        return read_document(path)
    except UnreadableError as error:
        _log.info("no reference from the notebook's file: %s", error)
        return None


def notebook_path() -> Path | None:
    """Return the notebook that this kernel was started for, as far as that can be known.

    Jupyter Server gives it at the start of the kernel, so it may have been renamed since
    (https://github.com/jupyter-server/jupyter_server/pull/1143).
    """
    name = os.environ.get("JPY_SESSION_NAME", "")
    path = Path(name)
    return path if name.endswith(".ipynb") and path.is_file() else None
