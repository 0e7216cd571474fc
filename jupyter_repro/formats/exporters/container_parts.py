"""Make the lock files for a container, whose recipe has only constant lines.

A recipe contains nothing from a snapshot: a line break in a name would end its line and start a
new command. The names and versions are in the lock files, which no shell reads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import msgspec

from jupyter_repro.formats.exporters import environment_yml, explicit, requirements_txt
from jupyter_repro.formats.exporters.no_place import conda_without_place
from jupyter_repro.formats.exporters.python_hashes import hash_packages
from jupyter_repro.formats.exporters.python_requirements import wanted_of
from jupyter_repro.formats.exporters.request import CannotExportError, Request
from jupyter_repro.formats.exporters.text import comment, comments_note, joined

IMAGE = "mambaorg/micromamba:2.3.3"
"""The base image of all containers. Raise its version by hand, after building an image with it.

Use none below 2.3.3: 2.0.0 to 2.0.8 do not compare the hashes of the locks, and 2.2.0 to 2.3.2
write ``depends: []`` into the records of what they install, which loses the order of installation.
"""

WHY_IMAGE = (
    "# micromamba 2.0.0 to 2.0.8 do not compare the hashes of the lock, and 2.2.0 to 2.3.2 lose",
    "# the dependencies of what they install: use none of these instead of this version",
)
"""The comment for a recipe, as lines."""

CONDA_LOCK = "environment.lock.txt"
CONDA_YML = "environment.lock.yml"
PIP_LOCK = "requirements.lock.txt"

BRING_GIT = "apt-get update && apt-get install --yes --no-install-recommends git"

_BRING = "python -m ensurepip && "
_INSTALL = "python -m pip install --no-cache-dir"


class Locks(NamedTuple):
    """Lock files, and the commands that install from them.

    Parameters
    ----------
    files
        Name → text.
    conda, pip
        File names of the two kinds; None if there is nothing for pip.
    create
        Arguments of ``micromamba install`` besides the file.
    pip_command
        The command that runs pip, up to the file; it installs pip first if conda has none.
    """

    files: dict[str, str]
    notes: list[str]
    conda: str
    pip: str | None
    create: str
    pip_command: str

    @property
    def needs_git(self) -> bool:
        """Whether pip must fetch a commit; the image has no git."""
        lines = self.files.get(self.pip or "", "").splitlines()
        return any("git+" in line and not line.startswith("#") for line in lines)


def locks(request: Request) -> Locks:
    """Return the lock files of a container.

    Raises
    ------
    CannotExportError
        If the environment is not for Linux, or a lock file cannot be written.
    """
    platform = request.pins.platform or "an unknown platform"
    if not platform.startswith("linux-"):
        reason = f"Containers run Linux, and this environment is for {platform}."
        if request.pins.platform is None:
            reason += " If it is for Linux, name it: --platform linux-64."
        raise CannotExportError(reason)
    files, notes = {}, []
    wanted = wanted_of(request)
    found = hash_packages(request, wanted.with_asked).files
    has_packages = bool(wanted.lines(found))
    # Where no Python is known, pip brings one
    brings_pip = has_packages and request.pins.python is None
    if any(pin.url for pin in request.pins.conda):
        made = explicit.export(request)
        name, create = CONDA_LOCK, "--yes --name base"
        # Its note about pip does not apply: here pip has a separate file
        notes += [note for note in made.notes if note not in {*explicit.no_pip(request)}]
    else:
        made = environment_yml.export(without_packages(request), needs_pip=brings_pip)
        channel = "" if request.pins.channels else " --channel conda-forge"
        name, create = CONDA_YML, f"--yes --name base{channel}"
        notes += made.notes
    files[name] = made.text
    notes += _for_machine(platform)
    if not has_packages:
        remarks = wanted.remarks(found)
        remarks += [str(one) for one in request.pins.left_out("option")]
        if remarks:
            files[name] = joined(map(comment, remarks)) + files[name]
        notes += comments_note(remarks)
        return Locks(files, notes, name, None, create, "")
    pip = requirements_txt.pip_lock(request)
    files[PIP_LOCK] = pip.text
    notes += [note for note in pip.notes if note not in {*conda_without_place(request)}]
    strict = " --only-binary :all: --require-hashes" if pip.is_hashed else ""
    has_pip = brings_pip or any(pin.name == "pip" for pin in request.pins.conda)
    # An imported file may name only what was asked for, without what that needs
    is_whole = request.snapshot.imported is None or pip.is_hashed
    command = f"{_INSTALL}{' --no-deps' if is_whole else ''}{strict} --requirement"
    return Locks(files, notes, name, PIP_LOCK, create, command if has_pip else _BRING + command)


def without_packages(request: Request) -> Request:
    """Return the request without Python packages, which stand in a separate file."""
    of_pip = {"packages", "asked", "option"}
    unpinned = tuple(one for one in request.pins.unpinned if one.part not in of_pip)
    layers = request.snapshot.layers
    packages = msgspec.structs.replace(layers.packages, packages=[], requested=[])
    layers = msgspec.structs.replace(layers, packages=packages)
    imported = request.snapshot.imported
    if imported:
        imported = msgspec.structs.replace(imported, options=[])
    return replace(
        request,
        snapshot=msgspec.structs.replace(request.snapshot, layers=layers, imported=imported),
        pins=request.pins._replace(packages=(), unpinned=unpinned),
    )


def _for_machine(platform: str) -> list[str]:
    if platform == "linux-64":
        return []
    return [f"Build the image on a machine of its kind, or name it: the locks are for {platform}."]
