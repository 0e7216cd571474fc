"""Read the configuration files of conda and of mamba, in their order, and merge them as conda does.

conda's files and their order are ``SEARCH_PATH`` in its ``conda/base/constants.py``; the values of
several files are merged as in ``merge`` in its ``conda/common/configuration.py``:

* A later file is stronger; the variable ``CONDA_CHANNELS`` is stronger than any file.
* Lists are joined, the strongest first, without repetitions. ``#!top`` and ``#!bottom`` after an
  item move it to the beginning and to the end.
* ``#!final`` after a key ends the search: stronger files do not count for this key.
* Tables are joined key by key. For single values, the strongest counts.

https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/use-condarc.html

mamba and micromamba read further files (``compute_default_rc_sources`` in
``libmamba/src/api/configuration.cpp``), and do not support the flags.

PyYAML is imported only if there is such a file. A file that `read_yaml` refuses (aliases, tags, a
duplicate key) is marked as unreadable and never adds a channel.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from jupyter_repro.capturing.sources.conda.prefix import is_base, read_config
from jupyter_repro.errors import UnreadableError
from jupyter_repro.safety.world import World

Program: TypeAlias = Literal["conda", "mamba"]

_SYSTEM = (
    ("C:/ProgramData/conda",) if os.name == "nt" else ("{root}/etc/conda", "{root}/var/lib/conda")
)
_NAMES = (".condarc", "condarc", "condarc.d")

CONDA_FILES = (
    *(f"{folder}/{name}" for folder in _SYSTEM for name in _NAMES),
    *(f"{{base}}/{name}" for name in _NAMES),
    *(f"{{xdg}}/conda/{name}" for name in _NAMES),
    *(f"{{home}}/.config/conda/{name}" for name in _NAMES),
    *(f"{{home}}/.conda/{name}" for name in _NAMES),
    "{home}/.condarc",
    *(f"{{prefix}}/{name}" for name in _NAMES),
    "{CONDARC}",
)
"""conda's search path, the weakest first. An unknown place is skipped."""

_MAMBA_NAMES = (*_NAMES, ".mambarc")

MAMBA_FILES = (
    *(f"{folder}/{name}" for folder in _SYSTEM for name in _MAMBA_NAMES),
    *(f"{{mamba_base}}/{name}" for name in _MAMBA_NAMES),
    *(f"{{user_config}}/conda/{name}" for name in _NAMES),
    *(f"{{home}}/.conda/{name}" for name in _NAMES),
    "{home}/.condarc",
    *(f"{{xdg}}/conda/{name}" for name in _NAMES),
    *(f"{{active}}/{name}" for name in _NAMES),
    "{CONDARC}",
    *(f"{{user_config}}/mamba/{name}" for name in (".mambarc", "mambarc", "mambarc.d")),
    *(f"{{home}}/.mamba/{name}" for name in (".mambarc", "mambarc", "mambarc.d")),
    "{home}/.mambarc",
    "{MAMBARC}",
    *(f"{{prefix}}/{name}" for name in _MAMBA_NAMES),
)
"""mamba's and micromamba's, the weakest first; a place counts once, at its first position."""

_FILE_NAMES = {"conda": {".condarc", "condarc"}}
_FILE_NAMES["mamba"] = {*_FILE_NAMES["conda"], ".mambarc", "mambarc"}
_SUFFIXES = {".yml", ".yaml"}

_LISTS = {
    "channels": ("channels", "channel"),
    "default_channels": ("default_channels",),
    "allowlist_channels": ("allowlist_channels", "whitelist_channels"),
    "denylist_channels": ("denylist_channels",),
}
"""Keys whose values are lists, and the names that conda accepts for each."""

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))")
_FLAG = re.compile(r"\s+[#!]+(top|bottom|final)[#!]*\s*$")


class Item(NamedTuple):
    """One value of a list, the file that contains it, and its flag."""

    text: str
    origin: str
    flag: str | None = None


class _List(NamedTuple):
    items: Sequence[Item]
    is_final: bool = False


class _File(NamedTuple):
    """The contents of one file. A key that it does not set is missing."""

    name: str
    lists: Mapping[str, _List]
    texts: Mapping[str, str]
    custom: Mapping[str, str]
    is_readable: bool = True


