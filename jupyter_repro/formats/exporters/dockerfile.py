"""Write a Dockerfile with constant lines, and the lock files that it installs beside it.

For the image, see https://micromamba-docker.readthedocs.io.
"""

from __future__ import annotations

from jupyter_repro.formats.exporters.container_parts import BRING_GIT, IMAGE, WHY_IMAGE, locks
from jupyter_repro.formats.exporters.request import Exported, Request
from jupyter_repro.formats.exporters.text import joined

_LANDING = "/tmp/"  # noqa: S108 - a folder of the image, not of this machine


def export(request: Request) -> Exported:
    """Return a Dockerfile, its ``.dockerignore`` and the lock files.

    Raises
    ------
    CannotExportError
        If the environment is not for Linux, or a lock file cannot be written.
    """
    made = locks(request)
    lines = [
        "# docker build --tag notebook .",
        f"FROM {IMAGE}",
        *WHY_IMAGE,
        f"COPY --chown=$MAMBA_USER:$MAMBA_USER {made.conda} {_LANDING}",
        f"RUN micromamba install {made.create} --file {_LANDING}{made.conda} \\",
        "    && micromamba clean --all --yes",
        "ARG MAMBA_DOCKERFILE_ACTIVATE=1",
    ]
    if made.needs_git:
        lines += [
            "# hadolint ignore=DL3066",
            "USER root",
            "# hadolint ignore=DL3008",
            f"RUN {BRING_GIT} \\",
            "    && rm -rf /var/lib/apt/lists/*",
            "# hadolint ignore=DL3066",
            "USER $MAMBA_USER",
        ]
    if made.pip:
        lines += [
            f"COPY --chown=$MAMBA_USER:$MAMBA_USER {made.pip} {_LANDING}",
            f"RUN {made.pip_command} {_LANDING}{made.pip}",
        ]
    lines.append("WORKDIR /home/mambauser")
    ignore = [
        "# The image needs the locks and nothing else",
        "*",
        *(f"!{name}" for name in made.files),
    ]
    files = {"Dockerfile": joined(lines), ".dockerignore": joined(ignore), **made.files}
    return Exported(files, made.notes)
