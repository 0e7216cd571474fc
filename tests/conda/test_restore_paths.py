"""Packages that would write beside the new environment, with real py-rattler: nothing is linked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conda import channel
from tests.conda.channel import SITE, SUBDIR, Package
from tests.conda.http_channel import Site, serve
from tests.conda.restoring import User, change_layer, install_from, look_at, new_user, record
from tests.conda.solving import ask, check, make_world, snapshot_of

pytest.importorskip("rattler")
pytestmark = pytest.mark.conda


@pytest.fixture
def user(tmp_path: Path) -> User:
    return new_user(tmp_path / "home")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serve(Site(folder=tmp_path / "channel")) as served:
        yield served


def archive_of(package: Package, info: Mapping[str, object], listed: Sequence[str]) -> bytes:
    """Return a package that lists more paths than it holds, or has other facts of its own."""
    plain = dict(channel._info(package))
    paths = json.loads(plain["info/paths.json"])
    paths["paths"] += [
        {"_path": one, "path_type": "hardlink", "sha256": "0" * 64, "size_in_bytes": 4}
        for one in listed
    ]
    changed = {"info/paths.json": paths, **info}
    return channel._archive(
        package, {**plain, **{name: json.dumps(one).encode() for name, one in changed.items()}}
    )


def noarch(package: Package, **fields: object) -> dict[str, Any]:
    index = json.loads(dict(channel._info(package))["info/index.json"])
    link = {"noarch": {"type": "python", **fields}, "package_metadata_version": 1}
    return {"info/index.json": {**index, "noarch": "python"}, "info/link.json": link}


def evil(name: str, extension: str) -> tuple[Package, bytes]:
    files: dict[str, bytes | str] = {"site-packages/evil.py": b"evil"}
    package = Package(
        name="evil",
        version="1.0",
        build="0",
        depends=["python"],
        subdir="noarch",
        extension=extension,
        files=files,
    )
    listed: list[str] = []
    fields: dict[str, object] = {}
    if name == "path":
        listed = ["site-packages/../../../../victim"]
    elif name == "command":
        fields = {"entry_points": ["../../../victim = evil:main"]}
    elif name == "link":
        package.files["site-packages/out"] = "../../../.."  # type: ignore[index]
    elif name == "member":
        package.files["../victim"] = b"evil"  # type: ignore[index]
    return package, archive_of(package, noarch(package, **fields), listed)


@pytest.mark.parametrize("extension", [".conda", ".tar.bz2"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("path", f"'{SITE}/../../../../victim' leads out of the environment"),
        ("command", "the name of its command '../../../victim' is a path"),
        ("link", f"'{SITE}/out' is a link to '../../../..', which leads out"),
        ("member", "../victim"),  # which rattler itself refuses to read in a .conda
    ],
)
def test_a_package_that_leads_out_is_refused_before_anything_is_linked(  # noqa: PLR0917
    tmp_path: Path, site: Site, user: User, name: str, said: str, extension: str
) -> None:
    package, data = evil(name, extension)
    folder = tmp_path / "channel" / "main"
    channel.write_channel(folder, [channel.python_package()])
    (folder / "noarch" / package.file_name).write_bytes(data)
    channel.run_rattler("index", channel=str(folder))
    address = f"{site.address}/main"
    recorded = look_at(install_from(address, tmp_path / "first", ["python"]))
    lines = {
        **recorded.layers.conda.packages,
        f"{address}/noarch": [f"{package.file_name}#{hashlib.sha256(data).hexdigest()}"],
    }
    notebook = record(tmp_path / "a.ipynb", change_layer(recorded, "conda", packages=lines))
    victim = user.home / "envs" / "victim"
    victim.parent.mkdir()
    victim.write_text("precious")
    done = user.repro(
        *("restore", notebook, "--prefix", user.home / "envs" / "work", "--yes"),
        *("--allow-channel", address),
    )
    assert done.returncode == 2, done.stdout
    told = done.stderr.splitlines()[-1]
    assert f"Nothing was installed. {package.file_name}: " in told
    assert said in told
    assert victim.read_text() == "precious"
    assert [*victim.parent.iterdir()] == [victim]


def test_a_trial_installation_reads_the_paths_too(tmp_path: Path, site: Site) -> None:
    package, data = evil("path", ".conda")
    folder = tmp_path / "channel" / "main"
    channel.write_channel(folder, [channel.python_package()])
    (folder / "noarch" / package.file_name).write_bytes(data)
    channel.run_rattler("index", channel=str(folder))
    address = f"{site.address}/main"
    every = [channel.python_package(), package]
    digests = {
        one.file_name: hashlib.sha256(
            (folder / one.subdir / one.file_name).read_bytes()
        ).hexdigest()
        for one in every
    }
    found = ask(snapshot_of(every, digests, address), make_world(tmp_path), address, install=True)
    outcome, text = check(found, "installation")
    assert outcome == "does not hold"
    assert "leads out of the environment" in text


def test_names_that_differ_by_case_are_two_files_where_they_are(
    tmp_path: Path, site: Site, user: User
) -> None:
    """As in the real ncurses."""
    files = {
        "share/terminfo/N/NCR260VT300WPP": b"upper",
        "share/terminfo/n/ncr260vt300wpp": b"lower",
    }
    package = Package(name="ncurses", version="6.5", build="0", files=files)
    folder = tmp_path / "channel" / "main"
    channel.write_channel(folder, [channel.python_package(), package])
    address = f"{site.address}/main"
    recorded = look_at(install_from(address, tmp_path / "first", ["python", "ncurses"]))
    notebook = record(tmp_path / "a.ipynb", recorded)
    done = user.repro(
        *("restore", notebook, "--prefix", user.home / "work", "--yes"),
        *("--allow-channel", address),
    )
    (tmp_path / "a").touch()
    if (tmp_path / "A").exists():
        assert "are one file on this file system" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        for path, content in files.items():
            assert (user.home / "work" / path).read_bytes() == content
    assert SUBDIR in str(recorded.layers.conda.packages)
