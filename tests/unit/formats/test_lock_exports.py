"""conda-lock.yml and pixi.lock: what their tools demand of them, and what channels add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from jupyter_repro.capturing.sources.conda.details import CondaDetails, checked_details
from jupyter_repro.formats.exporters.request import AskedDetails, CannotExportError
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.pins import CondaPin
from tests.unit.support.exports import exported
from tests.unit.support.factories import make_snapshot, snapshot_with
from tests.unit.support.imports import imported

MD5 = "b" * 32


def asked(*problems: str, only: str = "") -> Any:
    """Return channels that know all packages, or those whose names begin with a text."""

    def details_of(pins: Sequence[CondaPin], platform: str) -> AskedDetails:
        assert platform == "linux-64"
        known = {
            pin.file_name: checked_details(
                CondaDetails(md5=MD5, sha256=pin.digest, depends=("libc >=2", 'bad"'))
            )
            for pin in pins
            if pin.name.startswith(only)
        }
        return AskedDetails(known, problems)

    return details_of


def plain(snapshot: Snapshot, name: str, **wishes: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(exported(snapshot, name, **wishes).text)
    return found


def without_pip() -> Snapshot:
    return snapshot_with(packages={"packages": []})


def test_what_mamba_demands_of_a_conda_lock() -> None:
    """As in its `env_lockfile_conda.cpp`: none of these lists may be empty."""
    document = plain(without_pip(), "conda-lock.yml", details_of=asked())
    metadata = document["metadata"]
    assert document["version"] == 1
    assert metadata["platforms"] == ["linux-64"]
    assert metadata["sources"] == ["environment.yml"]
    assert [*metadata["content_hash"]] == ["linux-64"]
    assert all(one["used_env_vars"] == [] for one in metadata["channels"])
    for one in document["package"]:
        assert one["hash"]["md5"] or one["hash"]["sha256"]
        assert isinstance(one["version"], str)
        assert all(isinstance(spec, str) for spec in one["dependencies"].values())


def test_channels_add_the_md5_and_the_dependencies() -> None:
    snapshot = without_pip()
    document = plain(snapshot, "conda-lock.yml", details_of=asked())
    assert len(document["package"]) == 5
    for one in document["package"]:
        assert one["hash"]["md5"] == MD5
        assert one["dependencies"] == {"libc": ">=2"}
    made = exported(snapshot, "pixi.lock", details_of=asked())
    assert all(one["depends"] == ["libc >=2"] for one in yaml.safe_load(made.text)["packages"])
    assert made.notes == []


def test_channels_that_lack_a_package_or_cannot_be_asked() -> None:
    why = "Not asked: the channel x is not one of yours."
    with pytest.raises(CannotExportError) as caught:
        exported(without_pip(), "conda-lock.yml", details_of=asked(why, only="z"))
    assert "(libblas, numpy, python, tqdm): no channel that was asked has them" in str(caught.value)
    assert "(Not asked: the channel x is not one of yours)" in str(caught.value)
    made = exported(without_pip(), "pixi.lock", details_of=asked(why, only="z"))
    assert why in made.notes
    assert "depends" in next(
        one for one in yaml.safe_load(made.text)["packages"] if "/zlib-" in one["conda"]
    )


def test_a_python_package_of_an_address_names_it_as_its_source() -> None:
    address = f"https://example.org/files/mine-1.0-py3-none-any.whl#sha256={'a' * 64}"
    snapshot = snapshot_with(packages={"packages": [f"mine==1.0 [pip, {address}]"]})
    entry = plain(snapshot, "conda-lock.yml", details_of=asked())["package"][-1]
    assert entry["source"] == {"type": "url", "url": address}
    assert entry["url"] == address.partition("#")[0]
    again = imported(
        exported(snapshot, "conda-lock.yml", details_of=asked()).text, "conda-lock.yml"
    )
    assert again.layers.packages.packages == snapshot.layers.packages.packages


def test_without_the_network_the_message_says_how_to_have_the_md5() -> None:
    with pytest.raises(CannotExportError, match=r"allow the network \(--network; network=yes"):
        exported(make_snapshot(), "conda-lock.yml")


def test_what_is_recorded_here_is_not_asked_for() -> None:
    md5 = {"packages": {"https://conda.anaconda.org/x/linux-64": [f"a-1-0.conda#{MD5}"]}}
    document = plain(
        snapshot_with(conda=md5, packages={"packages": []}),
        "conda-lock.yml",
        details_of=lambda _pins, _platform: AskedDetails({}, ["silent"]),
    )
    assert document["package"][0]["hash"] == {"md5": MD5}
