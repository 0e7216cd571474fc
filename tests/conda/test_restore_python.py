"""``jupyter repro restore`` of Python packages: alone through venv and uv, and beside conda's."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jupyter_repro.model.snapshot import Snapshot
from tests.conda import channel
from tests.conda.http_channel import Site, serve
from tests.conda.restoring import TIMEOUT, User, change_layer, look_at, new_user, record, watch
from tests.conda.wheels import Archive, index_of, source, source_files, wheel

pytestmark = pytest.mark.conda

UV = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
ENGINES = ["pip", pytest.param("uv", marks=pytest.mark.skipif(UV is None, reason="no uv here"))]


def archives() -> list[Archive]:
    return [
        wheel("north", "1.0", requires=["south>=2", "nowhere"]),
        wheel("north", "1.1"),
        wheel("south", "2.0.1"),
        wheel("south", "2.0.1", tag="cp36-cp36m-win_amd64", text="# for others\n"),
        source("east", "3.0"),
        wheel("west", "4.0", yanked="it broke"),
        wheel("reqeusts", "1.0"),
    ]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(index_of(archives())) as served:
        yield served


def address(site: Site) -> str:
    return f"{site.address}/simple"


def make_venv(site: Site, prefix: Path, *requirements: str) -> Path:
    """Make a virtual environment and install from the index, by pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    return pip_install(site, prefix, *requirements)


def pip_install(site: Site, prefix: Path, *requirements: str) -> Path:
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(prefix / "bin" / "python")),
            *("--isolated", "--disable-pip-version-check", "install", "--quiet", "--no-deps"),
            *("--index-url", address(site), *requirements),
        ],
        check=True,
    )
    return prefix


