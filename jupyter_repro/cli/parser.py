"""The commands of ``jupyter repro`` and their arguments.

Nothing but argparse is imported here; a command of many arguments has a module for them.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from jupyter_repro._version import __version__
from jupyter_repro.safety.text import printable

if TYPE_CHECKING:
    # argparse has no public name for what add_subparsers() returns
    _Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"  # noqa: SLF001

_CODES = """\
exit code  0  it holds
           1  it does not hold
           2  it could not be checked, or the command was not right
Of several notebooks the highest code counts."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


def make_parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = _Parser(
        prog="jupyter repro",
        description="Record the environment behind a notebook, and check that it still holds.",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (
        *(_add_run, _add_verify, _add_report, _add_calibrate, _add_capture, _add_show),
        *(_add_check, _add_lint, _add_diff, _add_export, _add_solve, _add_restore),
        *(_add_import, _add_lift, _add_kernel),
    ):
        add(commands)
    return parser


def _add(
    commands: _Commands,
    name: str,
    text: str,
    example: str,
    run: tuple[str, str],
) -> _Parser:
    parser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=f"{example}\n\n{_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=run)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser


def _add_run(commands: _Commands) -> None:
    parser = _add(
        commands,
        "run",
        "run notebooks from top to bottom in a fresh kernel, record, and write them",
        "example    jupyter repro run analysis.ipynb --seed 42\n\n"
        "A file is replaced as a whole or not at all. It is also written when a cell fails\n"
        "(exit code 1), up to that cell. A changed environment does not fail a run: check does.",
        ("commands.run", "run"),
    )
    _add_notebooks(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write this file instead")
    parser.add_argument("--kernel", metavar="NAME", help="the kernel (default: the notebook's)")
    parser.add_argument("--seed", metavar="N", help="seed before the first cell, as %%repro seed=N")
    parser.add_argument(
        "--determinism",
        choices=("strict", "warn", "cudnn", "off"),
        default="warn",
        help="with --seed: what to do about nondeterministic operations (default: %(default)s)",
    )
    parser.add_argument(
        "--timeout", type=_seconds, metavar="S", help="seconds that one cell may take"
    )
    parser.add_argument(
        "--accept", action="store_true", help="make the environment of this run the reference"
    )
    parser.add_argument(
        "--policy", choices=("research", "production"), help="record this policy for checks"
    )
    parser.add_argument("--allow-errors", action="store_true", help="go on after a cell that fails")


def _add_verify(commands: _Commands) -> None:
    from jupyter_repro.cli import verify_arguments

    text = "run notebooks again and compare what they show with what is stored; write nothing"
    parser = _add(commands, "verify", text, verify_arguments.EXAMPLE, ("commands.verify", "verify"))
    _add_notebooks(parser)
    parser.add_argument(
        "--timeout", type=_seconds, metavar="S", help="seconds that one cell may take"
    )
    verify_arguments.add_to(parser)


def _add_capture(commands: _Commands) -> None:
    parser = _add(
        commands,
        "capture",
        "take a snapshot of the environment that this command runs in",
        "example    jupyter repro capture -o environment.json",
        ("reading", "capture"),
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the JSON there")


def _add_show(commands: _Commands) -> None:
    parser = _add(
        commands,
        "show",
        "show what notebooks or snapshot files have recorded, layer by layer",
        "example    jupyter repro show analysis.ipynb",
        ("reading", "show"),
    )
    _add_notebooks(parser)


def _add_check(commands: _Commands) -> None:
    parser = _add(
        commands,
        "check",
        "compare what notebooks have recorded with an environment, without running anything",
        "example    jupyter repro check *.ipynb --kernel python3\n\n"
        "The environment is the one that this command runs in, unless another one is named.\n"
        "Named results are not run; exit code 1 also where one was outside its tolerance when\n"
        "it was last recorded. `jupyter repro verify` runs them.",
        ("reading", "check"),
    )
    _add_notebooks(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--kernel", metavar="NAME", help="the environment of this kernel")
    where.add_argument("--python", metavar="PATH", help="the environment of this interpreter")
    _add_policy(parser)
    _add_fail_on(parser, "error")


def _add_lint(commands: _Commands) -> None:
    parser = _add(
        commands,
        "lint",
        "find stale, impossible and private outputs of notebooks, without running anything",
        "example    jupyter repro lint *.ipynb --ignore home-folder\n\n"
        "That nothing is found is no proof that the outputs repeat: only a run gives one.\n"
        "[tool.jupyter_repro.lint] in pyproject.toml may hold ignore = [KIND, …].",
        ("commands.lint", "lint"),
    )
    _add_notebooks(parser)
    _add_fail_on(parser, "warning")
    parser.add_argument(
        "--ignore", metavar="KIND", action="append", default=[], help="leave a kind of finding out"
    )


def _add_diff(commands: _Commands) -> None:
    parser = _add(
        commands,
        "diff",
        "compare two notebooks or other files; of one notebook, its reference and its latest",
        "example    jupyter repro diff mine.ipynb yours.ipynb\n"
        "           jupyter repro diff mine.ipynb environment.yml\n"
        "           jupyter repro diff mine.ipynb --git HEAD~5\n\n"
        "Any difference gives exit code 1. A file is a notebook, a snapshot, or one that `import`\n"
        "reads: what such a file does not tell is not checked.",
        ("reading", "diff"),
    )
    parser.add_argument("first", type=Path, metavar="A", help="notebook or other file")
    parser.add_argument("second", type=Path, metavar="B", nargs="?", help="the other one")
    parser.add_argument("--git", metavar="REV", help="compare A at this revision with A as it is")
    _add_policy(parser)


def _add_solve(commands: _Commands) -> None:
    parser = _add(
        commands,
        "solve",
        "ask channels and indexes whether what notebooks have recorded can still be installed",
        "example    jupyter repro solve *.ipynb --junit solve.xml\n\n"
        "Only channels and indexes of your own configuration of conda, pip and uv are asked, and\n"
        "those that you allow. A channel that cannot be reached makes it 2, not 1.",
        ("commands.solve", "solve"),
    )
    _add_notebooks(parser)
    parser.add_argument(
        "--platform", metavar="P", type=_platform, help="another than the recorded one"
    )
    parser.add_argument(
        "--install", action="store_true", help="also install, into a folder that is removed again"
    )
    parser.add_argument(
        "--fail-on",
        choices=("rebuilt", "by version", "by major.minor", "not installable"),
        default="rebuilt",
        help="the first rung that gives exit code 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--with",
        dest="tool",
        choices=("conda", "mamba", "micromamba"),
        help="put the question to this program as well",
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the results there")
    _add_trust(parser)


def _add_lift(commands: _Commands) -> None:
    parser = _add(
        commands,
        "lift",
        "move snapshots from the outputs of notebooks into their metadata",
        "example    jupyter repro lift from_colab.ipynb\n\n"
        "For notebooks that ran where no front end of jupyter_repro is installed.",
        ("reading", "lift"),
    )
    _add_notebooks(parser)


def _add_report(commands: _Commands) -> None:
    from jupyter_repro.cli.verify_arguments import add_to

    parser = _add(
        commands,
        "report",
        "run notebooks again and write one HTML page on what holds, what does not, and why",
        "example    jupyter repro report *.ipynb -o report.html --jobs 2\n\n"
        "The page needs nothing else: no script, no other file. It takes what verify takes.",
        ("commands.report", "report"),
    )
    _add_notebooks(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", required=True, help="the page to write"
    )
    parser.add_argument(
        "--recorded", action="store_true", help="show what is recorded, and run nothing"
    )
    parser.add_argument(
        "--timeout", type=_seconds, metavar="S", help="seconds that one cell may take"
    )
    add_to(parser)


def _add_calibrate(commands: _Commands) -> None:
    parser = _add(
        commands,
        "calibrate",
        "run notebooks several times and record how much their results move by themselves",
        "example    jupyter repro calibrate paper.ipynb --runs 5 --seeds 5\n\n"
        "Runs with the notebook's own seed show the noise of the machine, runs with other seeds\n"
        "how much a result depends on chance. Twice the noise is proposed as the tolerance, and\n"
        "holds for results that are given none. Only the record of the results is written.",
        ("commands.calibrate", "calibrate"),
    )
    _add_notebooks(parser)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="with the same seed (5)")
    parser.add_argument("--seeds", type=int, default=0, metavar="N", help="with other seeds (0)")
    parser.add_argument("--kernel", metavar="NAME", help="the kernel (default: the notebook's)")
    parser.add_argument(
        "--timeout", type=_seconds, metavar="S", help="seconds that one cell may take"
    )


def _add_kernel(commands: _Commands) -> None:
    text = "install kernels that start with what cannot be set later"
    group = commands.add_parser("kernel", help=text, description=f"{text.capitalize()}.")
    parser = _add(
        group.add_subparsers(title="commands", metavar="COMMAND", required=True),
        "install",
        "write a kernel of this environment that starts with PYTHONHASHSEED and thread counts",
        "example    jupyter repro kernel install paper --seed 42 --from paper.ipynb\n\n"
        "PYTHONHASHSEED (the seed modulo 2**32) fixes the order of sets of strings; it and the\n"
        "numbers of threads count only when a kernel starts. The notebook still seeds by itself.",
        ("commands.kernel", "install"),
    )
    parser.add_argument("name", metavar="NAME", help="name of the kernel")
    parser.add_argument("--seed", metavar="N", required=True, help="the seed of the notebook")
    parser.add_argument(
        "--from",
        dest="notebook",
        type=Path,
        metavar="NB",
        help="take the numbers of threads that this notebook has recorded "
        "(default: those that are set for this command)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--sys-prefix", action="store_true", help="install for this environment (the default)"
    )
    where.add_argument("--user", action="store_true", help="install for the user")
    where.add_argument("--prefix", type=Path, metavar="DIR", help="install below this folder")
    parser.add_argument("--replace", action="store_true", help="write over a kernel of that name")


def _add_export(commands: _Commands) -> None:
    from jupyter_repro.cli.commands.export_arguments import EXAMPLE, add_arguments

    text = "write the recorded environment for another tool: conda, pip, Docker and more"
    parser = _add(commands, "export", text, EXAMPLE, ("commands.export", "export"))
    add_arguments(parser)
    _add_places(parser)


def _add_restore(commands: _Commands) -> None:
    parser = _add(
        commands,
        "restore",
        "make the environment that a notebook has recorded, in a new folder",
        "example    jupyter repro restore analysis.ipynb --name analysis\n\n"
        "The plan is shown first. Nothing that is there already is changed; what fails or is\n"
        "interrupted leaves no environment behind.",
        ("commands.restore", "restore"),
    )
    from jupyter_repro.cli.commands.restore_options import add_options

    add_options(parser)
    _add_trust(parser)
    _add_policy(parser)


def _add_notebooks(parser: _Parser) -> None:
    parser.add_argument("notebooks", type=Path, metavar="NB", nargs="+", help="notebook file")


def _add_fail_on(parser: _Parser, default: str) -> None:
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "note"),
        default=default,
        help="the least severe finding that gives exit code 1 (default: %(default)s)",
    )


def _add_policy(parser: _Parser) -> None:
    parser.add_argument(
        "--policy", metavar="P", help="research, production, or project (default: the recorded one)"
    )


def _add_trust(parser: _Parser) -> None:
    _add_places(parser)
    parser.add_argument("--allow-md5", action="store_true", help="take an md5 for a hash")


def _add_places(parser: _Parser) -> None:
    remembered = "may be asked (remembered on this machine; again for more)"
    for kind in ("channel", "index"):
        option = f"--allow-{kind}"
        parser.add_argument(
            option, metavar="URL", action="append", default=[], help=f"this {kind} {remembered}"
        )


def _platform(text: str) -> str:
    if not re.fullmatch(r"(?:linux|osx|win)-[a-z0-9_]{1,20}", text):
        reason = f"must be conda's name of a platform, such as linux-64 or osx-arm64, not {text!r}"
        raise argparse.ArgumentTypeError(reason)
    return text


def _seconds(text: str) -> int:
    if not text.isdecimal() or int(text[:9]) == 0:
        reason = f"must be a whole number of seconds from 1, not {text!r}"
        raise argparse.ArgumentTypeError(reason)
    return int(text[:9])


def _add_import(commands: _Commands) -> None:
    parser = _add(
        commands,
        "import",
        "make what a file of another tool tells the reference of an old notebook",
        "example    jupyter repro import old.ipynb environment.yml\n"
        "           jupyter repro import old.ipynb   (what it holds itself)\n\n"
        "Read are environment.yml, @EXPLICIT files, conda-lock.yml, pixi.lock, requirements.txt,\n"
        "uv.lock, and output of collect_env and of %watermark. The last two, and uv's metadata,\n"
        "are found in the notebook as well. What the file does not tell is never a difference.",
        ("commands.import_", "import_reference"),
    )
    parser.add_argument("notebook", type=Path, metavar="NB", help="notebook file")
    parser.add_argument("file", type=Path, metavar="FILE", nargs="?", help="what to import")
    parser.add_argument("--format", metavar="F", help="of the file (default: recognised)")
    parser.add_argument(
        "--platform", metavar="P", help="of a lock file with several, such as linux-64"
    )
    parser.add_argument(
        "--replace", action="store_true", help="put it in the place of a reference that is there"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write this file instead")
