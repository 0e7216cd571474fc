"""Record a real environment into a notebook, and run ``jupyter repro restore`` as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from jupyter_repro.model.document import Document
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.run.outside import snapshot_from_outside
from tests.conda import channel
from tests.conda.http_channel import Site
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook

_INHERITED = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")
TIMEOUT = 180


@dataclass(frozen=True)
class User:
    """Somebody with a home of their own, in which nothing is configured.

    Parameters
    ----------
    home
        All of the user's folders lie in it.
    variables
        What else is set.
    """

    home: Path
    variables: Mapping[str, str]

    @property
    def environ(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "JUPYTER_DATA_DIR": str(self.home / "jupyter"),
            "UV_CACHE_DIR": str(self.home / "cache" / "uv"),
            "PIP_CONFIG_FILE": os.devnull,
            **self.variables,
        }

    def repro(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jupyter_repro", *map(str, words)],
            env=self.environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyter_repro", *map(str, words)],
            env=self.environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def new_user(home: Path, **variables: str) -> User:
    home.mkdir(parents=True)
    return User(home, variables)


def look_at(prefix: Path) -> Snapshot:
    """Return a snapshot of an environment."""
    return snapshot_from_outside(channel_python(prefix), prefix.parent)


def channel_python(prefix: Path) -> Path:
    return prefix / "bin" / "python"


def record(path: Path, snapshot: Snapshot) -> Path:
    """Write a notebook that has recorded a snapshot."""
    document = msgspec.to_builtins(Document(schema_version=1, reference=snapshot))
    write_notebook(path, make_notebook(code_cell("import alpha"), jupyter_repro=document))
    return path


def install_from(address: str, prefix: Path, specs: Sequence[str]) -> Path:
    """Make a prefix from a channel at an address, with rattler alone."""
    channel.run_rattler(
        "install",
        channel=address,
        subdir=channel.SUBDIR,
        prefix=str(prefix),
        specs=list(specs),
        cache=str(prefix.with_name(f"{prefix.name}-cache")),
    )
    return prefix


def change_layer(snapshot: Snapshot, layer: str, **fields: Any) -> Snapshot:
    """Return a snapshot in which single facts of a layer are others."""
    changed = msgspec.structs.replace(getattr(snapshot.layers, layer), **fields)
    layers = msgspec.structs.replace(snapshot.layers, **{layer: changed})
    return msgspec.structs.replace(snapshot, layers=layers)


class Requests(list[str]):
    """The paths that a site was asked for; tells when one of them was."""

    def __init__(self, beginning: str) -> None:
        super().__init__()
        self.beginning = beginning
        self.seen = threading.Event()

    def append(self, path: str) -> None:
        super().append(path)
        if path.startswith(self.beginning):
            self.seen.set()


def watch(site: Site, beginning: str) -> threading.Event:
    """Return an event that is set when a site is asked for a path."""
    requests = Requests(beginning)
    site.requests = requests
    return requests.seen
