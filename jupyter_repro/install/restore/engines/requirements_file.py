"""Write the file that uv and pip read: indexes that the user allows, then checked requirements.

pip and uv install exactly what is listed, without dependencies: the record is complete, and looking
up dependencies could add packages that were not recorded. They read no configuration, and no
variables except those for caches and proxies: a configured target would write to a folder that the
plan does not name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jupyter_repro.install.places.places import Place


@contextmanager
def requirements_file(
    lines: Sequence[str], places: Sequence[Place], wheels: Path | None = None
) -> Iterator[Path]:
    """Yield the path of a file for this user alone; it may contain credentials of an index.

    Parameters
    ----------
    lines
        Requirements, with their hashes where they have any.
    places
        The indexes in order; none for wheels in a folder.
    wheels
        The folder with the wheels.
    """
    pages = [f"--find-links {place.request}" for place in places if place.is_page]
    indexes = [place.request for place in places if not place.is_page]
    options = ["--index-url", *["--extra-index-url"] * len(indexes)]
    head = [f"{option} {index}" for option, index in zip(options, indexes, strict=False)]
    if wheels is not None:
        pages.append(f"--find-links {wheels.as_uri()}")
    with tempfile.TemporaryDirectory(prefix="jupyter_repro-") as folder:
        path = Path(folder, "requirements.txt")
        text = "\n".join([*(head or ["--no-index"]), *pages, *lines])
        path.write_text(text + "\n", encoding="ascii")
        yield path
