"""What the panel shows: complete, escaped, and never more than is shown."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.overall import of_environment
from jupyter_repro.comparing.environments.policy import PRODUCTION, RESEARCH
from jupyter_repro.model.snapshot import LAYER_TITLES, Snapshot, ThirdPartyLayer
from jupyter_repro.show.panel import (
    MAX_PACKAGES_SHOWN,
    Sides,
    find_packages,
    render_differences,
    render_loss,
    render_packages,
    render_stack,
    render_top,
)
from tests.unit.support.factories import (
    NO_GPU,
    conda_with,
    make_snapshot,
    packages_with,
    snapshot_with,
)
from tests.unit.support.page import PANEL_TAGS, Page


def sides_of(here: Snapshot, recorded: Snapshot | None = None) -> Sides:
    recorded = recorded or make_snapshot()
    return Sides(recorded, here, of_environment(compare(recorded, here, RESEARCH)))


def changed(**fields: dict[str, Any]) -> Sides:
    return sides_of(snapshot_with(**fields))


def text_of(markup: str) -> str:
    return Page(markup, PANEL_TAGS).text


def test_the_verdict_stands_on_top_in_words() -> None:
    text = text_of(render_top(changed(core={"python": "3.12.1"}), ["a note"]))
    assert "✗ Environment differs: 1 error" in text
    assert "seed 42 · recorded 2026-11-01 12:00 UTC in conda environment lab, Python 3.11.7" in text
    assert "policy research · checked 2026-11-01 12:00 UTC" in text
    assert "! a note" in text
    assert "✓ Environment matches." in text_of(render_top(sides_of(make_snapshot()), []))


def test_nothing_recorded_says_what_to_do() -> None:
    sides = Sides(None, make_snapshot(), None)
    assert "%repro seed=42" in text_of(render_top(sides, []))
    assert render_differences(None) == ""
    stack = text_of(render_stack(sides))
    assert "Python here · CPython 3.11.7" in stack
    assert "recorded" not in stack.lower()


def test_the_layers_stand_in_their_order_with_both_sides() -> None:
    stack = render_stack(changed(gpu=NO_GPU, core={"python": "3.12.1"}))
    assert re.findall("<b>(.*?)</b> <i>", stack) == [*LAYER_TITLES.values()]
    text = text_of(stack)
    assert "✗ GPU and driver differs · recorded: NVIDIA H200" in text
    assert "here: none: no GPU driver found" in text
    assert "≠python3.11.73.12.1" in text  # a line of the table
    assert "≠NVIDIA H200 compute capability9.0none" in text
    assert "✓ Operating system matches" in text


def test_a_layer_of_one_side_alone_is_shown() -> None:
    layer = ThirdPartyLayer(status="ok", facts={"partition": "a<b"})
    here, recorded = make_snapshot(), make_snapshot(None, {"slurm": layer})
    for sides in (sides_of(here, recorded), sides_of(recorded, here)):
        text = text_of(render_stack(sides))
        assert "slurm" in text
        assert "a<b" in text


def test_no_package_stands_in_the_stack() -> None:
    """The widget's state may be saved: packages are in it only once somebody searched."""
    stack = render_stack(sides_of(make_snapshot()))
    assert "tqdm" not in stack
    assert len(stack) < 12_000


def test_differences_are_worst_first_with_why_and_what_to_do() -> None:
    report = changed(core={"python": "3.12.1"}, system={"kernel": "6.8"}).report
    assert report is not None
    text = text_of(render_differences(report))
    worst = report.findings[0]
    assert text.index("Error: Python 3.11.7 → 3.12.1") < text.index("Notes (1)")
    assert worst.why in text
    assert worst.action in text
    nothing = text_of(render_differences(sides_of(make_snapshot()).report))
    assert "None in the environment." in nothing


def test_many_differences_are_counted() -> None:
    many = [f"package{number:03}==1.0 [pip]" for number in range(300)]
    here = snapshot_with(packages={"packages": [*packages_with(), *many]})
    markup = render_differences(compare(make_snapshot(), here, PRODUCTION))
    assert "and 200 more: %repro check" in text_of(markup)
    assert len(markup) < 50_000


