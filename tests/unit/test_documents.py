"""The pages for people: short where they are to be short, and true about what they name."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from jupyter_repro.cli.parser import make_parser
from jupyter_repro.formats.exporters.formats import FORMATS, format_of
from jupyter_repro.kernel.arguments import parse_request
from jupyter_repro.lint.run import ignored_kinds
from jupyter_repro.model.findings import FINDING_KINDS
from tests.unit.test_imports import FLOORS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FRONT = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")]
CHANGES = ROOT / "CHANGELOG.md"
PAGES = [*FRONT, CHANGES, *sorted(DOCS.glob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]

_LINK = re.compile(r"\]\(([^)\s]+)\)|\bsrc=\"([^\"]+)\"")
_BLOCK = re.compile(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)
_PATH = re.compile(
    r"`((?:jupyter_repro|tests|labextension|examples|benchmarks)/[\w./-]+\w|hatch_build\.py)/?`"
)
_BUILT = {"jupyter_repro/labextension"}


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    prose = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for found in _LINK.finditer(page.read_text(encoding="utf-8")):
        link = found[1] or found[2]
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = set(_PATH.findall(page.read_text(encoding="utf-8"))) - _BUILT
    made_by_a_recipe = {
        path for path in named if f"Write `{path}`" in page.read_text(encoding="utf-8")
    }
    assert [path for path in named - made_by_a_recipe if not (ROOT / path).exists()] == []


def test_the_modules_of_the_map_are_there() -> None:
    rows = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("| question |")[2]
    missing = []
    for row in rows.splitlines()[2:]:
        parent = ROOT / "jupyter_repro"
        for name in re.findall(r"`([\w./]+?)/?`", row):
            # A name without a folder lies beside the one before it
            homes = [ROOT, ROOT / "jupyter_repro", parent, parent.parent]
            found = next((home / name for home in homes if (home / name).exists()), None)
            if found is None:
                missing.append(name)
            else:
                parent = found.parent
    assert rows.count("\n") > 10
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md"])
def test_the_first_pages_are_short(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 200


def test_the_map_lists_the_folders_in_the_order_of_their_imports() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("| folder | what it does |\n")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `(\w+)/` ", table, re.MULTILINE)) == FLOORS


def test_the_index_lists_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in DOCS.glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == pages


def commands() -> list[str]:
    """Return every line of an example that calls ``jupyter repro``."""
    found = set()
    for page in PAGES:
        for language, block in _BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines() if language == "sh" else []:
                code = line.partition("#")[0].strip()
                if code.startswith("jupyter repro "):
                    found.add(code)
    return sorted(found)


@pytest.mark.parametrize("command", commands())
def test_every_command_in_an_example_is_one(command: str) -> None:
    words = shlex.split(command)[2:]
    make_parser(words).parse_args(words)


def test_there_are_examples_of_commands() -> None:
    assert len(commands()) > 15


def magics() -> list[str]:
    """Return what follows ``%repro`` in each row of the table of the magic's page."""
    text = (DOCS / "magic.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `%repro([^`]*)` ", text, re.MULTILINE)


@pytest.mark.parametrize("magic", magics())
def test_every_magic_on_its_page_is_one(magic: str) -> None:
    if magic.startswith(" expect"):  # which has a grammar of its own
        return
    if magic != "?":  # IPython's own question
        parse_request(magic.strip())


def first_column(page: str, heading: str) -> list[str]:
    """Return what stands in backticks in the first column of the table with this heading."""
    text = (DOCS / page).read_text(encoding="utf-8")
    rows = text.partition(f"\n| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_the_page_of_findings_has_every_kind() -> None:
    assert set(first_column("findings.md", "kind")) == set(FINDING_KINDS)


def test_the_kinds_on_the_page_of_lint_are_kinds(tmp_path: Path) -> None:
    kinds = first_column("lint.md", "kind")
    assert len(kinds) > 15
    assert ignored_kinds(tmp_path, kinds) == set(kinds)


def test_the_page_of_export_has_every_format() -> None:
    files = first_column("export.md", "file")
    assert {format_of(Path(file), None).name for file in files} == set(FORMATS)
