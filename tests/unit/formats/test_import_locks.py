"""Lock files of conda-lock, pixi and conda: nothing that they name is lost or taken elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from jupyter_repro.errors import UnreadableError, UsageError
from tests.unit.support.exports import COMMIT, exported
from tests.unit.support.imports import imported, notes

SHA, MD5 = "a" * 64, "b" * 32
CHANNEL = "https://conda.anaconda.org/conda-forge"
PYPI = "https://files.pythonhosted.org/packages"
ZLIB = f"{CHANNEL}/linux-64/zlib-1.3.1-h4ab18f5_1.conda"
ARCHIVE = "https://github.com/o/cowsay/archive/v6.1.tar.gz"
TORCH = "https://download.pytorch.org/whl/cu121/torch-2.3.1%2Bcu121-cp311-cp311-linux_x86_64.whl"
FOLDERS = f"aa/bb/{'c' * 60}"


def a_conda_lock(*packages: dict[str, Any]) -> str:
    """Return a conda-lock.yml with zlib and some packages of pip."""
    zlib = {
        "name": "zlib",
        "version": "1.3.1",
        "manager": "conda",
        "url": ZLIB,
        "hash": {"md5": MD5, "sha256": SHA},
    }
    pip = {"manager": "pip", "hash": {"sha256": SHA}}
    listed = [{"platform": "linux-64"} | one for one in (zlib, *(pip | one for one in packages))]
    return yaml.safe_dump({"version": 1, "package": listed})


def a_pixi_lock(*packages: dict[str, Any]) -> str:
    """Return a pixi.lock with zlib and some packages of PyPI."""
    named = [{"conda": ZLIB}, *({"pypi": one["pypi"]} for one in packages)]
    document = {
        "version": 6,
        "environments": {
            "default": {"channels": [{"url": f"{CHANNEL}/"}], "packages": {"linux-64": named}}
        },
        "packages": [{"conda": ZLIB, "sha256": SHA, "md5": MD5}, *packages],
    }
    return yaml.safe_dump(document)


ADDRESSES = [
    # What PyPI, a mirror of it, or the vendor of the build has is found by its name
    ("requests", "2.31.0", f"{PYPI}/{FOLDERS}/requests-2.31.0-py3-none-any.whl", ""),
    ("requests", "2.31.0", f"{PYPI}/requests-2.31.0-py3-none-any.whl", ""),
    ("six", "1.17.0", f"https://mirror.example.org/pypi/web/packages/{FOLDERS}/six-1.17.0.zip", ""),
    ("torch", "2.3.1+cu121", TORCH, ""),
    # What nobody else has keeps its address, so that no index can exchange it
    ("cowsay", "0.0.0", ARCHIVE, f"{ARCHIVE}#sha256={SHA}"),
    (
        "mine",
        "1.0",
        "https://bob:sekret@pypi.example.org/files/mine-1.0-py3-none-any.whl",
        f"https://pypi.example.org/files/mine-1.0-py3-none-any.whl#sha256={SHA}",
    ),
    (
        "torch",
        "2.3.1+cu121",
        "https://evil.example.org/torch-2.3.1%2Bcu121-cp311-cp311-linux_x86_64.whl",
        f"https://evil.example.org/torch-2.3.1%2Bcu121-cp311-cp311-linux_x86_64.whl#sha256={SHA}",
    ),
    (
        "below",
        "1.0",
        "https://example.org/all.zip#subdirectory=py",
        f"https://example.org/all.zip#sha256={SHA}&subdirectory=py",
    ),
    ("here", "0.1", "./dist/here-0.1.tar.gz", "file://***/here-0.1.tar.gz"),
    (
        "here",
        "0.1",
        "file:///home/someone/here-0.1.tar.gz",
        f"file://***/here-0.1.tar.gz#sha256={SHA}",
    ),
    (
        "tool",
        "",
        f"git+https://github.com/o/tool@{COMMIT}",
        f"git+https://github.com/o/tool@{COMMIT}",
    ),
]


@pytest.mark.parametrize(("name", "version", "address", "source"), ADDRESSES)
def test_a_python_package_keeps_an_address_of_its_own(
    name: str, version: str, address: str, source: str
) -> None:
    origin = f"pip, {source}" if source else "pip"
    line = f"{name}=={version} [{origin}]" if version else f"{name} [{origin}]"
    by_conda_lock = a_conda_lock({"name": name, "version": version, "url": address})
    by_pixi = a_pixi_lock({"pypi": address, "name": name, "version": version, "sha256": SHA})
    for text, kind in ((by_conda_lock, "conda-lock.yml"), (by_pixi, "pixi.lock")):
        snapshot = imported(text, kind)
        assert snapshot.layers.packages.packages == [line]
        assert "sekret" not in repr(snapshot)


def test_an_address_that_was_asked_for_is_kept_also_of_pypi() -> None:
    address = f"{PYPI}/{FOLDERS}/six-1.17.0-py2.py3-none-any.whl"
    six = {"name": "six", "version": "1.17.0", "url": address}
    direct = six | {"source": {"type": "url", "url": address}}
    kept = [f"six==1.17.0 [pip, {address}#sha256={SHA}]"]
    assert imported(a_conda_lock(direct), "conda-lock.yml").layers.packages.packages == kept
    pixi = {"pypi": f"direct+{address}", "name": "six", "version": "1.17.0", "sha256": SHA}
    assert imported(a_pixi_lock(pixi), "pixi.lock").layers.packages.packages == kept


def test_a_commit_of_pixi_is_kept() -> None:
    address = f"git+https://github.com/o/tool?subdirectory=py&rev=main#{COMMIT}"
    text = a_pixi_lock({"pypi": address, "name": "tool", "version": "0.1"})
    assert imported(text, "pixi.lock").layers.packages.packages == [
        f"tool [pip, git+https://github.com/o/tool@{COMMIT}#subdirectory=py]"
    ]


def test_the_python_packages_of_an_explicit_file_of_conda_lock_are_read() -> None:
    text = (
        f"# platform: linux-64\n@EXPLICIT\n{ZLIB}#{MD5}\n"
        f"# pip requests @ {PYPI}/{FOLDERS}/requests-2.31.0-py3-none-any.whl#sha256={SHA}\n"
        f"# pip cowsay @ {ARCHIVE}#sha256={SHA}\n# pip is no requirement\n"
    )
    assert imported(text, "explicit").layers.packages.packages == [
        f"cowsay [pip, {ARCHIVE}#sha256={SHA}]",
        "requests==2.31.0 [pip]",
    ]


@pytest.mark.parametrize("kind", ["requirements.txt", "environment.yml"])
def test_no_index_is_asked_for_a_package_of_an_address(kind: str) -> None:
    text = a_conda_lock({"name": "cowsay", "version": "0.0.0", "url": ARCHIVE})
    made = exported(imported(text, "conda-lock.yml"), kind).text
    assert f"cowsay @ {ARCHIVE}#sha256={SHA}" in made
    assert "cowsay==" not in made


# As pixi 0.60 and later write it: platforms have names, source packages a digest
PIXI_7 = f"""version: 7
platforms:
- name: cuda
  subdir: linux-64
  virtual-packages: [__cuda=12]
