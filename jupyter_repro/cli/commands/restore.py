"""The command ``jupyter repro restore``: a plan, a question, an environment, what still differs."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, NOT_CHECKED, complain, terminal
from jupyter_repro.cli.reading import exit_code, read_recorded
from jupyter_repro.cli.trusting import trust_of
from jupyter_repro.comparing.environments.overall import of_environment
from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.install.restore.plan import Plan, Wishes, make_plan
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


def restore(args: Namespace) -> int:
    """Make the environment that a notebook has recorded."""
    if not (args.yes or args.dry_run) and (args.json or not sys.stdin.isatty()):
        why = "--json asks nothing" if args.json else "there is no terminal to ask on"
        reason = (
            f"The plan has to be agreed to, and {why}: look at it with --dry-run, then go on with "
            "--yes."
        )
        raise UsageError(reason)
    document = read_recorded(args.notebook)
    world = current_world()
    trust = trust_of(args, world)
    wishes = Wishes(
        prefix=args.prefix,
        name=args.name,
        engines=args.engine,
        python=args.python,
        relax=args.relax,
        allow_source=args.allow_source,
    )
    plan = make_plan(document.reference, wishes, trust, world)
    kernel = _plan_kernel(args, plan, document.reference)
    told: dict[str, Any] = {"notebook": name_of(args.notebook), "plan": plain_plan(plan)}
    if not args.json:
        print(render_plan(plan, document.reference, kernel.sentences))  # noqa: T201
    if args.dry_run:
        return _finish(args, told, HOLDS)
    if not args.yes and not _agreed():
        complain("nothing was installed.")
        return _finish(args, told, DOES_NOT_HOLD)
    with terminal.steps() as step:
        make_environment(plan, world, step)
    told["kernel"] = _install_kernel(kernel)
    report = _check(plan, document, kernel, args)
    told["report"] = report
    if not args.json:
        _say(plan, report, told["kernel"])
    return _finish(
        args, told, NOT_CHECKED if report is None else exit_code(of_environment(report), "error")
    )


def _finish(args: Namespace, told: dict[str, Any], code: int) -> int:
    if args.json:
        print(msgspec.json.encode({**told, "exit_code": code}).decode())  # noqa: T201
    return code


def _agreed() -> bool:
    """Ask on the terminal; the end of the input is a no."""
    sys.stdout.flush()
    try:
        answer = input("Install this? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in {"y", "yes"}


def _plan_kernel(args: Namespace, plan: Plan, reference: Snapshot) -> _KernelPlan:
    """Return the kernel that would be installed, if it can be and is wanted.

    Raises
    ------
    UsageError
        If it is asked for by name and cannot be.
    """
    if args.no_kernel:
        return _KernelPlan(None, ("none is wanted",))
    python = python_in(plan.prefix)
    pip = f"{python} -m pip install" if plan.has("pip") else f"uv pip install --python {python}"
    if not plan.has("ipykernel"):
        how = f"{pip} ipykernel jupyter_repro"
        if args.kernel:
            reason = f"ipykernel is not among the packages, so there can be no kernel: {how}"
            raise UsageError(reason)
        sentence = f"none, since ipykernel is not among the packages; to add it afterwards: {how}"
        return _KernelPlan(None, (sentence,))
    name = args.kernel or plan.prefix.name
    if not args.kernel and not is_kernel_name(name):
        return _KernelPlan(None, (f"none, since {name!r} cannot be its name: --kernel NAME",))
    try:
        from jupyter_repro.run.kernel_install import Kernel, kernel_folder
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("jupyter_repro"):
            raise
        how = f"none, since {error.name} is missing here: pip install 'jupyter_repro[headless]'"
        return _KernelPlan(None, (how,))
    folder = kernel_folder(name, None, taken="choose another name with --kernel, or --no-kernel")
    seed = reference.layers.determinism.seed
    kernel = Kernel(
        name=name,
        seed=None if seed is None else int(seed),
        reference=reference,
        python=python,
        torch=plan.version_of("torch", "pytorch"),
    )
    sentences = [f"{folder.name}, among your own"]
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
    """Install the kernel; the environment stays where that fails, and it is said."""
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
        complain(f"the environment is there, but was not compared with the record: {error}")
        return None
    policy = load_policy(args.policy, folder, document.policy)
    return compare(document.reference, current, policy)


def _say(plan: Plan, report: Report | None, kernel: str | None) -> None:
    print(f"\nThe environment is in {printable(str(plan.prefix), 500)}.")  # noqa: T201
    if kernel:
        print(f"Its kernel is {kernel}: choose it in Jupyter.")  # noqa: T201
    if report is not None:
        terminal.show_title("Compared with what was recorded")
        terminal.show_verdicts(of_environment(report))
