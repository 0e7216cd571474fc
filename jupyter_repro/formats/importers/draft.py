"""Collect the facts that an importer finds in a file, and make a partial snapshot of them.

An importer adds the facts in its file. A layer without facts is ``unavailable``: a partial
reference is never compared in what it does not contain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import chain
from typing import Any

import msgspec

from jupyter_repro._version import __version__
from jupyter_repro.capturing.capture import validated
from jupyter_repro.capturing.sources.conda.order import install_order
from jupyter_repro.errors import UnreadableError
from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.fields import MAX_ITEMS, MAX_PACKAGES
from jupyter_repro.model.snapshot import (
    SCHEMA_VERSION,
    Framework,
    ImportedFrom,
    Layer,
    Layers,
    Snapshot,
)
from jupyter_repro.packages.addresses import UNKNOWN, redact_channel, redact_folder
from jupyter_repro.packages.lines import Distribution, distribution_line
from jupyter_repro.packages.names import normalise
from jupyter_repro.safety.package_grammar import keep_name, keep_specification
from jupyter_repro.safety.redact import HIDDEN, hide_secrets, redact_text, redact_url
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World, current_world

LONGEST = 1_000
"""Maximum number of characters in a line, as in the model."""

_FILE = re.compile(r"[A-Za-z0-9_.+!-]+-[A-Za-z0-9_.+!]+-[A-Za-z0-9_.+]+(?:\.conda|\.tar\.bz2)?")
_PYTHON = re.compile(r"python-([0-9][A-Za-z0-9.]*)-")
_DIGEST = re.compile(r"(?:[0-9a-f]{32}){1,2}")
_MD5 = re.compile(r"[0-9a-f]{32}")
_DISTRIBUTION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,126}[a-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,100}")
_LAYERS: dict[str, type[Layer]] = {
    layer.name: layer.type for layer in msgspec.structs.fields(Layers)
}


@dataclass(kw_only=True)
class Draft:
    """The facts that were found in one file.

    Parameters
    ----------
    format
        Name of the importer.
    platform
        Name of the platform to read if a file has several, such as ``linux-64``.
    environment
        Name of the environment to read if a file has several.
    world
        The context whose user, folders and secrets are removed.
    """

    format: str
    platform: str
    file: str | None = None
    environment: str | None = None
    world: World = field(default_factory=current_world)
    kernel_name: str | None = None
    used: set[str] = field(default_factory=set)
    conda_name: str | None = None
    conda: dict[str, set[str]] = field(default_factory=dict)
    conda_md5: dict[str, str] = field(default_factory=dict)
    conda_needs: dict[str, list[str]] = field(default_factory=dict)
    channels: list[str] = field(default_factory=list)
    conda_requested: list[str] = field(default_factory=list)
    packages: dict[str, Distribution] = field(default_factory=dict)
    requested: list[str] = field(default_factory=list)
    requires_python: str | None = None
    core: dict[str, Any] = field(default_factory=dict)
    system: dict[str, Any] = field(default_factory=dict)
    gpu: dict[str, Any] = field(default_factory=dict)
    frameworks: list[Framework] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Add a sentence on something that the snapshot cannot contain."""
        self.notes.append(redact_text(sentence, self.world, 300))

    def text(self, value: str, limit: int = 200) -> str | None:
        """Return a text of the file, redacted so that it can be stored, or None if it is empty."""
        return redact_text(value, self.world, limit) or None

    def add_conda_file(
        self,
        url: str,
        digest: str | None = None,
        *,
        md5: str = "",
        needs: Iterable[str] | None = None,
    ) -> None:
        """Add a conda package by its address or file name.

        Parameters
        ----------
        digest
            Its sha256 or md5.
        md5
            Its md5, if the file has both.
        needs
            Names of its dependencies. None if the file has none and is not in the order of
            installation; that order is then unknown.
        """
        folder, _, name = url.rpartition("/")
        stem = printable(name, LONGEST)
        if not _FILE.fullmatch(stem):
            self.note(f"{stem or 'An entry'} is not the name of a conda package.")
            return
        if digest and not _DIGEST.fullmatch(digest.lower()):
            self.note(f"{stem} has a digest that is neither a sha256 nor an md5; it is left out.")
            digest = None
        group = redact_folder(folder) if "://" in folder else UNKNOWN
        entry = f"{stem}#{digest.lower()}" if digest else stem
        self.conda.setdefault(group[:LONGEST], set()).add(entry)
        if digest and digest != md5 and _MD5.fullmatch(md5):
            self.conda_md5[stem] = md5
        if needs is not None:
            self.conda_needs[stem.rsplit("-", 2)[0]] = [*needs]

    def add_channel(self, channel: str) -> None:
        """Add a channel; the first has the highest priority."""
        redacted = printable(redact_channel(channel.strip().rstrip("/")), 500)
        if redacted and redacted not in self.channels:
            self.channels.append(redacted)

    def add_distribution(self, one: Distribution) -> None:
        """Add a Python distribution; if two of one name differ, the first counts."""
        # Before the name is normalised, which would hide the form of a secret
        if keep_name(one.name, hide_secrets) != one.name:
            self.note(f"{one.name} is not the name of a Python package.")
            return
        one = msgspec.structs.replace(one, name=normalise(one.name))
        if not _DISTRIBUTION.fullmatch(one.name):
            self.note(f"{one.name or 'An entry'} is not the name of a Python package.")
        elif one.version and not _VERSION.fullmatch(one.version):
            self.note(f"{one.name} has no plain version.")
        elif len(distribution_line(one)) > LONGEST:
            self.note(f"{one.name} has an address that is too long.")
        elif one.name in self.packages:
            first, other = map(distribution_line, (self.packages[one.name], one))
            if first != other:
                self.note(f"{one.name} is there twice: {first} counts, {other} does not.")
        else:
            self.packages[one.name] = one

    def add_option(self, name: str, value: str = "") -> None:
        """Add an option of pip, without the credentials and personal folders in its value."""
        if "://" in value:
            value = redact_url(value)
        elif re.match(r"[.~/\\]|[A-Za-z]:[\\/]", value):
            value = f"file://{HIDDEN}/{value.replace(chr(92), '/').rstrip('/').rpartition('/')[2]}"
        option = hide_secrets(printable(f"{name} {value}".strip(), 500))
        if option not in self.options:
            self.options.append(option)

    def request(self, requirement: str) -> None:
        """Add a requirement of a Python package, in the notation of PEP 508."""
        self._add_line(self.requested, requirement)

    def request_conda(self, spec: str) -> None:
        """Add a match specification."""
        self._add_line(self.conda_requested, spec)

    def _add_line(self, lines: list[str], text: str) -> None:
        clean = keep_specification(printable(text, LONGEST + 1), hide_secrets)
        if len(clean) > LONGEST:
            self.note(f"{clean[:60]}… is too long.")
        elif clean not in lines:
            lines.append(clean)

    def finish(self) -> Snapshot:
        """Return the snapshot.

        Raises
        ------
        UnreadableError
            If the file contains no facts, or too many.
        """
        layers = self._layers()
        if all(getattr(layers, name).status != "ok" for name in _LAYERS if name != "notebook"):
            left = f" ({self.notes[0].rstrip('.')})" if self.notes else ""
            reason = f"says nothing about an environment{left}."
            raise UnreadableError(reason)
        notes = list(dict.fromkeys(self.notes))
        if len(notes) > MAX_ITEMS:
            notes = [*notes[: MAX_ITEMS - 1], f"and {len(notes) - MAX_ITEMS + 1} more."]
        imported = ImportedFrom(
            format=self.format,
            file=self.text(self.file) if self.file else None,
            requires_python=self.requires_python,
            options=self.options[:MAX_ITEMS],
            notes=notes,
            md5=self.conda_md5,
        )
        return Snapshot(
            schema_version=SCHEMA_VERSION,
            created=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            tool=__version__,
            digest=digest_of(layers, {}),
            layers=layers,
            imported=validated(imported, ImportedFrom, self.world),
        )

    def _layers(self) -> Layers:
        count = sum(map(len, self.conda.values())) + len(self.packages)
        if count > MAX_PACKAGES:
            reason = f"lists more than {MAX_PACKAGES} packages."
            raise UnreadableError(reason)
        python = next(filter(None, map(_PYTHON.match, chain(*self.conda.values()))), None)
        if python:
            self.core.setdefault("python", python[1])
        if self.requires_python or any(_is_python(spec) for spec in self.conda_requested):
            self.core.setdefault("python", None)
        # The file of a conda environment may list all its packages under `pip:`
        lists_python = bool(self.packages or self.requested)
        of_conda = self.channels or self.conda_name if lists_python else ()
        told: dict[str, dict[str, Any]] = {
            "conda": {
                "name": self.conda_name,
                "packages": {group: sorted(self.conda[group]) for group in sorted(self.conda)},
                "install_order": install_order(self.conda_needs, [*self.conda_needs]),
                "channels": self.channels,
                "channels_from": "the imported file" if self.channels else None,
                "requested": sorted(self.conda_requested),
            }
            if self.conda or self.conda_requested or of_conda
            else {},
            "packages": {
                "packages": sorted(map(distribution_line, self.packages.values())),
                "requested": sorted(self.requested),
            }
            if self.packages or self.requested
            else {},
            "core": self.core,
            "system": self.system,
            "gpu": self.gpu,
            "frameworks": {"frameworks": self.frameworks} if self.frameworks else {},
            "notebook": {"kernel_name": self.kernel_name, "used": sorted(self.used)}
            if self.kernel_name or self.used
            else {},
        }
        reason = f"{self.format} does not contain it"
        absent: dict[str, Any] = {"status": "unavailable", "reason": reason}
        layers: dict[str, Any] = {}
        for name, wanted in _LAYERS.items():
            facts = told.get(name)
            layer = wanted(**({"status": "ok"} | facts if facts else absent))
            try:
                layers[name] = validated(layer, wanted, self.world)
            except msgspec.ValidationError as error:
                refused = f"holds what cannot be stored ({printable(str(error), 200)})."
                raise UnreadableError(refused) from None
        return Layers(**layers)


def _is_python(spec: str) -> bool:
    return re.match(r"(?:[^\s:]+::)?python(?![A-Za-z0-9_.-])", spec) is not None


def only_text(values: Iterable[object]) -> Iterable[str]:
    """Yield the values of a list that are texts."""
    return (value for value in values if isinstance(value, str))
