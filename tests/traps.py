"""Files that a stranger can lay beside a notebook, which stop, fill or mislead who reads them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

TABLE = "[tool.jupyter_repro]\n"
"""Without it nobody parses the rest."""


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 6 << 30)


def _no_text(path: Path) -> None:
    path.write_bytes(TABLE.encode() + b"x = '\xff'\n")


def _text(text: str) -> Callable[[Path], None]:
    def lay(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    return lay


ODD: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "6 GB": _sparse,
}
"""Whatever the file should hold: how to lay it at a path."""

BROKEN: dict[str, Callable[[Path], None]] = {
    "folder": Path.mkdir,
    "deep": _text(f"{TABLE}x = {'[' * 100_000}{']' * 100_000}\n"),
    "deep tables": _text(f"{TABLE}x = {'{a = ' * 30_000}1{'}' * 30_000}\n"),
    "long key": _text(f"{TABLE}{'a.' * 100_000}a = 1\n"),
    "several MB": _text(TABLE + "".join(f"{'a.' * 200}k{i} = 1\n" for i in range(8_000))),
    "no UTF-8": _no_text,
}
"""The same for a ``pyproject.toml``."""

EVIL = """
import os
with open(os.environ["SPRUNG"], "a") as file:
    file.write(f"{__name__}\\n")
def collect(world): ...
def seed(module, seed): ...
def export(request): ...
MODULE, FILES, TITLE = "random", ("x.txt",), "x"
"""


def lay_entry_points(folder: Path, module: str) -> None:
    """Make the folder offer a module as a plug-in of every kind, under a name of its own."""
    info = folder / "evil-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    groups = ("probes", "seeders", "exporters")
    (info / "entry_points.txt").write_text(
        "".join(f"[jupyter_repro.{group}_v1]\nevil{group} = {module}\n" for group in groups)
    )
