"""A folder as a stranger may send it: much, odd and hostile files beside a notebook."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.traps import EVIL, ODD, lay_entry_points
from tests.unit.support.command_line import ONE, OTHER, document

OURS = ("msgspec", "packaging", "yaml", "rich", "threadpoolctl", "nbformat", "tomllib", "tomli")
MANY = 20_000
"""Distributions beside the notebook."""


def lay_sent_folder(folder: Path) -> None:
    """Fill an empty folder; the notebook is ``a.ipynb``."""
    printed = {"output_type": "stream", "name": "stdout", "text": "1\n"}
    plain = document(reference=ONE, latest=OTHER)
    cell = code_cell("print(1)", printed, count=1)
    write_notebook(folder / "a.ipynb", make_notebook(cell, jupyter_repro=plain))
    for number in range(MANY):
        (folder / f"p{number:05}-1.0.dist-info").mkdir()
    for number in range(300):
        info = folder / f"big_{number}-1.0.dist-info"
        info.mkdir()
        for name in ("METADATA", "RECORD", "INSTALLER", "direct_url.json", "entry_points.txt"):
            ODD["6 GB"](info / name)
    info = folder / "a_private-1.0.dist-info"
    info.mkdir()
    url = {"url": f"file://{folder / 'elsewhere'}", "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(url))
    (folder / "elsewhere" / ".git").mkdir(parents=True)
    (folder / "elsewhere" / ".git" / "HEAD").write_text("aa" * 20 + "\n")
    for name in OURS:
        (folder / f"{name}.py").write_text(EVIL)
    ODD["pipe"](folder / ".condarc")
    _crafted_git(folder)
    lay_entry_points(folder, "installed_somewhere")


def _crafted_git(folder: Path) -> None:
    """Lay a repository whose index repeats long paths, beside packs of gigabytes."""
    git = folder / ".git"
    (git / "objects" / "pack").mkdir(parents=True)
    (git / "HEAD").write_text("ff" * 20 + "\n")
    (git / "packed-refs").write_bytes(b"f" * 1_000)
    (git / "config").write_text("[core]\n\tfsmonitor = touch ../sprung\n")
    path = b"/".join(b"%02d%b" % (level, b"x" * 36) for level in range(99)) + b"/f0"
    fields = b"\0" * 60 + struct.pack(">H", 0x8000)
    first = fields + b"\0" + path + b"\0"
    rest = [fields + b"\1" + b"%d\0" % (number % 10) for number in range(1_999)]
    (git / "index").write_bytes(
        b"DIRC\0\0\0\4" + struct.pack(">I", 2_000) + first + b"".join(rest) + b"\0" * 20
    )
    head = b"\377tOc\0\0\0\2" + b"\0" * 4 * 255 + struct.pack(">I", 900_000)
    for number in range(50):
        pack = git / "objects" / "pack" / f"pack-{number}.idx"
        pack.write_bytes(head)
        os.truncate(pack, 1 << 30)
