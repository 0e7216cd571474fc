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

from jupyter_repro.formats.exporters.no_place import conda_without_place
from jupyter_repro.formats.exporters.python_hashes import (
    HOW_TO_ASK,
    Hashed,
    hash_packages,
    why_no_digest,
)
from jupyter_repro.formats.exporters.python_requirements import (
    Wanted,
    wanted_of,
    why_nothing,
    without_unknown,
)
from jupyter_repro.formats.exporters.request import CannotExportError, Exported, Request, made_by
from jupyter_repro.formats.exporters.text import comment, comments_note, joined
from jupyter_repro.formats.exporters.vendors import (
    by_index,
    index_comments,
    index_notes,
    index_options,
    named_places,
)
from jupyter_repro.packages.asked import Asked
from jupyter_repro.packages.pins import Pins

_NO_DIGEST = "a commit has no digest that pip would check"
_NO_VERSION = "asked for without one version, so no digest belongs to it"


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
    wanted = wanted_of(request)
    whole = wanted.with_asked
    hashed = hash_packages(request, whole)
    remarks = wanted.remarks(hashed.files)
    is_hashed = _wants_digests(request) and _has_digests(request, hashed, wanted)
    if is_hashed:
        lines = [*_hashed_lines(hashed, wanted)]
        missing = without_unknown(hashed.missing)
        remarks += [f"{pin.requirement}: {why_no_digest(pin, request)}" for pin in missing]
        remarks += [f"{one}: {_NO_DIGEST}" for one in _commits(wanted)]
        remarks += [f"{one.text}: {_NO_VERSION}" for one in _without_version(wanted)]
    else:
        lines = wanted.lines(hashed.files)
    if not lines:
        raise CannotExportError(why_nothing(remarks))
    places = named_places(request, whole)
    text = [
        comment(made_by(request.snapshot)),
        *(comment(sentence) for sentence in _header(request, whole, is_hashed=is_hashed)),
        *(comment(f"{one}  (of the imported file)") for one in places.comments),
        *index_options(whole),
        *places.options,
        *lines,
        *(comment(remark) for remark in remarks),
    ]
    notes = [] if is_hashed or not _wants_digests(request) else [_without(request, hashed, wanted)]
    notes += _notes(request, whole, remarks, is_hashed=is_hashed)
    notes += places.notes()
    notes += [] if is_hashed else wanted.loose_note()
    return PipLock(joined(text), notes, is_hashed)


def _commits(wanted: Wanted) -> list[str]:
    """Return the entries that are commits."""
    return [
        *(pin.requirement for pin in wanted.pins.packages if pin.is_repository),
        *(one.text for one in wanted.asked if not one.pin and "+" in one.text.partition("://")[0]),
    ]


def _without_version(wanted: Wanted) -> list[Asked]:
    """Return the requirements that no digest can belong to, besides commits."""
    commits = {*_commits(wanted)}
    return [one for one in wanted.asked if not one.pin and one.text not in commits]


def _wants_digests(request: Request) -> bool:
    return request.hashes and request.packages == "production"


def _has_digests(request: Request, hashed: Hashed, wanted: Wanted) -> bool:
    """Return whether there are digests, and every entry has one.

    If you ask an index for digests, commits, ranges and packages that it lacks become comments. A
    vendor's package is always an entry.
    """
    missing = without_unknown(hashed.missing)
    if request.files_of is None:
        others = bool(_commits(wanted) or _without_version(wanted))
        return bool(hashed.files) and not missing and not others
    return bool(hashed.files) and not any(pin.vendor for pin in missing)


def _without(request: Request, hashed: Hashed, wanted: Wanted) -> str:
    """Return why the file has no digests, and how to get them."""
    vendors = [pin for pin in hashed.missing if pin.vendor]
    if request.files_of is None and not hashed.missing:
        why = _NO_DIGEST if _commits(wanted) else _NO_VERSION
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


def _hashed_lines(hashed: Hashed, wanted: Wanted) -> Iterator[str]:
    texts = [(pin.requirement, pin) for pin in wanted.pins.packages]
    texts += [(one.text, one.pin) for one in wanted.asked if one.pin]
    for text, pin in texts:
        digests = dict.fromkeys(file.sha256 for file in hashed.files.get(pin, ()))
        if digests:
            yield " \\\n    ".join([text, *(f"--hash=sha256:{one}" for one in digests)])


def _header(request: Request, pins: Pins, *, is_hashed: bool) -> Iterator[str]:
    asked = request.snapshot.imported and request.snapshot.imported.requires_python
    if pins.python or asked:
        yield f"Python {pins.python or asked}"
    if is_hashed:
        yield "pip install --no-deps --only-binary :all: --require-hashes -r THIS_FILE"
    else:
        yield "Without digests: whatever the index has under these names is installed."
    yield from conda_without_place(request)
    yield from index_comments(pins, is_hashed=is_hashed)


def _notes(request: Request, pins: Pins, remarks: list[str], *, is_hashed: bool) -> Iterator[str]:
    yield from index_notes(pins, is_hashed=is_hashed)
    yield from comments_note(remarks)
    if request.platform:
        recorded = request.pins.platform
        yield f"These are the packages of {recorded}; {request.platform} may need others."
    yield from conda_without_place(request)
