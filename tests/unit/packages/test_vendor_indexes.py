"""Builds that PyPI does not have: the table of vendors, and what each command makes of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from jupyter_repro.formats.exporters.request import CannotExportError, Exported
from jupyter_repro.install.places.index import IndexFile, Project
from jupyter_repro.install.places.places import make_place
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.solve.python_packages import python_verdicts
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.lines import parse_distribution
from jupyter_repro.packages.pins import pins_of
from jupyter_repro.packages.vendor_indexes import vendor_index
from tests.unit.support.exports import NO_CONDA, File, an_index, exported, text_of
from tests.unit.support.factories import FORGE, snapshot_with
from tests.unit.support.imports import imported

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PYTORCH = "https://download.pytorch.org/whl"
PYG = "https://data.pyg.org/whl"
JAX = "https://storage.googleapis.com/jax-releases"
HOSTS = {
    *("download.pytorch.org", "data.pyg.org", "storage.googleapis.com", "data.dgl.ai"),
    *("dl.fbaipublicfiles.com", "pytorch-extension.intel.com"),
}
DIGEST = "a" * 64


def with_packages(*lines: str) -> Snapshot:
    return snapshot_with(packages={"packages": list(lines)}, conda=NO_CONDA)


GRAPHS = with_packages(
    "torch==2.5.1+cu121 [pip]",
    "torch-scatter==2.1.2+pt25cu121 [pip]",
    "dgl==2.4.0+cu121 [pip]",
    "jaxlib==0.4.23+cuda12.cudnn89 [pip]",
    "rich==13.7.0 [pip]",
)
OPTIONS = [
    f"--extra-index-url {PYTORCH}/cu121",
    f"--find-links {PYG}/torch-2.5.0+cu121.html",
    "--find-links https://data.dgl.ai/wheels/torch-2.5/cu121/repo.html",
    f"--find-links {JAX}/jax_cuda_releases.html",
]


@pytest.mark.parametrize(
    ("name", "version", "torch", "option"),
    [
        ("torch", "2.13.0+cpu", None, f"--extra-index-url {PYTORCH}/cpu"),
        ("Torch_Tensorrt", "2.5.0+cu124", None, f"--extra-index-url {PYTORCH}/cu124"),
        ("torchvision", "0.20.0+rocm6.2.4", None, f"--extra-index-url {PYTORCH}/rocm6.2.4"),
        ("torch", "2.8.0+xpu", None, f"--extra-index-url {PYTORCH}/xpu"),
        ("torch", "2.9.0.dev20250801+cu128", None, f"--extra-index-url {PYTORCH}/nightly/cu128"),
        ("torch", "2.9.0rc1+cpu", None, f"--extra-index-url {PYTORCH}/test/cpu"),
        ("torch", "2.1.0+cpu.cxx11.abi", None, f"--extra-index-url {PYTORCH}/cpu-cxx11-abi"),
        ("torch_scatter", "2.1.2+pt113cpu", None, f"--find-links {PYG}/torch-1.13.0+cpu.html"),
        ("pyg-lib", "0.5.0+pt210cu126", None, f"--find-links {PYG}/torch-2.10.0+cu126.html"),
        ("jaxlib", "0.1.71+cuda111", None, f"--find-links {JAX}/jax_releases.html"),
        ("jaxlib", "0.3.15+cuda11.cudnn82", None, f"--find-links {JAX}/jax_cuda_releases.html"),
        ("dgl", "1.1.1+cu113", None, "--find-links https://data.dgl.ai/wheels/cu113/repo.html"),
        (
            *("dgl", "2.4.0+cu124", "2.4.1+cu124"),
            "--find-links https://data.dgl.ai/wheels/torch-2.4/cu124/repo.html",
        ),
        (
            *("detectron2", "0.6+cu113", "1.10.2"),
            "--find-links https://dl.fbaipublicfiles.com/detectron2/wheels/cu113/torch1.10/index.html",
        ),
        (
            *("intel-extension-for-pytorch", "2.8.10+xpu", "2.8.0+xpu"),
            "--extra-index-url https://pytorch-extension.intel.com/release-whl/stable/xpu/us",
        ),
        ("dgl", "2.4.0+cu124", None, None),  # sorted by a PyTorch that is not known
        ("torch", "2.3.1", None, None),
        ("torch", "2.3.1+mine", None, None),
        ("torch", "2.3.1+cu121.evil", None, None),
        ("numpy", "1.26.4+cpu", None, None),
        ("torch", "not a version+cpu", None, None),
    ],
)
def test_the_table(name: str, version: str, torch: str | None, option: str | None) -> None:
    found = vendor_index(name, version, torch)
    assert (found.option if found else None) == option


@given(
    st.sampled_from(["torch", "torch-scatter", "dgl", "jaxlib", "detectron2", "numpy"]),
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"\d{1,3}\.\d{1,3}\+[a-z0-9.@/:#%-]{0,20}", fullmatch=True),
        st.from_regex(r"2\.\d\+(cu|pt|cuda|rocm)[0-9.]{1,8}(cu\d+|cpu)?", fullmatch=True),
    ),
    st.one_of(st.none(), st.text(max_size=12)),
)
def test_a_notebook_never_chooses_the_host(name: str, version: str, torch: str | None) -> None:
    found = vendor_index(name, version, torch)
    if found:
        parts = urlsplit(found.address)
        assert parts.scheme == "https"
        assert parts.netloc in HOSTS
        assert not parts.query
        assert ".." not in parts.path
        assert make_place("index", found.address, "test") is not None


def test_requirements_keep_the_entries_and_name_the_places() -> None:
    made = exported(GRAPHS, "requirements.txt")
    lines = [line for line in made.text.splitlines() if not line.startswith("#")]
    assert lines == [
        *OPTIONS,
        *("torch==2.5.1+cu121", "torch-scatter==2.1.2+pt25cu121", "dgl==2.4.0+cu121"),
        *("jaxlib==0.4.23+cuda12.cudnn89", "rich==13.7.0"),
    ]
    assert "# torch==2.5.1+cu121: from PyTorch, not on PyPI" in made.text
    assert "# pip takes every package from whichever" in made.text
    told = "\n".join(made.notes)
    for place in OPTIONS:
        assert place.partition(" ")[2] in told
    assert "Comments" not in told


PIP = """
import json, sys
from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.session import PipSession
from pip._internal.req.req_file import parse_requirements
session = PipSession()
scope = SearchScope.create(find_links=[], index_urls=["https://pypi.org/simple"], no_index=False)
finder = PackageFinder.create(LinkCollector(session, scope), SelectionPreferences(False))
found = [one.requirement for one in parse_requirements(sys.argv[1], session, finder)]
print(json.dumps([found, finder.index_urls, finder.find_links]))
"""


@pytest.mark.parametrize("name", ["requirements.txt", "binder", "dockerfile", "apptainer"])
def test_pip_reads_them(name: str, tmp_path: Path) -> None:
    made = exported(GRAPHS, name)
    (text,) = [text for file, text in made.files.items() if "requirements" in file]
    (tmp_path / "r.txt").write_text(text)
    command = [sys.executable, "-c", PIP, str(tmp_path / "r.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    requirements, indexes, pages = json.loads(done.stdout)
    assert "torch==2.5.1+cu121" in requirements
    assert len(requirements) == 5
    assert indexes == ["https://pypi.org/simple", f"{PYTORCH}/cu121"]
    assert pages == [option.partition(" ")[2] for option in OPTIONS[1:]]


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml"])
def test_what_is_imported_again_is_the_same(name: str) -> None:
    again = imported(text_of(GRAPHS, name), name)
    lines = GRAPHS.layers.packages.packages
    assert again.layers.packages.packages == sorted(lines)
    assert text_of(again, "requirements.txt").count("--find-links") == 3


def test_environment_yml_hands_the_options_to_pip() -> None:
    made = exported(GRAPHS, "environment.yml")
    (section,) = [one for one in yaml.safe_load(made.text)["dependencies"] if isinstance(one, dict)]
    assert section["pip"][:4] == OPTIONS
    assert "torch==2.5.1+cu121" in section["pip"]
    assert any(f"{PYTORCH}/cu121, from where pip may then" in note for note in made.notes)


def test_a_build_of_conda_s_pytorch_tells_where_dgl_is() -> None:
    snapshot = snapshot_with(
        conda={"packages": {FORGE: ["pytorch-2.4.1-cuda_0.conda"]}},
        packages={"packages": ["dgl==2.4.0+cu124 [pip]"]},
    )
    assert "/torch-2.4/cu124/repo.html" in text_of(snapshot, "requirements.txt")


UNKNOWN = with_packages("rich==13.7.0 [pip]", "mine==1.0+g0123abc [pip]")
PIP_FORMATS = ["requirements.txt", "environment.yml", "binder", "dockerfile", "apptainer"]


@pytest.mark.parametrize("name", PIP_FORMATS)
def test_a_label_that_nobody_knows_is_a_comment(name: str) -> None:
    """The name without its label could be somebody else's on PyPI."""
    for pins in ({}, {"pins": "research"}) if "." in name else ({},):
        made = exported(UNKNOWN, name, **pins)
        text = "".join(made.files.values())
        assert "# mine==1.0+g0123abc: PyPI has no version with a +" in text
        entries = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        assert not [line for line in entries if "mine" in line]
        assert any("mine==1.0+g0123abc" in note for note in made.notes)


