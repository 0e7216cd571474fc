"""Whatever a file or an environment says is in each export of it, or something says that it is not.

For all pairs of importer and exporter, over generated files: each requirement, package, address,
channel and option of the input is an entry of the output, a comment in it with a note, a note of
the import, or one of those that a note counts because the format has no place for their kind.
"""

from __future__ import annotations

import itertools
import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.exporters.formats import FORMATS
from jupyter_repro.formats.exporters.request import CannotExportError, Exported
from jupyter_repro.formats.importers.registry import Part, import_bytes
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.lines import parse_conda, parse_distribution
from jupyter_repro.packages.names import normalise
from tests.unit.support.exports import File, exported
from tests.unit.support.foreign_files import (
    FOREIGN,
    ForeignFile,
    Said,
    environments,
    foreign_files,
)
from tests.unit.support.imports import HERE, notes

# A workflow holds no package, a paragraph and a crate name what the notebook uses
WITHOUT_PACKAGES = ("github-actions", "paragraph", "ro-crate")
WITH_CHANNELS = ("environment.yml", "conda-lock.yml", "pixi.lock")
WRITTEN = tuple(name for name in FORMATS if name not in WITHOUT_PACKAGES)
EXAMPLES = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])


RECORDED = Path(__file__).parents[2] / "fixtures" / "snapshots"


def an_index(name: str) -> list[File]:
    """Return an index that has each version of each project."""
    return [
        File(f"{name}-{one}.tar.gz", f"https://files.example.org/{name}", "c" * 64)
        for one in VERSIONS
    ]


VERSIONS = [
    f"{first}.{number}{last}"
    for first in ("0", "1", "2023")
    for number in range(1000, 1100)
    for last in ("", ".0", ".2")
]


def read(file: ForeignFile) -> Snapshot:
    return import_bytes(
        HERE / "file", file.text.encode(), format_name=file.format, part=Part(platform="linux-64")
    )


def is_in(word: str, text: str) -> bool:
    """Return whether a word is in a text, not as a part of a longer one."""
    return any(
        re.search(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9]|\.\d)", text, re.IGNORECASE)
        for form in {word, normalise(word)}
    )


def lost(said: list[Said], texts: list[str]) -> list[Said]:
    """Return what is in none of the texts."""
    whole = "\n".join(texts)
    return [one for one in said if not all(is_in(word, whole) for word in one.words)]


# Kinds of which a note says how many there are, where a format has no place for them
_COUNTED = {
    "python": r"(\d+) Python packages? .* (?:has|have) no place",
    "conda": r"(\d+) conda packages? (?:has|have) no place",
}


def uncounted(missing: list[Said], told: list[str]) -> list[Said]:
    """Return what no note counts: as of a kind without a place, or as one more of a list."""
    left = []
    for kind in dict.fromkeys(one.kind for one in missing):
        found = [re.search(_COUNTED.get(kind, "(?!)"), note) for note in told]
        number = max((int(one[1]) for one in found if one), default=0)
        left += [one for one in missing if one.kind == kind][number:]
    more = sum(int(number) for note in told for number in re.findall(r"and (\d+) more", note))
    return left[more:]


@pytest.mark.parametrize("target", WRITTEN)
@pytest.mark.parametrize("source", FOREIGN)
@EXAMPLES
@given(st.data())
def test_from_file_to_file(source: str, target: str, data: st.DataObject) -> None:
    file = data.draw(foreign_files(source))
    wishes: dict[str, Any] = {"files_of": data.draw(st.sampled_from([None, an_index]))}
    if not FORMATS[target].exact:
        wishes["pins"] = data.draw(st.sampled_from(["production", "history"]))
    try:
        snapshot = read(file)
        made = exported(snapshot, target, **wishes)
    except (UnreadableError, CannotExportError):
        return  # it says why, and nothing is written
    require_all(file.said, made, notes(snapshot))


@pytest.mark.parametrize("target", WRITTEN)
@EXAMPLES
@given(st.data())
def test_from_capture_to_file(target: str, data: st.DataObject) -> None:
    environment = data.draw(environments())
    wishes: dict[str, Any] = {"files_of": data.draw(st.sampled_from([None, an_index]))}
    try:
        made = exported(environment.snapshot, target, **wishes)
    except CannotExportError:
        return
    # Elsewhere a channel is a part of the packages' addresses, or goes with them
    said = [one for one in environment.said if one.kind != "channel" or target in WITH_CHANNELS]
    require_all(said, made, [])


@pytest.mark.parametrize("target", WRITTEN)
@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_from_a_recorded_environment_to_file(path: Path, target: str) -> None:
    snapshot = decode_snapshot(path.read_bytes())
    conda = snapshot.layers.conda.packages.items()
    parts = [parse_conda(group, line) for group, lines in conda for line in lines]
    said = [Said("conda", (one.name, one.version, one.build)) for one in parts]
    # The version of a package from an address is part of it; what is shadowed is never imported
    said += [
        Said("python", (one.name, "" if one.source else one.version))
        for one in map(parse_distribution, snapshot.layers.packages.packages)
        if one.installer != "conda" and "shadowed" not in one.flags
    ]
    try:
        made = exported(snapshot, target, files_of=an_index)
    except CannotExportError:
        return
    require_all(said, made, [])


# Where a format has only addresses or digests and the other has none, or one has only conda's
IMPOSSIBLE = {
    *itertools.product(
        ("requirements.txt", "a list of packages", "uv"),
        ("explicit", "conda-lock.yml", "pixi.lock"),
    ),
    *itertools.product(("explicit",), ("requirements.txt", "pylock.toml")),
}


@pytest.mark.parametrize(
    ("source", "target"), sorted({*itertools.product(FOREIGN, WRITTEN)} - IMPOSSIBLE)
)
def test_the_pairs_that_can_be_exported_are(source: str, target: str) -> None:
    """So that none of the tests above passes because nothing is ever written."""

    def is_written(file: ForeignFile) -> bool:
        with suppress(UnreadableError, CannotExportError):
            return bool(exported(read(file), target, files_of=an_index).files)
        return False

    find(foreign_files(source), is_written, settings=settings(phases=[Phase.generate]))


def test_the_check_finds_what_is_nowhere() -> None:
    said = [Said("python", ("oak1x", "1.1002")), Said("option", ("h3.example.org/simple",))]
    assert lost(said, ["oak1x==1.1002\n# --index-url https://h3.example.org/simple\n"]) == []
    assert lost(said, ["oak1x==1.10021\noak-lib-1x\n"]) == said
    one = Exported({"requirements.txt": "# oak1x==1.1002: why\n"})
    with pytest.raises(AssertionError):
        require_all(said[:1], one, [])
    assert uncounted(said, ["1 Python package of it has no place in this file"]) == said[1:]
    assert uncounted(said, ["Comments: a, b and 2 more"]) == []


def require_all(said: list[Said], made: Exported, before: list[str]) -> None:
    """Fail if something is nowhere."""
    # A bill of materials has addresses as part of its own
    files = [unquote(text) for text in made.files.values()]
    missing = lost(said, [*files, *made.notes, *before])
    assert not uncounted(missing, [*made.notes]), (missing, made.notes, made.files)
    entries = [
        "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        for text in files
    ]
    comments = lost([one for one in said if one.kind != "other"], [*entries, *before])
    assert made.notes or not comments, comments
