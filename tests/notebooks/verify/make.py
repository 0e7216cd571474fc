"""The corpus of ``jupyter repro verify``: one behaviour a notebook, and what is expected of it.

``python -m tests.notebooks.verify.make`` writes the notebooks. Their stored outputs are made up
here, so that each differs from a real run in what it should.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from jupyter_repro.comparing.outputs.verdict import Status
from tests.fixtures.notebooks.samples import make_notebook

HERE = Path(__file__).parent


class Cell(NamedTuple):
    """A cell, what is stored of it, and what is expected when it runs again."""

    source: str
    expected: str
    stored: tuple[Any, ...] = ()
    why: str = ""
    metadata: Mapping[str, Any] = MappingProxyType({})
    run_as: int | None = -1


def text(content: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": content}


def value(plain: str, **data: Any) -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "execution_count": 1,
        "data": {"text/plain": plain, **data},
        "metadata": {},
    }


def shown(**data: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def error(name: str, message: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [message]}


def tags(*names: str) -> dict[str, Any]:
    return {"tags": list(names)}


# Draws a square, without a library for pictures
DRAW = """\
import struct, zlib
from IPython.display import Image

def png(left, level=0):
    rows = [bytes([255 - level] * 64) for _ in range(64)]
    for at in range(20, 40):
        rows[at] = rows[at][:left] + bytes(20) + rows[at][left + 20:]
    data = zlib.compress(b"".join(b"\\0" + row for row in rows))
    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    def chunk(kind, body):
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\\x89PNG\\r\\n\\x1a\\n" + chunks
"""


def png(left: int, level: int = 0) -> str:
    """Return the picture that `DRAW` draws, as a notebook stores it."""
    names: dict[str, Any] = {"struct": struct, "zlib": zlib}
    exec(DRAW.partition("\n\n")[2], names)
    return base64.b64encode(names["png"](left, level)).decode()


PLAIN_IMAGE = "<IPython.core.display.Image object>"


def frame(*rows: str) -> str:
    """Return pandas' HTML of a frame with the columns ``x`` and ``n``."""
    body = "".join(
        "<tr><th>{}</th><td>{}</td><td>{}</td></tr>".format(*row.split()) for row in rows
    )
    return (
        '<div>\n<style scoped>\n    .dataframe tbody tr th {}\n</style>\n<table border="1" '
        'class="dataframe"><thead><tr style="text-align: right;"><th></th><th>x</th><th>n</th></tr>'
        f"</thead><tbody>{body}</tbody></table>\n</div>"
    )


FRAME = 'import pandas as pd\nframe = pd.DataFrame({"x": [0.5, 1.25], "n": [1, 2]})'
FRAME_TEXT = "      x  n\n0  0.50  1\n1  1.25  2"
FRAME_HTML = {"text/html": frame("0 0.50 1", "1 1.25 2")}

