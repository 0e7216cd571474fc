"""The scan agrees with Python's own view, and survives what installers leave behind."""

from __future__ import annotations

import importlib.metadata
import os
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from jupyter_repro.capturing.sources.python.distributions import scan
from jupyter_repro.packages.lines import Distribution, distribution_line, parse_distribution
from jupyter_repro.packages.names import normalise
from jupyter_repro.safety.world import current_world
from tests.unit.support.sites import Site, world_of


def lines(found: Sequence[Distribution]) -> list[str]:
    return sorted(distribution_line(one) for one in found)


def test_it_agrees_with_importlib_about_this_process() -> None:
    theirs: dict[str, str] = {}
    for one in importlib.metadata.distributions():
        theirs.setdefault(normalise(one.metadata["Name"]), one.version)
    ours = {one.name: one.version for one in scan(current_world()) if "shadowed" not in one.flags}
    assert ours == theirs


def test_names_and_versions_of_any_folder_name(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.add("Plain_Name", "1.0")
    site.add("torch", "2.13.0+cpu", installer="conda")
    site.add("ruamel.yaml", "0.17", folder="ruamel.yaml-0.17.dist-info")
    site.add("a-b-c", "2.0", folder="a-b-c-2.0.dist-info", installer="uv")
    site.add("local", "1.0+cu113", folder="local-1.0_cu113.dist-info")
    assert lines(scan(world_of(tmp_path, site.folder))) == [
        "a-b-c==2.0 [uv]",
        "local==1.0+cu113 [pip]",
        "plain-name==1.0 [pip]",
        "ruamel-yaml==0.17 [pip]",
        "torch==2.13.0+cpu [conda]",
    ]


@pytest.mark.parametrize(
    ("content", "installer"),
    [
        ("pip\n", "pip"),
        ("conda", "conda"),
        ("Poetry 1.8.3", "other"),
        ("pdm\r\n", "pdm"),
        ("", "unknown"),
        (None, "unknown"),
        ("\x1b[31m, editable]", "other"),
    ],
)
def test_installers(tmp_path: Path, content: str | None, installer: str) -> None:
    site = Site(tmp_path / "site")
    site.add("one", "1", installer=content)
    assert lines(scan(world_of(tmp_path, site.folder))) == [f"one==1 [{installer}]"]


@pytest.mark.parametrize(
    ("document", "notes"),
    [
        (
            '{"url": "file:///home/me/My%20Code/mine", "dir_info": {"editable": true}}',
            "pip, editable, file://***/mine",
        ),
        ('{"url": "file:///home/me/mine", "dir_info": {}}', "pip, file://***/mine"),
        (
            '{"url": "https://u:pw@h.example/r.git", "vcs_info": {"vcs": "git", "commit_id": "'
            + "a1" * 20
            + '"}, "subdirectory": "py/x"}',
            f"pip, git+https://h.example/r.git@{'a1' * 20}#subdirectory=py/x",
        ),
        (
            '{"url": "https://h.example/x.whl?token=1", "archive_info": {"hash": "sha256='
            + "b2" * 32
            + '", "hashes": {"sha256": "'
            + "b2" * 32
            + '"}}}',
            f"pip, https://h.example/x.whl#sha256={'b2' * 32}",
        ),
        ('{"url": "https://h.example/x.whl", "archive_info": {}}', "pip, https://h.example/x.whl"),
        ('{"url": "not an address"}', "pip, unknown://***"),
        ('{"url": "https://h.example/x]\\n, editable"}', "pip, https://h.example/x] , editable"),
        ('{"url": 1}', "pip"),
        ("{", "pip"),
        ("[" * 100_000, "pip"),
    ],
)
def test_direct_urls(tmp_path: Path, document: str, notes: str) -> None:
    site = Site(tmp_path / "site")
    site.add("one", "1", direct_url_json=document)
    (found,) = scan(world_of(tmp_path, site.folder))
    assert distribution_line(found) == f"one==1 [{notes}]"
    assert fields(parse_distribution(distribution_line(found))) == fields(found)


def test_the_first_of_one_name_is_in_force(tmp_path: Path) -> None:
    extra, site = Site(tmp_path / "extra"), Site(tmp_path / "site")
    site.add("pkg", "0.3")
    site.add("other", "1")
    extra.add("pkg", "9.9")
    world = world_of(
        tmp_path,
        extra.folder,
        site.folder,
        environ={"PYTHONPATH": f"/gone{os.pathsep}{extra.folder}"},
    )
    assert lines(scan(world)) == [
        "other==1 [pip]",
        "pkg==0.3 [pip, shadowed]",
        "pkg==9.9 [pip, PYTHONPATH]",
    ]


def test_of_two_in_one_folder_the_newer_is_in_force(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    for version, age in (("1.0", 50), ("2.0", 10), ("1.5", 90)):
        info = site.add("pkg", version)
        os.utime(info, (time.time() - age,) * 2)
    assert lines(scan(world_of(tmp_path, site.folder))) == [
        "pkg==1.0 [pip, shadowed]",
        "pkg==1.5 [pip, shadowed]",
        "pkg==2.0 [pip]",
    ]


def test_user_site(tmp_path: Path) -> None:
    user = Site(tmp_path / "home" / ".local" / "lib" / "python3.11" / "site-packages")
    moved = Site(tmp_path / "moved" / "lib" / "python3.11" / "site-packages")
    user.add("one", "1")
    moved.add("two", "2")
    paths = user.folder, moved.folder
    assert lines(scan(world_of(tmp_path, *paths))) == ["one==1 [pip, user-site]", "two==2 [pip]"]
    environ = {"PYTHONUSERBASE": str(tmp_path / "moved")}
    found = scan(world_of(tmp_path, *paths, environ=environ))
    assert lines(found) == ["one==1 [pip]", "two==2 [pip, user-site]"]


def test_an_environment_below_the_home_folder_is_no_user_site(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    prefix = tmp_path / "home" / ".local" / "share" / "virtualenvs" / "x"
    site = Site(prefix / "lib" / "site-packages")
    site.add("one", "1")
    own = type(world)(
        prefix=prefix,
        base_prefix=world.base_prefix,
        home=world.home,
        cwd=world.cwd,
        environ={},
        sys_path=(str(site.folder),),
        modules={},
    )
    assert lines(scan(own)) == ["one==1 [pip]"]


def test_eggs(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    folder = site.folder / "Old_One-1.2-py3.11.egg-info"
    folder.mkdir()
    (folder / "PKG-INFO").write_text("Name: Old-One\nVersion: 1.2.post1\n")
    (site.folder / "file_one-3.4-py3.11.egg-info").write_text("Name: file-one\nVersion: 3.4\n")
    (site.folder / "bare.egg-info").mkdir()
    unpacked = tmp_path / "unpacked-5.0-py3.11.egg"
    (unpacked / "EGG-INFO").mkdir(parents=True)
    (unpacked / "EGG-INFO" / "PKG-INFO").write_text("Name: unpacked\nVersion: 5.0.1\n")
    zipped = tmp_path / "zipped-6.0-py3.11.egg"
    with zipfile.ZipFile(zipped, "w") as file:
        file.writestr("EGG-INFO/PKG-INFO", "Name: zipped\nVersion: 6.0\n")
    wheel = tmp_path / "wheeled-7.0-py3-none-any.whl"
    wheel.write_bytes(b"no zip at all")
    archive = tmp_path / "python311.zip"
    archive.write_bytes(b"")
    world = world_of(tmp_path, site.folder, unpacked, zipped, wheel, archive)
    assert lines(scan(world)) == [
        "bare [unknown]",
        "file-one==3.4 [unknown]",
        "old-one==1.2.post1 [unknown]",
        "unpacked==5.0.1 [unknown]",
        "wheeled==7.0 [unknown]",
        "zipped==6.0 [unknown]",
    ]


def test_setup_py_develop(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    (site.folder / "Mine.egg-link").write_text(f"{tmp_path / 'code' / 'src'}\n../")
    source = tmp_path / "code" / "src"
    (source / "mine.egg-info").mkdir(parents=True)
    (source / "mine.egg-info" / "PKG-INFO").write_text("Name: mine\nVersion: 0.1\n")
    found = scan(world_of(tmp_path, site.folder, source))
    assert lines(found) == ["mine==0.1 [unknown, editable, file://***/code]"]
    assert found[0].folder == str(source)


def test_an_editable_installation_is_found_once(tmp_path: Path) -> None:
    """Its own egg-info lies in the source folder, which is on the path as well."""
    site, source = Site(tmp_path / "site"), tmp_path / "code"
    (source / "mine.egg-info").mkdir(parents=True)
    (source / "mine.egg-info" / "PKG-INFO").write_text("Name: mine\nVersion: 0.1\n")
    document = f'{{"url": "{source.as_uri()}", "dir_info": {{"editable": true}}}}'
    site.add("mine", "0.1", direct_url_json=document)
    for order in ((source, site.folder), (site.folder, source)):
        found = scan(world_of(tmp_path, *order))
        assert lines(found) == ["mine==0.1 [pip, editable, file://***/code]"]


def test_leftovers_and_garbage(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    (site.folder / "~umpy-1.0.dist-info").mkdir()
    (site.folder / "empty-1.0.dist-info").mkdir()
    (site.folder / "file-2.0.dist-info").write_text("")
    (site.folder / ".dist-info").mkdir()
    (site.folder / "-.dist-info").mkdir()
    (site.folder / "evil]\n-1.0.dist-info").mkdir()
    (site.folder / "noversion.dist-info").mkdir()
    bad = site.folder / "a-b-1.0.dist-info"
    bad.mkdir()
    (bad / "METADATA").write_bytes(b"\xff\xfe" * 9)
    (bad / "INSTALLER").mkdir()
    assert lines(scan(world_of(tmp_path, site.folder))) == [
        "a-b==1.0 [unknown]",
        "empty==1.0 [unknown]",
        "file==2.0 [unknown]",
        "noversion [unknown]",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    info = site.add("one", "1", installer=None)
    os.mkfifo(info / "INSTALLER")
    os.mkfifo(info / "direct_url.json")
    assert lines(scan(world_of(tmp_path, site.folder))) == ["one==1 [unknown]"]


def test_entries_of_the_path(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    Site(world.cwd).add("here", "1")
    site = Site(tmp_path / "site")
    site.add("there", "1")
    paths = ("", ".", "/gone", str(site.folder), f"{site.folder}/", "\0", str(site.folder))
    assert lines(scan(world_of(tmp_path, *paths))) == ["here==1 [pip]", "there==1 [pip]"]


def test_a_later_scan_sees_what_was_installed_since(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    old = time.time() - 1_000
    site.add("one", "1")
    os.utime(site.folder, (old, old))
    world = world_of(tmp_path, site.folder)
    assert lines(scan(world)) == lines(scan(world)) == ["one==1 [pip]"]
    site.add("two", "2")
    assert lines(scan(world)) == ["one==1 [pip]", "two==2 [pip]"]


def fields(one: Distribution) -> tuple[object, ...]:
    return one.name, one.version, one.installer, one.flags, one.source


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    site = Site(tmp_path / "site")
    site.add("one", "1")
    site.folder.chmod(0)
    try:
        assert scan(world_of(tmp_path, site.folder)) == []
    finally:
        site.folder.chmod(0o700)


def test_where_conda_built_a_package_is_no_source(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    built = '{"dir_info": {}, "url": "file:///croot/one_1700000000000/work"}'
    site.add("one", "1", installer="conda", direct_url_json=built)
    assert lines(scan(world_of(tmp_path, site.folder))) == ["one==1 [conda]"]
