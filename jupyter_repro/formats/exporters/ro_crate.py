"""Write RO-Crate metadata, which a repository for research data reads from a folder.

For the format, see https://www.researchobject.org/ro-crate/. rocrate writes it.
"""

from __future__ import annotations

import json
from typing import Any

from jupyter_repro.formats.exporters.extra import library
from jupyter_repro.formats.exporters.request import Exported, Request
from jupyter_repro.formats.exporters.text import plain
from jupyter_repro.formats.importers.text import describe_source


def export(request: Request) -> Exported:
    """Return the text of an ``ro-crate-metadata.json``.

    It names the notebook, if its name is known, and the software that the notebook imported with
    versions; if the imports are unknown, all software.

    Raises
    ------
    CannotExportError
        If the library is not installed.
    """
    crates = library("rocrate.rocrate", "RO-Crate metadata")
    entity = library("rocrate.model.contextentity", "RO-Crate metadata").ContextEntity
    snapshot = request.snapshot
    crate = crates.ROCrate(gen_preview=False)
    crate.name = request.notebook or request.pins.name
    how = f"imported from {describe_source(snapshot)}" if snapshot.imported else "recorded"
    crate.description = (
        f"Results of a computational environment with the digest {snapshot.digest}, {plain(how)} "
        f"by jupyter_repro {plain(snapshot.tool)}."
    )
    crate.root_dataset["datePublished"] = snapshot.created
    software = [
        crate.add(entity(crate, f"#{kind}-{name}-{version}", _software(name, version)))
        for kind, name, version in _packages(request)
    ]
    about = crate.root_dataset
    if request.notebook:
        about = crate.add_file(
            dest_path=request.notebook, properties={"encodingFormat": "application/x-ipynb+json"}
        )
    about["softwareRequirements"] = software
    made = json.dumps(crate.metadata.generate(), indent=2, sort_keys=True)
    notes = ["RO-Crate metadata describe the folder that they lie in; add author and licence."]
    left_out = [str(one) for one in request.pins.left_out("conda", "packages", "asked", "spec")]
    if left_out:
        first = "; ".join(left_out[:3])
        more = f"; and {len(left_out) - 3} more" if len(left_out) > 3 else ""
        notes.append(f"Not in the crate, since it cannot be had again: {first}{more}")
    return Exported({"ro-crate-metadata.json": made + "\n"}, notes)


def _software(name: str, version: str) -> dict[str, Any]:
    return {"@type": "SoftwareApplication", "name": name, "softwareVersion": version}


def _packages(request: Request) -> list[tuple[str, str, str]]:
    pins, used = request.pins, set(request.snapshot.layers.notebook.used)
    found = {("python", pin.name, pin.version or "unknown") for pin in pins.packages} | {
        ("conda", pin.name, pin.version) for pin in pins.conda
    }
    wanted = {one for one in found if one[1].lower().replace("_", "-") in used}
    return sorted(wanted or found) or [("python", "python", pins.python or "unknown")]
