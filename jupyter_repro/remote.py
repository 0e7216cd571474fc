"""What a front end or the runner asks a kernel, without the user's code noticing.

They send a silent ``execute_request`` with empty code and one of these as a user expression:
``__import__("jupyter_repro.remote", fromlist=["_"]).begin("…")``. Nothing enters the user's
namespace, no execution count moves, and it works before ``%load_ext jupyter_repro``. The answer
is a MIME bundle.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from jupyter_repro.messages import MIME_TYPE, pack
from jupyter_repro.session import current_session
from jupyter_repro.snapshot import Determinism


class Options(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Argument of `begin`, as JSON.

    Parameters
    ----------
    seed, determinism
        Seed before the first cell, as ``%repro seed=…`` would; None leaves it to the notebook.
    reference
        JSON of the recorded snapshot, for `%repro` to compare with.
    """

    seed: int | None = None
    determinism: Determinism = "warn"
    reference: str | None = None


class Answer:
    """A value that arrives as JSON in the reply to a user expression."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {MIME_TYPE: self.content}


def begin(options: str) -> Answer:
    """Prepare the kernel for a run that is going to be recorded, and return its snapshot."""
    wanted = msgspec.json.decode(options, type=Options)
    session = current_session()
    session.begin(seed=wanted.seed, determinism=wanted.determinism, reference=wanted.reference)
    return current()


def current() -> Answer:
    """Return the message for this kernel's present snapshot."""
    session = current_session()
    return Answer(pack(session.capture(), policy=session.policy_name))
