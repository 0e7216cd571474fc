"""The `%repro` line magic: the thin edge between IPython and the session.

Loading the extension imports what reads a line and nothing else; the rest comes with the first
`%repro`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from jupyter_repro.kernel.arguments import (
    COMMANDS,
    KEYS,
    Request,
    asks_doctor,
    complete,
    parse_request,
    parse_scope,
)
from jupyter_repro.kernel.expect_line import Expectation, asks_expect, parse_expect

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.kernel.session import Session
    from jupyter_repro.model.snapshot import PolicyName

MANUAL = f"""\
%repro seeds every random generator, makes PyTorch deterministic and records the stack
that this notebook's results were made with.

    %repro seed=42                        seed everything and record
    %repro seed=42 determinism=strict     and stop at nondeterministic operations
    %repro seed=42 mode=cell              each cell has numbers of its own: run them in any order
    %repro seed=42 ranks=distinct         under torchrun: each process has numbers of its own
    %repro seed=42 policy=production      and hold every build string to account
    %repro                                what is seeded and recorded, does it still hold
    %repro findings                       what was seen that keeps results from repeating
    %repro check                          compare this kernel with the recorded snapshot
    %repro expect loss=loss rtol=1e-3     record a result; on a re-run, compare it
    %repro checkpoint before              keep the states of all random generators
    %repro restore before                 and go back to them
    %repro export environment.yml         write this environment for conda; other names, other tools
    %%repro seed=7                        on top of a cell: seed for this cell alone
    %%repro doctor                        on top of a cell: run it twice, say what differs and why
    %repro doctor train                   the same for a function without arguments

Commands
{chr(10).join(f"    {name:<12}{text}" for name, text in COMMANDS.items())}

Keys
{chr(10).join(f"    {name:<12}{text}" for name, text in KEYS.items())}

determinism   warn     deterministic algorithms where there are some, a warning where not
              strict   an error where there is no deterministic algorithm
              cudnn    cuDNN alone: deterministic on, benchmark off
              off      no flag is touched
generators    derive   np.random.default_rng() and its like get seeds that follow from the seed
              report   they keep entropy of their own, and are listed as findings all the same

