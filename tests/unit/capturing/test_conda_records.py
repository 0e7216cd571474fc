from __future__ import annotations

import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.synthetic_prefix import write_prefix
from jupyter_repro.capturing.sources.conda import records as conda_records
from jupyter_repro.capturing.sources.conda.records import CondaRecord, parse_record, read_records
from jupyter_repro.packages.addresses import UNKNOWN, redact_channel, redact_folder, redact_spec

FIXTURES = Path(__file__).parents[2] / "fixtures" / "conda"
STYLES = ("conda-sorted", "conda-26", "libmamba", "rattler")


def only_record(folder: Path) -> CondaRecord:
    (record,) = read_records(folder).records
    return record


@pytest.mark.parametrize("style", STYLES)
def test_reads_a_record_of_every_writer_like_the_whole_text(style: str) -> None:
    (path,) = (FIXTURES / style).iterdir()
    record = only_record(FIXTURES / style)
    assert record == parse_record(path.read_bytes(), path.stem)
    assert record.readable
    assert f"{record.name}-{record.version}-{record.build}" == path.stem


def test_conda_record() -> None:
    record = only_record(FIXTURES / "conda-sorted")
    assert (record.name, record.version, record.build) == ("alpha", "1.2.3", "py311h0123abc_0")
    assert record.folder == "https://repo.anaconda.com/pkgs/main/linux-64"
    assert record.subdir == "linux-64"
    assert record.url == f"{record.folder}/alpha-1.2.3-py311h0123abc_0.conda"
    assert record.requested == ("alpha=1.2",)
    assert len(record.digest or "") == 64


def test_record_of_libmamba_without_sha256_keeps_the_md5() -> None:
    record = only_record(FIXTURES / "libmamba")
    assert len(record.digest or "") == 32
    assert record.fn.endswith(".tar.bz2")
    assert record.folder == "https://conda.anaconda.org/conda-forge/noarch"
    assert record.requested == ()


def test_credentials_in_a_record_of_rattler_do_not_leave_it() -> None:
    record = only_record(FIXTURES / "rattler")
    assert record.folder == "http://channel.example.org:8080/private/linux-64"
    assert record.requested == ("delta >=3",)
    assert "sekret" not in repr(record)
    assert "my-token" not in repr(record)


@pytest.mark.parametrize("style", ["conda-sorted", "conda-26", "rattler"])
def test_list_of_files_is_not_decoded(style: str, tmp_path: Path) -> None:
    (path,) = (FIXTURES / style).iterdir()
    data = path.read_bytes()
    start, end = data.index(b'"paths": [') + 10, data.index(b"]", data.index(b'"paths": ['))
    padding = b"\xff" * 8192  # neither UTF-8 nor JSON
    (tmp_path / path.name).write_bytes(data[:start] + padding + data[start + 50 : end] + data[end:])
    assert only_record(tmp_path) == only_record(FIXTURES / style)


@pytest.mark.parametrize("style", ["conda-sorted", "conda-26", "rattler"])
@pytest.mark.parametrize(
    "change",
    [
        {"version": "9.9"},
        {"url": "https://example.org/linux-64/other-1-0.conda"},
        {"url": "https://example.org/linux-64/another.txt"},
        {"url": None},
        {"sha256": "z" * 64},
        {"sha256": " " * 64},
        {"sha256": "ab" * 31},
        {"sha256": "AB" * 32},
        {"sha256": None},
        {"version": 1},
    ],
    ids=str,
)
def test_record_that_disagrees_with_its_file_name_is_decoded_whole(
    style: str, change: dict[str, Any], tmp_path: Path
) -> None:
    (path,) = (FIXTURES / style).iterdir()
    data = json.dumps(json.loads(path.read_bytes()) | change, indent=2).encode()
    (tmp_path / path.name).write_bytes(data)
    assert only_record(tmp_path) == parse_record(data, path.stem)


