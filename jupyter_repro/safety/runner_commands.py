"""Keep what is printed from being a command to the runner of a continuous integration server.

GitHub's runner obeys lines that begin with ``::``, and ``##[…]`` anywhere in a line
(https://github.com/actions/runner, ``ActionCommand.cs``); Azure's obeys ``##vso[…]``, TeamCity's
``##teamcity[…]``. With such a line, a text of a notebook could switch off the annotations that
report on it. A blank takes the effect away.
"""

from __future__ import annotations

import re
from threading import RLock
from typing import TextIO

_FIRST = re.compile(r"((?:^|\r)\s*):(?=:)")
_ANYWHERE = re.compile(r"##(?=[A-Za-z.-]*\[)")


def without_commands(line: str) -> str:
    """Return a line that no runner obeys; JSON keeps its value.

    Examples
    --------
    >>> without_commands("  ::error::x")
    '  : :error::x'
    >>> without_commands("a ##[group]b")
    'a # #[group]b'
    """
    if "##" in line:
        # In JSON the escape is the same character
        line = _ANYWHERE.sub(r"#\\u0023" if line.startswith("{") else "# #", line)
    return _FIRST.sub(r"\1: ", line)


class GuardedStream:
    """A text stream that prints no command to a runner, but those of `write_command`.

    Parameters
    ----------
    stream
        What gets the lines, such as standard output. Its other attributes are passed on.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rest = ""
        self._lock = RLock()  # notebooks are verified in threads

    def write(self, text: str) -> int:
        """Write the whole lines of a text, and keep the rest until its line ends."""
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
            if lines:
                self._stream.write("".join(f"{without_commands(line)}\n" for line in lines))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write texts, one after the other."""
        self.write("".join(lines))

    def write_command(self, line: str) -> None:
        """Write a line that the runner is to obey."""
        with self._lock:
            self.flush()
            self._stream.write(f"{line}\n")

    def flush(self) -> None:
        """Write what is left of a line, too."""
        with self._lock:
            if self._rest:
                rest, self._rest = self._rest, ""
                self._stream.write(without_commands(rest))
            self._stream.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
