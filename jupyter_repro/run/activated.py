"""Activate the conda environment of this Python, then start Python with the given arguments.

`kernel_install` copies this file beside the kernel's specification, since the environment may have
no jupyter_repro. It does what ``conda activate`` does: the variables of conda, those that packages
(``etc/conda/env_vars.d``) and the user (``conda env config vars``) have set, the folders of
programs, and the packages' scripts (``etc/conda/activate.d``). The environment in which Jupyter was
started, if any, is deactivated first. Nothing happens where this environment is active already.

It runs with any Python since 3.6, and imports the standard library only. On Windows the packages'
scripts are not run.
"""
# ruff: noqa: UP006, UP035 - for Python 3.6

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Dict, List

UNSET = "***unset***"
"""conda's value for a variable that an environment removes."""

# The shell's own parameters are kept from the scripts: each is read within a function
SOURCE = """\
__repro_read() { . "$1"; }
__repro_left=$1
shift
while [ "$__repro_left" -gt 0 ]; do
  __repro_left=$((__repro_left - 1))
  __repro_read "$1"
  shift
done
unset __repro_left
unset -f __repro_read
exec "$@"
"""


def activated(environ: Dict[str, str], prefix: str) -> Dict[str, str]:
    """Return the variables of an active environment."""
    found = dict(environ)
    before = found.get("CONDA_PREFIX", "")
    for name in variables_of(before) if before else ():
        found.pop(name, None)
    for name, value in variables_of(prefix).items():
        if value == UNSET:
            found.pop(name, None)
        else:
            found[name] = value
    left = set(folders_of(before)) if before else set()
    path = [one for one in environ.get("PATH", os.defpath).split(os.pathsep) if one not in left]
    folders = folders_of(prefix)
    found["PATH"] = os.pathsep.join([*folders, *(one for one in path if one not in folders)])
    is_named = os.path.basename(os.path.dirname(prefix)) == "envs"  # noqa: PTH119, PTH120
    found["CONDA_PREFIX"] = prefix
    found["CONDA_DEFAULT_ENV"] = os.path.basename(prefix) if is_named else prefix  # noqa: PTH119
    found["CONDA_SHLVL"] = "1"
    return found


def variables_of(prefix: str) -> Dict[str, str]:
    """Return the variables that packages and the user have set for an environment."""
    told: Dict[str, str] = {}
    for file in sorted(Path(prefix, "etc", "conda", "env_vars.d").glob("*")):
        told.update(texts_of(read(file)))
    state = read(Path(prefix, "conda-meta", "state"))
    told.update(texts_of(state.get("env_vars") if isinstance(state, dict) else None))
    told.pop("PATH", None)
    return told


def texts_of(value: object) -> Dict[str, str]:
    """Return those parts of a value that can be variables."""
    pairs = value.items() if isinstance(value, dict) else ()
    return {
        str(name): text
        for name, text in pairs
        if isinstance(text, str) and name and not set("=\0") & set(name) and "\0" not in text
    }


def read(file: Path) -> object:
    """Return a JSON file's content; None if it cannot be read."""
    try:
        return json.loads(file.read_text(encoding="utf-8")) or None
    except (OSError, ValueError):
        return None


def folders_of(prefix: str) -> List[str]:
    """Return the folders of programs, as ``conda activate`` has them."""
    if os.name != "nt":
        return [os.path.join(prefix, "bin")]  # noqa: PTH118
    parts = ("", "Library/mingw-w64/bin", "Library/usr/bin", "Library/bin", "Scripts", "bin")
    return [os.path.join(prefix, *part.split("/")).rstrip("\\") for part in parts]  # noqa: PTH118


def scripts_of(prefix: str, folder: str) -> List[str]:
    """Return the scripts of the packages, by name."""
    found = Path(prefix, "etc", "conda", folder).glob("*.sh")
    return [str(one) for one in sorted(found)]


def main() -> None:
    """Replace this process by an activated one, so that Jupyter's signals reach the kernel."""
    prefix, before = sys.prefix, os.environ.get("CONDA_PREFIX", "")
    arguments = sys.argv[1:]
    is_active = bool(before) and os.path.realpath(before) == os.path.realpath(prefix)
    is_activated = Path(prefix, "conda-meta").is_dir() and not is_active
    environ = activated(dict(os.environ), prefix) if is_activated else dict(os.environ)
    if os.name == "nt":  # there is no exec: Jupyter would see its process end
        os.environ.update(environ)
        module = arguments.index("-m") + 1
        sys.argv = arguments[module:]
        runpy.run_module(arguments[module], run_name="__main__", alter_sys=True)
        return
    command = [sys.executable, *arguments]
    scripts = scripts_of(prefix, "activate.d") if is_activated else []
    if before and is_activated:
        scripts = scripts_of(before, "deactivate.d")[::-1] + scripts
    if scripts:
        known = (one for one in ("/bin/bash", "/usr/bin/bash") if Path(one).exists())
        shell = next(known, "/bin/sh")
        command = [shell, "-c", SOURCE, shell, str(len(scripts)), *scripts, *command]
    os.execve(command[0], command, environ)  # noqa: S606 - the environment's own Python


if __name__ == "__main__":
    main()
