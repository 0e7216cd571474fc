"""Write a conda channel of small packages, install from it, start kernels in what comes out.

The packages are made here; index, solver and installer are rattler's own, so the prefix and its
records are what a user of pixi or rattler has. The ``python`` package holds no Python but a
``pyvenv.cfg`` and links to this process's interpreter: the prefix is at once a real conda
environment and a working virtual environment, and takes a kilobyte.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CHILD = Path(__file__).with_name("rattler_child.py")
VERSION = platform.python_version()
SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
KERNEL = "conda-prefix"
_ARCHITECTURES = {"x86_64": "64", "AMD64": "64", "arm64": "arm64", "aarch64": "aarch64"}
SUBDIR = {"Darwin": "osx", "Windows": "win"}.get(platform.system(), "linux") + (
    f"-{_ARCHITECTURES.get(platform.machine(), platform.machine())}"
)


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package to write. A file's content is bytes, or a text: where a symbolic link points."""

    name: str
    version: str
    build: str = "0"
    depends: Sequence[str] = ()
    subdir: str = SUBDIR
    extension: str = ".conda"
    files: Mapping[str, bytes | str] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        return f"{self.name}-{self.version}-{self.build}"

    @property
    def file_name(self) -> str:
        return self.stem + self.extension

    @property
    def spec(self) -> str:
        """Exactly this package, in the strict form that rattler reads."""
        return f"{self.name} =={self.version} {self.build}"


def python_package() -> Package:
    """Return the package ``python``, which lends this process's interpreter."""
    binary = Path(os.path.realpath(sys.executable))
    settings = (
        f"home = {binary.parent}\ninclude-system-site-packages = false\nversion = {VERSION}\n"
    )
    names = ("python", "python3", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    return Package(
        name="python",
        version=VERSION,
        build="h0lent0_0_cpython",
        extension=".tar.bz2",
        files={"pyvenv.cfg": settings.encode(), f"{SITE}/README.txt": b"python\n"}
        | {f"bin/{name}": str(binary) for name in names},
    )


def make_package(name: str, version: str, build: str = "0", **options: Any) -> Package:
    """Return a package with one importable module."""
    module = f"__version__ = {version!r}\nBUILD = {build!r}\n".encode()
    return Package(
        name=name, version=version, build=build, files={f"{SITE}/{name}.py": module}, **options
    )


def sample_packages() -> list[Package]:
    """Return two environments' worth of packages, in both formats and both kinds of folder."""
    needs_python = {"depends": ["python"]}
    return [
        python_package(),
        make_package("alpha", "1.2.0", "py_0", **needs_python),
        make_package("alpha", "1.2.1", "py_0", **needs_python),
        make_package("beta", "2.0", "cpu_0", extension=".tar.bz2", **needs_python),
        make_package("beta", "2.0", "cuda_0", extension=".tar.bz2", **needs_python),
        make_package("gamma", "0.1", "pyh_0", subdir="noarch"),
        make_package("delta", "3.1.4", "h0_0", depends=["gamma >=0.1"]),
    ]


def write_channel(folder: Path, packages: Sequence[Package]) -> dict[str, str]:
    """Write and index a channel.

    Returns
    -------
    dict
        File name of the package → its sha256.
    """
    for subdir in (SUBDIR, "noarch"):
        (folder / subdir).mkdir(parents=True)
    return add_packages(folder, packages)


def add_packages(folder: Path, packages: Sequence[Package]) -> dict[str, str]:
    """Write packages into a channel's folders, and index it anew. See `write_channel`."""
    digests = {}
    for package in packages:
        data = _archive(package)
        (folder / package.subdir / package.file_name).write_bytes(data)
        digests[package.file_name] = hashlib.sha256(data).hexdigest()
    run_rattler("index", channel=str(folder))
    return digests


def make_prefix(prefix: Path, specs: Sequence[str], channel: Path) -> Path:
    """Solve `specs` against a channel and install what comes out into a new prefix."""
    cache = prefix.with_name(f"{prefix.name}-cache")
    run_rattler(
        "install",
        channel=channel.as_uri(),
        subdir=SUBDIR,
        prefix=str(prefix),
        specs=list(specs),
        cache=str(cache),
    )
    return prefix


def run_rattler(action: str, **arguments: Any) -> None:
    """Let rattler work in a process of its own: it was seen crashing when that ends.

    See https://github.com/PyO3/pyo3-async-runtimes/issues/40
    """
    done = subprocess.run(
        [sys.executable, str(CHILD)],
        input=json.dumps({"action": action, **arguments}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def install_kernel(prefix: Path) -> str:
    """Make a kernel run in the prefix, and return the folder of its specification.

    A path file lets the prefix import ipykernel, msgspec and jupyter_repro from the environment
    that runs the tests. Nothing is downloaded, and `sys.prefix` stays the prefix; the tests'
    distributions are then on its ``sys.path`` like those of a user's ``--user`` folder.
    """
    lent = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(ROOT)]
    (prefix / SITE / "tests.pth").write_text("\n".join(dict.fromkeys(lent)) + "\n")
    folder = prefix / "share" / "jupyter" / "kernels"
    (folder / KERNEL).mkdir(parents=True, exist_ok=True)
    python = str(prefix / "bin" / "python")
    spec = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": prefix.name,
        "language": "python",
    }
    (folder / KERNEL / "kernel.json").write_text(json.dumps(spec))
    return str(folder)


def _archive(package: Package, info: Mapping[str, bytes] | None = None) -> bytes:
    info = dict(_info(package)) if info is None else dict(info)
    if package.extension == ".tar.bz2":
        return _tar({**package.files, **info}, "w:bz2")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in (
            ("metadata.json", b'{"conda_pkg_format_version": 2}'),
            (f"pkg-{package.stem}.tar.zst", _zstd(_tar(package.files))),
            (f"info-{package.stem}.tar.zst", _zstd(_tar(info))),
        ):
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def _info(package: Package) -> Iterator[tuple[str, bytes]]:
    index = {
        "name": package.name,
        "version": package.version,
        "build": package.build,
        "build_number": 0,
        "depends": list(package.depends),
        "subdir": package.subdir,
        "timestamp": 1_700_000_000_000,
    }
    if package.subdir == "noarch":
        index["noarch"] = "generic"
    paths = [
        {
            "_path": path,
            "path_type": "softlink" if isinstance(content, str) else "hardlink",
            "sha256": hashlib.sha256(b"" if isinstance(content, str) else content).hexdigest(),
            "size_in_bytes": len(content),
        }
        for path, content in package.files.items()
    ]
    yield "info/index.json", json.dumps(index).encode()
    yield "info/paths.json", json.dumps({"paths": paths, "paths_version": 1}).encode()
    yield "info/about.json", b"{}"
    yield "info/files", "\n".join(package.files).encode()


def _tar(files: Mapping[str, bytes | str], mode: Any = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.mode = 0o755 if path.startswith("bin/") else 0o644
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _zstd(data: bytes) -> bytes:
    """Return `data` as a Zstandard frame of stored blocks, which needs no compressor.

    See https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1
    """
    size = 1 << 17
    blocks = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
    frame = (0xFD2FB528).to_bytes(4, "little") + b"\xa0" + len(data).to_bytes(4, "little")
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        frame += (last | len(block) << 3).to_bytes(3, "little") + block
    return frame
