"""Generated files of other tools and captured environments, with a list of what they say.

The files follow the formats' own grammars, as far as people and tools use them. Names, versions,
builds and places are drawn once a file, so that each can be looked for in any text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from hypothesis import strategies as st

from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.factories import snapshot_with

Kind: TypeAlias = Literal["python", "conda", "channel", "option", "other"]

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FORGE = "https://conda.anaconda.org/conda-forge"
_WORDS = ("alder", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine", "yew")


class Said(NamedTuple):
    """One thing that a file says: its words, each of which has to be somewhere."""

    kind: Kind
    words: tuple[str, ...]


class Environment(NamedTuple):
    """A captured snapshot, and what it says."""

    snapshot: Snapshot
    said: list[Said]


class ForeignFile(NamedTuple):
    """A file in a format of `importers.registry`, and what it says."""

    format: str
    text: str
    said: list[Said]


class Maker:
    """Draws the parts of one file: no two of them have a name or a version in common."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._count = 0
        self.said: list[Said] = []

    def one_of(self, *choices: str) -> str:
        """Return one of some texts."""
        return self._draw(st.sampled_from(choices))

    def many(self, make: Callable[[], str], least: int = 0, most: int = 4) -> list[str]:
        """Return some lines."""
        return [make() for _ in range(self._draw(st.integers(least, most)))]

    def say(self, kind: Kind, *words: str) -> None:
        """Note what the file says."""
        self.said.append(Said(kind, words))

    def name(self) -> str:
        """Return a name that is nowhere else."""
        self._count += 1
        return f"{self.one_of(*_WORDS)}{self.one_of('', '-', '-lib-')}{self._count}x"

    def version(self) -> str:
        """Return a version that is nowhere else."""
        self._count += 1
        return f"{self.one_of('0', '1', '2023')}.{1000 + self._count}{self.one_of('', '.0', '.2')}"

    def host(self) -> str:
        """Return a host that is nowhere else."""
        self._count += 1
        return f"h{self._count}.example.org"

    # -- what pip reads

    def pip_line(self) -> str:
        """Return a line of a requirements.txt, without what only conda writes."""
        makers: list[Callable[[], str]] = [
            *(self._pin, self._pin, self._range, self._bare, self._conditional),
            *(self._named_address, self._unnamed, self._editable, self._option),
            *(self._index, self._place, self._include, self._hashed, self._local),
        ]
        return self._draw(st.sampled_from(makers))()

    def requirement(self) -> str:
        """Return a requirement by PEP 508."""
        makers = [self._range, self._bare, self._conditional, self._named_address]
        return self._draw(st.sampled_from(makers))()

    def _pin(self) -> str:
        name, version = self.name(), self.version()
        self.say("python", name, version)
        shown = self.one_of(name, name.upper(), name.replace("-", "_"))
        return f"{shown}{self.one_of('==', ' == ', '===')}{version}{self.one_of('', '  # why')}"

    def _range(self) -> str:
        name, low, high = self.name(), self.version(), self.version()
        self.say("python", name, low, high)
        return f"{name}{self.one_of('', '[fast]', '[a,b]')}>={low},{self.one_of('<', '!=')}{high}"

    def _bare(self) -> str:
        name = self.name()
        self.say("python", name)
        return f"{name}{self.one_of('', '[fast]')}"

    def _conditional(self) -> str:
        name, version = self.name(), self.version()
        self.say("python", name, version, "python_version")
        extra = self.one_of("", "[fast]")
        return f'{name}{extra}=={version} ; python_version {self.one_of(">=", "<")} "3.9"'

    def _unnamed(self) -> str:
        source, words = self._source()
        self.say("python", *words)
        return source

    def _source(self) -> tuple[str, tuple[str, ...]]:
        """Return an address, and what of it has to be somewhere."""
        host, name = self.host(), self.name()
        kind = self.one_of("commit", "branch", "none", "archive", "hashed")
        if kind in {"archive", "hashed"}:
            digest = f"#sha256={'a' * 64}" if kind == "hashed" else ""
            return f"https://{host}/{name}/main.zip{digest}", (f"{host}/{name}/main.zip",)
        at = {"commit": f"@{COMMIT}", "branch": "@feature/x-1"}.get(kind, "")
        words = f"{host}/{name}.git", *filter(None, [at.strip("@")])
        return f"git+{self.one_of('https://', 'ssh://git@')}{host}/{name}.git{at}", words

    def _named_address(self) -> str:
        name = self.name()
        source, words = self._source()
        self.say("python", name, *words)
        condition = self.one_of("", "", ' ; python_version >= "3.9"')
        return f"{name}{self.one_of('', '[fast]')} @ {source}{condition}"

    def _editable(self) -> str:
        name = self.name()
        source, words = self._source()
        self.say("python", name, *words)
        return f"-e {source}{'&' if '#' in source else '#'}egg={name}"

    def _local(self) -> str:
        name = self.name()
        self.say("python", name)
        return f"{self.one_of('', '-e ')}./src/{name}"

    def _hashed(self) -> str:
        name, version = self.name(), self.version()
        self.say("python", name, version)
        return f"{name}=={version} \\\n    --hash=sha256:{'b' * 64}"

    def _index(self) -> str:
        host = self.host()
        self.say("option", f"{host}/simple")
        option = self.one_of("--index-url ", "-i ", "--extra-index-url=", "--extra-index-url ")
        return f"{option}https://{host}/simple"

    def _place(self) -> str:
        host = self.host()
        self.say("option", f"{host}/links.html")
        return f"{self.one_of('-f ', '--find-links ')}https://{host}/links.html"

    def _option(self) -> str:
        name = self.name()
        self.say("option", name)
        return f"{self.one_of('--no-binary', '--trusted-host', '--use-feature')} {name}"

    def _include(self) -> str:
        name = self.name()
        self.say("other", f"{name}.txt")
        return f"{self.one_of('-r', '-c', '--requirement')} ../{name}.txt"

    # -- what conda reads

    def channel(self) -> str:
        """Return a channel."""
        name, host = self.name(), self.host()
        channel = self.one_of(name, f"{name}/label/dev", f"https://{host}/{name}")
        self.say("channel", channel)
        return channel

    def spec(self) -> str:
        """Return a match specification."""
        name, version, build = self.name(), self.version(), self.build()
        form = self.one_of("", "=", "==", ">=", "build", "range", "channel", "brackets", "blank")
        if form == "":
            self.say("conda", name)
            return name
        if form == "build":
            self.say("conda", name, version, build)
            return f"{name}={version}={build}"
        if form == "channel":
            channel = self.name()
            self.say("conda", name, version, channel)
            return f"{channel}::{name}{self.one_of('=', '==')}{version}"
        if form == "range":
            high = self.version()
            self.say("conda", name, version, high)
            return f"{name}>={version},<{high}"
        self.say("conda", name, version)
        if form == "brackets":
            return f"{name}[version='>={version}']"
        return f"{name} {version}" if form == "blank" else f"{name}{form}{version}"

    def build(self) -> str:
        """Return a build string that is nowhere else."""
        self._count += 1
        return f"{self.one_of('py38h', 'cuda_h')}{self._count:07x}_{self.one_of('0', '1')}"

    def conda_url(self, channel: str = FORGE) -> tuple[str, str, str]:
        """Return the address of a conda package, its name and its version."""
        name, version, build = self.name(), self.version(), self.build()
        self.say("conda", name, version, build)
        subdir = self.one_of("linux-64", "noarch")
        extension = self.one_of(".conda", ".tar.bz2")
        return f"{channel}/{subdir}/{name}-{version}-{build}{extension}", name, version

    def wheel_url(self) -> tuple[str, str, str]:
        """Return the address of a wheel on PyPI, its name and its version."""
        name, version = self.name(), self.version()
        self.say("python", name, version)
        file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        return f"https://files.pythonhosted.org/packages/{file}", name, version


