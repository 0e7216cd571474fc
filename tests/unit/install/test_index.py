"""A package index over real HTTP: what it has, what is withdrawn, what does not fit."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from packaging.tags import sys_tags

from jupyter_repro.install.places.failures import FetchError
from jupyter_repro.install.places.fetch import MAX_BYTES, fetch
from jupyter_repro.install.places.index import Project, ask, files_of
from jupyter_repro.install.places.places import Place, make_place
from jupyter_repro.install.solve.machine import virtual_packages
from jupyter_repro.install.solve.python_ladder import find_python_step
from jupyter_repro.packages.pins import PythonPin
from jupyter_repro.packages.platforms import wheel_tags
from tests.conda.http_channel import Site, index_page, serve
from tests.unit.support.factories import snapshot_with

SNAPSHOT = snapshot_with(system={"platform": "linux-64", "libc": "glibc 2.35"})
TAGS = frozenset(wheel_tags(SNAPSHOT.layers.system, "linux-64", "3.11.7"))
WHEEL = "tool-1.2.0-py3-none-any.whl"


def place_of(address: str) -> Place:
    place = make_place("index", address, "test")
    assert place is not None
    return place


def placed(version: str, files: dict[str, dict[str, Any]]) -> tuple[str, str | None, str]:
    with serve(Site(pages=index_page("tool", files))) as site:
        project = ask([place_of(site.address)], ["tool"])["tool"]
    step = find_python_step(PythonPin("tool", version), project, TAGS, "3.11.7")
    return step.rung, step.file.name if step.file else None, step.reason


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_server_that_sends_a_line_now_and_then(part: str) -> None:
    """Each line ends its silence; the whole answer has a limit."""
    pages = {"tool/": ("text/html", b"")} if part == "body" else {}
    told = "less than 1000 bytes" if part == "body" else "has not answered within 0.6 s"
    with (
        serve(Site(pages=pages, drip=("tool/",))) as site,
        pytest.raises(FetchError, match=told),
    ):
        fetch(place_of(site.address), "tool/", accept="text/html", seconds=0.3)


@pytest.mark.parametrize(
    ("files", "rung", "file", "reason"),
    [
        ({WHEEL: {}}, "exact", WHEEL, ""),
        ({"tool-1.2.0.tar.gz": {}, WHEEL: {}}, "exact", WHEEL, ""),
        (
            {"tool-1.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl": {}},
            "exact",
            "tool-1.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "",
        ),
        ({WHEEL: {"yanked": "wrong numbers"}}, "by version", WHEEL, "wrong numbers"),
        ({WHEEL: {"yanked": True}}, "by version", WHEEL, "withdrawn by its maintainers"),
        ({"tool-1.2.0.tar.gz": {}}, "by version", "tool-1.2.0.tar.gz", "built from source"),
        (
            {WHEEL: {"requires-python": ">=3.12"}},
            "not installable",
            None,
            "no file of version 1.2.0",
        ),
        (
            {"tool-1.2.0-cp312-cp312-win_amd64.whl": {}},
            "not installable",
            None,
            "no file of version",
        ),
        (
            {
                "tool-1.2.0-cp311-cp311-manylinux_2_99_x86_64.whl": {},
                "tool-1.2.3-py3-none-any.whl": {},
            },
            "by major.minor",
            "tool-1.2.3-py3-none-any.whl",
            "1.2.3 is of the same major and minor version",
        ),
        (
            {"tool-2.0-py3-none-any.whl": {}},
            "not installable",
            None,
            "asked has version 1.2.0",
        ),
        (
            {"nonsense": {}, "../tool-1.2.0-py3-none-any.whl": {}},
            "not installable",
            None,
            "no index",
        ),
        ({}, "not installable", None, "no index knows a tool"),
    ],
)
def test_rungs(files: dict[str, dict[str, Any]], rung: str, file: str | None, reason: str) -> None:
    found = placed("1.2.0", files)
    assert found[:2] == (rung, file)
    assert reason in found[2]


def test_a_cuda_build_is_told_from_the_plain_one() -> None:
    files: dict[str, dict[str, Any]] = {"tool-2.3.1-py3-none-any.whl": {}}
    rung, file, reason = placed("2.3.1+cu121", files)
    assert (rung, file) == ("by version", "tool-2.3.1-py3-none-any.whl")
    assert "--allow-index" in reason
    assert (
        placed("2.3.1+cu121", {"tool-2.3.1%2Bcu121-py3-none-any.whl": {}, **files})[0]
        == "by version"
    )
    assert placed("2.3.1+cu121", {"tool-2.3.1+cu121-py3-none-any.whl": {}, **files})[0] == "exact"


def test_html_and_json_tell_the_same() -> None:
    files = {WHEEL: {"hashes": {"sha256": "a" * 64}, "yanked": "bad", "requires-python": ">=3.9"}}
    with serve(Site(pages=index_page("tool", files, html=True))) as site:
        html = files_of(place_of(site.address), "tool")
    with serve(Site(pages=index_page("tool", files))) as site:
        plain = files_of(place_of(site.address), "Tool")
    assert [one[:-2] for one in html] == [one[:-2] for one in plain]  # but for their addresses
    for one in (*html, *plain):
        assert one.url.startswith("http://127.0.0.1:")
        assert one.url.endswith(f"/files/{WHEEL}")
    assert plain[0].sha256 == "a" * 64


def test_a_folder_is_an_index(tmp_path: Path) -> None:
    (tmp_path / "tool").mkdir()
    (tmp_path / "tool" / "index.html").write_text(f'<a href="{WHEEL}">x</a>')
    place = place_of(tmp_path.as_uri())
    assert [file.name for file in files_of(place, "tool")] == [WHEEL]
    assert files_of(place, "other") == []


def test_a_password_goes_to_its_own_host() -> None:
    pages = index_page("tool", {WHEEL: {}})
    with serve(Site(pages=pages)) as other, serve(Site(password="bob:sekret12345")) as site:
        site.redirects["tool/"] = f"{other.address}/tool/"
        place = place_of(site.with_password)
        with pytest.raises(FetchError, match="which is not one of your channels and indexes"):
            files_of(place, "tool")
        assert len(files_of(place, "tool", [place_of(other.address)])) == 1
        assert len(site.authorizations) == 2
        assert other.authorizations == []


@pytest.mark.parametrize("target", ["http://other.example/x", "file:///etc/passwd", "ftp://x/y"])
def test_redirections_that_are_not_followed(target: str) -> None:
    with serve(Site(redirects={"tool/": target})) as site, pytest.raises(FetchError) as told:
        files_of(place_of(site.address), "tool")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{}", "answers for tool what no index does"),
        (b'{"files": [{"filename": 5}]}', "answers for tool what no index does"),
        (b"\xff\x00", "answers for tool what no index does"),
    ],
)
def test_what_no_index_says(body: bytes, told: str) -> None:
    pages = {"tool/": ("application/json", body)}
    with serve(Site(pages=pages)) as site, pytest.raises(FetchError, match=told):
        files_of(place_of(site.address), "tool")


def test_an_answer_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_repro.install.places.fetch.MAX_BYTES", 1 << 20)
    assert MAX_BYTES > 1 << 20
    bomb = gzip.compress(b" " * (2 << 20))
    site = Site(pages={"tool/": ("text/html", bomb)}, encodings={"tool/": "gzip"})
    with serve(site), pytest.raises(FetchError, match="larger than 1 MiB"):
        files_of(place_of(site.address), "tool")


@pytest.mark.parametrize(
    ("site", "told"),
    [
        (Site(pages=index_page("tool", {}), slow=("tool/",)), "said nothing for 0.2 s"),
        (Site(pages=index_page("tool", {WHEEL: {}}), cut=("tool/",)), "broke off"),
        (Site(password="a:b"), "answers 401: it wants credentials"),
    ],
)
def test_servers_that_do_not_do_their_work(
    site: Site, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_repro.install.places.index.SECONDS", 0.2)
    with serve(site):
        project = ask([place_of(site.address)], ["tool"])["tool"]
    assert project == Project([], project.errors)
    assert told in project.errors[0]


def test_tags_are_those_of_this_machine() -> None:
    """Recorded here, asked here: pip would take the same wheels."""
    import platform

    from jupyter_repro.capturing.capture import capture
    from jupyter_repro.safety.world import current_world

    snapshot = capture(current_world())
    assert snapshot.layers.system.platform is not None
    system = snapshot.layers.system
    ours = wheel_tags(system, system.platform or "", platform.python_version())
    theirs = set(sys_tags())
    assert not {str(tag) for tag in theirs} - {str(tag) for tag in ours}


def test_virtual_packages_of_the_recorded_machine() -> None:
    assert virtual_packages(SNAPSHOT, "linux-64") == [
        ("__unix", "0", "0"),
        ("__linux", "5.15.0", "0"),
        ("__glibc", "2.35", "0"),
        ("__archspec", "1", "x86_64"),
        ("__cuda", "12.4", "0"),
    ]
    assert [name for name, _, _ in virtual_packages(SNAPSHOT, "osx-arm64")] == [
        "__unix",
        "__osx",
        "__archspec",
    ]
    assert virtual_packages(SNAPSHOT, "win-64")[0] == ("__win", "0", "0")
