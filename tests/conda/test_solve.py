"""Can it still be installed, asked of channels in which real things have happened."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_repro.install.places.trust import consent_file, load_trust
from jupyter_repro.install.rattler.parent import Rattler
from jupyter_repro.install.restore.conda_plan import plan_conda
from jupyter_repro.model.snapshot import ImportedFrom, Snapshot
from jupyter_repro.packages.pins import pins_of
from jupyter_repro.safety.world import World
from tests.conda import channel
from tests.conda.channel import SUBDIR, VERSION, Package, make_package
from tests.conda.http_channel import Site, serve
from tests.conda.solving import ask, check, make_world, package, rewrite, snapshot_of, verdicts
from tests.unit.support.fake_conda import put_in_place

pytestmark = pytest.mark.conda

pytest.importorskip("rattler")


def packages() -> list[Package]:
    return [
        channel.python_package(),
        make_package("alpha", "1.2.0", "py_0", depends=["python"]),
        make_package("beta", "2.0", "cpu_0", depends=["python"]),
        make_package("gamma", "0.1", "pyh_0", subdir="noarch"),
        make_package("delta", "3.1.4", "h0_0", depends=["gamma >=0.1"]),
    ]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "channel"


@pytest.fixture
def configured(folder: Path, world: World) -> Path:
    """The channel is the one that the user has configured."""
    (world.home / ".condarc").write_text(f"channels: [{folder.as_uri()}]\n")
    return folder


def without(*names: str) -> list[Package]:
    return [one for one in packages() if one.name not in names]


def test_all_is_as_it_was(folder: Path, world: World) -> None:
    digests = channel.write_channel(folder, packages())
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri())
    assert set(verdicts(found).values()) == {"exact"}
    assert found.verdict.verdict == "exact"
    assert check(found, "consistency") == ("holds", "the files fit together")
    assert check(found, "solving")[0] == "not asked"
    assert {record.sha256 for record in found.records} == set(digests.values())


def test_all_that_have_vanished_are_listed(folder: Path, world: World) -> None:
    digests = channel.write_channel(folder, packages())
    later = [
        make_package("alpha", "1.2.7", "py_0", depends=["python"]),
        make_package("alpha", "1.9", "py_0", depends=["python"]),
        make_package("beta", "2.0", "cuda_0", depends=["python"]),
        make_package("delta", "4.0", "h0_0"),
    ]
    rewrite(folder, [*without("alpha", "beta", "gamma", "delta"), *later])
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri())
    assert verdicts(found) == {
        packages()[0].file_name: "exact",
        "alpha-1.2.0-py_0.conda": "by major.minor",
        "beta-2.0-cpu_0.conda": "by version",
        "gamma-0.1-pyh_0.conda": "not installable",
        "delta-3.1.4-h0_0.conda": "not installable",
    }
    assert found.verdict.verdict == "not installable"
    assert package(found, "alpha").candidate == "alpha-1.2.7-py_0.conda"
    assert package(found, "beta").candidate == "beta-2.0-cuda_0.conda"
    assert package(found, "gamma").reason == "no channel lists a gamma"
    assert package(found, "delta").nearest == ("delta-4.0-h0_0.conda",)
    assert check(found, "solving")[0] == "not asked"
    assert found.records == ()


def test_rebuilt_under_the_same_name(folder: Path, world: World) -> None:
    digests = channel.write_channel(folder, packages())
    now = rewrite(folder, [*without("alpha"), another_alpha()])
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri(), install=True)
    one = package(found, "alpha")
    assert one.verdict == "rebuilt"
    assert digests["alpha-1.2.0-py_0.conda"][:12] in one.reason
    assert now["alpha-1.2.0-py_0.conda"][:12] in one.reason
    assert found.verdict.verdict == "rebuilt"
    assert check(found, "solving") == ("holds", "5 packages fit together")
    assert check(found, "installation")[0] == "holds"


def another_alpha(**changes: object) -> Package:
    one = make_package("alpha", "1.2.0", "py_0", depends=["python"])
    files = {f"{channel.SITE}/alpha.py": b"another = True\n"}
    return dataclasses.replace(one, files=files, **changes)  # type: ignore[arg-type]


def test_a_dependency_is_lost(folder: Path, world: World) -> None:
    """The files are as they were, but one that another needs is not listed any more."""
    digests = channel.write_channel(folder, packages())
    rewrite(folder, without("gamma"))
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri())
    assert package(found, "gamma").verdict == "not installable"
    assert check(found, "solving") == (
        "not asked",
        "nothing takes the place of gamma",
    )


def test_a_channel_says_other_dependencies_of_the_same_files(folder: Path, world: World) -> None:
    """As when a channel corrects its index: the files stay, and so does the verdict."""
    digests = channel.write_channel(folder, packages())
    index = folder / SUBDIR / "repodata.json"
    patched = index.read_bytes().replace(b"gamma >=0.1", b"gamma >=9.9")
    assert patched != index.read_bytes()
    index.write_bytes(patched)
    index.with_suffix(".json.zst").unlink()
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri(), install=True)
    assert found.verdict.verdict == "exact"
    assert any("gamma >=9.9" in remark for remark in found.verdict.remarks)
    assert check(found, "installation")[0] == "holds"


def test_nearest_packages_that_do_not_fit_together(folder: Path, world: World) -> None:
    digests = channel.write_channel(folder, packages())
    newer = make_package("alpha", "1.2.9", "py_0", depends=["python", "beta >=3"])
    rewrite(folder, [*without("alpha"), newer])
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri())
    outcome, text = check(found, "solving")
    assert outcome == "does not hold"
    assert text.startswith("the nearest packages do not fit together: Cannot solve")
    assert found.verdict.verdict == "not installable"


def test_the_solver_may_take_another_step(folder: Path, world: World) -> None:
    """The newest of the same major and minor version does not fit, an older one does."""
    digests = channel.write_channel(folder, packages())
    later = [
        make_package("alpha", "1.2.9", "py_0", depends=["python", "beta >=3"]),
        make_package("alpha", "1.2.3", "py_0", depends=["python", "epsilon"]),
        make_package("epsilon", "1", "0"),
    ]
    rewrite(folder, [*without("alpha"), *later])
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri())
    assert package(found, "alpha").candidate == "alpha-1.2.3-py_0.conda"
    assert found.verdict.verdict == "by major.minor"
    assert "1 further package would come along, not recorded: epsilon" in found.verdict.remarks


def test_a_local_file_with_another_content_is_not_installed(folder: Path, world: World) -> None:
    digests = channel.write_channel(folder, packages())
    file = folder / SUBDIR / "alpha-1.2.0-py_0.conda"
    original = file.read_bytes()
    file.write_bytes(original + b" ")
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri(), install=True)
    outcome, text = check(found, "installation")
    assert outcome == "does not hold"
    assert f"it has {len(original) + 1} bytes, not {len(original)}; nothing was installed" in text

    file.write_bytes(original[:-1] + b"x")
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri(), install=True)
    outcome, text = check(found, "installation")
    assert outcome == "does not hold"
    wrong = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    assert f"its sha256 is {wrong}…, not {digests[file.name][:12]}…" in text


def test_an_installation_leaves_nothing(
    folder: Path, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    digests = channel.write_channel(folder, packages())
    found = ask(snapshot_of(packages(), digests), world, folder.as_uri(), install=True)
    assert check(found, "installation") == ("holds", "5 packages installed, and removed again")
    assert list(temporary.iterdir()) == []


def test_link_scripts_are_not_run(folder: Path, world: World, tmp_path: Path) -> None:
    script = f"#!/bin/sh\ntouch {tmp_path}/ran\n".encode()
    one = make_package("alpha", "1.0", "0")
    scripted = dataclasses.replace(
        one,
        files={**one.files, "bin/.alpha-post-link.sh": script, "bin/.alpha-pre-link.sh": script},
    )
    digests = channel.write_channel(folder, [scripted])
    found = ask(snapshot_of([scripted], digests), world, folder.as_uri(), install=True)
    assert check(found, "installation")[0] == "holds"
    assert not (tmp_path / "ran").exists()


def test_a_recorded_md5_takes_consent(folder: Path, world: World) -> None:
    channel.write_channel(folder, packages())
    gamma = packages()[3]
    data = (folder / "noarch" / gamma.file_name).read_bytes()
    digests = {gamma.file_name: hashlib.md5(data, usedforsecurity=False).hexdigest()}
    snapshot = snapshot_of([gamma], digests)
    strict = ask(snapshot, world, folder.as_uri())
    assert package(strict, "gamma").verdict == "rebuilt"
    assert "--allow-md5" in package(strict, "gamma").reason
    assert ask(snapshot, world, allow_md5=True).verdict.verdict == "exact"


def test_the_other_archive_of_a_build(folder: Path, world: World) -> None:
    """rattler lists the .conda alone where a channel has both."""
    old = make_package("alpha", "1.2.0", "0", extension=".tar.bz2")
    digests = channel.write_channel(folder, [old, dataclasses.replace(old, extension=".conda")])
    found = ask(snapshot_of([old], digests), world, folder.as_uri())
    assert package(found, "alpha").verdict == "exact"
    # Also where something else has to be solved
    beta = make_package("beta", "1.0", "0")
    digests |= channel.add_packages(folder, [make_package("beta", "1.0", "1")])
    snapshot = snapshot_of([old, beta], {**digests, beta.file_name: "0" * 64})
    found = ask(snapshot, world, folder.as_uri())
    assert verdicts(found) == {old.file_name: "exact", beta.file_name: "rebuilt"}
    assert {record.file_name for record in found.records} == {old.file_name, "beta-1.0-1.conda"}


def test_another_platform_is_solved_anew(folder: Path, world: World) -> None:
    digests = channel.write_channel(folder, packages())
    other = "osx-arm64" if SUBDIR != "osx-arm64" else "linux-64"
    mac = [
        dataclasses.replace(
            make_package("alpha", "1.2.0", "mac_0", depends=["libmac"]), subdir=other
        ),
        dataclasses.replace(make_package("libmac", "1", "0"), subdir=other),
    ]
    (folder / other).mkdir()
    channel.add_packages(folder, mac)
    snapshot = snapshot_of(packages(), digests, requested=["alpha >=1.2", "gamma"])
    found = ask(snapshot, world, folder.as_uri(), platform=other)
    assert verdicts(found) == {
        "alpha-1.2.0-py_0.conda": "by version",
        "gamma-0.1-pyh_0.conda": "exact",
    }
    assert package(found, "alpha").reason == f"mac_0 is its build for {other}"
    assert found.verdict.platform == other
    assert {record.name for record in found.records} == {"alpha", "libmac", "gamma"}
    assert "solved anew" in found.verdict.remarks[0]


@pytest.mark.skipif(os.name == "nt", reason="the program in its place is a script")
def test_conda_is_asked_as_well(folder: Path, world: World, tmp_path: Path) -> None:
    digests = channel.write_channel(folder, packages())
    answer = {"exception_name": "PackagesNotFoundInChannelsError", "packages": ["alpha"]}
    conda = put_in_place(tmp_path, "conda", 1, answer)
    snapshot = snapshot_of(packages(), digests)
    found = ask(snapshot, world, folder.as_uri(), tool="conda", executable=conda)
    assert check(found, "conda") == ("does not hold", "PackagesNotFoundInChannelsError: alpha")
    assert found.verdict.verdict == "not installable"


@pytest.mark.skipif(os.name == "nt", reason="the program in its place is a script")
@pytest.mark.parametrize("silent", ["main", "other"])
def test_mamba_says_no_where_a_channel_does_not_answer(
    tmp_path: Path, world: World, silent: str
) -> None:
    """It gives the same answer for a channel that it cannot reach; so we ask it ourselves."""
    digests = channel.write_channel(tmp_path / "served" / "main", packages())
    for subdir in (SUBDIR, "noarch"):
        (tmp_path / "served" / "other" / subdir).mkdir(parents=True)
        (tmp_path / "served" / "other" / subdir / "repodata.json").write_text("{}")
    answer = {"success": False, "solver_problems": ["nothing provides alpha"]}
    micromamba = put_in_place(tmp_path, "micromamba", 1, answer)
    asked: dict[str, Any] = {"tool": "micromamba", "executable": micromamba, "seconds": 1}
    with serve(Site(tmp_path / "served")) as site:
        channels = [f"{site.address}/main", f"{site.address}/other"]
        snapshot = snapshot_of(
            packages(),
            digests,
            channels[0],
            conda={**conda_of(snapshot_of(packages(), digests, channels[0])), "channels": channels},
        )
        assert check(ask(snapshot, world, *channels, **asked), "micromamba") == (
            "does not hold",
            "its solver finds no such environment",
        )
        site.slow = (f"{silent}/",)
        outcome, text = check(ask(snapshot, world, **asked), "micromamba")
    assert outcome == "not checked"
    assert text.startswith("its solver finds no such environment, and the channel http://127")
    assert f"/{silent} could not be asked" in text


def conda_of(snapshot: Snapshot) -> dict[str, Any]:
    return {"packages": snapshot.layers.conda.packages, "requested": []}


def test_a_forgotten_consent(folder: Path, world: World) -> None:
    digests = channel.write_channel(folder, packages())
    snapshot = snapshot_of(packages(), digests)
    assert ask(snapshot, world, folder.as_uri()).verdict.verdict == "exact"
    assert ask(snapshot, world).verdict.verdict == "exact"  # remembered
    consent_file(world).unlink()
    assert ask(snapshot, world).verdict.verdict == "not checked"


def test_without_a_platform_that_of_this_machine_is_taken(folder: Path, world: World) -> None:
    digests = channel.write_channel(folder, packages())
    snapshot = snapshot_of(packages(), digests, system={"platform": None})
    found = ask(snapshot, world, folder.as_uri())
    assert found.verdict.platform == SUBDIR
    assert found.verdict.verdict == "exact"
    assert "that of this machine" in found.verdict.remarks[0]


def imported(requested: list[str], *exact: str, pip: tuple[str, ...] = ()) -> Snapshot:
    """Return what an environment.yml gives: specifications, some with a build and none hashed."""
    snapshot = snapshot_of([], {}, requested=requested, system={"platform": None})
    conda = msgspec.structs.replace(snapshot.layers.conda, packages={"unknown": [*exact]})
    python = msgspec.structs.replace(snapshot.layers.packages, packages=[*pip])
    core = msgspec.structs.replace(snapshot.layers.core, python=None)
    layers = msgspec.structs.replace(snapshot.layers, conda=conda, packages=python, core=core)
    origin = ImportedFrom(format="environment.yml", file="environment.yml")
    return msgspec.structs.replace(snapshot, layers=layers, imported=origin)


def test_what_a_file_asks_of_conda_is_solved(configured: Path, world: World) -> None:
    channel.write_channel(configured, packages())
    snapshot = imported(
        [f"python={VERSION}", "beta=2.0=cpu_0", "alpha>=1.2,<2", "delta"],
        "beta-2.0-cpu_0",
        pip=("echo==1.0 [pip]",),
    )
    world = make_world(world.home, PIP_INDEX_URL="http://index.invalid/simple")
    found = ask(snapshot, world, configured.as_uri())
    assert verdicts(found) == {
        "beta-2.0-cpu_0": "exact",
        f"python ={VERSION}": "exact",
        "alpha >=1.2,<2": "exact",
        "delta": "exact",
        "echo==1.0": "not checked",
    }
    assert package(found, "beta").reason.startswith("no hash was recorded")
    assert package(found, "alpha").candidate == "alpha-1.2.0-py_0.conda"
    assert "index.invalid" in package(found, "echo").reason  # the version of Python is known
    assert check(found, "solving")[0] == "holds"
    assert {one.name for one in found.records} == {"python", "alpha", "beta", "delta", "gamma"}
    assert "1 further package would come along, not recorded: gamma" in found.verdict.remarks


@pytest.mark.parametrize(
    ("spec", "verdict"),
    [
        ("alpha>=3", "not installable"),
        ("zeta", "not installable"),
        ("alpha=1.2=mkl*", "not installable"),
        ("alpha=1.2=py*", "exact"),
        ("https://evil.example/x.conda", None),
        ("sel(win): alpha>=3", None),
    ],
)
def test_a_specification_that_nothing_fits(
    configured: Path, world: World, spec: str, verdict: str | None
) -> None:
    channel.write_channel(configured, packages())
    found = ask(imported([spec, "beta"]), world, configured.as_uri())
    told = [one.verdict for one in found.verdict.packages if not one.package.startswith("beta")]
    assert told == ([verdict] if verdict else [])
    if verdict == "not installable":
        assert check(found, "solving")[0] == "not asked"
        assert found.verdict.verdict == "not installable"


def test_specifications_that_do_not_fit_together(configured: Path, world: World) -> None:
    newer = make_package("beta", "3.0", "cpu_0", depends=["alpha >=9"])
    channel.write_channel(configured, [*packages(), newer])
    found = ask(imported(["alpha", "beta>=3"]), world, configured.as_uri())
    assert set(verdicts(found).values()) == {"exact"}
    assert check(found, "solving")[0] == "does not hold"
    assert found.verdict.verdict == "not installable"


def test_a_channel_that_may_not_be_asked_for_a_specification(
    configured: Path, world: World
) -> None:
    channel.write_channel(configured, packages())
    found = ask(imported(["bioconda::alpha"]), world, configured.as_uri())
    assert package(found, "alpha").verdict == "not checked"
    assert "--allow-channel https://conda.anaconda.org/bioconda" in package(found, "alpha").reason


def test_a_restore_takes_what_was_asked_for_only_with_relax(configured: Path, world: World) -> None:
    channel.write_channel(configured, packages())
    snapshot = imported(["alpha>=1.2", "beta=2.0=cpu_0"], "beta-2.0-cpu_0")
    trust = load_trust(world, allow_channels=[configured.as_uri()])
    plan = plan_conda(snapshot, pins_of(snapshot), trust, Rattler(world), relax=False)
    assert plan.gone == (
        "alpha >=1.2: asked for without a build (nearest: alpha-1.2.0-py_0.conda)",
    )
    plan = plan_conda(snapshot, pins_of(snapshot), trust, Rattler(world), relax=True)
    assert plan.gone == ()
    assert {one.name for one in plan.records} == {"python", "alpha", "beta"}
    assert "alpha >=1.2: alpha-1.2.0-py_0.conda is taken" in plan.relaxed
