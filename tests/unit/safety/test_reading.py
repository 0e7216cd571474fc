"""Files that a stranger may have made are read in one place, whatever they are."""

from __future__ import annotations

import ast
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.safety import toml as toml_text
from jupyter_repro.safety.files import (
    NotRegularError,
    TooLargeError,
    load,
    open_regular,
    read_head,
    read_whole,
)
from jupyter_repro.safety.toml import MAX_CONFIG, MAX_DEPTH, MAX_PARTS, parse_toml

PACKAGE = Path(__file__).resolve().parents[3] / "jupyter_repro"

READER = "safety/files.py"
TOML = "safety/toml.py"

METHODS = {"open", "read_text", "read_bytes", "copy", "copy2", "copyfile", "copytree", "fdopen"}
"""Methods that open a file, and functions of a module that do."""

MODULES = {"os", "io", "shutil", "codecs", "gzip", "bz2", "lzma", "zipfile", "tarfile", "numpy"}
LOADERS = {"load", "loadtxt", "genfromtxt", "fromfile", "memmap", "ZipFile", "TarFile"}
"""What reads a file in one of `MODULES`, besides `METHODS`."""

METADATA = {"version", "metadata", "distribution", "distributions", "entry_points", "files"}
"""What reads files of any folder on ``sys.path`` in `importlib.metadata`."""

ALLOWED = {
    (READER, "os.open"): "the reader",
    (READER, "os.fdopen"): "the reader",
    (TOML, "tomllib"): "the parser, after the text was looked over",
    (TOML, "tomli"): "the same, for Python 3.10",
    ("model/schema/__init__.py", "path.read_text"): "this package's own file, for its developers",
    (READER, "open"): "of a descriptor, to write",
    ("seeding/checkpoints.py", "open"): "of a descriptor, to write",
    ("install/restore/archives.py", "target.open"): "makes a new file, to write",
    ("install/restore/wheels.py", "target.open"): "makes a new file, to write",
    ("install/places/fetch.py", "part.open"): "makes a new file, to write",
    ("install/restore/package_contents.py", "zipfile.ZipFile"): "of a stream of the reader",
    ("install/restore/package_contents.py", "tarfile.open"): "of a stream of the reader",
    ("install/restore/package_contents.py", "parts.open"): "a part of that stream",
    ("cli/__init__.py", "os.open"): "the null device, to write",
    ("cli/saving.py", "os.open"): "a folder, to lock it",
    ("run/scratch.py", "shutil.copy2"): "copies what was seen to be a regular file, in bounds",
    ("install/places/fetch.py", "opener.open"): "asks a server",
    ("comparing/outputs/images.py", "PIL.Image.open"): "reads from memory",
    ("run/activated.py", "file.read_text"): "runs where jupyter_repro may be missing",
    ("run/kernel_install.py", "shutil.copyfile"): "copies a module of ours",
}
"""Where another place may open a file, and why."""


