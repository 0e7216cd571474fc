"""What engines note, and what the plan says: against the records of a real micromamba 2.0.5."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.restore.installed import (
    NotInstalledError,
    correct_history,
    distributions_in,
    name_originals,
    require_cached,
    require_distributions,
    require_installed,
)
from jupyter_repro.install.restore.python_plan import PythonStep
from jupyter_repro.packages.pins import PythonPin

FILE = Path(__file__).parents[2] / "fixtures" / "conda" / "micromamba-2.0.5.json"
RUNS: dict[str, dict[str, Any]] = json.loads(FILE.read_text())["runs"]
LOCAL = "local files as we give them"
HTTP = "right files over http"
EVIL = "an exchanged file over http"
CHANNEL = "https://conda.example.org/main"


def planned(run: str) -> list[Record]:
    """Return the packages of the list that the program was given."""
    records = []
    for line in RUNS[run]["file"].splitlines()[1:]:
        url, _, sha256 = line.partition("#sha256:")
        channel, subdir, file = url.rsplit("/", 2)
        stem = file.removesuffix(".conda").removesuffix(".tar.bz2")
        name, version, build = stem.rsplit("-", 2)
        facts = {"name": name, "version": version, "build": build, "file_name": file}
        records.append(Record(url=url, channel=channel, subdir=subdir, sha256=sha256, **facts))
    return records


def prefix_of(run: str, folder: Path) -> Path:
    """Write the records that the program has written."""
    (folder / "conda-meta").mkdir()
    for name, record in RUNS[run]["conda-meta"].items():
        (folder / "conda-meta" / name).write_text(json.dumps(record))
    return folder


@pytest.mark.parametrize("run", [HTTP, LOCAL])
def test_what_it_has_installed_is_the_plan(run: str, tmp_path: Path) -> None:
    require_installed(prefix_of(run, tmp_path), planned(run), "micromamba")


@pytest.mark.parametrize("run", ["download only", "dry run"])
def test_status_0_is_no_installation(run: str, tmp_path: Path) -> None:
    assert RUNS[run]["status"] == 0
    with pytest.raises(NotInstalledError, match=r"gamma-0.1-pyh_0 is missing; alpha-1.2.0-0 is"):
        require_installed(prefix_of(run, tmp_path), planned(run), "micromamba")


def test_its_records_tell_nothing_of_an_exchanged_file(tmp_path: Path) -> None:
    """So no engine is given what was not hashed before."""
    run = RUNS[EVIL]
    assert (run["status"], "pwned" in run["files"]) == (0, True)
    require_installed(prefix_of(EVIL, tmp_path), planned(EVIL), "micromamba")
    assert not {"sha256", "md5"} & run["conda-meta"]["alpha-1.2.0-0.json"].keys()
    listed = {one.file_name: one.sha256 for one in planned(EVIL)}
    assert run["cached"]["alpha-1.2.0-0.conda"] != listed["alpha-1.2.0-0.conda"]
    assert RUNS["a script that fails"]["status"] == 0


def test_records_are_made_to_tell_the_channel_and_the_hash(tmp_path: Path) -> None:
    copied = planned(LOCAL)
    originals = [
        msgspec.structs.replace(
            one, url=f"{CHANNEL}/{one.subdir}/{one.file_name}", channel=CHANNEL, md5="b" * 32
        )
        for one in copied
    ]
    prefix = prefix_of(LOCAL, tmp_path)
    name_originals(prefix, originals, copied)
    for one in originals:
        before = RUNS[LOCAL]["conda-meta"][f"{one.stem}.json"]
        after = json.loads((prefix / "conda-meta" / f"{one.stem}.json").read_text())
        told = {"url": one.url, "channel": CHANNEL, "sha256": one.sha256, "md5": one.md5}
        assert after == {**before, **told}
    require_installed(prefix, originals, "micromamba")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "alfa"}, "has the name 'alfa'"),
        ({"version": "6"}, "has the version '6'"),
        ({"build": "1"}, "has the build '1'"),
        ({"url": "https://x/y/alpha-6-0.conda"}, "was installed from 'alpha-6-0.conda'"),
        ({"sha256": "0" * 64}, "has the sha256 000000000000…, not "),
        ({"version": 6}, "cannot be read"),
    ],
)
def test_another_package_is_named(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = prefix_of(LOCAL, tmp_path) / "conda-meta" / "alpha-1.2.0-0.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(NotInstalledError) as told:
        require_installed(tmp_path, planned(LOCAL), "micromamba")
    assert said in str(told.value)
    assert "alpha-1.2.0-0" in str(told.value)
    assert "gamma" not in str(told.value)


def test_what_it_has_kept_is_hashed(tmp_path: Path) -> None:
    require_cached(tmp_path, planned(LOCAL), "micromamba")
    (tmp_path / "alpha-1.2.0-0.conda").write_bytes(b"another file")
    with pytest.raises(NotInstalledError, match=r"alpha-1.2.0-0.conda is not the file"):
        require_cached(tmp_path, planned(LOCAL), "micromamba")


def step(name: str, version: str) -> PythonStep:
    return PythonStep(PythonPin(name=name, version=version), version)


def test_python_packages_are_compared_by_name_and_version(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("conda_made-1.0", "My.Pkg-2.0.post1", "local-1.0+cpu"):
        (site / f"{name}.dist-info").mkdir(parents=True)
    before = {"conda-made": "1.0"}
    right = [step("my-pkg", "2.0.post1"), step("local", "1.0+cpu")]
    assert distributions_in(tmp_path) == {
        "conda-made": "1.0",
        "my-pkg": "2.0.post1",
        "local": "1.0+cpu",
    }
    require_distributions(tmp_path, before, right, "pip")
    for steps, said in (
        ([*right, step("gone", "1")], "gone is missing"),
        (right[:1], "local was not asked for"),
        ([step("my_pkg", "2.1"), right[1]], r"my-pkg has the version '2.0.post1'"),
    ):
        with pytest.raises(NotInstalledError, match=said):
            require_distributions(tmp_path, before, steps, "pip")


@pytest.mark.parametrize("requested", [["alpha >=1.2,<2", "gamma"], []])
def test_the_history_of_an_engine_names_where_the_packages_came_from(
    tmp_path: Path, requested: list[str]
) -> None:
    originals = planned(HTTP)
    copies = [
        msgspec.structs.replace(one, channel=f"file:///home/bob/.cache/jupyter_repro/{number}")
        for number, one in enumerate(originals)
    ]
    lines = ["==> 2026-12-01 12:00:00 <==", "# cmd: conda create", "# conda version: 26.7.0"]
    lines += [f"+{one.channel}/{one.subdir}::{one.stem}" for one in copies]
    specs = [f"{one.channel}/{one.subdir}::{one.name}=={one.version}" for one in copies]
    lines += [f"# update specs: {specs!r}"]
    (tmp_path / "conda-meta").mkdir()
    path = tmp_path / "conda-meta" / "history"
    path.write_text("\n".join(lines) + "\n")
    correct_history(tmp_path, originals, copies, requested)
    text = path.read_text()
    assert "bob" not in text
    assert text.splitlines()[:3] == lines[:3]
    for one in originals:
        assert f"+{one.channel}/{one.subdir}::{one.stem}\n" in text
    if requested:
        assert text.splitlines()[-1] == f"# update specs: {requested!r}"
        assert text.count(" specs:") == 1
    else:
        assert text.splitlines()[-1].count("::") == len(originals)


def test_rattler_leaves_an_empty_history(tmp_path: Path) -> None:
    correct_history(tmp_path, [], [], ["alpha"])
    assert not (tmp_path / "conda-meta").exists()
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "history").touch()
    correct_history(tmp_path, [], [], ["alpha"])
    assert (tmp_path / "conda-meta" / "history").read_text() == ""
