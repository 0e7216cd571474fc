"""The command ``jupyter repro restore``: a plan, a question, an environment, and a comparison."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, NOT_CHECKED, complain, options, terminal
from jupyter_repro.cli.extras import missing
from jupyter_repro.cli.reading import exit_code, print_json, read_recorded
from jupyter_repro.cli.trusting import trust_of
from jupyter_repro.comparing.environments.overall import of_environment
from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.install.processes import ProgramError
from jupyter_repro.install.restore.engines.choice import ENGINES
from jupyter_repro.install.restore.installed import scripts_in
from jupyter_repro.install.restore.plan import Plan, RestoreOptions, make_plan
from jupyter_repro.install.restore.plan_text import plain_plan, render_plan
from jupyter_repro.install.restore.prefixes import python_in
from jupyter_repro.install.restore.run import restore as make_environment
from jupyter_repro.model.document import Document
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.run import start_variables
from jupyter_repro.run.kernels import is_kernel_name
from jupyter_repro.safety.files import name_of
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import current_world

if TYPE_CHECKING:
    from jupyter_repro.model.report import Report
    from jupyter_repro.run.kernel_install import Kernel


@dataclass(frozen=True)
class _KernelPlan:
    """A kernel to install, or none and why."""

    kernel: Kernel | None
    sentences: tuple[str, ...]


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro restore analysis.ipynb --name analysis\n\n"
        "The plan is shown first. Nothing that exists already is changed. A failed or interrupted\n"
        "restore is cleaned up; just run it again.",
    )
    options.add_json(parser)
    parser.add_argument("notebook", type=Path, metavar="NB", help="notebook or snapshot file")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--prefix", type=Path, metavar="DIR", help="a folder that does not exist yet"
    )
    where.add_argument(
        "--name",
        metavar="NAME",
        help="name among the environments of conda, or else of jupyter_repro",
    )
    parser.add_argument(
        "--engine",
        action="append",
        choices=ENGINES,
        default=[],
        help="tool that installs (default: one that is installed here); uv and pip install Python "
        "packages, so you can name one of them and one of the others",
    )
    parser.add_argument(
        "--python",
        type=Path,
        metavar="PATH",
        help="Python for an environment without conda (default: one of the recorded version)",
    )
    parser.add_argument(
        "--relax", action="store_true", help="if a package is gone, install the nearest one"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the plan and install nothing")
    parser.add_argument("--yes", action="store_true", help="install without asking you")
    kernel = parser.add_mutually_exclusive_group()
    kernel.add_argument(
        "--kernel", metavar="NAME", help="name of its kernel (default: the name of the environment)"
    )
    kernel.add_argument("--no-kernel", action="store_true", help="install no kernel")
    parser.add_argument(
        "--allow-source",
        action="store_true",
        help="build Python packages from sources and commits, which runs their code",
    )
    parser.add_argument(
        "--verbose", action="store_true", help="if a tool fails, show everything that it printed"
    )
    options.add_consent(parser)
    options.add_md5(parser)
    options.add_policy(parser)


def run(args: Namespace) -> int:
    """Create the environment that a notebook has recorded."""
    if not (args.yes or args.dry_run) and (args.json or not sys.stdin.isatty()):
        why = "--json asks nothing" if args.json else "there is no terminal to ask on"
        reason = (
            f"You have to agree to the plan, and {why}: look at it with --dry-run, then use --yes."
        )
        raise UsageError(reason)
    document = read_recorded(args.notebook)
    world = current_world()
    trust = trust_of(args, world)
    requested = RestoreOptions(
        prefix=args.prefix,
        name=args.name,
        engines=args.engine,
        python=args.python,
        relax=args.relax,
        allow_source=args.allow_source,
    )
    plan = make_plan(document.reference, requested, trust, world)
    kernel = _plan_kernel(args, plan, document.reference)
    fields: dict[str, Any] = {"notebook": name_of(args.notebook), "plan": plain_plan(plan)}
    if not args.json:
        print(render_plan(plan, document.reference, kernel.sentences))  # noqa: T201
    if args.dry_run:
        return _finish(args, fields, HOLDS)
    if not args.yes and not _agreed():
        complain("nothing was installed.")
        return _finish(args, fields, DOES_NOT_HOLD)
    try:
        with terminal.steps() as step:
            make_environment(plan, world, step)
    except ProgramError as error:
        if not args.verbose:
            reason = f"{error} (everything that it printed: --verbose)"
            raise ReproError(reason) from None
        print(error.output, file=sys.stderr)  # noqa: T201
        raise
    fields["kernel"] = _install_kernel(kernel)
    report = _check(plan, document, kernel, args)
    fields["report"] = report
    if not args.json:
        _say(plan, report, fields["kernel"])
    return _finish(
        args, fields, NOT_CHECKED if report is None else exit_code(of_environment(report), "error")
    )


def _finish(args: Namespace, fields: dict[str, Any], code: int) -> int:
    if args.json:
        print_json({**fields, "exit_code": code})
    return code


def _agreed() -> bool:
    """Ask on the terminal; the end of the input means no."""
    sys.stdout.flush()
    try:
        answer = input("Install this? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in {"y", "yes"}


def _plan_kernel(args: Namespace, plan: Plan, reference: Snapshot) -> _KernelPlan:
    """Return the kernel to install, or why there is none.

    Raises
    ------
    UsageError
        If you name a kernel and it cannot be installed.
    """
    if args.no_kernel:
        return _KernelPlan(None, ("none, because of --no-kernel",))
    python = python_in(plan.prefix)
    pip = f"{python} -m pip install" if plan.has("pip") else f"uv pip install --python {python}"
    if not plan.has("ipykernel"):
        how = f"{pip} ipykernel jupyter_repro"
        if args.kernel:
            reason = f"ipykernel is not among the packages, so there can be no kernel: {how}"
            raise UsageError(reason)
        sentence = f"none, because ipykernel is not among the packages; to add it later: {how}"
        return _KernelPlan(None, (sentence,))
    name = args.kernel or plan.prefix.name
    if not args.kernel and not is_kernel_name(name):
        return _KernelPlan(
            None, (f"none, because {name!r} is not a valid name for it: use --kernel NAME",)
        )
    try:
        from jupyter_repro.run.kernel_install import Kernel, kernel_folder
    except ModuleNotFoundError as error:
        how = f"none, because {missing(error)}"
        return _KernelPlan(None, (how,))
    folder = kernel_folder(
        name, None, taken="choose a different name with --kernel, or use --no-kernel"
    )
    seed = reference.layers.determinism.seed
    kernel = Kernel(
        name=name,
        seed=None if seed is None else int(seed),
        reference=reference,
        python=python,
        torch=plan.version_of("torch", "pytorch"),
    )
    sentences = [f"{folder.name}, for your user"]
    threads = start_variables.recorded_threads(reference)
    settings = [f"{variable}={count}" for variable, count in threads.items()]
    if kernel.seed is not None:
        settings.insert(0, f"{start_variables.HASH_SEED}={start_variables.hash_seed(kernel.seed)}")
    if settings:
        sentences.append(f"starts with {', '.join(settings)}")
    if not plan.has("jupyter-repro"):
        how = f"{pip} jupyter_repro"
        sentences.append(f"without jupyter_repro, which was not recorded; to add it: {how}")
    return _KernelPlan(kernel, tuple(sentences))


def _install_kernel(planned: _KernelPlan) -> str | None:
    """Install the kernel; if that fails, say so and keep the environment."""
    if planned.kernel is None:
        return None
    from jupyter_repro.run.kernel_install import install_kernel

    try:
        return install_kernel(planned.kernel, None, replace=False).name
    except ReproError as error:
        complain(str(error))
        return None


def _check(plan: Plan, document: Document, planned: _KernelPlan, args: Namespace) -> Report | None:
    """Compare the new environment with the record, from outside."""
    from jupyter_repro.comparing.environments.compare import compare
    from jupyter_repro.comparing.environments.policy import load_policy
    from jupyter_repro.run.outside import snapshot_from_outside

    python = python_in(plan.prefix)
    if not python.exists():
        complain(f"{plan.prefix} has no Python, so it was not compared with the record.")
        return None
    folder = args.notebook.absolute().parent
    variables = {}
    if planned.kernel is not None:
        variables = start_variables.recorded_threads(document.reference)
    try:
        current = snapshot_from_outside(python, folder, variables)
    except ReproError as error:
        complain(f"the environment was created, but not compared with the record: {error}")
        return None
    policy = load_policy(args.policy, folder, document.policy)
    return compare(document.reference, current, policy)


def _say(plan: Plan, report: Report | None, kernel: str | None) -> None:
    print(f"\nThe environment is in {printable(str(plan.prefix), 500)}.")  # noqa: T201
    engine = plan.conda_engine.name if plan.conda_engine else ""
    scripts = scripts_in(plan.prefix) if engine in {"mamba", "micromamba"} else []
    if scripts:  # conda ends with an error
        names = printable(", ".join(scripts), 500)
        print(f"{engine} does not report whether the link scripts succeeded: {names}.")  # noqa: T201
    if kernel:
        print(f"Its kernel is {kernel}: choose it in Jupyter.")  # noqa: T201
    if report is not None:
        terminal.show_title("Compared with what was recorded")
        terminal.show_verdicts(of_environment(report))
