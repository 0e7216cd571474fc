"""``jupyter repro restore`` with real py-rattler and channels, on disk and over HTTP."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_repro.model.snapshot import Snapshot
from tests.conda import channel
from tests.conda.channel import SITE, SUBDIR, Package, make_package
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
    watch,
)

pytest.importorskip("rattler")
pytestmark = pytest.mark.conda

SPECS = ["python", "alpha ==1.2.0 py_0", "beta ==2.0 cuda_0", "delta"]
FILES = {
    "alpha-1.2.0-py_0.conda",
    "beta-2.0-cuda_0.tar.bz2",
    "delta-3.1.4-h0_0.conda",
    "gamma-0.1-pyh_0.conda",
    f"python-{channel.VERSION}-h0lent0_0_cpython.tar.bz2",
}


def packages() -> list[Package]:
    needs = {"depends": ["python"]}
    return [
        channel.python_package(),
        python_package("alpha", "1.2.0", "py_0"),
        make_package("beta", "2.0", "cuda_0", extension=".tar.bz2", **needs),
        make_package("beta", "2.0", "cpu_0", extension=".tar.bz2", **needs),
        make_package("gamma", "0.1", "pyh_0", subdir="noarch"),
        make_package("delta", "3.1.4", "h0_0", depends=["gamma >=0.1"]),
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("channel") / "main"
    channel.write_channel(folder, packages())
    with serve(Site(folder=folder.parent)) as served:
        yield served


def at(site: Site) -> str:
    """Return the address of the channel."""
    return f"{site.address}/main"


@pytest.fixture(scope="module")
def original(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the environment that is recorded, in a folder called ``work``."""
    return install_from(at(site), tmp_path_factory.mktemp("envs") / "work", SPECS)


@pytest.fixture(scope="module")
def recorded(original: Path) -> Snapshot:
    return look_at(original)


@pytest.fixture
def user(tmp_path: Path) -> User:
    return new_user(tmp_path / "home")


@pytest.fixture
def notebook(tmp_path: Path, recorded: Snapshot) -> Path:
    return record(tmp_path / "paper.ipynb", recorded)


def files_of(prefix: Path) -> dict[str, bytes]:
    """Return what is in a prefix but for its records, which tell times and places."""
    return {
        str(path.relative_to(prefix)): path.read_bytes()
        for path in sorted(prefix.rglob("*"))
        if path.is_file() and "conda-meta" not in path.parts and "__pycache__" not in path.parts
    }


def in_home(user: User) -> set[str]:
    """Return the folders that a command has made, but for its caches."""
    return {path.name for path in user.home.iterdir()} - {"cache"}


def test_comes_back_as_it_was(
    site: Site, notebook: Path, original: Path, recorded: Snapshot, user: User
) -> None:
    prefix = user.home / "work"
    done = user.repro(
        *("restore", notebook, "--prefix", prefix, "--yes"), "--allow-channel", at(site)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Environment matches" in done.stdout
    assert files_of(prefix) == files_of(original)
    again = look_at(prefix)
    assert again.layers.conda == recorded.layers.conda
    assert again.layers.packages == recorded.layers.packages
    assert again.digest == recorded.digest


def test_the_plan_says_what_from_where_and_how_large(
    site: Site, notebook: Path, user: User
) -> None:
    done = user.repro(
        *("restore", notebook, "--name", "paper", "--dry-run"), "--allow-channel", at(site)
    )
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in FILES)
    assert "5 packages, " in done.stdout
    assert f"5 from {at(site)}" in done.stdout
    assert "--allow-channel" in done.stdout  # who said that it may be asked
    assert "Cannot be restored (1)\n  the system: recorded on" in done.stdout
    assert "none, because ipykernel is not among the packages" in done.stdout
    assert in_home(user) == {"config", "data"}  # consent, and the folder of environments
    assert [*(user.home / "data" / "jupyter_repro" / "envs").iterdir()] == []