def test_a_label_that_the_user_s_own_index_has_is_an_entry() -> None:
    index = an_index(rich="13.7.0", mine="1.0+g0123abc")
    text = text_of(UNKNOWN, "requirements.txt", files_of=index)
    assert f"\nmine==1.0+g0123abc \\\n    --hash=sha256:{DIGEST}" in text
    assert "PyPI has no" not in text
    text = text_of(UNKNOWN, "requirements.txt", files_of=index, pins="research")
    assert "\nmine==1.0+g0123abc\n" in text


def pytorchs_index(name: str) -> list[File]:
    if name != "torch":
        return [File(f"{name}-13.7.0.tar.gz", f"https://files.example.org/{name}", DIGEST)]
    file = "torch-2.5.1+cu121-cp311-cp311-linux_x86_64.whl"
    return [File(file, f"{PYTORCH}/cu121/{file.replace('+', '%2B')}", DIGEST)]


def test_a_pylock_binds_the_package_to_its_index() -> None:
    snapshot = with_packages("torch==2.5.1+cu121 [pip]", "rich==13.7.0 [pip]")
    text = text_of(snapshot, "pylock.toml", files_of=pytorchs_index)
    torch, rich = Pylock.from_dict(tomllib.loads(text)).packages
    assert (str(torch.version), torch.index) == ("2.5.1+cu121", f"{PYTORCH}/cu121")
    assert rich.index is None
    mirror = text_of(snapshot, "pylock.toml", files_of=an_index(torch="2.5.1+cu121"))
    assert Pylock.from_dict(tomllib.loads(mirror)).packages[0].index is None


