"""What an export may ask if the user allows the network: digests, and a different platform."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from packaging.utils import canonicalize_name

from jupyter_repro.capturing.sources.conda.details import CondaDetails, checked_details
from jupyter_repro.capturing.sources.conda.order import dependency_name, install_order
from jupyter_repro.errors import ReproError
from jupyter_repro.formats.exporters.request import AskedDetails, FilesOf
from jupyter_repro.install.places.index import IndexFile, ask
from jupyter_repro.install.places.places import Place
from jupyter_repro.install.places.trust import Trust, load_trust
from jupyter_repro.install.rattler.parent import Rattler
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.solve.listings import ask_channels
from jupyter_repro.install.solve.machine import virtual_packages
from jupyter_repro.install.solve.python_packages import indexed
from jupyter_repro.install.solve.subjects import make_subject
from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.snapshot import CondaLayer, Snapshot
from jupyter_repro.packages.addresses import channel_address
from jupyter_repro.packages.pins import CondaPin, Pins
from jupyter_repro.safety.world import current_world


def files_on_indexes(pins: Pins, trust: Trust | None = None) -> FilesOf:
    """Ask the user's indexes for the files of all pins at once, and return a look-up by name.

    Parameters
    ----------
    trust
        Which indexes may be asked; None reads the user's configuration.

    Raises
    ------
    ReproError
        If no index may be asked, or one did not answer for a package that the others do not have.
    """
    trust = trust or load_trust(current_world())
    if not trust.indexes:
        reason = " ".join(trust.how_to_allow("index", one.address) for one in trust.not_asked)
        raise ReproError(reason or "No package index is configured.")
    projects = ask(trust.indexes, [pin.name for pin in indexed(pins)])
    for pin in indexed(pins):
        project = projects[str(canonicalize_name(pin.name))]
        # PyPI has other versions of a vendor's packages, but not these builds
        found = [one for one in project.files if not pin.vendor or f"-{pin.version}-" in one.name]
        if project.errors and not found:
            raise ReproError(project.errors[0])

    def files_of(name: str) -> list[IndexFile]:
        project = projects.get(str(canonicalize_name(name)))
        return [*project.files] if project else []

    return files_of


def details_on_channels(
    pins: Sequence[CondaPin], platform: str, trust: Trust | None = None
) -> AskedDetails:
    """Ask the channels of packages for the facts that a lock file needs and a snapshot lacks.

    A record counts only if it is of the same file: of the same name and digest.
    """
    world = current_world()
    trust = trust or load_trust(world)
    homes = dict.fromkeys(pin.channel for pin in pins if pin.channel)
    problems = [
        f"Not asked: {trust.how_to_allow('channel', home)}."
        for home in homes
        if trust.channel(home) is None
    ]
    try:
        found = ask_channels(pins, trust, Rattler(world), platform)
    except ReproError as error:  # py-rattler is missing or fails: only some formats need the answer
        return AskedDetails({}, [*problems, str(error)])
    problems += [f"{one.place.address} did not answer: {one.error}" for one in found.silent]
    details = {}
    for pin in pins:
        for one in found.by_name.get(pin.name, ()):
            is_same = pin.digest and pin.digest in (one.sha256, one.md5)
            if is_same and one.file_name == pin.file_name and one.is_well_formed:
                details[pin.file_name] = checked_details(
                    CondaDetails(
                        md5=one.md5,
                        sha256=one.sha256,
                        depends=(*one.depends,),
                        constrains=(*one.constrains,),
                        license=one.license,
                        size=one.size,
                    )
                )
    return AskedDetails(details, problems)


def solved_for(snapshot: Snapshot, platform: str, trust: Trust | None = None) -> Snapshot:
    """Return the environment with the conda packages that a different platform would have.

    The packages that the user requested keep their recorded versions, and their dependencies are
    solved anew; if the requested packages are not known, all recorded versions are kept.

    Raises
    ------
    ReproError
        If the channels have no such environment, do not answer, or py-rattler is missing.
    """
    subject = make_subject(snapshot, platform)
    if not subject.pins.conda:
        return snapshot
    world = current_world()
    records = Rattler(world).solve(
        _channels(subject.pins, trust or load_trust(world)),
        [f"{pin.name} =={pin.version}" for pin in subject.roots if not pin.is_private],
        platform,
        virtual=virtual_packages(snapshot, platform),
    )
    conda = _layer(snapshot.layers.conda, subject.pins, records)
    system = msgspec.structs.replace(snapshot.layers.system, platform=platform)
    layers = msgspec.structs.replace(snapshot.layers, conda=conda, system=system)
    digest = digest_of(layers, snapshot.third_party)
    return msgspec.structs.replace(snapshot, layers=layers, digest=digest)


def _channels(pins: Pins, trust: Trust) -> list[Place]:
    """Return the recorded channels; the user has to trust each of them."""
    recorded = [channel_address(name) for name in pins.channels if name != "defaults"]
    if "defaults" in pins.channels:
        recorded += [pin.channel for pin in pins.conda if pin.channel]
    places = {address: trust.channel(address) for address in dict.fromkeys(recorded)}
    if not places:
        reason = "The record names no channel that could be asked for a different platform."
        raise ReproError(reason)
    refused = [address for address, place in places.items() if place is None]
    if refused:
        reason = f"{trust.how_to_allow('channel', refused[0])}."
        raise ReproError(reason)
    return [place for place in places.values() if place is not None]


def _layer(layer: CondaLayer, pins: Pins, records: list[Record]) -> CondaLayer:
    """Return the conda layer with other packages, in the form of a snapshot.

    Packages that cannot be asked for, such as those of a private channel, stay: an export gives the
    reason why they are not entries.
    """
    asked = {f"{pin.channel}/{pin.subdir}" for pin in pins.conda if pin.channel}
    groups = {group: lines for group, lines in layer.packages.items() if group not in asked}
    for one in sorted(records, key=lambda one: one.file_name):
        if one.is_well_formed:
            folder = one.url.rpartition("/")[0]
            groups.setdefault(folder, []).append(f"{one.file_name}#{one.sha256 or one.md5}")
    order = install_order({one.name: [*map(dependency_name, one.depends)] for one in records})
    return msgspec.structs.replace(layer, packages=groups, install_order=order)
