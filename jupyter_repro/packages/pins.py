"""The parts of a snapshot that can be installed again, as validated pins, and why others cannot.

A snapshot may come from a stranger. Everything that is written into a file for a different tool,
looked up in a channel or installed is validated here first: names, versions, builds, digests and
addresses follow strict ASCII grammars, none of which begins with a hyphen or allows a blank, a
quote, a line break or a character that is special to a shell, YAML or pip.

What cannot be installed again is never turned into a pin: an editable or private package as
``name==version`` would be taken from a public index, where anyone can publish a different one of
that name.

Every grammar for a name, a version or an address is defined here, so an export, a plan and a
question to a channel cannot differ in what they accept. `conda env export` writes an editable or
private package as ``name==version``; we write a comment with the reason and the commit instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from packaging.version import InvalidVersion, Version

from jupyter_repro.model.snapshot import CondaLayer, CoreLayer, PackagesLayer, Snapshot
from jupyter_repro.packages.addresses import DEFAULTS, UNKNOWN, channel_address, channel_name
from jupyter_repro.packages.lines import Distribution, parse_conda, parse_distribution
from jupyter_repro.packages.match_spec import parse_match_spec
from jupyter_repro.packages.platforms import is_platform, is_subdir
from jupyter_repro.packages.vendor_indexes import VendorIndex, torch_version, vendor_index

Part: TypeAlias = Literal["channel", "conda", "core", "packages", "asked", "spec", "option"]
"""What of a snapshot is meant. `spec` has what an imported file asks of conda without pinning it,
`asked` what it asks of pip in other words than ``name==version`` (see `packages.asked`), and
`option` the options of pip in that file."""

_ENVIRONMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_PATH = r"[A-Za-z0-9_][A-Za-z0-9_.%-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.%-]*)*"
_CHANNEL = re.compile(rf"(?:https?://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?/)?{_PATH}")
_CONDA_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*")
_CONDA_VERSION = re.compile(r"[A-Za-z0-9_.!+]+")
_CONDA_BUILD = re.compile(r"[A-Za-z0-9_.+]+")
_DIGEST = re.compile(r"[0-9a-f]{64}|[0-9a-f]{32}")
_PYTHON = re.compile(r"([0-9]+\.[0-9]+\.[0-9]+(?:(?:a|b|rc)[0-9]+)?)\+?")
_PROJECT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
# Neither blanks nor `$`, `;` and quotes: pip expands variables and reads options and markers
SAFE = r"[A-Za-z0-9._~/:@%+=&,-]+"
"""The characters of an address that pip, a shell and every file format read unchanged."""
_ARCHIVE = re.compile(rf"https?://{SAFE}(?:#{SAFE})?")
# A branch or a tag may name something else tomorrow, so only a commit is a pin
_REPOSITORY = re.compile(
    rf"(?:(?:git|hg)\+(?:https?|ssh)://{SAFE}@[0-9a-f]{{7,64}}"
    rf"|(?:svn|bzr)\+(?:https?|ssh)://{SAFE}@[0-9]{{1,12}})(?:#{SAFE})?"
)
_SHA256 = re.compile(r"(?:^|&)sha256=([0-9a-f]{64})(?=&|$)")


class CondaPin(NamedTuple):
    """One conda package.

    Parameters
    ----------
    channel
        Address of its channel without the platform's folder; None if it is not recorded
        (``is_private`` is False) or if it is private or local (True).
    subdir
        Folder of the platform in its channel (``linux-64``, ``noarch``); None if it is not
        recorded.
    archive
        ``.conda`` or ``.tar.bz2``; empty if the record did not name the file.
    digest
        A sha256 (64 digits), an md5 (32 digits), or empty.
    """

    name: str
    version: str
    build: str
    channel: str | None
    subdir: str | None
    archive: str
    digest: str
    is_private: bool = False

    @property
    def file_name(self) -> str:
        """The file in its channel."""
        return f"{self.name}-{self.version}-{self.build}{self.archive}"

    @property
    def url(self) -> str | None:
        """The address of the file, if it is known."""
        known = self.channel and self.subdir and self.archive
        return f"{self.channel}/{self.subdir}/{self.file_name}" if known else None

    @property
    def sha256(self) -> str | None:
        """The digest, if it is a sha256."""
        return self.digest if len(self.digest) == 64 else None

    @property
    def md5(self) -> str | None:
        """The digest, if it is an md5."""
        return self.digest if len(self.digest) == 32 else None


class PythonPin(NamedTuple):
    """One Python distribution that an installer such as pip or uv installed.

    Parameters
    ----------
    source
        Address of an archive or of a commit in a repository, with its ``#`` fragment; empty for
        one that came from an index.
    vendor
        Where its vendor keeps builds with such a local label; None for a version without a label,
        or with an unknown one.
    """

    name: str
    version: str
    source: str = ""
    vendor: VendorIndex | None = None

    @property
    def requirement(self) -> str:
        """As a requirement of pip: ``name==version`` or ``name @ address``."""
        return f"{self.name} @ {self.source}" if self.source else f"{self.name}=={self.version}"

    @property
    def is_of_unknown_index(self) -> bool:
        """Whether the version has a local label of no known vendor; PyPI allows no labels."""
        return "+" in self.version and not self.source and self.vendor is None

    @property
    def is_repository(self) -> bool:
        """Whether it is a commit of a repository."""
        return _REPOSITORY.fullmatch(self.source) is not None

    @property
    def sha256(self) -> str | None:
        """Digest of the archive, if its address contains it."""
        found = _SHA256.search(self.source.partition("#")[2])
        return found[1] if found else None


class Unpinned(NamedTuple):
    """What cannot be installed again from the record, and why; one line each."""

    part: Part
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


UNREADABLE_LAYER = "Python packages"
"""What is left out where it is unknown which Python packages there are."""


class Pins(NamedTuple):
    """All of a snapshot that can be installed again.

    Parameters
    ----------
    name
        Of the environment; never ``base``.
    platform
        conda's name of the platform (``linux-64``).
    python
        Version of CPython, ``3.11.7``; None for another implementation.
    channels
        Names or addresses by priority, then those that are only known from the packages.
    conda
        In the order of installation; empty without conda.
    packages
        Without those that conda installed.
    unpinned
        What is left out.
    """

    name: str
    platform: str | None
    python: str | None
    channels: tuple[str, ...]
    conda: tuple[CondaPin, ...]
    packages: tuple[PythonPin, ...]
    unpinned: tuple[Unpinned, ...]

    def left_out(self, *parts: Part) -> list[Unpinned]:
        """Return what is left out of some parts."""
        return [one for one in self.unpinned if one.part in parts]


def pins_of(snapshot: Snapshot) -> Pins:
    """Return the parts of a snapshot that can be installed again.

    Parameters
    ----------
    snapshot
        Recorded or current; it may come from a stranger.
    """
    layers = snapshot.layers
    unpinned: list[Unpinned] = []
    unpinned += (Unpinned("asked", line, NOT_ONE) for line in layers.packages.requested)
    if snapshot.imported is not None:
        unpinned += (Unpinned("option", one, _OPTION) for one in snapshot.imported.options)
    channels = tuple(_channels(layers.conda, unpinned))
    conda = _conda_pins(layers.conda, unpinned)
    if snapshot.imported is not None:
        unpinned += _specs(layers.conda, conda)
    python = next((pin.version for pin in conda if pin.name == "python"), None)
    platform = layers.system.platform or ""
    return Pins(
        name=_environment_name(layers.conda),
        platform=platform if is_platform(platform) else None,
        python=python or _python_version(layers.core, unpinned),
        channels=channels,
        conda=conda,
        packages=tuple(_python_pins(layers.packages, conda, unpinned)),
        unpinned=tuple(unpinned),
    )


NOT_ONE = "asked for, not pinned to one version"
_OPTION = "an option of pip in the imported file"


def _environment_name(layer: CondaLayer) -> str:
    """Return the environment's name; conda refuses to make a second ``base``."""
    name = layer.name or ""
    return name if _ENVIRONMENT.fullmatch(name) and name not in {"base", "root"} else "notebook"


