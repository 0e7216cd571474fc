"""A program in the place of micromamba, mamba or conda: it makes what their files say, unchecked.

It does what micromamba 2.0.5 did with a list of addresses: it takes each file as it comes,
unpacks it into its cache, links it in the order of the list, runs a script after linking, knows no
hash, and ends with status 0. Its records and what it prints are those of `RUNS`, which the real
program has made. A file ``mode`` in the home folder lets it do something else. Under the name
conda, or mamba with a file ``mamba 1`` in the home folder, it obeys ``.condarc`` as conda 26.7 did.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname, urlopen

import yaml

from tests.conda.channel import ROOT, SUBDIR

RUNS = json.loads(
    (pathlib.Path(__file__).parents[1] / "fixtures/conda/micromamba-2.0.5.json").read_text()
)["runs"]


CANNOT_COMBINE = """
Downloading and Extracting Packages: ...working... done

CondaValueError: Cannot combine package names with explicit package lists. Package names (python,
numpy) are resolved by the solver; explicit files and URLs are installed directly."""


def put_in_place(folder: pathlib.Path, name: str) -> pathlib.Path:
    """Write the program under a name."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.conda.stand_in import main\nmain()\n"
    )
    program.chmod(0o755)
    return program


def main() -> None:
    home = pathlib.Path(os.environ["HOME"])
    if sys.argv[1:] == ["info", "--json"]:
        print(json.dumps({"envs directories": [str(home / "envs")]}))
        return
    is_mamba_1 = (home / "mamba 1").exists()
    if sys.argv[1:] == ["--version"]:
        print("mamba 1.5.8\nconda 23.11.0" if is_mamba_1 else "2.0.5")
        return
    told, arguments = home / "told", sys.argv[1:]
    told.mkdir()
    (told / "argv.json").write_text(json.dumps(arguments))
    (told / "environ.json").write_text(json.dumps(dict(os.environ)))
    file = pathlib.Path(arguments[arguments.index("--file") + 1])
    prefix = pathlib.Path(arguments[arguments.index("-p") + 1])
    (told / "file.txt").write_bytes(file.read_bytes())
    (told / "mode.txt").write_text(oct(file.parent.stat().st_mode & 0o777))
    if pathlib.Path(sys.argv[0]).name == "conda" or is_mamba_1:
        obey(home / ".condarc", arguments)
    elif "--no-default-packages" in arguments:
        print("The following argument was not expected: --no-default-packages", file=sys.stderr)
        sys.exit(109)
    mode = (home / "mode").read_text() if (home / "mode").exists() else ""
    register(home, prefix)
    if mode == "fails":
        prefix.mkdir()
        print("some line\nerror    libmamba  hash mismatch", file=sys.stderr)
        sys.exit(1)
    if mode in {"download only", "dry run"}:
        (prefix / "conda-meta").mkdir(parents=True)
        (prefix / "conda-meta" / "history").touch()
        print(RUNS[mode]["stdout"])
        return
    addresses = [line.partition("#")[0] for line in file.read_text().splitlines()[1:]]
    for address in addresses[1:] if mode == "less" else addresses:
        install(address, prefix, mode)
    remember(prefix, addresses)
    print(RUNS["local files as we give them"]["stdout"])
    if mode == "more":
        note(prefix, "evil-1.0-0", {"name": "evil", "version": "1.0", "build": "0"})


def obey(condarc: pathlib.Path, arguments: list[str]) -> None:
    """End as conda does where its configuration does not go with a list of files.

    A variable outweighs a file; lists of both are joined.
    """
    told: dict[str, Any] = yaml.safe_load(condarc.read_text()) if condarc.exists() else {}
    for name in ("subdir", "environment_specifier", "download_only", "dry_run", "json"):
        if (value := os.environ.get(f"CONDA_{name.upper()}")) is not None:
            told[name] = {"true": True, "false": False}.get(value, value)
    if told.get("create_default_packages") and "--no-default-packages" not in arguments:
        print(CANNOT_COMBINE, file=sys.stderr)
        sys.exit(1)
    if told.get("subdir", SUBDIR) != SUBDIR:
        print("\nPlatformMismatchError: the file is not for it", file=sys.stderr)
        sys.exit(1)
    if told.get("environment_specifier", "explicit") != "explicit":
        print("\nEnvironmentSpecPluginNotDetected: environment.yml", file=sys.stderr)
        sys.exit(1)
    if told.get("download_only") or told.get("dry_run") or told.get("json"):
        sys.exit(0)


