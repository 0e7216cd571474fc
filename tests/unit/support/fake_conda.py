"""A small program in the place of conda, mamba or micromamba, which PyPI does not have."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def put_in_place(folder: Path, tool: str, status: int, answer: object) -> str:
    """Write a program that notes its arguments and its file, and answers."""
    (folder / "answer").write_text(answer if isinstance(answer, str) else json.dumps(answer))
    program = folder / tool
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, os, shutil, sys\n"
        f"folder = {str(folder)!r}\n"
        "arguments = sys.argv[1:]\n"
        "shutil.copy(arguments[arguments.index('--file') + 1], folder + '/asked.yml')\n"
        "open(folder + '/arguments', 'w').write(json.dumps([arguments, os.getcwd()]))\n"
        "print('PATH=' + os.environ['PATH'], file=sys.stderr)\n"
        "sys.stdout.write(open(folder + '/answer').read())\n"
        f"sys.exit({status})\n"
    )
    program.chmod(0o755)
    return str(program)
