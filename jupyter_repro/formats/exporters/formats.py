"""List the export formats, choose one by a file's name, and make an export.

A third party adds a format through an entry point of `EXPORTER_GROUP`: an object with ``FILES``,
``TITLE`` and ``export(request)``, like the modules of this package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, cast

from jupyter_repro.capturing.plugins import Broken, load_plugins
from jupyter_repro.errors import UsageError
from jupyter_repro.formats.exporters.request import (
    CannotExportError,
    Exported,
    ExportOptions,
    Level,
    Request,
    require_recorded_platform,
)
from jupyter_repro.formats.exporters.text import plain
from jupyter_repro.model.options import PINS, suggest
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.pins import pins_of
from jupyter_repro.settings import find_table

EXPORTER_GROUP = "jupyter_repro.exporters_v1"
NO_OPTIONS = ExportOptions()


class Format(NamedTuple):
    """A format for a snapshot.

    Parameters
    ----------
    name
        As ``--format`` takes it.
    module
        Of this package; empty for a third party's format.
    files
        Patterns for the name of its file. The first is the default name; a slash at its end makes
        it a folder.
    title
        Its description in a menu.
    exact
        Whether it always names builds or files of one platform.
    has_python_hashes
        Whether it can contain digests of Python packages, so asking your index is useful.
    """

    name: str
    module: str
    files: tuple[str, ...]
    title: str
    exact: bool = False
    has_python_hashes: bool = False


FORMATS = {
    one.name: one
    for one in (
        Format(
            "environment.yml",
            "environment_yml",
            ("environment.yml", "*.yml", "*.yaml"),
            "conda, mamba, micromamba",
        ),
        Format(
            "explicit",
            "explicit",
            ("explicit.txt", "explicit*.txt", "conda-*.lock", "spec-file.txt", "spec-list.txt"),
            "conda @EXPLICIT: addresses with digests",
            exact=True,
        ),
        Format(
            "requirements.txt",
            "requirements_txt",
            ("requirements.txt", "requirements*.txt"),
            "pip, uv",
            has_python_hashes=True,
        ),
        Format(
            "pylock.toml",
            "pylock_toml",
            ("pylock.toml", "pylock.*.toml"),
            "Python lock file (PEP 751)",
            has_python_hashes=True,
        ),
        Format(
            "conda-lock.yml",
            "conda_lock",
            ("conda-lock.yml", "*conda-lock.yml", "*conda-lock.yaml"),
            "conda-lock, mamba, micromamba",
            exact=True,
            has_python_hashes=True,
        ),
        Format(
            "pixi.lock",
            "pixi_lock",
            ("pixi.lock", "*pixi.lock"),
            "pixi",
            exact=True,
            has_python_hashes=True,
        ),
        Format(
            "dockerfile",
            "dockerfile",
            ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "Containerfile"),
            "Docker image with micromamba",
            exact=True,
            has_python_hashes=True,
        ),
        Format(
            "apptainer",
            "apptainer",
            ("apptainer.def", "*.def"),
            "Apptainer image",
            exact=True,
            has_python_hashes=True,
        ),
        Format(
            "binder", "binder", (".binder/",), "mybinder.org, repo2docker", has_python_hashes=True
        ),
        Format(
            "github-actions",
            "github_actions",
            (".github/workflows/notebook.yml", ".github/workflows/*.y*ml"),
            "weekly check on GitHub",
        ),
        Format(
            "cyclonedx",
            "cyclonedx",
            ("bom.cdx.json", "*.cdx.json", "bom.json"),
            "bill of materials (CycloneDX)",
        ),
        Format(
            "ro-crate", "ro_crate", ("ro-crate-metadata.json",), "research data package (RO-Crate)"
        ),
        Format(
            "paragraph",
            "paragraph",
            ("environment-paragraph.txt", "*paragraph.txt"),
            "paragraph for a paper",
        ),
        Format("markdown", "bug_report", ("environment.md", "*.md"), "Markdown for a bug report"),
    )
}
"""Name → format, in display order."""


def third_party_exporters() -> dict[str, Any]:
    """Return the exporters of other distributions, by entry-point name."""
    return dict(load_plugins(EXPORTER_GROUP, ("export", "FILES", "TITLE"), FORMATS))


def all_formats() -> tuple[dict[str, Format], dict[str, Any]]:
    """Return every format by name, and the objects of third parties' formats."""
    found = dict(FORMATS)
    objects = {}
    for name, one in third_party_exporters().items():
        if not isinstance(one, Broken) and one.FILES:
            objects[name] = one
            found[name] = Format(name, "", tuple(map(str, one.FILES)), plain(str(one.TITLE)))
    return found, objects


