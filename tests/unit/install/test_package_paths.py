"""Names that lead out of an environment, by themselves, through links, and by their spelling."""

from __future__ import annotations

import asyncio
import bz2
import io
import json
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_repro.install.places.fetch import digest_of
from jupyter_repro.install.places.places import make_place
from jupyter_repro.install.restore.archives import PathsError
from jupyter_repro.install.restore.package_contents import (
    UnreadableError,
    conda_entries,
    wheel_entries,
)
from jupyter_repro.install.restore.package_paths import (
    Entry,
    complaints,
    folding,
    is_plain,
    is_safe,
)
from jupyter_repro.install.restore.python_plan import PythonStep
from jupyter_repro.install.restore.wheels import wheels
from jupyter_repro.packages.pins import PythonPin


def run(work: Coroutine[None, None, list[Entry]]) -> list[Entry]:
    """Await it in a thread: the browser of other tests leaves a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def same(name: str) -> str:
    return name


def folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def told(*entries: Entry, fold: object = same) -> str | None:
    return complaints({"a": entries}, fold).get("a")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    ["a", "a/b.py", "./a", "a//b", "a..b", "..a", "a.", ".hidden", "a/...b", "man/X::Y.3", "a/b/"],
)
def test_names_that_stay_inside(name: str) -> None:
    assert is_safe(name)
    assert told(Entry(name)) is None


@pytest.mark.parametrize(
    "name",
    [
        *("", "/a", "\\a", "..", "../a", "a/..", "a/../b", "a/../../b", "..\\a", "a\\..\\b", "C:a"),
        *("c:\\a", "a\0b", "a/.. /b", "a/.../b", "a/. ./b", "//a", "a/..", "./../a"),
    ],
)
def test_names_that_lead_out(name: str) -> None:
    assert not is_safe(name)
    assert "leads out of the environment" in str(told(Entry(name)))
    assert "leads out of the environment" in str(told(Entry("a"), Entry(name, is_listed=True)))


@pytest.mark.parametrize(
    ("first", "second"),
    [("site/Tool.py", "site/tool.py"), ("site/\u00e9.py", "site/e\u0301.py")],
)
def test_packages_whose_names_are_one_file(first: str, second: str) -> None:
    """One of two wheels, or of two conda packages, would overwrite what the other one wrote."""
    packages = {"a-1.whl": [Entry(first)], "b-1.whl": [Entry(second), Entry("site/own.py")]}
    (name, why) = next(iter(complaints(packages, folded).items()))
    assert name == "b-1.whl"
    assert why == f"{second!r} and {first!r} of a-1.whl are one file on this file system"
    assert complaints(packages, same) == {}
    twice = {"a-1.whl": [Entry(first)], "b-1.whl": [Entry(first), Entry(second, is_listed=True)]}
    assert complaints(twice, folded) == {}


def test_a_wheel_with_names_that_differ_by_case_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("Tool.py", "")
        archive.writestr("tool.py", "")
    pin = PythonPin("a", "1")
    step = PythonStep(pin, "1", wheel.name, wheel=(wheel.as_uri(), digest_of(wheel, "sha256")))
    place = make_place("index", tmp_path.as_uri(), "a test")
    assert place
    with wheels([step], [place], tmp_path) as folder:
        assert (folder / wheel.name).exists()
    monkeypatch.setattr("jupyter_repro.install.restore.wheels.folding", lambda _: folded)
    refused = pytest.raises(PathsError, match=r"'Tool\.py' and 'tool\.py' are one file")
    with refused, wheels([step], [place], tmp_path):
        pass


def test_commands_have_no_folder() -> None:
    assert is_plain("jupyter-lab")
    assert not any(map(is_plain, ("a/b", "..", ".", "a\\b", "/a", "")))


@pytest.mark.parametrize(
    ("entries", "package", "reason"),
    [
        ({"a": [Entry("x", link="../y")]}, "a", "leads out"),
        ({"a": [Entry("x", link="/tmp")]}, "a", "leads out"),
        ({"a": [Entry("x", link="/nowhere/at/all")]}, "a", "leads out"),
        ({"a": [Entry("x", link="C:\\y")]}, "a", "leads out"),
        ({"a": [Entry("x/y", link="../../z")]}, "a", "leads out"),
        ({"a": [Entry("x/y", link="../z")]}, None, None),
        ({"a": [Entry("x/y", link="..")]}, None, None),
        ({"a": [Entry("lib64", link="lib"), Entry("lib64/z")]}, None, None),
        # What is inside by its letters, and outside by the links on its way
        ({"a": [Entry("p/q/r", link="../.."), Entry("m", link="p/q/r/../x")]}, "a", "leads out"),
        ({"a": [Entry("p/q/r", link="../..")], "b": [Entry("p/q/r/m", link="../x")]}, "b", "out"),
        ({"a": [Entry("x", link="x")], "b": [Entry("x/y")]}, "a", "leads out"),
        ({"a": [Entry("x", link="y"), Entry("y", link="x")]}, "a", "leads out"),
        # A program of this machine may be lent, and nothing be written to it
        ({"a": [Entry("bin/python", link=sys.executable)]}, None, None),
        (
            {"a": [Entry("x", link=sys.executable), Entry("x", is_listed=True)]},
            None,
            None,
        ),
        ({"a": [Entry("x", link=sys.executable)], "b": [Entry("x")]}, "b", "a link of a"),
        ({"a": [Entry("x", link=sys.executable), Entry("x")]}, "a", "a link of a"),
        ({"a": [Entry("x", link=sys.executable)], "b": [Entry("x/y")]}, "b", "a link of a"),
        ({"a": [Entry("x", link=__file__)]}, "a", "leads out"),  # is no program
        # One name, two packages: each link is followed
        ({"a": [Entry("x", link="y")], "b": [Entry("x", link="../z")]}, "b", "leads out"),
        ({"a": [Entry("h", same="../x")]}, "a", "leads out"),
        ({"a": [Entry("h", same="x/y"), Entry("x", link=sys.executable)]}, "a", "leads out"),
        ({"a": [Entry("h", same="x/y"), Entry("x/y")]}, None, None),
    ],
)
def test_links(
    entries: dict[str, Sequence[Entry]], package: str | None, reason: str | None
) -> None:
    found = complaints(entries, same)
    if package is None:
        assert found == {}
    else:
        assert reason
        assert reason in found[package]


def test_names_that_one_file_system_takes_for_one() -> None:
    terminfo = [Entry("share/terminfo/N/NCR260VT300WPP"), Entry("share/terminfo/n/ncr260vt300wpp")]
    assert told(*terminfo) is None  # two files, as real packages have them
    assert "are one file on this file system" in str(told(*terminfo, fold=folded))
    accents = [Entry("caf\u00e9"), Entry("cafe\u0301")]
    assert told(*accents) is None
    assert "are one file" in str(told(*accents, fold=folded))
    through = [Entry("Lib", link=sys.executable), Entry("lib/x")]
    assert told(*through) is None
    assert "through a link" in str(told(*through, fold=folded))


def test_the_file_system_is_tried(tmp_path: Path) -> None:
    fold = folding(tmp_path)
    (tmp_path / "a").touch()
    assert (fold("A") == fold("a")) == (tmp_path / "A").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
    assert folding(tmp_path / "none")("A") == "a"  # nothing was seen: the careful way


NAMES = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map("/".join)
TARGETS = st.lists(st.sampled_from(["a", "b", "..", ".."]), min_size=1, max_size=4).map("/".join)
ENTRIES = st.lists(
    st.one_of(
        st.builds(Entry, NAMES),
        st.builds(Entry, NAMES, link=TARGETS | st.just("outside")),
        st.builds(Entry, TARGETS),
    ),
    max_size=6,
)


@settings(max_examples=500)
@given(packages=st.lists(ENTRIES, min_size=1, max_size=3))
def test_whatever_has_no_complaint_stays_inside(packages: list[list[Entry]]) -> None:
    """The most careless of installers writes nothing beside the environment."""
    with tempfile.TemporaryDirectory() as name:
        around = Path(name).resolve()
        prefix = around / "1" / "2" / "3" / "4" / "prefix"
        named = {
            str(number): [
                one._replace(link=str(around)) if one.link == "outside" else one for one in entries
            ]
            for number, entries in enumerate(packages)
        }
        if complaints(named, same):
            return
        prefix.mkdir(parents=True)
        for entry in (entry for entries in named.values() for entry in entries):
            write_carelessly(prefix / entry.name, entry.link)
        outside = {path for path in around.rglob("*") if prefix not in path.parents}
        assert outside == {prefix, *list(prefix.parents)[:4]}


def write_carelessly(path: Path, link: str | None) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if link is None:
            path.write_text("x")
        else:
            path.symlink_to(link)
    except OSError:
        return


def tar(members: dict[str, bytes | str], folder: Path) -> Path:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    path = folder / "a-1-0.tar.bz2"
    path.write_bytes(bz2.compress(buffer.getvalue()))
    return path


def test_what_a_conda_package_lists_is_read_where_installers_do(tmp_path: Path) -> None:
    link = {"noarch": {"type": "python", "entry_points": ["cmd = a:b"]}}
    paths = {"paths": [{"_path": "site-packages/../x", "path_type": "hardlink"}]}
    members: dict[str, bytes | str] = {
        "info/link.json": json.dumps(link).encode(),
        "info/paths.json": json.dumps(paths).encode(),
        "info/files": b"listed\n",
        "info/has_prefix": b"/old binary ignored\n",
        "site-packages/a.py": b"",
        "python-scripts/b": "../site-packages/a.py",
    }
    entries = run(conda_entries(tar(members, tmp_path), "lib/python3.11/site-packages"))
    assert {one.name for one in entries if not one.name.startswith("info/")} == {
        "lib/python3.11/site-packages/../x",
        "lib/python3.11/site-packages/a.py",
        "listed",
        "bin/b",
        "bin/cmd",
    }
    assert "../x" in str(told(*entries))
    del members["info/paths.json"]
    members |= {"info/has_prefix": b"plain\n'/old' binary with\n", "info/no_link": b"kept\n"}
    entries = run(conda_entries(tar(members, tmp_path), "s"))
    assert {"plain", "with", "kept"} <= {one.name for one in entries}


@pytest.mark.parametrize("name", ["../../x", "a/b", "/x"])
def test_a_command_of_a_package_is_no_path(name: str, tmp_path: Path) -> None:
    link = {"noarch": {"type": "python", "entry_points": [f"{name} = a:b"]}}
    archive = tar({"info/link.json": json.dumps(link).encode()}, tmp_path)
    with pytest.raises(UnreadableError, match="is a path"):
        run(conda_entries(archive, "s"))


@pytest.mark.parametrize("data", [b"", b"no archive", bz2.compress(b"no tar" * 500)])
def test_what_cannot_be_read_is_said(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a-1-0.tar.bz2"
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match="cannot be read"):
        run(conda_entries(path, "s"))


def wheel(tmp_path: Path, **members: str) -> Path:
    path = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"../x.py": ""}, "'../x.py' leads out"),
        ({"/x.py": ""}, "'/x.py' leads out"),
        ({"a-1.data/data//x": ""}, "'/x' leads out"),
        ({"a-1.data/scripts/../../x": ""}, "leads out"),
        ({"a-1.dist-info/RECORD": "a.py,,\n../../x,,\n"}, "'../../x' leads out"),
    ],
)
def test_wheels_that_lead_out(members: dict[str, str], reason: str, tmp_path: Path) -> None:
    assert reason in str(told(*wheel_entries(wheel(tmp_path, **members))))


def test_a_wheel_that_is_right(tmp_path: Path) -> None:
    members = {
        "a.py": "",
        "a-1.data/scripts/run": "",
        "a-1.dist-info/RECORD": "a.py,,\na-1.dist-info/RECORD,,\n",
        "a-1.dist-info/entry_points.txt": "[console_scripts]\nx.y = a:b\n[other]\na/b = c\n",
    }
    assert told(*wheel_entries(wheel(tmp_path, **members))) is None


def test_links_and_commands_of_a_wheel(tmp_path: Path) -> None:
    commands = {"a-1.dist-info/entry_points.txt": "[gui_scripts]\n../../x = a:b\n"}
    with pytest.raises(UnreadableError, match="is a path"):
        wheel_entries(wheel(tmp_path, **commands))
    path = wheel(tmp_path)
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("x")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnreadableError, match="is a link"):
        wheel_entries(path)
    path.write_bytes(b"no wheel")
    with pytest.raises(UnreadableError, match="cannot be read"):
        wheel_entries(path)