def _requirements(make: Maker) -> str:
    return "\n".join(make.many(make.pip_line, 1)) + "\n"


def _listed(make: Maker) -> str:
    """Return what ``conda list --export`` prints, among requirements."""

    def line() -> str:
        name, version, build = make.name(), make.version(), make.build()
        of_pip = make.one_of("", "", "pypi_0")
        if of_pip:
            make.say("python", name, version)
        else:
            make.say("conda", name, version, build)
        return f"{name}={version}={of_pip or build}"

    return "\n".join([*make.many(line, 1), *make.many(make.pip_line, most=2)]) + "\n"


def _environment_yml(make: Maker) -> str:
    channels = make.many(make.channel, most=2)
    specs = [f"- {spec!r}" if "[" not in spec else f'- "{spec}"' for spec in make.many(make.spec)]
    for url, _, _ in [make.conda_url() for _ in make.many(str, most=1)]:
        specs.append(f"- {url}#{'b' * 32}")
    pip = make.many(make.pip_line, 0 if specs else 1)
    lines = ["name: lab", *(["channels:"] if channels else []), *(f"- {one}" for one in channels)]
    lines += ["dependencies:", *specs]
    if pip:
        lines += ["- pip", "- pip:"]
        lines += [f"  - '{line.replace(chr(92) + chr(10), ' ')}'" for line in pip]
    return "\n".join(lines) + "\n"