def format_of(path: Path | None, name: str | None) -> Format:
    """Return the requested format by its name, else by the name of the file.

    Raises
    ------
    UsageError
        If there is no such format, or the file name fits none.
    """
    if name is not None:
        known = FORMATS if name in FORMATS else all_formats()[0]
        if name not in known:
            hint = suggest(name, known, f"Choose one of {', '.join(known)}.")
            reason = f"There is no format {name!r}. {hint}"
            raise UsageError(reason)
        return known[name]
    if path is None:
        reason = "Name a file or a format. A file name such as environment.yml decides the format."
        raise UsageError(reason)
    found = _by_file(path, FORMATS.values()) or _by_file(path, all_formats()[0].values())
    if found is None:
        reason = (
            f"Cannot guess the format from the file name {plain(path.name)}. Choose one with "
            f"--format (format= in a notebook): {', '.join(FORMATS)}."
        )
        raise UsageError(reason)
    return found


def _by_file(path: Path, formats: Iterable[Format]) -> Format | None:
    """Return the format with the longest pattern that fits."""
    whole, name = path.absolute().as_posix(), path.name
    fitting = [
        (len(pattern), one)
        for one in formats
        for pattern in one.files
        if fnmatchcase(name, pattern.rstrip("/"))
        or ("/" in pattern.rstrip("/") and fnmatchcase(whole, f"*/{pattern}"))
    ]
    return max(fitting, key=lambda found: found[0])[1] if fitting else None


def make_request(
    snapshot: Snapshot,
    folder: Path,
    options: ExportOptions = NO_OPTIONS,
    *,
    prefix: Path | None = None,
    notebook: str | None = None,
) -> Request:
    """Return the request for an export.

    Parameters
    ----------
    folder
        Where to search for the project's ``pyproject.toml``, which may set the pins.
    prefix, notebook
        See `Request`.

    Raises
    ------
    UsageError
        If the project's table or the pins are invalid.
    """
    levels = {"conda": PINS.default, "packages": PINS.default, **_project_pins(folder)}
    if options.pins is not None:
        levels = dict.fromkeys(levels, options.pins)
    known = pins_of(snapshot)
    if known.platform is None and options.platform and not known.conda:
        # An imported file names none, and no build of it is for one
        known = known._replace(platform=options.platform)
    return Request(
        snapshot=snapshot,
        pins=known,
        conda=_level(levels["conda"], "pins"),
        packages=_level(levels["packages"], "pins"),
        platform=None if options.platform == known.platform else options.platform,
        is_level_requested=options.pins is not None,
        hashes=options.hashes,
        allows_index=options.allows_index,
        details_of=options.ask_channels,
        prefix=prefix,
        notebook=notebook,
    )


def export(wanted: Format, request: Request) -> Exported:
    """Return a snapshot in a format.

    Raises
    ------
    CannotExportError
        If the snapshot cannot be written in this format.
    """
    if wanted.exact:
        require_recorded_platform(request, wanted.name)
    if wanted.exact and request.conda != "production":
        if request.is_level_requested:
            reason = (
                f"{wanted.name} is exact: pins {request.conda} goes with environment.yml "
                "and requirements.txt."
            )
            raise CannotExportError(reason)
        request = replace(request, conda="production")
    return _exporter(wanted)(request)


def _exporter(wanted: Format) -> Callable[[Request], Exported]:
    if wanted.module:
        module = import_module(f"jupyter_repro.formats.exporters.{wanted.module}")
        return cast("Callable[[Request], Exported]", module.export)
    return cast("Callable[[Request], Exported]", all_formats()[1][wanted.name].export)


def _project_pins(folder: Path) -> Mapping[str, str]:
    """Return ``[tool.jupyter_repro.pins]`` of the project, such as ``conda = "version"``."""
    file, table = find_table(folder) or ("", {})
    pins = table.get("pins", {})
    if not isinstance(pins, dict) or not pins.keys() <= {"conda", "packages"}:
        reason = f"{file}: [tool.jupyter_repro.pins] takes only conda and packages."
        raise UsageError(reason)
    return {name: _level(value, f"{file}: pins.{name}") for name, value in pins.items()}


def _level(value: object, where: str) -> Level:
    try:
        return PINS.parse(value)
    except UsageError as error:
        reason = f"{where}: {error}"
        raise UsageError(reason) from None