def _shown(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return f"{_shown(node.func)}(…)"
    if isinstance(node, ast.Attribute):
        return f"{_shown(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "…"


def _opened(tree: ast.AST) -> set[str]:
    """Return what in a module opens a file, or parses TOML."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            forbidden = {"tomllib", "tomli", "importlib.metadata"}
            found |= {one.name for one in node.names if one.name in forbidden}
        elif isinstance(node, ast.ImportFrom):
            if node.module == "importlib.metadata":
                found |= {f"{node.module}.{one.name}" for one in node.names} & {
                    f"{node.module}.{one}" for one in METADATA
                }
            if node.module in {"tomllib", "tomli", "os", "io", "shutil", "codecs"}:
                names = {one.name for one in node.names}
                found |= {f"{node.module}.{one}" for one in names & (METHODS | LOADERS)}
        elif isinstance(node, ast.Call):
            name = _shown(node.func)
            owner, _, last = name.rpartition(".")
            if (
                name == "open"
                or (owner and last in METHODS - {"copy"})
                or (owner in MODULES and last in LOADERS | METHODS)
                or (last == "read" and "parser" in owner.lower())
            ):
                found.add(name)
    return found


def test_no_other_place_opens_a_file() -> None:
    found = {
        (str(path.relative_to(PACKAGE)).replace(os.sep, "/"), what)
        for path in PACKAGE.rglob("*.py")
        for what in _opened(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == {*ALLOWED}


@pytest.mark.parametrize(
    "code",
    [
        "open(name)",
        "path.open('rb')",
        "Path(name).read_text()",
        "(folder / name).read_bytes()",
        "os.open(name, 0)",
        "io.open(name)",
        "from io import open",
        "import tomllib",
        "import tomli as tomllib",
        "numpy.load(name)",
        "shutil.copyfile(name, other)",
        "parser.read(name)",
        "configparser.ConfigParser().read(name)",
        "gzip.open(name)",
        "zipfile.ZipFile(name)",
        "from importlib.metadata import version",
        "import importlib.metadata",
    ],
)
def test_the_rule_sees_every_way(code: str) -> None:
    assert _opened(ast.parse(code))


def test_a_regular_file_also_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    (tmp_path / "link").symlink_to("file")
    for path in (tmp_path / "file", str(tmp_path / "link")):
        assert load(path, 10) == read_whole(path, 10) == b"0123456789"
        assert read_head(path, 3) == b"012"
        assert read_head(path, 3, start=8) == b"89"
        with pytest.raises(TooLargeError):
            load(path, 9)
        assert read_whole(path, 9) is None
    assert load("/proc/self/status", 100_000)  # its size is given as 0


def test_anything_else_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    os.mkfifo("pipe")
    Path("to-pipe").symlink_to("pipe")
    Path("zero").symlink_to("/dev/zero")
    Path("null").symlink_to("/dev/null")
    Path("loop").symlink_to("loop")
    Path("nothing").symlink_to("elsewhere")
    Path("folder").mkdir()
    Path("sparse").touch()
    os.truncate("sparse", 6 << 30)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        started = time.monotonic()
        for name, kind in {
            "pipe": NotRegularError,
            "to-pipe": NotRegularError,
            "zero": NotRegularError,
            "null": NotRegularError,
            "socket": NotRegularError,
            "folder": IsADirectoryError,
            "loop": OSError,
            "nothing": FileNotFoundError,
            "sparse": TooLargeError,
            "a\0b": OSError,
        }.items():
            with pytest.raises(kind):
                load(name, 1 << 20)
            assert read_whole(name, 1 << 20) is None
            if name != "sparse":
                assert read_head(name, 10) is None
        assert time.monotonic() - started < 1


def test_a_file_that_becomes_a_pipe_after_the_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.touch()
    look = os.stat

    def exchange(*args: object, **kwargs: object) -> os.stat_result:
        found = look(*args, **kwargs)  # type: ignore[arg-type]
        path.unlink()
        os.mkfifo(path)
        return found

    monkeypatch.setattr(os, "stat", exchange)
    before = len([*Path("/proc/self/fd").iterdir()])
    with pytest.raises(NotRegularError):
        open_regular(path)
    assert len([*Path("/proc/self/fd").iterdir()]) == before


ENDLESS = {
    "array": "x = " + "[" * 100_000,
    "closed array": "x = " + "[" * 100_000 + "]" * 100_000,
    "table": "x = " + "{a = " * 30_000,
    "key": "a." * 100_000 + "a = 1",
    "header": "[" + "a." * 100_000 + "a]",
    "quoted key": '"a".' * 50_000 + "a = 1",
    "key in a table": "x = {" + "a . " * 50_000 + "a = 1}",
    "keys": ("a." * 500 + "a = 1\n") * 250,
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_toml_without_end_is_refused_at_once(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(ValueError, match=r"nested deeper|a key has more than"):
        parse_toml(text)
    assert time.monotonic() - started < 2


WIDE = {
    "keys": lambda n: "".join(f"k{i} = 1\n" for i in range(n // 13)),
    "long keys": lambda n: (
        f"[{'.'.join('abcdefghijklmnop')}]\n"
        + "".join(f"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p{i}=1\n" for i in range(n // 39))
    ),
    "numbers": lambda n: f"x = [{'1,' * (n // 2 - 10)}]",
    "tables": lambda n: f"x = [{'{a=1},' * (n // 6 - 2)}]",
    "headers": lambda n: "".join(f"[t{i}]\n" for i in range(n // 9)),
    "arrays of tables": lambda n: "[[a]]\n" * (n // 6),
    "unclosed": lambda n: '\\"""\n' * (n // 5),
    "quotes": lambda n: '"' * n,
    "apostrophes": lambda n: "'" * n,
    "backslashes": lambda n: 'x = """' + "\\" * (n - 10),
    "dots": lambda n: "." * n,
}


