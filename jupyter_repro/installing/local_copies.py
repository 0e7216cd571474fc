"""Packages of local channels: copied, then hashed, then installed from the copy.

Nobody else checks the hashes of ``file://`` packages, and a file in somebody's folder can change
between the look and the use.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec

from jupyter_repro.errors import ReproError
from jupyter_repro.installing.folders import cache_folder
from jupyter_repro.installing.records import Record
from jupyter_repro.installing.verify import HashError, check_local_files
from jupyter_repro.world import World


@contextmanager
def local_copies(records: Sequence[Record], world: World) -> Iterator[list[Record]]:
    """Yield the records, those of local files with the addresses of their checked copies.

    Raises
    ------
    ReproError
        If a file cannot be copied, or is not the one that was recorded.
    """
    if not any(_is_local(record) for record in records):
        yield [*records]
        return
    cache = cache_folder(world)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        copies = tempfile.TemporaryDirectory(prefix="local-", dir=cache)
    except OSError as error:
        reason = f"{cache} cannot be written ({error.strerror}): packages are copied there."
        raise ReproError(reason) from None
    with copies as folder:
        copied = [
            _copy(record, Path(folder, str(number))) if _is_local(record) else record
            for number, record in enumerate(records)
        ]
        check_local_files(copied)
        yield copied


def name_originals(prefix: Path, records: Sequence[Record], copied: Sequence[Record]) -> None:
    """Let the records in a prefix tell where the packages came from, not where the copies were."""
    for record, copy in zip(records, copied, strict=True):
        path = prefix / "conda-meta" / f"{record.stem}.json"
        if copy is record or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        for old, new in ((copy.url, record.url), (copy.channel, record.channel)):
            text = text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
        path.write_text(text, encoding="utf-8")


def _is_local(record: Record) -> bool:
    return urlsplit(record.url).scheme == "file"


def _copy(record: Record, folder: Path) -> Record:
    source = Path(url2pathname(urlsplit(record.url).path))
    target = folder / record.subdir / record.file_name
    try:
        target.parent.mkdir(parents=True)
        shutil.copyfile(source, target)
    except OSError as error:
        reason = f"{record.file_name} cannot be read ({error.strerror}); {record.url}."
        raise HashError(reason) from None
    return msgspec.structs.replace(record, url=target.as_uri(), channel=folder.as_uri())
