"""environment.yml as others write it: kept, exported again, and never more than it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import RESEARCH
from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.exporters import environment_yml
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.exports import text_of
from tests.unit.support.factories import make_snapshot
from tests.unit.support.imports import imported, notes

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Shape(NamedTuple):
    """A file, and what has to be kept of it."""

    text: str
    channels: list[str]
    requested: list[str]
    conda: Sequence[str] = ()
    packages: Sequence[str] = ()
    pip_requested: Sequence[str] = ()
    notes: int = 0
    exported: Sequence[str] = ()
    rewritten: Mapping[str, str] | None = None


SHAPES = {
    "by hand": Shape(
        "name: course\nchannels: [conda-forge]\n"
        "dependencies:\n- python=3.11\n- numpy\n- pandas>=2\n",
        ["conda-forge"],
        ["numpy", "pandas>=2", "python=3.11"],
    ),
    "conda env export": Shape(
        "name: lab\nchannels:\n  - defaults\ndependencies:\n"
        "  - _libgcc_mutex=0.1=main\n  - python=3.11.7=h955ad1f_0\n"
        "  - numpy=1.26.4=py311h24aa872_0\n"
        "  - pip:\n      - rich==13.7.0\nprefix: /home/someone/miniconda3/envs/lab\n",
        ["defaults"],
        ["_libgcc_mutex=0.1=main", "numpy=1.26.4=py311h24aa872_0", "python=3.11.7=h955ad1f_0"],
        conda=[
            "_libgcc_mutex-0.1-main",
            "numpy-1.26.4-py311h24aa872_0",
            "python-3.11.7-h955ad1f_0",
        ],
        packages=["rich==13.7.0 [pip]"],
        notes=1,
        exported=["_libgcc_mutex=0.1=main", "numpy=1.26.4=py311h24aa872_0", "rich==13.7.0"],
    ),
    "no builds": Shape(
        "channels:\n- conda-forge\n- defaults\ndependencies:\n- numpy=1.26.4\n- scipy==1.11\n",
        ["conda-forge", "defaults"],
        ["numpy=1.26.4", "scipy==1.11"],
    ),
    "labels, nodefaults and channels of packages": Shape(
        "channels:\n- pytorch\n- nvidia/label/cuda-12.1.0\n- nodefaults\n"
        "dependencies:\n- pytorch::pytorch=2.1.*=*cuda12*\n- nvidia/label/cuda-12.1.0::cuda-nvcc\n",
        ["pytorch", "nvidia/label/cuda-12.1.0", "nodefaults"],
        ["nvidia/label/cuda-12.1.0::cuda-nvcc", "pytorch::pytorch=2.1.*=*cuda12*"],
    ),
    "selectors": Shape(
        "dependencies:\n  - cudatoolkit=11.8  # [linux]\n  - 'pywin32'  # [win]\n  - numpy # any\n",
        [],
        ["cudatoolkit=11.8  # [linux]", "numpy", "pywin32  # [win]"],
        rewritten={"cudatoolkit=11.8  # [linux]": "cudatoolkit=11.8"},
    ),
    "a selector of conda-build": Shape(
        "dependencies:\n- dataclasses  # [py<37]\n", [], ["dataclasses  # [py<37]"]
    ),
    "selectors of micromamba": Shape(
        "dependencies:\n- sel(linux): cudatoolkit=11.8\n- sel(win): pywin32\n"
        "- sel(unix):\n  - zlib=1.3.1=h4ab18f5_1\n- sel(bsd): x\n- sel(linux): [[y]]\n",
        [],
        ["cudatoolkit=11.8  # [linux]", "pywin32  # [win]", "zlib=1.3.1=h4ab18f5_1  # [unix]"],
        notes=1,
        rewritten={
            "cudatoolkit=11.8  # [linux]": "cudatoolkit=11.8",
            "zlib=1.3.1=h4ab18f5_1  # [unix]": "zlib=1.3.1=h4ab18f5_1",
        },
    ),
    "comparisons and globs": Shape(
        "dependencies:\n- 'numpy>=1.20,<2'\n- scipy 1.11.*\n- mkl=*=*intel*\n"
        "- h5py!=3.9\n- a>1|==0.5\n",
        [],
        ["a>1|==0.5", "h5py!=3.9", "mkl=*=*intel*", "numpy>=1.20,<2", "scipy 1.11.*"],
    ),
    "urls": Shape(
        "channels:\n- https://repo.example.org/t/my-token-1/lab\ndependencies:\n"
        "- https://conda.anaconda.org/conda-forge/noarch/tqdm-4.66.1-pyhd8ed1ab_0.conda#"
        f"{'a' * 64}\n"
        "- https://user:pass@conda.example.org/main/linux-64/x-1-0.tar.bz2\n",
        ["https://repo.example.org/lab"],
        [],
        conda=[f"tqdm-4.66.1-pyhd8ed1ab_0.conda#{'a' * 64}", "x-1-0.tar.bz2"],
        exported=["tqdm=4.66.1=pyhd8ed1ab_0", "x=1=0"],
    ),
    "a rich pip section": Shape(
        "dependencies:\n- pip\n- pip:\n"
        "  - --extra-index-url https://bob:sekret@example.org/simple\n  - -r requirements.txt\n"
        "  - uvicorn[standard]>=0.20\n  - pywin32; sys_platform == 'win32'\n"
        f"  - git+https://tok@github.com/o/tool.git@{COMMIT}#egg=tool\n"
        f"  - -e git+https://github.com/o/mine.git@{COMMIT}#egg=mine\n"
        "  - lib @ https://example.org/lib-1.2-py3-none-any.whl\n  - ./local\n  - -e .\n",
        [],
        ["pip"],
        packages=[
            "lib==1.2 [pip, https://example.org/lib-1.2-py3-none-any.whl]",
            f"mine [pip, editable, git+https://github.com/o/mine.git@{COMMIT}]",
            f"tool [pip, git+https://github.com/o/tool.git@{COMMIT}]",
        ],
        pip_requested=['pywin32; sys_platform == "win32"', "uvicorn[standard]>=0.20"],
        notes=3,
        exported=[
            "lib @ https://example.org/lib-1.2-py3-none-any.whl",
            f"tool @ git+https://github.com/o/tool.git@{COMMIT}",
        ],
    ),
    "numbers that YAML would change": Shape(
        "dependencies:\n- python=3.10\n- 1.10\n- yes\n- pkg=1e3\n- other=2024.01.10\n"
        "- pip:\n  - a==1.10\n",
        [],
        ["1.10", "other=2024.01.10", "pkg=1e3", "python=3.10", "yes"],
        packages=["a==1.10 [pip]"],
        exported=["a==1.10"],
    ),
    "variables and other tools": Shape(
        "name: /home/someone/env\nchannels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n"
        "- r-base=4.3\n- npm:\n  - left-pad\nvariables:\n  WANDB_API_KEY: 0123456789abcdef0123\n",
        ["conda-forge"],
        ["r-base=4.3"],
        notes=2,
    ),
    "brackets": Shape(
        "dependencies:\n- \"pytorch[version='>=2,<3', build='*cuda*']\"\n- numpy[version=1.26]\n",
        [],
        ["numpy[version=1.26]", "pytorch[version='>=2,<3', build='*cuda*']"],
        rewritten={
            "numpy[version=1.26]": "numpy==1.26",
            "pytorch[version='>=2,<3', build='*cuda*']": "pytorch >=2,<3 *cuda*",
        },
    ),
    "a build behind a range": Shape(
        "dependencies:\n- pytorch>=2.7.0=cuda12*\n- ipykernel = 6.29.5\n",
        [],
        ["ipykernel = 6.29.5", "pytorch>=2.7.0=cuda12*"],
        rewritten={"ipykernel = 6.29.5": "ipykernel=6.29.5"},
        exported=["ipykernel=6.29.5", "pytorch>=2.7.0=cuda12*"],
    ),
    "channels of packages": Shape(
        "dependencies:\n- https://u:pass@conda.example.org/t/my-token/forge::numpy=1.21\n"
        "- conda-forge::zlib=1.3.1=h4ab18f5_1\n- file:///home/someone/lab::mine\n",
        [],
        [
            "https://conda.example.org/forge::numpy=1.21",
            "conda-forge::zlib=1.3.1=h4ab18f5_1",
            "file://***/lab::mine",
        ],
        conda=["zlib-1.3.1-h4ab18f5_1"],
        exported=[
            "https://conda.example.org/forge::numpy=1.21",
            "conda-forge::zlib=1.3.1=h4ab18f5_1",
        ],
    ),
    "windows lines": Shape(
        "\ufeffname: lab\r\ndependencies:\r\n  - numpy=1.26  # [not osx]\r\n",
        [],
        ["numpy=1.26  # [not osx]"],
        rewritten={"numpy=1.26  # [not osx]": "numpy=1.26"},
    ),
}


def entries(snapshot: Snapshot) -> list[str]:
    """Return what an exported environment.yml asks for."""
    plain: dict[str, Any] = yaml.safe_load(text_of(snapshot))
    found: list[str] = []
    for entry in plain["dependencies"]:
        found += entry["pip"] if isinstance(entry, dict) else [entry]
    return found


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_what_people_write_is_kept(shape: Shape) -> None:
    snapshot = imported(shape.text, "environment.yml")
    conda, packages = snapshot.layers.conda, snapshot.layers.packages
    assert conda.channels == shape.channels
    assert conda.requested == sorted(shape.requested)
    assert sorted(line for lines in conda.packages.values() for line in lines) == [*shape.conda]
    assert packages.packages == [*shape.packages]
    assert packages.requested == [*shape.pip_requested]
    assert len(notes(snapshot)) == shape.notes, notes(snapshot)
    assert set(shape.exported) <= set(entries(snapshot))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_what_was_only_asked_for_is_exported_as_it_was_asked_for(
    shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment_yml, "this_platform", lambda: "linux-64")
    snapshot = imported(shape.text, "environment.yml")
    told = text_of(snapshot)
    listed = entries(snapshot)
    for spec in [*shape.requested, *shape.pip_requested]:
        # What not every tool reads is a comment, so that nothing is lost in silence
        written = (shape.rewritten or {}).get(spec, spec).replace('"', "'")
        assert written in listed or f"# {spec}: not" in told, spec


def test_channels_and_the_name_are_kept_where_there_is_only_a_pip_section() -> None:
    text = "name: lab\nchannels: [pytorch, conda-forge]\ndependencies:\n- pip: [rich==13.7.0]\n"
    snapshot = imported(text, "environment.yml")
    conda = snapshot.layers.conda
    assert (conda.name, conda.channels) == ("lab", ["pytorch", "conda-forge"])
    plain = yaml.safe_load(text_of(snapshot))
    assert plain["name"] == "lab"
    assert plain["channels"] == ["pytorch", "conda-forge"]
    report = compare(snapshot, make_snapshot(), RESEARCH)
    assert report.layers["conda"].verdict == "not checked"
    with pytest.raises(UnreadableError, match="says nothing about an environment"):
        imported("channels: [pytorch]\ndependencies: []\n", "environment.yml")


def test_nodefaults_is_kept_for_an_environment_yml_alone() -> None:
    zlib = "https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-h4ab18f5_1.conda"
    text = f"channels: [nodefaults, pytorch]\ndependencies:\n- {zlib}#{'a' * 64}\n"
    snapshot = imported(text, "environment.yml")
    written = yaml.safe_load(text_of(snapshot))["channels"]
    assert written == ["pytorch", "conda-forge", "nodefaults"]
    system = replace(snapshot.layers.system, status="ok", platform="linux-64")
    placed = replace(snapshot, layers=replace(snapshot.layers, system=system))
    assert "nodefaults" not in text_of(placed, "pixi.lock")


def test_what_is_asked_for_on_a_different_system_is_a_comment() -> None:
    snapshot = imported(SHAPES["selectors of micromamba"].text, "environment.yml")
    told = text_of(snapshot, platform="osx-arm64", pins="history")
    assert "# cudatoolkit=11.8  # [linux]: not for osx-arm64" in told
    assert '- "zlib=1.3.1=h4ab18f5_1"' in told


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_no_secret_and_no_folder_is_kept(shape: Shape) -> None:
    text = repr(imported(shape.text, "environment.yml"))
    for secret in (
        "sekret",
        "bob",
        "tok@",
        "my-token",
        "someone",
        "0123456789abcdef0123 ",
        "pass@",
    ):
        assert secret not in text


def test_what_is_exported_is_read_back() -> None:
    full = make_snapshot()
    again = imported(text_of(full), "environment.yml").layers
    assert sorted(line for lines in again.conda.packages.values() for line in lines) == sorted(
        line.partition(".conda")[0]
        for lines in full.layers.conda.packages.values()
        for line in lines
    )
    assert again.conda.channels == full.layers.conda.channels
    assert again.core.python == full.layers.core.python
    assert {"rich==13.7.0 [pip]"} <= set(again.packages.packages)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("- a\n", "no list of dependencies"),
        ("dependencies: numpy\n", "no list of dependencies"),
        ("dependencies: [a\n", "is not valid YAML (line 2"),
        ("a: &x [1]\ndependencies: [*x]\n", "has an alias (*…), which is not supported (line 2)"),
        ("dependencies: !!python/object/apply:os.system [ls]\n", "has a tag"),
        ("dependencies: [a]\ndependencies: [b]\n", "has the key 'dependencies' twice"),
        ("dependencies: [a]\n---\nb: 1\n", "more than one YAML document"),
        ("? [a]\n: b\n", "has a key that is not text"),
        ("dependencies: " + "[" * 40 + "]" * 40, "nested too deeply"),
        ("dependencies:\n- '; rm -rf'\n", "says nothing about an environment"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        imported(text, "environment.yml")
    assert said in str(caught.value)
    assert str(caught.value).startswith("folder/file ")
    assert "\n" not in str(caught.value)


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(UnreadableError, match="alias"):
        imported("\n".join(lines), "environment.yml")


SCALARS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}(rc[0-9])?", fullmatch=True)
SERIES = VERSIONS.filter(lambda version: "." in version)  # conda refuses `~=2`
OPERATORS = st.sampled_from(["=", "==", ">=", "<", "!=", " "])
SPECS = st.one_of(
    NAMES,
    st.builds("{}{}{}".format, NAMES, OPERATORS, VERSIONS),
    st.builds("{}~={}".format, NAMES, SERIES),
    st.builds("{}=={}".format, NAMES, VERSIONS),
    st.builds("{}={}={}".format, NAMES, VERSIONS, st.just("py311h0_0")),
    st.builds("{}::{}".format, st.sampled_from(["conda-forge", "a/label/b"]), NAMES),
    st.builds("{} >={},<{}".format, NAMES, VERSIONS, VERSIONS),
)


@given(st.lists(SPECS, min_size=1, max_size=8))
def test_each_specification_of_the_grammar_is_kept_as_it_is(specs: list[str]) -> None:
    text = yaml.safe_dump({"dependencies": specs}, default_style='"')
    snapshot = imported(text, "environment.yml")
    assert snapshot.layers.conda.requested == sorted(set(specs))
    assert notes(snapshot) == []


@given(st.lists(SCALARS, max_size=6), st.lists(SCALARS, max_size=4), SCALARS)
def test_whatever_stands_in_the_file_is_read_or_refused(
    conda: list[str], pip: list[str], channel: str
) -> None:
    plain = {"channels": [channel], "dependencies": [*conda, {"pip": pip}, "python"]}
    snapshot = imported(yaml.safe_dump(plain), "environment.yml")
    assert text_of(snapshot).isascii()


@given(st.text(max_size=200), st.sampled_from(["", "dependencies:\n"]))
def test_any_text_is_read_or_refused(text: str, start: str) -> None:
    with suppress(UnreadableError):
        imported(start + text, "environment.yml")
