"""What was exported, installed by the tools that it is for, and captured again: the same."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_repro.capturing.probes import conda
from jupyter_repro.capturing.sources.conda.details import read_details
from jupyter_repro.formats.exporters.formats import FORMATS, export, make_request
from jupyter_repro.formats.exporters.request import CannotExportError
from jupyter_repro.model.snapshot import CondaLayer, Snapshot
from jupyter_repro.safety.world import current_world
from tests.conda import channel
from tests.conda.channel import SUBDIR
from tests.conda.conftest import INSTALLED, REQUESTED, Built
from tests.served import served_folder
from tests.unit.support.factories import make_layers, make_snapshot

pytestmark = pytest.mark.conda

CHILD = Path(__file__).with_name("lock_child.py")
CONDA_LOCK = Path(sys.prefix) / "conda-lock" / "bin"
"""An environment of its own: `make .venv/conda-lock.stamp`."""


@dataclasses.dataclass(frozen=True)
class Served:
    """A channel over http, a prefix from it, and what was captured there."""

    address: str
    prefix: Path
    snapshot: Snapshot
    folder: Path

    def export(self, name: str, *, prefix: Path | None = None) -> str:
        request = make_request(self.snapshot, Path("/"), prefix=prefix)
        return export(FORMATS[name], request).text

    def install(self, action: str, file: Path) -> tuple[CondaLayer, list[dict[str, Any]]]:
        """Install a file into a fresh prefix; return what is there, and what it was told."""
        prefix = self.folder / f"again-{len([*self.folder.iterdir()])}"
        task = {
            "action": action,
            "file": str(file),
            "channel": self.address,
            "subdir": SUBDIR,
            "prefix": str(prefix),
            "cache": str(self.folder / "cache"),
        }
        done = subprocess.run(
            [sys.executable, CHILD],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told: list[dict[str, Any]] = json.loads(done.stdout)
        return captured(prefix), told


def captured(prefix: Path) -> CondaLayer:
    return conda.collect(dataclasses.replace(current_world(), prefix=prefix))


@pytest.fixture(scope="module")
def served(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with served_folder(built.channel.parent) as base:
        address = f"{base}/{built.channel.name}"
        prefix = folder / "first"
        channel.run_rattler(
            "install",
            channel=address,
            subdir=SUBDIR,
            prefix=str(prefix),
            specs=REQUESTED,
            cache=str(folder / "first-cache"),
        )
        layers = make_layers(system={"platform": SUBDIR}, packages={"packages": []})
        layers = msgspec.structs.replace(layers, conda=captured(prefix))
        yield Served(address, prefix, make_snapshot(layers), folder)


def test_explicit(served: Served, tmp_path: Path) -> None:
    text = served.export("explicit")
    (tmp_path / "explicit.txt").write_text(text)
    again, _ = served.install("explicit", tmp_path / "explicit.txt")
    assert again.packages == served.snapshot.layers.conda.packages
    assert sum(map(len, again.packages.values())) == len(INSTALLED)
    assert text.count(f"{served.address}/") == len(INSTALLED)


def test_a_wrong_digest_is_not_installed(served: Served, tmp_path: Path) -> None:
    """The round trip can fail: the digest in the file is what the installer goes by."""
    head, _, digest = served.export("explicit").rstrip("\n").rpartition(":")
    wrong = "0" if digest[0] != "0" else "1"
    (tmp_path / "explicit.txt").write_text(f"{head}:{wrong}{digest[1:]}\n")
    with pytest.raises(AssertionError, match="KeyError"):
        served.install("explicit", tmp_path / "explicit.txt")


def test_pixi_lock(served: Served, tmp_path: Path) -> None:
    (tmp_path / "pixi.lock").write_text(served.export("pixi.lock"))
    again, records = served.install("lock", tmp_path / "pixi.lock")
    assert again.packages == served.snapshot.layers.conda.packages
    assert all(record["depends"] == [] for record in records)


def test_pixi_lock_in_the_environment_itself_has_the_dependencies(
    served: Served, tmp_path: Path
) -> None:
    (tmp_path / "pixi.lock").write_text(served.export("pixi.lock", prefix=served.prefix))
    again, records = served.install("lock", tmp_path / "pixi.lock")
    assert again.packages == served.snapshot.layers.conda.packages
    depends = {record["name"]: record["depends"] for record in records}
    assert depends["delta"] == ["gamma >=0.1"]
    assert depends["alpha"] == ["python"]


def test_conda_lock(served: Served, tmp_path: Path) -> None:
    """Its own tool reads it, and what that makes of it installs the same."""
    (tmp_path / "conda-lock.yml").write_text(served.export("conda-lock.yml", prefix=served.prefix))
    rendered = render(tmp_path, "explicit")
    again, _ = served.install("explicit", rendered)
    assert again.packages == served.snapshot.layers.conda.packages


def test_conda_lock_reads_what_is_in_it(served: Served, tmp_path: Path) -> None:
    text = served.export("conda-lock.yml", prefix=served.prefix)
    (tmp_path / "conda-lock.yml").write_text(text)
    code = (
        "import json, pathlib, sys; from conda_lock.lockfile import parse_conda_lock_file as parse;"
        "found = parse(pathlib.Path(sys.argv[1]));"
        "print(json.dumps([[p.name, p.version, p.url, p.hash.sha256, p.dependencies]"
        " for p in found.package]))"
    )
    found = json.loads(run_tool("python", "-c", code, str(tmp_path / "conda-lock.yml")))
    by_name = {name: rest for name, *rest in found}
    assert by_name.keys() == {stem.split("-")[0] for stem in INSTALLED}
    assert by_name["delta"][3] == {"gamma": ">=0.1"}
    assert by_name["beta"][1].startswith(f"{served.address}/{SUBDIR}/beta-2.0-cuda_0")
    assert all(len(one[2]) == 64 for one in by_name.values())


def test_conda_lock_needs_the_environment_for_its_md5(served: Served) -> None:
    with pytest.raises(CannotExportError, match="needs md5 digests"):
        served.export("conda-lock.yml")


def test_another_environment_s_records_tell_nothing(served: Served) -> None:
    meta = served.prefix / "conda-meta"
    name = "delta-3.1.4-h0_0.conda"
    digest = next(
        line.partition("#")[2]
        for lines in served.snapshot.layers.conda.packages.values()
        for line in lines
        if line.startswith(name)
    )
    assert [*read_details(meta, [(name, digest)])] == [name]
    assert read_details(meta, [(name, "0" * 64)]) == {}
    assert read_details(meta, [(name, "")]) == {}
    assert read_details(meta, [("delta-3.1.4-h0_0.tar.bz2", digest)]) == {}
    assert read_details(meta, [("none-1-0.conda", digest)]) == {}
    assert read_details(meta / "gone", [(name, digest)]) == {}


def render(folder: Path, kind: str) -> Path:
    """Let conda-lock make an explicit file of the lock."""
    run_tool(
        *("conda-lock", "render", "--kind", kind, "--platform", SUBDIR),
        *("--filename-template", str(folder / "rendered-{platform}.txt")),
        str(folder / "conda-lock.yml"),
        cwd=folder,
    )
    return next(folder.glob("rendered-*"))


def run_tool(program: str, *arguments: str, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [CONDA_LOCK / program, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
