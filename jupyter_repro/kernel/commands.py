"""What each command of `%repro` does; `arguments.COMMANDS` names these functions.

All take the same: IPython's shell, the session, and the parsed line. The first command imports
this module, ``%load_ext`` does not.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_repro.kernel.arguments import Request, number_of

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.kernel.session import Session


def run_seed(shell: InteractiveShell, session: Session, _request: Request) -> None:
    """Record the environment, and follow the cells from now on."""
    from jupyter_repro.kernel.publish import Messages, publish_snapshot
    from jupyter_repro.kernel.request import current_request

    session.follower.watch(shell, Messages(shell, session), current_request().cell)
    publish_snapshot(shell, session, session.record())


def run_status(shell: InteractiveShell, session: Session, _request: Request) -> None:
    """Show what is seeded and recorded, and whether it still holds."""
    from jupyter_repro.kernel.publish import publish_status

    publish_status(shell, session, session.capture())


def run_check(shell: InteractiveShell, session: Session, _request: Request) -> None:
    """Compare this kernel with the reference."""
    from jupyter_repro.kernel.publish import publish_report

    snapshot = session.capture()
    publish_report(shell, session, snapshot, session.verdicts(session.check(snapshot)))


def run_findings(shell: InteractiveShell, session: Session, _request: Request) -> None:
    """List the findings of this run."""
    from jupyter_repro.kernel.publish import publish_findings

    publish_findings(shell, session)


def run_panel(shell: InteractiveShell, session: Session, request: Request) -> None:
    """Show the interactive report; the status where it cannot be clicked on."""
    if session.headless or getattr(shell, "kernel", None) is None:
        run_status(shell, session, request)
        return
    try:
        from jupyter_repro.kernel.widget import show_panel
    except ImportError as error:
        print(  # noqa: T201 - a sentence beside the card
            f"%repro panel needs ipywidgets ({error}), so here is the card: "
            "run %pip install 'jupyter_repro[widgets]' and then this cell again."
        )
        run_status(shell, session, request)
        return
    show_panel(shell, session)


def run_expect(shell: InteractiveShell, session: Session, request: Request) -> None:
    """Record results, and print how each compares with the recorded one.

    Raises
    ------
    UsageError
        If a tolerance or a value is not valid; the results before it are recorded.
    Exception
        What an expression raised.
    """
    from jupyter_repro.kernel.expect import record_result, tolerance_of

    numbers = {key: number_of(key, value) for key, value in request.options.items()}
    units = numbers.get("ulp")
    tolerance = tolerance_of(
        numbers.get("rtol"), numbers.get("atol"), None if units is None else int(units)
    )
    for name, expression in request.results.items():
        # As the user's own line would: with their names, and their traceback
        code = compile(expression, f"<%repro expect {name}>", "eval")
        value = eval(code, shell.user_global_ns, shell.user_ns)  # noqa: S307
        print(record_result(session, name, value, tolerance))  # noqa: T201 - the output of the command


def run_accept(shell: InteractiveShell, session: Session, _request: Request) -> None:
    """Make the current environment the reference."""
    from jupyter_repro.kernel.publish import publish_acceptance

    publish_acceptance(shell, session, session.accept())


def run_checkpoint(_shell: InteractiveShell, session: Session, request: Request) -> None:
    """Save the states of the random generators."""
    from jupyter_repro.seeding.checkpoints import write_checkpoint

    name, file = cast("str", request.name), request.options.get("file")
    states, notes = session.seeds.save_state()
    if file is not None:
        write_checkpoint(Path(file).expanduser(), states)
    session.checkpoints.keep(name, states)
    where = f"in memory and in {file}" if file else "in memory"
    saved = f"Saved the random state as '{name}' {where}; %repro restore {name} restores it."
    print("\n".join([saved, *notes]))  # noqa: T201


def run_restore(_shell: InteractiveShell, session: Session, request: Request) -> None:
    """Go back to saved states of the random generators."""
    from jupyter_repro.seeding.checkpoints import read_checkpoint

    file = request.options.get("file")
    if file is not None:
        states, what = read_checkpoint(Path(file).expanduser()), f"from {file}"
    else:
        name = request.name or ""
        states, what = session.checkpoints.find(name), f"saved as '{name}'"
    notes = session.seeds.load_state(states)
    print("\n".join([f"Restored the random state {what}.", *notes]))  # noqa: T201


def run_export(_shell: InteractiveShell, session: Session, request: Request) -> None:
    """Write the environment to a file of a different tool."""
    from jupyter_repro.formats.exporters.export_file import export_file
    from jupyter_repro.formats.exporters.request import ExportOptions
    from jupyter_repro.kernel.own_file import notebook_path

    options = request.options
    network: dict[str, Any] = {}
    if options.get("network") == "yes":
        from jupyter_repro.install.solve.for_export import (
            details_on_channels,
            files_on_indexes,
            solved_for,
        )

        network = {
            "ask_index": files_on_indexes,
            "ask_channels": details_on_channels,
            "solve_for": solved_for,
        }
    requested = ExportOptions(
        format=options.get("format"),
        pins=options.get("pins"),
        platform=options.get("platform"),
        hashes=options.get("hashes") != "no",
        **network,
    )
    done = export_file(
        session.capture(),
        Path(cast("str", request.name)),
        requested,
        notebook=notebook_path(),
        force=options.get("force") == "yes",
    )
    print("\n".join(done.sentences))  # noqa: T201


def run_doctor(shell: InteractiveShell, session: Session, request: Request) -> None:
    """Run a function twice, and display what differs and why."""
    from jupyter_repro.kernel.doctor.notebook_code import Function

    _examine(shell, session, Function(shell, request.name or ""))


def examine_cell(shell: InteractiveShell, session: Session, cell: str) -> None:
    """Run a cell twice, and display what differs and why."""
    from jupyter_repro.kernel.doctor.notebook_code import Cell

    _examine(shell, session, Cell(shell, cell))


def _examine(shell: InteractiveShell, session: Session, patient: Any) -> None:  # noqa: ANN401
    from jupyter_repro.kernel.doctor.examine import examine
    from jupyter_repro.kernel.doctor.render import render_html, render_text

    found = examine(patient, session.seeds, patient.notes)
    data = {"text/plain": render_text(found), "text/html": render_html(found)}
    shell.display_pub.publish(data=data, metadata={})


def run_off(_shell: InteractiveShell, session: Session, _request: Request) -> None:
    """Undo everything."""
    notes = session.off()
    print("\n".join(["%repro is off: flags, hooks and variables are as before.", *notes]))  # noqa: T201


def run_help(_shell: InteractiveShell, _session: Session, _request: Request) -> None:
    """Print the manual."""
    from jupyter_repro.kernel.manual import MANUAL

    print(MANUAL)  # noqa: T201 - this is the output of the command
