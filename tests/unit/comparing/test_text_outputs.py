"""Texts compared: words exactly, numbers with a tolerance, volatile things not at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.comparing.outputs.masks import mask, without_warnings
from jupyter_repro.comparing.outputs.text import Terms, compare_text
from jupyter_repro.comparing.outputs.timestamps import Window
from jupyter_repro.comparing.outputs.tokens import tokens_of
from jupyter_repro.comparing.outputs.tolerance import EXACT, Tolerance
from jupyter_repro.comparing.outputs.verdict import Status

NOW = datetime.now(timezone.utc).astimezone()
TERMS = Terms(window=Window(NOW.timestamp() - 30, NOW.timestamp()))
TWO_YEARS_AGO = NOW - timedelta(days=730, hours=5)

PIECES = st.sampled_from(
    [
        "0x7f12ab34cd56", " at 0x55ff", "Wall time: 3 s\n", "took 3.2 s", "1e-5", "nan", "v1.2.3",
        "100%|███| 3/3 [00:01<00:00, 2.1it/s]", "\r", "\b", "\x1b[31m", "\n", "/home/a/b.py",
        "C:\\Users\\bob\\x", "pid=7", "In [3]", "2024-01-02 03:04:05", "abc", " ", "-", "1,234.5",
        "tmpab12cd34", "ipykernel_7/1.py", "3ms/step", "0:00:01.123456", "═══", "[=====>   ]", "s",
        "0f0f0f0f-1234-1234-1234-0123456789ab", "<", ">", "elapsed", ":", "1.5", "it/s", "/",
        "\x1b",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join))


@given(TEXTS)
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(token.text for token in tokens_of(text)) == text


@given(TEXTS)
def test_a_text_is_identical_to_itself(text: str) -> None:
    assert compare_text(text, text, TERMS).status == "identical"
    assert compare_text(text, text + "", Terms(tolerance=EXACT)).status == "identical"


@given(TEXTS)
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_number_of_a_printed_float_is_the_float(value: float) -> None:
    (token,) = tokens_of(repr(value))
    assert token.kind == "number"
    assert token.value == value


@given(
    st.floats(min_value=1e-3, max_value=1e6),
    st.floats(min_value=-1, max_value=1),
    st.integers(min_value=1, max_value=12),
)
def test_noise_within_the_tolerance_is_not_a_difference_where_digits_can_tell(
    value: float, noise: float, decimals: int
) -> None:
    tolerance = Tolerance()
    other = value * (1 + noise * tolerance.rtol * 0.999)
    stored, new = (f"x = {number:.{decimals}f}" for number in (value, other))
    status = compare_text(stored, new, Terms(tolerance=tolerance)).status
    fine = 10.0**-decimals <= 99 * tolerance.rtol * value * (1 - 1e-4)
    assert status in {"identical", "within tolerance"} or not fine


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("loss=-1.5e-3,", ["-1.5e-3"]),
        ("conv2d_1 x1 T_8a1b v1.2 resnet-50 model_0.5.pt", []),
        ("torch 2.13.0+cpu 10.0.0.1 25.11.2026 1_000", []),
        ("1,234,567.5 12.3%", ["1,234,567.5", "12.3"]),
        ("[100,200] (100,200) {1,234}", ["100", "200", "100", "200", "1", "234"]),
        ("nan -inf +Infinity nano info", ["nan", "-inf", "+Infinity"]),
        ("[1. -2.] .5 5x", ["1.", "-2.", ".5", "5"]),
        ("1.5-2.5j", ["1.5", "-2.5"]),
    ],
)
def test_what_is_a_number(text: str, numbers: list[str]) -> None:
    assert [token.text for token in tokens_of(text) if token.kind == "number"] == numbers


def test_thousands_count() -> None:
    (number,) = [token for token in tokens_of("in 1,234.5 m") if token.kind == "number"]
    assert number.value == 1234.5
    assert math.isclose(number.unit, 0.1)


MOMENTS = [
    "%A, %B %d, %Y", "%A the %dth of %B, %Y at %I:%M:%S %p", "%d-%b-%Y (%H:%M:%S.%f)", "%d %B %Y",
    "%d/%m/%Y", "%m/%d/%y", "%d.%m.%Y %H:%M", "%Y%m%d", "%Y年%m月%d日", "%B %Y", "%H:%M",
    "%I:%M %p", "%a %b %d %H:%M:%S UTC %Y", "%Y-%m-%dT%H:%M:%S.%fZ", "%a, %d %b %Y %H:%M:%S GMT",
]  # fmt: skip
OBJECTS: list[Callable[[datetime], object]] = [
    lambda moment: moment.replace(tzinfo=None),
    lambda moment: moment,
    lambda moment: moment.date(),
    lambda moment: moment.timetuple(),
    lambda moment: moment.timestamp(),
    lambda moment: int(moment.timestamp() * 1e9),
]


VOLATILE = [
    ("<f at 0x7f12ab34>", "<f at 0x55ffab34>"),
    ("id 0x7f12ab34cd56", "id 0x7f12ab34cd99"),
    ("<capsule x, 0x7f12ab34cd56, 3>", "<capsule x, 0x7f12ab34cd99, 3>"),
    ("CPU times: user 1 s, sys: 2 ms, total: 1 s\nWall time: 3 s",
     "CPU times: total: 2 s\nWall time: 9 ms"),
    ("1.2 ms ± 3 µs per loop (mean ± std. dev. of 7 runs, 1,000 loops each)",
     "9.2 µs ± 3 ns per loop (mean ± std. dev. of 7 runs, 100,000 loops each)"),
    (" 10%|█   | 1/3 [00:01<00:09, 1.0it/s]\r100%|██| 3/3 [00:03<00:00, 1.0it/s, loss=0.5]\n",
     "100%|███| 3/3 [00:01<00:00, 2.7it/s, loss=0.5]\n"),
    ("782/782 ━━━━━━━━━━━━ 3s 4ms/step - loss: 0.52",
     "782/782 ━━━━━━━━━━━━ 11s 14ms/step - loss: 0.52"),
    ("Elapsed: 3.2 s", "Elapsed: 12.9 s"),
    ("finished in 2 min 3 s", "finished in 59 s"),
    ("0:00:03.123456", "0:00:04.000456"),
    ("saved to /home/alice/p/out.csv", "saved to /tmp/xyz/out.csv"),
    ("C:\\Users\\bob\\out.csv", "/tmp/xyz/out.csv"),
    ("/tmp/tmpab12cd34/x", "/tmp/tmpzz12cd99/x"),
    ("pid=123", "pid=4567"),
    ("Cell In[3], line 1", "Cell In[7], line 1"),
    ("0f0f0f0f-1234-1234-1234-0123456789ab", "1f0f0f0f-1234-1234-1234-0123456789ab"),
    ("\x1b[31mred\x1b[0m", "red"),
    (f"run of {TWO_YEARS_AGO:%Y-%m-%d %H:%M:%S}", f"run of {NOW:%Y-%m-%d %H:%M:%S}"),
    (f"Date: {TWO_YEARS_AGO:%a, %d %b %Y}\nTime: {TWO_YEARS_AGO:%H:%M:%S}",
     f"Date: {NOW:%a, %d %b %Y}\nTime: {NOW:%H:%M:%S}"),
    (f"{TWO_YEARS_AGO:%a %b %d %H:%M:%S %Y}", f"{NOW:%a %b %d %H:%M:%S %Y}"),
    (f"run: {TWO_YEARS_AGO:%Y%m%d_%H%M%S}", f"run: {NOW:%Y%m%d_%H%M%S}"),
    (f"{TWO_YEARS_AGO.timestamp()}", f"{NOW.timestamp()}"),
    *((f"{TWO_YEARS_AGO:{form}}", f"{NOW:{form}}") for form in MOMENTS),
    *((repr(show(TWO_YEARS_AGO)), repr(show(NOW))) for show in OBJECTS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "new"), VOLATILE, ids=range(len(VOLATILE))
)  # some hold the time
def test_what_is_volatile_is_no_difference(stored: str, new: str) -> None:
    found = compare_text(stored, new, TERMS)
    assert found.left_out or "\x1b" in stored
    assert f"but for {found.left_out[0] if found.left_out else 'how'}" in found.why
    assert compare_text(stored, new, TERMS).status == "identical"
    assert compare_text(stored, new, Terms(tolerance=EXACT, window=TERMS.window)).status == (
        "identical"
    )


@pytest.mark.parametrize("form", MOMENTS)
def test_a_moment_is_masked_only_if_it_is_that_of_the_run(form: str) -> None:
    stored, new = (f"{NOW - timedelta(days=days):{form}}" for days in (800, 400))
    if "%M" in form and "%d" not in form:
        stored, new = (f"{NOW + timedelta(hours=h, minutes=17):{form}}" for h in (3, 8))
    assert compare_text(stored, new, TERMS).status == "different"


@pytest.mark.parametrize(
    ("stored", "new", "left_out", "is_empty"),
    [
        (f"{TWO_YEARS_AGO}", f"{NOW}", ("times",), True),
        (f"today is {TWO_YEARS_AGO:%d %B %Y}", f"today is {NOW:%d %B %Y}", ("times",), False),
        ("'/tmp/x/a' at 0x7f12", "'/tmp/y/a' at 0x55ff", ("folders", "addresses"), False),
        ("0f0f0f0f-1234-1234-1234-0123456789ab", "1f0f0f0f-1234-1234-1234-0123456789ab",
         ("random names",), True),
        ("0.5 pid=1", "0.5000001 pid=2", ("numbers of processes",), False),
    ],
    # The processes that share the tests collect them at different moments
    ids=["a time", "a day", "folders and addresses", "random names", "numbers of processes"],
)  # fmt: skip
def test_what_is_not_compared_is_named(
    stored: str,
    new: str,
    left_out: tuple[str, ...],
    is_empty: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    found = compare_text(stored, new, TERMS)
    assert (found.left_out, found.is_empty) == (left_out, is_empty)
    assert found.status == "within tolerance" or all(kind in found.why for kind in left_out)


@pytest.mark.parametrize(
    ("stored", "new", "status", "why"),
    [
        ("0.1234567", "0.1234568", "within tolerance", "by 8.1e-07 of its size"),
        ("[1. 2.]", "[1.        2.0000001]", "within tolerance", "1 of 2 numbers differs"),
        ("0.9150", "0.9151", "within tolerance", ""),
        ("acc 0.91", "acc 0.92", "different", "one in the last printed digit"),
        ("0.1", "0.2", "different", '"0.2", stored "0.1"'),
        ("1.0", "1.00000000", "within tolerance", "printed differently"),
        ("[1 2 3]", "[1. 2. 3.]", "different", "a different type of number"),
        ("1", "1.00001", "within tolerance", ""),
        ("n = 1000001", "n = 1000000", "different", ""),
        ("1e-17", "-3e-17", "different", "needs an atol"),
        ("nan inf", "nan inf", "identical", ""),
        ("nan", "1.0", "different", ""),
        ("inf", "-inf", "different", ""),
        ("-0.0", "0.0", "within tolerance", ""),
        ("a b", "a  b", "within tolerance", "white space"),
        ("a b", "ab", "different", ""),
        ("conv2d_1", "conv2d_2", "different", ""),
        ("torch 2.13.0", "torch 2.13.1", "different", ""),
        ("{'a', 'b'}", "{'b', 'a'}", "different", ""),
        ("x\ny", "x", "different", '"y" is stored, and missing now'),
        ("x", "x\ny 5", "different", 'line 2: "y 5" is more than what is stored'),
        ("a\nloss 0.5", "a\nloss 0.7", "different", 'line 2: "loss 0.7", stored "loss 0.5"'),
        # Dates and durations that can be results
        ("2024-01-02", "2024-01-03", "different", ""),
        ("half-life 3.2 s", "half-life 3.9 s", "different", ""),
        ("9.81 m/s", "9.99 m/s", "different", ""),
        ("https://a.b/c/d", "https://a.b/x/d", "different", ""),
        ("/a/b/one.csv", "/a/b/two.csv", "different", ""),
        ("0xff", "0xfe", "different", ""),
        ("'0x7f12ab34cd56'", "'0x7f12ab34cd99'", "different", ""),
        ("3 days 00:00:01", "3 days 00:00:02", "different", ""),
        ("100%|██| 3/3 [00:01<00:00, 2it/s, loss=0.5]",
         "100%|██| 3/3 [00:01<00:00, 2it/s, loss=0.7]", "different", ""),
    ],
)  # fmt: skip
def test_what_is_a_difference(stored: str, new: str, status: Status, why: str) -> None:
    found = compare_text(stored, new, TERMS)
    assert (found.status, why in found.why) == (status, True), found
    if status != "identical":
        assert compare_text(stored, new, Terms(tolerance=EXACT)).status == "different"


SPELLINGS = [
    ("0.5", "np.float64(0.5)"),
    ("[0.5, nan, -inf, 3]", "[np.float64(0.5), np.float64(nan), np.float64(-inf), np.int64(3)]"),
    ("{'a': (1e-05, True)}", "{np.str_('a'): (np.float32(1e-05), np.True_)}"),
    ("{(1+2j), 2j, b'x'}", "{np.complex128(1+2j), np.complex64(2j), np.bytes_(b'x')}"),
    ("[(1e-05-2e-07j), 0.25]", "[np.clongdouble('1e-05-2e-07j'), np.longdouble('0.25')]"),
    ("[numpy.datetime64('2020-01-01')]", "[np.datetime64('2020-01-01')]"),
    ("(1, 2.0)", "np.record((1, 2.0), dtype=[('a', '<i4'), ('b', '<f8')])"),
    ("array([0, 1, ..., 8, 9], dtype=int32)",
     "array([0, 1, ..., 8, 9],\n      shape=(10,), dtype=int32)"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SPELLINGS)
def test_the_types_that_numpy_2_names_are_no_difference(old: str, new: str) -> None:
    assert compare_text(old, new, TERMS).status == "identical"
    assert compare_text(new, old, TERMS).status == "identical"
    assert compare_text(old, new, Terms(tolerance=EXACT)).status == "identical"


@pytest.mark.parametrize(
    ("stored", "new", "status"),
    [
        ("0.5", "np.float64(0.6)", "different"),
        ("1", "np.float64(1.0)", "different"),
        ("[0.5, 0.25]", "[np.float64(0.5), np.float64(0.75)]", "different"),
        ("[0.5, 2.0]", "[np.float64(0.5000001), np.float64(2.0)]", "within tolerance"),
        ("'a'", "np.str_('b')", "different"),
        ("True", "np.False_", "different"),
        ("np.float64(0.5)", "np.float32(0.5)", "different"),
        ("0.5", "my.np.float64(0.5)", "different"),
        ("Box([1, 2])", "Box([1, 2], shape=(2,))", "different"),
        ("  x\n0  [0.5]", "                 x\n0  [np.float64(0.5)]", "within tolerance"),
    ],
)
def test_a_different_value_is_one_in_each_spelling(stored: str, new: str, status: Status) -> None:
    assert compare_text(stored, new, TERMS).status == status


@pytest.mark.parametrize(
    ("stored", "new", "status"),
    [
        ("<matplotlib.axes._subplots.AxesSubplot at 0x7f12>", "<Axes: xlabel='x'>", "identical"),
        ("<matplotlib.figure.Figure at 0x7f12>", "<Figure size 1x1 with 0 Axes>", "identical"),
        ("Figure(432x288)", "Figure(640x480)", "identical"),
        ("array([[<AxesSubplot:title={'center':'a'}>]], dtype=object)",
         "array([[<Axes: title={'center': 'a'}>]],\n      dtype=object)", "within tolerance"),
        ("<Axes: >, 5", "<AxesSubplot:>, 6", "different"),
        ("<Axes: >", "<Text: >", "different"),
    ],
)  # fmt: skip
def test_the_name_of_a_figure_is_no_result(stored: str, new: str, status: Status) -> None:
    assert compare_text(stored, new, TERMS).status == status


def test_the_newest_numpy_prints_what_the_spellings_say() -> None:
    numpy = pytest.importorskip("numpy", minversion="2.2")
    values = [numpy.float64(0.5), numpy.True_, numpy.complex64(1 + 2j), numpy.str_("a")]
    shown = repr([*values, numpy.longdouble("0.5")])
    assert compare_text("[0.5, True, (1+2j), 'a', 0.5]", shown, TERMS).status == "identical"
    new = repr(numpy.arange(2000))
    assert compare_text(new.replace(", shape=(2000,)", ""), new, TERMS).status == "identical"
    assert "shape" in new


def test_a_stated_tolerance_also_goes_for_integers() -> None:
    terms = Terms(tolerance=Tolerance(rtol=1e-3, integers=True))
    assert compare_text("n = 1000001", "n = 1000000", terms).status == "within tolerance"
    assert compare_text("n = 10", "n = 11", terms).status == "different"


def test_a_strangers_text_steers_nothing() -> None:
    found = compare_text("a", "\x1b]0;title\x07b\u202e\n\x00", TERMS)
    assert found.why.isprintable()


@pytest.mark.parametrize(
    "piece",
    ["0,", "[00:00<", "/a", "took 1 s ", "1:1: ", "10%|", "C:\\a", "np.str_('\\", "], shape=(1,),"],
)
def test_no_text_takes_hours(piece: str) -> None:
    text = piece * 20_000
    assert compare_text(text, f"{text}x", TERMS).status in {"different", "identical"}


def test_pythons_warnings_are_taken_out_of_standard_error() -> None:
    text = (
        "start\n/tmp/ipykernel_7/1.py:3: UserWarning: old\n  warnings.warn('old')\n"
        "loss 0.5\nmodule.py:9: FutureWarning: x\nend\n"
    )
    assert without_warnings(text) == "start\nloss 0.5\nend\n"
