"""Read conda's match specifications, and decide whether they allow a version.

See https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html#package-match-specifications.
What is not understood gives None, never a guess.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

from jupyter_repro.packages.addresses import channel_name
from jupyter_repro.packages.conda_versions import (
    compare_conda_versions,
    parse_conda_version,
    starts_with,
)

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_CHANNEL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+]*://)?[A-Za-z0-9_*.:%/-]*[A-Za-z0-9_*.%-]")
_SUBDIR = re.compile(r"/(?:noarch|(?:linux|osx|win|emscripten|wasi|freebsd|zos)-[a-z0-9_]+)$")
_SELECTOR = re.compile(r"\s#\s*\[([^\[\]#]*)\]\s*$")
_BRACKETS = re.compile(r"([^\[\]]*)\[([^\[\]]*)\]")
_PAIR = re.compile(r"\s*(\w+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^,'\"\s]+))\s*(?:,|(?=\s)|$)")
_LITERAL = r"[A-Za-z0-9_.*][A-Za-z0-9_.+!*-]*"
_ATOM = re.compile(rf"(==|!=|>=|<=|~=|=|>|<)?({_LITERAL})")
_SPACED = rf"(?:(?:==|!=|>=|<=|~=|=|>|<)\s*)?{_LITERAL}"
# Versions, and a build behind a blank or an equals sign
_VERSIONS = re.compile(
    rf"({_SPACED}(?:\s*[,|]\s*{_SPACED})*)(?:(?:\s*=\s*|\s+)([A-Za-z0-9_.+*]+|\^\S*\$))?"
)
# `~=2` would allow whatever: conda refuses it
_LONE_SERIES = re.compile(r"~=[^.,|]*(?:[,|]|$)")
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
        As conda's users name it, without the folder of a platform.
    selector
        The condition in a comment behind it, such as ``linux``; conda itself does not read it.
    further
        Names of other keys in brackets, such as ``md5``.
    """

    name: str
    version: str | None = None
    build: str | None = None
    channel: str | None = None
    selector: str | None = None
    further: tuple[str, ...] = ()

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
    if "#" in text:
        return None
    head, bracket, _ = text.partition("[")
    channel, colons, rest = head.rpartition("::")
    keys: dict[str, str] = {}
    if bracket:
        brackets = _BRACKETS.fullmatch(text[len(channel) + len(colons) :])
        found = _keys(brackets[2]) if brackets else None
        if found is None:
            return None
        keys, rest = found, rest.strip()
    name = _NAME.match(rest)
    channel = keys.get("channel") or channel
    if (
        name is None
        or (channel and not _CHANNEL.fullmatch(channel))
        or bool(colons) > bool(channel)
    ):
        return None
    behind = rest[name.end() :]
    if behind and not behind.startswith((" ", "=", "<", ">", "!", "~")):
        return None
    split = _split_version(behind.strip())
    told = _split_version(keys.get("version", ""))
    if split is None or told is None or told[1]:
        return None
    return MatchSpec(
        name[0].lower(),
        told[0] or split[0],
        _plain_build(keys.get("build")) or split[1],
        channel_name(_SUBDIR.sub("", channel)) or None,
        selector[1].strip() if selector else None,
        tuple(sorted(keys.keys() - {"version", "build", "channel"})),
    )


def _keys(text: str) -> dict[str, str] | None:
    """Return the keys in brackets, or None if something else is there."""
    keys, end = {}, 0
    while end < len(text.rstrip()):
        pair = _PAIR.match(text, end)
        if pair is None:
            return None
        keys[pair[1]] = next(filter(None, pair.groups()[1:]), "")
        end = pair.end()
    return keys


def _split_version(text: str) -> tuple[str | None, str | None] | None:
    """Return the version and the build behind a name."""
    if text in {"", "="}:
        return None, None
    found = _VERSIONS.fullmatch(text)
    if found is None:
        return None
    version, build = re.sub(r"\s+", "", found[1]), _plain_build(found[2])
    if _LONE_SERIES.search(version):
        return None
    single = re.fullmatch(rf"(={{0,2}})({_LITERAL})", version)
    if single:
        equals, literal = single.groups()
        if literal == "*":
            return None, build
        is_fuzzy = equals == "=" and not build
        version = literal if "*" in literal else f"={literal}" if is_fuzzy else f"=={literal}"
    return version, build


def _plain_build(text: str | None) -> str | None:
    """Return a build; mamba 2 writes ``^py311_0$`` for one without a ``*``."""
    if not text or text == "*":
        return None
    inner = text[1:-1].replace(".*", "*").replace("\\", "")
    is_plain = text[0] == "^" and text[-1] == "$" and _GLOB.fullmatch(inner)
    return inner if is_plain else text


def spec_text(spec: MatchSpec) -> str:
    """Return a specification in the form that every tool reads.

    Its selector and further keys have no place there.

    Examples
    --------
    >>> spec_text(parse_match_spec("numpy[version='>=1.24,<2']"))
    'numpy >=1.24,<2'
    """
    version, build = spec.version, spec.build
    head = f"{spec.channel}::{spec.name}" if spec.channel else spec.name
    exact = (version or "").removeprefix("==")
    if build is None:
        is_single = version and version.startswith("=")
        return f"{head}{version}" if is_single else f"{head} {version}" if version else head
    if version is None or (version.startswith("==") and not re.search(r"[,|]", version)):
        return f"{head}={exact or '*'}={build}"
    return (
        f"{head} {f'{version[1:]}.*' if re.fullmatch(f'={_LITERAL}', version) else version} {build}"
    )


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
    base = literal.rstrip("*")
    if not base or "*" in base:
        return fnmatchcase(version, literal) if operator in {"", "=", "=="} else None
    is_start = base != literal or operator == "="
    here, there = parse_conda_version(version), parse_conda_version(base.rstrip("."))
    if here is None or there is None:
        return version == literal if operator in {"", "=="} else None
    if not there.local:
        # conda's versions have no label such as `+cu121`, those of Python packages may
        here = here._replace(local=())
    order = compare_conda_versions(here, there)
    is_same = starts_with(here, there) if is_start else order == 0
    if operator in {"", "=", "=="}:
        return is_same
    if operator == "!=":
        return not is_same
    if operator == "~=":
        start = parse_conda_version(base.rpartition(".")[0])
        return None if start is None else order >= 0 and starts_with(here, start)
    if order == 0:
        return operator in {">=", "<="}
    return (order > 0) is (operator in {">=", ">"})


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
