from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.capture import capture
from jupyter_repro.capturing.probes import conda
from jupyter_repro.capturing.sources.conda.channels import find_channels
from jupyter_repro.capturing.sources.conda.history import parse_history
from jupyter_repro.capturing.sources.conda.records import MAX_RECORDS
from jupyter_repro.model.snapshot import CondaLayer
from jupyter_repro.packages.addresses import channel_name
from jupyter_repro.safety.world import World

FIXTURES = Path(__file__).parents[2] / "fixtures" / "conda"
HISTORY = """\
==> 2026-01-01 10:00:00 <==
# cmd: /home/bob/miniforge3/bin/conda create -n x -c https://bob:sekret@h.org/t/tok-1/main python
# conda version: 26.7.1
+conda-forge/linux-64::alpha-1.2.3-py311h0123abc_0
# update specs: ['alpha=1.2', "gone >=2", 'beta-tools']
==> 2026-01-02 10:00:00 <==
# cmd: /home/bob/miniforge3/bin/conda install --channel conda-forge -cbioconda alpha
# conda version: 26.9.0
# update specs: ["conda-forge::alpha >=1,<2"]
==> 2026-01-03 10:00:00 <==
# cmd: /home/bob/miniforge3/bin/conda remove beta-tools --token tok-2
# remove specs: ['beta-tools']
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world whose prefix is a plain folder; tests add what they need."""
    folders = {name: tmp_path / name for name in ("prefix", "base", "home", "cwd")}
    for folder in folders.values():
        folder.mkdir()
    return World(
        prefix=folders["prefix"],
        base_prefix=folders["base"],
        home=folders["home"],
        cwd=folders["cwd"],
        environ={"CONDA_PREFIX": str(tmp_path / "elsewhere")},
        sys_path=(),
        modules={},
    )


def install_fixtures(prefix: Path, *styles: str) -> Path:
    meta = prefix / "conda-meta"
    meta.mkdir()
    for style in styles:
        for path in (FIXTURES / style).iterdir():
            shutil.copy(path, meta)
    return meta


def test_no_conda_meta_is_unavailable_whatever_the_shell_says(world: World, tmp_path: Path) -> None:
    install_fixtures(tmp_path, "conda-26")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "conda-meta").rename(tmp_path / "elsewhere" / "conda-meta")
    layer = conda.collect(world)
    assert (layer.status, layer.reason) == ("unavailable", "not a conda environment")


def test_layer_of_a_prefix_with_records_of_every_writer(world: World) -> None:
    meta = install_fixtures(world.prefix, "conda-sorted", "conda-26", "libmamba", "rattler")
    (meta / "pinned").write_text("# comment\n\npython 3.11.*\nhttps://b:sekret@h.org/x::y\n")
    layer = conda.collect(world)
    assert layer.status == "ok"
    assert layer.name == "prefix"
    names = {
        folder: [line.partition("#")[0] for line in lines]
        for folder, lines in layer.packages.items()
    }
    assert names == {
        "http://channel.example.org:8080/private/linux-64": ["delta-3.1.4-hfeed123_1.conda"],
        "https://conda.anaconda.org/conda-forge/linux-64": ["beta-tools-2.0-h89abcde_4.conda"],
        "https://conda.anaconda.org/conda-forge/noarch": ["gamma-0.9.post1-pyhd8ed1ab_0.tar.bz2"],
        "https://repo.anaconda.com/pkgs/main/linux-64": ["alpha-1.2.3-py311h0123abc_0.conda"],
    }
    assert list(layer.packages) == sorted(layer.packages)
    assert layer.requested == ["alpha=1.2", "beta-tools", "delta >=3"]
    assert layer.pinned == ["python 3.11.*", "https://h.org/x::y"]
    assert layer.channels == []
    assert layer.reason == "the order of the channels is not recorded"
    msgspec.convert(msgspec.to_builtins(layer), CondaLayer)


def test_unreadable_records_are_counted(world: World) -> None:
    meta = install_fixtures(world.prefix, "conda-26")
    (meta / "zlib-1.3.1-0.json").write_text("{")
    (meta / "abc-1.0-1.json").mkdir()
    layer = conda.collect(world)
    assert layer.packages["unknown"] == ["abc-1.0-1", "zlib-1.3.1-0"]
    assert "2 of 3 records could not be read" in (layer.reason or "")


def test_venv_on_conda_says_so(world: World) -> None:
    install_fixtures(world.base_prefix, "conda-26")
    layer = conda.collect(world)
    assert layer.status == "ok"
    assert layer.name == "base"  # the name of the folder
    assert "of the conda environment that this virtual environment was made from" in (
        layer.reason or ""
    )


def test_base_environment_is_called_base(world: World) -> None:
    install_fixtures(world.prefix, "conda-26")
    (world.prefix / "condabin").mkdir()
    assert conda.collect(world).name == "base"


