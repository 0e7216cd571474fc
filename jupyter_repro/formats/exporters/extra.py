"""Libraries of the extra ``exports``, which write formats that are not worth our own code."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from jupyter_repro.formats.exporters.request import CannotExportError


def library(name: str, format_name: str) -> Any:  # noqa: ANN401 - a module
    """Import a module of such a library.

    Raises
    ------
    CannotExportError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        reason = (
            f"To write {format_name}, {error.name} is missing: pip install 'jupyter_repro[exports]'"
        )
        raise CannotExportError(reason) from None