class Configuration(NamedTuple):
    """The merged contents of all files.

    Parameters
    ----------
    channels, default_channels, allowlist_channels, denylist_channels
        The strongest first. Empty if no file names any.
    channel_alias
        Empty if no file names one.
    custom_channels
        Name → address.
    is_readable
        Whether every existing file could be read. If not, the program itself may use more.
    """

    channels: list[Item]
    default_channels: list[Item]
    allowlist_channels: list[Item]
    denylist_channels: list[Item]
    channel_alias: str
    custom_channels: dict[str, str]
    is_readable: bool


def read_configuration(world: World, prefix: Path | None, program: Program) -> Configuration:
    """Return the configuration that a program uses for a prefix.

    Parameters
    ----------
    prefix
        The environment, or None if it does not exist yet.
    program
        ``mamba`` stands for micromamba as well.
    """
    files = [_read(path, world, prefix, program) for path in find_files(world, prefix, program)]
    files.append(_of_variables(world, program))
    merged = {key: _merge([one.lists[key] for one in files if key in one.lists]) for key in _LISTS}
    aliases = [alias for one in files if (alias := one.texts.get("channel_alias"))]
    custom: dict[str, str] = {}
    for one in files:
        custom.update(one.custom)
    return Configuration(
        **merged,
        channel_alias=aliases[-1] if aliases else "",
        custom_channels=custom,
        is_readable=all(one.is_readable for one in files),
    )


def find_files(world: World, prefix: Path | None, program: Program) -> list[Path]:
    """Return the existing configuration files, the weakest first."""
    if program == "mamba" and "MAMBA_RC_FILE" in world.environ:
        templates: tuple[str, ...] = ("{MAMBA_RC_FILE}",)
    else:
        templates = CONDA_FILES if program == "conda" else MAMBA_FILES
    places = _places(world, prefix)
    found: dict[Path, None] = {}
    for template in templates:
        name = template[1 : template.index("}")] if template[0] == "{" else None
        if name is not None and not places.get(name):
            continue
        path = Path(template.format_map(places)).expanduser()
        for one in _files_at(path, _FILE_NAMES[program]):
            found.setdefault(one)
    return [*found]


def _places(world: World, prefix: Path | None) -> dict[str, str]:
    environ, home = world.environ, str(world.home)
    xdg = environ.get("XDG_CONFIG_HOME", "")
    active = environ.get("CONDA_PREFIX", "")
    return {
        "root": str(world.root).rstrip(os.sep),
        "home": home,
        "xdg": xdg,
        "user_config": xdg or f"{home}/.config",
        "base": _base(environ, prefix),
        "mamba_base": environ.get("MAMBA_ROOT_PREFIX", ""),
        "active": active,
        "prefix": str(prefix) if prefix else active,
        **{name: environ.get(name, "") for name in ("CONDARC", "MAMBARC", "MAMBA_RC_FILE")},
    }


def _base(environ: Mapping[str, str], prefix: Path | None) -> str:
    """Return the prefix that conda itself runs in, if it is known."""
    if root := environ.get("CONDA_ROOT"):  # conda sets it where it is missing
        return root
    if executable := environ.get("CONDA_EXE"):
        return str(Path(executable).parent.parent)
    if prefix is not None and is_base(prefix):
        return str(prefix)
    if prefix is not None and prefix.parent.name == "envs":
        return str(prefix.parent.parent)
    return ""


def _files_at(path: Path, names: set[str]) -> Iterator[Path]:
    try:
        if path.is_dir():
            inside = sorted(path.iterdir(), key=lambda one: one.name)
            yield from (one for one in inside if one.suffix in _SUFFIXES and one.is_file())
        elif (path.name in names or path.suffix in _SUFFIXES) and path.is_file():
            yield path
    except (OSError, ValueError):  # a forbidden folder, a null character in a variable
        return


