"""Write a snapshot as an environment.yml.

Packages are named by build string, by version, by major.minor, or as the user requested them.
A package that the file cannot reproduce is a comment with the reason, never an entry; see `pins`.
For the format, see
https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html.

Every value is in double quotes and follows a strict ASCII grammar, so YAML 1.1 and 1.2 read the
same texts, pip finds no option in its lines, and no text can break out of a value or a comment.
There is no ``prefix:`` and there are no variables.

The file is written without a YAML library, because PyYAML writes ``1e3`` without quotes, which a
YAML 1.2 reader parses as a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jupyter_repro.formats.exporters.python_requirements import Wanted, wanted_of
from jupyter_repro.formats.exporters.request import (
    CannotExportError,
    Exported,
    Level,
    Request,
    made_by,
    require_recorded_platform,
)
from jupyter_repro.formats.exporters.text import comment, comments_note, joined, quoted
from jupyter_repro.formats.exporters.vendors import index_notes, index_options, named_places
from jupyter_repro.packages.match_spec import parse_match_spec, selects, spec_text
from jupyter_repro.packages.pins import CondaPin
from jupyter_repro.packages.platforms import this_platform
from jupyter_repro.packages.versions import major_minor

# The format of conda, mamba and rattler: a name, perhaps its channel, a version, a build
_REQUESTED = re.compile(
    r"(?:(?P<channel>(?:https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/)?[A-Za-z0-9_][A-Za-z0-9_./-]*)::)?"
    r"(?P<name>[a-z0-9_][a-z0-9_.-]*)"
    r"(?:(?: ?[=<>!~]{1,2}| )[A-Za-z0-9_.*][A-Za-z0-9_.!+*=<>,|~]*(?:[ =][A-Za-z0-9_.*+]+)?)?"
)


# conda, mamba and micromamba pass the line to pip. conda-lock would fail there, but skips a line
# with a comment that ends in a selector which is not a platform
_NOT_FOR_CONDA_LOCK = "# of pip; for conda-lock: pip-repositories [pip]"


# PEP 440, without blanks and `===`, means the same for conda
_VERSIONS = re.compile(
    r"(?:[<>]=?|[=!~]=)[0-9][0-9A-Za-z.*]*(?:,(?:[<>]=?|[=!~]=)[0-9][0-9A-Za-z.*]*)*"
)


class _Section(NamedTuple):
    """The values of one list, and remarks on the packages that are left out."""

    values: list[str]
    remarks: list[str]


def export(request: Request, *, needs_pip: bool = False) -> Exported:
    """Return the text of an environment.yml.

    If the snapshot has no conda packages, the file requests Python by version, and all other
    packages are in the pip section.

    Parameters
    ----------
    needs_pip
        Whether pip is needed for packages that are not in this file.

    Raises
    ------
    CannotExportError
        For builds of a different platform, and if the requested packages are not recorded.
    """
    pins = request.pins
    if (request.conda == "production" and pins.conda) or _requests_builds(request):
        require_recorded_platform(request, f"environment.yml with pins {request.conda}")
    channels = _Section([*pins.channels], [str(one) for one in pins.left_out("channel")])
    if request.snapshot.imported and "nodefaults" in request.snapshot.layers.conda.channels:
        channels.values.append("nodefaults")  # no channel: the configured ones are not used
    wanted = wanted_of(request)
    pip = _pip_packages(wanted)
    conda = _conda_packages(request, needs_pip=needs_pip or bool(pip.values))
    whole = wanted.with_asked
    lines = [comment(sentence) for sentence in _header(request)]
    lines.append(f"name: {quoted(pins.name)}")
    if channels.values or channels.remarks:
        lines += _list("channels", channels)
    lines += _list("dependencies", conda)
    places = named_places(request, whole)
    indent = "    " if pip.values else "  "
    if pip.values:
        options = [*index_options(whole), *places.options]
        lines += ["  - pip:", *(f"    - {quoted(one)}  {_NOT_FOR_CONDA_LOCK}" for one in options)]
    lines += [comment(f"{one}  (of the imported file)", indent) for one in places.comments]
    lines += _items(pip, indent)
    notes = [*_notes(request, conda, pip, wanted), *places.notes()]
    return Exported({"environment.yml": joined(lines)}, notes)


def _header(request: Request) -> Iterator[str]:
    conda, recorded = request.snapshot.layers.conda, request.pins.platform
    yield made_by(request.snapshot)
    if conda.status == "ok":
        yield _BUILDS_REQUESTED if _requests_builds(request) else _HOW[request.conda]
    else:
        without = f"Recorded without conda ({conda.reason or 'no reason given'})"
        if request.snapshot.imported is not None:
            without = "Without conda packages, since the imported file lists none"
        yield f"{without}: Python's version, and the rest from pip."
        yield "Its channels are those of your own configuration."
    if request.platform:
        yield (
            f"For {request.platform}, from what {recorded or 'an unknown platform'} had: it is not "
            "solved yet, and packages that there are on one of them alone have to be taken out."
        )
    if conda.status == "ok" and conda.reason:
        yield f"The conda packages: {conda.reason}."


_HOW: dict[Level, str] = {
    "production": "Builds are those of one platform: this file does not work on a different one.",
    "version": "By version: builds are chosen anew, results may differ in the last digits.",
    "research": "By major.minor: patch versions and builds are chosen anew.",
    "history": "As asked for: whatever fits today is chosen, also of all dependencies.",
}


_BUILDS_REQUESTED = (
    "As asked for, which was one build of each package (a cloned environment, or one from a list "
    "of files): this file does not work on a different platform."
)


def _requests_builds(request: Request) -> bool:
    """Return whether the file lists requests, and each of them is for one build."""
    asked = request.snapshot.layers.conda.requested
    specs = [*map(parse_match_spec, asked)]
    return bool(request.conda == "history" and specs and all(one and one.is_exact for one in specs))


def _notes(request: Request, conda: _Section, pip: _Section, wanted: Wanted) -> Iterator[str]:
    yield from comments_note([*conda.remarks, *pip.remarks])
    if request.platform:
        yield f"For {request.platform} the file holds what was recorded, and was not solved."
    yield from index_notes(wanted.with_asked)
    yield from wanted.loose_note()


def _conda_packages(request: Request, *, needs_pip: bool) -> _Section:
    """Return the conda packages, and Python and pip if no record names them."""
    pins = request.pins
    found = _requested(request) if request.conda == "history" and pins.conda else _pinned(request)
    if request.snapshot.imported is not None and request.snapshot.layers.conda.requested:
        found = _with_asked(found, request)
    values, remarks = found
    if not any(re.match(r"python(?:[ =<>!~]|$)", value) for value in values):
        asked = request.snapshot.imported and request.snapshot.imported.requires_python
        if pins.python and not (request.conda == "history" and pins.conda):
            values.insert(0, _by(request.conda, "python", pins.python))
        elif asked and _VERSIONS.fullmatch(asked):
            values.insert(0, f"python {asked}")
        if not (asked and values):
            remarks[:0] = [str(one) for one in pins.left_out("core")]
    if needs_pip and not any(re.match(r"pip(?:[ =<>!~]|$)", value) for value in values):
        values.append("pip")
    return found


def _pinned(request: Request) -> _Section:
    pins = request.pins
    remarks = [str(one) for one in pins.left_out("conda")]
    remarks += [f"{_exact(pin)}: {_PRIVATE}" for pin in pins.conda if pin.is_private]
    values = [_spec(pin, request.conda) for pin in pins.conda if not pin.is_private]
    return _Section(sorted(values), sorted(remarks))


def _with_asked(pinned: _Section, request: Request) -> _Section:
    """Return the packages that an imported file pinned, and its other requests unchanged."""
    asked = _requested(request)
    if request.conda == "history":
        named = {spec.name for spec in map(parse_match_spec, asked.values) if spec}
        pins = [pin for pin in request.pins.conda if pin.name not in named]
        more = sorted(_exact(pin) for pin in pins if not pin.is_private)
        told = sorted(f"{_exact(pin)}: {_PRIVATE}" for pin in pins if pin.is_private)
        return _Section([*asked.values, *more], [*asked.remarks, *told])
    names = {pin.name for pin in request.pins.conda}
    others, channels = [], {}
    for spec in asked.values:
        found = _REQUESTED.fullmatch(spec)
        if found and found["name"] not in names:
            others.append(spec)
        elif found and found["channel"]:
            channels[found["name"]] = f"{found['channel']}::"
    values = [f"{channels.get(value.partition('=')[0], '')}{value}" for value in pinned.values]
    return _Section([*values, *others], [*pinned.remarks, *asked.remarks])


_PRIVATE = "from a private or local channel"


def _requested(request: Request) -> _Section:
    asked = request.snapshot.layers.conda.requested
    if not asked:
        reason = (
            "It is not known which packages you had requested; "
            "name their versions instead (pins version)."
        )
        raise CannotExportError(reason)
    private = {pin.name for pin in request.pins.conda if pin.is_private}
    platform = request.platform or request.pins.platform or this_platform()
    section = _Section([], [])
    for spec in dict.fromkeys(asked):
        plain, selector = _plain(spec)
        found = _REQUESTED.fullmatch(plain)
        if found and selector and not (holds := selects(selector, platform)):
            why = (
                f"not for {platform}" if holds is False else "not known whether its condition holds"
            )
            section.remarks.append(f"{spec}: {why}")
        elif found is None:
            section.remarks.append(f"{spec}: not a specification that every tool reads")
        elif found["name"] in private:
            section.remarks.append(f"{spec}: {_PRIVATE}")
        else:
            section.values.append(plain)
    return section


def _plain(spec: str) -> tuple[str, str | None]:
    """Return a specification in the form that every tool reads, and its condition."""
    parsed = None if _REQUESTED.fullmatch(spec) else parse_match_spec(spec)
    # What a clone of an environment requests: a digest adds nothing to a build
    is_whole = parsed and (parsed.is_exact or not parsed.further)
    if parsed is None or not is_whole:
        return spec, None
    return spec_text(parsed), parsed.selector


def _exact(pin: CondaPin) -> str:
    return f"{pin.name}={pin.version}={pin.build}"


def _spec(pin: CondaPin, level: Level) -> str:
    return _exact(pin) if level == "production" else _by(level, pin.name, pin.version)


def _by(level: Level, name: str, version: str) -> str:
    if level == "research":
        # One equals sign: this version and every version that begins with it
        return f"{name}={major_minor(version)}"
    return f"{name}={version}" if level == "production" else f"{name}=={version}"


def _pip_packages(wanted: Wanted) -> _Section:
    # In a marker, both kinds of quotation marks are equivalent
    return _Section([line.replace('"', "'") for line in wanted.lines()], wanted.remarks())


def _list(key: str, section: _Section) -> list[str]:
    # YAML reads a key without a value as null
    head = f"{key}:" if section.values else f"{key}: []"
    return [head, *_items(section, "  ")]


def _items(section: _Section, indent: str) -> Iterable[str]:
    yield from (f"{indent}- {quoted(value)}" for value in section.values)
    yield from (comment(remark, indent) for remark in section.remarks)