- name: plain
  subdir: linux-64
- name: osx-arm64
environments:
  default:
    channels: [{{url: {CHANNEL}/}}]
    packages: {{}}
  test:
    channels: [{{url: {CHANNEL}/}}]
    packages:
      cuda:
      - conda: {ZLIB}
      - conda_source: my-package[a793f619] @ my-package
  docs:
    channels: [{{url: {CHANNEL}/}}]
    packages:
      cuda: [{{conda: {ZLIB}}}]
      plain: []
packages:
- conda: {ZLIB}
  sha256: {SHA}
- conda_source: my-package[a793f619] @ my-package
  version: 0.1.0
  subdir: linux-64
"""


def test_a_platform_with_a_name_of_its_own() -> None:
    snapshot = imported(PIXI_7, "pixi.lock", environment="test")
    assert snapshot.layers.system.platform == "linux-64"
    assert snapshot.layers.conda.packages == {
        f"{CHANNEL}/linux-64": [f"zlib-1.3.1-h4ab18f5_1.conda#{SHA}"]
    }
    assert notes(snapshot) == [
        "Of its environments the one called test was read, not default, docs.",
        "my-package is built from a source folder and left out.",
    ]
    named = imported(PIXI_7, "pixi.lock", environment="docs", platform="cuda")
    assert named.layers.system.platform == "linux-64"
    assert "Of its platforms cuda was read, not plain." in notes(named)


@pytest.mark.parametrize(
    ("text", "part", "said"),
    [
        (
            PIXI_7,
            {},
            "Environments with packages for linux-64: test, docs. Choose one with --environment.",
        ),
        (
            PIXI_7.replace("  default:", "  dev:"),
            {},
            "has no environment called default; it has dev, test, docs: choose one with --environ",
        ),
        (PIXI_7, {"environment": "none"}, "has no environment called none; it has default, test"),
        (
            PIXI_7,
            {"environment": "docs"},
            "has several platforms for linux-64: cuda, plain; choose one with --platform.",
        ),
        (
            PIXI_7,
            {"environment": "docs", "platform": "win-64"},
            "is not for win-64, but for cuda (linux-64), plain (linux-64): choose one",
        ),
    ],
)
def test_the_message_names_what_can_be_chosen(text: str, part: dict[str, str], said: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        imported(text, "pixi.lock", **part)
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", ["conda-lock.yml", "pixi.lock"])
def test_a_lock_is_written_again_with_both_digests(kind: str) -> None:
    text = a_conda_lock() if kind == "conda-lock.yml" else a_pixi_lock()
    snapshot = imported(text, kind)
    assert snapshot.imported is not None
    assert snapshot.imported.md5 == {"zlib-1.3.1-h4ab18f5_1.conda": MD5}
    again = yaml.safe_load(exported(snapshot, "conda-lock.yml").text)
    assert again["package"][0]["hash"] == {"md5": MD5, "sha256": SHA}
    pixi = yaml.safe_load(exported(snapshot, "pixi.lock").text)
    assert pixi["packages"][0] == {"conda": ZLIB, "sha256": SHA, "md5": MD5}


def test_only_a_pixi_lock_has_environments() -> None:
    with pytest.raises(UsageError, match="only that has environments"):
        imported(a_conda_lock(), "conda-lock.yml", environment="test")
