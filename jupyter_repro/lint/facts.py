"""Which versions exist for which Python, where this is certain.

Source: the wheels on PyPI and their ``Requires-Python``, as ``pip index versions NAME
--python-version X`` lists them (November 2026). Versions are major and minor.
"""

from __future__ import annotations

Version = tuple[int, int]

OLDEST_WHEEL: dict[str, dict[Version, Version]] = {
    "torch": {
        (3, 9): (1, 7),
        (3, 10): (1, 11),
        (3, 11): (1, 13),
        (3, 12): (2, 2),
        (3, 13): (2, 5),
        (3, 14): (2, 9),
    },
}
"""Distribution → Python → the first version with a wheel for it. PyTorch has no source archive on
PyPI, so pip cannot have installed an older one."""

NEWEST: dict[str, dict[Version, Version]] = {
    "torch": {(3, 8): (2, 4), (3, 9): (2, 8)},
    "numpy": {(3, 8): (1, 24), (3, 9): (2, 0), (3, 10): (2, 2)},
}
"""Distribution → Python → the last version that allows it; the next one asks for a newer Python."""