def test_a_pylock_says_whom_to_ask() -> None:
    made = exported(GRAPHS, "pylock.toml", files_of=an_index(rich="13.7.0"))
    assert f"# torch==2.5.1+cu121: no digest is known of what {PYTORCH}/cu121 has" in made.text
    assert f"--allow-index {PYTORCH}/cu121" in made.notes[0]


def test_a_bill_of_materials_names_the_index() -> None:
    purls = [one["purl"] for one in json.loads(text_of(GRAPHS, "cyclonedx"))["components"]]
    assert f"pkg:pypi/torch@2.5.1%2Bcu121?repository_url={PYTORCH}/cu121" in purls
    assert "pkg:pypi/rich@13.7.0" in purls


def test_a_crate_tells_what_it_leaves_out() -> None:
    made = exported(with_packages("rich==13.7.0 [pip]", "mine==1 [pip, editable]"), "ro-crate")
    assert "mine==1 [pip, editable]: an editable installation" in made.notes[1]


def test_the_weekly_job_allows_itself_the_places() -> None:
    made = exported(GRAPHS, "github-actions", notebook="a.ipynb")
    last = yaml.safe_load(made.text)["jobs"]["solve"]["steps"][-1]["run"]
    places = [option.partition(" ")[2] for option in OPTIONS]
    assert last == " ".join(
        ['jupyter repro solve "$NOTEBOOK"', *(f"--allow-index {place}" for place in places)]
    )
    assert len(made.notes) == 5


def trusting(*addresses: str) -> Trust:
    places = [make_place("index", address, "test") for address in addresses]
    return Trust(channels=(), indexes=tuple(place for place in places if place))


def test_solve_names_the_place_and_holds_nothing_for_gone() -> None:
    snapshot = with_packages("torch==2.5.1+cu121 [pip]")
    pypi = Project([IndexFile("torch-2.5.1-cp311-none-manylinux1_x86_64.whl")], [])

    def verdict(trust: Trust) -> Any:
        found = python_verdicts(snapshot, pins_of(snapshot), "linux-64", {"torch": pypi}, trust)
        return found[0]

    open_one = verdict(trusting("https://pypi.org/simple"))
    assert open_one.verdict == "not checked"
    assert open_one.reason.startswith("PyTorch has it on its own index")
    assert open_one.reason.endswith(f"--allow-index {PYTORCH}/cu121")
    asked = verdict(trusting("https://pypi.org/simple", f"{PYTORCH}/cu121"))
    assert asked.verdict != "not checked"


