"""Run an export for `%repro export` and ``jupyter repro export``: from options to files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from jupyter_repro.capturing.sources.conda.prefix import find_prefix
from jupyter_repro.errors import ReproError
from jupyter_repro.formats.exporters.formats import Format, export, format_of, make_request
from jupyter_repro.formats.exporters.python_requirements import wanted_of
from jupyter_repro.formats.exporters.request import Exported, ExportOptions
from jupyter_repro.formats.exporters.writing import write_files
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.platforms import is_platform
from jupyter_repro.safety.files import name_of
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import current_world


class Done(NamedTuple):
    """The files that were written, and notes on what they do not contain."""

    written: list[Path]
    notes: list[str]

    @property
    def sentences(self) -> list[str]:
        """The sentences that you see."""
        names = ", ".join(name_of(path) for path in self.written)
        return [f"Written: {names}", *(printable(note, 1_200) for note in self.notes)]


def export_text(
    snapshot: Snapshot, path: Path | None, options: ExportOptions, *, notebook: Path | None
) -> tuple[Format, Exported]:
    """Return a snapshot in the requested format.

    Parameters
    ----------
    path
        The file that will be written.
    notebook
        The notebook with the snapshot, if it is known.

    Raises
    ------
    ReproError
        If there is no such format or platform, or the snapshot cannot be written in the format.
    """
    wanted = format_of(path, options.format)
    if options.platform is not None and not is_platform(options.platform):
        reason = (
            f"Unknown platform {options.platform!r}. "
            "Use a conda platform such as linux-64 or osx-arm64."
        )
        raise ReproError(reason)
    folder = path.absolute().parent if path else Path.cwd()
    recorded = snapshot.layers.system.platform
    is_solved = options.solve_for and options.platform and options.platform != recorded
    if options.solve_for and options.platform and is_solved:
        snapshot = options.solve_for(snapshot, options.platform)
    request = make_request(
        snapshot,
        folder,
        options,
        prefix=find_prefix(current_world()),
        notebook=_name_beside(notebook, folder) if notebook else None,
    )
    if options.ask_index and wanted.has_python_hashes:
        request = replace(request, files_of=options.ask_index(wanted_of(request).with_asked))
    made = export(wanted, request)
    if is_solved:
        remark = (
            f"Solved again for {options.platform} from the versions that were recorded on "
            f"{recorded or 'an unknown platform'}: builds belong to one platform."
        )
        made = replace(made, notes=[remark, *made.notes])
    return wanted, made


def export_file(
    snapshot: Snapshot,
    path: Path,
    options: ExportOptions,
    *,
    notebook: Path | None,
    overwrite: bool = False,
) -> Done:
    """Write a snapshot into a file, and the files that belong to it beside it.

    Parameters
    ----------
    overwrite
        Replace existing files.

    Raises
    ------
    ReproError
        As in `export_text` and `writing.write_files`; nothing is written then.
    """
    _, exported = export_text(snapshot, path, options, notebook=notebook)
    return Done(write_files(path, exported, overwrite=overwrite), [*exported.notes])


def _name_beside(notebook: Path, folder: Path) -> str:
    """Return the notebook's path relative to `folder`; for a workflow, to the repository's top."""
    if folder.parts[-2:] == (".github", "workflows"):
        folder = folder.parent.parent
    found = Path(os.path.relpath(notebook.absolute(), folder)).as_posix()
    return notebook.name if found.startswith("..") else found
