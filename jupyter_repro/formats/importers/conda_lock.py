"""Import a ``conda-lock.yml``, version 1 (https://conda.github.io/conda-lock/output/)."""

from __future__ import annotations

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.draft import Draft
from jupyter_repro.formats.importers.locks import (
    LockedPython,
    add_python,
    choose_platform,
    digest_of_entry,
    entries,
    text_of,
)
from jupyter_repro.safety.yaml import read_yaml


def read(text: str, draft: Draft) -> None:
    """Add the packages of one platform, without those of optional categories.

    Raises
    ------
    UnreadableError
        If the file is not a conda-lock.yml, has a different version, or lacks the platform.
    """
    plain = read_yaml(text)
    if not isinstance(plain, dict) or not isinstance(plain.get("package"), list):
        reason = "is no conda-lock file: it has no list of packages."
        raise UnreadableError(reason)
    if plain.get("version") != "1":
        reason = "is a conda-lock file of a version that is not known; 1 is."
        raise UnreadableError(reason)
    packages = [*entries(plain["package"])]
    platforms = {text_of(one, "platform") for one in packages}
    choose_platform(draft, {platform: platform for platform in platforms})
    metadata = plain.get("metadata")
    for channel in entries(metadata.get("channels") if isinstance(metadata, dict) else None):
        draft.add_channel(text_of(channel, "url"))
    optional = 0
    for one in packages:
        if text_of(one, "platform") != draft.platform:
            continue
        name, version, url = (text_of(one, key) for key in ("name", "version", "url"))
        if text_of(one, "optional") == "true" or text_of(one, "category") not in {"", "main"}:
            optional += 1
            continue
        found = one.get("hash")
        hashes = found if isinstance(found, dict) else {}
        if text_of(one, "manager") == "conda":
            needs = one.get("dependencies")
            draft.add_conda_file(
                url,
                digest_of_entry(hashes),
                md5=text_of(hashes, "md5"),
                needs=needs if isinstance(needs, dict) else (),
            )
        else:
            digest, is_direct = text_of(hashes, "sha256"), isinstance(one.get("source"), dict)
            add_python(draft, LockedPython(name, version, url, digest, is_direct))
    if optional:
        draft.note(f"{optional} packages of optional categories are left out.")
