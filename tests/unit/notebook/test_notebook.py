from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.model.message import MIME_TYPE
from jupyter_repro.notebook.file import parse_notebook, read_notebook, require_writable
from jupyter_repro.safety.files import write_atomically
from tests.fixtures.notebooks.samples import (
    code_cell,
    make_notebook,
    make_snapshot,
    message_output,
    text_output,
    write_notebook,
)

BAD = {
    "empty": (b" \n", "is empty"),
    "no JSON": (b"hello", "is not JSON (line 1, column 1"),
    "a colon missing": (b'{"cells": [],\n "nbformat" 4}', "line 2, column 13"),
    "cut off in a string": (b'{"cells": [], "metadata": {"x": "abc', "is cut off"),
    "cut off": (b'{"cells": [], "nbformat": 4', "is cut off"),
    "no UTF-8": (b'{"x": 1, \xff}', "is not UTF-8 text (byte 9)"),
    "a list": (b"[]", "is not a notebook"),
    "other JSON": (b'{"name": "x"}', "it has no nbformat"),
    "no cells": (b'{"nbformat": 4, "metadata": {}}', "it has no cells"),
    "cells of the wrong type": (b'{"nbformat": 4, "cells": {}}', "is not a notebook"),
    "metadata of the wrong type": (
        b'{"nbformat": 4, "cells": [], "metadata": []}',
        "is not a notebook",
    ),
    "version 3": (b'{"nbformat": 3, "worksheets": []}', "jupyter nbconvert --to notebook"),
    "version 5": (b'{"nbformat": 5, "cells": []}', "is in format 5"),
    "a huge version": (b'{"nbformat": 1' + b"0" * 5000 + b"}", "cannot be read"),
    "nested deeply": (
        b'{"nbformat": 4, "cells": [], "x": ' + b"[" * 100_000,
        "is nested too deeply",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_notebook_is_one_clear_sentence(case: str, tmp_path: Path) -> None:
    data, said = BAD[case]
    path = tmp_path / "a.ipynb"
    path.write_bytes(data)
    with pytest.raises(UnreadableError) as caught:
        read_notebook(path)
    message = str(caught.value)
    assert said in message
    assert message.startswith(str(path))
    assert "\n" not in message


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="does not exist"):
        read_notebook(tmp_path / "none.ipynb")
    with pytest.raises(UnreadableError, match="is a folder"):
        read_notebook(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.ipynb"
    os.mkfifo(pipe)
    with pytest.raises(UnreadableError, match="is not a regular file"):
        read_notebook(pipe)


def test_control_characters_in_a_name_are_not_shown(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_notebook(tmp_path / "a\x1b[31m\nb.ipynb")
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_read(tmp_path: Path) -> None:
    snapshot = make_snapshot()
    env = snapshot.digest[:12]
    path = tmp_path / "a.ipynb"
    cells = (
        {"cell_type": "markdown", "metadata": {}, "source": "# x"},
        code_cell("%repro seed=1", message_output(snapshot), jupyter_repro={"env": env}),
        code_cell("1", jupyter_repro={"env": "\x1b[31m"}),
    )
    write_notebook(path, make_notebook(*cells, jupyter_repro={"schema_version": 1}))
    found = read_notebook(path)
    assert found.kernel_name == "python3"
    assert found.recorded is not None
    assert json.loads(found.recorded) == {"schema_version": 1}
    assert [cell.code for cell in found.cells] == [False, True, True]
    assert [cell.env for cell in found.cells] == [None, env, None]
    assert [cell.has_outputs for cell in found.cells] == [False, True, False]
    assert found.cells[1].messages == (message_output(snapshot)["data"][MIME_TYPE],)


def test_what_jupyter_writes_beyond_json_is_read(tmp_path: Path) -> None:
    output = {
        "output_type": "display_data",
        "data": {"application/json": {"x": float("nan"), "y": "\ud83d"}},
        "metadata": {},
    }
    plain = make_notebook(code_cell("x", output), jupyter_repro={"a": 1})
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(plain), encoding="utf-8")
    found = read_notebook(path)
    assert found.recorded is not None
    assert json.loads(found.recorded) == {"a": 1}
    assert found.cells[0].has_outputs


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["nbformat", "cells", "metadata", "outputs", "cell_type", "data"]),
                inner,
                max_size=5,
            )
        ),
    )
)
def test_any_json_is_a_notebook_or_a_sentence(plain: Any) -> None:
    try:
        parse_notebook(Path("a.ipynb"), json.dumps(plain).encode())
    except UnreadableError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right


@given(st.binary(max_size=200))
def test_any_bytes_are_a_notebook_or_a_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        parse_notebook(Path("a.ipynb"), data)


def test_large_outputs_are_not_decoded(tmp_path: Path) -> None:
    image = {
        "output_type": "display_data",
        "data": {"image/png": "A" * 5_000_000},
        "metadata": {},
    }
    path = tmp_path / "large.ipynb"
    write_notebook(path, make_notebook(*(code_cell("x", image) for _ in range(8))))
    code = (
        "import resource, sys, pathlib; from jupyter_repro.notebook.file import read_notebook;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "found = read_notebook(pathlib.Path(sys.argv[1]));"
        "assert all(cell.has_outputs for cell in found.cells);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    pytest.importorskip("resource")
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 1.5 * path.stat().st_size


def test_writing_keeps_permissions_and_follows_links(tmp_path: Path) -> None:
    target = tmp_path / "real.ipynb"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link = tmp_path / "link.ipynb"
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert target.read_bytes() == b"new"
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.ipynb", "real.ipynb"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_nobody_else_can_read_the_new_contents_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.ipynb"
    path.write_bytes(b"old")
    path.chmod(0o600)
    seen = []
    synchronise = os.fsync

    def look(descriptor: int) -> None:
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        synchronise(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    write_atomically(path, b"new")
    assert seen == [0o600]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_new_file_gets_the_usual_permissions(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    write_atomically(tmp_path / "new.ipynb", b"new")
    assert (tmp_path / "new.ipynb").stat().st_mode == usual.stat().st_mode


def test_a_failing_replacement_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ReproError, match="No space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"old")
    code = (
        "import resource, sys, pathlib; from jupyter_repro.safety import files;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "files.write_atomically(pathlib.Path(sys.argv[1]), b'x' * 100_000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert "could not be written (File too large); it is unchanged." in done.stderr
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_protected_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"old")
    require_writable(path)
    path.chmod(0o444)
    with pytest.raises(ReproError, match="is write-protected"):
        require_writable(path)


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    with pytest.raises(ReproError, match="is a folder"):
        require_writable(tmp_path)
    with pytest.raises(ReproError, match="its folder does not exist"):
        require_writable(tmp_path / "none" / "a.ipynb")
    require_writable(tmp_path / "new.ipynb")


def test_unknown_outputs_are_passed_over(tmp_path: Path) -> None:
    odd = {"output_type": "display_data", "data": {MIME_TYPE: 5, "x": MIME_TYPE}}
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell("x", odd, text_output(MIME_TYPE))))
    assert read_notebook(path).cells[0].messages == (5,)