def test_environment_with_conda_in_it_is_not_the_base(world: World) -> None:
    prefix = world.home / "envs" / "work"
    (prefix / "condabin").mkdir(parents=True)
    install_fixtures(prefix, "conda-26")
    assert conda.collect(dataclasses.replace(world, prefix=prefix)).name == "work"


def test_history_gives_what_the_records_do_not(world: World) -> None:
    meta = install_fixtures(world.prefix, "libmamba")
    (meta / "alpha-1.2.3-0.json").write_text("{")
    (meta / "history").write_text(HISTORY)
    layer = conda.collect(world)
    assert layer.requested == ["conda-forge::alpha >=1,<2"]  # `gone` is not installed
    assert layer.channels == ["https://h.org/main", "conda-forge", "bioconda"]
    assert layer.channels_from == "conda-meta/history"
    stored = msgspec.json.encode(layer).decode()
    for secret in ("sekret", "tok-", "bob", "cmd"):
        assert secret not in stored


def test_absurd_number_of_records_is_bounded(world: World) -> None:
    meta = install_fixtures(world.prefix)
    for number in range(MAX_RECORDS + 5):
        (meta / f"p{number}-1-0.json").touch()
    layer = conda.collect(world)
    assert len(layer.packages["unknown"]) == MAX_RECORDS
    assert f"only the first {MAX_RECORDS} of {MAX_RECORDS + 5} records" in (layer.reason or "")
    msgspec.convert(msgspec.to_builtins(layer), CondaLayer)


# History


def test_history_of_conda() -> None:
    history = parse_history(HISTORY)
    assert (history.tool, history.version) == ("conda", "26.7.1")
    assert sorted(history.requested) == ["alpha", "gone"]


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        ("/opt/conda/bin/mamba install x", "mamba"),
        ("micromamba create -n conda", "micromamba"),
        ("C:\\Users\\bob\\miniconda3\\Scripts\\conda-script.py create", "conda"),
        ("/usr/lib/python3/dist-packages/conda/__main__.py create", "conda"),
        ("/tmp/_conda constructor", "conda"),
        ("some-tool -n conda", None),
        ("", None),
    ],
)
def test_tool_of_a_history(command: str, tool: str | None) -> None:
    history = parse_history(f"# cmd: {command}\n# conda version: 3.8.0\n")
    assert history.tool == tool
    assert history.version == ("3.8.0" if tool == "conda" else None)


@pytest.mark.parametrize(
    ("words", "channels"),
    [
        ("-c a -c b", ["a", "b"]),
        ("--channel=a --channel b", ["a", "b"]),
        ("-ca", ["a"]),
        ("-c", []),
        ("-c -y", []),
        ("-c /home/bob/channel", ["file://***"]),
        ("-c https://h.org/t/tok-1/x", ["https://h.org/x"]),
        ("--copy --clone x", []),
    ],
)
def test_channels_of_a_command(words: str, channels: list[str]) -> None:
    assert parse_history(f"# cmd: conda create {words}\n").channels == channels


def test_old_history_separates_specifications_by_commas() -> None:
    history = parse_history("# install specs: numpy >=1.2,<2,scipy\n")
    assert history.requested == {"numpy": "numpy >=1.2,<2", "scipy": "scipy"}


def test_micromamba_updates_what_it_removes_in_the_same_entry() -> None:
    history = parse_history(
        "==> 2026-01-01 10:00:00 <==\n# cmd: micromamba create -n x numpy=1.24 scipy\n"
        "+https://conda.anaconda.org/conda-forge/linux-64::numpy-1.24.0-py311_0\n"
        '# update specs: ["numpy=1.24", "scipy"]\n'
        "==> 2026-01-02 10:00:00 <==\n# cmd: micromamba update numpy\n"
        '# update specs: ["numpy"]\n# remove specs: ["numpy"]\n'
        "==> 2026-01-03 10:00:00 <==\n# cmd: micromamba remove scipy\n"
        '# remove specs: ["scipy"]\n'
    )
    assert history.requested == {"numpy": "numpy"}


def test_mamba_2_puts_versions_into_brackets() -> None:
    history = parse_history(
        "==> 2026-01-01 10:00:00 <==\n# cmd: mamba create -n x\n"
        r'# update specs: ["numpy[version=\">=1.24,<1.26.4\"]", '
        r'"pytorch::pytorch[version=\"=2.1.2\",build=\"^py3.11_cpu_0$\"]"]'
        '\n==> 2026-01-02 10:00:00 <==\n# remove specs: ["numpy"]\n'
    )
    assert history.requested == {
        "pytorch": 'pytorch::pytorch[version="=2.1.2",build="^py3.11_cpu_0$"]'
    }


