"""requirements.txt and pylock.toml, installed by pip and uv into fresh environments."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from jupyter_repro.capturing.probes import packages
from jupyter_repro.model.snapshot import PackagesLayer, Snapshot
from jupyter_repro.packages.lines import parse_distribution
from jupyter_repro.safety.world import current_world
from tests.served import served_folder
from tests.unit.support.exports import File, text_of
from tests.unit.support.factories import make_layers, make_snapshot

UV = Path(sysconfig.get_path("scripts")) / "uv"
ENVIRON = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))},
    "PIP_CONFIG_FILE": os.devnull,
    "UV_NO_CONFIG": "1",
    "UV_PYTHON_DOWNLOADS": "never",
}


def write_wheel(folder: Path, name: str, version: str) -> Path:
    """Write a wheel of one module."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"__version__ = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in (*files.items(), (f"{info}/RECORD", record)):
            archive.writestr(member, text)
    return path


@dataclasses.dataclass(frozen=True)
class Index:
    """An index of wheels over http, an environment that has some, and what was captured in it."""

    folder: Path
    address: str
    snapshot: Snapshot

    def files_of(self, name: str) -> list[File]:
        return [
            File(
                wheel.name,
                f"{self.address}/{name}/{wheel.name}",
                hashlib.sha256(wheel.read_bytes()).hexdigest(),
            )
            for wheel in sorted((self.folder / name).glob("*.whl"))
        ]


def run(*command: str | Path) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=ENVIRON, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def make_venv(folder: Path) -> Path:
    """Make a virtual environment without pip, and return its Python."""
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    return folder / "bin" / "python"


def pip(python: Path, *arguments: str | Path) -> None:
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", *arguments)


def uv(python: Path, *arguments: str | Path) -> None:
    run(UV, "pip", "install", "--no-cache", "--no-deps", "--python", python, *arguments)


INSTALL = {"pip": pip, "uv": uv}


def captured(python: Path) -> PackagesLayer:
    site = next((python.parents[1] / "lib").glob("python*/site-packages"))
    world = dataclasses.replace(
        current_world(), prefix=python.parents[1], sys_path=(str(site),), memo={}
    )
    return packages.collect(world)


def what_is_there(layer: PackagesLayer) -> set[tuple[str, str, str]]:
    """Return name, version and address. uv keeps no digest of the file that an address gave it."""
    lines = map(parse_distribution, layer.packages)
    return {(one.name, one.version, one.source.partition("#")[0]) for one in lines}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("index")
    for name, version in (("alpha", "1.0"), ("alpha", "2.0"), ("beta", "0.1"), ("mine", "3.0")):
        write_wheel(folder / "simple" / name, name, version)
    with served_folder(folder) as base:
        address = f"{base}/simple"
        python = make_venv(folder / "first")
        file = folder / "simple" / "mine" / "mine-3.0-py3-none-any.whl"
        # Before 23.1 pip keeps the digest of an archive only where it was told one
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        wheel = f"{address}/mine/{file.name}#sha256={digest}"
        pip(python, "--index-url", address, "alpha==1.0", "beta", wheel)
        layers = msgspec.structs.replace(make_layers(), packages=captured(python))
        no_conda = msgspec.structs.replace(layers.conda, packages={}, status="unavailable")
        layers = msgspec.structs.replace(layers, conda=no_conda)
        yield Index(folder / "simple", address, make_snapshot(layers))


def test_what_was_captured_first(index: Index) -> None:
    assert what_is_there(index.snapshot.layers.packages) == {
        ("alpha", "1.0", ""),
        ("beta", "0.1", ""),
        ("mine", "3.0", f"{index.address}/mine/mine-3.0-py3-none-any.whl"),
    }


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_requirements(index: Index, installer: str, tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(text_of(index.snapshot, "requirements.txt", files_of=index.files_of))
    python = make_venv(tmp_path / "again")
    options = ("--require-hashes", "--index-url", index.address, "-r", path)
    INSTALL[installer](python, "--only-binary", ":all:", *options)
    assert what_is_there(captured(python)) == what_is_there(index.snapshot.layers.packages)


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_wrong_digest_is_refused(index: Index, installer: str, tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    text = text_of(index.snapshot, "requirements.txt", files_of=index.files_of)
    digest = index.files_of("beta")[0].sha256
    path.write_text(text.replace(digest, "0" * 64))
    python = make_venv(tmp_path / "again")
    options = ("--require-hashes", "--index-url", index.address, "-r", path)
    install = INSTALL[installer]
    with pytest.raises(AssertionError, match=r"(?i)hash"):
        install(python, *options)


def test_pylock(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(text_of(index.snapshot, "pylock.toml", files_of=index.files_of))
    python = make_venv(tmp_path / "again")
    uv(python, "-r", path)
    assert what_is_there(captured(python)) == what_is_there(index.snapshot.layers.packages)
