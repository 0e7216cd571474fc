"""The kernel of a restored environment, and environments that conda's own programs make."""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from jupyter_repro.model.snapshot import Snapshot
from tests.conda import channel, stand_in
from tests.conda.channel import SITE, SUBDIR, Package
from tests.conda.http_channel import Site, serve
from tests.conda.pair import python_package
from tests.conda.restoring import (
    TIMEOUT,
    User,
    change_layer,
    install_from,
    look_at,
    new_user,
    record,
)

pytest.importorskip("rattler")
pytestmark = [pytest.mark.conda, pytest.mark.kernel]

VARIABLES = (
    "import os; print(*(os.environ[name] for name in ('PYTHONHASHSEED', 'OMP_NUM_THREADS')))"
)


def lent_ipykernel() -> Package:
    """Return a conda package that lends the tests' own ipykernel."""
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return Package(
        name="ipykernel",
        version="6.0",
        build="0",
        depends=["python"],
        files={f"{SITE}/lent.pth": "\n".join(dict.fromkeys(folders)).encode() + b"\n"},
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("channel") / "main"
    alpha = python_package("alpha", "1.2.0", "py_0")
    channel.write_channel(folder, [channel.python_package(), alpha, lent_ipykernel()])
    with serve(Site(folder=folder.parent)) as served:
        yield served


@pytest.fixture(scope="module")
def recorded(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    prefix = tmp_path_factory.mktemp("envs") / "work"
    snapshot = look_at(install_from(f"{site.address}/main", prefix, ["alpha", "ipykernel"]))
    # What the lent folder brings is no part of the environment
    snapshot = change_layer(snapshot, "packages", packages=[])
    snapshot = change_layer(snapshot, "determinism", status="ok", reason=None, seed="5000000000")
    return change_layer(snapshot, "libraries", variables={"OMP_NUM_THREADS": "3"})


@pytest.fixture
def user(tmp_path: Path) -> User:
    return new_user(tmp_path / "home")


@pytest.fixture
def notebook(tmp_path: Path, recorded: Snapshot) -> Path:
    return record(tmp_path / "paper.ipynb", recorded)


def printed(client: BlockingKernelClient, code: str) -> str:
    written: list[str] = []

    def keep(message: dict[str, object]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream" and isinstance(content, dict):
            written.append(content["text"])

    reply = client.execute_interactive(code, output_hook=keep, timeout=TIMEOUT)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(written).strip()


def test_the_kernel_starts_in_it_as_recorded(notebook: Path, site: Site, user: User) -> None:
    prefix = user.home / "Work"
    done = user.repro(
        *("restore", notebook, "--prefix", prefix, "--yes"),
        *("--allow-channel", f"{site.address}/main"),
    )
    assert "Its kernel is work: choose it in Jupyter." in done.stdout, done.stderr
    assert "starts with PYTHONHASHSEED=705032704, OMP_NUM_THREADS=3" in done.stdout
    assert "without jupyter_repro, which was not recorded" in done.stdout
    specs = KernelSpecManager(kernel_dirs=[str(user.home / "jupyter" / "kernels")])
    spec = json.loads((user.home / "jupyter" / "kernels" / "work" / "kernel.json").read_text())
    assert spec["metadata"] == {"debugger": True}
    assert spec["argv"][1:3] == ["-I", str(Path(specs.kernel_dirs[0], "work", "activated.py"))]
    manager = KernelManager(kernel_name="work", kernel_spec_manager=specs)
    manager.start_kernel(cwd=str(prefix))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        assert printed(client, "import sys; print(sys.prefix)") == str(prefix)
        assert printed(client, "import alpha; print(alpha.__version__)") == "1.2.0"
        assert printed(client, VARIABLES) == "705032704 3"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--kernel", "a/b"), '"a/b" is not a valid name of a kernel'),
        (("--kernel", "taken"), "There is a kernel taken already"),
        (("--kernel", "a", "--no-kernel"), "not allowed with"),
    ],
)
def test_kernels_that_cannot_be(
    notebook: Path, site: Site, user: User, options: tuple[str, ...], said: str
) -> None:
    (user.home / "jupyter" / "kernels" / "taken").mkdir(parents=True)
    done = user.repro(
        *("restore", notebook, "--prefix", user.home / "work", "--yes"),
        *options,
        *("--allow-channel", f"{site.address}/main"),
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (user.home / "work").exists()


def test_no_kernel(notebook: Path, site: Site, user: User) -> None:
    done = user.repro(
        *("restore", notebook, "--prefix", user.home / "work", "--yes", "--no-kernel"),
        *("--allow-channel", f"{site.address}/main"),
    )
    assert "kernel  none, because of --no-kernel" in done.stdout
    assert not (user.home / "jupyter").exists()


@pytest.mark.parametrize("name", ["micromamba", "mamba", "conda"])
@pytest.mark.parametrize("fails", [False, True])
def test_an_explicit_file_for_the_programs_of_conda(
    tmp_path: Path, recorded: Snapshot, site: Site, *, name: str, fails: bool
) -> None:
    notebook = record(tmp_path / "paper.ipynb", recorded)
    program = stand_in.put_in_place(tmp_path / "programs", name)
    user = new_user(tmp_path / "home", PATH=str(program.parent))
    if fails:
        (user.home / "mode").write_text("fails")
    done = user.repro(
        *("restore", notebook, "--name", "work", "--yes", "--no-kernel"),
        *("--allow-channel", f"{site.address}/main"),
    )
    prefix = user.home / "envs" / "work"
    argv = json.loads((user.home / "told" / "argv.json").read_text())
    assert argv[:4] == ["create", "-y", "-p", str(prefix)]
    assert argv[4] == "--file"
    assert argv[6:] == (["--no-default-packages"] if name == "conda" else [])
    assert (user.home / "told" / "mode.txt").read_text() == "0o700"
    first, *lines = (user.home / "told" / "file.txt").read_text().splitlines()
    assert first == "@EXPLICIT"
    stored = recorded.layers.conda.packages[f"{site.address}/main/{SUBDIR}"]
    assert {line.rpartition("/")[2] for line in lines} == {
        line.replace("#", "#sha256:") for line in stored
    }
    assert all(line.startswith("file://") for line in lines)
    assert lines[0].rpartition("/")[2].startswith("python-")  # the others need it
    assert f", by {name}\n" in done.stdout
    assert f"{name} runs the link scripts of packages" in done.stdout
    if fails:
        assert done.returncode == 2
        assert f"{name} failed with status 1: error    libmamba  hash mismatch" in done.stderr
        assert "--verbose" in done.stderr
        assert "some line" not in done.stderr
        assert not prefix.exists()
    else:
        assert "The environment is in" in done.stdout, done.stderr
        assert prefix.exists()


def test_all_that_a_program_has_printed(tmp_path: Path, notebook: Path, site: Site) -> None:
    program = stand_in.put_in_place(tmp_path / "programs", "mamba")
    user = new_user(tmp_path / "home", PATH=str(program.parent))
    (user.home / "mode").write_text("fails")
    done = user.repro(
        *("restore", notebook, "--name", "work", "--yes", "--no-kernel", "--verbose"),
        *("--allow-channel", f"{site.address}/main"),
    )
    assert done.returncode == 2
    assert "\nsome line\nerror    libmamba  hash mismatch\n" in done.stderr


def test_a_program_that_is_not_there(notebook: Path, user: User) -> None:
    done = user.repro("restore", notebook, "--name", "a", "--yes", "--engine", "micromamba")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "jupyter repro: There is no micromamba on the PATH.\n"