def test_a_request_from_an_address_counts_by_its_name() -> None:
    spec = "https://bob:sekret@conda.example.org/forge::Numpy=1.21"
    history = parse_history(f"# update specs: ['{spec}']\n# neutered specs: []\n")
    assert history.requested == {"numpy": "https://conda.example.org/forge::Numpy=1.21"}


@given(st.lists(st.sampled_from([*HISTORY.splitlines(), "# update specs: [", "# x specs: [1]"])))
def test_any_order_of_history_lines_is_read_without_secrets(lines: list[str]) -> None:
    assert "sekret" not in repr(parse_history("\n".join(lines)))


@given(st.text())
def test_any_text_is_a_history(text: str) -> None:
    parse_history("# update specs: " + text)
    parse_history("# cmd: " + text)


# Channels of the configuration; tests/unit/capturing/test_condarc.py has the files and their order


def test_condarc_of_the_prefix_comes_before_the_users(world: World) -> None:
    install_fixtures(world.prefix, "conda-26")
    (world.home / ".condarc").write_text("channels: [b]\n")
    assert conda.collect(world).channels_from == "~/.condarc"
    (world.prefix / ".condarc").write_text("channels: [a]\n")
    layer = conda.collect(world)
    assert layer.channels == ["a", "b"], "conda joins the lists"
    assert layer.channels_from == "<prefix>/.condarc, ~/.condarc"


FIRST = "==> 2026-01-01 10:00:00 <==\n# cmd: conda "
PYTORCH = "==> 2026-01-02 10:00:00 <==\n# cmd: conda install -c pytorch -c b pytorch\n"
FORGE, MINE = "conda-forge/linux-64", "https://h.org/mine/noarch"


@pytest.mark.parametrize(
    ("history", "folders", "channels", "origin"),
    [
        # The command that made the environment comes before the configuration, a later one last
        ("create -c X", [], ["X", "a", "b"], "conda-meta/history, ~/.condarc"),
        (
            f"create -c X\n{PYTORCH}",
            [],
            ["X", "a", "b", "pytorch"],
            "conda-meta/history, ~/.condarc",
        ),
        (f"create x\n{PYTORCH}", [], ["a", "b", "pytorch"], "~/.condarc, conda-meta/history"),
        ("create -c b", [], ["b", "a"], "conda-meta/history, ~/.condarc"),
        ("create -c X --override-channels", [], ["X"], "conda-meta/history"),
        ("create -c https://conda.anaconda.org/a x", [], ["a", "b"], None),
        # What an environment.yml named is known from the packages, if it was one channel
        ("env create -f environment.yml", [], ["a", "b"], "~/.condarc"),
        (
            "env create -f environment.yml",
            [f"https://conda.anaconda.org/{FORGE}", "https://conda.anaconda.org/a/noarch"],
            ["conda-forge", "a", "b"],
            "the installed packages, ~/.condarc",
        ),
        (
            f"create --file /home/bob/environment.yaml -n x\n{PYTORCH}",
            [MINE],
            ["https://h.org/mine", "a", "b", "pytorch"],
            "the installed packages, ~/.condarc, conda-meta/history",
        ),
        (
            "env create -f environment.yml",
            [f"https://conda.anaconda.org/{FORGE}", MINE],
            [],
            None,
        ),
        ("create --file list.txt -n x", [MINE], ["a", "b"], "~/.condarc"),
    ],
)
def test_the_order_of_channels(
    world: World, history: str, folders: list[str], channels: list[str], origin: str | None
) -> None:
    (world.home / ".condarc").write_text("channels: [a, b]\n")
    read = parse_history(f"{FIRST}{history}\n")
    found, where = find_channels(world.prefix, world, read, folders)
    assert [channel_name(one) for one in found] == channels
    if origin or not channels:
        assert where == origin


def test_defaults_stand_for_the_channels_of_anaconda(world: World) -> None:
    (world.home / ".condarc").write_text("channels: [defaults]\n")
    read = parse_history(f"{FIRST}env create -f environment.yml\n")
    folders = ["https://repo.anaconda.com/pkgs/main/linux-64"]
    assert find_channels(world.prefix, world, read, folders) == (["defaults"], "~/.condarc")


def test_a_configuration_that_cannot_be_read_adds_no_channel(world: World) -> None:
    (world.home / ".condarc").write_text("channels: *mine\n")
    read = parse_history(f"{FIRST}create -c X\n")
    assert find_channels(world.prefix, world, read, []) == (["X"], "conda-meta/history")


@pytest.mark.parametrize("program", ["conda-env", "/opt/conda/bin/conda-env", "mamba-env"])
def test_an_environment_of_a_file(program: str) -> None:
    read = parse_history(f"# cmd: {program} create -f x\n")
    assert (read.tool, read.is_from_file) == (Path(program).name.removesuffix("-env"), True)


