"""Outputs of every kind compared, and what the authors of cells ask for."""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.comparing.outputs import images, sanitize
from jupyter_repro.comparing.outputs.cells import compare_cells, pictures_that_differ
from jupyter_repro.comparing.outputs.html import compare_html
from jupyter_repro.comparing.outputs.images import compare_images, difference_picture
from jupyter_repro.comparing.outputs.json_values import compare_json
from jupyter_repro.comparing.outputs.mime_bundles import WIDGET, compare_bundles
from jupyter_repro.comparing.outputs.tags import Marks, marks_of
from jupyter_repro.comparing.outputs.text import Terms
from jupyter_repro.comparing.outputs.tolerance import (
    DEFAULT,
    EXACT,
    Tolerance,
    project_tolerance,
    with_options,
)
from jupyter_repro.comparing.outputs.verdict import CellVerdict, Status, score_of, verdict_of
from jupyter_repro.errors import ReproError, UsageError
from tests.fixtures.notebooks.samples import (
    code_cell,
    make_snapshot,
    message_output,
    text_output,
)

TERMS = Terms()


def table(*rows: str, caption: str = "", name: str = "T_0a1b2c") -> str:
    head = "<tr><th></th><th>price</th><th>kind</th></tr>"
    body = "".join(
        f'<tr><th id="{name}_row{at}">{at}</th>'
        + "".join(f"<td>{cell}</td>" for cell in row.split())
        + "</tr>"
        for at, row in enumerate(rows)
    )
    return (
        f"<div><style scoped>.x{{}}</style>{caption}"
        f'<table id="{name}"><thead>{head}</thead><tbody>{body}</tbody></table></div>'
    )


@pytest.mark.parametrize(
    ("stored", "new", "status", "why"),
    [
        (table("1.5 a", "2.5 b"), table("1.5 a", "2.5 b", name="T_ffeedd"), "identical", ""),
        (
            table("1.5 a", "2.5 b"),
            table("1.500001 a", "2.5 b"),
            "within tolerance",
            (
                '1 of 9 numbers differs, by up to 6.7e-07 of the size, first in row "0", '
                'column "price"'
            ),
        ),
        (
            table("1.5 a", "2.5 b"),
            table("1.5 a", "3.5 b"),
            "different",
            'row "1", column "price": "3.5", stored "2.5"',
        ),
        (table("1.5 a", "2 b"), table("1.5 a", "2.0 b"), "different", "a different type of number"),
        (table("1.5 a"), table("1.5 a", "2 b"), "different", "a table of 2 rows and 3 columns"),
        (table("1 a", caption="n"), table("1 a", caption="m"), "different", '"m", stored "n"'),
        (
            "<table><tr><td>1</td></tr><tr><td>2</td></tr></table>",
            "<table><tr><td>2</td></tr><tr><td>1</td></tr></table>",
            "different",
            "the rows are the same, in a different order",
        ),
        (table("[0.5] a"), table("[np.float64(0.5)] a"), "identical", ""),
        (table("[0.5] a"), table("[np.float64(0.6)] a"), "different", 'column "price"'),
        (table("1 a"), table("1 a") * 2, "different", "2 tables, stored 1"),
        ("<b>x 1.5</b>", "<b>x 1.5000001</b>", "within tolerance", ""),
        ("<b>x</b>", "<i>x</i>", "different", ""),
        ("<a href='x'>1</a>", "<a href='y'>1</a>", "different", ""),
        ('<b style="color: red">x</b>', '<b class="y">x</b>', "identical", ""),
        ("<script>f(1)</script>", "<script>f(2)</script>", "not comparable", "a script"),
        (
            '<p id="k12">a</p><a href="#k12">b</a>',
            '<p id="z9">a</p><a href="#z9">b</a>',
            "identical",
            "",
        ),
        ("<table><tr><td>1", "<table><td>1", "identical", ""),
        ("<td>1</table></td>", "</table><td>2", "different", ""),
        ("<b>1</b><!-- c -->", "<b>2</b><!-- c -->", "different", ""),
        ("<![x 1", "<![y 2", "different", ""),
        ("<a " * 2000, "<b " * 2000, "not comparable", "cannot be read"),
    ],
)
def test_html(stored: str, new: str, status: Status, why: str) -> None:
    found = compare_html(stored, new, TERMS)
    assert (found.status, why in found.why) == (status, True), found
    assert compare_html(stored, stored, TERMS).status == "identical"


