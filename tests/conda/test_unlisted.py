"""A build that its channel does not list any more, and whose file is still at its address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.safety.world import World
from tests.conda import channel
from tests.conda.channel import SITE, SUBDIR, Package, make_package
from tests.conda.http_channel import Site, serve
from tests.conda.restoring import new_user, record
from tests.conda.solving import ask, check, make_world, package, snapshot_of, verdicts

pytestmark = pytest.mark.conda

pytest.importorskip("rattler")

ALPHA = make_package("alpha", "1.2.0", "py_0", depends=["python"])
DELTA = make_package("delta", "3.1.4", "h0_0")
NOARCH = Package(
    name="gamma",
    version="0.1",
    build="pyh_0",
    subdir="noarch",
    files={"site-packages/gamma.py": b"GAMMA = 1\n"},
)


def write(folder: Path, packages: Sequence[Package]) -> dict[str, str]:
    """Write a channel, and a package for any Python, which has its modules in their own folder."""
    digests = channel.write_channel(folder, packages)
    info = dict(channel._info(NOARCH))
    info["info/index.json"] = info["info/index.json"].replace(b'"generic"', b'"python"')
    data = channel._archive(NOARCH, info)
    (folder / "noarch" / NOARCH.file_name).write_bytes(data)
    channel.run_rattler("index", channel=str(folder))
    return digests | {NOARCH.file_name: hashlib.sha256(data).hexdigest()}


def unlist(folder: Path, *packages: Package) -> None:
    """Take packages out of the index, and leave their files."""
    for one in packages:
        index = folder / one.subdir / "repodata.json"
        told = json.loads(index.read_text())
        del told["packages.conda"][one.file_name]
        index.write_text(json.dumps(told))
        index.with_suffix(".json.zst").unlink(missing_ok=True)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "served" / "main"


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    folder.mkdir(parents=True)
    with serve(Site(folder=folder.parent)) as served:
        yield served


@pytest.fixture
def recorded(folder: Path, site: Site) -> Snapshot:
    packages = [channel.python_package(), ALPHA, DELTA]
    digests = write(folder, packages)
    return snapshot_of([*packages, NOARCH], digests, f"{site.address}/main")


def test_the_file_at_its_address_is_the_recorded_one(
    folder: Path, site: Site, recorded: Snapshot, world: World
) -> None:
    unlist(folder, ALPHA, NOARCH)
    found = ask(recorded, world, f"{site.address}/main", install=True)
    assert verdicts(found)[ALPHA.file_name] == "exact, unlisted"
    assert verdicts(found)[NOARCH.file_name] == "exact, unlisted"
    assert verdicts(found)[DELTA.file_name] == "exact"
    assert package(found, "alpha").reason == (
        f"{site.address}/main does not list it any more, but the file is still there"
    )
    assert found.verdict.verdict == "exact, unlisted"
    text = "4 of 4 files as recorded, 2 of them not listed any more"
    assert check(found, "listed") == ("holds", text)
    assert check(found, "installation")[0] == "holds"
    assert f"main/{SUBDIR}/{ALPHA.file_name}" in site.requests


def test_a_label_has_it(folder: Path, site: Site, recorded: Snapshot, world: World) -> None:
    unlist(folder, ALPHA)
    broken = folder / "label" / "broken" / SUBDIR
    broken.mkdir(parents=True)
    (folder / SUBDIR / ALPHA.file_name).rename(broken / ALPHA.file_name)
    found = ask(recorded, world, f"{site.address}/main", install=True)
    assert package(found, "alpha").verdict == "exact, unlisted"
    assert f"{site.address}/main/label/broken has it" in package(found, "alpha").reason
    assert check(found, "installation")[0] == "holds"


def test_a_store_of_files_counts_and_is_not_asked(
    folder: Path, site: Site, recorded: Snapshot, world: World
) -> None:
    unlist(folder, ALPHA)
    path = f"main/{SUBDIR}/{ALPHA.file_name}"
    site.redirects[path] = "https://store.invalid/a?signature=1"
    assert package(ask(recorded, world, f"{site.address}/main"), "alpha").verdict == (
        "exact, unlisted"
    )
    site.redirects[path] = "http://store.invalid/a"
    assert package(ask(recorded, world), "alpha").verdict == "not installable"


@pytest.mark.parametrize("change", ["no file", "no hash", "replaced"])
def test_what_is_not_known_to_be_the_recorded_file(
    folder: Path, site: Site, recorded: Snapshot, world: World, change: str
) -> None:
    unlist(folder, ALPHA)
    if change == "no file":
        (folder / SUBDIR / ALPHA.file_name).unlink()
    elif change == "no hash":
        recorded = snapshot_of([ALPHA], {ALPHA.file_name: ""}, f"{site.address}/main")
    else:
        again = make_package("alpha", "1.2.0", "py_0", depends=["python", "delta"])
        channel.add_packages(folder, [again])
    found = package(ask(recorded, world, f"{site.address}/main"), "alpha")
    assert found.verdict == ("rebuilt" if change == "replaced" else "not installable")


def test_with_a_package_that_has_to_be_replaced(
    folder: Path, site: Site, recorded: Snapshot, world: World
) -> None:
    """The solver takes the unlisted file as well, though no index has it."""
    unlist(folder, ALPHA)
    (folder / SUBDIR / DELTA.file_name).unlink()
    channel.run_rattler("index", channel=str(folder))
    unlist(folder, ALPHA)
    channel.add_packages(folder, [make_package("delta", "3.1.5", "h0_0")])
    unlist(folder, ALPHA)
    found = ask(recorded, world, f"{site.address}/main")
    assert verdicts(found)[ALPHA.file_name] == "exact, unlisted"
    assert verdicts(found)[DELTA.file_name] == "by major.minor"
    assert check(found, "solving")[0] == "holds"
    assert {one.file_name for one in found.records} >= {ALPHA.file_name, "delta-3.1.5-h0_0.conda"}


def test_it_is_restored_and_hashed(
    folder: Path, site: Site, recorded: Snapshot, tmp_path: Path
) -> None:
    unlist(folder, ALPHA, NOARCH)
    user = new_user(tmp_path / "home")
    words = ("restore", record(tmp_path / "a.ipynb", recorded), "--yes", "--no-kernel")
    allow = ("--allow-channel", f"{site.address}/main")
    done = user.repro(*words, "--prefix", user.home / "a", *allow)
    assert "The environment is in" in done.stdout, done.stderr
    assert "exact, unlisted" in done.stdout
    assert (user.home / "a" / SITE / "alpha.py").exists()
    assert (user.home / "a" / SITE / "gamma.py").exists()
    noted = json.loads((user.home / "a" / "conda-meta" / "alpha-1.2.0-py_0.json").read_text())
    assert noted["depends"] == ["python"]
    (folder / SUBDIR / ALPHA.file_name).write_bytes(b"something else")
    other = new_user(tmp_path / "other")
    done = other.repro(*words, "--prefix", other.home / "b", *allow)
    assert done.returncode == 2
    assert "is not the file that was recorded (hash mismatch)" in done.stderr
    assert not (other.home / "b").exists()
