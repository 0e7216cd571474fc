"""py-rattler: conda packages without conda. No script of a package is run."""

from __future__ import annotations

from jupyter_repro.installing.engines.jobs import CondaJob
from jupyter_repro.installing.rattler import Rattler


def install_conda(job: CondaJob) -> None:
    """Install the records of a job.

    Raises
    ------
    ReproError
        If it fails; what is half made is left to `prefixes.removed_on_failure`.
    """
    Rattler(job.world).install(
        job.records,
        job.prefix,
        job.places,
        requested=job.requested,
        on_progress=lambda now: job.on_progress(now.fetched + now.linked, 2 * now.total),
    )
