"""Builds that PyPI does not have: found, restored and exported from where the user allows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_repro.model.snapshot import Snapshot
from tests.conda.http_channel import Site, serve
from tests.conda.restoring import User, change_layer, look_at, new_user, record
from tests.conda.test_export_round_trips import run_tool
from tests.conda.test_restore_python import ENGINES, address, make_venv
from tests.conda.wheels import index_of, page_of, source, wheel
from tests.unit.support.exports import exported
from tests.unit.support.factories import make_snapshot

pytestmark = pytest.mark.conda

TORCH = wheel("torch", "2.13.0+cpu")
PYTORCH = "https://download.pytorch.org/whl/cpu"
PYG = "torch_scatter-2.1.2+pt213cpu-py3-none-any.whl"


@pytest.fixture(scope="module")
def pypi() -> Iterator[Site]:
    """An index without builds of a vendor, as PyPI is one."""
    with serve(
        index_of([wheel("torch", "2.13.0"), wheel("south", "2.0"), source("old", "1")])
    ) as it:
        yield it


@pytest.fixture(scope="module")
def vendor() -> Iterator[Site]:
    with serve(index_of([TORCH])) as served:
        yield served


@pytest.fixture(scope="module")
def recorded(vendor: Site, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """An environment with a build of a vendor, really installed."""
    found = look_at(make_venv(vendor, tmp_path_factory.mktemp("v") / "first", "torch==2.13.0"))
    assert found.layers.packages.packages == ["torch==2.13.0+cpu [pip]"]
    return change_layer(found, "packages", packages=["south==2.0 [pip]", "torch==2.13.0+cpu [pip]"])


@pytest.fixture
def user(tmp_path: Path, pypi: Site) -> User:
    return new_user(tmp_path / "home", PIP_INDEX_URL=address(pypi))


def test_solve_names_the_place_that_has_it(
    tmp_path: Path, user: User, pypi: Site, vendor: Site, recorded: Snapshot
) -> None:
    path = record(tmp_path / "paper.ipynb", recorded)
    done = user.repro("solve", path, "--allow-index", address(pypi))
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"if you trust it: --allow-index {PYTORCH}" in done.stdout
    assert "torch==2.13.0+cpu" in done.stdout
    done = user.repro("solve", path, "--allow-index", address(vendor))
    assert done.returncode == 0, done.stdout
    assert "2 of 2 Python packages as recorded" in done.stdout


@pytest.mark.parametrize("engine", ENGINES)
def test_restore_names_it_and_takes_it_where_it_may(
    tmp_path: Path, user: User, vendor: Site, recorded: Snapshot, engine: str
) -> None:
    path = record(tmp_path / "paper.ipynb", recorded)
    words = ("restore", path, "--prefix", user.home / "new", "--yes", "--engine", engine)
    done = user.repro(*words, "--allow-index", user.variables["PIP_INDEX_URL"])
    assert done.returncode == 2
    assert done.stderr.endswith(f"--allow-index {PYTORCH}.\n")
    assert not (user.home / "new").exists()
    done = user.repro(*words, "--allow-index", address(vendor))
    assert done.returncode == 0, done.stderr
    assert look_at(user.home / "new").layers.packages.packages == [
        f"south==2.0 [{engine}]",
        f"torch==2.13.0+cpu [{engine}]",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_page_of_links_is_a_place_too(
    tmp_path: Path, user: User, pypi: Site, recorded: Snapshot, engine: str
) -> None:
    lines = ["south==2.0 [pip]", "torch-scatter==2.1.2+pt213cpu [pip]"]
    path = record(tmp_path / "a.ipynb", change_layer(recorded, "packages", packages=lines))
    words = ("restore", path, "--prefix", user.home / "new", "--yes", "--engine", engine)
    done = user.repro(*words, "--allow-index", address(pypi))
    assert "--allow-index https://data.pyg.org/whl/torch-2.13.0+cpu.html" in done.stderr
    with serve(page_of([wheel("torch_scatter", "2.1.2+pt213cpu"), TORCH])) as page:
        done = user.repro(*words, "--allow-index", f"{page.address}/links.html")
        assert done.returncode == 0, done.stderr
        # Once for all packages, before the installer asks
        assert page.requests[0] == "links.html"
        assert page.requests.count("links.html") <= 3
        assert f"files/{PYG}" in page.requests
    assert look_at(user.home / "new").layers.packages.packages == [
        line.replace("[pip]", f"[{engine}]") for line in lines
    ]


def test_digests_of_the_vendor_only_where_it_may_be_asked(
    tmp_path: Path, user: User, pypi: Site, vendor: Site, recorded: Snapshot
) -> None:
    path = record(tmp_path / "a.ipynb", recorded)
    out = tmp_path / "requirements.txt"
    words = ("export", path, "-o", out, "--replace")
    done = user.repro(*words, "--allow-index", address(pypi))
    assert done.returncode == 2
    assert "need --network" in done.stderr
    done = user.repro(*words)
    assert (done.returncode, "The file has no digests" in done.stderr) == (0, True)
    assert not pypi.requests or "Without digests" in out.read_text()
    done = user.repro(*words, "--network", "--allow-index", address(pypi))
    assert done.returncode == 0, done.stderr
    assert "--hash" not in out.read_text()
    assert f"--allow-index {PYTORCH}" in done.stderr
    done = user.repro(*words, "--network", "--allow-index", address(vendor))
    assert done.returncode == 0, done.stderr
    assert f"torch==2.13.0+cpu \\\n    --hash=sha256:{TORCH.sha256}\n" in out.read_text()
    assert "no digests" not in done.stderr


def test_a_vendor_that_does_not_answer_is_not_one_without_the_build(
    tmp_path: Path, user: User, pypi: Site, recorded: Snapshot
) -> None:
    path = record(tmp_path / "a.ipynb", recorded)
    with serve(Site()) as gone:
        silent = gone.address
    words = ("export", path, "--format", "requirements.txt", "--network")
    done = user.repro(*words, "--allow-index", address(pypi), "--allow-index", silent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be reached" in done.stderr


def test_the_first_export_asks_nobody(
    tmp_path: Path, user: User, pypi: Site, recorded: Snapshot
) -> None:
    path = record(tmp_path / "a.ipynb", recorded)
    user.repro("solve", path, "--allow-index", address(pypi))  # the consent is remembered
    pypi.requests.clear()
    for name in ("requirements.txt", "image/Dockerfile", ".binder"):
        (tmp_path / "image").mkdir(exist_ok=True)
        done = user.repro("export", path, "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
        assert "--network" in done.stderr
    assert pypi.requests == []


CODE = """
import json, pathlib, sys
from conda_lock.src_parser.environment_yaml import parse_environment_file as parse
found = parse(pathlib.Path(sys.argv[1]), platforms=["linux-64"], mapping_url=sys.argv[2])
print(json.dumps([[one.name, one.version] for one in found.dependencies["linux-64"]]))
"""


def test_conda_lock_reads_the_environment_yml(tmp_path: Path) -> None:
    """An option of pip alone would end it; a selector that is no platform makes it skip one."""
    made = exported(make_snapshot(), "environment.yml")
    assert "--extra-index-url" in made.text
    (tmp_path / "environment.yml").write_text(made.text)
    (tmp_path / "names.json").write_text("{}")  # of packages in conda, which it would download
    files = (tmp_path / "environment.yml", tmp_path / "names.json")
    told = run_tool("python", "-c", CODE, str(files[0]), files[1].as_uri())
    found = dict(json.loads(told))
    assert found["torch"] == "==2.3.1+cu121"
    assert found["rich"] == "==13.7.0"
