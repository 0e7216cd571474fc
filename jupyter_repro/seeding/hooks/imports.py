"""Call back directly after the import of a watched module, before user code can use it.

One small finder on `sys.meta_path`, which also passes installed modules to the `ImportGuard`. It
imports nothing itself, finds nothing itself, and leaves no trace when it is removed: a module keeps
the loader that Python gave it. It must never break or slow down an import of the user, whatever
goes wrong in here.

A library's hook does not suffice: `%repro off` must leave no trace, and the hook must run again
after a reload. wrapt's hooks can be neither removed nor run twice. The module gets its own loader
back before its first line runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.machinery import ModuleSpec
from threading import get_ident
from types import ModuleType
from typing import Any, cast

from jupyter_repro.seeding.hooks.import_guard import ImportGuard, unseen

Callback = Callable[[ModuleType], None]


class ImportHook:
    """Callbacks by full module name.

    Parameters
    ----------
    guard
        Runs the imports that it covers.

    Attributes
    ----------
    failures : dict of str to str
        Purpose of a callback → what it raised when it was last called.
    """

    def __init__(self, guard: ImportGuard | None = None) -> None:
        self._guard = guard
        self.failures: dict[str, str] = {}
        self._callbacks: dict[str, list[tuple[str, Callback]]] = {}
        # Name → the module under that name that was checked and is not the library
        self._waiting: dict[str, ModuleType | None] = {}
        self._looking: set[tuple[int, str]] = set()
        self._anywhere: set[str] = set()
        self._folder = _working_folder()  # the user may leave it

    def install(self) -> None:
        """Put the finder in front of the others."""
        if _position(self) is None:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Take the finder away and forget every callback."""
        self._callbacks.clear()
        self._waiting.clear()
        self._guard = None
        position = _position(self)
        if position is not None:
            del sys.meta_path[position]

    def watch(self, name: str, purpose: str, callback: Callback, *, anywhere: bool = False) -> None:
        """Call `callback` with the module `name`: now if it is loaded, and after each import.

        Parameters
        ----------
        name
            Full name, for instance ``numpy.random``.
        purpose
            What the callback does, for `failures`.
        callback
            Runs in the importing thread. What it raises is kept in `failures`.
        anywhere
            The module also counts if it lies in the user's working folder.
        """
        if anywhere:
            self._anywhere.add(name)
        self._callbacks.setdefault(name, []).append((purpose, callback))
        module = self.library(name)
        if module is None:
            self._waiting.setdefault(name, None)
        else:
            self._waiting.pop(name, None)
            self._call(module, purpose, callback)

    def poll(self) -> None:
        """Look for watched modules that were imported without this finder.

        A different thread may have been in the middle of an import when the watch began, or a
        different finder may come before this one. This costs less than a microsecond.
        """
        modules = sys.modules
        for name, rejected in tuple(self._waiting.items()):
            if modules.get(name) is not rejected:
                self._look(name)

    def shadowed(self) -> Iterator[tuple[str, str]]:
        """Yield the watched names that a file in the user's own folder uses, and the file."""
        for name in tuple(self._waiting):
            spec = _spec_of(sys.modules.get(name))
            if spec is not None and self._is_users_own(spec):
                yield name, os.path.basename(spec.origin or "")  # noqa: PTH119 - a name, no path

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module for Python's import system; None unless `name` is watched or guarded."""
        guard = self._guard
        if name not in self._callbacks and (guard is None or not guard.is_idle()):
            return None
        # Other finders may ask all finders again (wrapt does): answer only the outermost time
        key = (get_ident(), name)
        if key in self._looking:
            return None
        self._looking.add(key)
        try:
            return self._own_spec(name, path, target)
        except Exception:  # noqa: BLE001 - the import system then asks the others by itself
            return None
        finally:
            self._looking.discard(key)

    def loaded(self, name: str) -> None:
        """Call the callbacks of `name`, whose import has just run (the loader calls this)."""
        module = sys.modules.get(name)
        if module is None:
            return
        self._waiting.pop(name, None)
        for purpose, callback in tuple(self._callbacks.get(name, ())):
            self._call(module, purpose, callback)

    def _own_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        position = _position(self)
        if position is None:
            return None
        for finder in sys.meta_path[position + 1 :]:
            find_spec = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find_spec(name, path, target) if find_spec else None
            if spec is not None:
                watched = name in self._callbacks and not self._is_users_own(spec)
                guarded = self._guard is not None and self._guard.covers(spec.origin)
                if (watched or guarded) and hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, self, name)  # type: ignore[assignment]
                return spec
        return None

    @unseen
    def execute(self, name: str, load: Callable[[], None]) -> None:
        """Run a module's import, under guard if it is an outermost one (see `_Loader`)."""
        guard = self._guard
        if guard is not None and guard.is_idle():
            guard.run(name, load)
        else:
            load()

    def _look(self, name: str) -> None:
        module = self.library(name)
        if module is not None:
            self.loaded(name)
        elif not _is_loading(sys.modules.get(name)):
            self._waiting[name] = sys.modules.get(name)

    def library(self, name: str) -> ModuleType | None:
        """Return the loaded module if its import is complete and it is not the user's own."""
        module = sys.modules.get(name)
        spec = _spec_of(module)
        if module is None or spec is None or _is_loading(module) or self._is_users_own(spec):
            return None
        return module

    def _is_users_own(self, spec: ModuleSpec) -> bool:
        """Return whether the module lies in the user's working folder.

        A library's top-level module lies in a folder of `sys.path`. If that folder is the working
        folder, the folder of the notebook or that of the script, the module is a file of the user
        with the library's name. An environment below that folder does not count.
        """
        if spec.name in self._anywhere:
            return False
        is_package = spec.submodule_search_locations is not None
        if not spec.origin or not spec.has_location:
            return is_package  # a folder without __init__.py; else it is built in
        folder = spec.origin
        for _ in range(spec.name.count(".") + is_package + 1):
            folder = os.path.dirname(folder)  # noqa: PTH120
        if _installed(folder):
            return False
        return os.path.realpath(folder) in {self._folder, *_own_folders()}

    def _call(self, module: ModuleType, purpose: str, callback: Callback) -> None:
        try:
            callback(module)
        except Exception as error:  # noqa: BLE001 - an import of the user's must not fail for it
            self.failures[purpose] = f"{type(error).__name__}: {error}"
        else:
            self.failures.pop(purpose, None)