def test_json_is_the_plan_and_the_comparison(site: Site, notebook: Path, user: User) -> None:
    prefix = user.home / "new"
    words = ("restore", notebook, "--prefix", prefix, "--json")
    done = user.repro(*words, "--yes", "--allow-channel", at(site))
    told = json.loads(done.stdout)
    assert {one["file"] for one in told["plan"]["conda"]} == FILES
    assert all(one["sha256"] and one["size"] for one in told["plan"]["conda"])
    assert (told["report"]["verdict"], told["kernel"], told["exit_code"]) == ("match", None, 0)


def test_consent_is_remembered(site: Site, notebook: Path, user: User) -> None:
    refused = user.repro("restore", notebook, "--prefix", user.home / "a", "--yes")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert f"the channel {at(site)} is not one of yours" in refused.stderr
    assert in_home(user) == set()
    user.repro("restore", notebook, "--name", "a", "--dry-run", "--allow-channel", at(site))
    done = user.repro("restore", notebook, "--name", "a", "--yes")
    assert done.returncode == 0, done.stderr
    assert (user.home / "data" / "jupyter_repro" / "envs" / "a" / "conda-meta").is_dir()


def test_without_a_terminal_and_yes_nothing_happens(notebook: Path, user: User) -> None:
    done = user.repro("restore", notebook, "--name", "a")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "jupyter repro: You have to agree to the plan, and there is no terminal to ask on: look at "
        "it with --dry-run, then use --yes.\n"
    )
    assert "--json asks nothing" in user.repro("restore", notebook, "--name", "a", "--json").stderr
    assert in_home(user) == set()


def test_a_local_channel_by_consent(
    tmp_path: Path, user: User, recorded: Snapshot, site: Site
) -> None:
    assert site.folder
    first = channel.make_prefix(tmp_path / "envs" / "work", SPECS, site.folder / "main")
    snapshot = look_at(first)
    assert [*snapshot.layers.conda.packages] == [f"file://***/{SUBDIR}", "file://***/noarch"]
    path = record(tmp_path / "local.ipynb", snapshot)
    unknown = user.repro("restore", path, "--prefix", user.home / "work", "--yes")
    assert unknown.returncode == 2
    assert "private or local channel" in unknown.stderr
    assert "--allow-channel URL" in unknown.stderr
    done = user.repro(
        *("restore", path, "--prefix", user.home / "work", "--yes"),
        *("--allow-channel", (site.folder / "main").as_uri()),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert look_at(user.home / "work").layers.conda == snapshot.layers.conda
    records = [*(user.home / "work" / "conda-meta").glob("*.json")]
    assert len(records) == 5
    for one in records:  # not where our copy of it was
        assert json.loads(one.read_text())["url"].startswith((site.folder / "main").as_uri())


def test_an_md5_takes_consent(tmp_path: Path, site: Site, recorded: Snapshot, user: User) -> None:
    assert site.folder
    line = f"alpha-1.2.0-py_0.conda#{recorded_hash(recorded, 'alpha')}"
    data = (site.folder / "main" / SUBDIR / "alpha-1.2.0-py_0.conda").read_bytes()
    weak = f"alpha-1.2.0-py_0.conda#{hashlib.md5(data, usedforsecurity=False).hexdigest()}"
    path = record(tmp_path / "old.ipynb", with_line(recorded, line, weak))
    words = ("restore", path, "--prefix", user.home / "work", "--yes")
    done = user.repro(*words, "--allow-channel", at(site))
    assert done.returncode == 2
    assert "only its md5 is recorded, and it is the same; if that is enough: --allow-md5" in (
        done.stderr
    )
    done = user.repro(*words, "--allow-md5")
    assert done.returncode == 0, done.stderr
    assert (user.home / "work" / SITE / "alpha.py").exists()


def test_what_was_asked_for_may_be_no_specification(
    tmp_path: Path, site: Site, recorded: Snapshot, user: User
) -> None:
    """It is only noted in the records; nothing is solved by it."""
    asked = ["alpha ==", "beta >1,<", "delta", 'gamma[url="https://evil.example/x.conda"]', "-c x"]
    path = record(tmp_path / "a.ipynb", change_layer(recorded, "conda", requested=asked))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "work", "--yes", "--allow-channel", at(site))
    )
    assert done.returncode in {0, 1}, done.stderr
    assert look_at(user.home / "work").layers.conda.requested == ["delta", "gamma"]
    for file in (user.home / "work" / "conda-meta").iterdir():
        assert b"evil.example" not in file.read_bytes()


