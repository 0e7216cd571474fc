"""Channels over real HTTP: tokens, passwords, redirections, and servers that do not do their work.

What cannot be asked is never gone: the verdict is "not checked", and the sentence says why.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_repro.install.places.trust import consent_file
from jupyter_repro.install.solve.checks import Solution
from jupyter_repro.safety.world import World
from tests.conda import channel
from tests.conda.channel import SUBDIR, make_package
from tests.conda.http_channel import Site, serve
from tests.conda.solving import ask, check, make_world, notebook_of, package, snapshot_of, verdicts

pytestmark = pytest.mark.conda

pytest.importorskip("rattler")

ALPHA = make_package("alpha", "1.2.0", "0")
GAMMA = make_package("gamma", "0.1", "pyh_0", subdir="noarch")
SECRETS = ("sekret12345", "TOKEN-98765")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, str]]:
    """Return a folder with one channel, ``lab``, and the hashes of its packages."""
    folder = tmp_path_factory.mktemp("site")
    return folder, channel.write_channel(folder / "lab", [ALPHA, GAMMA])


Served = tuple[Path, Mapping[str, str]]


def asked(site: Site, digests: Mapping[str, str], world: World, **options: object) -> Solution:
    snapshot = snapshot_of([ALPHA, GAMMA], digests, f"{site.address}/lab")
    return ask(snapshot, world, f"{site.address}/lab", **options)  # type: ignore[arg-type]


def assert_not_checked(found: Solution, reason: str) -> None:
    assert set(verdicts(found).values()) == {"not checked"}
    assert found.verdict.verdict == "not checked"
    assert reason in package(found, "alpha").reason
    assert check(found, "listed")[0] == "not checked"


def test_all_is_there(served: Served, world: World) -> None:
    with serve(Site(served[0])) as site:
        found = asked(site, served[1], world, install=True)
        assert found.verdict.verdict == "exact"
        assert check(found, "installation")[0] == "holds"
        assert f"lab/{SUBDIR}/{ALPHA.file_name}" in site.requests


def test_http_takes_consent(served: Served, world: World) -> None:
    with serve(Site(served[0])) as site:
        snapshot = snapshot_of([ALPHA], served[1], f"{site.address}/lab")
        found = ask(snapshot, world)
        assert package(found, "alpha").reason == (
            f"the channel {site.address}/lab is not one of yours; "
            f"if you trust it: --allow-channel {site.address}/lab"
        )
        assert site.requests == []


def test_a_channel_of_the_notebook_is_never_asked(served: Served, world: World) -> None:
    """Another channel is allowed, and has not got the file."""
    with serve(Site(served[0])) as evil, serve(Site(served[0])) as good:
        beta = make_package("beta", "1", "0")
        snapshot = snapshot_of([beta], {beta.file_name: "a" * 64}, f"{evil.address}/lab")
        found = ask(snapshot, world, f"{good.address}/lab")
        assert package(found, "beta").verdict == "not checked"
        assert f"--allow-channel {evil.address}/lab" in package(found, "beta").reason
        assert evil.requests == []
        assert good.requests != []


def test_a_private_package_is_not_taken_from_a_public_channel(
    served: Served, world: World, tmp_path: Path
) -> None:
    """Anybody can put another package of that name there."""
    channel.write_channel(tmp_path / "mine", [GAMMA])
    with serve(Site(served[0])) as site:
        snapshot = snapshot_of([ALPHA], {ALPHA.file_name: "0" * 64})
        found = ask(snapshot, world, f"{site.address}/lab", (tmp_path / "mine").as_uri())
        assert package(found, "alpha").verdict == "not installable"
        assert package(found, "alpha").candidate is None
        assert found.records == ()
        # Nor by the solver, which would have to take it: the private one does not fit
        later = make_package("alpha", "1.2.5", "0", depends=["nothing"])
        channel.add_packages(tmp_path / "mine", [later])
        found = ask(snapshot, world)
        assert package(found, "alpha").candidate == later.file_name
        assert check(found, "solving")[0] == "does not hold"
        assert found.records == ()


def test_the_same_file_in_another_channel(served: Served, world: World) -> None:
    with serve(Site(served[0])) as site:
        found = ask(
            snapshot_of([ALPHA], served[1], "https://gone.example.org/lab"),
            world,
            f"{site.address}/lab",
        )
        assert package(found, "alpha").verdict == "exact"
        assert package(found, "alpha").reason == (
            f"no more in https://gone.example.org/lab; {site.address}/lab has the same file, "
            "by its hash"
        )
        assert found.verdict.verdict == "exact"
        assert check(found, "policy") == ("holds", f"asked: {site.address}/lab")


def test_a_token_is_used_and_never_shown(served: Served, world: World, tmp_path: Path) -> None:
    token = SECRETS[1]
    with serve(Site(served[0], token=token)) as site:
        snapshot = snapshot_of([ALPHA, GAMMA], served[1], f"{site.address}/lab")
        found = ask(snapshot, world, f"{site.with_token}/lab", install=True)
        assert found.verdict.verdict == "exact"
        assert check(found, "installation")[0] == "holds"
    assert token not in repr(found)
    assert_nowhere(token, tmp_path)


def test_a_password_is_used_and_never_shown(served: Served, world: World, tmp_path: Path) -> None:
    secret = SECRETS[0]
    with serve(Site(served[0], password=f"bob:{secret}")) as site:
        snapshot = snapshot_of([ALPHA, GAMMA], served[1], f"{site.address}/lab")
        found = ask(snapshot, world, f"{site.with_password}/lab", install=True)
        assert found.verdict.verdict == "exact"
        assert check(found, "installation")[0] == "holds"
        assert json.loads(consent_file(world).read_bytes()) == {
            "channels": [f"{site.address}/lab"],
            "indexes": [],
        }
        # What is remembered is the consent, not the password
        assert_not_checked(ask(snapshot, world), "401 Unauthorized")
    assert secret not in repr(found)
    assert_nowhere(secret, tmp_path)


def assert_nowhere(secret: str, folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []


def test_a_channel_that_is_not_there(served: Served, world: World) -> None:
    with serve(Site(None)) as site:
        assert_not_checked(asked(site, served[1], world), "404 Not Found")


def test_a_server_that_is_down(served: Served, world: World) -> None:
    with serve(Site(None)) as site:
        pass
    assert_not_checked(asked(site, served[1], world), "cannot be reached (Connection refused)")


def test_a_server_that_says_nothing(served: Served, world: World) -> None:
    with serve(Site(served[0], slow=("lab/",))) as site:
        found = asked(site, served[1], world, seconds=1)
        assert_not_checked(found, "said nothing for 1 s")


def test_a_server_that_breaks_off_in_the_index(served: Served, world: World) -> None:
    with serve(Site(served[0], cut=("lab/noarch/repodata.json",))) as site:
        found = asked(site, served[1], world, seconds=20)
        assert_not_checked(found, "end of file before message length reached")


def test_a_server_that_breaks_off_in_a_package(served: Served, world: World) -> None:
    with serve(Site(served[0], cut=(f"lab/{SUBDIR}/{ALPHA.file_name}",))) as site:
        found = asked(site, served[1], world, install=True)
        assert set(verdicts(found).values()) == {"exact"}
        outcome, text = check(found, "installation")
        assert outcome == "does not hold"
        assert text.startswith("failed to fetch alpha-1.2.0-0.conda")


def test_a_redirection_to_another_host(served: Served, world: World) -> None:
    with serve(Site(served[0])) as other, serve(Site(served[0])) as site:
        path = "lab/noarch/repodata.json.zst"
        site.redirects[path] = f"{other.address}/{path}"
        assert_not_checked(asked(site, served[1], world), f"sends us to {other.address}/{path}")
        assert other.requests == []
        # To a host that the user has allowed it may
        site.redirects[f"lab/{SUBDIR}/repodata.json.zst"] = (
            f"{other.address}/lab/{SUBDIR}/repodata.json.zst"
        )
        snapshot = snapshot_of([ALPHA, GAMMA], served[1], f"{site.address}/lab")
        found = ask(snapshot, world, f"{site.address}/lab", f"{other.address}/lab")
        assert found.verdict.verdict == "exact"


@pytest.mark.parametrize(
    "name", ["repodata_shards.msgpack.zst", "repodata.json.zst", "repodata.json"]
)
def test_a_redirection_of_what_rattler_reads_alone(served: Served, world: World, name: str) -> None:
    """HEAD is answered, or a different file; rattler would follow GET to any host."""
    path = f"lab/{SUBDIR}/{name}"
    with serve(Site(served[0])) as other, serve(Site(served[0])) as site:
        site.get_redirects[path] = f"{other.address}/{path}"
        assert_not_checked(asked(site, served[1], world), f"sends us to {other.address}/{path}")
        assert other.requests == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x/"])
def test_a_redirection_to_another_scheme(served: Served, world: World, target: str) -> None:
    with serve(Site(served[0], redirects={"lab/noarch/repodata.json.zst": target})) as site:
        assert_not_checked(
            asked(site, served[1], world),
            "sends us to what is no web address" if "ftp" not in target else "sends us to",
        )


def test_another_file_than_the_index_says(served: Served, world: World, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    channel.write_channel(folder / "lab", [ALPHA, GAMMA])
    file = folder / "lab" / SUBDIR / ALPHA.file_name
    file.write_bytes(file.read_bytes().replace(b"1.2.0", b"6.6.6"))
    with serve(Site(folder)) as site:
        found = asked(site, served[1], world, install=True)
        outcome, text = check(found, "installation")
        assert outcome == "does not hold"
        assert re.search("hash mismatch|checksum", text)
        assert str(tmp_path) not in text


def test_a_channel_that_names_another_one(served: Served, world: World, tmp_path: Path) -> None:
    """Metadata of a channel adds none: CEP 15's base_url on a host that is not allowed."""
    folder = tmp_path / "site"
    channel.write_channel(folder / "lab", [ALPHA, GAMMA])
    with serve(Site(served[0])) as other, serve(Site(folder)) as site:
        for subdir in (SUBDIR, "noarch"):
            index = folder / "lab" / subdir / "repodata.json"
            plain = json.loads(index.read_bytes())
            plain["info"]["base_url"] = f"{other.address}/lab/{subdir}/"
            index.write_text(json.dumps(plain))
            index.with_suffix(".json.zst").unlink()
        found = asked(site, served[1], world)
        assert package(found, "alpha").verdict == "not checked"
        assert (
            "the file is on a host that is not one of your channels"
            in package(found, "alpha").reason
        )
        assert other.requests == []


