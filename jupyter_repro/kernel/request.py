"""The message that the kernel is working on: who sent it, and for which cell.

Several front ends and several notebooks can use one kernel. Each has its own connection, and every
message names the connection that it came by
(https://jupyter-client.readthedocs.io/en/stable/messaging.html#message-header).
"""

from __future__ import annotations

from typing import Any, NamedTuple


class KernelRequest(NamedTuple):
    """What the kernel is working on.

    Parameters
    ----------
    client
        Id of the connection that the message came by; empty outside a Jupyter kernel.
    message
        Id of the message; empty outside a Jupyter kernel.
    cell
        Id of the notebook's cell, where the front end sends one.
    """

    client: str
    message: str
    cell: str | None


def current_request() -> KernelRequest:
    """Return the message that the kernel is working on now."""
    from IPython.core.getipython import get_ipython

    get_parent = getattr(get_ipython(), "get_parent", None)
    parent = (get_parent() if get_parent else None) or {}
    header = _members(parent, "header")
    cell = _members(parent, "metadata").get("cellId")
    return KernelRequest(
        client=_text(header.get("session")),
        message=_text(header.get("msg_id")),
        cell=cell if isinstance(cell, str) else None,
    )


def _members(parent: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - whatever was sent
    found = parent.get(name) if isinstance(parent, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
