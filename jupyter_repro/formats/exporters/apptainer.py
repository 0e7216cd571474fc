"""Write an Apptainer definition file with constant lines, and its lock files beside it.

For the format, see https://apptainer.org/docs/user/latest/definition_files.html.
"""

from __future__ import annotations

from jupyter_repro.formats.exporters.container_parts import BRING_GIT, IMAGE, WHY_IMAGE, locks
from jupyter_repro.formats.exporters.request import Exported, Request
from jupyter_repro.formats.exporters.text import joined


def export(request: Request) -> Exported:
    """Return a definition file and the lock files.

    Raises
    ------
    CannotExportError
        If the environment is not for Linux, or a lock file cannot be written.
    """
    made = locks(request)
    lines = [
        "# apptainer build notebook.sif apptainer.def",
        *WHY_IMAGE,
        "Bootstrap: docker",
        f"From: {IMAGE}",
        "",
        "%files",
        *(f"    {name} /opt/{name}" for name in made.files),
        "",
        "%post",
        "    export MAMBA_ROOT_PREFIX=/opt/conda",
        f"    micromamba install {made.create} --file /opt/{made.conda}",
    ]
    if made.needs_git:
        lines.append(f"    {BRING_GIT}")
    if made.pip:
        lines.append("    export PATH=/opt/conda/bin:$PATH")
        lines.append(f"    {made.pip_command} /opt/{made.pip}")
    lines += [
        "    micromamba clean --all --yes",
        "",
        "%environment",
        "    export PATH=/opt/conda/bin:$PATH",
        "",
        "%runscript",
        '    exec "$@"',
    ]
    return Exported({"apptainer.def": joined(lines), **made.files}, made.notes)
