"""Run py-rattler in a separate process: it was seen crashing when an interpreter ends.

https://github.com/PyO3/pyo3-async-runtimes/issues/40 describes that crash, which is why this
process ends with `os._exit`. A task comes as JSON on standard input; progress goes out as lines of
JSON, the last of which is a result or an error. `parent` is the other side.

The content of a task is already checked. The traps of py-rattler 0.28 that are avoided here: a
channel may declare that others belong to it (CEP 42), which is switched off; strings as
specifications are parsed, so they are built from checked parts only; `requested_specs` takes its
inner objects, not those that its documentation names; installing into a prefix that exists removes
its content.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

from rattler import (
    Channel,
    ChannelPriority,
    Gateway,
    GenericVirtualPackage,
    MatchSpec,
    PackageName,
    PackageRecord,
    RepoDataRecord,
    SparseRepoData,
    Subdir,
    Version,
    VirtualPackage,
)
from rattler import install as install_records
from rattler import solve as solve_specs
from rattler.install import InstallerReporter
from rattler.networking import Client
from rattler.networking.fetch_repo_data import fetch_repo_data
from rattler.networking.middleware import AuthenticationMiddleware, RetryMiddleware
from rattler.package import BuildString, IndexJson, NoArchType
from rattler.package_streaming import download_to_path, extract
from rattler.repo_data.sparse import PackageFormatSelection
from rattler.virtual_package import VirtualPackageOverrides

from jupyter_repro.install.restore.package_contents import look_into

Task: TypeAlias = dict[str, Any]


def main() -> None:
    """Do the task on standard input, and end the process."""
    try:
        task = json.load(sys.stdin)
        result = asyncio.run(_ACTIONS[task["action"]](task))
        _say(f'{{"result": {result}}}')
    except BaseException as error:  # noqa: BLE001 - a panic of Rust is none of Exception
        _say(json.dumps({"error": describe(error)}))
    sys.stdout.flush()
    os._exit(0)


def describe(error: BaseException) -> dict[str, str]:
    """Return the type of an error and the first line of its message, and of its last cause."""
    if isinstance(error, asyncio.TimeoutError):
        return {"type": "TimeoutError", "message": "no answer in time", "cause": ""}
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    causes = [line.removeprefix("Caused by:").strip() for line in lines if "Caused by:" in line]
    return {
        "type": type(error).__name__,
        "message": lines[0][:1_000],
        "cause": causes[-1][:1_000] if causes else "",
    }


async def query(task: Task) -> str:
    """Return for each channel what it lists under some names, or what is wrong with it."""
    found = await asyncio.gather(*(_query_one(task, url) for url in task["channels"]))
    return f"[{','.join(found)}]"


async def _query_one(task: Task, url: str) -> str:
    channel = Channel(url)
    platforms = [*dict.fromkeys([task["platform"], "noarch"])]
    try:
        question = _gateway(task).query(
            [channel], platforms, task["names"], recursive=False, channel_relations="disabled"
        )
        lists = await asyncio.wait_for(question, task["timeout"])
        records = [record for some in lists for record in some]
        records += await _hidden(task, channel, platforms, records)
    except Exception as error:  # noqa: BLE001 - the other channels are still asked
        return json.dumps({"error": describe(error)})
    return f'{{"records": [{",".join(map(_as_json, records))}]}}'


async def _hidden(
    task: Task, channel: Channel, platforms: list[str], seen: list[RepoDataRecord]
) -> list[RepoDataRecord]:
    """Return the .tar.bz2 files that a gateway leaves out, because the same build has a .conda."""
    packed = {one.name.normalized for one in seen if one.file_name.endswith(".conda")}
    names = sorted(packed.intersection(task["bz2"]))
    if not names:
        return []
    if channel.base_url.startswith("file:"):
        folder = Path(url2pathname(urlsplit(channel.base_url).path))
        files = {name: folder / name / "repodata.json" for name in platforms}
        data = [
            SparseRepoData(channel, name, file) for name, file in files.items() if file.exists()
        ]
    else:
        data = await fetch_repo_data(
            channels=[channel],
            platforms=[Subdir(name) for name in platforms],
            cache_path=Path(task["cache"]) / "repodata-bz2",
            callback=None,
            client=_client(task["timeout"]),
        )
    only = PackageFormatSelection.ONLY_TAR_BZ2
    return [record for one in data for name in names for record in one.load_records(name, only)]


async def validate(task: Task) -> str:
    """Return for each list of records what is missing in it, or nothing if all fit together."""
    return json.dumps([_complaint(records) for records in task["environments"]])


def _complaint(records: list[dict[str, Any]]) -> str:
    try:
        PackageRecord.validate([_record(one) for one in records])
    except Exception as error:  # noqa: BLE001 - its type has no public name
        return describe(error)["message"]
    return ""


async def solve(task: Task) -> str:
    """Return the records of an environment that fits some specifications."""
    solution = solve_specs(
        sources=[Channel(url) for url in task["channels"]],
        specs=[MatchSpec(spec) for spec in task["specs"]],
        platforms=[*dict.fromkeys([task["platform"], "noarch"])],
        gateway=_gateway(task),
        locked_packages=[_record(one) for one in task["locked"]],
        virtual_packages=_virtual_packages(task),
        channel_priority=ChannelPriority.Disabled,  # the specifications name what is wanted
        channel_relations="disabled",
    )
    records = await asyncio.wait_for(solution, task["timeout"])
    return f"[{','.join(map(_as_json, records))}]"


async def install(task: Task) -> str:
    """Install records into a prefix, and return nothing. Progress is reported for each package."""
    records = [_record(_completed(one)) for one in task["records"]]
    await _unpack(task["records"], Path(task["cache"]) / "packages")
    await install_records(
        records,
        target_prefix=task["prefix"],
        cache_dir=Path(task["cache"]) / "packages",
        execute_link_scripts=False,
        client=_client(),
        reporter=_Reporter(len(records)),  # type: ignore[abstract]  # a protocol whose bodies are empty
        requested_specs=[*_requested(task["requested"])],
    )
    return "null"


def _completed(plain: dict[str, Any]) -> dict[str, Any]:
    """Return a record with what its archive says, if no index has listed it.

    rattler takes from the record whether a package is of any platform, and where it then goes.
    """
    url = urlsplit(plain["url"])
    if plain.get("depends") or plain.get("noarch") or url.scheme != "file":
        return plain
    try:
        told = IndexJson.from_package_archive(Path(url2pathname(url.path)))
    except Exception:  # noqa: BLE001 - rattler reports what is wrong with it
        return plain
    kind = told.noarch
    return plain | {
        "build_number": told.build_number,
        "depends": told.depends,
        "constrains": told.constrains,
        "noarch": "python" if kind.python else "generic" if kind.generic else None,
        "license": plain.get("license") or told.license,
        "python_site_packages_path": told.python_site_packages_path,
    }


async def _unpack(records: list[dict[str, Any]], cache: Path) -> None:
    """Unpack local files into rattler's cache as rattler would, in half the time.

    In 0.28 an entry is a folder, and beside it a lock with a revision and the file's sha256.
    rattler unpacks again what it does not accept.
    """
    slots = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(plain: dict[str, Any]) -> None:
        url = urlsplit(plain["url"])
        stem = plain["fn"].removesuffix(".conda").removesuffix(".tar.bz2")
        if url.scheme != "file" or not plain.get("sha256") or (cache / stem).exists():
            return
        async with slots:
            with suppress(Exception):  # rattler reports what is wrong with it
                await asyncio.to_thread(_unpack_one, Path(url2pathname(url.path)), cache, stem)
            _say("unpacked")

    await asyncio.gather(*(one(plain) for plain in records))


def _unpack_one(archive: Path, cache: Path, stem: str) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=cache) as folder:
        sha256, _ = extract(archive, Path(folder, stem))
        Path(folder, "lock").write_bytes((1).to_bytes(8, "big") + sha256)
        Path(folder, stem).rename(cache / stem)
        Path(folder, "lock").rename(cache / f"{stem}.lock")


async def look(task: Task) -> str:
    """Return what is wrong with the paths of package files."""
    archives = {name: Path(path) for name, path in task["archives"].items()}
    told = await look_into(archives, Path(task["folder"]), task["site"], lambda: _say("read"))
    return json.dumps(told)


async def download(task: Task) -> str:
    """Write a file."""
    await download_to_path(_client(), task["url"], Path(task["target"]))
    return "null"


def _requested(specs: list[str]) -> Iterator[Any]:
    """Yield the valid specifications: they are only noted, so an invalid one stops nothing."""
    for spec in specs:
        with suppress(Exception):
            yield MatchSpec(spec)._match_spec  # noqa: SLF001


_ACTIONS: dict[str, Callable[[Task], Coroutine[Any, Any, str]]] = {
    "query": query,
    "validate": validate,
    "solve": solve,
    "install": install,
    "look": look,
    "download": download,
}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _as_json(record: RepoDataRecord) -> str:
    # Strings in JSON contain no line break, so these are all indentation
    return str(record.to_json()).replace("\n", "")


def _gateway(task: Task) -> Gateway:

    return Gateway(cache_dir=Path(task["cache"]) / "repodata", client=_client(task["timeout"]))


def _client(timeout: int | None = None) -> Client:

    return Client([RetryMiddleware(2), AuthenticationMiddleware()], timeout=timeout)


def _virtual_packages(task: Task) -> list[VirtualPackage | GenericVirtualPackage]:

    if task["virtual"] is None:
        return list(VirtualPackage.detect(VirtualPackageOverrides.from_env()))
    return [
        GenericVirtualPackage(PackageName(name), Version(version), BuildString(build))
        for name, version, build in task["virtual"]
    ]


def _record(plain: dict[str, Any]) -> RepoDataRecord:

    noarch = plain.get("noarch")
    record = PackageRecord(
        name=plain["name"],
        version=plain["version"],
        build=BuildString(plain["build"]),
        build_number=plain.get("build_number", 0),
        subdir=plain["subdir"],
        noarch=NoArchType(noarch if noarch in {"python", "generic", True} else None),
        depends=plain.get("depends", []),
        constrains=plain.get("constrains", []),
        sha256=bytes.fromhex(plain.get("sha256", "")) or None,
        md5=bytes.fromhex(plain.get("md5", "")) or None,
        size=plain.get("size"),
        license=plain.get("license"),
        python_site_packages_path=plain.get("python_site_packages_path"),
    )
    return RepoDataRecord(record, plain["fn"], plain["url"], plain["channel"])


class _Reporter(InstallerReporter):
    """Report how many packages are fetched and linked, and the bytes of a running download."""

    def __init__(self, packages: int) -> None:
        self.packages = packages
        self.fetched = self.linked = 0
        self.bytes: dict[int, int] = {}
        self.names: dict[int, str] = {}

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        self.names[operation] = package_name
        return operation

    def on_download_start(self, cache_entry: int) -> int:
        return cache_entry

    def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:  # noqa: ARG002
        before = self.bytes.get(download_idx, 0)
        self.bytes[download_idx] = progress
        if progress - before > 1 << 20:
            self._tell(self.names.get(download_idx, ""))

    def on_populate_cache_complete(self, cache_entry: int) -> None:
        self.fetched += 1
        self._tell(self.names.get(cache_entry, ""))

    def on_link_start(self, operation: int, package_name: str) -> int:
        self.names[operation] = package_name
        return operation

    def on_link_complete(self, index: int) -> None:
        self.linked += 1
        self._tell(self.names.get(index, ""))

    def _tell(self, name: str) -> None:
        _say(
            json.dumps(
                {
                    "progress": {
                        "package": name,
                        "fetched": self.fetched,
                        "linked": self.linked,
                        "total": self.packages,
                        "bytes": sum(self.bytes.values()),
                    }
                }
            )
        )