def test_many_notebooks_are_one_question(served: Served, tmp_path: Path) -> None:
    """The command as a process: two notebooks, each index is fetched once, and a file for CI.

    Before that its server is asked once whether it would send rattler elsewhere.
    """
    with serve(Site(served[0])) as site:
        address = f"{site.address}/lab"
        (tmp_path / "a.ipynb").write_text(notebook_of(snapshot_of([ALPHA], served[1], address)))
        gone = make_package("zeta", "1.0", "0")
        digests = {**served[1], gone.file_name: "0" * 64}
        (tmp_path / "b.ipynb").write_text(notebook_of(snapshot_of([GAMMA, gone], digests, address)))
        (tmp_path / "rattler.py").write_text("raise SystemExit('beside the notebook')")
        done = repro(
            tmp_path,
            "solve",
            "a.ipynb",
            "b.ipynb",
            "--allow-channel",
            address,
            "--json",
            "--junit",
            "solve.xml",
        )
        indexes = [path for path in site.fetched if path.endswith(f"{SUBDIR}/repodata.json.zst")]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1, done.stderr
    assert [(line["notebook"], line["exit_code"]) for line in lines] == [
        ("a.ipynb", 0),
        ("b.ipynb", 1),
    ]
    assert [line["solve"]["verdict"] for line in lines] == ["exact", "not installable"]
    assert len(indexes) == 2
    assert '<testsuite name="b.ipynb"' in (tmp_path / "solve.xml").read_text()


def repro(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "XDG_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "jupyter_repro", *words],
        cwd=folder,
        env={**kept, "HOME": str(folder), "PIP_CONFIG_FILE": os.devnull, "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