def register(home: pathlib.Path, prefix: pathlib.Path) -> None:
    (home / ".conda").mkdir(exist_ok=True)
    with (home / ".conda" / "environments.txt").open("a") as file:
        file.write(f"{prefix}\n")


def install(address: str, prefix: pathlib.Path, mode: str) -> None:
    name = address.rpartition("/")[2]
    kept = pathlib.Path(os.environ["CONDA_PKGS_DIRS"], name)
    kept.parent.mkdir(parents=True, exist_ok=True)
    if address.startswith("file:"):
        shutil.copyfile(url2pathname(urlsplit(address).path), kept)
    else:
        with urlopen(address) as answer:
            kept.write_bytes(answer.read())
    if mode == "fetches another":
        kept.write_bytes(b"another file")
    else:
        unpack(kept, prefix)
    stem = name.removesuffix(".conda").removesuffix(".tar.bz2")
    package, version, build = stem.rsplit("-", 2)
    record = RUNS["local files as we give them"]["conda-meta"]["alpha-1.2.0-0.json"]
    record |= {"name": package, "version": version, "build": build, "build_string": build}
    record |= {"fn": name, "url": address, "channel": address.rsplit("/", 2)[0]}
    if mode == "another build":
        record["build"] = "evil"
    if mode == "another hash":
        record["sha256"] = "0" * 64
    note(prefix, stem, record)
    script = prefix / "bin" / f".{package}-post-link.sh"
    if script.exists():
        subprocess.run(["/bin/sh", str(script)], check=False)


def remember(prefix: pathlib.Path, addresses: list[str]) -> None:
    """Write the history as conda 26.7 does: every file of the list is requested."""
    stems = [one.removesuffix(".conda").removesuffix(".tar.bz2") for one in addresses]
    linked = ["::".join(stem.rsplit("/", 1)) for stem in stems]
    specs = ["==".join(one.rsplit("-", 2)[:2]) for one in linked]
    lines = ["==> 2026-12-01 12:00:00 <==", f"# cmd: {pathlib.Path(sys.argv[0]).name} create"]
    lines += [f"+{one}" for one in linked]
    (prefix / "conda-meta" / "history").write_text(
        "\n".join([*lines, f"# update specs: {specs!r}"]) + "\n"
    )


def note(prefix: pathlib.Path, stem: str, record: dict[str, object]) -> None:
    (prefix / "conda-meta").mkdir(parents=True, exist_ok=True)
    (prefix / "conda-meta" / f"{stem}.json").write_text(json.dumps(record, indent=4))


def unpack(kept: pathlib.Path, prefix: pathlib.Path) -> None:
    if kept.name.endswith(".tar.bz2"):
        with tarfile.open(kept) as members:
            link(members, prefix)
        return
    with zipfile.ZipFile(kept) as parts:
        (part,) = (one for one in parts.namelist() if one.startswith("pkg-"))
        packed = parts.read(part)
    # The tests' channel stores its frames: three bytes before each block, and nine at the beginning
    plain, at, is_last = b"", 9, False
    while not is_last:
        head = int.from_bytes(packed[at : at + 3], "little")
        plain += packed[at + 3 : at + 3 + (head >> 3)]
        at, is_last = at + 3 + (head >> 3), bool(head & 1)
    unpacked = kept.with_suffix(".tar")
    unpacked.write_bytes(plain)
    with tarfile.open(unpacked) as members:
        link(members, prefix)


def link(members: tarfile.TarFile, prefix: pathlib.Path) -> None:
    for one in members:
        if one.name.startswith("info/"):
            continue
        target = prefix / one.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if one.issym():
            target.symlink_to(one.linkname)
        else:
            file = members.extractfile(one)
            assert file
            target.write_bytes(file.read())
            target.chmod(one.mode)