def _explicit(make: Maker) -> str:
    urls = [make.conda_url() for _ in range(len(make.many(str, 1)))]
    digests = [make.one_of("", "#" + "b" * 32, "#sha256:" + "a" * 64) for _ in urls]
    lines = [url + digest for (url, _, _), digest in zip(urls, digests, strict=True)]
    return "\n".join(["# platform: linux-64", "@EXPLICIT", *lines]) + "\n"


def _conda_lock(make: Maker) -> str:
    channel = make.channel()
    lines = ["version: 1", "metadata:", "  channels:", f"  - url: {channel}"]
    lines += ["  platforms: [linux-64]", "package:"]

    md5, sha256 = f"md5: {'b' * 32}", f"sha256: {'a' * 64}"

    def entry(manager: str) -> str:
        url, name, version = make.conda_url() if manager == "conda" else make.wheel_url()
        return (
            f"- name: {name}\n  version: '{version}'\n  manager: {manager}\n"
            f"  platform: linux-64\n  dependencies: {{}}\n  url: {url}\n"
            f"  hash: {{{make.one_of(md5, sha256, f'{md5}, {sha256}')}}}\n  category: main\n"
            "  optional: false"
        )

    lines += make.many(lambda: entry("conda"), 1) + make.many(lambda: entry("pip"), most=2)
    return "\n".join(lines) + "\n"


def _pixi_lock(make: Maker) -> str:
    channel = make.channel()
    conda = [make.conda_url() for _ in range(len(make.many(str, 1)))]
    pypi = [make.wheel_url() for _ in range(len(make.many(str, most=2)))]
    named = f"- url: {channel if '://' in channel else f'https://conda.anaconda.org/{channel}'}/"
    lines = ["version: 6", "environments:", "  default:", "    channels:", f"    {named}"]
    lines += ["    packages:", "      linux-64:"]
    lines += [f"      - conda: {url}" for url, _, _ in conda]
    lines += [f"      - pypi: {url}" for url, _, _ in pypi]
    lines.append("packages:")
    for url, _, _ in conda:
        sha256, md5 = f"  sha256: {'a' * 64}", f"  md5: {'b' * 32}"
        lines += [f"- conda: {url}", make.one_of(f"{sha256}\n{md5}", sha256, md5)]
    for url, name, version in pypi:
        lines += [f"- pypi: {url}", f"  name: {name}", f"  version: '{version}'"]
        lines += [f"  sha256: {'a' * 64}"]
    return "\n".join(lines) + "\n"


def _uv(make: Maker) -> str:
    return _uv_lock(make) if make.one_of("lock", "block") == "lock" else _uv_block(make)


def _uv_block(make: Maker) -> str:
    version, host = make.version(), make.host()
    make.say("other", version)
    make.say("option", f"{host}/simple")
    quoted = "".join(f"#   '{line}',\n" for line in make.many(make.requirement, 1))
    return (
        f"# /// script\n# requires-python = '>={version}'\n# dependencies = [\n{quoted}# ]\n"
        f"# [tool.uv]\n# index-url = 'https://{host}/simple'\n# ///\n"
    )


