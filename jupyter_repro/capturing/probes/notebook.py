"""The notebook layer: the kernel, the git state of the notebook's folder, and the imports."""

from __future__ import annotations

from jupyter_repro.capturing.sources.git.state import collect_git, find_repository
from jupyter_repro.capturing.sources.python.used import collect_used
from jupyter_repro.model.snapshot import NotebookLayer
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.world import World


def collect(world: World) -> NotebookLayer:
    """Return the kernel that runs the notebook, and what it has imported so far."""
    git = collect_git(world.cwd)
    reason = None
    if git is None and find_repository(world.cwd) is not None:
        reason = "the git work tree has no commit yet, or its commit cannot be read"
    return NotebookLayer(
        status="ok",
        reason=reason,
        kernel_name=redact_text(world.kernel_name, world) if world.kernel_name else None,
        language=f"python {'.'.join(world.interpreter.version.split('.')[:2])}",
        git=git,
        used=collect_used(world),
    )
