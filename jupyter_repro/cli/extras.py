"""What a command says where a package that it needs is not installed."""

from __future__ import annotations

from jupyter_repro.errors import ReproError


def require_runner() -> None:
    """Import what runs notebooks.

    Raises
    ------
    ReproError
        If a package for it is missing; the message says how to install it.
    """
    try:
        import jupyter_repro.run.runner  # noqa: F401
    except ModuleNotFoundError as error:
        reason = f"To run notebooks, {missing(error)}"
        raise ReproError(reason) from None


def missing(error: ModuleNotFoundError) -> str:
    """Return which package of the extra ``headless`` is missing, and how to install it.

    Raises
    ------
    ModuleNotFoundError
        Again, if the module is one of this package's own.
    """
    if (error.name or "").startswith("jupyter_repro"):
        raise error
    return f"{error.name} is missing here: pip install 'jupyter_repro[headless]'"