def _channels(layer: CondaLayer, unpinned: list[Unpinned]) -> Iterator[str]:
    """Yield the channels by priority, then those that are only known from the packages."""
    found = [channel_name(channel) for channel in layer.channels]
    for group in sorted(layer.packages):
        channel = channel_name(group.rpartition("/")[0])
        covered = "defaults" in found and channel.startswith(DEFAULTS)
        if group != UNKNOWN and not covered:
            found.append(channel)
    for channel in dict.fromkeys(found):
        # The word of an environment.yml for "no configured channels"; elsewhere, conda asks for it
        if channel == "nodefaults":
            continue
        if _CHANNEL.fullmatch(channel):
            yield channel
        else:
            unpinned.append(Unpinned("channel", channel, "a private or local channel"))


def _conda_pins(layer: CondaLayer, unpinned: list[Unpinned]) -> tuple[CondaPin, ...]:
    pins = []
    for group, lines in layer.packages.items():
        folder, _, subdir = group.rpartition("/")
        known = _CHANNEL.fullmatch(folder) is not None
        address = channel_address(folder) if known and folder != "defaults" else None
        for line in lines:
            record = parse_conda(group, line)
            pin = CondaPin(
                name=record.name,
                version=record.version,
                build=record.build,
                channel=address,
                subdir=subdir if is_subdir(subdir) else None,
                archive=record.archive,
                digest=record.digest,
                is_private=not known and group != UNKNOWN,
            )
            if _is_conda(pin):
                pins.append(pin)
            else:
                unpinned.append(Unpinned("conda", line, "not the name of a conda package"))
    place = {name: index for index, name in enumerate(layer.install_order)}
    return tuple(
        sorted(
            pins,
            key=lambda pin: (place.get(pin.name, len(place)), pin.name, pin.version, pin.build),
        )
    )