def make_channel(folder: Path, *changes: Package, without: str = "") -> None:
    kept = [one for one in packages() if one.name not in {without, *(two.name for two in changes)}]
    channel.write_channel(folder, [*kept, *changes])


def test_what_has_vanished_is_named_with_what_is_near(
    tmp_path: Path, notebook: Path, site: Site, user: User
) -> None:
    rebuilt = python_package("alpha", "1.2.0", "py_0")
    other = {**rebuilt.files, f"{SITE}/alpha.py": b"__version__ = '1.2.0'  # again\n"}
    make_channel(
        tmp_path / "main",
        change(rebuilt, files=other),
        make_package("beta", "2.0", "cpu_0", extension=".tar.bz2", depends=["python"]),
        make_package("delta", "3.1.9", "h0_0", depends=["gamma >=0.1", "epsilon"]),
        make_package("epsilon", "1.0", "0"),
    )
    served, site.folder = site.folder, tmp_path
    try:
        words = ("restore", notebook, "--prefix", user.home / "work", "--yes")
        done = user.repro(*words, "--allow-channel", at(site))
        relaxed = user.repro(*words, "--relax", "--json")
    finally:
        site.folder = served
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 2  # and where the consent is remembered
    assert "3 of 5 packages are not to be had as recorded" in done.stderr
    assert "alpha-1.2.0-py_0.conda: rebuilt under the same name" in done.stderr
    assert "build cuda_0 is no longer available; cpu_0 is a different variant" in done.stderr
    assert "(nearest: beta-2.0-cpu_0.tar.bz2)" in done.stderr
    assert "(nearest: delta-3.1.9-h0_0.conda)" in done.stderr
    assert "version 3.1.4 is gone; 3.1.9 is of the same major and minor version" in done.stderr
    told = json.loads(relaxed.stdout)
    assert "epsilon-1.0-0.conda is added" in str(told["plan"]["relaxed"])
    assert "delta-3.1.9-h0_0.conda is taken (by major.minor)" in str(told["plan"]["relaxed"])
    assert "beta-2.0-cpu_0.tar.bz2 is taken (by version)" in str(told["plan"]["relaxed"])
    assert "alpha-1.2.0-py_0.conda is taken (rebuilt)" in str(told["plan"]["relaxed"])
    assert {"epsilon-1.0-0.json", "delta-3.1.9-h0_0.json"} <= {
        one.name for one in (user.home / "work" / "conda-meta").iterdir()
    }
    found = {(one["kind"], one["subject"]) for one in told["report"]["findings"]}
    assert {("version-patch", "delta"), ("cpu-gpu-build", "beta")} <= found


def change(package: Package, **changes: object) -> Package:
    return dataclasses.replace(package, **changes)  # type: ignore[arg-type]


def test_a_dependency_that_nothing_replaces(
    tmp_path: Path, notebook: Path, site: Site, user: User
) -> None:
    make_channel(tmp_path / "main", without="gamma")
    served, site.folder = site.folder, tmp_path
    try:
        done = user.repro(
            *("restore", notebook, "--prefix", user.home / "work", "--yes", "--relax"),
            *("--allow-channel", at(site)),
        )
    finally:
        site.folder = served
    assert (done.returncode, done.stdout) == (2, "")
    assert "1 of 5 packages is not to be had as recorded" in done.stderr
    assert "nothing of the same major and minor version" in done.stderr
    assert "gamma-0.1-pyh_0.conda: no channel lists a gamma" in done.stderr
    assert not (user.home / "work").exists()


