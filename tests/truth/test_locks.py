"""Lock files list for us what they list for their own tools; `make_locks` asked them once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.lines import parse_conda, parse_distribution
from tests.truth.make_locks import FILES
from tests.unit.support.imports import imported, notes

TRUTH = json.loads((Path(__file__).parent / "locks.json").read_text(encoding="utf-8"))
CASES = [
    (name, judge, key)
    for name, judges in TRUTH["answers"].items()
    for judge, answer in judges.items()
    for key in answer
]
RELEASED = ("https://files.pythonhosted.org/", "https://pypi.org/")
"""Of these, the record keeps the name and the version."""


def read(name: str, key: str) -> Snapshot:
    """Return what we read of one environment and platform of a file."""
    environment, _, platform = key.rpartition(" ")
    part = {"platform": platform or "linux-64", "environment": environment or None}
    return imported(FILES[name], name.partition(":")[0], **part)  # type: ignore[arg-type]


def conda_of(snapshot: Snapshot) -> dict[str, set[str]]:
    """Return the address of each conda package, with its digests."""
    assert snapshot.imported is not None
    found = {}
    for group, lines in snapshot.layers.conda.packages.items():
        for line in lines:
            file, _, digest = line.partition("#")
            assert parse_conda(group, line).name
            found[f"{group}/{file}"] = {digest, snapshot.imported.md5.get(file, "")} - {""}
    return found


def test_every_file_has_an_answer() -> None:
    assert TRUTH["answers"].keys() == FILES.keys()
    assert len(FILES) >= 30
    assert sorted(TRUTH["judges"]) == ["conda", "conda-lock", "py-rattler"]


@pytest.mark.parametrize(("name", "judge", "key"), CASES)
def test_conda_packages(name: str, judge: str, key: str) -> None:
    wanted = {}
    for kind, _, _, address, sha256, md5 in TRUTH["answers"][name][judge][key]:
        if kind == "conda":
            # rattler gives the digest of an explicit file with its address
            place, _, fragment = address.partition("#")
            wanted[place] = {fragment.removeprefix("sha256:"), sha256, md5} - {""}
    assert conda_of(read(name, key)) == wanted


# Neither conda nor rattler reads conda-lock's comments in an explicit file
@pytest.mark.parametrize(
    ("name", "judge", "key"), [case for case in CASES if not case[0].startswith("explicit")]
)
def test_python_packages(name: str, judge: str, key: str) -> None:
    snapshot, answer = read(name, key), TRUTH["answers"][name][judge][key]
    found = {one.name: one for one in map(parse_distribution, snapshot.layers.packages.packages)}
    wanted = {one[1]: one for one in answer if one[0] == "pip"}
    assert found.keys() == wanted.keys()
    for project, (_, _, version, address, sha256, _) in wanted.items():
        one = found[project]
        # rattler asks a folder for its version anew; the record keeps the one in the file
        assert one.version in {version, ""} or version == "<dynamic>"
        place = address.removeprefix("direct+")
        if place.startswith(RELEASED):
            assert (one.version, one.source) == (version, "")
        elif place.startswith("git+"):
            assert one.source == place.partition("?")[0].partition("@")[0] + f"@{place[-40:]}"
        elif "://" in place:
            assert one.source == f"{place}#sha256={sha256}"
        else:
            assert one.source == f"file://***/{place.rpartition('/')[2]}"
    sources = {one[1] for one in answer if one[0] == "source"}
    told = {note.partition(" ")[0] for note in notes(snapshot) if "source folder" in note}
    assert told == sources
