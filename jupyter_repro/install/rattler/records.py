"""A package as a channel lists it: the child process of rattler sends and receives it."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from jupyter_repro.packages.archives import split_extension

_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!-]*(?:\.conda|\.tar\.bz2)")
_DIGEST = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")


class Record(Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"file_name": "fn"}):
    """One package file of a channel, with the names that repodata.json uses.

    Parameters
    ----------
    url, channel
        Without credentials.
    size
        Bytes of the file.
    """

    name: str
    version: str
    build: str
    file_name: str
    url: str
    channel: str
    subdir: str
    build_number: int = 0
    sha256: str = ""
    md5: str = ""
    size: int | None = None
    depends: list[str] = []
    constrains: list[str] = []
    noarch: Any = None
    license: str | None = None
    python_site_packages_path: str | None = None

    @property
    def stem(self) -> str:
        """The file's name without the kind of its archive."""
        return split_extension(self.file_name)[0]

    @property
    def is_well_formed(self) -> bool:
        """Whether the index gave only values that are safe in a path."""
        return bool(
            _FILE.fullmatch(self.file_name)
            and self.url.rpartition("/")[2] == self.file_name
            and self.stem == f"{self.name}-{self.version}-{self.build}"
            and (not self.sha256 or (_DIGEST.fullmatch(self.sha256) and len(self.sha256) == 64))
            and (not self.md5 or (_DIGEST.fullmatch(self.md5) and len(self.md5) == 32))
        )
