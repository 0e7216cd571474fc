"""Read a file as it was at a git revision.

This is the only module that starts git, because git resolves revisions (``HEAD~3``, ``v1.0``,
``main@{1 week ago}``) and reads packed objects best. A stranger's repository can name programs in
its configuration. So only plumbing is used (``rev-parse`` and ``cat-file``), which ignores
attributes, filters, pagers, hooks and aliases. For a partial clone, git may not fetch missing
objects with a program that the repository names.
See https://git-scm.com/docs/git#_git_commands and https://git-scm.com/docs/git-config#_security.

A reader of objects that are stored as chains of deltas would be larger than the rest of this
package. ``GIT_ALLOW_PROTOCOL`` forbids every transport for a partial clone, including those that
the repository allows by name; a test sets all these traps. Your own configuration stays in force,
because it lists the foreign folders that you trust.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from jupyter_repro.errors import ReproError
from jupyter_repro.safety.programs import find_program
from jupyter_repro.safety.text import printable

MAX_BYTES = 500_000_000
MAX_REVISION = 200
SECONDS = 60

_OPTIONS = (
    "--no-pager",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "safe.bareRepository=explicit"),
)


def read_at_revision(path: Path, revision: str) -> bytes:
    """Return the contents of a file at a revision.

    Parameters
    ----------
    path
        Path of the file in the work tree. The file may have been deleted there.
    revision
        In git's notation; see https://git-scm.com/docs/gitrevisions.

    Raises
    ------
    ReproError
        With one sentence: no git, no repository, no such revision, or no such file in it.
    """
    shown = printable(revision, 60)
    # With a colon it would name a different file, and with a hyphen an option
    if (
        not revision
        or revision.startswith("-")
        or ":" in revision
        or len(revision) > MAX_REVISION
        or not revision.isprintable()
    ):
        reason = f"{shown!r} is not the name of a revision."
        raise ReproError(reason)
    folder, name = path.absolute().parent, path.name
    file = printable(str(path))
    if not folder.is_dir():
        reason = f"{file}: there is no such folder."
        raise ReproError(reason)
    if _run(folder, "rev-parse", "--is-inside-work-tree").stdout.strip() != b"true":
        reason = f"{file} is not in a work tree of git, or git does not trust its owner."
        raise ReproError(reason)
    found = _run(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    commit = found.stdout.decode("ascii", "replace").strip()
    if found.returncode or not commit.isalnum():
        reason = f"{file}: git knows no revision {shown}."
        raise ReproError(reason)
    size = _run(folder, "cat-file", "-s", f"{commit}:./{name}")
    if size.returncode or not size.stdout.strip().isdigit():
        reason = f"{file} is not there at revision {shown}."
        raise ReproError(reason)
    if int(size.stdout) > MAX_BYTES:
        reason = f"{file} is larger than {MAX_BYTES // 1_000_000} MB at revision {shown}."
        raise ReproError(reason)
    content = _run(folder, "cat-file", "blob", f"{commit}:./{name}")
    if content.returncode:
        reason = f"{file} cannot be read at revision {shown}."
        raise ReproError(reason)
    return content.stdout


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    git = find_program("git", os.environ)
    if git is None:
        reason = "git is not installed, and --git needs it."
        raise ReproError(reason)
    try:
        return subprocess.run(  # noqa: S603 - the module says why this is safe
            [str(git), *_OPTIONS, *arguments],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = f"git could not be run ({type(error).__name__})."
    raise ReproError(reason)


def _environment() -> dict[str, str]:
    """Return the environment without variables that redirect git or let it ask the user."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return environ | {
        # git fetches missing objects of a partial clone, with a program that the repository names.
        # Old versions of git support only the first of these two
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
