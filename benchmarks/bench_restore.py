"""``jupyter repro restore`` beside py-rattler's own ``install`` of the same packages.

Run it with ``python -m benchmarks.bench_restore``. The channel is served over HTTP on the loopback
interface, every run has new caches and a new folder, and the two take turns. What a user waits for
on top of this, the network, both would wait for.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.bench_cli import ROOT
from benchmarks.table import Row, print_table
from tests.conda import channel
from tests.conda.channel import SITE, SUBDIR, Package

PACKAGES = 150
RUNS = 3
TARGET = 1.1
"""Of the CPU time and of the time that passes: the installation against rattler's alone."""

# The same task as `install.rattler` gives to its child, by rattler's own functions alone
_ALONE = """\
import asyncio, json, os, sys
from pathlib import Path
from rattler import Channel, Gateway, install

async def main(task):
    cache = Path(task["cache"])
    gateway = Gateway(cache_dir=cache / "repodata")
    lists = await gateway.query(
        [Channel(task["channel"])], [task["subdir"], "noarch"], task["names"], recursive=False
    )
    records = [record for some in lists for record in some]
    await install(
        records, target_prefix=task["prefix"], cache_dir=cache / "packages", show_progress=False
    )

asyncio.run(main(json.load(sys.stdin)))
os._exit(0)
"""


class Cost(NamedTuple):
    """Seconds that a process takes, with all of its children."""

    wall: float
    cpu: float


def main() -> None:
    """Print what a restoration costs beside the installation alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size, files = write_channel(folder / "channel" / "main")
        with served(folder / "channel") as address:
            notebook = make_notebook(folder, f"{address}/main")
            pairs = [
                (alone(folder, f"{address}/main"), command(folder, f"{address}/main", notebook))
                for _ in range(RUNS + 1)
            ][1:]
    theirs, ours = zip(*pairs, strict=True)
    wall = statistics.median(mine.wall / other.wall for other, mine in pairs)
    cpu = statistics.median(mine.cpu / other.cpu for other, mine in pairs)
    rows = [
        Row("install alone, wall", statistics.median(one.wall for one in theirs), "s"),
        Row("install alone, cpu", statistics.median(one.cpu for one in theirs), "s"),
        Row("jupyter repro restore, wall", statistics.median(one.wall for one in ours), "s"),
        Row("jupyter repro restore, cpu", statistics.median(one.cpu for one in ours), "s"),
        Row("restore / install alone, wall", wall, "x", TARGET, note="median of the pairs"),
        Row("restore / install alone, cpu", cpu, "x", TARGET, note="median of the pairs"),
    ]
    title = f"Restoring {PACKAGES} conda packages, {size / 1e6:.0f} MB in {files} files"
    print_table(title, rows)


def write_channel(folder: Path) -> tuple[int, int]:
    """Write packages whose numbers and sizes of files are like those of a real environment.

    Returns
    -------
    tuple
        Bytes and files of all packages.
    """
    draw = random.Random(0)
    packages = [channel.python_package()]
    for number in range(PACKAGES - 1):
        count = min(int(draw.lognormvariate(4.2, 1.4)) + 1, 4_000)
        contents = {
            f"{SITE}/package{number}/file{index}.py": draw.randbytes(
                min(int(draw.lognormvariate(8.3, 1.6)) + 1, 8_000_000)
            )
            for index in range(count)
        }
        packages.append(Package(name=f"package{number}", version="1.0", files=contents))
    folder.parent.mkdir()
    channel.write_channel(folder, packages)
    every = [content for one in packages for content in one.files.values()]
    return sum(map(len, every)), len(every)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder from a separate process, whose CPU time is not counted."""
    code = (
        "import functools, http.server as s, sys; "
        "h = functools.partial(s.SimpleHTTPRequestHandler, directory=sys.argv[1]); "
        "h.func.protocol_version = 'HTTP/1.1'; h.func.log_message = lambda *_: None; "
        "v = s.ThreadingHTTPServer(('127.0.0.1', 0), h); "
        "print(v.server_port, flush=True); v.serve_forever()"
    )
    with subprocess.Popen([sys.executable, "-c", code, folder], stdout=subprocess.PIPE) as server:
        assert server.stdout
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def make_notebook(folder: Path, address: str) -> Path:
    """Install all packages once, and record that in a snapshot file."""
    prefix, cache = folder / "first", folder / "first-cache"
    run_alone(prefix, cache, address)
    code = (
        "import sys, msgspec; from pathlib import Path; "
        "from jupyter_repro.run.outside import snapshot_from_outside as look; "
        "python = Path(sys.argv[1]); "
        "sys.stdout.buffer.write(msgspec.json.encode(look(python, python.parent)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, prefix / "bin" / "python"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    path = folder / "snapshot.json"
    path.write_bytes(done.stdout)
    shutil.rmtree(prefix)
    shutil.rmtree(cache)
    return path


def alone(folder: Path, address: str) -> Cost:
    """Return what rattler's own functions cost in a process of their own."""
    prefix, cache = folder / "alone", folder / "alone-cache"
    cost = run_alone(prefix, cache, address)
    shutil.rmtree(prefix)
    shutil.rmtree(cache)
    return cost


def run_alone(prefix: Path, cache: Path, address: str) -> Cost:
    names = ["python", *(f"package{number}" for number in range(PACKAGES - 1))]
    task = {
        "channel": address,
        "subdir": SUBDIR,
        "names": names,
        "prefix": str(prefix),
        "cache": str(cache),
    }
    return cost_of(["-c", _ALONE], os.environ, json.dumps(task))


def command(folder: Path, address: str, notebook: Path) -> Cost:
    """Return what the whole command costs: plan, installation and comparison."""
    home = folder / "home"
    home.mkdir()
    environ = {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
    }
    words = ["-m", "jupyter_repro", "restore", str(notebook), "--prefix", str(home / "new")]
    options = ["--engine", "rattler", "--yes", "--no-kernel", "--allow-channel", address]
    cost = cost_of([*words, *options], environ, "")
    shutil.rmtree(home)
    return cost


def cost_of(arguments: list[str], environ: dict[str, str] | os._Environ[str], said: str) -> Cost:
    """Return the seconds that a process of this interpreter takes."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environ,
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    if done.returncode:
        sys.exit(done.stderr + done.stdout)
    user = after.children_user - before.children_user
    return Cost(
        after.elapsed - before.elapsed, user + after.children_system - before.children_system
    )


if __name__ == "__main__":
    main()