class _Loader:
    """Stands for the module's own loader until it runs the module.

    Code that looks at a spec before the import sees the original through it; the module itself
    gets the original back before its first line runs.
    """

    def __init__(self, original: object, hook: ImportHook, name: str) -> None:
        self._original: Any = original
        self._hook = hook
        self._name = name

    @unseen
    def exec_module(self, module: ModuleType) -> None:
        spec = _spec_of(module)
        if spec is not None and cast("object", spec.loader) is self:
            spec.loader = self._original
        if module.__dict__.get("__loader__") is self:
            module.__loader__ = self._original
        imported = sys.modules.get(self._name) is module  # else it is a private copy
        self._hook.execute(self._name, partial(self._original.exec_module, module))
        if imported:
            self._hook.loaded(self._name)

    def __getattr__(self, attribute: str) -> object:
        return getattr(self._original, attribute)

    # isinstance() reads it if type() differs
    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._original)

    def __eq__(self, other: object) -> bool:
        return bool(self._original == other)

    def __hash__(self) -> int:
        return hash(self._original)

    def __repr__(self) -> str:
        return repr(self._original)

    def __reduce_ex__(self, protocol: Any) -> Any:  # noqa: ANN401 - whatever the original gives
        return self._original.__reduce_ex__(protocol)


def _position(hook: ImportHook) -> int | None:
    # list.index compares with ==, which a stranger's finder may have defined
    finders: list[object] = [*sys.meta_path]
    return next((index for index, finder in enumerate(finders) if finder is hook), None)


def _spec_of(module: object) -> ModuleSpec | None:
    # Plain attribute access would load a module of importlib.util.LazyLoader
    try:
        spec = object.__getattribute__(module, "__spec__")
    except AttributeError:
        return None
    return spec if isinstance(spec, ModuleSpec) else None


def _is_loading(module: object) -> bool:
    """Return whether the import of a module is under way, or put off until its first use."""
    spec = _spec_of(module)
    lazy = type(module).__name__ == "_LazyModule" and type(module).__module__ == "importlib.util"
    return lazy or bool(getattr(spec, "_initializing", False))


def _working_folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - without symbolic links, as `sys.path` has it
    except OSError:  # it was deleted
        return None


def _own_folders() -> set[str | None]:
    """Return the folders whose modules are the user's own code."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    notebook = os.environ.get("JPY_SESSION_NAME", "")
    files = [os.path.abspath(path) for path in (main, notebook) if path]  # noqa: PTH100
    return {_working_folder(), *(os.path.realpath(os.path.dirname(file)) for file in files)}  # noqa: PTH120


def _installed(folder: str) -> bool:
    """Return whether a folder holds Python's own or installed libraries.

    Such a folder may also be the working folder or the script's: ``python -m ipykernel_launcher``
    runs a file in site-packages.
    """
    libraries = os.path.dirname(os.__file__)  # noqa: PTH120
    return os.path.basename(folder) in ("site-packages", "dist-packages") or folder == libraries  # noqa: PTH119