@pytest.mark.parametrize("make", WIDE.values(), ids=WIDE)
def test_toml_as_wide_as_it_may_be_takes_seconds(make: object) -> None:
    text = make(MAX_CONFIG)  # type: ignore[operator]
    started = time.monotonic()
    with suppress(ValueError):
        parse_toml(text)
    assert time.monotonic() - started < 8, "on a slow machine; 0.7 s on a fast one"


def test_what_looks_deep_and_is_a_text_or_a_comment() -> None:
    brackets, dots = "[{" * MAX_DEPTH, "a." * MAX_PARTS
    text = f"""# {brackets} {dots}
one = "{brackets} \\" {dots}"
two = '{brackets} {dots}'
three = \"\"\"{brackets} "" \\\"\"\" {dots}\"\"\"\"\"
four = '''{brackets} '' {dots}'''''
five = [{"1.5, " * 100}]
"six" = {{"{dots}" = "[["}}
"""
    assert [*parse_toml(text)] == ["one", "two", "three", "four", "five", "six"]


@pytest.mark.parametrize("end", ['"', '""', "'", "''"])
def test_quotes_before_those_that_close_a_text(end: str) -> None:
    """Taken for the beginning of another text, they would hide the brackets behind them."""
    quotes = end[0] * 3
    text = "".join(f"k{i} = [{quotes}a{end}{quotes}]\n" for i in range(2 * MAX_DEPTH))
    assert len(parse_toml(text)) == 2 * MAX_DEPTH


def test_the_limits_are_beyond_what_people_write() -> None:
    text = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert parse_toml(text)["project"]["name"] == "jupyter_repro"
    assert parse_toml("x = " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert parse_toml(".".join("a" * MAX_PARTS) + " = 1")


HOSTILE = st.text(alphabet="a.=[]{}#\"' ,\\", max_size=6)


def _basic(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


TEXTS = st.one_of(
    HOSTILE.map(lambda text: f'"{_basic(text)}"'),
    HOSTILE.map(lambda text: f"'{text.replace(chr(39), '')}'"),
    # Up to two quotes may stand before the three that close it
    st.tuples(HOSTILE, st.sampled_from(["", '"', '""'])).map(
        lambda pair: f'"""\n{_basic(pair[0])}{pair[1]}"""'
    ),
    st.tuples(HOSTILE, st.sampled_from(["", "'", "''"])).map(
        lambda pair: f"'''{pair[0].replace(chr(39), '')}\n{pair[1]}'''"
    ),
)


@given(st.lists(st.tuples(TEXTS, HOSTILE, st.integers(0, 5), st.integers(1, 5)), max_size=8))
def test_brackets_and_dots_are_counted_where_they_are_no_text(
    entries: list[tuple[str, str, int, int]],
) -> None:
    tomllib = pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    lines = []
    for number, (text, key, depth, parts) in enumerate(entries):
        name = f'"{_basic(key)}" . ' * (parts - 1) + f"k{number}"
        lines.append(f"{name} = {'[' * depth}{text}{']' * depth}#{key}\n")
    document = "".join(lines)
    try:
        expected = tomllib.loads(document)
    except ValueError:  # a key that is there already
        return
    fits = all(depth <= 3 and parts <= 3 for _, _, depth, parts in entries)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(toml_text, "MAX_DEPTH", 3)
        patch.setattr(toml_text, "MAX_PARTS", 3)
        if fits:
            assert parse_toml(document) == expected
        else:
            with pytest.raises(ValueError, match=r"it is nested deeper|a key has more"):
                parse_toml(document)