NOTEBOOKS: dict[str, tuple[Status, list[Cell]]] = {
    "identical": (
        "identical",
        [
            Cell("x = 2", "no output"),
            Cell("print(x)\nx + 1", "identical", (text("2\n"), value("3"))),
        ],
    ),
    "rounding_noise": (
        "different",
        [
            Cell(
                "import numpy as np\nnp.array([1.0, 2.0, 1/3])",
                "within tolerance",
                (value("array([1.        , 2.        , 0.33333335])"),),
                "1 of 3 numbers differs, by up to 6.0e-08 of the size",
            ),
            Cell('print(f"loss {2/3:.4f}")', "within tolerance", (text("loss 0.6666\n"),)),
            Cell('print(f"acc {0.914:.2f}")', "different", (text("acc 0.92\n"),), "last printed"),
            Cell("print(0.1 + 0.2 - 0.3)", "different", (text("-2.2e-17\n"),), "needs an atol"),
            Cell(
                "print(0.1 + 0.2 - 0.3)",
                "within tolerance",
                (text("-2.2e-17\n"),),
                "atol=1e-12, from the cell",
                {"jupyter_repro": {"atol": 1e-12}},
            ),
            Cell(
                "print(1.0)",
                "different",
                (text("1.1\n"),),
                metadata={"jupyter_repro": {"rtol": 1e9}},
            ),
        ],
    ),
    "unseeded": (
        "different",
        [
            Cell("import random", "no output"),
            Cell("print(random.random())", "different", (text("0.4242424242\n"),)),
        ],
    ),
    "changed_dtype": (
        "different",
        [
            Cell(
                "import numpy as np\nprint(np.array([1.0, 2.0, 3.0]))",
                "different",
                (text("[1 2 3]\n"),),
                "a different type of number",
            ),
            Cell(
                "np.array([1, 2], dtype='int32')",
                "different",
                (value("array([1, 2])"),),
                "array([1, 2], dtype=int32)",
            ),
        ],
    ),
    "pandas_table": (
        "different",
        [
            Cell(FRAME, "no output"),
            Cell("frame", "identical", (value(FRAME_TEXT, **FRAME_HTML),)),
            Cell(
                "frame",
                "within tolerance",
                (
                    value(
                        FRAME_TEXT.replace("1.25", "1.250001"),
                        **{"text/html": frame("0 0.500000 1", "1 1.250001 2")},
                    ),
                ),
                'first in row "1", column "x"',
            ),
            Cell(
                "frame",
                "different",
                (
                    value(
                        FRAME_TEXT.replace("1.25", "1.75"),
                        **{"text/html": frame("0 0.50 1", "1 1.75 2")},
                    ),
                ),
                'row "1", column "x": "1.25", stored "1.75"',
            ),
            Cell(
                "frame[::-1]",
                "different",
                (value(FRAME_TEXT, **FRAME_HTML),),
                "the rows are the same, in a different order",
            ),
        ],
    ),
    "pictures": (
        "different",
        [
            Cell(DRAW, "no output"),
            Cell(
                "Image(png(20))",
                "identical",
                (value(PLAIN_IMAGE, **{"image/png": png(20) + "\n"}),),
            ),
            Cell(
                "Image(png(20))",
                "within tolerance",
                (value(PLAIN_IMAGE, **{"image/png": png(20, 1)}),),
            ),
            Cell(
                "Image(png(20))",
                "different",
                (value(PLAIN_IMAGE, **{"image/png": png(25)}),),
                "the picture differs in",
            ),
        ],
    ),
    "never_run": (
        "not comparable",
        [
            Cell("x = 1", "no output", run_as=None),
            Cell("print(x)", "not comparable", (), "the cell had not been run", run_as=None),
        ],
    ),
    "expected_exception": (
        "within tolerance",
        [
            Cell(
                "1 / 0",
                "identical",
                (error("ZeroDivisionError", "division by zero"),),
                metadata=tags("raises-exception"),
            ),
            Cell("{}['a']", "identical", (error("KeyError", "'a'"),), 'raises "KeyError"'),
            Cell(
                "raise ValueError('now')",
                "within tolerance",
                (error("ValueError", "then"),),
                "a different message",
            ),
            Cell("print(1)", "identical", (text("1\n"),)),
        ],
    ),
    "another_exception": (
        "different",
        [
            Cell("{}['a']", "different", (error("TypeError", "x"),), 'raises "KeyError'),
            Cell("print(1)", "identical", (text("1\n"),)),
            Cell("print(undefined)", "different", (text("1\n"),), 'raises "NameError'),
            Cell("print(1)", "not run", (text("1\n"),), "the run ended before: cell 3 failed"),
        ],
    ),
    "stale": (
        "different",
        [Cell("rate = 0.2\nprint('rate', rate)", "different", (text("rate 0.1\n"),))],
    ),
    "hidden_state": (
        "different",
        [
            Cell("x = 1", "no output", run_as=1),
            Cell("print(x)", "different", (text("2\n"),), run_as=3),
            Cell("x = 2", "no output", run_as=2),
        ],
    ),
    "dying_kernel": (
        "not run",
        [
            Cell("print(1)", "identical", (text("1\n"),)),
            Cell("import os\nos._exit(3)", "not run", (), "The kernel died in cell 2"),
            Cell("print(3)", "not run", (text("3\n"),), "the kernel died in cell 2"),
        ],
    ),
    "slow": (
        "not run",
        [
            Cell(
                "import time\ntime.sleep(60)", "not run", (text("1\n"),), "cell 1 took longer than"
            ),
            Cell("print(3)", "not run", (text("3\n"),)),
        ],
    ),
    "progress_bar": (
        "different",
        [
            Cell("from tqdm import tqdm", "no output"),
            Cell(
                "for i in tqdm(range(3)):\n    pass",
                "identical",
                (text("100%|██████████| 3/3 [00:07<00:00,  2.33s/it]\n", "stderr"),),
            ),
            Cell(
                "for i in tqdm(range(4)):\n    pass",
                "different",
                (text("100%|██████████| 3/3 [00:07<00:00,  2.33s/it]\n", "stderr"),),
            ),
        ],
    ),
    "volatile": (
        "identical",
        [
            Cell("object()", "identical", (value("<object at 0x7f0000000000>"),)),
            Cell(
                "import os\nprint(os.getcwd() + '/data.csv', 'pid', os.getpid())",
                "identical",
                (text("/home/alice/paper/data.csv pid 77\n"),),
            ),
            Cell(
                "import datetime\nprint('run on', datetime.datetime.now())",
                "identical",
                (text("run on 2024-05-06 07:08:09.101112\n"),),
            ),
            Cell(
                "%time sum(range(10))",
                "identical",
                (
                    text("CPU times: user 5 ms, sys: 3 ms, total: 8 ms\nWall time: 9 ms\n"),
                    value("45"),
                ),
            ),
            Cell(
                "import time\nt = time.time()\nprint(f'took {time.time() - t:.3f} s')",
                "identical",
                (text("took 3.142 s\n"),),
            ),
            Cell(
                "import warnings\nwarnings.warn('old')\nprint(1)",
                "identical",
                (
                    text("1\n"),
                    text("/tmp/ipykernel_1/2.py:2: UserWarning: older\n  x\n", "stderr"),
                ),
            ),
        ],
    ),
    "nbval_marks": (
        "different",
        [
            Cell(
                "# NBVAL_IGNORE_OUTPUT\nprint(1)",
                "left out",
                (text("2\n"),),
                "as its nbval-ignore-output says",
            ),
            Cell("print(1)", "left out", (text("2\n"),), metadata=tags("nbval-ignore-output")),
            Cell("raise SystemError", "left out", (), "not run", tags("nbval-skip")),
            Cell("# NBVAL_SKIP\nraise SystemError", "left out", (), "not run"),
            Cell(
                "# NBVAL_RAISES_EXCEPTION\nraise SystemError",
                "different",
                (text("x"),),
            ),
            Cell("print(1)", "left out", (text("2\n"),), metadata=tags("repro-skip")),
            Cell("raise SystemError", "left out", (), "not run", tags("repro-skip-run")),
            Cell("# NBVAL_CHECK_OUTPUT\nprint(1)", "identical", (text("1\n"),)),
            Cell("print('20 °C')", "different", (text("21 °C\n"),)),
        ],
    ),
    "widget": (
        "not comparable",
        [
            Cell(
                "from IPython.display import HTML, Javascript\nJavascript('1')",
                "not comparable",
                (
                    value(
                        "<IPython.core.display.Javascript object>",
                        **{"application/javascript": "1"},
                    ),
                ),
                "only a browser draws",
            ),
        ],
    ),
}


def notebook_of(cells: list[Cell]) -> dict[str, Any]:
    """Return a notebook with the stored outputs of some cells."""
    return make_notebook(
        *(
            {
                "cell_type": "code",
                "execution_count": number if cell.run_as == -1 else cell.run_as,
                "metadata": dict(cell.metadata),
                "outputs": list(cell.stored),
                "source": cell.source,
            }
            for number, cell in enumerate(cells, 1)
        )
    )


def text_of(name: str) -> str:
    """Return the file of a notebook of the corpus."""
    notebook = notebook_of(NOTEBOOKS[name][1])
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def path_of(name: str) -> Path:
    return HERE / f"{name}.ipynb"


def main() -> None:
    """Write the corpus."""
    for name in NOTEBOOKS:
        path_of(name).write_text(text_of(name), encoding="utf-8")


if __name__ == "__main__":
    main()
