"""The child process of py-rattler: what comes out of it, and what never does."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from jupyter_repro.errors import ReproError
from jupyter_repro.install.places.failures import HashError
from jupyter_repro.install.places.places import Place, make_place
from jupyter_repro.install.rattler import parent as rattler
from jupyter_repro.install.rattler import process
from jupyter_repro.install.rattler.parent import Rattler, RattlerError
from jupyter_repro.install.rattler.process import Progress
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.restore.archives import PathsError, archives, path_of
from jupyter_repro.safety.world import World
from tests.conda import channel
from tests.conda.channel import SUBDIR, make_package
from tests.conda.http_channel import Site, serve
from tests.conda.solving import make_world

pytestmark = pytest.mark.conda

pytest.importorskip("rattler")

NAMES = ["alpha", "gamma", "delta", "python"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    channel.write_channel(folder / "lab", channel.sample_packages())
    return folder


def place_of(address: str) -> Place:
    place = make_place("channel", address, "test")
    assert place is not None
    return place


def local(folder: Path) -> Place:
    return place_of((folder / "lab").as_uri())


def newest(records: list[Record]) -> list[Record]:
    return list({one.name: one for one in sorted(records, key=lambda one: one.version)}.values())


def test_from_the_question_to_the_prefix(folder: Path, world: World, tmp_path: Path) -> None:
    engine, place = Rattler(world), local(folder)
    (listing,) = engine.query([place], NAMES, SUBDIR)
    assert {one.name for one in listing.records} == set(NAMES)
    solved = engine.solve([place], ["delta", "alpha ==1.2.0"], SUBDIR)
    assert {one.file_name for one in solved} == {
        "alpha-1.2.0-py_0.conda",
        "delta-3.1.4-h0_0.conda",
        "gamma-0.1-pyh_0.conda",
        f"python-{channel.VERSION}-h0lent0_0_cpython.tar.bz2",
    }
    without_gamma = [one for one in solved if one.name != "gamma"]
    complete, broken = engine.validate([solved, without_gamma])
    assert complete == ""
    assert "gamma >=0.1" in broken
    seen: list[Progress] = []
    engine.install(solved, tmp_path / "p", [place], requested=["delta"], on_progress=seen.append)
    assert (seen[-1].fetched, seen[-1].linked, seen[-1].total) == (4, 4, 4)
    assert len(list((tmp_path / "p" / "conda-meta").glob("*.json"))) == 4


def test_a_prefix_that_exists_is_left_alone(folder: Path, world: World, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    with pytest.raises(ReproError, match="exists already"):
        Rattler(world).install([], tmp_path / "p", [local(folder)])
    assert list((tmp_path / "p").iterdir()) == []


def test_errors_are_a_type_and_a_line(folder: Path, world: World) -> None:
    with pytest.raises(RattlerError) as told:
        Rattler(world).solve([local(folder)], ["nothing >=1"], SUBDIR)
    assert told.value.kind == "SolverError"
    assert str(told.value).endswith("No candidates were found for nothing >=1.")
    with pytest.raises(RattlerError) as told:
        Rattler(world).solve([place_of("file:///nowhere/x")], ["a"], SUBDIR)
    assert told.value.kind == "GatewayError"


def test_a_panic_is_an_error_too(folder: Path, world: World, tmp_path: Path) -> None:
    (listing,) = Rattler(world).query([local(folder)], ["gamma"], SUBDIR)
    liar = msgspec.structs.replace(listing.records[0], version="not a version !!")
    with pytest.raises(RattlerError) as told:
        Rattler(world).install([liar], tmp_path / "p", [local(folder)])
    assert "\n" not in str(told.value)


def test_a_silent_channel_spoils_no_other(folder: Path, world: World) -> None:
    with serve(Site(folder, slow=("lab/",))) as site:
        places = [place_of(f"{site.address}/lab"), local(folder)]
        silent, answer = Rattler(world, seconds=1).query(places, ["gamma"], SUBDIR)
        with pytest.raises(RattlerError, match="no answer in time"):
            Rattler(world, seconds=1).solve(places[:1], ["gamma"], SUBDIR)
    assert silent.error
    assert "gamma-0.1-pyh_0.conda" in {one.file_name for one in answer.records}


@pytest.mark.parametrize("code", ["import time; time.sleep(600)", "import os; os.abort()"])
def test_a_child_without_an_answer(
    code: str, folder: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_CODE", code)
    monkeypatch.setattr(rattler, "GRACE_SECONDS", 0)
    with pytest.raises(RattlerError, match="gave no answer") as told:
        Rattler(world, seconds=1).query([local(folder)], ["gamma"], SUBDIR)
    assert told.value.kind == rattler.NO_ANSWER


def test_nothing_beside_the_notebook_is_imported(
    folder: Path, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("rattler", "asyncio", "json"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    Rattler(world).query([local(folder)], ["gamma"], SUBDIR)
    assert not (tmp_path / "ran").exists()


def test_credentials_are_in_no_record(folder: Path, world: World, tmp_path: Path) -> None:
    with serve(Site(folder, token="TOKEN-98765")) as site:
        place = place_of(f"{site.with_token}/lab")
        engine = Rattler(world)
        (listing,) = engine.query([place], NAMES, SUBDIR)
        engine.install(newest(list(listing.records)), tmp_path / "p", [place])
    records = [json.loads(path.read_bytes()) for path in (tmp_path / "p/conda-meta").glob("*.json")]
    assert len(records) == len(NAMES)
    assert all(one["url"].startswith(f"{site.address}/lab/") for one in records)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if b"TOKEN-98765" in path.read_bytes()] == []


def test_local_files_are_hashed(tmp_path: Path, world: World) -> None:
    channel.write_channel(tmp_path / "lab", [make_package("gamma", "0.1", "0")])
    (listing,) = Rattler(world).query([local(tmp_path)], ["gamma"], SUBDIR)
    (record,) = listing.records

    def copy(**changes: str) -> Record:
        changed = msgspec.structs.replace(record, **changes)
        with archives([changed], [local(tmp_path)], tmp_path / "p", world) as (copied,):
            assert path_of(copied).read_bytes() == path_of(record).read_bytes()
        return copied

    assert copy().url != record.url
    copy(sha256="")  # its md5 is there
    for changes, told in (
        ({"sha256": "0" * 64}, "is not the file that was recorded"),
        ({"sha256": "", "md5": ""}, "has no hash in its channel"),
        ({"url": "file:///nowhere/x.conda"}, "cannot be read"),
    ):
        with pytest.raises(HashError, match=told):
            copy(**changes)
    for changes in ({"subdir": "../../x"}, {"subdir": "/tmp"}, {"file_name": "../x.conda"}):
        with pytest.raises(PathsError, match="is a path"):
            copy(**changes)


def test_rattler_takes_what_was_unpacked_for_it(tmp_path: Path, world: World) -> None:
    """Else it unpacks everything once more, slower, and raises the revision beside it."""
    channel.write_channel(tmp_path / "lab", [make_package("gamma", "0.1", "0")])
    engine = Rattler(world, cache=tmp_path / "cache")
    (listing,) = engine.query([local(tmp_path)], ["gamma"], SUBDIR)
    engine.install(listing.records, tmp_path / "p", ())
    (record,) = listing.records
    lock = (tmp_path / "cache" / "packages" / "gamma-0.1-0.lock").read_bytes()
    assert lock == (1).to_bytes(8, "big") + bytes.fromhex(record.sha256)
    assert {one.name for one in (tmp_path / "cache" / "packages").iterdir()} == {
        ".cache.lock",
        "gamma-0.1-0",
        "gamma-0.1-0.lock",
    }
