"""Configuration files of conda and mamba: which are read, in which order, and the result."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.sources.conda.condarc import (
    Program,
    find_files,
    read_configuration,
)
from jupyter_repro.safety.world import World, current_world


def world_of(folder: Path, **environ: str) -> World:
    return dataclasses.replace(
        current_world(), home=folder / "home", root=folder / "root", environ=environ
    )


def lay(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def channels(
    folder: Path, files: dict[str, str], program: Program = "conda", **environ: str
) -> list[str]:
    lay(folder, files)
    world = world_of(folder, **environ)
    found = read_configuration(world, folder / "envs" / "mine", program)
    assert found.is_readable
    return [item.text for item in found.channels]


def test_mamba_reads_files_of_its_own(tmp_path: Path) -> None:
    files = {
        "root/etc/conda/.mambarc": "channels: [system]\n",
        "base/.mambarc": "channels: [base]\n",
        "home/.condarc": "channels: [user]\n",
        "home/.config/mamba/mambarc.d/x.yaml": "channels: [folder]\n",
        "home/.mambarc": "channels: [mine]\n",
        "envs/mine/.mambarc": "channels: [prefix]\n",
    }
    environ = {"MAMBA_ROOT_PREFIX": str(tmp_path / "base")}
    found = channels(tmp_path, files, "mamba", **environ)
    assert found == ["prefix", "mine", "folder", "user", "base", "system"]
    assert channels(tmp_path, {}, "conda", **environ) == ["user"]


def test_the_file_that_a_variable_names_is_mambas_only_one(tmp_path: Path) -> None:
    files = {"home/.mambarc": "channels: [mine]\n", "rc.yml": "channels: [named]\n"}
    environ = {"MAMBA_RC_FILE": str(tmp_path / "rc.yml")}
    assert channels(tmp_path, files, "mamba", **environ) == ["named"]


def test_mamba_knows_no_flags(tmp_path: Path) -> None:
    files = {
        "home/.condarc": "channels: #!final\n  - a #!bottom\n  - b\n",
        "envs/mine/.condarc": "channels: [c]\n",
    }
    assert channels(tmp_path, files, "mamba") == ["c", "a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "channels: conda-forge\n",
        "channels: *anchor\n",
        "channels: [a, [b]]\n",
        "channels: [a\n",
        "channels:\n  - name: a\n",
        "channels:\n  a: b\n",
        "channels:\n  - a\nchannels:\n  - b\n",
        "channels: !!python/object/apply:os.system [x]\n",
        "- a\n",
    ],
)
def test_what_cannot_be_read_is_known_to_be_there(tmp_path: Path, text: str) -> None:
    lay(tmp_path, {"home/.condarc": text, "envs/mine/.condarc": "channels: [c]\n"})
    found = read_configuration(world_of(tmp_path), tmp_path / "envs" / "mine", "conda")
    assert not found.is_readable
    assert [item.text for item in found.channels] == ["c"]


@given(st.text(st.sampled_from("channels:[]-, \n#!top'\"ab&*{}")))
def test_any_text_is_a_condarc(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    lay(folder, {"home/.condarc": "channels:" + text})
    read_configuration(world_of(folder), None, "conda")


def test_yaml_is_imported_only_where_there_is_a_file(tmp_path: Path) -> None:
    code = f"""
import dataclasses, pathlib, sys
from jupyter_repro.capturing.sources.conda.condarc import read_configuration
from jupyter_repro.safety.world import current_world
folder = pathlib.Path({str(tmp_path)!r})
world = dataclasses.replace(current_world(), home=folder, root=folder, environ={{}})
read_configuration(world, None, "conda")
print("yaml" in sys.modules)
"""
    run = [sys.executable, "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "False\n"
    (tmp_path / ".condarc").write_text("channels: [a]\n")
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "True\n"


def test_a_folder_that_cannot_be_listed_and_a_variable_that_is_no_path(tmp_path: Path) -> None:
    world = world_of(tmp_path, CONDARC="a\0b.yml", XDG_CONFIG_HOME=str(tmp_path / "missing"))
    assert find_files(world, None, "conda") == []
