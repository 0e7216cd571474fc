"""What a run has made is saved, and nothing is overwritten."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_repro.cli import saving
from jupyter_repro.cli.saving import contents_of, save
from jupyter_repro.errors import ReproError


def test_a_file_that_is_as_it_was_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"old")
    assert save(path, contents_of(path), b"new") == path
    assert path.read_bytes() == b"new"
    fresh = tmp_path / "b.ipynb"
    assert save(fresh, contents_of(fresh), b"new") == fresh
    assert {file.name for file in tmp_path.iterdir()} == {"a.ipynb", "b.ipynb"}


@pytest.mark.parametrize(
    ("now", "why"), [(b"edit", "changed while it ran"), (None, "is gone since the run began")]
)
def test_a_free_name_is_taken_and_said(
    now: bytes | None, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    if now is not None:
        path.write_bytes(now)
    for name in ("a.run.ipynb", "a.run-2.ipynb", "a.run-3.ipynb"):
        (tmp_path / name).write_bytes(b"mine") if name == "a.run.ipynb" else None
        kept = save(path, b"old", name.encode())
        assert f"{path} {why}; the result is in {kept}." in capsys.readouterr().err
    assert (tmp_path / "a.run.ipynb").read_bytes() == b"mine"
    assert (tmp_path / "a.run-2.ipynb").read_bytes() == b"a.run.ipynb"
    assert (tmp_path / "a.run-4.ipynb").read_bytes() == b"a.run-3.ipynb"
    assert contents_of(path) == now


def test_what_appeared_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.ipynb"
    before = contents_of(path)
    path.write_bytes(b"of a different run")
    assert save(path, before, b"new") == tmp_path / "out.run.ipynb"
    assert path.read_bytes() == b"of a different run"


def test_of_runs_that_end_together_none_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"old")
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda at: save(path, b"old", str(at).encode()), range(24)))
    assert len(set(kept)) == 24
    assert {int(file.read_bytes()) for file in kept} == set(range(24))
    assert path in kept


def test_without_links_and_locks_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(saving, "_lock", refuse)
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"edit")
    assert save(path, b"old", b"new") == tmp_path / "a.run.ipynb"
    assert save(path, b"old", b"newer") == tmp_path / "a.run-2.ipynb"
    assert (tmp_path / "a.run.ipynb").read_bytes() == b"new"


def test_a_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    path = tmp_path / "gone" / "a.ipynb"
    assert save(path, b"old", b"new").absolute() == here / "a.run.ipynb"
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **_: str(here))
    monkeypatch.setattr(saving, "MAX_NAMES", 1)
    kept = save(path, b"old", b"newest")
    assert kept == here / "a.ipynb"
    assert str(kept) in capsys.readouterr().err
    with pytest.raises(ReproError, match=r"The result of .*a\.ipynb cannot be written"):
        save(path, b"old", b"lost")
