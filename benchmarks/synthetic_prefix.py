"""A conda prefix of any size whose records are as large and laid out as real ones.

Deterministic: the same arguments give the same bytes. The sizes are resampled from
`record_sizes.json`; a third of the records is laid out like those of conda and mamba until 2024
(sorted keys), of rattler and pixi, and of conda 26 (identity first).
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

SIZES = Path(__file__).with_name("record_sizes.json")
STYLES = ("sorted", "rattler", "conda-26")
CHANNELS = ("https://conda.anaconda.org/conda-forge", "https://repo.anaconda.com/pkgs/main")
SITE = "lib/python3.11/site-packages"


def write_prefix(prefix: Path, records: int, dists: int, seed: int = 0) -> int:
    """Write a prefix and return the number of bytes of its records.

    Parameters
    ----------
    prefix
        Is made; must not exist.
    records, dists
        How many conda records and ``*.dist-info`` folders.
    """
    rng = random.Random(seed)
    sizes: list[tuple[int, int]] = [tuple(row) for row in json.loads(SIZES.read_text())["rows"]]
    meta = prefix / "conda-meta"
    meta.mkdir(parents=True)
    (meta / "history").write_text(
        "==> 2026-01-01 00:00:00 <==\n# cmd: /opt/conda/bin/conda create -c conda-forge python\n"
        "# conda version: 26.7.1\n# update specs: ['python']\n"
    )
    total = 0
    for number in range(records):
        size, files = rng.choice(sizes)
        name, text = render_record(rng, number, size, files, STYLES[number % 3])
        (meta / name).write_text(text)
        total += len(text)
    _write_dists(prefix / SITE, dists, rng)
    return total


def render_record(
    rng: random.Random, number: int, size: int, files: int, style: str
) -> tuple[str, str]:
    """Return the file name and the text of a record of about `size` bytes."""
    name, version = f"package-{number:05}", f"{rng.randint(0, 30)}.{rng.randint(0, 30)}.1"
    build = f"h{rng.getrandbits(28):07x}_{rng.randint(0, 9)}"
    subdir = rng.choice(("linux-64", "linux-64", "noarch"))
    channel = rng.choice(CHANNELS)
    fn = f"{name}-{version}-{build}.conda"
    paths = [f"{SITE}/{name}/module_{index}/file_{index}.py" for index in range(files)]
    identity: dict[str, Any] = {
        "name": name,
        "version": version,
        "build": build,
        "build_number": 0,
        "channel": f"{channel}/{subdir}",
        "subdir": subdir,
        "fn": fn,
        "md5": _hex(rng, 32),
        "url": f"{channel}/{subdir}/{fn}",
        "sha256": _hex(rng, 64),
        "depends": [
            f"package-{(31 * number + 17 * index) % max(number, 1):05} >=1.{index}"
            for index in range(rng.randint(0, 12))
        ],
        "constrains": [],
        "license": "BSD-3-Clause",
        "timestamp": 1_700_000_000_000 + number,
        "size": size * 3,
        "package_tarball_full_path": f"/opt/conda/pkgs/{fn}",
        "extracted_package_dir": f"/opt/conda/pkgs/{fn.removesuffix('.conda')}",
    }
    contents = {
        "files": paths,
        "paths_data": {"paths_version": 1, "paths": [_path_entry(rng, path) for path in paths]},
        "link": {"source": f"/opt/conda/pkgs/{fn.removesuffix('.conda')}", "type": 1},
    }
    requested = {"requested_spec": name if number % 20 == 0 else "None"}
    record = identity | contents | requested
    if style == "sorted":
        record = dict(sorted(record.items()))
    elif style == "rattler":
        late = ("version", "fn", "url", "channel")
        early = sorted(set(identity) - set(late) - {"extracted_package_dir"})
        record = {key: identity[key] for key in (*early, *late, "extracted_package_dir")}
        if number % 20 == 0:
            record["requested_specs"] = [name]
        record |= contents
    return f"{fn.removesuffix('.conda')}.json", json.dumps(record, indent=2) + "\n"


def _path_entry(rng: random.Random, path: str) -> dict[str, Any]:
    digest = _hex(rng, 64)
    return {
        "_path": path,
        "path_type": "hardlink",
        "sha256": digest,
        "sha256_in_prefix": digest,
        "size_in_bytes": rng.randint(0, 100_000),
    }


def _hex(rng: random.Random, digits: int) -> str:
    return f"{rng.getrandbits(4 * digits):0{digits}x}"


def _write_dists(site: Path, dists: int, rng: random.Random) -> None:
    for number in range(dists):
        name = f"package_{number:05}"
        folder = site / f"{name}-1.{number}.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "INSTALLER").write_text("conda" if number % 3 else "pip\n")
        body = "\n".join(_hex(rng, 60) for _ in range(150))
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}.0\n\n{body}\n"
        )
        (folder / "RECORD").write_text(f"{name}.py,sha256={hashlib.sha256().hexdigest()},0\n")
