"""What is planned where nothing can ask the channels, and which tool is taken."""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext
from pathlib import Path

import pytest

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.install.places.places import make_place
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.restore import conda_plan
from jupyter_repro.install.restore.engines import choice
from jupyter_repro.install.restore.engines.choice import Engine, choose_conda, require_fitting
from jupyter_repro.install.restore.engines.conda import explicit_text
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.pins import pins_of
from jupyter_repro.safety.world import World
from tests.conda.restoring import change_layer
from tests.fixtures.notebooks.samples import make_snapshot
from tests.unit.support.machine import make_world

FORGE = "https://conda.anaconda.org/conda-forge"
SHA, MD5 = "a" * 64, "b" * 32


def recorded(**groups: list[str]) -> Snapshot:
    folders = {f"{FORGE}/{subdir.replace('_', '-')}": lines for subdir, lines in groups.items()}
    return change_layer(make_snapshot(), "conda", status="ok", reason=None, packages=folders)


def trust(request: str = FORGE, *, allow_md5: bool = False) -> Trust:
    place = make_place("channel", request, "~/.condarc")
    assert place
    return Trust((place,), (), allow_md5=allow_md5)


def test_without_py_rattler_the_files_are_those_that_were_recorded() -> None:
    snapshot = recorded(linux_64=[f"a-1-0.conda#{SHA}"], noarch=[f"b-2-0.tar.bz2#{SHA}"])
    plan = conda_plan.unseen(pins_of(snapshot), trust())
    assert [one.url for one in plan.records] == [
        f"{FORGE}/linux-64/a-1-0.conda",
        f"{FORGE}/noarch/b-2-0.tar.bz2",
    ]
    assert (plan.gone, plan.refused) == ((), ())
    assert explicit_text(plan.records) == (
        f"@EXPLICIT\n{FORGE}/linux-64/a-1-0.conda#sha256:{SHA}\n"
        f"{FORGE}/noarch/b-2-0.tar.bz2#sha256:{SHA}\n"
    )


def test_without_py_rattler_a_sha256_and_an_address_are_needed() -> None:
    snapshot = recorded(linux_64=[f"a-1-0.conda#{MD5}", "c-1-0.conda"])
    plan = conda_plan.unseen(pins_of(snapshot), trust())
    assert [one.partition(":")[0] for one in plan.gone] == ["a-1-0.conda", "c-1-0.conda"]
    plan = conda_plan.unseen(pins_of(snapshot), trust(allow_md5=True))
    assert [one.md5 for one in plan.records] == [MD5]
    plan = conda_plan.unseen(pins_of(snapshot), Trust((), ()))
    (told,) = plan.refused
    assert told.startswith("the channel https://conda.anaconda.org/conda-forge is not one of yours")


def test_credentials_stand_in_no_file() -> None:
    place = "https://bob:sekret@conda.anaconda.org/conda-forge"
    plan = conda_plan.unseen(pins_of(recorded(linux_64=[f"a-1-0.conda#{SHA}"])), trust(place))
    assert "sekret" not in str(plan)
    assert explicit_text(plan.records) == (
        f"@EXPLICIT\n{FORGE}/linux-64/a-1-0.conda#sha256:{SHA}\n"
    )


def test_a_name_twice_is_no_environment() -> None:
    snapshot = recorded(linux_64=[f"a-1-0.conda#{SHA}", f"a-2-0.conda#{SHA}"])
    with pytest.raises(ReproError, match="a: recorded more than once"):
        conda_plan.unseen(pins_of(snapshot), trust())


def program(folder: Path, name: str, said: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{said}'\n")
    (folder / name).chmod(0o755)
    return folder / name


def world_of(tmp_path: Path, **environ: str) -> World:
    return dataclasses.replace(make_world(tmp_path), environ=environ)


@pytest.fixture
def rattler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda _name: True)


@pytest.mark.usefixtures("rattler")
def test_the_program_that_is_there_is_taken(tmp_path: Path) -> None:
    conda = program(tmp_path / "a", "conda")
    mamba = program(tmp_path / "b", "mamba")
    world = world_of(tmp_path, PATH=f"{conda.parent}:{mamba.parent}")
    assert choose_conda([], world) == Engine("mamba", str(mamba))
    assert choose_conda(["conda"], world) == Engine("conda", str(conda))
    assert choose_conda(["rattler"], world) == Engine("rattler")
    told = world_of(tmp_path, PATH="", CONDA_EXE=str(conda))
    assert choose_conda([], told) == Engine("conda", str(conda))


@pytest.mark.usefixtures("rattler")
def test_programs_of_the_folder_that_we_are_in_are_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "a", "conda")
    monkeypatch.chdir(tmp_path / "a")
    for path in (".", "", ":/nowhere"):
        assert choose_conda([], world_of(tmp_path, PATH=path)) == Engine("rattler")


def test_nothing_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda _name: None)
    with pytest.raises(ReproError, match="pip install 'jupyter_repro\\[restore\\]'"):
        choose_conda([], world_of(tmp_path, PATH=""))


@pytest.mark.parametrize("named", [["conda", "mamba"], ["rattler", "conda"]])
def test_one_tool_installs(tmp_path: Path, named: list[str]) -> None:
    with pytest.raises(UsageError, match="Only one of"):
        choose_conda(named, world_of(tmp_path, PATH=""))


def test_conda_is_of_no_use_without_conda_packages() -> None:
    with pytest.raises(UsageError, match="use --engine uv or pip"):
        require_fitting(["mamba"], pins_of(make_snapshot()))


@pytest.mark.parametrize("name", ["my env", "a#b", "a:b", "x:y/c", "base/c"])
@pytest.mark.parametrize(
    ("tool", "version", "refuses"),
    [
        ("conda", "conda 26.7.0", True),
        ("mamba", "mamba 1.5.8\nconda 23.11.0", True),
        ("mamba", "2.0.5", False),
        ("micromamba", "2.0.5", False),
    ],
)
def test_a_folder_that_conda_does_not_accept_is_refused_in_the_plan(
    tmp_path: Path, name: str, tool: str, version: str, *, refuses: bool
) -> None:
    (tmp_path / "base" / "conda-meta").mkdir(parents=True)
    (tmp_path / "base" / "conda-meta" / "history").touch()
    engine = Engine(tool, str(program(tmp_path / "programs", tool, version)))
    world = world_of(tmp_path, PATH="/usr/bin:/bin")
    with pytest.raises(UsageError, match="--engine rattler") if refuses else nullcontext():
        choice.require_prefix(engine, tmp_path / name, world)
    choice.require_prefix(engine, tmp_path / "b c" / "env", world)
    choice.require_prefix(Engine("rattler"), tmp_path / name, world)
