"""Install what an explicit file or a pixi.lock names, with py-rattler, into a new prefix.

It reads JSON on standard input, as `rattler/child.py` does.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from rattler import Channel, Gateway, LockFile, MatchSpec, RepoDataRecord, install
from rattler.explicit_environment.environment import ExplicitEnvironmentSpec


async def of_explicit(task: dict[str, Any]) -> list[RepoDataRecord]:
    """Return the records of the very files that are named, with their digests, in their order."""
    spec = ExplicitEnvironmentSpec.from_path(Path(task["file"]))
    wanted = [MatchSpec.from_url(package.url) for package in spec.packages]
    listed = await Gateway(cache_dir=Path(task["cache"]) / "repodata").query(
        [Channel(task["channel"])],
        [task["subdir"], "noarch"],
        [package.url.rpartition("/")[2].rsplit("-", 2)[0] for package in spec.packages],
        recursive=False,
    )
    found = {
        (one.url, kind): one for group in listed for one in group for kind in (one.sha256, one.md5)
    }
    return [
        found[package.url.partition("#")[0], spec.sha256 or spec.md5]
        for package, spec in zip(spec.packages, wanted, strict=True)
    ]


async def of_lock(task: dict[str, Any]) -> list[RepoDataRecord]:
    lock = LockFile.from_path(task["file"])
    environment = lock.default_environment()
    assert environment is not None
    (platform,) = environment.platforms()
    records = environment.conda_repodata_records_for_platform(platform)
    assert records is not None
    return records


async def run(task: dict[str, Any]) -> list[dict[str, Any]]:
    records = await {"explicit": of_explicit, "lock": of_lock}[task["action"]](task)
    await install(
        records,
        target_prefix=task["prefix"],
        cache_dir=Path(task["cache"]) / "packages",
        show_progress=False,
    )
    return [{"name": one.name.normalized, "depends": one.depends} for one in records]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.load(sys.stdin)))))
    sys.stdout.flush()
    os._exit(0)  # the interpreter's own end was seen crashing after rattler's calls