@pytest.mark.parametrize("style", ["conda-26", "rattler"])
@pytest.mark.parametrize("change", [{"name": "other"}, {"build": "other_0"}], ids=str)
def test_name_and_build_of_the_record_count_where_they_stand_before_the_files(
    style: str, change: dict[str, str], tmp_path: Path
) -> None:
    (path,) = (FIXTURES / style).iterdir()
    data = json.dumps(json.loads(path.read_bytes()) | change, indent=2).encode()
    (tmp_path / path.name).write_bytes(data)
    record = only_record(tmp_path)
    assert {key: getattr(record, key) for key in change} == change


def test_synthetic_prefix_is_read_like_the_whole_texts(tmp_path: Path) -> None:
    write_prefix(tmp_path / "prefix", 60, 0)
    meta = tmp_path / "prefix" / "conda-meta"
    paths = sorted(meta.glob("*.json"))
    records, total = read_records(meta)
    assert total == len(records) == 60
    assert records == [parse_record(path.read_bytes(), path.stem) for path in paths]
    assert all(record.readable and record.digest for record in records)


# Any layout that a writer may choose, known or not

text = st.text(st.characters(codec="utf-8"), max_size=12)
tricky = st.sampled_from(
    [
        'lib/a"files": [b',
        '"files": [',
        '\\"files\\": [',
        "\n  },\n",
        '\n  },\n  "url": "https://evil.example.org/linux-64/x-1-0.conda",\n',
        '"requested_spec": "x"',
        "lib/\u00e9\u2028.py",
        "}" * 9,
    ]
)
word = st.from_regex(r"[a-z0-9_]{1,8}", fullmatch=True)
name = st.from_regex(r"[a-z][a-z0-9_.-]{0,12}", fullmatch=True)
version = st.from_regex(r"[0-9]{1,3}(\.[0-9a-z+!]{1,4}){0,3}", fullmatch=True)
digest = st.sampled_from(["0" * 64, "ab" * 32, "AB" * 32, "", "no digest", "z" * 64, None])
spec = st.sampled_from(["numpy", "", "None", None, "numpy >=1.2,<2", "c::numpy[version='>1']"])
ADDRESSES = (
    "https://conda.anaconda.org/conda-forge/linux-64/",
    "http://bob:sekret@127.0.0.1:8080/t/token-9/private/noarch/",
    "file:///home/bob/channel/linux-64/",
    "file:///home/bob/",
    "https://host:37385********/x/linux-64/",
    "",
)
ENDINGS = ("", "?key=1", "#" + "0" * 32)