def test_a_connection_that_breaks_leaves_nothing_and_can_be_tried_again(
    notebook: Path, site: Site, user: User
) -> None:
    words = ("restore", notebook, "--prefix", user.home / "work", "--yes")
    site.cut = (f"main/{SUBDIR}/beta",)
    try:
        done = user.repro(*words, "--allow-channel", at(site))
    finally:
        site.cut = ()
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "beta-2.0-cuda_0" in done.stderr
    assert in_home(user) == {"config"}
    assert user.repro(*words).returncode == 0


@pytest.mark.parametrize("kill", [os.killpg, os.kill])  # as a terminal does it, and a scheduler
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_leaves_nothing(
    notebook: Path, site: Site, user: User, number: signal.Signals, kill: Callable[[int, int], None]
) -> None:
    prefix = user.home / "work"
    words = ("restore", notebook, "--prefix", prefix, "--yes", "--allow-channel", at(site))
    site.slow = (f"main/{SUBDIR}/beta",)
    asked = watch(site, f"main/{SUBDIR}/beta")
    try:
        child = user.start(*words)
        assert asked.wait(TIMEOUT)
        kill(child.pid, number)
        _, complaint = child.communicate(timeout=TIMEOUT)
    finally:
        site.slow = ()
    assert child.returncode == 128 + number, complaint
    assert "Traceback" not in complaint
    assert in_home(user) == {"config"}
    assert user.repro(*words).returncode == 0


def test_it_is_fast_to_say_no_to_too_many_packages(tmp_path: Path, user: User) -> None:
    document = json.loads(record(tmp_path / "a.ipynb", _empty()).read_text())
    lines = [f"a{number}-1.0-0.conda#{'0' * 64}" for number in range(1_000_000)]
    layer = document["metadata"]["jupyter_repro"]["reference"]["layers"]["conda"]
    layer |= {"status": "ok", "packages": {"https://conda.anaconda.org/conda-forge/noarch": lines}}
    (tmp_path / "a.ipynb").write_text(json.dumps(document))
    done = user.repro("restore", tmp_path / "a.ipynb", "--name", "a", "--yes")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert in_home(user) == set()


def _empty() -> Snapshot:
    from tests.fixtures.notebooks.samples import make_snapshot

    return make_snapshot(packages=())


def with_line(snapshot: Snapshot, old: str, new: str, group: str | None = None) -> Snapshot:
    """Return a snapshot in which one package has another line, or another channel."""
    groups = {}
    for name, lines in snapshot.layers.conda.packages.items():
        target = group if group and any(line.startswith(old) for line in lines) else name
        groups[target] = [
            new + line.removeprefix(old) if line.startswith(old) else line for line in lines
        ]
    return change_layer(snapshot, "conda", packages=groups)


@pytest.mark.parametrize("name", ["-rf", "../../alpha", "alpha$(touch pwned)", "alpha\u00a0"])
def test_a_name_that_is_none(
    tmp_path: Path, site: Site, recorded: Snapshot, user: User, name: str
) -> None:
    path = record(tmp_path / "evil.ipynb", with_line(recorded, "alpha", name))
    prefix = user.home / "work"
    done = user.repro(*("restore", path, "--prefix", prefix, "--yes", "--allow-channel", at(site)))
    assert done.returncode == 0, done.stderr  # it is left out, and that is said
    assert f"{name}-1.2.0-py_0.conda" in done.stdout.replace("\u00a0", "\u00a0")
    assert "not the name of a conda package" in done.stdout
    assert not [*prefix.rglob("*alpha*")]
    assert not [*tmp_path.rglob("pwned")]
    assert in_home(user) == {"config", "work"}


EVIL = "https://evil.example/x"


def test_a_channel_that_the_user_does_not_have(
    tmp_path: Path, site: Site, recorded: Snapshot, user: User
) -> None:
    line = f"alpha-1.2.0-py_0.conda#{recorded_hash(recorded, 'alpha')}"
    snapshot = with_line(recorded, line, f"alpha-1.2.0-py_0.conda#{'0' * 64}")
    path = record(tmp_path / "evil.ipynb", with_line(snapshot, "alpha", "alpha", f"{EVIL}/noarch"))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "work", "--yes", "--allow-channel", at(site))
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        f"jupyter repro: Nothing was installed: the channel {EVIL} is not one of yours; if you "
        f"trust it: --allow-channel {EVIL}."
    )
    assert in_home(user) == {"config"}