On the command line: jupyter repro --help
"""


def load(shell: InteractiveShell) -> None:
    """Register the magic and its completion."""
    random = sys.modules.get("random")
    at_load = random.getstate() if random is not None else None

    def current() -> Session:
        from jupyter_repro.kernel.session import current_session

        session = current_session()
        session.seeds.python_at_load = at_load
        return session

    def repro(line: str, cell: str | None = None) -> None:
        if cell is not None and asks_doctor(line):
            _run_doctor(shell, current(), cell=cell)
            return
        if cell is not None:
            run_scope(shell, current(), line, cell)
            return
        if asks_expect(line):
            run_expect(shell, current(), parse_expect(line))
            return
        request = parse_request(line)
        run_request(shell, current(), request)

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
    if first.startswith("%%"):  # another cell magic runs its cell by itself
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

    session.begin_scope(shell, parse_scope(line), current_request().cell)
    if body.strip():
        from jupyter_repro.kernel.cells import run_cell_within

        try:
            done = run_cell_within(shell, body)
            if done is None:
                exec(shell.transform_cell(body), shell.user_ns)  # type: ignore[no-untyped-call]  # noqa: S102
            else:
                done.raise_error()  # type: ignore[no-untyped-call]
        finally:
            session.end_scope()


def run_expect(shell: InteractiveShell, session: Session, asked: Expectation) -> None:
    """Record results, and print how each compares with the recorded one.

    Raises
    ------
    UsageError
        If a tolerance or a value is of no use; the results before it are recorded.
    Exception
        What an expression raised.
    """
    from jupyter_repro.kernel.expect import tolerance_of

    numbers = asked.tolerance
    units = numbers.get("ulp")
    tolerance = tolerance_of(
        numbers.get("rtol"), numbers.get("atol"), None if units is None else int(units)
    )
    for name, expression in asked.expressions.items():
        # As the user's own line would: with their names, and their traceback
        code = compile(expression, f"<%repro expect {name}>", "eval")
        value = eval(code, shell.user_global_ns, shell.user_ns)  # noqa: S307
        print(session.expect(name, value, tolerance))  # noqa: T201 - the output of the command


def _complete(_shell: InteractiveShell, event: object) -> list[str]:
    return complete(cast("str", getattr(event, "line", "")))


def run_request(shell: InteractiveShell, session: Session, request: Request) -> None:
    """Do what a parsed line asks for."""
    if "seed" in request.options:  # first: a wrong seed changes nothing
        options = {**request.options, **session.forced}
        session.seeded_from_outside = False
        session.seeds.start(**{key: options[key] for key in _SEED_KEYS & {*options}})
    policy = request.options.get("policy")
    if policy is not None:
        session.policy_name = cast("PolicyName", policy)
    if request.command == "checkpoint":
        _run_checkpoint(session, cast("str", request.name), request.options.get("file"))
    elif request.command == "restore":
        _run_restore(session, request.name, request.options.get("file"))
    elif request.command == "export":
        _run_export(session, cast("str", request.name), request.options)
    elif request.command == "doctor":
        _run_doctor(shell, session, function=request.name)
    else:
        _RUN[request.command](shell, session)


def _run_checkpoint(session: Session, name: str, file: str | None) -> None:
    notes = session.checkpoint(name, file)
    where = f" and in {file}" if file else ""
    told = f"Checkpoint {name} is kept in memory{where}; %repro restore {name} goes back to it."
    print("\n".join([told, *notes]))  # noqa: T201 - this is the output of the command


def _run_restore(session: Session, name: str | None, file: str | None) -> None:
    notes = session.restore(name, file)
    print("\n".join([f"The random generators are where they were at {name or file}.", *notes]))  # noqa: T201


def _run_export(session: Session, file: str, options: dict[str, str]) -> None:
    from pathlib import Path

    from jupyter_repro.formats.exporters.export_file import export_file
    from jupyter_repro.formats.exporters.request import ExportOptions
    from jupyter_repro.kernel.own_file import notebook_path

    network: dict[str, Any] = {}
    if options.get("network") == "yes":
        from jupyter_repro.install.solve.for_export import files_on_indexes, solved_for

        network = {"ask_index": files_on_indexes, "solve_for": solved_for}
    requested = ExportOptions(
        format=options.get("format"),
        pins=options.get("pins"),
        platform=options.get("platform"),
        hashes=options.get("hashes") != "no",
        **network,
    )
    done = export_file(
        session.capture(),
        Path(file),
        requested,
        notebook=notebook_path(),
        force=options.get("force") == "yes",
    )
    print("\n".join(done.sentences))  # noqa: T201


def _run_doctor(
    shell: InteractiveShell,
    session: Session,
    *,
    cell: str | None = None,
    function: str | None = None,
) -> None:
    from jupyter_repro.kernel.doctor.examine import examine
    from jupyter_repro.kernel.doctor.notebook_code import Cell, Function
    from jupyter_repro.kernel.doctor.render import render_html, render_text

    patient = Function(shell, function or "") if cell is None else Cell(shell, cell)
    found = examine(patient, session.seeds, patient.notes)
    data = {"text/plain": render_text(found), "text/html": render_html(found)}
    shell.display_pub.publish(data=data, metadata={})


def _run_seed(shell: InteractiveShell, session: Session) -> None:
    from jupyter_repro.kernel.publish import Messages, publish_snapshot
    from jupyter_repro.kernel.request import current_request

    session.cell_id = current_request().cell
    session.watch(shell, Messages(shell, session))
    publish_snapshot(shell, session, session.record())


def _run_status(shell: InteractiveShell, session: Session) -> None:
    from jupyter_repro.kernel.publish import publish_status

    publish_status(shell, session, session.capture())


def _run_check(shell: InteractiveShell, session: Session) -> None:
    from jupyter_repro.kernel.publish import publish_report

    snapshot = session.capture()
    publish_report(shell, session, snapshot, session.verdicts(session.check(snapshot)))


def _run_panel(shell: InteractiveShell, session: Session) -> None:
    if session.headless or getattr(shell, "kernel", None) is None:
        _run_status(shell, session)  # nobody can click there
        return
    try:
        from jupyter_repro.kernel.widget import show_panel
    except ImportError as error:
        print(  # noqa: T201 - a sentence beside the card
            f"%repro panel needs ipywidgets ({error}), so here is the card: "
            "run %pip install 'jupyter_repro[widgets]' and then this cell again."
        )
        _run_status(shell, session)
        return
    show_panel(shell, session)


def _run_findings(shell: InteractiveShell, session: Session) -> None:
    from jupyter_repro.kernel.publish import publish_findings

    publish_findings(shell, session)


def _run_accept(shell: InteractiveShell, session: Session) -> None:
    from jupyter_repro.kernel.publish import publish_acceptance

    publish_acceptance(shell, session, session.accept())


def _run_off(_shell: InteractiveShell, session: Session) -> None:
    notes = session.off()
    print("\n".join(["%repro is off: flags, hooks and variables are as before.", *notes]))  # noqa: T201


def _run_help(_shell: InteractiveShell, _session: Session) -> None:
    print(MANUAL)  # noqa: T201 - this is the output of the command


_SEED_KEYS = {"seed", "determinism", "generators", "mode", "ranks"}

_RUN: dict[str, Callable[[InteractiveShell, Session], None]] = {
    "seed": _run_seed,
    "status": _run_status,
    "check": _run_check,
    "panel": _run_panel,
    "findings": _run_findings,
    "accept": _run_accept,
    "off": _run_off,
    "help": _run_help,
}
