"""Bills of materials, research data packages, paragraphs for papers, reports of bugs."""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec
import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from rocrate.rocrate import ROCrate

from jupyter_repro.formats.exporters.request import CannotExportError
from tests.unit.support.exports import COMMIT, exported, text_of
from tests.unit.support.factories import A100, H200, NO_GPU, make_snapshot, snapshot_with
from tests.unit.support.imports import imported


def test_a_bill_of_materials_is_read_back() -> None:
    line = f"mine==0.1 [pip, git+https://example.org/mine@{COMMIT}]"
    snapshot = snapshot_with(packages={"packages": ["rich==13.7.0 [pip]", line, "x [pip]"]})
    made = exported(snapshot, "cyclonedx")
    plain = json.loads(made.text)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made.text) is None
    bom = Bom.from_json(plain)  # type: ignore[attr-defined]  # made by a decorator
    found = {component.name: component for component in bom.components}
    assert set(found) == {"libblas", "numpy", "python", "tqdm", "zlib", "rich", "mine"}
    assert found["numpy"].purl.qualifiers["build"] == "py311h64a7726_0"
    assert next(iter(found["numpy"].hashes)).content == "1" * 64
    assert COMMIT in found["mine"].purl.qualifiers["vcs_url"]
    assert bom.metadata.component.version == snapshot.digest[:12]
    assert "x [pip]" in made.notes[0]


def test_the_same_environment_gives_the_same_bill() -> None:
    assert text_of(make_snapshot(), "cyclonedx") == text_of(make_snapshot(), "cyclonedx")


def test_a_research_data_package_is_read_back(tmp_path: Any) -> None:
    (tmp_path / "paper.ipynb").write_text("{}")
    text = text_of(make_snapshot(), "ro-crate", notebook="paper.ipynb")
    (tmp_path / "ro-crate-metadata.json").write_text(text)
    crate = ROCrate(tmp_path)
    notebook = crate.get("paper.ipynb")
    software = {one["name"]: one["softwareVersion"] for one in notebook["softwareRequirements"]}
    assert software == {"numpy": "1.26.4", "torch": "2.3.1+cu121"}  # what it imported
    assert crate.root_dataset["datePublished"] == "2026-11-01T12:00:00Z"
    assert make_snapshot().digest in crate.description


@pytest.mark.parametrize("name", ["cyclonedx", "ro-crate"])
def test_a_missing_library_is_one_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("cyclonedx.model.bom", "rocrate.rocrate"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(CannotExportError, match=r"pip install 'jupyter_repro\[exports\]'"):
        text_of(make_snapshot(), name)


def test_a_paragraph() -> None:
    text = text_of(make_snapshot(), "paragraph")
    assert text.startswith("Computations were run with CPython 3.11.7 on Ubuntu 22.04.4 LTS ")
    assert "with NVIDIA H200, driver 550.54.15, CUDA 12.4." in text
    assert "The code used PyTorch 2.3.1+cu121, NumPy 1.26.4." in text
    assert "seeded with 42, with deterministic algorithms where there are some." in text
    assert make_snapshot().digest in text
    assert text.count("\n") == 1


def test_a_paragraph_of_little() -> None:
    bare = snapshot_with(
        gpu=NO_GPU,
        notebook={"used": []},
        determinism={"seed": None},
        conda={"packages": {}},
        core={"python": None, "implementation": None},
        system={"os": None, "cpu": None, "platform": None},
    )
    text = text_of(bare, "paragraph")
    assert text.startswith(
        "Computations were run with Python on an unknown system. The environment"
    )
    two = snapshot_with(gpu={"devices": [H200, H200, A100]})
    assert "with 2 NVIDIA H200, NVIDIA A100, driver" in text_of(two, "paragraph")


IMPORTED = """name: lab
dependencies:
- python=3.11
- numpy
- zlib=1.3.1=h4ab18f5_1
- pip: [rich==13.7.0, 'six>=1']
"""


def test_a_paragraph_of_an_imported_file() -> None:
    snapshot = imported(IMPORTED, "environment.yml")
    text = text_of(snapshot, "paragraph")
    assert text.startswith(
        "The environment of 3 conda packages and 2 Python packages was imported from "
        "environment.yml (file) with jupyter_repro "
    )
    assert "ecorded" not in text
    assert "were run" not in text
    dump = "PyTorch version: 2.1.0\nOS: Ubuntu 22.04.3 LTS (x86_64)\n[pip3] numpy==1.26.0\n"
    of_run = text_of(imported(dump, "collect_env"), "paragraph")
    assert of_run.startswith("Computations were run with Python on Ubuntu 22.04.3 LTS")
    assert "of 1 Python package was imported" in of_run


def test_a_report_and_a_package_of_an_imported_file() -> None:
    snapshot = imported(IMPORTED, "environment.yml")
    text = text_of(snapshot, "markdown")
    assert "<summary>1 conda package</summary>" in text
    assert "<summary>3 requested conda packages</summary>" in text
    assert "<summary>1 requested Python package</summary>" in text
    assert "Z from environment.yml (file), written by" in text
    crate = text_of(snapshot, "ro-crate", notebook="paper.ipynb")
    assert "imported from environment.yml (file) by jupyter_repro" in crate
    assert "ecorded" not in text + crate


def test_a_report_cannot_be_broken_out_of() -> None:
    evil = "```\n</details><script>alert(1)</script>\n# heading"
    snapshot = msgspec.structs.replace(
        snapshot_with(
            conda={"name": evil, "packages": {evil: [evil]}, "reason": evil},
            packages={"packages": [evil, "a==1 [pip]"]},
            system={"os": evil},
        ),
        tool=evil,
    )
    lines = text_of(snapshot, "markdown").splitlines()
    fences = [line for line in lines if "```" in line]
    assert fences == ["```text", "```"] * 3
    inside, outside = False, []
    for line in lines:
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            outside.append(line)
    assert not any("script" in line and "<" in line for line in outside)
    assert outside.count("</details>") == 2
    assert not any(line.startswith("# ") for line in outside)
