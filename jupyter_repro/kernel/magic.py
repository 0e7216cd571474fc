"""The `%repro` line magic: the thin edge between IPython and the session.

Loading the extension imports what reads a line and nothing else; the rest comes with the first
`%repro`.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, cast

from jupyter_repro.kernel.arguments import (
    Request,
    asks_doctor,
    complete,
    parse_request,
    parse_scope,
)
from jupyter_repro.kernel.manual import MANUAL
from jupyter_repro.model.options import POLICY

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.kernel.session import Session


def load(shell: InteractiveShell) -> None:
    """Register the magic and its completion."""
    random = sys.modules.get("random")
    at_load = random.getstate() if random is not None else None

    def current() -> Session:
        from jupyter_repro.kernel.session import current_session

        session = current_session()
        session.seeds.remember_load(at_load)
        return session

    def repro(line: str, cell: str | None = None) -> None:
        if cell is None:
            request = parse_request(line)
            run_request(shell, current(), request)
        elif asks_doctor(line):
            from jupyter_repro.kernel.commands import examine_cell

            examine_cell(shell, current(), cell)
        else:
            run_scope(shell, current(), line, cell)

    repro.__doc__ = MANUAL
    # IPython's own types do not describe these two
    shell.register_magic_function(repro, magic_kind="line_cell", magic_name="repro")  # type: ignore[call-arg, arg-type]
    shell.input_transformers_cleanup.append(open_scope)
    shell.set_hook("complete_command", _complete, str_key="%repro")  # type: ignore[no-untyped-call]


def unload(shell: InteractiveShell) -> None:
    """Undo what `load` and the magic did."""
    from jupyter_repro.kernel.session import current_session

    session = current_session()
    options = session.seeds.options
    notes = session.off()
    if options is not None:
        # %reload_ext unloads as well, and what loads it again does not seed
        told = (
            "jupyter_repro is unloaded, and nothing is seeded any more. "
            f"After %load_ext or %reload_ext, run %repro seed={options.seed} again."
        )
        print("\n".join([told, *notes]))  # noqa: T201
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("repro", None)
    if open_scope in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(open_scope)
    shell.strdispatchers["complete_command"].strs.pop("%repro", None)


def open_scope(lines: list[str]) -> list[str]:
    """Let a cell under `%%repro` run as an ordinary cell, with one call in place of that line.

    A cell magic that ran the cell itself could not ``await``, and would show errors twice.
    """
    found = _SCOPE.fullmatch(lines[0]) if lines else None
    first = next((line for line in lines[1:] if line.strip()), "")
    if found is None or asks_doctor(found[1]):
        return lines
    if first.startswith("%%"):  # a second cell magic runs its cell by itself
        return lines
    return [f"get_ipython().run_cell_magic('repro', {found[1].strip()!r}, '\\n')\n", *lines[1:]]


_SCOPE = re.compile(r"%%repro((?:[ \t][^\n]*)?)\n?")


def run_scope(shell: InteractiveShell, session: Session, line: str, body: str) -> None:
    """Seed, and go back to the states before when the cell that is running has ended.

    Parameters
    ----------
    body
        Blank where `open_scope` left the cell to IPython (which refuses an empty one); else it is
        run here.

    Raises
    ------
    Exception
        What the body raised.
    """
    from jupyter_repro.kernel.request import current_request

    session.follower.begin_scope(shell, parse_scope(line), current_request().cell)
    if body.strip():
        from jupyter_repro.kernel.cells import run_cell_within

        try:
            done = run_cell_within(shell, body)
            if done is None:
                exec(shell.transform_cell(body), shell.user_ns)  # type: ignore[no-untyped-call]  # noqa: S102
            else:
                done.raise_error()  # type: ignore[no-untyped-call]
        finally:
            session.follower.end_scope()


def _complete(_shell: InteractiveShell, event: object) -> list[str]:
    return complete(cast("str", getattr(event, "line", "")))


def run_request(shell: InteractiveShell, session: Session, request: Request) -> None:
    """Do what a parsed line asks for.

    Raises
    ------
    ReproError
        If it cannot be done.
    """
    from jupyter_repro.kernel import commands

    if "seed" in request.options:  # first: a wrong seed changes nothing
        session.seed(request.options)
    policy = request.options.get("policy")
    if policy is not None:
        session.choose_policy(POLICY.parse(policy))
    getattr(commands, request.does.run)(shell, session, request)
