"""A front end and a kernel with different versions of this package."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jupyter_repro.kernel.remote import CHECK_MIME_TYPE
from jupyter_repro.run.client import _REMOTE
from tests.kernel.live import live_kernel

pytestmark = pytest.mark.kernel

QUESTION = Path(__file__).resolve().parents[2] / "labextension" / "src" / "protocol" / "question.ts"

# How version 0.1.0 asks, without the search of `sys.path` around it
FRONT_END_0_1_0 = """(lambda names: (exec(
'from jupyter_repro import remote\\nanswer = getattr(remote, question)(request)', names),
names["answer"])[1])({"question": "check", "request": %s})"""
RUNNER_0_1_0 = '__import__("jupyter_repro.remote", fromlist=["_"]).check(%s)'

# What version 0.1.0 has there: a module beside the others, and no folders
OLD_REMOTE = f"""
import json

class Answer:
    def __init__(self, content): self.content = content
    def _repr_mimebundle_(self, **_): return {{"{CHECK_MIME_TYPE}": self.content}}

def check(request):
    return Answer({{"tool": "0.1.0", "request": json.loads(request)}})
"""


def front_end() -> str:
    """Return how the front end asks now."""
    code = re.search(
        r"export const CODE = `(.*?)`;", QUESTION.read_text(encoding="utf-8"), re.DOTALL
    )
    assert code is not None
    names = '{"question": "check", "request": %s}'
    return f"(lambda names: (exec({json.dumps(code[1])}, names), names['answer'])[1])({names})"


@pytest.mark.parametrize("way", [FRONT_END_0_1_0, RUNNER_0_1_0], ids=["front end", "runner"])
def test_version_0_1_0_asks_this_kernel(way: str) -> None:
    with live_kernel() as kernel:
        kernel.run("%load_ext jupyter_repro")
        kernel.run("%repro seed=42", cell_id="first")
        # It does not send `wrote`
        request = json.dumps({"document": None, "attached": True, "accept": False})
        answer = kernel.ask(way % repr(request))
    assert answer["status"] == "ok", answer
    told = answer["data"][CHECK_MIME_TYPE]
    assert told["recorded"]
    assert told["document"]["reference"]["layers"]["determinism"]["seed"] == "42"


@pytest.mark.parametrize("way", ["front end", "runner"])
def test_this_version_asks_a_kernel_of_0_1_0(way: str, tmp_path: Path) -> None:
    package, work = tmp_path / "site" / "jupyter_repro", tmp_path / "work"
    package.mkdir(parents=True)
    work.mkdir()
    (package / "__init__.py").write_text("__version__ = '0.1.0'\n", encoding="utf-8")
    (package / "remote.py").write_text(OLD_REMOTE, encoding="utf-8")
    request = json.dumps({"document": None, "attached": True, "accept": False, "wrote": False})
    expression = front_end() if way == "front end" else f"{_REMOTE}.check(%s)"
    with live_kernel(cwd=work, env={"PYTHONPATH": str(package.parent)}) as kernel:
        answer = kernel.ask(expression.replace("%s", repr(request)))
    assert answer["status"] == "ok", answer
    told = answer["data"][CHECK_MIME_TYPE]
    assert told == {"tool": "0.1.0", "request": json.loads(request)}
