"""Import libraries of the extra ``exports``, which write formats that we do not write ourselves."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from jupyter_repro.formats.exporters.request import CannotExportError


def library(name: str, format_name: str) -> Any:  # noqa: ANN401 - a module
    """Import a module of one of these libraries.

    Raises
    ------
    CannotExportError
        If the library is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        reason = (
            f"To write {format_name}, {error.name} is missing: pip install 'jupyter_repro[exports]'"
        )
        raise CannotExportError(reason) from None
