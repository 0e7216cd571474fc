"""What an engine gets, and what it has made of it: micromamba, mamba and conda are not believed.

The engine is `stand_in`, which checks nothing, as mamba 2.0.0 to 2.0.8 do. With MICROMAMBA set to
the path of a real one, what it does with the same files is tried as well.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_repro.model.snapshot import Snapshot
from tests.conda import channel, stand_in
from tests.conda.channel import SITE, SUBDIR, Package, make_package
from tests.conda.http_channel import Site, serve
from tests.conda.pair import python_package
from tests.conda.restoring import User, install_from, look_at, new_user, record

pytest.importorskip("rattler")
pytestmark = pytest.mark.conda

ALPHA = f"{SUBDIR}/alpha-1.2.0-py_0.conda"


def packages() -> list[Package]:
    return [
        channel.python_package(),
        python_package("alpha", "1.2.0", "py_0"),
        make_package("gamma", "0.1", "pyh_0", subdir="noarch"),
    ]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    channel.write_channel(tmp_path / "channel" / "main", packages())
    with serve(Site(folder=tmp_path / "channel")) as served:
        yield served


@pytest.fixture
def recorded(site: Site, tmp_path: Path) -> Snapshot:
    prefix = install_from(f"{site.address}/main", tmp_path / "envs" / "work", ["alpha", "gamma"])
    return look_at(prefix)


@pytest.fixture
def notebook(tmp_path: Path, recorded: Snapshot) -> Path:
    return record(tmp_path / "paper.ipynb", recorded)


REAL = os.environ.get("MICROMAMBA")
only_stand_in = pytest.mark.parametrize("user", ["stand-in"], indirect=True)


@pytest.fixture(params=["stand-in", *(["real"] if REAL else [])])
def user(tmp_path: Path, request: pytest.FixtureRequest) -> User:
    if request.param == "real":
        (tmp_path / "programs").mkdir()
        (tmp_path / "programs" / "micromamba").symlink_to(str(REAL))
    else:
        stand_in.put_in_place(tmp_path / "programs", "micromamba")
    return new_user(
        tmp_path / "home",
        PATH=f"{tmp_path / 'programs'}{os.pathsep}/usr/bin{os.pathsep}/bin",
        MAMBA_ROOT_PREFIX=str(tmp_path / "root"),
        MAMBA_DOWNLOAD_ONLY="1",
        MAMBA_DRY_RUN="1",
        MAMBA_RELOCATE_PREFIX="/elsewhere",
        CONDA_ALWAYS_COPY="1",
        CONDA_PKGS_DIRS=str(tmp_path / "pkgs"),
        CONDARC=str(tmp_path / "condarc"),
    )


def words(site: Site, notebook: Path, user: User) -> tuple[str | Path, ...]:
    prefix = user.home / "envs" / "work"
    prefix.parent.mkdir(exist_ok=True)
    address = f"{site.address}/main"
    options = ("--yes", "--no-kernel", "--policy", "production", "--allow-channel", address)
    return ("restore", notebook, "--prefix", prefix, *options)


def test_what_it_has_made_is_the_recorded_environment(
    site: Site, notebook: Path, recorded: Snapshot, user: User
) -> None:
    done = user.repro(*words(site, notebook, user))
    prefix = user.home / "envs" / "work"
    assert f"The environment is in {prefix}" in done.stdout, done.stderr
    again = look_at(prefix).layers.conda
    # The engine noted no hash and the address of a local file
    assert again.packages == recorded.layers.conda.packages
    assert again.requested == recorded.layers.conda.requested == ["alpha", "gamma"]
    history = (prefix / "conda-meta" / "history").read_text()
    assert "file:" not in history
    assert f"+{site.address}/main/{SUBDIR}::alpha-1.2.0-py_0" in history
    assert [one for one in site.fetched if one.endswith(ALPHA)] == [f"main/{ALPHA}"] * 2
    for path in (prefix / "conda-meta").glob("*.json"):
        noted = json.loads(path.read_text())
        assert noted["url"].startswith(f"{site.address}/main/")
        assert noted["channel"] == f"{site.address}/main"


@only_stand_in
def test_scripts_whose_outcome_mamba_does_not_report_are_named(
    site: Site, user: User, tmp_path: Path
) -> None:
    """Its status is 0, and its records are the same, when one of them fails."""
    files = {"bin/.epsilon-post-link.sh": b"#!/bin/sh\nexit 3\n"}
    assert site.folder
    channel.add_packages(site.folder / "main", [Package(name="epsilon", version="1", files=files)])
    prefix = install_from(f"{site.address}/main", tmp_path / "envs" / "b", ["python", "epsilon"])
    notebook = record(tmp_path / "paper.ipynb", look_at(prefix))
    done = user.repro(*words(site, notebook, user))
    told = "micromamba does not report whether the link scripts succeeded: epsilon.\n"
    assert told in done.stdout, done.stderr


@only_stand_in
def test_it_gets_local_files_an_empty_cache_and_no_setting(
    site: Site, notebook: Path, user: User, tmp_path: Path
) -> None:
    user.repro(*words(site, notebook, user))
    environ = json.loads((user.home / "told" / "environ.json").read_text())
    settings = {
        name: value
        for name, value in environ.items()
        if name.startswith(("CONDA", "MAMBA")) and name != "CONDA_PKGS_DIRS"
    }
    assert settings == {
        "MAMBA_ROOT_PREFIX": str(tmp_path / "root"),
        "CONDA_OFFLINE": "true",
        "MAMBA_OFFLINE": "true",
        "MAMBA_NO_RC": "true",
        "CONDA_SUBDIR": SUBDIR,
        "CONDA_DOWNLOAD_ONLY": "false",
        "CONDA_DRY_RUN": "false",
        "CONDA_ENVIRONMENT_SPECIFIER": "explicit",
        "CONDA_JSON": "false",
        "CONDA_PATH_CONFLICT": "clobber",
        "CONDA_USE_ONLY_TAR_BZ2": "false",
    }
    assert environ["CONDA_PKGS_DIRS"].startswith(str(user.home / "cache"))
    first, *lines = (user.home / "told" / "file.txt").read_text().splitlines()
    assert first == "@EXPLICIT"
    assert len(lines) == 3
    assert all(line.startswith((user.home / "cache").as_uri()) for line in lines)
    assert not [*(user.home / "cache" / "jupyter_repro").glob("local-*")]


def test_a_package_that_was_exchanged_on_the_server_reaches_no_engine(
    site: Site, notebook: Path, user: User, tmp_path: Path
) -> None:
    """The index tells the recorded hash, the file is another one, and has a script."""
    script = f"#!/bin/sh\n: > {tmp_path / 'pwned'}\n".encode()
    evil = python_package("alpha", "1.2.0", "py_0")
    files = {**evil.files, "bin/.alpha-post-link.sh": script}
    evil = Package(name="alpha", version="1.2.0", build="py_0", depends=["python"], files=files)
    assert site.folder
    (site.folder / "main" / ALPHA).write_bytes(channel._archive(evil))
    done = user.repro(*words(site, notebook, user))
    assert done.returncode == 2
    assert "alpha-1.2.0-py_0.conda is not the file that was recorded (hash mismatch)" in done.stderr
    assert not (tmp_path / "pwned").exists()
    assert not (user.home / "told").exists()
    assert [*(user.home / "envs").iterdir()] == []


@only_stand_in
@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("download only", "alpha-1.2.0-py_0 is missing"),
        ("dry run", "alpha-1.2.0-py_0 is missing"),
        ("less", "gamma-0.1-pyh_0 is missing"),
        ("more", "evil-1.0-0 was not asked for"),
        ("another build", "alpha-1.2.0-py_0 has the build 'evil'"),
        ("another hash", "alpha-1.2.0-py_0 has the sha256 000000000000…, not "),
        ("fetches another", "alpha-1.2.0-py_0.conda is not the file that was to be installed"),
    ],
)
def test_status_0_with_another_environment_is_refused_and_leaves_nothing(
    site: Site, notebook: Path, user: User, mode: str, said: str
) -> None:
    (user.home / "mode").write_text(mode)
    (user.home / ".conda").mkdir()
    (user.home / ".conda" / "environments.txt").write_text("/mine\n")
    done = user.repro(*words(site, notebook, user))
    assert done.returncode == 2
    assert "The environment is in" not in done.stdout
    assert "micromamba ended without an error, but what it has installed is not" in done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [*(user.home / "envs").iterdir()] == []
    assert (user.home / ".conda" / "environments.txt").read_text() == "/mine\n"


def test_with_credentials_nothing_of_a_channel_is_kept(
    site: Site, recorded: Snapshot, user: User, tmp_path: Path
) -> None:
    site.password = "bob:sekret12345"
    notebook = record(tmp_path / "private.ipynb", recorded)
    done = user.repro(*words(site, notebook, user), "--allow-channel", f"{site.with_password}/main")
    assert "The environment is in" in done.stdout, done.stderr
    kept = [*(user.home / "cache").rglob("*.conda"), *(user.home / "cache").rglob("*.tar.bz2")]
    assert kept == []
    files = [path for path in user.home.rglob("*") if path.is_file()]
    assert [path for path in files if b"sekret12345" in path.read_bytes()] == []


def test_what_was_fetched_is_not_fetched_again_and_hashed_again(
    site: Site, notebook: Path, user: User
) -> None:
    user.repro(*words(site, notebook, user), "--engine", "rattler")
    site.fetched.clear()
    (kept,) = (user.home / "cache").rglob("alpha-1.2.0-py_0.conda")
    digest = hashlib.sha256(kept.read_bytes()).hexdigest()
    other = [*words(site, notebook, user)]
    other[3] = user.home / "b"
    assert user.repro(*other, "--engine", "rattler").returncode == 0
    assert [one for one in site.fetched if one.endswith((".conda", ".tar.bz2"))] == []
    kept.write_bytes(b"something else")
    other[3] = user.home / "c"
    assert user.repro(*other, "--engine", "rattler").returncode == 0
    packages = [one for one in site.fetched if one.endswith((".conda", ".tar.bz2"))]
    assert packages == [f"main/{ALPHA}"]
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == digest


def test_a_file_is_hashed_where_it_comes_by_a_redirection(
    site: Site, notebook: Path, user: User
) -> None:
    """From http only to a channel that may be asked."""
    with serve(Site(folder=site.folder)) as other:
        site.redirects[f"main/{ALPHA}"] = f"{other.address}/main/{ALPHA}"
        done = user.repro(*words(site, notebook, user), "--engine", "rattler")
        assert done.returncode == 2
        assert (
            f"failed to fetch alpha-1.2.0-py_0.conda: 127.0.0.1 sends us to {other.address}/main"
            in done.stderr
        )
        assert other.requests == []
        done = user.repro(
            *words(site, notebook, user),
            *("--engine", "rattler", "--allow-channel", f"{other.address}/main"),
        )
        assert done.returncode == 0, done.stderr
        assert (user.home / "envs" / "work" / SITE / "alpha.py").exists()


def test_credentials_that_rattler_alone_knows(site: Site, notebook: Path, user: User) -> None:
    site.password = "bob:sekret12345"
    known = {"127.0.0.1": {"BasicHTTP": {"username": "bob", "password": "sekret12345"}}}
    (user.home / "auth.json").write_text(json.dumps(known))
    private = User(user.home, {**user.variables, "RATTLER_AUTH_FILE": str(user.home / "auth.json")})
    done = private.repro(*words(site, notebook, private), "--engine", "rattler")
    assert done.returncode == 0, done.stderr
    assert (user.home / "envs" / "work" / SITE / "alpha.py").exists()


@only_stand_in
@pytest.mark.parametrize(
    "settings",
    [
        "create_default_packages: [delta]",
        "create_default_packages: [alpha, ipykernel]",
        "create_default_packages: #!final\n  - delta",
        "pinned_packages: [alpha=1.1]",
        "subdir: osx-arm64" if SUBDIR != "osx-arm64" else "subdir: linux-64",
        "environment_specifier: environment.yml",
        "download_only: true",
        "dry_run: true",
        "json: true",
        "channels: [https://corp.example/x]\nchannel_priority: strict",
        "track_features: [mkl]\nuse_only_tar_bz2: true",
    ],
)
def test_no_setting_of_conda_changes_what_is_installed(
    site: Site, notebook: Path, user: User, settings: str, tmp_path: Path
) -> None:
    """Each of them was tried with conda 26.7 as well."""
    stand_in.put_in_place(tmp_path / "programs", "conda")
    (user.home / ".condarc").write_text(settings + "\n")
    done = user.repro(*words(site, notebook, user), "--engine", "conda")
    assert f"The environment is in {user.home / 'envs' / 'work'}" in done.stdout, done.stderr


@only_stand_in
@pytest.mark.parametrize("version", [1, 2])
def test_only_mamba_1_gets_options_of_conda(
    site: Site, notebook: Path, user: User, tmp_path: Path, version: int
) -> None:
    stand_in.put_in_place(tmp_path / "programs", "mamba")
    if version == 1:
        (user.home / "mamba 1").touch()
    (user.home / ".condarc").write_text("create_default_packages: [delta]\n")
    done = user.repro(*words(site, notebook, user), "--engine", "mamba")
    assert "The environment is in" in done.stdout, done.stderr