@st.composite
def records(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    stem = f"{draw(name)}-{draw(version)}-{draw(word)}"
    recorded = stem.rsplit("-", 2)
    files = draw(st.lists(tricky | text, max_size=4)) * draw(st.sampled_from([40, 400, 1, 0]))
    # Half of them are such as writers write, so that both ways of reading are taken
    usual = draw(st.booleans())
    url = draw(st.sampled_from(ADDRESSES[:2] if usual else ADDRESSES))
    fn = stem + draw(st.sampled_from([".conda", ".tar.bz2"]))
    record = {
        "name": recorded[0],
        "version": recorded[1],
        "build": recorded[2],
        "channel": draw(st.sampled_from(["conda-forge", "conda-forge/linux-64", url, None])),
        "subdir": draw(st.sampled_from(["linux-64", "noarch", None])),
        "fn": fn,
        "md5": draw(st.sampled_from(["cd" * 16, None])),
        "url": url + fn + draw(st.sampled_from([""] if usual else ENDINGS)) if url else None,
        "sha256": "ab" * 32 if usual else draw(digest),
        "depends": draw(st.lists(text, max_size=3)),
        "files": files,
        "paths_data": {"paths_version": 1, "paths": [{"_path": f, "n": [1]} for f in files]},
        "link": {"source": draw(tricky | text), "type": 1},
        "requested_spec": draw(spec),
        "requested_specs": draw(st.lists(st.just("numpy") | text, max_size=2) | st.none()),
        "run_exports": draw(st.sampled_from([{}, {"weak": ["x"]}, None])),
    }
    dropped = set() if usual else draw(st.sets(st.sampled_from(sorted(record)), max_size=4))
    return stem, {key: value for key, value in record.items() if key not in dropped}


def sorted_keys(record: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(record.items()))


def rattler_keys(record: dict[str, Any]) -> dict[str, Any]:
    late = ("version", "fn", "url", "channel", "files", "paths_data", "link", "requested_specs")
    early = sorted(set(record) - set(late) - {"requested_spec"})
    return {key: record[key] for key in (*early, *late) if key in record}


@given(
    records(),
    st.sampled_from([sorted_keys, rattler_keys, dict]),
    st.sampled_from([2, 4, 2, None, 1, 3, "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_fast_reader_agrees_with_the_full_one(
    stem_and_record: tuple[str, dict[str, Any]],
    order: Any,
    indent: int | str | None,
    newline: str,
    ascii_only: bool,  # noqa: FBT001 - a drawn value
) -> None:
    stem, record = stem_and_record
    written = json.dumps(order(record), indent=indent, ensure_ascii=ascii_only)
    data = (written + "\n").replace("\n", newline).encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{stem}.json").write_bytes(data)
        found = only_record(Path(folder))
        (without,) = read_records(Path(folder), requested=False).records
    assert found == parse_record(data, stem)
    assert without == parse_record(data, stem, requested=False)
    assert found.readable or not ({"name", "version", "url"} <= set(record))
    assert "sekret" not in repr(found)
    assert "token-9" not in repr(found)
    assert "bob" not in repr(found)


@given(st.binary(max_size=3000) | st.binary(max_size=50).map(lambda part: b'{\n  "' + part * 99))
def test_any_bytes_are_a_record_or_a_file_name(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "zlib-1.3.1-h4ab18f5_1.json").write_bytes(data)
        found = only_record(Path(folder))
    assert found == parse_record(data, "zlib-1.3.1-h4ab18f5_1")


# Records that cannot be read

UNREADABLE = CondaRecord(
    "zlib", "1.3.1", "h4ab18f5_1", UNKNOWN, "zlib-1.3.1-h4ab18f5_1", readable=False
)
STEM = "zlib-1.3.1-h4ab18f5_1.json"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe", b'{"name": 1}'])
def test_garbage_degrades_to_the_file_name(data: bytes, tmp_path: Path) -> None:
    (tmp_path / STEM).write_bytes(data)
    assert only_record(tmp_path) == UNREADABLE


@pytest.mark.parametrize("style", STYLES)
def test_half_written_record_degrades_to_the_file_name(style: str, tmp_path: Path) -> None:
    (path,) = (FIXTURES / style).iterdir()
    data = path.read_bytes()
    (tmp_path / STEM).write_bytes(data[: len(data) // 2])
    assert only_record(tmp_path) == UNREADABLE


def test_symlink_loop_folder_and_dangling_link_degrade(tmp_path: Path) -> None:
    (tmp_path / STEM).symlink_to(tmp_path / STEM)
    (tmp_path / "a-1-0.json").mkdir()
    (tmp_path / "b-1-0.json").symlink_to(tmp_path / "nowhere")
    records = read_records(tmp_path).records
    assert [record.name for record in records] == ["a", "b", "zlib"]
    assert not any(record.readable for record in records)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_named_pipe_and_socket_do_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / STEM)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "a-1-0.json"))
        assert [record.readable for record in read_records(tmp_path).records] == [False, False]


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
def test_forbidden_record_degrades(tmp_path: Path) -> None:
    (tmp_path / STEM).write_text("{}")
    (tmp_path / STEM).chmod(0)
    assert only_record(tmp_path) == UNREADABLE


def test_huge_record_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conda_records, "MAX_RECORD_BYTES", 5_000)
    data = {"name": "zlib", "version": "1.3.1", "url": "https://x.org/noarch/zlib-1.3.1-0.conda"}
    for size, readable in ((4_000, True), (6_000, False)):
        (tmp_path / STEM).write_text(json.dumps(data | {"files": "x" * size}))
        assert only_record(tmp_path).readable is readable


def test_more_records_than_the_limit_are_counted_but_not_read(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"p{number:02}-1-0.json").write_text("{}")
    (tmp_path / "history").touch()
    (tmp_path / ".hidden-1-0.json").touch()
    records, total = read_records(tmp_path, limit=5)
    assert total == 20
    assert [record.name for record in records] == ["p00", "p01", "p02", "p03", "p04"]


def test_control_characters_in_a_file_name_are_not_kept(tmp_path: Path) -> None:
    (tmp_path / "evil\x1b[2J\u202e-1-0.json").write_text("{}")
    assert only_record(tmp_path).fn.isprintable()


# Where a package came from


@pytest.mark.parametrize(
    ("url", "channel", "folder"),
    [
        (None, "https://repo.anaconda.com/pkgs/main/osx-64", "https://repo.anaconda.com/pkgs/main/osx-64"),
        (None, "https://conda.anaconda.org/conda-forge/", "https://conda.anaconda.org/conda-forge/osx-64"),
        (None, "https://conda.anaconda.org/conda-forge", "https://conda.anaconda.org/conda-forge/osx-64"),
        (None, "conda-forge/osx-64", "conda-forge/osx-64"),
        (None, "conda-forge", "conda-forge/osx-64"),
        (None, "<unknown>", UNKNOWN),
        (None, None, UNKNOWN),
        ("file:///home/bob/channel/osx-64/zlib-1.3.1-0.conda", None, "file://***/osx-64"),
        ("file:///home/bob/zlib-1.3.1-0.conda", None, "file://***"),
        ("https://h.org/t/tok-1/c/osx-64/zlib-1.3.1-0.conda", None, "https://h.org/c/osx-64"),
        ("https://h.org/c/osx-64/zlib-1.3.1-0.conda?sig=a/b", None, "https://h.org/c/osx-64"),
    ],
)  # fmt: skip
def test_channel_folder(url: str | None, channel: str | None, folder: str) -> None:
    record = {"name": "zlib", "version": "1.3.1", "build": "0", "subdir": "osx-64"}
    data = json.dumps(record | {"url": url, "channel": channel, "fn": "zlib-1.3.1-0.conda"})
    found = parse_record(data.encode(), "zlib-1.3.1-0")
    assert found.folder == folder
    assert found.fn == "zlib-1.3.1-0.conda"


def test_masked_channel_survives() -> None:
    assert redact_folder("https://host:37385********/x/linux-64").endswith("/x/linux-64")
    assert "sekret" not in redact_folder("https://bob:sekret@host:x/linux-64")
    assert "sekret" not in redact_channel("https://bob:sekret@[::1")


@pytest.mark.parametrize(
    ("channel", "stored"),
    [
        ("conda-forge/label/broken", "conda-forge/label/broken"),
        ("t/tok-1/private", "private"),
        ("https://bob:sekret@h.org/t/tok-1/private/", "https://h.org/private/"),
        ("/home/bob/channel", "file://***"),
        ("~/channel", "file://***"),
        ("C:\\Users\\bob", "file://***"),
        ("bob:sekret@h.org/private", "***"),
    ],
)
def test_channels_are_redacted(channel: str, stored: str) -> None:
    assert redact_channel(channel) == stored


@pytest.mark.parametrize(
    ("spec", "stored"),
    [
        ("numpy >=1.2,<2", "numpy >=1.2,<2"),
        ("conda-forge::numpy=1", "conda-forge::numpy=1"),
        ("https://b:sekret@h.org/t/tok-1/c/linux-64::numpy==1=0", "https://h.org/c/linux-64::numpy==1=0"),
        ("numpy[url='https://b:sekret@h.org/numpy-1-0.conda']", "numpy[url='https://h.org/numpy-1-0.conda']"),
    ],
)  # fmt: skip
def test_specifications_are_redacted(spec: str, stored: str) -> None:
    assert redact_spec(spec) == stored
