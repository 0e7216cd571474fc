"""The `%repro` line magic: the thin edge between IPython and the session.

Loading the extension imports what reads a line and nothing else; the rest comes with the first
`%repro`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from jupyter_repro.kernel.arguments import (
    COMMANDS,
    Request,
    asks_doctor,
    complete,
    parse_request,
    parse_scope,
)
from jupyter_repro.model.options import (
    DETERMINISM,
    GENERATORS,
    MODE,
    OPTIONS,
    PINS,
    POLICY,
    RANKS,
    Choice,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.kernel.session import Session


def _lines(texts: Mapping[str, str]) -> str:
    return "\n".join(f"    {name:<13}{text}" for name, text in texts.items())


def _meanings(*options: Choice[Any]) -> str:
    return "\n".join(
        f"{option.name if choice == option.choices[0] else '':<14}{choice:<12}{meaning}"
        for option in options
        for choice, meaning in zip(option.choices, option.meanings, strict=True)
    )


MANUAL = f"""\
%repro seeds every random generator, makes PyTorch deterministic and records the environment
that this notebook's results were made with.

    %repro seed=42                        seed everything and record
    %repro seed=42 determinism=strict     and stop at nondeterministic operations
    %repro seed=42 mode=cell              give each cell its own numbers: run cells in any order
    %repro seed=42 ranks=distinct         under torchrun: give each process its own numbers
    %repro seed=42 policy=production      and compare builds and digests exactly
    %repro                                show what is seeded and recorded, and whether it holds
    %repro findings                       list what keeps results from repeating
    %repro check                          compare this kernel with the recorded environment
    %repro expect loss=loss rtol=1e-3     record a result; on a re-run, compare it
    %repro checkpoint before              save the state of all random generators
    %repro restore before                 and go back to it
    %repro export environment.yml         write this environment for conda; see the docs for others
    %%repro seed=7                        on top of a cell: seed for this cell alone
    %%repro doctor                        on top of a cell: run it twice and explain what differs
    %repro doctor train                   the same for a function without arguments

Commands
{_lines({name: command.summary for name, command in COMMANDS.items()})}

Options
{_lines({name: option.summary for name, option in OPTIONS.items()})}

{_meanings(DETERMINISM, GENERATORS, MODE, RANKS, PINS)}

On the command line: jupyter repro --help
"""


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

    current_session().off()
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
