"""What a kind of change may do to results, and what to do about it.

Names and versions come from a stranger's notebook. They enter a command only if they have the
plain form of names and versions; otherwise the action is a sentence without a command.
"""

from __future__ import annotations

import re

from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.comparing.environments.kinds import KINDS
from jupyter_repro.comparing.environments.weights import ACCEPT
from jupyter_repro.packages.vendor_indexes import vendor_index

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,100}")
_VERSION = re.compile(r"[0-9][A-Za-z0-9._+]{0,100}")


# rattler and py-rattler are libraries: there is no command for their environments
_INSTALL = {
    None: "conda install",
    "conda": "conda install",
    "mamba": "mamba install",
    "micromamba": "micromamba install",
    "pixi": "pixi add",
}


def explain(change: Change, manager: str | None = None) -> tuple[str, str]:
    """Return what a change may do to results, and what to do about it.

    Parameters
    ----------
    change
        Its texts may be hostile; only plain names and versions enter a command.
    manager
        The tool that has made the current environment: its command is given.
    """
    why, action = KINDS[change.kind].why, KINDS[change.kind].action
    if "{" not in action:
        return why, action
    return why, action.format(
        subject=change.subject,
        reference="what it was (not set)" if change.reference is None else change.reference,
        install=_install(change, manager),
        python=_python(change, manager),
        checkout=_checkout(change),
        wanted=_wanted(change),
    )


def _install(change: Change, manager: str | None) -> str:
    """Return the command that installs the recorded package, or a sentence if there is none."""
    if change.reference is None:
        return ACCEPT
    version, _, build = change.reference.partition(" ")
    plain = _NAME.fullmatch(change.subject) and _VERSION.fullmatch(version)
    known = change.installer == "pip" or (change.installer == "conda" and manager in _INSTALL)
    if not known or not plain:
        return f"Install the recorded one: {change.subject} {change.reference}"
    caution = ", if you know the package" if change.kind == "package-missing" else ""
    return f"Install the recorded one{caution}: {_command(change, version, build, manager)}"


def _command(change: Change, version: str, build: str, manager: str | None) -> str:
    if change.installer == "conda":
        exact = f"={build}" if build and _NAME.fullmatch(build) else ""
        return f'{_INSTALL[manager]} "{change.subject}={version}{exact}"'
    command = f'%pip install "{change.subject}=={version}"'
    vendor = vendor_index(change.subject, version)
    return f"{command} {vendor.only_option}" if vendor else command


def _wanted(change: Change) -> str:
    # Either side may be the one with the requirement
    asked = next((text for text in (change.reference, change.current) if _asks(text)), None)
    return f"Install one that is: {change.subject} {asked or change.reference}"


def _asks(text: str | None) -> bool:
    return text is not None and not _VERSION.fullmatch(text)


def _python(change: Change, manager: str | None) -> str:
    if change.kind != "implementation" and _VERSION.fullmatch(change.reference or ""):
        tool = manager if manager in {"mamba", "micromamba"} else "conda"
        command = f'{tool} create -n recorded "python={change.reference}"'
        return f"Make an environment with it, for instance: {command}"
    return f"Make an environment with Python {change.reference}."


def _checkout(change: Change) -> str:
    if re.fullmatch(r"[0-9a-f]{40,64}", change.reference or ""):
        return f"To see that code: git switch --detach {change.reference}"
    return ACCEPT
