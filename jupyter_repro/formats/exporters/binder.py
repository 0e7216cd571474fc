"""Write the ``.binder`` folder from which repo2docker and mybinder.org build a repository.

For its files, see https://repo2docker.readthedocs.io/en/latest/configuration/.
"""

from __future__ import annotations

from jupyter_repro.formats.exporters import environment_yml, requirements_txt
from jupyter_repro.formats.exporters.pylock_toml import minor
from jupyter_repro.formats.exporters.request import CannotExportError, Exported, Request


def export(request: Request) -> Exported:
    """Return the files: an environment.yml for conda, else a requirements.txt and a runtime.txt.

    Raises
    ------
    CannotExportError
        If the environment is not for 64-bit Linux, or a file cannot be written.
    """
    pins = request.pins
    if pins.platform != "linux-64" and request.conda == "production":
        reason = (
            f"mybinder.org runs linux-64, and this environment is for {pins.platform}: "
            "name versions instead of builds (pins version)."
        )
        raise CannotExportError(reason)
    if pins.conda:
        made = environment_yml.export(request)
        return Exported({".binder/environment.yml": made.text}, made.notes)
    made = requirements_txt.export(request)
    files = {".binder/requirements.txt": made.text}
    if pins.python:
        files[".binder/runtime.txt"] = f"python-{minor(pins.python)}\n"
    return Exported(files, made.notes)