def _read(path: Path, world: World, prefix: Path | None, program: Program) -> _File:
    text = read_config(path)
    name = _shown(path, world, prefix)
    if not text.strip():
        return _File(name, {}, {}, {})
    from jupyter_repro.safety.yaml import read_yaml

    try:
        found = read_yaml(text)
    except UnreadableError as error:
        # "is empty": the file contains only comments
        return _File(name, {}, {}, {}, is_readable=str(error) == "is empty.")
    if not isinstance(found, dict):
        return _File(name, {}, {}, {}, is_readable=False)
    flags = _Flags(text) if program == "conda" and "#!" in text else None
    lists: dict[str, _List] = {}
    is_readable = True
    for key, names in _LISTS.items():
        given = next((one for one in names if one in found), None)
        value = found.get(given) if given else ""
        if given is None or value in ("", "~", "null"):
            continue
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            is_readable = False
            continue
        items = [
            Item(
                _expanded(str(one), world.environ),
                name,
                flags.of_item(given, index) if flags else None,
            )
            for index, one in enumerate(value)
        ]
        lists[key] = _List(items, bool(flags and flags.is_final(given)))
    alias = found.get("channel_alias")
    custom = found.get("custom_channels") or {}
    if not isinstance(custom, dict):
        custom, is_readable = {}, False
    return _File(
        name,
        lists,
        {"channel_alias": _expanded(alias, world.environ)} if isinstance(alias, str) else {},
        {
            key: _expanded(value, world.environ)
            for key, value in custom.items()
            if isinstance(value, str)
        },
        is_readable,
    )


def _expanded(text: str, environ: Mapping[str, str]) -> str:
    """Return a value with its variables replaced, as conda and mamba do; unknown ones stay."""
    return _VARIABLE.sub(lambda found: environ.get(found[1] or found[2], found[0]), text)


class _Flags:
    """The flags in the comments of a file, which a YAML parser drops."""

    def __init__(self, text: str) -> None:
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        self._lines = text.splitlines()
        self._nodes: dict[str, tuple[Any, Any]] = {}
        # `read_yaml` has accepted the text: one mapping, no aliases, not deep
        root: Any = yaml.compose(text, Loader=loader)
        for key, value in root.value:
            self._nodes[key.value] = key, value

    def of_item(self, key: str, index: int) -> str | None:
        item = self._nodes[key][1].value[index]
        flag = self._behind(item.end_mark)
        return flag if flag != "final" else None

    def is_final(self, key: str) -> bool:
        name, value = self._nodes[key]
        return self._behind(value.end_mark if value.flow_style else name.end_mark) == "final"

    def _behind(self, mark: Any) -> str | None:  # noqa: ANN401 - of a library without types
        line = self._lines[mark.line] if mark.line < len(self._lines) else ""
        match = _FLAG.search(line)
        return match[1] if match else None


def _of_variables(world: World, program: Program) -> _File:
    environ = world.environ
    keys = ("channels",) if program == "mamba" else tuple(_LISTS)
    lists = {}
    for key in keys:
        names = [f"CONDA_{name.upper()}" for name in _LISTS[key]]
        name = next((one for one in names if environ.get(one)), "")
        parts = environ.get(name, "").split(",")
        texts = [_expanded(part.strip(), environ) for part in parts]
        if items := [Item(one, name) for one in texts if one]:
            lists[key] = _List(items)
    prefix = "MAMBA" if program == "mamba" else "CONDA"
    alias = environ.get(f"{prefix}_CHANNEL_ALIAS", "")
    return _File("environment variables", lists, {"channel_alias": alias}, {})


def _merge(lists: Sequence[_List]) -> list[Item]:
    """Return the values of all lists, the strongest first; `lists` starts with the weakest."""
    final = next((index for index, one in enumerate(lists) if one.is_final), None)
    if final is not None:
        lists = lists[: final + 1]
    weakest_first = [item for one in lists for item in one.items]
    strongest_first = [item for one in reversed(lists) for item in one.items]
    top = [item for item in weakest_first if item.flag == "top"]
    bottom = [item for one in reversed(lists) for item in one.items if item.flag == "bottom"]
    without_bottom = _unique([*top, *strongest_first])
    return _unique([*reversed(bottom), *reversed(without_bottom)])[::-1]


def _unique(items: Iterable[Item]) -> list[Item]:
    found: dict[str, Item] = {}
    for item in items:
        found.setdefault(item.text, item)
    return [*found.values()]


def _shown(path: Path, world: World, prefix: Path | None) -> str:
    """Return the name of a file without its personal parts."""
    for folder, name in ((prefix, "<prefix>"), (world.home, "~")):
        if folder is not None and path.is_relative_to(folder):
            return f"{name}/{path.relative_to(folder).as_posix()}"
    return str(path)
