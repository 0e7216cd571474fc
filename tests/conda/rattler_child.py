"""Index a channel, or solve and install, with py-rattler; run by `channel.run_rattler`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from rattler import Channel, Gateway, MatchSpec, VirtualPackage, install, solve
from rattler.index import index_fs


async def install_specs(task: dict[str, Any]) -> None:
    cache = Path(task["cache"])
    records = await solve(
        sources=[Channel(task["channel"])],
        specs=task["specs"],
        platforms=[task["subdir"], "noarch"],
        gateway=Gateway(cache_dir=cache / "repodata"),
        virtual_packages=VirtualPackage.detect(),
    )
    await install(
        records,
        target_prefix=task["prefix"],
        cache_dir=cache / "packages",
        show_progress=False,
        # 0.28 takes its inner objects only, against its own documentation
        requested_specs=[MatchSpec(spec)._match_spec for spec in task["specs"]],
    )


def main() -> None:
    task = json.load(sys.stdin)
    if task["action"] == "index":
        asyncio.run(index_fs(Path(task["channel"]), write_zst=True, write_shards=False))
    else:
        asyncio.run(install_specs(task))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the interpreter's own end was seen crashing after rattler's calls