def packed(*values: float) -> dict[str, str]:
    import struct

    data = struct.pack(f"<{len(values)}d", *values)
    return {"dtype": "f8", "bdata": base64.b64encode(data).decode()}


@pytest.mark.parametrize(
    ("stored", "new", "status", "why"),
    [
        ({"a": [1, 2.0]}, {"a": [1, 2.0]}, "identical", ""),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "identical", ""),
        ({"a": [1, 2.0]}, {"a": [1, 2.00000001]}, "within tolerance", ""),
        ({"a": [1, 2.0]}, {"a": [1, 2.1]}, "different", '.a[1] is "2.1", stored "2.0"'),
        ([1], [2], "different", ""),
        ([1], [True], "different", ""),
        ([1], [1.0], "identical", ""),
        ([None], [0], "different", ""),
        ([1], [1, 2], "different", "the list has 2 items, stored 1"),
        ({"a": 1}, {"b": 1}, "different", 'other keys: "a", "b"'),
        ([float("nan")], [float("nan")], "identical", ""),
        ([10**400], [1.5], "different", ""),
        ("at 0x7fab", "at 0x55ab", "identical", ""),
        ({"y": packed(1, 2)}, {"y": packed(1, 2 + 1e-9)}, "within tolerance", ""),
        ({"y": packed(1, 2)}, {"y": packed(1, 3)}, "different", ".y[1]"),
        ({"dtype": "f8", "bdata": "!"}, {"dtype": "f8", "bdata": "?"}, "different", ""),
    ],
)
def test_json(stored: Any, new: Any, status: Status, why: str) -> None:
    found = compare_json(stored, new, TERMS)
    assert (found.status, why in found.why) == (status, True), found


def test_json_may_be_nested_deeply() -> None:
    stored: list[Any] = [1]
    new: list[Any] = [2]
    for _ in range(200):
        stored, new = [stored], [new]
    assert compare_json(stored, new, TERMS).status == "different"
    for _ in range(20_000):
        stored, new = [stored], [new]
    assert compare_json(stored, new, TERMS).status == "not comparable"


def picture(*changes: tuple[int, int], width: int = 64, kind: str = "PNG", level: int = 0) -> str:
    from PIL import Image

    drawn = Image.new("RGB", (width, 48), (255, 255, 255 - level))
    for x in range(8, 40):
        drawn.putpixel((x, 24), (0, 0, 200))
    for place in changes:
        drawn.putpixel(place, (200, 0, 0))
    file = io.BytesIO()
    drawn.save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def test_pictures() -> None:
    same, moved = picture(), picture((20, 10), (21, 10), (20, 11), (21, 11))
    assert compare_images("image/png", same, f"{same}\n", TERMS).status == "identical"
    found = compare_images("image/png", same, picture(level=1), TERMS)
    assert found.status == "within tolerance"
    found = compare_images("image/png", same, moved, TERMS)
    assert found.status == "different"
    assert "the picture differs in 0.1% of its pixels, most around x=" in found.why
    assert compare_images("image/png", same, picture(level=1), Terms(tolerance=EXACT)).status == (
        "different"
    )
    found = compare_images("image/png", same, picture(width=65), TERMS)
    assert found.why == "a picture of 65 x 48 pixels, stored 64 x 48 pixels"
    found = compare_images("image/png", same, picture(kind="JPEG"), TERMS)
    assert (found.status, found.why) == ("not comparable", "a picture that cannot be read")
    assert compare_images("image/png", same, "!", TERMS).status == "not comparable"
    assert compare_images("image/tiff", same, "!", TERMS).status == "not comparable"

    drawn = difference_picture("image/png", same, moved)
    assert drawn is not None
    from PIL import Image

    whole = Image.open(io.BytesIO(drawn)).convert("RGB")
    assert whole.size == (3 * 64 + 2 * 8, 48)
    assert whole.getpixel((2 * 72 + 20, 10)) == (220, 0, 0)
    assert difference_picture("image/png", "!", same) is None