# Whatever a snapshot lists is an entry, or a comment that is told

FLAGS = ["pip", "uv", "unknown", "pip, editable, file://***/x", "pip, file://***/x.whl", "conda"]
LINES = st.lists(
    st.tuples(
        st.sampled_from(
            ["torch", "torch-scatter", "dgl", "jaxlib", "numpy", "Ruamel.yaml", "mine", "six"]
        ),
        st.sampled_from(["1.0", "2.5.1+cu121", "2.1.2+pt25cu121", "1.0+local", "0.4.2+cuda12"]),
        st.sampled_from(
            [
                *FLAGS,
                f"pip, https://example.org/a-1.whl#sha256={DIGEST}",
                f"pip, git+https://example.org/a@{'1' * 40}",
            ]
        ),
    ),
    unique_by=lambda one: one[0],
    min_size=1,
    max_size=6,
)
COUNTED = ["requirements.txt", "environment.yml", "pylock.toml", "binder", "dockerfile"]
COUNTED += ["apptainer", "conda-lock.yml", "pixi.lock"]


def entries_of(name: str, text: str) -> set[str]:
    """Return the names of the packages that a file has entries of."""
    if "@EXPLICIT" in text:
        return set()
    if name == "pylock.toml":
        return {one.name for one in Pylock.from_dict(tomllib.loads(text)).packages}
    if name in {"conda-lock.yml", "pixi.lock"}:
        packages = yaml.safe_load(text.replace("\t", " ")).get("package") or []
        packages += yaml.safe_load(text).get("packages") or []
        return {canonicalize_name(one["name"]) for one in packages if "name" in one}
    if name == "environment.yml":
        sections = [one for one in yaml.safe_load(text)["dependencies"] if isinstance(one, dict)]
        lines = [line for section in sections for line in section["pip"]]
    else:
        lines = text.replace("\\\n    --hash", " --hash").splitlines()
    lines = [line.partition(" --hash")[0] for line in lines if not line.startswith(("#", "--"))]
    return {canonicalize_name(Requirement(line).name) for line in lines}


LOCKS = ("conda-lock.yml", "pixi.lock")
WITH_CONDA = {"packages": {FORGE: [f"zlib-1.3.1-h_1.conda#{'a' * 32}"]}}


def the_file_for_packages(made: Exported) -> tuple[str, str]:
    """Return the kind and the text of the file that Python packages are in."""
    files = {file: text for file, text in made.files.items() if file != ".dockerignore"}
    name, text = [*files.items()][-1]
    if name.endswith("runtime.txt"):
        name, text = next(iter(files.items()))
    if "requirements" in name:
        return "requirements.txt", text
    return ("environment.yml" if "\ndependencies:" in text else name), text


@pytest.mark.parametrize("name", COUNTED)
@settings(max_examples=80, deadline=None)
@given(LINES, st.booleans(), st.booleans())
def test_nothing_is_silently_missing(
    name: str,
    packages: list[tuple[str, str, str]],
    asks: bool,  # noqa: FBT001
    has_conda: bool,  # noqa: FBT001
) -> None:
    has_conda = has_conda or name in LOCKS
    lines = [f"{package}=={version} [{flags}]" for package, version, flags in packages]
    conda = WITH_CONDA if has_conda else NO_CONDA
    snapshot = snapshot_with(packages={"packages": lines}, conda=conda)
    index = an_index(numpy="1.0", torch="2.5.1+cu121") if asks else None
    try:
        made = exported(snapshot, name, files_of=index)
    except CannotExportError as error:
        assert str(error)  # noqa: PT017 - it is told
        return
    kind, text = the_file_for_packages(made)
    entries = entries_of(kind, text)
    comments = [line for line in text.splitlines() if line.lstrip().startswith("# ")]
    told = "\n".join(made.notes)
    for one in map(parse_distribution, lines):
        if one.installer == "conda" and has_conda:
            continue
        if canonicalize_name(one.name) not in entries:
            heads = (f"{one.name}==", f"{one.name} @")
            assert [line for line in comments if line.lstrip(" #").startswith(heads)], (one, text)
            assert "Comments, not entries, for" in told, (one, made.notes)