def test_channels_in_the_folder_of_the_users_configuration_are_recorded(world: World) -> None:
    install_fixtures(world.prefix, "conda-26")
    folder = world.home / ".config" / "conda"
    folder.mkdir(parents=True)
    (folder / ".condarc").write_text("channels:\n  - bioconda\n  - conda-forge\n")
    layer = conda.collect(world)
    assert layer.channels == ["bioconda", "conda-forge"]
    assert layer.channels_from == "~/.config/conda/.condarc"


def test_credentials_of_a_condarc_are_not_recorded(world: World) -> None:
    install_fixtures(world.prefix, "conda-26")
    (world.home / ".condarc").write_text("channels:\n  - https://b:sekret@h.org/t/tok-1/x\n")
    assert conda.collect(world).channels == ["https://h.org/x"]


def test_variables_in_a_condarc_are_read_and_secret_ones_not_recorded(world: World) -> None:
    install_fixtures(world.prefix, "conda-26")
    lines = ("https://h.org/${MY_TOKEN}/x", "https://b:$MY_TOKEN@h.org/y", "https://${HOST}/z")
    (world.home / ".condarc").write_text(f"channels: {json.dumps(lines)}\n")
    environ = {"MY_TOKEN": "sekretvalue123", "HOST": "q.org"}
    layer = capture(dataclasses.replace(world, environ=environ)).layers.conda
    assert layer.channels == ["https://h.org/***/x", "https://h.org/y", "https://q.org/z"]


def test_condarc_in_another_form_is_not_guessed(world: World) -> None:
    install_fixtures(world.prefix, "conda-26")
    (world.home / ".condarc").write_text("channels: [b]\n")
    (world.prefix / ".condarc").write_text("channels: *mine\n")
    layer = conda.collect(world)
    assert (layer.channels, layer.channels_from) == ([], None)
    assert layer.reason == "the order of the channels is not recorded"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "pixi.toml",
            "[workspace]\nchannels = ['conda-forge', {channel = 'https://u:sekret@h/x'}]",
        ),
        (
            "pyproject.toml",
            "[tool.pixi.project]\nchannels = ['conda-forge', 'https://h/t/tok-1/x']",
        ),
    ],
)
def test_channels_of_a_pixi_manifest(world: World, name: str, text: str) -> None:
    meta = install_fixtures(world.prefix, "rattler")
    (meta / "history").write_text("# cmd: conda create -c other\n")
    (world.cwd / name).write_text(text)
    (meta / "pixi").write_text(json.dumps({"manifest_path": str(world.cwd / name)}))
    layer = conda.collect(world)
    assert layer.channels == ["conda-forge", "https://h/x"]
    assert layer.channels_from == "pixi manifest"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"manifest_path": 1}', '{"manifest_path": "/nowhere/pixi.toml"}']
)
def test_broken_pixi_file_is_passed_over(world: World, text: str) -> None:
    meta = install_fixtures(world.prefix, "rattler")
    (meta / "pixi").write_text(text)
    assert conda.collect(world).status == "ok"


@pytest.mark.parametrize(
    ("active", "is_here", "activated"),
    [("{prefix}", True, True), ("/opt/lab", True, False), ("", True, False), ("", False, None)],
)
def test_whether_the_environment_is_active(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    active: str,
    *,
    is_here: bool,
    activated: bool | None,
) -> None:
    """Of a different Python, which is looked at from outside, it is not known."""
    (world.prefix / "conda-meta").mkdir(parents=True)
    if is_here:
        monkeypatch.setattr("sys.prefix", str(world.prefix))
    environ = {"CONDA_PREFIX": active.format(prefix=world.prefix)}
    layer = conda.collect(dataclasses.replace(world, environ=environ))
    assert layer.activated is activated


def test_only_the_names_of_its_variables_are_recorded(world: World) -> None:
    meta, folder = world.prefix / "conda-meta", world.prefix / "etc" / "conda" / "env_vars.d"
    meta.mkdir(parents=True)
    folder.mkdir(parents=True)
    variables = {"MY_TOKEN": "sekret12345", "GDAL_DATA": "/home/bob/gdal", "a b\x1b": "x", "": "y"}
    (meta / "state").write_text(json.dumps({"env_vars": variables}))
    (folder / "proj.json").write_text('{"PROJ_LIB": "/share", "GDAL_DATA": "z"}')
    (folder / "broken.json").write_text("{")
    layer = conda.collect(world)
    assert layer.activation == ["GDAL_DATA", "MY_TOKEN", "PROJ_LIB"]
    assert "sekret" not in str(layer)
    (meta / "state").write_text("[" * 100_000)
    assert conda.collect(world).activation == ["GDAL_DATA", "PROJ_LIB"]