def test_the_same_pixels_in_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    file = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(picture()))).save(file, "PNG", compress_level=0)
    other = base64.b64encode(file.getvalue()).decode()
    assert other != picture()
    assert compare_images("image/png", picture(), other, TERMS).status == "identical"
    monkeypatch.setattr(images, "find_spec", lambda _: None)
    found = compare_images("image/png", picture(), other, TERMS)
    assert found.status == "not comparable"
    assert "pip install 'jupyter_repro[images]'" in found.why
    assert compare_images("image/png", other, other, TERMS).status == "identical"


def test_a_bomb_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 64 * 48 - 1)
    found = compare_images("image/png", picture(), picture(level=1), TERMS)
    assert (found.status, found.why) == ("not comparable", "a picture of 64 x 48 pixels")


def test_svg() -> None:
    svg = '<svg><dc:date>{}</dc:date><g id="{}"><path clip-path="url(#{})" d="M {} 2"/></g></svg>'
    one = svg.format("2024-01-02T03:04:05", "p1f", "p1f", "10.5")
    close = svg.format("2024-01-02T03:04:05", "q77", "q77", "10.5000001")
    other = svg.format("2024-01-02T03:04:05", "q77", "q77", "11.5")
    assert compare_images("image/svg+xml", one, close, TERMS).status == "within tolerance"
    assert compare_images("image/svg+xml", one, other, TERMS).status == "different"


@pytest.mark.parametrize(
    ("stored", "new", "status"),
    [
        ({"text/plain": "5"}, {"text/plain": "5"}, "identical"),
        ({"text/plain": "5"}, {"text/latex": "5"}, "different"),
        ({"text/plain": "5"}, {"text/plain": "5", "text/latex": "5"}, "identical"),
        ({"text/plain": "5", "image/png": ""}, {"text/plain": "5"}, "different"),
        ({WIDGET: {"model_id": "a"}, "text/plain": "Box()"},
         {WIDGET: {"model_id": "b"}, "text/plain": "Box()"}, "not comparable"),
        ({WIDGET: {"model_id": "a"}, "text/plain": "Box(1)"},
         {WIDGET: {"model_id": "b"}, "text/plain": "Box(2)"}, "different"),
        ({"application/vnd.plotly.v1+json": {"y": [1]}, "text/html": "<script>a</script>"},
         {"application/vnd.plotly.v1+json": {"y": [1]}, "text/html": "<script>b</script>"},
         "identical"),
        ({"application/javascript": "1"}, {"application/javascript": "1"}, "not comparable"),
        ({"application/pdf": "AAAA"}, {"application/pdf": "AA\nAA"}, "identical"),
        ({"application/pdf": "AAAA"}, {"application/pdf": "BBBB"}, "not comparable"),
        ({"text/plain": 5}, {"text/plain": 5}, "not comparable"),
    ],
)  # fmt: skip
def test_forms_of_an_output(stored: Any, new: Any, status: Status) -> None:
    assert compare_bundles(stored, new, TERMS).status == status


FIGURE = "<Figure size 640x480 with 1 Axes>"
OLD_FIGURE = "<matplotlib.figure.Figure at 0x7f12ab34>"
COLAB = {"application/vnd.google.colaboratory.intrinsic+json": {"type": "dataframe"}}


def rendered(level: int, **data: Any) -> dict[str, Any]:
    return {"image/png": picture(level=level, width=64 + level), **data}


