"""A line of a requirements.txt means for us what it means for pip.

`make_requirement_lines` asked pip once; the answers name its version.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from jupyter_repro.formats.importers.registry import import_bytes
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.lines import parse_distribution

TRUTH = json.loads((Path(__file__).parent / "requirement_lines.json").read_text(encoding="utf-8"))
CASES = TRUTH["cases"]
LAST = "the-last-one"
"""A further line: a file of nothing else would be refused."""

READ_BY_US = {
    "a 1.0": "a line of `pip list`",
    "numpy \\\n# no\n>=1": "two lines, and the first is a requirement",
    "numpy==1.0 --hash=md5:00": "a digest that pip refuses, of a version that it reads",
    "numpy==1.0 --hash=sha256": "the same",
    "git+https://github.com/o/a.git#egg=a[x,y]": "pip 23.2 reads it",
    "git+https://github.com/o/a.git#egg=a==1.0": "the same",
    "-e git+https://github.com/o/a.git@v1#egg=a[x]": "the same",
    "torch==1.0 --global-option=x": "the same",
    "git+git@github.com:o/a.git#egg=a": "git's short form, which pip reads behind `a @`",
    "torch==1.0 --nonsense": "the option is in a note",
}
"""What this version of pip refuses and we read, and why."""

OTHERWISE = {
    "a @ example.org/a.zip": "a path in this folder, of which the last part is kept",
    "git+file:///srv/a#egg=a": "the same",
    "-e git+https://github.com/o/a.git#egg=a ; python_version >= '3'": "pip drops the condition",
}
"""What pip reads in a different way, and why."""


def read(text: str) -> Snapshot:
    whole = f"{text}\n{LAST}\n"
    return import_bytes(Path("requirements.txt"), whole.encode(), format_name="requirements.txt")


def parts_of(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return what was read, in pip's own terms."""
    found = []
    for line in snapshot.layers.packages.packages:
        one = parse_distribution(line)
        found.append(
            {
                "name": one.name,
                "specifier": f"=={one.version}" if one.version and not one.source else "",
                "extras": [],
                "marker": "",
                "address": one.source or "",
                "editable": "editable" in one.flags,
            }
        )
    return found + [requested(text) for text in snapshot.layers.packages.requested if text != LAST]


def requested(text: str) -> dict[str, Any]:
    editable = text.startswith("-e ")
    text = text.removeprefix("-e ")
    try:
        one = Requirement(text)
    except InvalidRequirement:
        address, _, marker = text.partition(" ; ")
        named = re.search(r"[#&]egg=([^\[&]+)(?:\[([^\]]*)\])?", address)
        extras = sorted(named[2].split(",")) if named and named[2] else []
        return {
            "name": named[1] if named else None,
            "specifier": "",
            "extras": extras,
            "marker": marker,
            "address": address,
            "editable": editable,
        }
    return {
        "name": one.name,
        "specifier": str(one.specifier),
        "extras": sorted(one.extras),
        "marker": str(one.marker or ""),
        "address": one.url or "",
        "editable": editable,
    }


def comparable(one: dict[str, Any]) -> dict[str, Any]:
    """Return the parts without what is written in more than one way."""
    address = one["address"].partition("#")[0]
    if address.startswith("file:"):  # of a folder, its name alone is kept
        address = address.rstrip("/").rpartition("/")[2]
    return {
        **one,
        "name": canonicalize_name(one["name"]) if one["name"] else None,
        "specifier": "" if address else one["specifier"].replace("===", "=="),
        "marker": one["marker"].replace("'", '"'),
        "address": address,
    }


def test_there_are_enough_lines() -> None:
    assert len(CASES) >= 200
    assert sum("error" in case["pip"] for case in CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"]))
def test_a_line_means_what_it_means_for_pip(case: dict[str, Any]) -> None:
    text, truth = case["text"], case["pip"]
    snapshot = read(text)
    found = [comparable(one) for one in parts_of(snapshot)]
    imported = snapshot.imported
    assert imported is not None
    if "error" in truth:
        assert text in READ_BY_US or (not found and imported.notes)
        return
    expected = [comparable(one) for one in truth["requirements"]]
    if text in OTHERWISE:
        assert [one["name"] for one in found] == [one["name"] for one in expected]
        return
    if imported.notes and any(one["address"].startswith("file:") for one in truth["requirements"]):
        assert not found  # a folder that only this machine has, and that names no package
        return
    for ours, theirs in zip(found, expected, strict=False):
        if theirs["name"] is None:  # the name of an archive is in its file's
            ours["name"] = None
    key = json.dumps
    assert sorted(found, key=key) == sorted(expected, key=key)
    assert len(imported.options) + len(imported.notes) >= len(truth["options"])
