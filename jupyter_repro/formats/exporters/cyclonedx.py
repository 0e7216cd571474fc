"""Write the packages of a snapshot as a bill of materials, CycloneDX 1.6 in JSON.

For the format, see https://cyclonedx.org/docs/1.6/json/. cyclonedx-python-lib writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from jupyter_repro.formats.exporters.explicit import why_not
from jupyter_repro.formats.exporters.extra import library
from jupyter_repro.formats.exporters.no_place import (
    channels_without_place,
    options_without_place,
)
from jupyter_repro.formats.exporters.request import CannotExportError, Exported, Request
from jupyter_repro.formats.exporters.text import plain
from jupyter_repro.packages.pins import CondaPin, PythonPin


def export(request: Request) -> Exported:
    """Return the text of a bill of materials; the same snapshot always gives the same text.

    Raises
    ------
    CannotExportError
        If the library is not installed, or the recorded time does not exist.
    """
    name = "a CycloneDX bill of materials"
    bom = library("cyclonedx.model.bom", name)
    component = library("cyclonedx.model.component", name)
    output = library("cyclonedx.output.json", name)
    snapshot, pins = request.snapshot, request.pins
    metadata = bom.BomMetaData(
        timestamp=_time(snapshot.created),
        component=component.Component(
            name=pins.name,
            version=snapshot.digest[:12],
            type=component.ComponentType.APPLICATION,
            bom_ref="environment",
        ),
    )
    made = bom.Bom(
        components=[*_components(request, component)],
        metadata=metadata,
        serial_number=UUID(hex=snapshot.digest[:32]),
    )
    # A snapshot does not contain dependencies. The library's method to make the environment depend
    # on all packages takes quadratic time
    dependency = library("cyclonedx.model.dependency", name).Dependency
    held = [dependency(one.bom_ref) for one in made.components]
    made.dependencies = [dependency(metadata.component.bom_ref, held), *held]
    text = output.JsonV1Dot6(made).output_as_string(indent=2)
    left_out = [str(one) for one in pins.left_out("conda", "packages", "asked", "spec")]
    more = f"; and {len(left_out) - 3} more" if len(left_out) > 3 else ""
    unknown = f"{'; '.join(left_out[:3])}{more}"
    notes = [f"Not in the bill of materials, because they cannot be identified: {unknown}"]
    notes = [*(notes if left_out else []), *channels_without_place(request)]
    notes += options_without_place(request)
    if snapshot.imported and snapshot.imported.requires_python:
        notes.append(
            f"The imported file asks for Python {plain(snapshot.imported.requires_python)}."
        )
    return Exported({"bom.cdx.json": text + "\n"}, notes)


def _time(created: str) -> datetime:
    try:
        return datetime.fromisoformat(created.replace("Z", "+00:00"))
    except ValueError:
        reason = f"The record is of {plain(created)}, and there is no such day."
        raise CannotExportError(reason) from None


def _components(request: Request, component: Any) -> Iterator[Any]:  # noqa: ANN401 - a module
    model = library("cyclonedx.model", "")
    package_url = library("packageurl", "").PackageURL

    def make(pin: CondaPin | PythonPin, kind: str, qualifiers: dict[str, str], digest: str) -> Any:  # noqa: ANN401 - of a library
        algorithm = model.HashAlgorithm.SHA_256 if len(digest) == 64 else model.HashAlgorithm.MD5
        purl = package_url(kind, None, pin.name, pin.version or None, qualifiers)
        return component.Component(
            name=pin.name,
            version=pin.version or None,
            type=component.ComponentType.LIBRARY,
            purl=purl,
            bom_ref=purl.to_string(),
            hashes=[model.HashType(alg=algorithm, content=digest)] if digest else [],
        )

    for pin in request.pins.conda:
        qualifiers = {"build": pin.build}
        if pin.channel and pin.subdir and not why_not(pin, hashes=False):
            file_type = pin.archive.lstrip(".")
            qualifiers |= {"channel": pin.channel, "subdir": pin.subdir, "type": file_type}
        yield make(pin, "conda", qualifiers, pin.digest)
    for package in request.pins.packages:
        source = package.source.partition("#")[0]
        qualifiers = {"vcs_url" if package.is_repository else "download_url": source}
        if not source:
            qualifiers = {"repository_url": package.vendor.address} if package.vendor else {}
        yield make(package, "pypi", qualifiers, package.sha256 or "")