@pytest.mark.parametrize(
    ("stored", "new", "status", "why"),
    [
        # The picture is the result; the plain text only names it
        ({"text/plain": OLD_FIGURE, "image/png": picture()},
         {"text/plain": FIGURE, "image/png": picture()}, "identical", ""),
        ({"text/plain": FIGURE, "image/png": picture((9, 9), (9, 10))},
         {"text/plain": FIGURE, "image/png": picture()}, "different", "the picture differs"),
        ({"text/plain": FIGURE, "image/tiff": "AAAA"},
         {"text/plain": OLD_FIGURE, "image/tiff": "BBBB"}, "not comparable", "unknown kind"),
        ({"text/plain": "Plot(1)", "image/tiff": "AAAA"},
         {"text/plain": "Plot(2)", "image/tiff": "BBBB"}, "different", "Plot(2)"),
        ({"text/plain": "Plot(1)", "image/png": picture()},
         {"text/plain": "Plot(1)", "image/png": picture((9, 9), (9, 10))}, "different", ""),
        # The picture is a rendering of what the other forms say
        (rendered(0, **{"text/latex": "$x^{2}$"}), rendered(1, **{"text/latex": "$x^{2}$"}),
         "identical", ""),
        (rendered(0, **{"text/latex": "$x^{2}$"}), rendered(0, **{"text/latex": "$x^{3}$"}),
         "different", "$x^{3}$"),
        (rendered(0, **{"text/latex": "$x$"}), {"text/latex": "$x$"}, "identical", ""),
        (rendered(0, **{"application/vnd.vegalite.v5+json": {"x": 1.5}}),
         rendered(1, **{"application/vnd.vegalite.v5+json": {"x": 1.5}}), "identical", ""),
        (rendered(0, **{"text/html": table("1 a")}), rendered(1, **{"text/html": table("2 a")}),
         "different", 'column "price"'),
        (rendered(0, **{"text/html": "<script>a</script>"}),
         rendered(1, **{"text/html": "<script>b</script>"}), "different", "a picture of 65"),
        ({"text/html": table("1 a"), "text/plain": "a frame"},
         {"text/html": table("1 a"), "text/plain": "a table"}, "identical", ""),
        # A picture inside HTML is a picture
        ({"text/html": f'<img src="data:image/png;base64,{picture()}"/>'},
         {"text/html": f'<img src="data:image/png;base64,{picture(level=1)}"/>'},
         "within tolerance", "similar everywhere"),
        ({"text/html": f'<b>1</b><img src="data:image/png;base64,{picture()}"/>'},
         {"text/html": f'<b>2</b><img src="data:image/png;base64,{picture(level=1)}"/>'},
         "different", ""),
        # What a front end adds for itself
        ({"text/plain": "5", **COLAB}, {"text/plain": "5"}, "identical", ""),
        (COLAB, COLAB, "not comparable", "only its front end"),
        ({"application/vnd.plotly.v1+json": {"y": [1]}, "text/html": "<script>a</script>"},
         {"text/html": "<script>b</script>"}, "different", "plotly"),
    ],
)  # fmt: skip
def test_the_form_that_carries_the_meaning_decides(
    stored: Any, new: Any, status: Status, why: str
) -> None:
    found = compare_bundles(stored, new, TERMS)
    assert (found.status, why in found.why) == (status, True), found


def value(text: str, **data: Any) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": {"text/plain": text, **data}, "metadata": {}}


def raised(name: str, message: str = "m") -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": []}


