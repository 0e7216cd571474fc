"""Read what the lock files of several tools have in common: entries, digests, platforms."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.draft import Draft
from jupyter_repro.packages.platforms import is_subdir
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.yaml import Plain


def entries(value: Plain | None) -> Iterator[dict[str, Plain]]:
    """Yield the mappings in a list; other values are not entries."""
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, dict):
            yield entry


def text_of(entry: Mapping[str, Plain], key: str) -> str:
    """Return a text of an entry, empty if there is none."""
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def digest_of_entry(entry: Mapping[str, Plain]) -> str | None:
    """Return the sha256 of an entry, else its md5."""
    return text_of(entry, "sha256") or text_of(entry, "md5") or None


def choose_platform(draft: Draft, platforms: Collection[str]) -> None:
    """Choose the platform to read from a lock file, and note which others it has.

    Raises
    ------
    UnreadableError
        If the requested platform is missing; a single platform is always taken.
    """
    known = sorted(name for name in platforms if is_subdir(name))
    if len(known) == 1:
        draft.platform = known[0]
    if draft.platform not in known:
        listed = printable(", ".join(known), 200) or "none"
        reason = f"is not for {draft.platform}, but for {listed}: choose one with --platform."
        raise UnreadableError(reason)
    draft.system["platform"] = draft.platform
    if len(known) > 1:
        others = ", ".join(name for name in known if name != draft.platform)
        draft.note(f"Of its platforms {draft.platform} was read, not {others}.")