def _uv_lock(make: Maker) -> str:
    def entry() -> str:
        name, version, host = make.name(), make.version(), make.host()
        form = make.one_of("pypi", "index", "git", "url", "editable", "twice", "virtual")
        words = [name, *([] if form in {"editable", "git", "virtual"} else [version])]
        make.say("python", *words, *([host] if form in {"git", "url"} else []))
        if form == "index":
            make.say("option", f"{host}/simple")
        head = f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
        pypi = 'source = { registry = "https://pypi.org/simple" }\n'
        if form == "twice":
            other = make.version()
            make.say("python", name, other)
            return f"{head}{pypi}{head.replace(version, other)}{pypi}"
        source = {
            "pypi": pypi,
            "index": f'source = {{ registry = "https://{host}/simple" }}\n',
            "git": f'source = {{ git = "https://{host}/x?rev=main#{COMMIT}" }}\n',
            "url": f'source = {{ url = "https://{host}/{name}-{version}.zip" }}\n',
            "editable": f'source = {{ editable = "../{name}" }}\n',
            "virtual": 'source = { virtual = "." }\n',
        }[form]
        return head + source

    version = make.version()
    make.say("other", version)
    lines = make.many(entry, 1)
    return f'version = 1\nrequires-python = ">={version}"\n\n' + "\n".join(lines)


_MAKERS: dict[str, tuple[str, Callable[[Maker], str]]] = {
    "requirements.txt": ("requirements.txt", _requirements),
    "a list of packages": ("requirements.txt", _listed),
    "environment.yml": ("environment.yml", _environment_yml),
    "explicit": ("explicit", _explicit),
    "conda-lock.yml": ("conda-lock.yml", _conda_lock),
    "pixi.lock": ("pixi.lock", _pixi_lock),
    "uv": ("uv", _uv),
}
FOREIGN = tuple(_MAKERS)
"""What can be generated."""


@st.composite
def foreign_files(draw: st.DrawFn, name: str) -> ForeignFile:
    """Return files of a kind, one of `FOREIGN`."""
    format_name, write = _MAKERS[name]
    make = Maker(draw)
    return ForeignFile(format_name, write(make), make.said)


@st.composite
def environments(draw: st.DrawFn) -> Environment:
    """Return captured environments, with conda packages and distributions of all origins."""
    make = Maker(draw)
    channel = make.channel()
    folder = channel if "://" in channel else f"https://conda.anaconda.org/{channel}"
    groups: dict[str, list[str]] = {}
    lines: list[str] = []

    def conda() -> str:
        group = make.one_of(
            f"{folder}/linux-64", f"{folder}/noarch", "file://***/linux-64", "unknown"
        )
        name, version, build = make.name(), make.version(), make.build()
        make.say("conda", name, version, build)
        end = "" if group == "unknown" else make.one_of(".conda", ".tar.bz2")
        digest = make.one_of("", "#" + "b" * 32, "#" + "a" * 64)
        groups.setdefault(group, []).append(f"{name}-{version}-{build}{end}{digest}")
        return f"{name}=={version} [conda]"

    def distribution() -> str:
        name, version, host = make.name(), make.version(), make.host()
        notes = make.one_of(
            *("pip", "uv", "unknown", "pip, user-site", "pip, replaces-conda", "pip, editable"),
            *(f"pip, editable, git+https://{host}/x@{COMMIT}", "pip, editable, file://***/x"),
            *(f"pip, git+https://{host}/x@{COMMIT}", f"pip, git+https://{host}/x@main"),
            *(f"pip, https://{host}/x-1.zip", f"pip, https://{host}/x-1.zip#sha256={'a' * 64}"),
            *("pip, file://***/x-1-py3-none-any.whl", f"pip, hg::https://{host}/x", "other"),
        )
        local = make.one_of("", "", "", "+local7")
        # The version of a package from an address is part of the address
        make.say(
            "python",
            name,
            *([] if "://" in notes else [version]),
            *([host] if host in notes else []),
        )
        return f"{name}=={version}{local} [{notes}]"

    lines += make.many(conda, 1) + make.many(distribution, 1, 6)
    has_conda = make.one_of("conda", "conda", "no conda") == "conda"
    if not has_conda:
        make.said[:] = [one for one in make.said if one.kind == "python"]
        lines = [line for line in lines if not line.endswith("[conda]")]
    layer = {"packages": groups, "channels": [channel], "requested": []}
    none = {"status": "unavailable", "reason": "not a conda environment", "packages": {}}
    snapshot = snapshot_with(
        conda=layer if has_conda else none | {"channels": [], "name": None},
        packages={"packages": sorted(lines)},
    )
    return Environment(snapshot, make.said)