def _specs(layer: CondaLayer, conda: tuple[CondaPin, ...]) -> Iterator[Unpinned]:
    names = {pin.name for pin in conda}
    for line in layer.requested:
        spec = parse_match_spec(line)
        if spec is None or spec.name not in names:
            yield Unpinned("spec", line, "asked for, not pinned to one build")


def _is_conda(pin: CondaPin) -> bool:
    return bool(
        _CONDA_NAME.fullmatch(pin.name)
        and _CONDA_VERSION.fullmatch(pin.version)
        and _CONDA_BUILD.fullmatch(pin.build)
        and (not pin.digest or _DIGEST.fullmatch(pin.digest))
    )


def _python_version(core: CoreLayer, unpinned: list[Unpinned]) -> str | None:
    found = _PYTHON.fullmatch(core.python or "")
    if found and core.implementation in {"CPython", None}:
        return found[1]
    told = f"{core.implementation or 'Python'} {core.python or 'of unknown version'}"
    unpinned.append(Unpinned("core", told, "no version of Python that conda has"))
    return None


def _python_pins(
    layer: PackagesLayer, conda: tuple[CondaPin, ...], unpinned: list[Unpinned]
) -> Iterator[PythonPin]:
    if layer.status != "ok":
        unpinned.append(Unpinned("packages", UNREADABLE_LAYER, layer.reason or "not known"))
    found = [
        (line, one)
        for line in layer.packages
        if "shadowed" not in (one := parse_distribution(line)).flags
    ]
    torch = torch_version(
        {pin.name: pin.version for pin in conda} | {one.name: one.version for _, one in found}
    )
    for line, one in found:
        if one.installer == "conda":
            if not conda:
                unpinned.append(Unpinned("packages", line, "conda's, whose records are not known"))
            continue
        pin = _python_pin(one, torch)
        if pin is None:
            unpinned.append(Unpinned("packages", line, _why_not(one)))
        else:
            yield pin


def _python_pin(one: Distribution, torch: str | None) -> PythonPin | None:
    """Return the pin of a distribution that pip can install again, or None."""
    if "editable" in one.flags or not _PROJECT.fullmatch(one.name):
        return None
    version = one.version if is_version(one.version) else ""
    if one.source:
        return PythonPin(one.name, version, one.source) if is_lasting(one.source) else None
    if one.installer in {"", "unknown", "other"} or not version:
        return None
    return PythonPin(one.name, version, vendor=vendor_index(one.name, version, torch))


def is_lasting(source: str) -> bool:
    """Return whether an address names one archive, or one commit of a repository."""
    return bool(_ARCHIVE.fullmatch(source) or _REPOSITORY.fullmatch(source))


def is_version(text: str) -> bool:
    """Return whether a text is a version by Python's rules, without special characters."""
    try:
        return bool(_VERSION.fullmatch(text)) and bool(Version(text))
    except InvalidVersion:
        return False


def _why_not(one: Distribution) -> str:
    if "editable" in one.flags:
        changes = {"dirty": ", with uncommitted changes"}
        extra = "".join(changes.get(flag, "") for flag in sorted(one.flags))
        return f"an editable installation{extra}; install it from its source"
    if one.source:
        return "from an address that is private, local or without a commit"
    if _PROJECT.fullmatch(one.name) and is_version(one.version):
        return "its origin is not recorded"
    return "not a name and version that pip would read"
