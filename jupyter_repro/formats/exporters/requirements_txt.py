"""Write the Python packages of a snapshot as a requirements.txt, with digests if they are known.

pip requires the digests of all packages or of none:
https://pip.pypa.io/en/stable/topics/secure-installs/. Packages that conda installed are not in the
file: on a Python index, they often have different names and contents.

Only an index has digests, and none is contacted without ``--network``. So the file has no digests
by default, and its first lines and a note say so. If one package of a vendor has none, the file has
none. A format whose specification requires digests refuses, and names a format that does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jupyter_repro.formats.exporters.python_hashes import (
    HOW_TO_ASK,
    Hashed,
    hash_packages,
    why_no_digest,
)
from jupyter_repro.formats.exporters.python_requirements import (
    python_remarks,
    requirement,
    without_unknown,
)
from jupyter_repro.formats.exporters.request import CannotExportError, Exported, Request, made_by
from jupyter_repro.formats.exporters.text import comment, comments_note, joined
from jupyter_repro.formats.exporters.vendors import (
    by_index,
    index_comments,
    index_notes,
    index_options,
)
from jupyter_repro.safety.words import count

_NO_DIGEST = "a commit has no digest that pip would check"


class PipLock(NamedTuple):
    """A file for pip, its notes, and whether pip can require digests."""

    text: str
    notes: list[str]
    is_hashed: bool


def export(request: Request) -> Exported:
    """Return the text of a requirements.txt.

    Raises
    ------
    CannotExportError
        If there is no Python package.
    """
    made = pip_lock(request)
    return Exported({"requirements.txt": made.text}, made.notes)


def pip_lock(request: Request) -> PipLock:
    """Return a file for pip.

    It has digests unless the request excludes them or asks only for versions, or one is unknown.

    Raises
    ------
    CannotExportError
        If there is no Python package.
    """
    pins = request.pins
    if not pins.packages:
        reason = "There is no Python package that pip could install again from its record."
        raise CannotExportError(reason)
    hashed = hash_packages(request)
    remarks = python_remarks(pins, hashed.files)
    is_hashed = _wants_digests(request) and _has_digests(request, hashed)
    if is_hashed:
        lines = [*_hashed_lines(hashed)]
        missing = without_unknown(hashed.missing)
        remarks += [f"{pin.requirement}: {why_no_digest(pin, request)}" for pin in missing]
        remarks += [
            f"{pin.requirement}: {_NO_DIGEST}" for pin in pins.packages if pin.is_repository
        ]
    else:
        entries = without_unknown(pins.packages, hashed.files)
        lines = [requirement(pin, request.packages) for pin in entries]
    text = [
        comment(made_by(request.snapshot)),
        *(comment(sentence) for sentence in _header(request, is_hashed=is_hashed)),
        *index_options(pins),
        *lines,
        *(comment(remark) for remark in remarks),
    ]
    notes = [] if is_hashed or not _wants_digests(request) else [_without(request, hashed)]
    notes += _notes(request, remarks, is_hashed=is_hashed)
    return PipLock(joined(text), notes, is_hashed)


def _wants_digests(request: Request) -> bool:
    return request.hashes and request.packages == "production"


def _has_digests(request: Request, hashed: Hashed) -> bool:
    """Return whether there are digests, and every entry has one.

    If you ask an index for digests, commits and packages that it lacks become comments. A vendor's
    package is always an entry.
    """
    missing = without_unknown(hashed.missing)
    if request.files_of is None:
        missing += [pin for pin in request.pins.packages if pin.is_repository]
    else:
        missing = [pin for pin in missing if pin.vendor]
    return bool(hashed.files) and not missing


def _without(request: Request, hashed: Hashed) -> str:
    """Return why the file has no digests, and how to get them."""
    vendors = [pin for pin in hashed.missing if pin.vendor]
    if request.files_of is None and not hashed.missing:
        why = _NO_DIGEST
    elif request.files_of is None:
        places = "".join(f" --allow-index {vendor.address}" for vendor in by_index(vendors))
        also = f", with{places} if you trust that" if places else ""
        why = f"installers keep none; {HOW_TO_ASK}{also}"
    elif vendors:
        why = (
            "pip wants those of all packages or of none, and for "
            f"{vendors[0].requirement} {why_no_digest(vendors[0], request)}"
        )
    else:
        why = "no index that was asked has any"
    return f"The file has no digests, so whatever your index has is installed: {why}."


def _hashed_lines(hashed: Hashed) -> Iterator[str]:
    for pin, files in hashed.files.items():
        digests = dict.fromkeys(file.sha256 for file in files)
        yield " \\\n    ".join([pin.requirement, *(f"--hash=sha256:{one}" for one in digests)])


def _header(request: Request, *, is_hashed: bool) -> Iterator[str]:
    pins = request.pins
    if pins.python:
        yield f"Python {pins.python}"
    if is_hashed:
        yield "pip install --no-deps --only-binary :all: --require-hashes -r THIS_FILE"
    else:
        yield "Without digests: whatever the index has under these names is installed."
    yield from without_conda(request)
    yield from index_comments(pins, is_hashed=is_hashed)


def without_conda(request: Request) -> Iterator[str]:
    """Yield the note that the file cannot contain conda's packages."""
    if request.pins.conda:
        number = len(request.pins.conda)
        has, it = ("has", "it") if number == 1 else ("have", "them")
        yield (
            f"{count(number, 'conda package')} {has} no place in this file: "
            f"environment.yml or an explicit file is for {it}."
        )


def _notes(request: Request, remarks: list[str], *, is_hashed: bool) -> Iterator[str]:
    yield from index_notes(request.pins, is_hashed=is_hashed)
    yield from comments_note(remarks)
    if request.platform:
        recorded = request.pins.platform
        yield f"These are the packages of {recorded}; {request.platform} may need others."
    yield from without_conda(request)