def stderr(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stderr", "text": text}


BAR = value(" 10%|█ | 1/10 [00:01<00:09, 1.0it/s]", **{WIDGET: {"model_id": "a"}})
CARD = message_output(make_snapshot())
TIMING = "CPU times: user 5 ms, sys: 3 ms, total: 8 ms\nWall time: {} ms\n"
UUIDS = [f"{at}f0f0f0f-1234-1234-1234-0123456789ab" for at in range(2)]


@pytest.mark.parametrize(
    ("stored", "new", "status", "why"),
    [
        ([], [], None, ""),
        ([CARD], [CARD], None, ""),
        ([BAR], [], None, ""),
        ([text_output("a 1.5")], [text_output("a 1.5")], "identical", ""),
        ([text_output("a"), stderr("x"), text_output("b")], [stderr("x"), text_output("ab")],
         "identical", ""),
        ([], [text_output("a")], "different", 'no output; more: printed text "a"'),
        ([text_output("a")], [], "different", "no output, stored one output; missing: printed"),
        ([text_output("5")], [value("5")], "different", 'a value "5", stored printed text "5"'),
        ([value("1"), value("2")], [value("1"), value("3")], "different", 'output 2: "3"'),
        ([value("1")], [value("1"), value("3")], "different", "2 outputs, stored one output"),
        ([raised("KeyError")], [raised("KeyError")], "identical", ""),
        ([raised("KeyError")], [raised("KeyError", "n")], "within tolerance", "different message"),
        ([raised("KeyError")], [raised("TypeError")], "different", 'raises "TypeError: m", stored'),
        ([raised("KeyError")], [], "different", "missing: an exception"),
        ([text_output("a")], [text_output("a"), raised("KeyError")], "different",
         'raises "KeyError: m", which is not stored'),
        ([stderr("loss 0.5")], [stderr("loss 0.7")], "different", "on standard error"),
        ([stderr("/a/b.py:1: UserWarning: x\n  y\n")], [], None, ""),
        ([{"output_type": "x", "data": 5}, 7], [], "different", ""),
        # What is nothing but what is not compared
        ([value(UUIDS[0])], [value(UUIDS[1])], "not comparable", "shows only random names, which"),
        ([value(UUIDS[0])], [value(UUIDS[0])], "identical", ""),
        ([value(UUIDS[0]), text_output("a")], [value(UUIDS[1]), text_output("a")], "identical", ""),
        ([value(UUIDS[0]), stderr("a")], [value(UUIDS[1]), stderr("a")], "identical", ""),
        ([text_output(UUIDS[0]), value("object at 0x7f")],
         [text_output(UUIDS[1]), value("object at 0x55")], "identical", "addresses"),
        ([text_output(TIMING.format(1))], [text_output(TIMING.format(2))], None, ""),
        ([text_output(TIMING.format(1)), value("5")], [text_output(TIMING.format(2)), value("6")],
         "different", ""),
        ([text_output(f"a\n{TIMING.format(1)}")], [text_output(f"a\n{TIMING.format(2)}")],
         "identical", "but for times, which are not compared"),
    ],
)  # fmt: skip
def test_cells(stored: list[Any], new: list[Any], status: Status | None, why: str) -> None:
    cells = (code_cell("x", *stored, count=1), code_cell("x", *new, count=1))
    found = compare_cells(*cells, TERMS)
    if found is not None:
        assert why in found.why
    assert (None if found is None else found.status) == status, found


def test_a_cell_that_had_never_been_run_cannot_be_compared() -> None:
    never = code_cell("x")
    found = compare_cells(never, code_cell("x", text_output("a"), count=1), TERMS)
    assert found is not None
    assert found.status == "not comparable"
    assert compare_cells(never, code_cell("x", count=1), TERMS) is None
    found = compare_cells(never, code_cell("x", raised("KeyError"), count=1), TERMS)
    assert found is not None
    assert found.status == "different"


def test_pictures_that_differ_are_found() -> None:
    data = {"image/png": "AAAA"}
    one = code_cell("x", text_output("a"), value("f", **data))
    other = code_cell("x", text_output("b"), value("f", **{"image/png": "BBBB"}))
    assert list(pictures_that_differ(one, other)) == [(2, "image/png", "AAAA", "BBBB")]
    assert list(pictures_that_differ(one, one)) == []


@pytest.mark.parametrize(
    ("cell", "marks"),
    [
        (code_cell("x"), Marks()),
        (code_cell("x", tags=["repro-skip"]), Marks(not_compared="repro-skip")),
        (code_cell("x", tags=["nbval-skip"]), Marks(not_run="nbval-skip")),
        (code_cell("a\n  # NBVAL_SKIP\n"), Marks(not_run="nbval-skip")),
        (code_cell("# NBVAL_IGNORE_OUTPUT"), Marks(not_compared="nbval-ignore-output")),
        (code_cell("# NBVAL_IGNORE_OUTPUT now"), Marks()),
        (code_cell("x", tags=["raises-exception"]), Marks(raises=True)),
        (code_cell("#NBVAL_RAISES_EXCEPTION"), Marks(raises=True)),
        (code_cell("# NBVAL_CHECK_OUTPUT", tags=["nbval-ignore-output"]), Marks(checked=True)),
        (
            code_cell("# NBVAL_IGNORE_OUTPUT", tags=["nbval-check-output"]),
            Marks(not_compared="nbval-ignore-output"),
        ),
        (code_cell("x", tags="raises-exception"), Marks()),
        (code_cell("x", tags=[5, None]), Marks()),
        (code_cell("x", jupyter_repro={"rtol": 1}), Marks(settings={"rtol": 1})),
        (code_cell("x", jupyter_repro=[1]), Marks()),
    ],
)
def test_what_an_author_asks_for(cell: dict[str, Any], marks: Marks) -> None:
    assert marks_of(cell) == marks


@pytest.mark.parametrize(
    ("settings", "tolerance", "problem"),
    [
        ({}, (1e-5, 0.0), None),
        ({"env": "x"}, (1e-5, 0.0), None),
        ({"rtol": 0.1}, (0.1, 0.0), None),
        ({"rtol": 0, "atol": 1e-9}, (0.0, 1e-9), None),
        ({"rtol": 1e9}, (1e-5, 0.0), "rtol must be a number from 0 to 1."),
        ({"rtol": True}, (1e-5, 0.0), "rtol must be"),
        ({"rtol": "0.1"}, (1e-5, 0.0), "rtol must be"),
        ({"atol": -1}, (1e-5, 0.0), "atol must be"),
        ({"atol": float("nan")}, (1e-5, 0.0), "atol must be"),
        ({"atol": 10**400}, (1e-5, 0.0), "atol must be"),
        ({"rtol": 0.1, "atol": None}, (1e-5, 0.0), "atol must be"),
    ],
)
def test_the_tolerance_of_a_cell_is_not_trusted(
    settings: dict[str, Any], tolerance: tuple[float, float], problem: str | None
) -> None:
    found, said = Marks(settings=settings).tolerance(DEFAULT)
    assert (found.rtol, found.atol) == tolerance
    assert (problem or "") in (said or "")
    assert (said is None) == (problem is None)


def test_the_projects_tolerance(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    assert project_tolerance(tmp_path) == DEFAULT
    file.write_text("[tool.jupyter_repro.tolerance]\nrtol = 1e-3\n")
    found = project_tolerance(tmp_path)
    assert found == Tolerance(rtol=1e-3, integers=True, source="pyproject.toml")
    assert with_options(found, None, 1e-9).atol == 1e-9
    assert with_options(found, None, 1e-9).rtol == 1e-3
    assert with_options(found, None, None) == found
    assert project_tolerance(tmp_path / "x", "production").rtol == 1e-3
    file.write_text("[tool.jupyter_repro.tolerance]\ntol = 1\n")
    with pytest.raises(UsageError, match="no key 'tol' of tolerance"):
        project_tolerance(tmp_path)
    for text in ("rtol = 2", "rtol = 'x'"):
        file.write_text(f"[tool.jupyter_repro.tolerance]\n{text}\n")
        with pytest.raises(UsageError, match=r"tolerance\] is not right"):
            project_tolerance(tmp_path)
    file.write_text("[tool.jupyter_repro]\ntolerance = 1\n")
    with pytest.raises(UsageError, match=r"tolerance\] is not right"):
        project_tolerance(tmp_path)
    file.unlink()
    assert project_tolerance(tmp_path, "production") == Tolerance(rtol=0.0, source="production")


def test_the_verdict_is_that_of_the_worst_cell() -> None:
    def cells(*statuses: Any) -> list[CellVerdict]:
        return [CellVerdict(cell=at, status=status) for at, status in enumerate(statuses, 1)]

    assert verdict_of(cells("identical", "no output", "left out")) == "identical"
    assert verdict_of(cells("identical", "within tolerance")) == "within tolerance"
    assert verdict_of(cells("not comparable", "within tolerance")) == "not comparable"
    assert verdict_of(cells("not comparable", "not run", "identical")) == "not run"
    assert verdict_of(cells("not run", "different")) == "different"
    assert verdict_of(cells("no output", "left out")) == "not comparable"
    assert score_of(cells("identical", "within tolerance", "different", "not run")) == 2 / 3
    assert score_of(cells("not run", "no output")) is None


def test_sanitize_files(tmp_path: Path) -> None:
    file = tmp_path / "sanitize.cfg"
    file.write_text("[a]\nregex: [0-9]+ °C\nreplace: T\n[b]\nregex: T(x)?\nreplace: U%\n")
    patterns = sanitize.read_patterns(file)
    assert patterns == [("[0-9]+ °C", "T"), ("T(x)?", "U%")]
    assert sanitize.apply(patterns, ["20 °C", "b"]) == ["U%", "b"]
    plain: dict[str, Any] = {"image/png": "T", "text/plain": "20 °C", "application/json": {"T": 1}}
    cell: dict[str, Any] = {"outputs": [{"output_type": "display_data", "data": plain},
                        {"output_type": "stream", "name": "stdout", "text": "T"}]}  # fmt: skip
    sanitize.sanitize(patterns, [cell])
    assert plain == {"image/png": "T", "text/plain": "U%", "application/json": {"T": 1}}
    assert cell["outputs"][1]["text"] == "U%"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("regex: a", "cfg needs the lines"),
        ("something else", "cfg needs the lines"),
        ("[a]\nregex: a\n\nreplace: b", r"\[a\] needs the lines"),
        ("[a]\nregex: a", r"\[a\] needs the lines"),
        ("[a]\nregex: (\nreplace: b", r"\[a\] is no regular expression"),
        ("[a]\nregex: a\nreplace: \\1", r"\[a\] is no regular expression"),
    ],
)
def test_wrong_sanitize_files(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "sanitize.cfg"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        sanitize.read_patterns(file)


def test_a_sanitize_file_is_read_as_nbval_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "sanitize.cfg"
    file.write_bytes(
        b"\xef\xbb\xbfregex: no section\r\nreplace: X\r\n[Dates]\r\n"
        b"regex: \\d{4}-\\d\\d\r\nreplace: DAY\r\n\r\nregex: \\d\\d:\\d\\d\r\nreplace: TIME\r\n"
        b"# regex: off\r\n[Dates]\r\nregex: 5%\r\nreplace: \r\n"
        b"regex = a: b\r\nreplace=c\r\nregex: 5%\r\nreplace: five\r\n"
    )
    assert sanitize.read_patterns(file) == [
        *(("no section", "X"), (r"\d{4}-\d\d", "DAY"), (r"\d\d:\d\d", "TIME")),
        *(("5%", "five"), ("a: b", "c")),
    ]
    file.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="is no sanitize file"):
        sanitize.read_patterns(file)


def test_an_expression_that_takes_forever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitize, "MAX_SECONDS", 1)
    with pytest.raises(ReproError, match="took longer than 1 s"):
        sanitize.apply([("(a+)+$", "b")], ["a" * 40 + "!"])


def test_looking_at_pictures_loads_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys, jupyter_repro.comparing.outputs.cells; "
        "print(*{'numpy', 'skimage', 'PIL'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
