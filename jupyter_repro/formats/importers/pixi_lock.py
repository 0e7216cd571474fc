"""Import a ``pixi.lock``, versions 4 to 7 (https://pixi.sh/latest/workspace/lockfile/)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jupyter_repro.capturing.sources.conda.order import dependency_name
from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.draft import Draft, only_text
from jupyter_repro.formats.importers.locks import (
    LockedPython,
    add_python,
    choose_platform,
    digest_of_entry,
    entries,
    text_of,
)
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.yaml import Plain, read_yaml

VERSIONS = ("4", "5", "6", "7")
DEFAULT = "default"


def read(text: str, draft: Draft) -> None:
    """Add the packages of one environment and one platform.

    The environment is the requested one, else ``default``, else the only one.

    Raises
    ------
    UnreadableError
        If the file is not a pixi.lock, has a different version, or lacks the environment or the
        platform.
    """
    plain = read_yaml(text)
    environments = plain.get("environments") if isinstance(plain, dict) else None
    if not isinstance(plain, dict) or not isinstance(environments, dict):
        reason = "is no pixi.lock: it has no environments."
        raise UnreadableError(reason)
    if plain.get("version") not in VERSIONS:
        reason = f"is a pixi.lock of a version that is not known; {', '.join(VERSIONS)} are."
        raise UnreadableError(reason)
    subdirs = {
        text_of(one, "name"): text_of(one, "subdir") or text_of(one, "name")
        for one in entries(plain.get("platforms"))
    }
    environment = _choose(environments, draft, subdirs)
    platforms = _platforms(environment)
    chosen = choose_platform(draft, {name: subdirs.get(name, name) for name in platforms})
    for channel in entries(environment.get("channels")):
        draft.add_channel(text_of(channel, "url"))
    details = {_address_of(one)[1]: one for one in entries(plain.get("packages"))}
    for entry in entries(platforms[chosen]):
        kind, address = _address_of(entry)
        _add(draft, kind, address, details.get(address, entry))


def _choose(
    environments: dict[str, Plain], draft: Draft, subdirs: Mapping[str, str]
) -> dict[str, Plain]:
    names = [*environments]
    name = draft.environment or (DEFAULT if DEFAULT in names or len(names) != 1 else names[0])
    chosen = environments.get(name)
    if not isinstance(chosen, dict):
        listed = printable(", ".join(names), 200) or "none"
        reason = (
            f"has no environment called {printable(name, 50)}; it has {listed}: "
            "choose one with --environment."
        )
        raise UnreadableError(reason)
    if not _platforms(chosen):
        having = [other for other in names if _has(environments[other], draft.platform, subdirs)]
        listed = printable(", ".join(having), 200) or "none"
        reason = (
            f"has no packages in its environment {printable(name, 50)}. Environments with packages "
            f"for {draft.platform}: {listed}. Choose one with --environment."
        )
        raise UnreadableError(reason)
    if len(names) > 1:
        others = ", ".join(other for other in names if other != name)
        draft.note(f"Of its environments the one called {name} was read, not {others}.")
    return chosen


def _platforms(environment: Plain) -> dict[str, Plain]:
    """Return the packages of an environment, by the name of their platform."""
    found = environment.get("packages") if isinstance(environment, dict) else None
    return found if isinstance(found, dict) else {}


def _has(environment: Plain, platform: str, subdirs: Mapping[str, str]) -> bool:
    names = _platforms(environment)
    return platform in names or platform in {subdirs.get(name, name) for name in names}


def _address_of(entry: dict[str, Plain]) -> tuple[str, str]:
    """Return the kind of an entry and its address: versions 4 and 5 have a different form."""
    for kind in ("conda", "pypi", "conda_source"):
        if kind in entry:
            return kind, text_of(entry, kind)
    return text_of(entry, "kind"), text_of(entry, "url") or text_of(entry, "path")


def _add(draft: Draft, kind: str, address: str, detail: dict[str, Plain]) -> None:
    if kind != "pypi":
        if kind == "conda" and re.search(r"\.(?:conda|tar\.bz2)$", address):
            needs = detail.get("depends")
            names = map(dependency_name, only_text(needs if isinstance(needs, list) else ()))
            digest, md5 = digest_of_entry(detail), text_of(detail, "md5")
            draft.add_conda_file(address, digest, md5=md5, needs=names)
        else:
            # Version 7 writes `name[digest] @ address`
            name = text_of(detail, "name") or re.split(r"[\[\s]", address, maxsplit=1)[0]
            draft.note(f"{name} is built from a source folder and left out.")
        return
    package = LockedPython(
        text_of(detail, "name"),
        text_of(detail, "version"),
        address.removeprefix("direct+"),
        text_of(detail, "sha256"),
        is_direct=address.startswith("direct+"),
        editable=text_of(detail, "editable") == "true",
    )
    add_python(draft, package)
