"""Install conda packages with py-rattler, without conda. No script of a package is run."""

from __future__ import annotations

import tempfile
from pathlib import Path

from jupyter_repro.install.rattler.parent import Rattler
from jupyter_repro.install.restore.engines.jobs import CondaJob


def install_conda(job: CondaJob) -> None:
    """Install the records of a job.

    Raises
    ------
    ReproError
        If it fails; an incomplete prefix is left to `prefixes.removed_on_failure`.
    """
    if job.keeps:
        _install(job, None)
    else:
        with tempfile.TemporaryDirectory(prefix="jupyter_repro-") as folder:
            _install(job, Path(folder))


def _install(job: CondaJob, cache: Path | None) -> None:
    Rattler(job.world, cache=cache).install(
        job.records,
        job.prefix,
        (),
        requested=job.requested,
        on_progress=lambda now: job.on_progress(now.linked),
    )
