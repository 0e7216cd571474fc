from __future__ import annotations

import dataclasses
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.errors import UsageError
from jupyter_repro.install.restore.prefixes import (
    named_prefix,
    remove,
    removed_on_failure,
    require_name,
    require_new_prefix,
)
from tests.unit.support.machine import make_world


def test_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert require_new_prefix(tmp_path / "new") == tmp_path / "new"
    assert not (tmp_path / "new").exists()


def test_what_is_there_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "file", "link", "."):
        with pytest.raises(UsageError, match="is there already"):
            require_new_prefix(tmp_path / name)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing/new", "the folder .*missing is not there"),
        ("a\nb", "cannot be the folder"),
        ("..", "is there already"),
        ("a\u202eb", "cannot be the folder"),
    ],
)
def test_other_places_are_refused(tmp_path: Path, path: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        require_new_prefix(tmp_path / path)
    assert "\n" not in str(caught.value)


def test_a_relative_path_goes_the_way_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a link ``..`` is the folder above where the link leads."""
    (tmp_path / "a").mkdir()
    (tmp_path / "far" / "off").mkdir(parents=True)
    (tmp_path / "a" / "link").symlink_to(tmp_path / "far" / "off")
    monkeypatch.chdir(tmp_path / "a")
    assert require_new_prefix(Path("../new")) == tmp_path.resolve() / "new"
    assert require_new_prefix(Path("link/../new")) == tmp_path.resolve() / "far" / "new"


@pytest.mark.parametrize(
    "name", ["", "-rf", ".", "..", "a/b", "/a", "a:b", "a#b", "a b", "base", "root", "a\n", "é"]
)
def test_names_that_are_paths_or_none(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of an environment"):
        require_name(name)


@given(st.text(max_size=12))
def test_a_name_is_one_part_of_a_path(name: str) -> None:
    try:
        path = Path("/envs", require_name(name))
    except UsageError:
        return
    assert path.parent == Path("/envs")
    assert not name.startswith("-")


def test_named_ones_lie_in_the_users_data(tmp_path: Path) -> None:
    world = dataclasses.replace(
        make_world(tmp_path), environ={"XDG_DATA_HOME": str(tmp_path / "data")}
    )
    expected = tmp_path / "data" / "jupyter_repro" / "envs" / "paper"
    assert named_prefix("paper", world) == expected
    assert named_prefix("paper", world, tmp_path / "envs") == tmp_path / "envs" / "paper"
    expected.mkdir()
    with pytest.raises(UsageError, match="is there already"):
        named_prefix("paper", world)


def half_made(prefix: Path) -> None:
    (prefix / "lib").mkdir(parents=True)
    (prefix / "lib" / "file").touch()
    (prefix / "lib" / "file").chmod(0o400)
    (prefix / "lib").chmod(0o500)  # packages bring folders that nobody may write in
    (prefix / "outside").symlink_to(prefix.parent / "kept")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_nothing_of_it(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    prefix = tmp_path / "new"

    def fail() -> None:
        with removed_on_failure(prefix):
            half_made(prefix)
            raise error

    with pytest.raises(error):
        fail()
    assert not os.path.lexists(prefix)
    assert (tmp_path / "kept" / "file").exists()


def test_success_leaves_it(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with removed_on_failure(tmp_path / "new"):
        (tmp_path / "new").mkdir()
    assert (tmp_path / "new").exists()
    assert signal.getsignal(signal.SIGTERM) == before


def test_sigterm_is_a_failure(tmp_path: Path) -> None:

    def terminate() -> None:
        with removed_on_failure(tmp_path / "new"):
            (tmp_path / "new").mkdir()
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit) as caught:
        terminate()
    assert caught.value.code == 143
    assert not (tmp_path / "new").exists()


def test_a_second_interrupt_does_not_stop_the_removal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    real = shutil.rmtree

    def interrupted(path: Path, **options: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        real(path, **options)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    half_made(tmp_path / "new")
    remove(tmp_path / "new")
    assert not (tmp_path / "new").exists()
