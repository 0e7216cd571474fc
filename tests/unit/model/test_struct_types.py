"""Several threads decode at once, in fresh processes: the first decoding is what matters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from jupyter_repro.model.document import Document
from tests.fixtures.notebooks.samples import make_notebook, make_snapshot, write_notebook

# Without complete_structs() each of these processes crashes
DECODE = """
import sys, threading
from pathlib import Path
from jupyter_repro.notebook.lift import recorded
from jupyter_repro.notebook.file import parse_notebook
from jupyter_repro.model.threads import complete_structs

sys.setswitchinterval(1e-6)
complete_structs()
path = Path(sys.argv[1])
raw = path.read_bytes()
barrier = threading.Barrier(8)
found = []

def decode():
    barrier.wait()
    found.append(recorded(parse_notebook(path, raw))[0].reference.digest)

threads = [threading.Thread(target=decode) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), len(set(found)))
"""


def test_threads_may_decode_at_once(tmp_path: Path) -> None:
    document = Document(schema_version=1, reference=make_snapshot())
    plain = msgspec.to_builtins(document)
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=plain))
    for _ in range(4):
        done = subprocess.run(
            [sys.executable, "-c", DECODE, str(path)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (0, "8 1\n"), done.stderr
