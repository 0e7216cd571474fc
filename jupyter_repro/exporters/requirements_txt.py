"""Write the Python packages of a snapshot as a requirements.txt with the digests of all files.

https://pip.pypa.io/en/stable/topics/secure-installs/ describes the digests. Packages that conda
installed are not in it: they are often other ones on an index for Python, under other names.
"""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.exporters.environment_yml import python_remarks, requirement
from jupyter_repro.exporters.python_hashes import Hashed, hash_packages, require_hashes
from jupyter_repro.exporters.request import CannotExportError, Exported, Request, made_by
from jupyter_repro.exporters.text import comment, joined

_NO_DIGEST = "a commit has no digest that pip would check"


def export(request: Request) -> Exported:
    """Return the text of a requirements.txt.

    Without digests where the request does without, or asks for versions alone.

    Raises
    ------
    CannotExportError
        If there is no Python package, or a digest is wanted and not known.
    """
    pins = request.pins
    if not pins.packages:
        reason = "There is no Python package that pip could install again from its record."
        raise CannotExportError(reason)
    is_hashed = has_hashes(request)
    remarks, lines = python_remarks(pins), []
    if is_hashed:
        hashed = hash_packages(request)
        remarks += require_hashes(request, hashed, ", or do without (--no-hashes; hashes=no)")
        lines = [*_hashed_lines(hashed)]
        remarks += [
            f"{pin.requirement}: {_NO_DIGEST}" for pin in pins.packages if pin.is_repository
        ]
    else:
        lines = [requirement(pin, request.packages) for pin in pins.packages]
    text = [
        comment(made_by(request.snapshot)),
        *(comment(sentence) for sentence in _header(request, is_hashed=is_hashed)),
        *lines,
        *(comment(remark) for remark in remarks),
    ]
    return Exported({"requirements.txt": joined(text)}, [*_notes(request, remarks)])


def has_hashes(request: Request) -> bool:
    """Return whether the packages are named with their digests."""
    return request.hashes and request.packages == "production"


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


def without_conda(request: Request) -> Iterator[str]:
    """Yield the sentence that the file has no place for conda's packages."""
    if request.pins.conda:
        yield (
            f"The {len(request.pins.conda)} conda packages have no place in this file: "
            "environment.yml or an explicit file is for them."
        )


def _notes(request: Request, remarks: list[str]) -> Iterator[str]:
    if remarks:
        yield (
            f"Comments, not entries, for {len(remarks)}: {'; '.join(remarks[:3])}"
            f"{' …' if len(remarks) > 3 else ''}"
        )
    if request.platform:
        recorded = request.pins.platform
        yield f"These are the packages of {recorded}; {request.platform} may need others."
    yield from without_conda(request)