@pytest.fixture(scope="module")
def recorded(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("venvs")
    return look_at(make_venv(site, folder / "first", "north==1.0", "south==2.0.1"))


@pytest.fixture
def user(tmp_path: Path, site: Site) -> User:
    return new_user(tmp_path / "home", PIP_INDEX_URL=address(site))


@pytest.mark.parametrize("engine", ENGINES)
def test_without_conda(
    tmp_path: Path, site: Site, user: User, recorded: Snapshot, engine: str
) -> None:
    path = record(tmp_path / "paper.ipynb", recorded)
    done = user.repro(
        *("restore", path, "--prefix", user.home / "new", "--yes", "--json", "--engine", engine),
        *("--allow-index", address(site)),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["plan"]["engines"] == [engine]
    assert told["plan"]["python"] == channel.VERSION
    assert [one["file"] for one in told["plan"]["packages"]] == [
        "north-1.0-py3-none-any.whl",
        "south-2.0.1-py3-none-any.whl",
    ]
    assert all(one["size"] for one in told["plan"]["packages"])
    again = look_at(user.home / "new")
    assert again.layers.packages.packages == [
        f"north==1.0 [{engine}]",
        f"south==2.0.1 [{engine}]",
    ]
    kinds = {(one["severity"], one["kind"]) for one in told["report"]["findings"]}
    assert not [kind for kind in kinds if kind[0] == "error"]
    if engine == "pip":
        assert again.digest == recorded.digest


def test_http_takes_consent(tmp_path: Path, user: User, recorded: Snapshot) -> None:
    path = record(tmp_path / "paper.ipynb", recorded)
    done = user.repro("restore", path, "--prefix", user.home / "new", "--yes")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "of your PIP_INDEX_URL is not asked without your consent" in done.stderr
    assert not (user.home / "new").exists()


def packages(recorded: Snapshot, *lines: str) -> Snapshot:
    return change_layer(recorded, "packages", packages=list(lines))


def test_gone_is_named_and_relax_takes_a_near_one(
    tmp_path: Path, site: Site, user: User, recorded: Snapshot
) -> None:
    snapshot = packages(recorded, "north==1.1.7 [pip]", "nowhere==1 [pip]", "south==2.0.4 [pip]")
    path = record(tmp_path / "paper.ipynb", snapshot)
    words = ("restore", path, "--prefix", user.home / "new", "--yes")
    done = user.repro(*words, "--allow-index", address(site))
    assert (done.returncode, done.stdout) == (2, "")
    assert "3 of 3 packages are not to be had as recorded" in done.stderr
    for name in ("north==1.1.7: ", "nowhere==1: no index knows", "(nearest: 2.0.1)", "--relax"):
        assert name in done.stderr
    done = user.repro(*words, "--relax")
    assert "1 of 3 packages is not" in done.stderr
    path = record(
        tmp_path / "paper.ipynb", packages(recorded, *snapshot.layers.packages.packages[::2])
    )
    done = user.repro(*words, "--relax")
    assert done.returncode in {0, 1}, done.stderr
    assert "north==1.1.7: 1.1 is taken (by major.minor)" in done.stdout
    assert look_at(user.home / "new").layers.packages.packages == [
        "north==1.1 [pip]",
        "south==2.0.1 [pip]",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_sources_are_built_only_when_allowed(
    tmp_path: Path, site: Site, user: User, recorded: Snapshot, engine: str
) -> None:
    path = record(tmp_path / "paper.ipynb", packages(recorded, "east==3.0 [pip]"))
    words = ("restore", path, "--prefix", user.home / "new", "--yes", "--engine", engine)
    done = user.repro(*words, "--allow-index", address(site))
    assert done.returncode == 2
    assert "building them runs their code: --allow-source" in done.stderr
    done = user.repro(*words, "--allow-source", "--dry-run")
    assert done.returncode == 0
    assert "sources are built, which runs code" in done.stdout
    assert not (user.home / "built").exists()
    done = user.repro(*words, "--allow-source")
    assert done.returncode == 0, done.stderr
    assert look_at(user.home / "new").layers.packages.packages == [f"east==3.0 [{engine}]"]
    assert (user.home / "built").exists()


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
@pytest.mark.parametrize("engine", ENGINES)
def test_commits_are_built_only_when_allowed(
    tmp_path: Path, user: User, recorded: Snapshot, engine: str
) -> None:
    folder = tmp_path / "served" / "mine"
    folder.mkdir(parents=True)
    for name, text in source_files("mine", "0.1").items():
        (folder / name).write_text(text)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (
        ["init", "-q"],
        ["add", "."],
        [*who, "commit", "-qm", "a"],
        ["update-server-info"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    told = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(told, cwd=folder, check=True, capture_output=True, text=True).stdout
    with serve(Site(folder=folder.parent)) as site:
        line = f"mine==0.1 [pip, git+{site.address}/mine/.git@{commit.strip()}]"
        path = record(tmp_path / "paper.ipynb", packages(recorded, line))
        words = ("restore", path, "--prefix", user.home / "new", "--yes", "--engine", engine)
        done = user.repro(*words, "--dry-run", "--allow-index", site.address)
        assert "a commit, which has to be built (that runs its code): --allow-source" in done.stdout
        done = user.repro(*words, "--allow-source")
        assert done.returncode in {0, 1}, done.stderr
    (found,) = look_at(user.home / "new").layers.packages.packages
    assert found.startswith("mine==0.1")
    assert commit.strip() in found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc here")
@pytest.mark.parametrize("slow", ["files/north", "files/east"])
@pytest.mark.parametrize("engine", ENGINES)
def test_interrupted_leaves_neither_folder_nor_process(
    tmp_path: Path, user: User, recorded: Snapshot, engine: str, slow: str
) -> None:
    """While we fetch a wheel, and while the installer fetches what it is to build."""
    lines = ("north==1.0 [pip]", "east==3.0 [pip]")
    path = record(tmp_path / "paper.ipynb", packages(recorded, *lines))
    prefix = user.home / "new"
    site = index_of(archives())
    site.slow = (slow,)
    with serve(site):
        asked = watch(site, slow)
        words = ("restore", path, "--prefix", prefix, "--yes", "--engine", engine)
        child = user.start(*words, "--allow-source", "--allow-index", address(site))
        assert asked.wait(TIMEOUT)
        assert bool(processes_of(prefix)) == (slow == "files/east")
        child.send_signal(signal.SIGINT)  # to us alone
        _, complaint = child.communicate(timeout=TIMEOUT)
        assert child.returncode == 130, complaint
        assert processes_of(prefix) == []
    assert "Traceback" not in complaint
    assert not prefix.exists()


def processes_of(prefix: Path) -> list[Path]:
    """Return the processes with an argument below a folder, but for the command itself."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            arguments = path.read_bytes().decode(errors="replace").split("\0")
            if any(one.startswith(f"{prefix}/") for one in arguments):
                found.append(path)
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_another_file_than_the_index_told(
    tmp_path: Path, user: User, recorded: Snapshot, engine: str
) -> None:
    with serve(index_of(archives())) as site:
        evil = wheel("north", "1.0", text="import evil")
        site.pages[f"files/{evil.name}"] = ("application/octet-stream", evil.data)
        path = record(tmp_path / "paper.ipynb", recorded)
        done = user.repro(
            *("restore", path, "--prefix", user.home / "new", "--yes", "--engine", engine),
            *("--allow-index", address(site)),
        )
    # The user's own index, which was closed, has not been allowed and is not asked
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "hash" in done.stderr.lower()
    assert not (user.home / "new").exists()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_wheel_that_leads_out_reaches_no_installer(
    tmp_path: Path, user: User, recorded: Snapshot, engine: str
) -> None:
    evil = wheel("north", "1.0", more={"../../../../victim": "evil"})
    with serve(index_of([evil])) as site:
        path = record(tmp_path / "paper.ipynb", packages(recorded, "north==1.0 [pip]"))
        done = user.repro(
            *("restore", path, "--prefix", user.home / "new", "--yes", "--engine", engine),
            *("--allow-index", address(site)),
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "jupyter repro: north-1.0-py3-none-any.whl is not installed: '../../../../victim' leads "
        "out of the environment."
    )
    assert not (user.home / "new").exists()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_index_sends_an_installer_nowhere(
    tmp_path: Path, user: User, recorded: Snapshot, engine: str
) -> None:
    """Its page names a file of another host, by http, and one of this machine."""
    north = wheel("north", "1.0")
    (tmp_path / north.name).write_bytes(north.data)
    with serve(index_of([north])) as other:
        for url in (f"{other.address}/files/{north.name}", (tmp_path / north.name).as_uri()):
            site = index_of([north])
            kind, page = site.pages["simple/north/"]
            told = page.replace(f"../../files/{north.name}".encode(), url.encode())
            site.pages["simple/north/"] = (kind, told)
            with serve(site):
                path = record(tmp_path / "paper.ipynb", packages(recorded, "north==1.0 [pip]"))
                done = user.repro(
                    *("restore", path, "--prefix", user.home / "new", "--yes"),
                    *("--engine", engine, "--allow-index", address(site)),
                )
            assert done.returncode == 2
            assert "failed to fetch north-1.0-py3-none-any.whl: " in done.stderr
            assert "is not one of your channels and indexes" in done.stderr
            assert not (user.home / "new").exists()
        assert other.requests == []


def test_withdrawn_is_said(tmp_path: Path, site: Site, user: User, recorded: Snapshot) -> None:
    path = record(tmp_path / "paper.ipynb", packages(recorded, "west==4.0 [pip]"))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "new", "--yes"),
        *("--allow-index", address(site)),
    )
    assert done.returncode == 0, done.stderr
    assert "west==4.0: withdrawn by its maintainers: it broke" in done.stdout


def test_names_like_others_are_pointed_out(
    tmp_path: Path, site: Site, user: User, recorded: Snapshot
) -> None:
    path = record(tmp_path / "paper.ipynb", packages(recorded, "reqeusts==1.0 [pip]"))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "new", "--dry-run"),
        *("--allow-index", address(site)),
    )
    assert "Look twice at these names (1)\n  reqeusts is not requests" in done.stdout


HOSTILE = [
    "evil==1.0 [pip, https://evil.example/evil-1.0-py3-none-any.whl#sha256=" + "0" * 64 + "]",
    "evil==1.0 [pip, git+https://evil.example/evil@0123456789abcdef0123456789abcdef01234567]",
]


@pytest.mark.parametrize("line", HOSTILE)
def test_an_address_that_the_user_does_not_have(
    tmp_path: Path, site: Site, user: User, recorded: Snapshot, line: str
) -> None:
    path = record(tmp_path / "paper.ipynb", packages(recorded, line))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "new", "--yes", "--allow-source"),
        *("--allow-index", address(site)),
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "evil.example" in done.stderr
    assert "is not one of yours" in done.stderr
    assert not (user.home / "new").exists()


@pytest.mark.parametrize(
    "line",
    [
        "--index-url==1.0 [pip]",
        "-r==1 [pip]",
        "a;import os==1 [pip]",
        "mine==0.1 [pip, editable, git+https://example.org/mine@0123456789abcdef]",
        "mine==0.1 [pip, file://***/mine.whl]",
    ],
)
def test_what_cannot_be_restored_is_left_out(
    tmp_path: Path, site: Site, user: User, recorded: Snapshot, line: str
) -> None:
    path = record(tmp_path / "paper.ipynb", packages(recorded, line, "south==2.0.1 [pip]"))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "new", "--yes"),
        *("--allow-index", address(site)),
    )
    assert done.returncode in {0, 1}, done.stderr
    assert "Cannot be restored (2)" in done.stdout
    assert look_at(user.home / "new").layers.packages.packages == ["south==2.0.1 [pip]"]
    assert not [path for path in site.requests if "mine" in path]


def test_an_archive_by_its_address(
    tmp_path: Path, site: Site, user: User, recorded: Snapshot
) -> None:
    one = next(one for one in archives() if one.name.startswith("south-2.0.1-py3"))
    url = f"{site.address}/files/{one.name}#sha256={one.sha256}"
    path = record(tmp_path / "paper.ipynb", packages(recorded, f"south==2.0.1 [pip, {url}]"))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "new", "--yes"),
        *("--allow-index", address(site)),
    )
    assert done.returncode == 0, done.stderr
    (line,) = look_at(user.home / "new").layers.packages.packages
    assert line.startswith(f"south==2.0.1 [pip, {site.address}/files/{one.name}")


def test_no_python_of_that_version(
    tmp_path: Path, site: Site, user: User, recorded: Snapshot
) -> None:
    path = record(tmp_path / "paper.ipynb", change_layer(recorded, "core", python="3.99.1"))
    done = user.repro("restore", path, "--prefix", user.home / "new", "--yes")
    assert done.returncode == 2
    assert done.stderr.startswith("jupyter repro: There is no Python 3.99 on this machine")
    assert done.stderr.count("\n") == 1
    for named, said in (
        (sys.executable, f"is Python {channel.VERSION}, and the environment was made with 3.99.1"),
        (tmp_path / "python", "is no CPython that can be started"),
    ):
        done = user.repro(
            "restore", path, "--prefix", user.home / "new", "--yes", "--python", named
        )
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert said in done.stderr


def test_another_patch_version_is_said(
    tmp_path: Path, site: Site, user: User, recorded: Snapshot
) -> None:
    minor = channel.VERSION.rpartition(".")[0]
    path = record(tmp_path / "paper.ipynb", change_layer(recorded, "core", python=f"{minor}.99"))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "new", "--dry-run", "--python", sys.executable),
        *("--allow-index", address(site)),
    )
    assert f"Python {minor}.99: {channel.VERSION} is taken, which is on this machine" in done.stdout


@pytest.mark.parametrize("engine", ENGINES)
def test_conda_and_pip_together(tmp_path: Path, site: Site, user: User, engine: str) -> None:
    pytest.importorskip("rattler")
    channel.write_channel(tmp_path / "main", channel.sample_packages())
    first = channel.make_prefix(
        tmp_path / "envs" / "work", ["python", "alpha ==1.2.0 py_0"], tmp_path / "main"
    )
    pip_install(site, first, "north==1.0", "south==2.0.1")
    snapshot = look_at(first)
    assert len(snapshot.layers.packages.packages) == 2
    path = record(tmp_path / "paper.ipynb", snapshot)
    done = user.repro(
        *("restore", path, "--prefix", user.home / "work", "--yes", "--json"),
        *("--engine", "rattler", "--engine", engine),
        *("--allow-channel", (tmp_path / "main").as_uri(), "--allow-index", address(site)),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["plan"]["engines"] == ["rattler", engine]
    again = look_at(user.home / "work")
    assert again.layers.conda == snapshot.layers.conda
    lines = [line.replace("[uv]", "[pip]") for line in again.layers.packages.packages]
    assert lines == snapshot.layers.packages.packages
