"""Find which distributions the notebook imported.

The notebook probe calls it with the scan of the distributions. It reads the names and files of
loaded modules and the lists that installers wrote. It imports nothing and accesses nothing that
could make a module load more.

The kernel loads about forty distributions for itself. What IPython, ipykernel and jupyter_repro
require is left out, unless the user's namespace contains one of its modules, functions or classes:
``import psutil`` in a cell makes psutil a used distribution, although the kernel needs it anyway.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import FunctionType, ModuleType

from jupyter_repro.capturing.sources.python.distributions import (
    InstalledDistribution,
    distributions_of,
)
from jupyter_repro.packages.names import normalise
from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.world import World

KERNEL = ("ipykernel", "ipython", "jupyter-repro")
"""Every kernel with jupyter_repro loads these: never used, whatever a cell imports."""

MACHINERY = (
    *KERNEL,
    *("google-colab", "ipywidgets", "xeus-python", "xeus-python-shell"),
    # jupyter_repro loads them, or .pth files do when Python starts
    *("msgspec", "nvidia-ml-py", "packaging", "pip", "setuptools", "threadpoolctl"),
)
"""These and what they require serve the kernel: used only if the user's namespace has them."""

MAX_RECORD = 4_000_000
MAX_METADATA = 65_536
MAX_NAMES = 10_000

_TOP = re.compile(rb"^\"?([^/,\"\r\n]+)[/,]", re.MULTILINE)
_REQUIRED = re.compile(rb"^Requires-Dist:[ \t]*([A-Za-z0-9][A-Za-z0-9._-]*)(.*)", re.MULTILINE)


def collect_used(world: World) -> list[str]:
    """Return the distributions that the process of `world` uses; see `used_distributions`."""
    return used_distributions(world.modules, distributions_of(world))


def used_distributions(
    modules: Mapping[str, ModuleType], distributions: Sequence[InstalledDistribution]
) -> list[str]:
    """Return the distributions whose modules are loaded, without those that serve the kernel.

    Parameters
    ----------
    modules
        As `sys.modules`. Its ``__main__`` is the user's namespace.
    distributions
        As `scan` returns them.

    Returns
    -------
    list of str
        Normalised names, sorted. A module in the user's folder belongs to none, even if a
        distribution has its name.
    """
    files = _loaded_files(modules)
    owners = _Owners(distributions)
    used = {top: owner for top, file in files.items() if (owner := owners.find(top, file))}
    wanted = {used[top] for top in _names_in_namespace(modules.get("__main__")) if top in used}
    machinery = _machinery(tuple((one.name, one.info) for one in distributions if not one.beside))
    return sorted(({*used.values()} - machinery) | (wanted - set(KERNEL)))


def namespace_of(module: object) -> dict[str, object]:
    """Return the namespace of a module without loading a lazy module."""
    try:
        found = object.__getattribute__(module, "__dict__")
    except AttributeError:
        return {}
    return found if isinstance(found, dict) else {}


def _loaded_files(modules: Mapping[str, ModuleType]) -> dict[str, str]:
    """Return the files of the top-level modules that are not part of Python.

    For packages without a file (``google``), these are the files of their direct children.
    """
    found: dict[str, str] = {}
    spread = set()
    known = dict(modules)  # other threads may import at the same time
    for name, module in known.items():
        if "." in name or name in sys.stdlib_module_names or name.startswith("__"):
            continue
        namespace = namespace_of(module)
        file = namespace.get("__file__")
        if isinstance(file, str):
            found[name] = file
        elif "__path__" in namespace:
            spread.add(name)
    if spread:
        for name, module in known.items():
            top, _, inner = name.partition(".")
            if inner and "." not in inner and top in spread:
                file = namespace_of(module).get("__file__")
                if isinstance(file, str):
                    found[name] = file
    return found


class _Owners:
    """Finds the distribution of a loaded module's file."""

    def __init__(self, distributions: Sequence[InstalledDistribution]) -> None:
        self._by_name: dict[str, list[InstalledDistribution]] = {}
        self._sites: dict[str, list[InstalledDistribution]] = {}
        self._editable: list[tuple[str, str]] = []
        for one in distributions:
            self._by_name.setdefault(one.name, []).append(one)
            if not one.beside:
                self._sites.setdefault(one.site + os.sep, []).append(one)
            if one.folder:
                self._editable.append((os.path.join(one.folder, ""), one.name))  # noqa: PTH118
        self._editable.sort(key=lambda pair: -len(pair[0]))
        self._tops: dict[str, dict[str, list[InstalledDistribution]]] = {}

    def find(self, module: str, file: str) -> str | None:
        """Return the name of the distribution that a file belongs to, or None."""
        for one in self._by_name.get(normalise(module), ()):
            if file.startswith(one.site + os.sep):
                return one.name
        site = max((site for site in self._sites if file.startswith(site)), key=len, default="")
        for folder, name in self._editable:
            # The environment may be inside the source folder: the deeper folder owns the file
            if file.startswith(folder) and len(folder) > len(site):
                return name
        return self._find_in(site, file[len(site) :]) if site else None

    def _find_in(self, site: str, file: str) -> str | None:
        """Return the distribution that installed a file, given relative to its folder."""
        path = file.replace(os.sep, "/")
        tops = self._tops.get(site)
        if tops is None:
            tops = self._tops[site] = {}
            for one in self._sites[site]:
                for top in _top_levels(one.info):
                    tops.setdefault(top, []).append(one)
        first = path.partition("/")[0]
        candidates = tops.get(first) or tops.get(first.partition(".")[0], [])
        if len(candidates) == 1:
            return candidates[0].name
        # Several distributions share the folder of a namespace: their lists of files decide
        line = f"\n{path},".encode()
        return next((one.name for one in candidates if line in b"\n" + _record(one.info)), None)


def _record(info: str) -> bytes:
    return read_head(f"{info}{os.sep}RECORD", MAX_RECORD) or b""


@lru_cache(maxsize=4_096)
def _top_levels(info: str) -> frozenset[str]:
    """Return the names that a distribution put directly into its folder on ``sys.path``."""
    listed = read_head(f"{info}{os.sep}top_level.txt", MAX_METADATA)
    names = listed.split() if listed else _TOP.findall(_record(info))
    return frozenset(os.fsdecode(name) for name in names)


@lru_cache(maxsize=2)
def _machinery(distributions: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Return `MACHINERY` and all that it requires, if installed."""
    infos = dict(reversed(distributions))
    found: set[str] = set()
    waiting = [name for name in MACHINERY if name in infos]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in _required(infos[name]) if other in infos]
    return frozenset(found)


def _required(info: str) -> list[str]:
    head = read_head(f"{info}{os.sep}METADATA", MAX_METADATA) or b""
    head = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    return [
        normalise(name.decode())
        for name, rest in _REQUIRED.findall(head)
        if b"extra ==" not in rest and b"extra==" not in rest
    ]


def _names_in_namespace(main: ModuleType | None) -> set[str]:
    """Return the modules in the user's namespace, and those that its values come from.

    Children of packages are included: ``google.protobuf``.
    """
    found: set[str] = set()
    for name, value in list(namespace_of(main).items())[:MAX_NAMES]:
        if name.startswith("_"):
            continue
        # By type only: reading `__class__` of a proxy would make it look up its object
        if issubclass(type(value), ModuleType):
            full = namespace_of(value).get("__name__")
        elif issubclass(type(value), (type, FunctionType)):
            full = getattr(value, "__module__", None)
        else:
            continue
        if isinstance(full, str):
            parts = full.split(".")
            found |= {parts[0], ".".join(parts[:2])}
    return found
