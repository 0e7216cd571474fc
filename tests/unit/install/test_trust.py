"""Which places may be asked: the user's own configuration and consent, never a notebook's word."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.install.places.places import make_place, normal_address
from jupyter_repro.install.places.trust import Trust, consent_file, load_trust
from jupyter_repro.safety.world import World, current_world

FORGE = "https://conda.anaconda.org/conda-forge"
DEFAULTS = ["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def world_of(home: Path, **environ: str) -> World:
    return dataclasses.replace(
        current_world(),
        home=home,
        prefix=home / "prefix",
        root=home / "root",
        environ={"XDG_CONFIG_DIRS": str(home / "xdg"), **environ},
    )


def channels(trust: Trust) -> list[str]:
    return [place.address for place in trust.channels]


def indexes(trust: Trust) -> list[str]:
    return [place.address for place in trust.indexes]


def test_without_a_configuration(home: Path) -> None:
    trust = load_trust(world_of(home))
    assert channels(trust)[:3] == [FORGE, *DEFAULTS]
    assert indexes(trust) == ["https://pypi.org/simple"]


def test_a_configuration_takes_the_place_of_the_default(home: Path) -> None:
    (home / ".condarc").write_text(
        "channels:\n  - bioconda\n  - conda-forge/label/rc\n  - nodefaults\n"
    )
    assert channels(load_trust(world_of(home))) == [
        "https://conda.anaconda.org/bioconda",
        f"{FORGE}/label/rc",
    ]


def test_the_strongest_file_comes_first(home: Path) -> None:
    (home / ".condarc").write_text("channels: [conda-forge]\n")
    prefix = home / "env"
    prefix.mkdir()
    (prefix / ".condarc").write_text("channels: [bioconda]\n")
    (home / "mine.yml").write_text("channels:\n- pytorch\n")
    world = world_of(
        home, CONDA_PREFIX=str(prefix), CONDARC=str(home / "mine.yml"), CONDA_CHANNELS="nvidia"
    )
    assert channels(load_trust(world)) == [
        f"https://conda.anaconda.org/{name}"
        for name in ("nvidia", "pytorch", "bioconda", "conda-forge")
    ]


def test_channels_of_mamba_alone_come_after_those_of_conda(home: Path) -> None:
    (home / ".condarc").write_text("channels: [conda-forge]\n")
    (home / ".mambarc").write_text("channels: [bioconda]\n")
    assert channels(load_trust(world_of(home))) == [FORGE, "https://conda.anaconda.org/bioconda"]


def test_aliases_custom_channels_and_variables(home: Path) -> None:
    (home / ".condarc").write_text(
        "channel_alias: https://mirror.example.org/conda/  # ours\n"
        "channels:\n  - conda-forge\n  - lab/dev\n  - defaults\n"
        "default_channels:\n  - https://mirror.example.org/main\n"
        'custom_channels:\n  lab: "https://bob:${LAB_TOKEN}@conda.lab.example.org"\n  other: x\n'
    )
    trust = load_trust(world_of(home, LAB_TOKEN="sekret12345"))
    assert channels(trust) == [
        "https://mirror.example.org/conda/conda-forge",
        "https://conda.lab.example.org/lab/dev",
        "https://mirror.example.org/main",
    ]
    assert trust.channels[1].request == "https://bob:sekret12345@conda.lab.example.org/lab/dev"
    assert "sekret" not in repr(trust)
    place = trust.channels[1]
    assert place.hide(f"failed: {place.request}/noarch") == f"failed: {place.address}/noarch"


def test_lists_of_what_is_denied_and_allowed(home: Path) -> None:
    (home / ".condarc").write_text(
        "channels: [conda-forge, bioconda, pytorch]\n"
        "denylist_channels: [bioconda]\nallowlist_channels: [conda-forge, bioconda]\n"
    )
    assert channels(load_trust(world_of(home))) == [FORGE]


@pytest.mark.parametrize(
    "text",
    ["channels: [*x]\n", "channels:\n  a: b\n", "channels: !!python/x [a]\n", "\0", "[" * 99],
)
def test_what_cannot_be_read_allows_nothing(home: Path, text: str) -> None:
    (home / ".condarc").write_text(text)
    assert channels(load_trust(world_of(home))) == [FORGE, *DEFAULTS]


def test_http_and_files_of_the_configuration_take_consent(home: Path) -> None:
    (home / ".condarc").write_text("channels: [http://lab.example.org/a, /srv/channel]\n")
    trust = load_trust(world_of(home))
    assert channels(trust) == []
    assert [place.address for place in trust.not_asked] == [
        "http://lab.example.org/a",
        "file:///srv/channel",
    ]
    trust = load_trust(world_of(home), allow_channels=["http://lab.example.org/a"])
    assert channels(trust) == ["http://lab.example.org/a"]


def test_consent_is_remembered_without_credentials(home: Path) -> None:
    address = "https://bob:sekret12345@lab.example.org/t/my-TOKEN-1/a"
    now = load_trust(
        world_of(home), allow_channels=[address], allow_indexes=["https://x.example.org/simple/"]
    )
    assert now.channels[0].request == address
    assert json.loads(consent_file(world_of(home)).read_bytes()) == {
        "channels": ["https://lab.example.org/a"],
        "indexes": ["https://x.example.org/simple"],
    }
    later = load_trust(world_of(home))
    assert channels(later)[-1] == "https://lab.example.org/a"
    assert not later.channels[-1].has_credentials
    assert indexes(later) == ["https://pypi.org/simple", "https://x.example.org/simple"]


def test_credentials_of_the_configuration_are_used_for_what_is_remembered(home: Path) -> None:
    load_trust(world_of(home), allow_channels=["https://lab.example.org/a"])
    (home / ".condarc").write_text("channels:\n  - https://lab.example.org/t/my-TOKEN-1/a\n")
    (place,) = load_trust(world_of(home)).channels
    assert place.request == "https://lab.example.org/t/my-TOKEN-1/a"


def test_a_broken_file_of_consent_is_one_sentence(home: Path) -> None:
    path = consent_file(world_of(home))
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(ReproError, match="correct or delete it"):
        load_trust(world_of(home))


@pytest.mark.parametrize(
    "address",
    [
        "evil",
        "-rf",
        "ftp://x/y",
        "https://",
        "https://x y",
        "javascript:alert(1)",
        "https://x\n/y",
        "https://x/?a",
        "https://x/#a",
        "https://x/../y",
        "\\\\host\\share",
        "file://host/x",
        "https://[x",
    ],
)
def test_what_is_no_address(home: Path, address: str) -> None:
    with pytest.raises(UsageError, match="is not the address of one"):
        load_trust(world_of(home), allow_channels=[address])
    assert not consent_file(world_of(home)).exists()


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        (FORGE, True),
        ("https://CONDA.anaconda.org:443/conda-forge/", True),
        (f"{FORGE}/label/broken", True),
        (f"{FORGE}-evil", False),
        (f"{FORGE}/evil", False),
        (f"{FORGE}/label/../../evil", False),
        ("http://conda.anaconda.org/conda-forge", False),
        ("https://conda.anaconda.org.evil.example/conda-forge", False),
        ("https://conda.anaconda.org@evil.example/conda-forge", False),
        ("https://evil.example/conda-forge", False),
        ("conda-forge", False),
    ],
)
def test_what_a_notebook_may_name(home: Path, address: str, is_allowed: bool) -> None:  # noqa: FBT001
    assert (load_trust(world_of(home)).channel(address) is not None) == is_allowed


def test_indexes_of_pip(home: Path) -> None:
    folder = home / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text(
        "[global]\nindex-url = https://u:sekret12345@pypi.lab.example.org/simple/\n"
        "[install]\nextra-index-url =\n    https://a.example.org/simple\n    http://b.example.org/s\n"
    )
    trust = load_trust(world_of(home))
    assert indexes(trust) == ["https://pypi.lab.example.org/simple", "https://a.example.org/simple"]
    assert trust.indexes[0].request == "https://u:sekret12345@pypi.lab.example.org/simple"
    assert [place.address for place in trust.not_asked] == ["http://b.example.org/s"]
    world = world_of(home, PIP_INDEX_URL="https://c.example.org/simple", PIP_EXTRA_INDEX_URL="")
    assert indexes(load_trust(world)) == [
        "https://c.example.org/simple",
        "https://a.example.org/simple",
    ]


def test_indexes_of_uv(home: Path) -> None:
    folder = home / ".config" / "uv"
    folder.mkdir(parents=True)
    (folder / "uv.toml").write_text(
        '[[index]]\nname = "torch"\nurl = "https://download.pytorch.org/whl/cu121"\n'
        '[[index]]\nurl = "https://pypi.lab.example.org/simple"\ndefault = true\n'
    )
    assert indexes(load_trust(world_of(home))) == [
        "https://pypi.lab.example.org/simple",
        "https://download.pytorch.org/whl/cu121",
    ]
    world = world_of(home, UV_DEFAULT_INDEX="mine=https://c.example.org/simple")
    assert indexes(load_trust(world))[0] == "https://c.example.org/simple"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("HTTPS://Conda.Example.org:443/Main/", None),
        ("https://Conda.Example.org:443/Main/", "https://conda.example.org/Main"),
        ("https://u:p@h.org/t/tok/x", "https://h.org/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("file:///srv/a%20b/", "file:///srv/a%20b"),
    ],
)
def test_one_spelling(address: str, shown: str | None) -> None:
    assert normal_address(address) == shown
    place = make_place("channel", address, "test")
    assert (place.address if place else None) == shown