@pytest.mark.parametrize(
    ("fields", "said"),
    [({}, "0 differences"), ({"core": {"python": "3.12.1"}}, "1 difference will no longer")],
)
def test_what_accepting_loses(fields: dict[str, Any], said: str) -> None:
    text = text_of(render_loss(changed(**fields)))
    assert said in text
    assert "the environment recorded on 2026-11-01 12:00 UTC" in text
    assert "recover that only from an earlier version of the file" in text


def test_a_search_shows_both_sides_and_used_ones_first() -> None:
    sides = changed(
        packages={"packages": packages_with(rich="rich==14.0 [pip]", torch=None)},
        conda={"packages": conda_with(numpy="numpy-1.26.4-py311hffffff_1.conda", zlib=None)},
    )
    found = {package.name: package for package in find_packages(sides, "")}
    assert [*found][:2] == ["numpy", "torch"]
    assert (found["rich"].recorded, found["rich"].current) == ("13.7.0", "14.0")
    assert (found["torch"].current, found["zlib"].current) == (None, None)
    assert found["numpy"].current == "1.26.4 py311hffffff_1"
    assert found["numpy"].origin == "conda-forge"
    assert len(found) == 7  # what conda installed stands there once
    text = text_of(render_packages(sides, " RICH "))
    assert text.startswith("1 package")
    assert "≠rich13.7.014.0pip" in text


def test_builds_of_another_platform_are_no_difference() -> None:
    sides = changed(
        system={"platform": "osx-arm64"},
        conda={"packages": conda_with(numpy="numpy-1.26.4-py311osx_0.conda")},
    )
    (numpy,) = find_packages(sides, "numpy")
    assert numpy.recorded == numpy.current == "1.26.4"


def test_what_pip_put_over_conda_stands_beside_it() -> None:
    sides = changed(packages={"packages": packages_with(numpy="numpy==2.0 [pip, replaces-conda]")})
    found = [(one.recorded, one.current, one.origin) for one in find_packages(sides, "numpy")]
    assert found == [
        ("1.26.4", "1.26.4", "conda-forge"),
        (None, "2.0", "pip, replaces-conda"),
    ]


def test_another_hash_is_marked_as_the_verdict_names_it() -> None:
    line = "numpy-1.26.4-py311h64a7726_0.conda#" + "e" * 64
    sides = changed(conda={"packages": conda_with(numpy=line)})
    text = text_of(render_packages(sides, "numpy"))
    assert "≠numpy" in text
    assert "sha256:eeee" in text


def test_a_search_is_capped() -> None:
    many = [f"package{number}==1.0 [pip]" for number in range(5_000)]
    sides = changed(packages={"packages": many})
    markup = render_packages(sides, "package")
    assert f"The first {MAX_PACKAGES_SHOWN} of 5000 packages" in text_of(markup)
    assert markup.count("<tr>") == MAX_PACKAGES_SHOWN + 1
    assert len(markup) < 40_000


def test_no_search_shows_no_package() -> None:
    sides = sides_of(make_snapshot())
    assert render_packages(sides, "") == render_packages(sides, "  ") == ""
    assert "No package has “<b>”" in text_of(render_packages(sides, "<b>"))


@given(st.text(max_size=60))
def test_whatever_stands_in_a_snapshot_is_text(text: str) -> None:
    evil = f'</table></details><style>*{{}}</style><script>alert(1)</script><img src="{text}">'
    here = msgspec.structs.replace(
        snapshot_with(
            notebook={"kernel_name": evil, "used": [evil]},
            packages={"packages": [f"{evil}==1 [pip]", evil]},
            gpu={"driver": evil},
            conda={"reason": evil, "name": evil, "packages": {evil: [evil]}},
            core={"python": evil},
        ),
        third_party={evil: ThirdPartyLayer(status="ok", reason=evil, facts={evil: evil})},
        created=evil,
    )
    for sides in (sides_of(here), sides_of(make_snapshot(), here), Sides(None, here, None)):
        pages = [
            render_top(sides, [evil]),
            render_stack(sides),
            render_differences(sides.report),
            render_packages(sides, "script"),
            render_packages(sides, evil + text),
        ]
        if sides.recorded:
            pages.append(render_loss(sides))
        for markup in pages:
            assert "<script" not in markup
            assert "<img" not in markup
            if markup:
                text_of(markup)
