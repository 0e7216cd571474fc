"""Read one of the named system facts of macOS, without starting a process.

Used by the probes; on every other system the answer is None.
"""

from __future__ import annotations

import ctypes
import platform


def read_sysctl(name: str) -> str | None:
    """Return a text fact of the macOS kernel, such as ``machdep.cpu.brand_string``.

    Returns
    -------
    str or None
        None on a different system, and if the kernel has no fact of this name.

    Notes
    -----
    `sysctlbyname` is called twice, for the length and for the text; see
    https://developer.apple.com/documentation/kernel/1387446-sysctlbyname
    """
    if platform.system() != "Darwin":
        return None
    call = ctypes.CDLL(None).sysctlbyname
    size = ctypes.c_size_t(0)
    if call(name.encode(), None, ctypes.byref(size), None, 0) != 0 or not size.value:
        return None
    buffer = ctypes.create_string_buffer(size.value)
    if call(name.encode(), buffer, ctypes.byref(size), None, 0) != 0:
        return None
    return buffer.value.decode("utf-8", "replace") or None
