"""@EXPLICIT files: every address with a digest, in the order of installation."""

from __future__ import annotations

import pytest

from jupyter_repro.formats.exporters.request import CannotExportError
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.exports import NO_CONDA, exported, text_of
from tests.unit.support.factories import CONDA, FORGE, NOARCH, make_snapshot, snapshot_with


def addresses(snapshot: Snapshot) -> list[str]:
    lines = text_of(snapshot, "explicit").splitlines()
    start = lines.index("@EXPLICIT")
    assert all(line.startswith("# ") for line in lines[:start])
    return lines[start + 1 :]


def test_in_the_order_of_installation() -> None:
    order = ["zlib", "python", "libblas", "numpy", "tqdm"]
    found = addresses(snapshot_with(conda={"install_order": order}))
    assert [line.rpartition("/")[2].split("-")[0] for line in found] == order
    assert found[0] == f"{FORGE}/zlib-1.3.1-h4ab18f5_1.conda#sha256:{'3' * 64}"
    assert found[-1].startswith(f"{NOARCH}/tqdm-")


def test_an_md5_stands_bare() -> None:
    line = f"zlib-1.3.1-h4ab18f5_1.tar.bz2#{'a' * 32}"
    found = addresses(snapshot_with(conda={"packages": {FORGE: [line]}}))
    assert found == [f"{FORGE}/{line}"]


@pytest.mark.parametrize(
    ("group", "line", "why"),
    [
        ("file://***/linux-64", f"a-1-0.conda#{'a' * 64}", "private or local channel"),
        ("unknown", "a-1-0", "does not say where it came from"),
        (FORGE, "a-1-0", "does not say where it came from"),
        (FORGE, "a-1-0.conda", "no digest"),
        (FORGE, "a-1-0.conda#nonsense", "not the name of a conda package"),
        (f"{FORGE}/evil\n", f"a-1-0.conda#{'a' * 64}", "does not say where it came from"),
        ("https://example.org/\nevil/linux-64", f"a-1-0.conda#{'a' * 64}", "private or local"),
        ("ftp://example.org/x/linux-64", f"a-1-0.conda#{'a' * 64}", "private or local channel"),
    ],
)
def test_what_cannot_be_fetched_is_a_comment(group: str, line: str, why: str) -> None:
    snapshot = snapshot_with(conda={"packages": {**CONDA, group: [*CONDA.get(group, []), line]}})
    made = exported(snapshot, "explicit")
    assert len(addresses(snapshot)) == 5
    assert any(one.startswith("# a-1-0") and why in one for one in made.text.splitlines())
    assert any(why in note and "not complete" in note for note in made.notes)


def test_without_a_digest_on_request_alone() -> None:
    snapshot = snapshot_with(conda={"packages": {FORGE: ["a-1-0.conda"]}})
    with pytest.raises(CannotExportError, match="no digest"):
        text_of(snapshot, "explicit")
    assert text_of(snapshot, "explicit", hashes=False).endswith(f"{FORGE}/a-1-0.conda\n")


def test_nothing_to_list() -> None:
    with pytest.raises(CannotExportError, match=r"not a conda environment\): requirements.txt"):
        text_of(snapshot_with(conda=NO_CONDA), "explicit")


def test_it_says_which_versions_compare_its_hashes() -> None:
    told = "# mamba and micromamba 2.0.0 to 2.0.8 do not compare the hashes of this file"
    assert told in text_of(make_snapshot(), "explicit")
    bare = snapshot_with(conda={"packages": {FORGE: ["a-1-0.conda"]}})
    assert told not in text_of(bare, "explicit", hashes=False)


def test_it_says_that_it_has_no_place_for_pip() -> None:
    made = exported(make_snapshot(), "explicit")
    assert "# 2 Python packages that conda did not install have no place" in made.text
    assert "2 Python packages" in made.notes[0]
    assert exported(snapshot_with(packages={"packages": []}), "explicit").notes == []
    one = exported(snapshot_with(packages={"packages": ["rich==13.7.0 [pip]"]}), "explicit")
    (note,) = one.notes
    assert note.startswith("1 Python package that conda did not install has no place in this file:")
    unknown = {"status": "error", "reason": "OSError: broken", "packages": []}
    assert exported(snapshot_with(packages=unknown), "explicit").notes == []
