"""Packages that look like tokens stay what they are, and tokens that look like packages go."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.capture import capture, validated
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.model.snapshot import CondaLayer, NotebookLayer, PackagesLayer
from jupyter_repro.packages.addresses import redact_channel, redact_spec
from jupyter_repro.safety.redact import HIDDEN, hide_secrets, redact_text, redact_url
from jupyter_repro.safety.world import World
from tests.unit.support.exports import text_of
from tests.unit.support.imports import imported
from tests.unit.support.sites import Site, world_of

FIXTURES = Path(__file__).parents[2] / "fixtures"
CHANNEL = "https://conda.anaconda.org/conda-forge/linux-64"
# Put together here, so that no scanner takes this file for a leak
GITLAB = "glpat-" + "ABCDEFGHIJ1234567890"
GITHUB = "ghp_" + "a1B2" * 9
NAMES = [
    "glib-2.80.3-h315aac3_2",
    "glib-tools-2.80.3-hb6ce0ca_2",
    "libglib-2.80.3-h8a4344b_2",
    "pybind11-global-2.13.1-py311h2044e05_0",
    "r-glue-1.7.0-r43h57805ef_0",
    "glog-0.7.1-hbabe93e_0",
    "glew-2.1.0-h9c3ff4c_2",
    "glslang-14.3.0-h44d5e75_0",
    "glfw-3.4-hd590300_0",
    "gluonts-0.15.1-pyhd8ed1ab_0",
    "sk-video-1.1.10-pyh9f0ad1d_2",
    # There are no such ones, and there could be
    "glft-abcdefghij-klmnopqrst-1.0-h0123456_0",
    "glpat-abcdefghij0123456789-1.0-h0123456_0",
    "sk-proj-abcdefghij0123456789-2.0_1-py311_0",
    "hf_abcdefghij0123456789xyz-1.0-0",
    "npm_abcdefghij0123456789abcdefghij-1.0-0",
]


@pytest.mark.parametrize(
    ("digits", "lock", "mark"), [(64, "pixi.lock", "#sha256:"), (32, "conda-lock.yml", "#")]
)
def test_a_prefix_of_such_packages_goes_through_every_format(
    digits: int, lock: str, mark: str, tmp_path: Path
) -> None:
    world = world_of(tmp_path)
    meta = world.prefix / "conda-meta"
    meta.mkdir()
    (meta / "history").write_text("")
    names = [stem.rsplit("-", 2)[0] for stem in NAMES]
    digests = {stem: f"{number:0{digits}x}" for number, stem in enumerate(NAMES)}
    for stem, digest in digests.items():
        (meta / f"{stem}.json").write_text(record(stem, digest))
    files = {f"{stem}.conda#{digest}" for stem, digest in digests.items()}

    snapshot = decode_snapshot(msgspec.json.encode(capture(world)))
    layer = snapshot.layers.conda
    assert {*layer.packages[CHANNEL]} == files
    assert sorted(layer.install_order) == sorted(names)
    assert layer.requested == sorted(names)

    addresses = sorted(f"{CHANNEL}/{file}".replace("#", mark) for file in files)
    explicit = text_of(snapshot, "explicit")
    assert sorted(line for line in explicit.splitlines() if line.startswith("https")) == addresses
    for text, name in ((explicit, "explicit"), (text_of(snapshot, lock), lock)):
        again = imported(text, name).layers.conda
        assert {*again.packages[CHANNEL]} == files

    specs = sorted("=".join(stem.rsplit("-", 2)) for stem in NAMES)
    environment = text_of(snapshot, "environment.yml", pins="production")
    assert all(f'- "{spec}"\n' in environment for spec in specs)
    again = imported(environment, "environment.yml").layers.conda
    assert sorted({*again.requested} - {f"python={platform.python_version()}"}) == specs
    assert {*again.packages["unknown"]} == {*NAMES}


def record(stem: str, digest: str) -> str:
    name, version, build = stem.rsplit("-", 2)
    fields: dict[str, Any] = {
        "name": name,
        "version": version,
        "build": build,
        "fn": f"{stem}.conda",
        "url": f"{CHANNEL}/{stem}.conda",
        "channel": "conda-forge",
        "subdir": "linux-64",
        "sha256" if len(digest) == 64 else "md5": digest,
        "depends": [],
        "requested_spec": name,
    }
    return json.dumps(fields)


# What tokens begin with, so that a hundred examples find what a million of plain words would not
beginnings = st.sampled_from(
    ["gl", "glpat-", "glft-", "sk-", "sk-proj-", "hf_", "npm_", "ghp_", "xoxb-", "pypi-", "eyj", ""]
)
ends = st.from_regex(r"[a-z0-9]([a-z0-9_.-]{0,60}[a-z0-9])?", fullmatch=True)
names = st.builds(str.__add__, beginnings, ends)
projects = names.map(lambda name: name.replace("_", "-").replace(".", "-"))
versions = st.from_regex(r"([0-9]!)?[0-9][a-z0-9_.+]{0,40}", fullmatch=True)
builds = st.builds(
    str.__add__,
    st.sampled_from(["hf_", "npm_", "ghp_", "py311h", "h", ""]),
    st.from_regex(r"[a-z0-9][a-z0-9_.]{0,40}", fullmatch=True),
)
WORLD = World(
    prefix=Path("/opt/conda"),
    base_prefix=Path("/opt/conda"),
    home=Path("/home/alice"),
    cwd=Path("/scratch"),
    environ={},
    sys_path=(),
    modules={},
)


def cleaned(layer: Any) -> Any:
    return validated(layer, type(layer), WORLD)


@given(names, versions, builds, st.sampled_from([".conda", ".tar.bz2", ""]))
def test_no_conda_package_is_changed(name: str, version: str, build: str, archive: str) -> None:
    file = f"{name}-{version}-{build}{archive}"
    specs = [name, f"{name} {version}", f"conda-forge::{name}={version}={build}"]
    layer = CondaLayer(
        status="ok",
        packages={CHANNEL: [file, f"{file}#{'a' * 64}"]},
        install_order=[name],
        requested=specs,
        pinned=[f"{name} =={version}"],
        reason=f"a token: {GITHUB}",
    )
    found = cleaned(layer)
    assert found.reason == f"a token: {HIDDEN}"
    assert msgspec.structs.replace(found, reason=layer.reason) == layer
    assert [redact_spec(spec) for spec in specs] == specs
    assert redact_channel(name) == name
    assert redact_url(f"{CHANNEL}/{file}") == f"{CHANNEL}/{file}"


@given(projects, versions)
def test_no_python_package_is_changed(name: str, version: str) -> None:
    lines = [name, f"{name}=={version}", f"{name}=={version} [pip]"]
    lines.append(f"{name}=={version} [pip, editable, git+https://h.example/r@{'0' * 40}]")
    specs = [name, f"{name}[all]>={version}", f'{name}; extra == "x"']
    layer = PackagesLayer(status="ok", packages=lines, requested=specs, reason=GITHUB)
    assert cleaned(layer) == msgspec.structs.replace(layer, reason=HIDDEN)
    used = NotebookLayer(status="ok", used=[name], reason=GITHUB)
    assert cleaned(used) == msgspec.structs.replace(used, reason=HIDDEN)
    wheel = name.replace("-", "_")
    for file in (f"{wheel}-{version}-py3-none-any.whl", f"{name}-{version}.tar.gz"):
        assert redact_url(f"https://h.example/{file}") == f"https://h.example/{file}"


def test_no_recorded_package_is_changed() -> None:
    for path in (FIXTURES / "snapshots").glob("*.json"):
        layers = decode_snapshot(path.read_bytes()).layers
        for layer in (layers.conda, layers.packages, layers.notebook):
            told = msgspec.structs.replace(layer, reason=GITHUB)
            assert cleaned(told) == msgspec.structs.replace(layer, reason=HIDDEN)


@pytest.mark.parametrize("token", [GITLAB, GITHUB, "AKIA" + "ABCD1234" * 2, "hf_" + "a1B2c3" * 6])
def test_a_token_in_the_place_of_a_package_is_hidden(token: str) -> None:
    conda = CondaLayer(
        status="ok",
        packages={
            f"https://h.example/{token}/linux-64": [
                f"{token}-1.0-0.conda",
                f"mine-{token}-0.conda",
                f"mine-1.0-{token}.conda#{'a' * 64}",
                f"mine-1.0-0_{token}",
            ]
        },
        requested=[token, f"{token}=1", f"mine={token}", f"https://u:{token}@h.example/x::mine"],
        pinned=[f"mine =={token}"],
    )
    packages = PackagesLayer(
        status="ok",
        packages=[
            f"{token}==1.0 [pip]",
            f"mine=={token} [pip]",
            f"mine==1.0+{token} [pip]",
            f"mine==1.0 [{token}]",
            f"mine==1.0 [pip, https://h.example/{token}/mine-1.0.tar.gz]",
        ],
        requested=[token, f"{token}>=1", f"mine @ https://h.example/{token}"],
    )
    for layer in (conda, packages):
        assert token not in msgspec.json.encode(cleaned(layer)).decode()
    for text in (token, f"{token} >=1", f"mine={token}", f"{token}::mine", f"mine 1.0 {token}"):
        assert token not in redact_spec(text)
        assert token not in redact_channel(text)


@pytest.mark.parametrize("token", [GITLAB, GITHUB])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("environment.yml", "dependencies:\n- numpy\n- {}=1.0\n- mine={}\n- mine=1.0={}\n"),
        ("environment.yml", "dependencies:\n- {}::numpy\n- pip:\n  - mine=={}\n  - {}\n"),
        ("requirements.txt", "numpy\n{}==1.0\nmine=={}\n{}>=2\n"),
        ("explicit", f"@EXPLICIT\n{CHANNEL}/mine-1.0-{{}}.conda\n{CHANNEL}/{{}}-1.0-0.conda\n"),
    ],
)
def test_a_token_in_the_place_of_a_package_is_not_imported(
    token: str, name: str, text: str
) -> None:
    found = msgspec.json.encode(imported(text.replace("{}", token), name)).decode()
    assert "numpy" in found or "mine" in found
    for form in (token, token.replace("_", "-")):
        assert form.casefold() not in found.casefold()


def test_a_token_that_is_installed_as_a_version_is_hidden(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.add("mine", GITHUB)
    site.add("glib", "2.80.3+h315aac3")
    layer = capture(world_of(tmp_path, site.folder)).layers.packages
    assert layer.packages == ["glib==2.80.3+h315aac3 [pip]", f"mine=={HIDDEN} [pip]"]


def test_a_variable_that_names_a_package_does_not_hide_it() -> None:
    world = replace(WORLD, environ={"CACHE_KEY": NAMES[0]})
    layer = CondaLayer(status="ok", packages={CHANNEL: [f"{NAMES[0]}.conda"]}, reason=NAMES[0])
    found = validated(layer, CondaLayer, world)
    assert found.packages == layer.packages
    assert found.reason == HIDDEN


def test_a_known_value_in_an_encoded_address_is_hidden() -> None:
    encoded = GITHUB.replace("_", "%5F")
    layer = CondaLayer(status="ok", channels=[f"https://h.example/{encoded}", "conda-forge"])
    assert cleaned(layer).channels == [HIDDEN, "conda-forge"]


@pytest.mark.parametrize("stem", NAMES[:11])
def test_names_stand_in_sentences(stem: str) -> None:
    name, version, build = stem.rsplit("-", 2)
    for text in (
        f"{stem}.conda is not the name of a conda package.",
        f"{name} {version} {build} cannot be installed",
        f"secret-{name}=={version} is there twice",
        f"my-secret=={version} is there twice",
    ):
        assert redact_text(text, WORLD) == hide_secrets(text) == text


@pytest.mark.parametrize(
    "token",
    [
        GITLAB,
        "glpat-" + "hf5mOmZ_KRZ-abcdefGHIJ" + ".01.0w1ghcpz1",
        "glrt-" + "t1_" + "aBcD" * 5,
        "glcbt-" + "64_" + "aBcD" * 5,
        "gldt-" + "aBcD" * 5,
        "sk-" + "proj-" + "aB1_" * 10,
        "sk-" + "ant-api03-" + "aB1-" * 20 + "AA",
        "sk-" + "or-v1-" + "0a" * 32,
        "sk-" + "0a" * 16,
        "xapp-" + "1-A012-" + "345-abc",
    ],
)
def test_tokens_in_a_free_text_are_hidden(token: str) -> None:
    assert hide_secrets(f"it is '{token}', he said") == f"it is '{HIDDEN}', he said"
    assert redact_text(f"glib failed with {token}", WORLD) == f"glib failed with {HIDDEN}"
