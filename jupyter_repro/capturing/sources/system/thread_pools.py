"""Load threadpoolctl without a side effect on the user's process.

Its import sets ``KMP_DUPLICATE_LIB_OK`` for the whole process, which then continues where Intel's
OpenMP would have stopped it. That is not our decision, but a notebook that imports threadpoolctl
itself must get this effect. So we load a copy under a private name.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import ModuleType

_NAME = "threadpoolctl"
_OURS = f"{__name__}.{_NAME}"
_SET_BY_IT = "KMP_DUPLICATE_LIB_OK"


def thread_pool_control() -> ModuleType | None:
    """Return the user's threadpoolctl if it is loaded, else a copy; None if not installed."""
    if _NAME in sys.modules:
        return sys.modules[_NAME]  # None if an import is forbidden
    if _OURS not in sys.modules:
        _load_copy()
    return sys.modules.get(_OURS)


def _load_copy() -> None:
    found = find_spec(_NAME)
    spec = spec_from_file_location(_OURS, found.origin) if found and found.origin else None
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    before = os.environ.get(_SET_BY_IT)
    sys.modules[_OURS] = module  # its dataclasses look for it there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[_OURS]
        raise
    finally:
        if before is None:
            os.environ.pop(_SET_BY_IT, None)
