"""Python code in a process of its own: seeding changes the whole process that it happens in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_python(code: str, *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run `code` with warnings as errors and return what it printed.

    The package is found through ``PYTHONPATH``, so that the working folder is free for a test.
    Only ``PYTHONHASHSEED`` and what `env` has differ from this process's own environment.
    """
    return _run(code, cwd=cwd, env=env).strip()


_FORKS = """
import json, os, sys, warnings
{begin}
def _printed(code):
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there are threads, but they only wait for work
        child = os.fork()
    if child == 0:
        os.dup2(writing, 1)
        status = 1
        try:
            exec(compile(code, "<string>", "exec"), globals())
            sys.stdout.flush()
            status = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(writing)
    with open(reading) as pipe:
        printed = pipe.read()
    assert os.waitpid(child, 0)[1] == 0, code + printed
    return printed.strip()
print(json.dumps([_printed(code) for code in json.load(sys.stdin)]))
"""


def run_forks(begin: str, codes: Sequence[str]) -> list[str]:
    """Run each of `codes` in a fork of a fresh process, and return what each printed.

    Where `begin` imports something large that all of them need, it is imported once.
    """
    printed: list[str] = json.loads(_run(_FORKS.format(begin=begin), told=json.dumps(codes)))
    return printed


def _run(
    code: str, *, told: str = "", cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        input=told,
        cwd=cwd or Path(sys.prefix),
        env={**inherited, "PYTHONPATH": str(ROOT), **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
