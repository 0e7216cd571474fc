"""Read conda's match specifications, and decide whether they allow a version.

See https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html#package-match-specifications.
What is not understood gives None, never a guess.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SELECTOR = re.compile(r"\s#\s*\[([^\[\]#]*)\]\s*$")
_BRACKETS = re.compile(r"([^\[\]]*)\[([^\[\]]*)\]")
_PAIR = re.compile(r"\s*(\w+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^,'\"]*?))\s*(?:,|$)")
_ATOM = re.compile(r"(==|!=|>=|<=|~=|=|>|<)?([A-Za-z0-9_.+!*-]+)")
_PIN = re.compile(r"={0,2}([0-9][A-Za-z0-9_.+!]*?)(?:\.?\*)?")
_GLOB = re.compile(r"[A-Za-z0-9_.+*]+")


class MatchSpec(NamedTuple):
    """A match specification.

    Parameters
    ----------
    name
        Of the package, in lower case.
    version
        An expression such as ``>=1.2,<2``; ``=1.2`` also means its patches, ``==1.2`` does not.
    build
        A build string, perhaps with ``*``.
    channel
        As written.
    selector
        The condition in a comment behind it, such as ``linux``; conda itself does not read it.
    """

    name: str
    version: str | None = None
    build: str | None = None
    channel: str | None = None
    selector: str | None = None

    @property
    def pin(self) -> str | None:
        """The version, or the beginning of it, if the specification names just one."""
        found = _PIN.fullmatch(self.version or "")
        return found[1] if found else None

    @property
    def is_exact(self) -> bool:
        """Whether it names one version and one build."""
        version = (self.version or "").removeprefix("==")
        return bool(_PIN.fullmatch(version) and self.build and "*" not in version + self.build)


def parse_match_spec(text: str) -> MatchSpec | None:
    """Return the parts of a specification, or None if it has none of the known forms.

    Examples
    --------
    >>> parse_match_spec("conda-forge::numpy=1.26.4=py311h64a7726_0")[:4]
    ('numpy', '==1.26.4', 'py311h64a7726_0', 'conda-forge')
    >>> parse_match_spec("python >=3.10,<3.12  # [linux]").version
    '>=3.10,<3.12'
    """
    selector = _SELECTOR.search(text)
    text = (text[: selector.start()] if selector else text).strip()
    if "://" in text or "#" in text:
        return None
    channel, colons, rest = text.rpartition("::")
    keys: dict[str, str] = {}
    if "[" in rest:
        brackets = _BRACKETS.fullmatch(rest)
        if brackets is None:
            return None
        rest = brackets[1].strip()
        for key, *values in _PAIR.findall(brackets[2]):
            keys[key] = next(filter(None, values), "")
    name = _NAME.match(rest)
    if name is None:
        return None
    split = _split_version(rest[name.end() :].strip())
    if split is None:
        return None
    return MatchSpec(
        name[0].lower(),
        keys.get("version") or split[0],
        keys.get("build") or split[1],
        keys.get("channel") or (channel if colons else None) or None,
        selector[1].strip() if selector else None,
    )


def _split_version(text: str) -> tuple[str | None, str | None] | None:
    """Return the version and the build behind a name."""
    # Spaces around operators and separators are dropped; the others separate version and build
    text = re.sub(r"\s*([,|])\s*", r"\1", text)
    text = re.sub(r"([=<>!~])\s+(?=[=<>!~A-Za-z0-9*])", r"\1", text)
    parts = text.split()
    if not parts:
        return None, None
    version, build = parts[0], parts[1] if len(parts) > 1 else None
    fuzzy = re.fullmatch(r"(={1,2})([^=<>!~,|]+)(?:=([^=]+))?", version)
    if len(parts) > 2 or (build and fuzzy and fuzzy[3]):
        return None
    if fuzzy:
        build = build or fuzzy[3]
        if fuzzy[2] == "*":
            return None if build is None else (None, build)
        version = f"=={fuzzy[2]}" if fuzzy[1] == "==" or build else f"={fuzzy[2]}"
    elif re.match(r"[A-Za-z0-9]", version) and not re.search(r"[*,|]", version):
        version = f"=={version}"
    build = None if build == "*" else build
    if version == "*":
        return None, build
    return (version, build) if all(map(_ATOM.fullmatch, re.split(r"[,|]", version))) else None


def allows_version(expression: str, version: str) -> bool | None:
    """Return whether an expression allows a version, or None if that is not known.

    Examples
    --------
    >>> allows_version("=1.26", "1.26.4"), allows_version(">=2|==1.0", "1.26.4")
    (True, False)
    """
    either = [_allows_all(part, version) for part in expression.split("|")]
    if True in either:
        return True
    return None if None in either else False


def _allows_all(expression: str, version: str) -> bool | None:
    both = [_allows_atom(atom, version) for atom in expression.split(",")]
    if False in both:
        return False
    return None if None in both else True


def _allows_atom(atom: str, version: str) -> bool | None:
    found = _ATOM.fullmatch(atom)
    if found is None or not version:
        return None
    operator, literal = found[1] or "", found[2]
    if operator in {"", "=", "==", "!="}:
        same = _is_like(version, literal, prefix=operator == "=")
        return (not same if same is not None else None) if operator == "!=" else same
    try:
        here, there = Version(version), Version(literal.removesuffix("*").removesuffix("."))
    except InvalidVersion:
        return None
    if operator == "~=":
        release = there.release[:-1]
        return here >= there and here.release[: len(release)] == release
    if operator == ">=":
        return here >= there
    if operator == "<=":
        return here <= there or _public(version) == _public(literal)
    return here > there if operator == ">" else here < there


def _is_like(version: str, literal: str, *, prefix: bool) -> bool | None:
    base = literal.removesuffix("*")
    if "*" in base:
        return None
    if base != literal or prefix:
        base = base.rstrip(".")
        rest = version[len(base) :] if version.startswith(base) else None
        # `1.2*` is 1.2 and its patches for conda, and 1.20 as well for some readers
        loose = literal.endswith("*") and not literal.endswith(".*")
        if not base or (rest is not None and (loose or not rest[:1].isalnum())):
            return True
    try:
        return bool(Version(_public(version)) == Version(_public(base))) or (
            version == base or Version(version) == Version(base)
        )
    except InvalidVersion:
        return version == base


def _public(version: str) -> str:
    return version.partition("+")[0]


def allows_build(pattern: str, build: str) -> bool | None:
    """Return whether a pattern allows a build string, or None if that is not known."""
    if not build or not _GLOB.fullmatch(pattern):
        return None
    return fnmatchcase(build, pattern)


_MACHINES = {
    "64": ("64",),
    "32": ("32",),
    "x86_64": ("64",),
    "arm64": ("arm64", "aarch64"),
    "aarch64": ("aarch64", "arm64"),
    "ppc64le": ("ppc64le",),
}


def selects(selector: str, platform: str) -> bool | None:
    """Return whether a selector is true for a platform (``linux-64``), or None if not known.

    Examples
    --------
    >>> selects("linux", "linux-64"), selects("not win", "linux-64"), selects("py36", "linux-64")
    (True, True, None)
    """
    if selector.startswith("not "):
        inner = selects(selector[4:].strip(), platform)
        return None if inner is None else not inner
    for word, combine in ((" or ", any), (" and ", all)):
        if word in selector:
            parts = [selects(part.strip(), platform) for part in selector.split(word)]
            return None if None in parts else combine(part is True for part in parts)
    system, _, machine = platform.partition("-")
    if selector == "unix":
        return system != "win"
    if selector in _MACHINES:
        return machine in _MACHINES[selector]
    found = re.fullmatch(r"(linux|osx|win)-?(64|32|arm64|aarch64|ppc64le)?", selector)
    if found is None:
        return None
    return found[1] == system and (found[2] is None or found[2] == machine)
