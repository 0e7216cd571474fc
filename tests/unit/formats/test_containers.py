"""Recipes for images, Binder and GitHub Actions: constant lines, and locks beside them."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML

from jupyter_repro.formats.exporters.request import CannotExportError, Exported
from jupyter_repro.formats.exporters.writing import write_files
from jupyter_repro.formats.importers.registry import Part, import_bytes
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.exports import NO_CONDA, an_index, exported
from tests.unit.support.factories import FORGE, make_snapshot, snapshot_with
from tests.unit.support.imports import imported

HADOLINT = Path(sysconfig.get_path("scripts")) / "hadolint"
INDEX = an_index(rich="13.7.0", torch="2.3.1+cu121")
CLIP = f"clip==1.0 [pip, git+https://github.com/openai/CLIP.git@{'a9b1bf59' * 5}]"
ENVIRONMENTS: dict[str, Snapshot] = {
    "conda and pip": make_snapshot(),
    "conda alone": snapshot_with(packages={"packages": ["numpy==1.26.4 [conda]"]}),
    "pip alone": snapshot_with(conda=NO_CONDA, packages={"packages": ["rich==13.7.0 [uv]"]}),
    "a commit": snapshot_with(packages={"packages": [CLIP, "rich==13.7.0 [pip]"]}),
}
IMAGES = ("dockerfile", "apptainer")


HAND = f"""\
--pre
numpy>=1.20
rich==13.7.0 ; python_version >= "3.9"
git+https://github.com/openai/CLIP.git@{"a9b1bf59" * 5}
"""


def recipe_of(made: Exported) -> str:
    return next(iter(made.files.values()))


@pytest.mark.parametrize("hashes", [True, False])
@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_hadolint_finds_nothing(case: str, hashes: bool, tmp_path: Path) -> None:  # noqa: FBT001
    made = exported(ENVIRONMENTS[case], "dockerfile", files_of=INDEX, hashes=hashes)
    path, *_ = write_files(tmp_path / "Dockerfile", made)
    done = subprocess.run(
        [HADOLINT, "--no-color", path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", IMAGES)
def test_git_comes_along_where_pip_fetches_a_commit(name: str) -> None:
    for case, snapshot in ENVIRONMENTS.items():
        recipe = recipe_of(exported(snapshot, name, hashes=False))
        before_pip = recipe.partition("pip install")[0]
        assert ("apt-get install" in before_pip) == (case == "a commit")
    # Digests are asked for: a commit has none, so it is a comment
    hashed = exported(ENVIRONMENTS["a commit"], name, files_of=INDEX)
    assert "apt-get" not in recipe_of(hashed)


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM mambaorg/micromamba:latest\nRUN cd /tmp\n")
    done = subprocess.run([HADOLINT, path], capture_output=True, text=True, check=False)
    assert done.returncode == 1


def test_what_a_recipe_copies_is_there_and_nothing_else_is_sent() -> None:
    for snapshot in ENVIRONMENTS.values():
        made = exported(snapshot, "dockerfile", files_of=INDEX)
        lines = made.files["Dockerfile"].splitlines()
        copied = {line.split()[2] for line in lines if line.startswith("COPY ")}
        assert copied == made.files.keys() - {"Dockerfile", ".dockerignore"}
        ignore = made.files[".dockerignore"].splitlines()
        assert ignore[1] == "*"
        assert {line[1:] for line in ignore[2:]} == copied
        assert lines[1].startswith("FROM mambaorg/micromamba:")
        assert not lines[1].endswith(":latest")


@pytest.mark.parametrize("name", IMAGES)
def test_the_image_compares_hashes_and_keeps_dependencies(name: str) -> None:
    recipe = recipe_of(exported(make_snapshot(), name, files_of=INDEX))
    (version,) = re.findall(r"mambaorg/micromamba:(\d+)\.(\d+)\.(\d+)\n", recipe)
    assert tuple(map(int, version)) >= (2, 3, 3)
    assert "# micromamba 2.0.0 to 2.0.8 do not compare the hashes of the lock" in recipe


@pytest.mark.parametrize("name", IMAGES)
def test_the_lines_are_the_same_for_every_environment_of_a_kind(name: str) -> None:
    one = exported(make_snapshot(), name, files_of=INDEX)
    other = snapshot_with(
        conda={"name": "other", "channels": ["bioconda"]},
        packages={"packages": ["rich==13.7.0 [pip]"]},
    )
    assert recipe_of(one) == recipe_of(exported(other, name, files_of=INDEX))


@pytest.mark.parametrize("name", IMAGES)
def test_pip_checks_digests_where_there_are_some(name: str) -> None:
    assert "--require-hashes" in recipe_of(exported(make_snapshot(), name, files_of=INDEX))
    assert "--require-hashes" not in recipe_of(exported(make_snapshot(), name, hashes=False))
    assert "pip" not in recipe_of(exported(ENVIRONMENTS["conda alone"], name))
    first = exported(make_snapshot(), name)
    assert "--require-hashes" not in recipe_of(first)
    assert "--hash" not in first.files["requirements.lock.txt"]
    assert any("--network" in note for note in first.notes)


def test_without_conda_python_comes_from_conda_forge() -> None:
    made = exported(ENVIRONMENTS["pip alone"], "dockerfile", files_of=INDEX)
    assert [*made.files] == [
        *("Dockerfile", ".dockerignore", "environment.lock.yml", "requirements.lock.txt")
    ]
    lock = yaml.safe_load(made.files["environment.lock.yml"])
    assert lock["dependencies"] == ["python=3.11.7"]
    assert "ensurepip" in recipe_of(made)
    pip = snapshot_with(conda={"packages": {FORGE: [f"pip-24-0.conda#{'a' * 64}"]}})
    assert "ensurepip" not in recipe_of(exported(pip, "dockerfile", files_of=INDEX))


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("platform", ["osx-arm64", "win-64", None, "linux-64\nRUN evil"])
def test_containers_run_linux(name: str, platform: str | None) -> None:
    with pytest.raises(CannotExportError, match="Containers run Linux"):
        exported(snapshot_with(system={"platform": platform}), name, files_of=INDEX)


def test_another_processor_is_told() -> None:
    snapshot = snapshot_with(system={"platform": "linux-aarch64"})
    assert "linux-aarch64" in exported(snapshot, "dockerfile", files_of=INDEX).notes[0]


def test_apptainer_has_its_sections() -> None:
    text = recipe_of(exported(make_snapshot(), "apptainer", files_of=INDEX))
    sections = [line for line in text.splitlines() if line.startswith("%")]
    assert sections == ["%files", "%post", "%environment", "%runscript"]
    assert "Bootstrap: docker" in text
    for name in ("environment.lock.txt", "requirements.lock.txt"):
        assert f"    {name} /opt/{name}\n" in text


def test_binder_with_conda() -> None:
    made = exported(make_snapshot(), "binder")
    assert [*made.files] == [".binder/environment.yml"]
    assert yaml.safe_load(made.text)["dependencies"][0] == "libblas=3.9.0=20_linux64_openblas"
    with pytest.raises(CannotExportError, match="runs linux-64, and this"):
        exported(snapshot_with(system={"platform": "osx-arm64"}), "binder")


def test_binder_without_conda() -> None:
    made = exported(ENVIRONMENTS["pip alone"], "binder", files_of=INDEX)
    assert made.files[".binder/runtime.txt"] == "python-3.11\n"
    assert "rich==13.7.0 \\\n" in made.files[".binder/requirements.txt"]


def workflow(notebook: str) -> Any:
    text = exported(make_snapshot(), "github-actions", notebook=notebook).text
    read = yaml.safe_load(text)
    assert read == YAML(typ="safe", pure=True).load(text)
    return read


@pytest.mark.parametrize("name", ["paper.ipynb", "work/my paper.ipynb", "yes.ipynb", "1e3.ipynb"])
def test_the_workflow_keeps_the_name_in_a_variable(name: str) -> None:
    read = workflow(name)
    assert read["env"] == {"NOTEBOOK": name}
    assert set(read["on"]) == {"schedule", "workflow_dispatch"}
    assert read["permissions"] == {"contents": "read"}
    commands = [step["run"] for step in read["jobs"]["solve"]["steps"] if "run" in step]
    allowed = "--allow-index https://download.pytorch.org/whl/cu121"  # has the torch of the record
    assert commands[1:] == [
        'jupyter repro show "$NOTEBOOK"',
        f'jupyter repro solve "$NOTEBOOK" {allowed}',
    ]
    assert all("${{" not in command for command in commands)


@pytest.mark.parametrize(
    "name",
    [
        *("", "-rf.ipynb", "../a.ipynb", "/a.ipynb", "a\nb.ipynb", 'a".ipynb', "a'.ipynb", "a.py"),
        *("$(evil).ipynb", "${{ secrets.X }}.ipynb", "a;b.ipynb", "a`b`.ipynb", "a/../b.ipynb"),
    ],
)
def test_a_name_that_a_shell_could_misread_is_refused(name: str) -> None:
    with pytest.raises(CannotExportError, match="rename the notebook"):
        workflow(name)


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_from_an_imported_file(name: str) -> None:
    snapshot = imported(HAND, "requirements.txt")
    with pytest.raises(CannotExportError, match=r"an unknown platform.*--platform linux-64"):
        exported(snapshot, name)
    made = exported(snapshot, name, platform="linux-64")
    lock = made.files["requirements.lock.txt"]
    assert "\nnumpy>=1.20\n" in lock
    assert '\nrich==13.7.0; python_version >= "3.9"\n' in lock
    # Such a file need not list what its packages need, and pip brings a Python
    assert "--no-deps" not in recipe_of(made)
    assert "ensurepip" not in recipe_of(made)
    assert "apt-get install" in recipe_of(made)
    assert yaml.safe_load(made.files["environment.lock.yml"])["dependencies"] == ["pip"]


def test_an_image_from_an_environment_yml_uses_its_channels() -> None:
    text = (
        "channels: [pytorch]\ndependencies:\n- python=3.8\n- numpy=1.21.2=py38_0\n"
        "- pip:\n  - rich>=13\n"
    )
    raw = text.encode()
    snapshot = import_bytes(Path("environment.yml"), raw, part=Part(platform="linux-64"))
    assert snapshot.layers.system.platform == "linux-64"
    made = exported(snapshot, "dockerfile")
    assert "--channel" not in recipe_of(made)
    document = yaml.safe_load(made.files["environment.lock.yml"])
    assert document["channels"] == ["pytorch"]
    assert document["dependencies"] == ["numpy=1.21.2=py38_0", "python=3.8", "pip"]
    assert "\nrich>=13\n" in made.files["requirements.lock.txt"]
    # Without the platform its builds could be those of any
    assert import_bytes(Path("environment.yml"), raw).layers.system.platform is None
    with pytest.raises(CannotExportError, match="names builds of one platform"):
        exported(import_bytes(Path("environment.yml"), raw), "dockerfile", platform="linux-64")


def test_the_python_that_a_script_asks_for() -> None:
    script = '# /// script\n# requires-python = ">=3.10,<3.13"\n# dependencies = ["rich"]\n# ///\n'
    made = exported(imported(script, "uv"), "dockerfile", platform="linux-64")
    document = yaml.safe_load(made.files["environment.lock.yml"])
    assert document["dependencies"] == ["python <3.13,>=3.10", "pip"]
    assert "# Python <3.13,>=3.10\n" in made.files["requirements.lock.txt"]