def test_the_same_file_in_a_channel_that_the_user_has(
    tmp_path: Path, site: Site, recorded: Snapshot, user: User
) -> None:
    """What has the recorded hash is the recorded file, whoever offers it."""
    path = record(tmp_path / "evil.ipynb", with_line(recorded, "alpha", "alpha", f"{EVIL}/noarch"))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "work", "--dry-run"),
        *("--allow-channel", at(site)),
    )
    assert done.returncode == 0, done.stderr
    assert "Not as recorded (4)" in done.stdout  # all of its folder are said to be from there
    assert "has the same file, by its hash" in done.stdout


def recorded_hash(snapshot: Snapshot, name: str) -> str:
    lines = [line for some in snapshot.layers.conda.packages.values() for line in some]
    return next(line.partition("#")[2] for line in lines if line.startswith(f"{name}-"))


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_another_file_under_the_recorded_hash(
    tmp_path: Path, site: Site, recorded: Snapshot, user: User, scheme: str
) -> None:
    """The index still tells the recorded hash: only the file itself gives it away."""
    folder = tmp_path / "main"
    channel.write_channel(folder, packages())
    evil = python_package("alpha", "1.2.0", "py_0")
    files = {**evil.files, f"{SITE}/evil.pth": b"import os; os.mkdir('/tmp/pwned')\n"}
    data = channel._archive(change(evil, files=files))
    (folder / SUBDIR / "alpha-1.2.0-py_0.conda").write_bytes(data)
    snapshot = recorded
    if scheme == "file":
        groups = {
            f"file://***/{name.rpartition('/')[2]}": lines
            for name, lines in recorded.layers.conda.packages.items()
        }
        snapshot = change_layer(recorded, "conda", packages=groups)
    path = record(tmp_path / "paper.ipynb", snapshot)
    served, site.folder = site.folder, tmp_path
    try:
        address = folder.as_uri() if scheme == "file" else at(site)
        done = user.repro(
            *("restore", path, "--prefix", user.home / "work", "--yes"),
            *("--allow-channel", address),
        )
    finally:
        site.folder = served
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "alpha-1.2.0-py_0" in done.stderr
    assert "hash" in done.stderr or "sha256" in done.stderr
    assert in_home(user) == {"config"}


def test_no_link_script_is_run(tmp_path: Path, user: User) -> None:
    pwned = tmp_path / "pwned"
    script = f"#!/bin/sh\ntouch {pwned}\n".encode()
    scripted = make_package("omega", "1.0", "0", depends=["python"])
    scripted = change(scripted, files={**scripted.files, "bin/.omega-post-link.sh": script})
    channel.write_channel(tmp_path / "main", [channel.python_package(), scripted])
    first = channel.make_prefix(tmp_path / "envs" / "first", ["omega"], tmp_path / "main")
    path = record(tmp_path / "paper.ipynb", look_at(first))
    done = user.repro(
        *("restore", path, "--prefix", user.home / "work", "--yes"),
        *("--allow-channel", (tmp_path / "main").as_uri()),
    )
    assert done.returncode == 0, done.stderr
    assert (user.home / "work" / "bin" / ".omega-post-link.sh").exists()
    assert not pwned.exists()


def test_variables_of_a_record_are_not_set(
    tmp_path: Path, site: Site, recorded: Snapshot, user: User
) -> None:
    variables = {"LD_PRELOAD": "/tmp/evil.so", "OMP_NUM_THREADS": "4", "PATH": "/tmp/evil"}
    path = record(
        tmp_path / "paper.ipynb", change_layer(recorded, "libraries", variables=variables)
    )
    words = ("restore", path, "--prefix", user.home / "work", "--yes", "--json")
    done = user.repro(*words, "--allow-channel", at(site))
    assert json.loads(done.stdout)["report"]
    for one in (user.home / "work").rglob("*"):
        assert not one.is_file() or b"/tmp/evil" not in one.read_bytes(), one
