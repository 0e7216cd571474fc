"""What an imported file asks for in other words than name==version, and where it asks for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from jupyter_repro.formats.exporters.request import CannotExportError
from jupyter_repro.formats.importers.registry import Part, import_bytes
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.exports import COMMIT, an_index, exported
from tests.unit.support.imports import imported, notes

FIVE = """\
numpy>=1.20
pandas==1.5.1
scipy[all]==1.9
requests
certifi==2023.7.22 ; python_version >= "3.9"
"""
ENTRIES = {
    "numpy>=1.20",
    "pandas==1.5.1",
    "scipy[all]==1.9",
    "requests",
    'certifi==2023.7.22; python_version >= "3.9"',
}
CLIP = f"git+https://github.com/openai/CLIP.git@{COMMIT}"
ARCHIVE = "https://example.org/o/archive/main.zip"
BRANCH = "git+https://github.com/o/tool@main"


def read(text: str) -> Snapshot:
    return imported(text, "requirements.txt")


def lines_of(text: str) -> set[str]:
    return {line for line in text.splitlines() if not line.startswith(("#", "    --hash"))}


def entries(snapshot: Snapshot, **wishes: Any) -> set[str]:
    """Return the entries of a requirements.txt; an environment.yml has to have the same."""
    found = lines_of(exported(snapshot, "requirements.txt", **wishes).text)
    document = yaml.safe_load(exported(snapshot, "environment.yml", **wishes).text)
    (section,) = (one["pip"] for one in document["dependencies"] if isinstance(one, dict))
    assert {line.replace('"', "'") for line in found} == {*section}
    return found


@pytest.mark.parametrize("pins", ["history", "version", "production"])
def test_ranges_extras_conditions_and_names_alone_are_entries(pins: str) -> None:
    assert entries(read(FIVE), pins=pins) == ENTRIES


def test_a_range_is_told_where_versions_are_what_was_wanted() -> None:
    told = exported(read(FIVE), "requirements.txt").notes[-1]
    assert "numpy>=1.20, requests" in told
    assert "scipy" not in told
    assert exported(read(FIVE), "requirements.txt", pins="history").notes == []


def test_by_major_and_minor() -> None:
    text = 'a[x]==1.9.2 ; python_version > "3"\nb==1.9.2\nc>=1.2.3\n'
    assert entries(read(text), pins="research") == {
        'a[x]==1.9.*; python_version > "3"',
        "b==1.9.*",
        "c>=1.2.3",
    }


def test_a_file_in_which_every_line_has_a_condition() -> None:
    """As poetry exports it."""
    text = "".join(f'{name}==1.0 ; python_version >= "3.9"\n' for name in "abc")
    made = exported(read(text), "requirements.txt", files_of=an_index(a="1.0", b="1.0", c="1.0"))
    assert made.text.count("--hash=sha256:") == 3
    assert made.text.count('python_version >= "3.9" \\') == 3


def test_what_has_no_digest_is_told_where_pip_wants_them() -> None:
    index = an_index(pandas="1.5.1", scipy="1.9", certifi="2023.7.22")
    made = exported(read(FIVE + CLIP), "requirements.txt", files_of=index)
    told = "asked for without one version, so no digest belongs to it"
    assert f"\n# numpy>=1.20: {told}\n# requests: {told}\n" in made.text
    assert f"# {CLIP}: a commit has no digest" in made.text
    assert told in made.notes[0]
    assert {line.partition(" \\")[0] for line in lines_of(made.text)} == ENTRIES - {
        "numpy>=1.20",
        "requests",
    }


@pytest.mark.parametrize("name", ["pylock.toml", "conda-lock.yml", "pixi.lock"])
def test_a_lock_file_tells_what_it_cannot_ask_for(name: str) -> None:
    url = "https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-h4ab18f5_1.conda"
    text = (
        f"dependencies:\n- {url}#{'b' * 32}\n- pip:\n  - rich==13.7.0\n  - numpy>=1.20\n  - --pre\n"
    )
    snapshot = imported(text, "environment.yml")
    system = msgspec.structs.replace(snapshot.layers.system, status="ok", platform="linux-64")
    layers = msgspec.structs.replace(snapshot.layers, system=system)
    snapshot = msgspec.structs.replace(snapshot, layers=layers)
    made = exported(snapshot, name, files_of=an_index(rich="13.7.0"))
    assert "# numpy>=1.20: asked for, not pinned to one version" in made.text
    assert "# --pre: an option of pip in the imported file" in made.text


def test_a_package_of_unknown_version_has_no_place_in_a_pixi_lock() -> None:
    url = "https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-h4ab18f5_1.conda"
    archive = f"https://example.org/main.zip#sha256={'a' * 64}"
    text = f"dependencies:\n- {url}#{'b' * 32}\n- pip:\n  - mine @ {archive}\n"
    snapshot = import_bytes(Path("environment.yml"), text.encode(), part=Part(platform="linux-64"))
    made = exported(snapshot, "pixi.lock")
    assert "pypi:" not in made.text
    assert f"# mine @ {archive}: its version" in made.text
    assert "mine @" in made.notes[0]


def test_addresses_without_a_name_stand_as_they_are() -> None:
    snapshot = read(f"{CLIP}\n{ARCHIVE} ; python_version > '3'\n{BRANCH}\nrich==13.7.0\n")
    assert snapshot.layers.packages.requested == sorted(
        [CLIP, f"{ARCHIVE} ; python_version > '3'", BRANCH]
    )
    kept = {CLIP, f"{ARCHIVE} ; python_version > '3'", "rich==13.7.0"}
    assert entries(snapshot) == kept
    made = exported(snapshot, "requirements.txt")
    assert f"# {BRANCH}: from an address without a commit" in made.text
    assert any(BRANCH in note for note in made.notes)
    assert entries(snapshot, pins="history") == kept | {BRANCH}


def test_a_file_of_an_address_alone_is_read() -> None:
    assert entries(read(f"{CLIP}\n")) == {CLIP}
    with pytest.raises(CannotExportError, match=r"without a commit.*pins history"):
        exported(read(f"{BRANCH}\n"), "requirements.txt")


def test_history_repeats_the_branch_that_was_asked_for() -> None:
    text = (
        f"tool @ {BRANCH}\n-e git+https://github.com/o/mine@v1.0#egg=mine\n"
        "plus @ git+https://github.com/o/plus\nrich==13.7.0\n"
    )
    assert entries(read(text), pins="history") == {
        f"tool @ {BRANCH}",
        "-e git+https://github.com/o/mine@v1.0#egg=mine",
        "plus @ git+https://github.com/o/plus",
        "rich==13.7.0",
    }
    assert entries(read(text)) == {"rich==13.7.0"}
    told = exported(read(text), "requirements.txt").text
    assert "# mine [pip, editable, git+https://github.com/o/mine@v1.0]: an editable" in told
    assert told.count("an address without a commit") == 2


def test_an_address_of_a_person_s_machine_is_never_an_entry() -> None:
    snapshot = read("rich==1.0\nmine[x] @ file:///home/bob/mine\nsee @ https://u:p@h.org/see.zip\n")
    assert entries(snapshot, pins="history") == {"rich==1.0", "see @ https://h.org/see.zip"}
    text = exported(snapshot, "requirements.txt", pins="history").text
    assert "# mine[x] @ file://***/mine: from an address that is private or local" in text


OPTIONS = """\
-i https://bob:sekret@pypi.example.org/simple
--extra-index-url=https://download.pytorch.org/whl/cu117 --pre
--find-links /home/bob/wheels
--no-binary=:all:
torch==1.13.1+cu117
mine==1.0+build5
numpy==1.26.4 -f https://example.org/links.html
"""


def test_options_are_kept_without_what_is_personal() -> None:
    snapshot = read(OPTIONS)
    assert snapshot.imported
    assert snapshot.imported.options == [
        "--index-url https://pypi.example.org/simple",
        "--extra-index-url https://download.pytorch.org/whl/cu117",
        "--pre",
        "--find-links file://***/wheels",
        "--no-binary :all:",
        "--find-links https://example.org/links.html",
    ]
    assert "sekret" not in repr(snapshot)
    assert "bob" not in repr(snapshot)
    assert notes(snapshot) == []


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml"])
def test_options_are_comments_in_front_and_are_told(name: str) -> None:
    made = exported(read(OPTIONS), name)
    body = made.text.partition("numpy==1.26.4")[0]
    for option in ("--index-url https://pypi.example.org/simple", "--pre", "--no-binary :all:"):
        assert f"# {option}  (of the imported file)" in body
    # The place of a known vendor is an option in any case
    assert body.count("--extra-index-url https://download.pytorch.org/whl/cu117") == 1
    assert "# mine==1.0+build5: PyPI has no version with a +" in made.text
    (told,) = [note for note in made.notes if "has options of pip" in note]
    assert "--find-links https://example.org/links.html" in told or "more" in told
    assert "--allow-index" in told


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml"])
def test_an_option_whose_place_you_allow_is_an_option(name: str) -> None:
    allowed = "https://pypi.example.org/simple"
    made = exported(read(OPTIONS), name, allows_index=allowed.__eq__)
    line = next(line for line in made.text.splitlines() if allowed in line)
    assert line.strip().lstrip('- "').startswith("index-url")
    assert not line.strip().startswith("#")
    assert "# --find-links https://example.org/links.html" in made.text


def test_a_version_of_an_index_that_you_allow_is_an_entry() -> None:
    index = an_index(mine="1.0+build5", numpy="1.26.4", torch="1.13.1+cu117")
    made = exported(read(OPTIONS), "requirements.txt", files_of=index, allows_index=bool)
    assert "\nmine==1.0+build5 \\\n" in made.text


TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        *("a>=1", "a[x]==1; python_version > '3'", CLIP, BRANCH, f"-e {BRANCH}", "a @ " + CLIP),
        *("-r /etc/passwd", "--index-url https://evil", "a\n--pre", "a # b", "a;b", "$(x)"),
        *("--pre", "--find-links https://evil.org/x", "a==1 --hash=sha256:0", "https://h.org/${A}"),
    ]
)


@given(
    st.lists(TEXTS, max_size=4),
    st.lists(TEXTS, max_size=3),
    TEXTS,
    st.sampled_from(["history", "version"]),
)
def test_no_text_of_a_stranger_is_more_than_a_requirement(
    requested: list[str], options: list[str], more: str, pins: str
) -> None:
    snapshot = read("rich==13.7.0\nnumpy\n-f https://example.org/\n")
    assert snapshot.imported
    packages = msgspec.structs.replace(
        snapshot.layers.packages, requested=[*requested, f"a @ {more}", f"{CLIP}{more}"]
    )
    snapshot = msgspec.structs.replace(
        snapshot,
        layers=msgspec.structs.replace(snapshot.layers, packages=packages),
        imported=msgspec.structs.replace(snapshot.imported, options=options),
    )
    made = exported(snapshot, "requirements.txt", pins=pins)
    for line in made.text.splitlines():
        if line.startswith("# "):
            continue
        requirement = re.sub(r"^-e (?=git\+https://)", "", line)
        if re.match(r"[a-z+]+://", requirement):
            requirement = f"a @ {requirement}"
        Requirement(requirement)  # raises if it is none
    yaml.safe_load(exported(snapshot, "environment.yml", pins=pins).text)
