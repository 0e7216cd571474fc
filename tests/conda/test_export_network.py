"""An export that asks: an index for digests, a channel for the packages of another platform."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec
import pytest
import yaml

from jupyter_repro.install.places.trust import load_trust
from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.snapshot import Snapshot
from tests.conda.channel import SUBDIR, make_package, write_channel
from tests.conda.http_channel import Site, index_page, serve
from tests.conda.solving import make_world, notebook_of, snapshot_of
from tests.unit.support.command_line import jupyter_repro
from tests.unit.support.factories import snapshot_with

pytestmark = pytest.mark.conda

ELSEWHERE = "osx-arm64" if SUBDIR != "osx-arm64" else "linux-64"
WHEEL = "rich-13.7.0-py3-none-any.whl"


def allow(
    home: Path, *, channels: tuple[str, ...] = (), indexes: tuple[str, ...] = ()
) -> dict[str, str]:
    """Remember a consent, and return the variables of a process that has it and nothing else."""
    config, cache = str(home / "config"), str(home / "cache")
    environ = {"XDG_CONFIG_HOME": config, "XDG_CACHE_HOME": cache, "PIP_INDEX_URL": ""}
    load_trust(make_world(home, **environ), allow_channels=channels, allow_indexes=indexes)
    return {
        **environ,
        "HOME": str(home),
        "PIP_CONFIG_FILE": "/dev/null",
        "XDG_CONFIG_DIRS": "/none",
    }


def with_packages(snapshot: Snapshot, more: dict[str, list[str]]) -> Snapshot:
    conda = snapshot.layers.conda
    conda = msgspec.structs.replace(conda, packages={**conda.packages, **more})
    layers = msgspec.structs.replace(snapshot.layers, conda=conda)
    return msgspec.structs.replace(
        snapshot, layers=layers, digest=digest_of(layers, snapshot.third_party)
    )


def test_digests_from_the_index(tmp_path: Path) -> None:
    snapshot = snapshot_with(
        conda={"packages": {}, "channels": []}, packages={"packages": ["rich==13.7.0 [pip]"]}
    )
    (tmp_path / "a.ipynb").write_text(notebook_of(snapshot))
    pages = index_page("rich", {WHEEL: {"hashes": {"sha256": "a" * 64}}})
    with serve(Site(pages=pages)) as site:
        environ = allow(tmp_path, indexes=(site.address,))
        environ["PIP_INDEX_URL"] = site.address
        done = jupyter_repro(
            *("export", "a.ipynb", "-o", "pylock.toml", "--network"), cwd=tmp_path, env=environ
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert site.requests == ["rich/"]
    text = (tmp_path / "pylock.toml").read_text()
    assert f'url = "{site.address.rpartition("/")[0]}' in text
    assert f'sha256 = "{"a" * 64}"' in text


def test_an_index_that_does_not_answer_is_not_one_without_the_package(tmp_path: Path) -> None:
    snapshot = snapshot_with(
        conda={"packages": {}, "channels": []}, packages={"packages": ["rich==13.7.0 [pip]"]}
    )
    (tmp_path / "a.ipynb").write_text(notebook_of(snapshot))
    with serve(Site()) as site:
        address = site.address
    environ = allow(tmp_path, indexes=(address,))
    environ["PIP_INDEX_URL"] = address
    done = jupyter_repro(
        *("export", "a.ipynb", "-o", "pylock.toml", "--network"), cwd=tmp_path, env=environ
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "127.0.0.1" in done.stderr
    assert not (tmp_path / "pylock.toml").exists()


def test_another_platform_is_solved_anew(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    here = [make_package("tool", "1.2.0", "linux_0"), make_package("base", "3.0", "linux_0")]
    there = [
        make_package("tool", "1.2.0", "osx_0", subdir=ELSEWHERE, depends=["base >=3"]),
        make_package("tool", "1.3.0", "osx_0", subdir=ELSEWHERE),
        make_package("base", "3.1", "osx_0", subdir=ELSEWHERE),
    ]
    folder = tmp_path / "channel"
    (folder / ELSEWHERE).mkdir(parents=True)
    digests = write_channel(folder, [*here, *there])
    with serve(Site(folder=tmp_path)) as site:
        address = f"{site.address}/channel"
        snapshot = snapshot_of(here, digests, address, requested=["tool"])
        private = {"file://***/linux-64": ["mine-1.0-py_0.conda"]}
        snapshot = with_packages(snapshot, private)
        (tmp_path / "a.ipynb").write_text(notebook_of(snapshot))
        environ = allow(home, channels=(address,))
        words = ("export", "a.ipynb", "--format", "explicit", "--platform", ELSEWHERE, "--json")
        refused = jupyter_repro(*words, cwd=tmp_path, env=environ)
        assert refused.returncode == 2
        assert "Allow the network" in refused.stderr
        done = jupyter_repro(*words, "--network", cwd=tmp_path, env=environ)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        lines = told["files"]["explicit.txt"].splitlines()
        assert lines[lines.index("@EXPLICIT") + 1 :] == [
            f"{address}/{ELSEWHERE}/{one.file_name}#sha256:{digests[one.file_name]}"
            for one in (there[2], there[0])
        ]
    assert f"# platform: {ELSEWHERE}" in lines
    assert "# mine-1.0-py_0.conda: from a private or local channel" in lines
    assert told["notes"][0].startswith(f"Solved again for {ELSEWHERE} from the versions")


def test_a_conda_lock_gets_the_md5_of_its_packages_from_the_channel(tmp_path: Path) -> None:
    packages = [
        make_package("tool", "1.2.0", "h_0", depends=["base >=3"]),
        make_package("base", "3.0", "h_0"),
    ]
    folder = tmp_path / "channel"
    digests = write_channel(folder, packages)
    with serve(Site(folder=tmp_path)) as site:
        address = f"{site.address}/channel"
        (tmp_path / "a.ipynb").write_text(notebook_of(snapshot_of(packages, digests, address)))
        words = ("export", "a.ipynb", "-o", "conda-lock.yml", "--network")
        other = tmp_path / "other"
        refused = jupyter_repro(*words, cwd=tmp_path, env=allow(other))
        assert refused.returncode == 2
        assert f"--allow-channel {address}" in refused.stderr
        done = jupyter_repro(*words, cwd=tmp_path, env=allow(tmp_path, channels=(address,)))
        assert done.returncode == 0, done.stderr
    found = {
        one["name"]: one
        for one in yaml.safe_load((tmp_path / "conda-lock.yml").read_text())["package"]
    }
    for one in packages:
        file = (folder / one.subdir / one.file_name).read_bytes()
        assert found[one.name]["hash"]["md5"] == hashlib.md5(file).hexdigest()
    assert found["tool"]["dependencies"] == {"base": ">=3"}


def test_a_platform_that_has_no_such_version(tmp_path: Path) -> None:
    here = [make_package("tool", "1.2.0", "linux_0")]
    folder = tmp_path / "channel"
    (folder / ELSEWHERE).mkdir(parents=True)
    digests = write_channel(folder, here)
    with serve(Site(folder=tmp_path)) as site:
        address = f"{site.address}/channel"
        snapshot = snapshot_of(here, digests, address)
        (tmp_path / "a.ipynb").write_text(notebook_of(snapshot))
        environ = allow(tmp_path, channels=(address,))
        words = ("--format", "environment.yml", "--platform", ELSEWHERE, "--network")
        done = jupyter_repro("export", "a.ipynb", *words, cwd=tmp_path, env=environ)
    assert done.returncode == 2
    assert "tool" in done.stderr
    assert "Traceback" not in done.stderr
