"""Keep the global random streams unchanged while a library is imported.

Some libraries draw from the global generators of Python and NumPy when they are first imported.
Then the first run of a cell gives other numbers than the second, in which nothing is imported.

The guard saves and restores Python's and NumPy's states around the outermost import, for installed
modules on the main thread only. Your own module may seed on purpose, and on a different thread
restoring would undo what the main thread has drawn. Generators that a library makes during its
import get separate numbers, because the second run makes none. The cost: an import that fails
outside such an import is searched for twice.
"""

from __future__ import annotations

import os
import sys
import threading
from _thread import get_ident
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import TypeVar

_GENERATORS = (("random", "getstate", "setstate"), ("numpy.random", "get_state", "set_state"))
_FOLDERS = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))

_Function = TypeVar("_Function", bound=Callable[..., object])


def unseen(function: _Function) -> _Function:
    """Hide a function from tracebacks, as Python hides its own import system.

    Python drops the frames between an ``import`` and the module only if all of them are its own.
    With this, an error in a library looks the same as without us.
    """
    code = function.__code__.replace(co_filename="<frozen importlib._bootstrap>")
    function.__code__ = code
    return function


class ImportGuard:
    """Saves and restores the random states around the outermost import of an installed module.

    The user's own modules are not guarded, since they may draw or seed on purpose; the libraries
    that they import are. Imports on other threads are not guarded either: restoring would undo what
    the main thread has drawn in the meantime.

    Parameters
    ----------
    enter, leave
        Called with the module's name before, and after such an import.
    """

    def __init__(self, enter: Callable[[str], None], leave: Callable[[], None]) -> None:
        self._enter = enter
        self._leave = leave
        self._inside = False
        self._main = threading.main_thread().ident
        self._states: dict[str, tuple[ModuleType, object]] = {}

    def is_idle(self) -> bool:
        """Return whether the calling thread's next import is an outermost one to be guarded."""
        return not self._inside and get_ident() == self._main

    @staticmethod
    def covers(origin: str | None) -> bool:
        """Return whether a module with that origin is an installed one."""
        return origin is not None and any(folder in origin for folder in _FOLDERS)

    @unseen
    def run(self, name: str, load: Callable[[], None]) -> None:
        """Load a module under guard."""
        self._inside = True
        self._states = {}
        for generator, getter, _ in _GENERATORS:
            self._save(sys.modules.get(generator), getter)
        self._enter(name)
        try:
            load()
        finally:
            self._leave()
            self._restore()
            self._inside = False

    def restores(self, name: str) -> bool:
        """Return whether a module's generator will get back its state from before the import."""
        return self._inside and get_ident() == self._main and name in self._states

    def seeded(self, module: ModuleType) -> None:
        """Keep the state of a library that was seeded within a guarded import."""
        if self._inside and get_ident() == self._main:
            for generator, getter, _ in _GENERATORS:
                if module.__name__ == generator:
                    self._save(module, getter)

    def _save(self, module: ModuleType | None, getter: str) -> None:
        function = getattr(module, getter, None)  # None: not loaded, still loading, or not that one
        if module is not None and function is not None:
            with suppress(Exception):
                self._states[module.__name__] = module, function()

    def _restore(self) -> None:
        for generator, _, setter in _GENERATORS:
            module, state = self._states.get(generator, (None, None))
            if module is not None:
                with suppress(Exception):
                    getattr(module, setter)(state)
        self._states = {}
