"""Files of other tools, as those tools wrote them, and as an attacker would."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.formats.importers.confidence import confidences
from jupyter_repro.formats.importers.registry import (
    FORMATS,
    find_format,
    import_file,
    import_notebook,
)
from jupyter_repro.model.fields import MAX_PACKAGES
from jupyter_repro.model.snapshot import Snapshot
from tests.fixtures.notebooks.samples import code_cell, make_notebook, text_output
from tests.unit.support.imports import imported, notes

SHA, MD5 = "a" * 64, "b" * 32
CHANNEL = "https://conda.anaconda.org/conda-forge"
ZLIB = f"{CHANNEL}/linux-64/zlib-1.3.1-h4ab18f5_1.conda"

EXPLICIT = f"""# This file may be used to create an environment using:
# platform: linux-64
@EXPLICIT
{ZLIB}#{MD5}
{CHANNEL}/noarch/tqdm-4.66.1-pyhd8ed1ab_0.tar.bz2#sha256:{SHA}
https://user:pass@conda.example.org/t/secret-token-9/main/linux-64/x-1-0.conda
../not/a/package
"""

CONDA_LOCK = f"""version: 1
metadata:
  content_hash: {{linux-64: {SHA}}}
  channels:
  - url: conda-forge
    used_env_vars: []
  platforms: [linux-64, osx-arm64]
package:
- name: zlib
  version: 1.3.1
  manager: conda
  platform: linux-64
  dependencies: {{}}
  url: {ZLIB}
  hash: {{md5: {MD5}, sha256: {SHA}}}
  category: main
  optional: false
- name: zlib
  version: 1.3.1
  manager: conda
  platform: osx-arm64
  url: {CHANNEL}/osx-arm64/zlib-1.3.1-h8359307_1.conda
  hash: {{md5: {MD5}}}
- name: pytest
  version: 8.0.0
  manager: conda
  platform: linux-64
  url: {CHANNEL}/noarch/pytest-8.0.0-pyhd8ed1ab_0.conda
  hash: {{md5: {MD5}}}
  category: dev
  optional: true
- name: requests
  version: 2.31.0
  manager: pip
  platform: linux-64
  url: https://files.pythonhosted.org/packages/requests-2.31.0-py3-none-any.whl
  hash: {{sha256: {SHA}}}
  category: main
"""

PIXI_NEW = f"""version: {{version}}
environments:
  default:
    channels:
    - url: {CHANNEL}/
    indexes: [https://pypi.org/simple]
    packages:
      linux-64:
      - conda: {ZLIB}
      - pypi: https://files.pythonhosted.org/packages/8c/numpy-2.2.1-cp313-cp313-linux_x86_64.whl
      - pypi: ./local-pkg
      - conda: child-package
      osx-arm64:
      - conda: {CHANNEL}/osx-arm64/zlib-1.3.1-h8359307_1.conda
packages:
- conda: {ZLIB}
  sha256: {SHA}
  md5: {MD5}
  depends: []
- pypi: https://files.pythonhosted.org/packages/8c/numpy-2.2.1-cp313-cp313-linux_x86_64.whl
  name: numpy
  version: 2.2.1
  sha256: {SHA}
- pypi: ./local-pkg
  name: local-pkg
  version: 0.1.0
  editable: true
- conda: child-package
  name: child-package
  version: 0.1.0
"""

PIXI_OLD = f"""version: 4
environments:
  default:
    channels:
    - url: {CHANNEL}/
    packages:
      linux-64:
      - conda: "{ZLIB}"
      - pypi: "https://files.pythonhosted.org/packages/8c/numpy-2.2.1-cp313-cp313-linux_x86_64.whl"
packages:
- kind: conda
  name: zlib
  version: 1.3.1
  url: "{ZLIB}"
  sha256: {SHA}
- kind: pypi
  name: numpy
  version: 2.2.1
  url: "https://files.pythonhosted.org/packages/8c/numpy-2.2.1-cp313-cp313-linux_x86_64.whl"
  sha256: {SHA}
"""

REQUIREMENTS = f"""# by hand
-i https://bob:sekret@pypi.example.org/simple
--find-links ./wheels
-r base.txt
-c /home/someone/constraints.txt
numpy==1.26.4 \\
    --hash=sha256:{SHA} \\
    --hash=sha256:{"c" * 64}
scipy>=1.10,<2 ; python_version >= "3.9"  # because
Uvicorn[standard]==0.30.0
pandas
torch==2.1.*
exact===1.0
tool @ git+ssh://git@github.com/o/tool.git@v1.0#subdirectory=py
-e git+https://ghp_0123456789abcdef0123456789abcdef0123@github.com/o/mine@main#egg=mine
./wheels/local_pkg-1.0-py3-none-any.whl
https://example.org/a/b-2.0.tar.gz#sha256={SHA}
secret @ https://${{TOKEN}}@example.org/secret-1.0-py3-none-any.whl
-rf
numpy==1.26.4
"""

UV_LOCK = f"""version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "six"
version = "1.17.0"
source = {{ registry = "https://pypi.org/simple" }}
sdist = {{ url = "https://files.pythonhosted.org/six-1.17.0.tar.gz", hash = "sha256:{SHA}" }}

[[package]]
name = "numpy"
version = "1.26.4"
source = {{ registry = "https://pypi.org/simple" }}

[[package]]
name = "numpy"
version = "2.0.0"
source = {{ registry = "https://pypi.org/simple" }}

[[package]]
name = "tool"
version = "0.1"
source = {{ git = "https://github.com/o/tool?rev=main#0123456789abcdef0123456789abcdef01234567" }}

[[package]]
name = "mine"
version = "0.1"
source = {{ editable = "../mine" }}
"""

SCRIPT = """# /// script
# requires-python = ">=3.10,<3.13"
# dependencies = [
#     "six>=1.15",
#     "tomli==2.0.1",
# ]
#
# [tool.uv]
# exclude-newer = "2026-11-25T00:00:00Z"
# ///
import six
"""

COLLECT_ENV = """Collecting environment information...
PyTorch version: 2.1.0+cu121
Is debug build: False
CUDA used to build PyTorch: 12.1
ROCM used to build PyTorch: N/A

OS: Ubuntu 22.04.3 LTS (x86_64)
GCC version: (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0
Libc version: glibc-2.35

Python version: 3.10.12 (main, Jun 11 2023, 05:26:28) [GCC 11.4.0] (64-bit runtime)
Python platform: Linux-5.15.0-1019-aws-x86_64-with-glibc2.35
Is CUDA available: True
CUDA runtime version: 12.1.105
GPU models and configuration:
GPU 0: NVIDIA A100-SXM4-40GB
GPU 1: NVIDIA A100-SXM4-40GB

Nvidia driver version: 535.104.05
cuDNN version: Probably one of the following:
/usr/lib/x86_64-linux-gnu/libcudnn.so.8.9.6

CPU:
Model name:                         AMD EPYC 7742 64-Core Processor

Versions of relevant libraries:
[pip3] numpy==1.26.0
[pip3] torch==2.1.0+cu121
[conda] blas                      1.0                         mkl
[conda] pytorch                   2.1.0           py3.10_cuda12.1_cudnn8.9.2_0    pytorch
[conda] torchdata                 0.7.0                    pypi_0    pypi
"""

WATERMARK = """Author: Someone Real

Last updated: 2023-11-25T18:42:56+00:00

Python implementation: CPython
Python version       : 3.11.7
IPython version      : 8.18.1

numpy   : 1.26.4
sklearn : 1.3.2
notthere: unknown

Compiler    : GCC 12.2.0
OS          : Linux
Release     : 6.1.0-18
Machine     : x86_64
Processor   :
CPU cores   : 2
Architecture: 64bit

Hostname: somebodys-laptop

GPU Info:
  GPU 0: NVIDIA RTX A2000

Watermark: 2.4.3
"""

OLD_WATERMARK = """2018-06-05T10:11:12

CPython 3.6.5
IPython 6.4.0

numpy 1.14.3
scipy 1.1.0

compiler   : GCC 7.2.0
system     : Linux
release    : 4.4.0
machine    : x86_64
processor  : x86_64
CPU cores  : 8
interpreter: 64bit
Git hash   : 0123456
"""


def conda_lines(snapshot: Snapshot) -> list[str]:
    return sorted(
        f"{group}/{line}"
        for group, lines in snapshot.layers.conda.packages.items()
        for line in lines
    )


def test_an_explicit_file() -> None:
    snapshot = imported(EXPLICIT, "explicit")
    assert conda_lines(snapshot) == [
        f"{CHANNEL}/linux-64/zlib-1.3.1-h4ab18f5_1.conda#{MD5}",
        f"{CHANNEL}/noarch/tqdm-4.66.1-pyhd8ed1ab_0.tar.bz2#{SHA}",
        "https://conda.example.org/main/linux-64/x-1-0.conda",
    ]
    assert snapshot.layers.system.platform == "linux-64"
    assert notes(snapshot) == ["package is not the name of a conda package."]
    assert "secret-token" not in repr(snapshot)


def test_a_conda_lock() -> None:
    snapshot = imported(CONDA_LOCK, "conda-lock.yml")
    assert conda_lines(snapshot) == [f"{ZLIB}#{SHA}"]
    assert snapshot.layers.packages.packages == ["requests==2.31.0 [pip]"]
    assert snapshot.layers.conda.channels == ["conda-forge"]
    assert notes(snapshot) == [
        "Of its platforms linux-64 was read, not osx-arm64.",
        "1 packages of optional categories are left out.",
    ]
    mac = imported(CONDA_LOCK, "conda-lock.yml", platform="osx-arm64")
    assert conda_lines(mac) == [f"{CHANNEL}/osx-arm64/zlib-1.3.1-h8359307_1.conda#{MD5}"]
    with pytest.raises(UnreadableError, match="is not for win-64, but for linux-64, osx-arm64"):
        imported(CONDA_LOCK, "conda-lock.yml", platform="win-64")


@pytest.mark.parametrize("version", [5, 6, 7])
def test_a_pixi_lock(version: int) -> None:
    snapshot = imported(PIXI_NEW.format(version=version), "pixi.lock")
    assert conda_lines(snapshot) == [f"{ZLIB}#{SHA}"]
    assert snapshot.layers.packages.packages == [
        "local-pkg==0.1.0 [pip, editable, file://***/local-pkg]",
        "numpy==2.2.1 [pip]",
    ]
    assert notes(snapshot)[1:] == ["child-package is built from a source folder and left out."]


def test_an_older_pixi_lock() -> None:
    snapshot = imported(PIXI_OLD, "pixi.lock", platform="osx-64")  # the only one is taken
    assert conda_lines(snapshot) == [f"{ZLIB}#{SHA}"]
    assert snapshot.layers.packages.packages == ["numpy==2.2.1 [pip]"]
    for version in ("3", "8", "'x'"):
        with pytest.raises(UnreadableError, match="of a version that is not known"):
            imported(PIXI_OLD.replace("version: 4", f"version: {version}"), "pixi.lock")


def test_requirements() -> None:
    snapshot = imported(REQUIREMENTS, "requirements.txt")
    assert snapshot.layers.packages.packages == [
        f"b==2.0 [pip, https://example.org/a/b-2.0.tar.gz#sha256={SHA}]",
        "exact==1.0 [pip]",
        "local-pkg==1.0 [pip, file://***/local_pkg-1.0-py3-none-any.whl]",
        "mine [pip, editable, git+https://github.com/o/mine@main]",
        "numpy==1.26.4 [pip]",
        "tool [pip, git+ssh://git@github.com/o/tool.git@v1.0#subdirectory=py]",
    ]
    assert snapshot.layers.packages.requested == [
        "Uvicorn[standard]==0.30.0",
        "pandas",
        'scipy<2,>=1.10; python_version >= "3.9"',
        "torch==2.1.*",
    ]
    assert notes(snapshot) == [
        "It includes the requirements of base.txt; that file was not read.",
        "It includes the constraints of constraints.txt; that file was not read.",
        (
            "secret @ https://example.org/secret-1.0-py3-none-any.whl: "
            "it holds a variable, and those are not read."
        ),
        "It includes the requirements of f; that file was not read.",
        "Digests of files are left out: an installed package does not keep them.",
    ]
    assert snapshot.imported
    assert snapshot.imported.options == [
        "--index-url https://pypi.example.org/simple",
        "--find-links file://***/wheels",
    ]
    text = repr(snapshot)
    assert not [word for word in ("sekret", "ghp_", "someone", "TOKEN") if word in text]


@pytest.mark.parametrize("prefix", ["", "-e ", "tool @ "])
def test_git_s_short_form_of_an_address(prefix: str) -> None:
    egg = "" if "@" in prefix else "#egg=tool"
    snapshot = imported(f"{prefix}git+git@github.com:o/tool.git@v1{egg}\n", "requirements.txt")
    (line,) = snapshot.layers.packages.packages
    assert line.startswith("tool [pip, ")
    assert line.endswith("git+ssh://git@github.com/o/tool.git@v1]")


def test_a_version_that_has_to_be_equal_letter_by_letter() -> None:
    snapshot = imported("a===1.0\nb===1.0-local.build_7\nc==1!2.0\n", "requirements.txt")
    assert snapshot.layers.packages.packages == ["a==1.0 [pip]", "c==1!2.0 [pip]"]
    assert snapshot.layers.packages.requested == ["b===1.0-local.build_7"]
    assert notes(snapshot) == []


def test_two_lines_on_one_package() -> None:
    text = "numpy==1.26.4\nnumpy==1.26.4  # again\nscipy==1.9\nscipy==1.10\n"
    assert notes(imported(text, "requirements.txt")) == [
        "scipy is there twice: scipy==1.9 [pip] counts, scipy==1.10 [pip] does not."
    ]


def test_what_stands_behind_an_address_is_kept() -> None:
    text = (
        "a @ https://h.org/a-1.zip?token=0123456789abcdef0123#md5=" + MD5 + "\n"
        "git+https://h.org/b@v1#egg=b[x] ; python_version < '3'\n./c-1.0-py3-none-any.whl[y]\n"
        "d==1 --global-option=--fast\n"
    )
    snapshot = imported(text, "requirements.txt")
    assert snapshot.layers.packages.packages == [
        f"a==1 [pip, https://h.org/a-1.zip#md5={MD5}]",
        "d==1 [pip]",
    ]
    assert snapshot.layers.packages.requested == [
        "b[x] @ git+https://h.org/b@v1 ; python_version < '3'",
        "c[y] @ file://***/c-1.0-py3-none-any.whl",
    ]
    assert notes(snapshot) == [
        "The address https://h.org/a-1.zip is kept without its query, which may be secret.",
        "The option --global-option --fast of d==1 is left out.",
    ]


def test_a_uv_lock() -> None:
    snapshot = imported(UV_LOCK, "uv")
    commit = "0123456789abcdef0123456789abcdef01234567"
    assert snapshot.layers.packages.packages == [
        "mine [pip, editable, file://***/mine]",
        "six==1.17.0 [pip]",
        f"tool [pip, git+https://github.com/o/tool@{commit}]",
    ]
    assert snapshot.imported
    assert snapshot.imported.requires_python == ">=3.11"
    assert notes(snapshot) == ["numpy has several versions (1.26.4, 2.0.0); none was taken."]


def test_what_a_uv_lock_takes_from_other_places() -> None:
    text = (
        'version = 1\n[[package]]\nname = "torch"\nversion = "2.3.1+cpu"\n'
        'source = { registry = "https://u:p@download.pytorch.org/whl/cpu" }\n'
        '[[package]]\nname = "b"\nversion = "2.0"\n'
        'source = { url = "https://example.org/b-2.0.tar.gz" }\n'
        f'sdist = {{ hash = "sha256:{SHA}" }}\n'
        '[[package]]\nname = "project"\nversion = "0.1"\nsource = { virtual = "." }\n'
    )
    snapshot = imported(text, "uv")
    assert snapshot.layers.packages.packages == [
        f"b==2.0 [pip, https://example.org/b-2.0.tar.gz#sha256={SHA}]",
        "torch==2.3.1+cpu [pip]",
    ]
    assert snapshot.imported
    assert snapshot.imported.options == ["--extra-index-url https://download.pytorch.org/whl/cpu"]
    assert notes(snapshot) == ["project: the project itself, or no place to get it from."]


def test_the_places_that_a_script_names() -> None:
    tool = '# find-links = ["https://example.org/x"]\n# index = [{ url = "https://a.org/s" }]\n'
    script = SCRIPT.replace("# exclude-newer", f"{tool}# exclude-newer")
    snapshot = imported(script, "uv")
    assert snapshot.imported
    assert snapshot.imported.options == [
        "--find-links https://example.org/x",
        "--extra-index-url https://a.org/s",
    ]
    assert len(notes(snapshot)) == 1


def test_a_scripts_block() -> None:
    snapshot = imported(SCRIPT, "uv")
    assert snapshot.layers.packages.packages == ["tomli==2.0.1 [pip]"]
    assert snapshot.layers.packages.requested == ["six>=1.15"]
    assert snapshot.imported
    assert snapshot.imported.requires_python == "<3.13,>=3.10"
    assert notes(snapshot) == ["The setting exclude-newer of uv is left out: 2026-11-25T00:00:00Z."]
    assert snapshot.layers.core.status == "ok"
    with pytest.raises(UnreadableError, match="more than one block"):
        imported(SCRIPT * 2, "uv")
    with pytest.raises(UnreadableError, match="is not valid TOML"):
        imported("# /// script\n# a = = 1\n# ///\n", "uv")


def test_a_dump_of_collect_env() -> None:
    layers = imported(COLLECT_ENV, "collect_env").layers
    assert layers.frameworks.frameworks[0].build == {"cuda": "12.1"}
    assert layers.packages.packages == ["numpy==1.26.0 [pip]", "torch==2.1.0+cu121 [pip]"]
    assert layers.conda.packages == {
        "unknown": ["blas-1.0-mkl", "pytorch-2.1.0-py3.10_cuda12.1_cudnn8.9.2_0"]
    }
    assert layers.core.python == "3.10.12"
    assert (layers.system.platform, layers.system.os) == ("linux-64", "Ubuntu 22.04.3 LTS")
    assert (layers.system.libc, layers.system.cpu) == (
        "glibc 2.35",
        "AMD EPYC 7742 64-Core Processor",
    )
    assert [device.name for device in layers.gpu.devices] == ["NVIDIA A100-SXM4-40GB"] * 2
    assert layers.gpu.driver == "535.104.05"


def test_a_watermark() -> None:
    snapshot = imported(WATERMARK, "watermark")
    layers = snapshot.layers
    assert layers.packages.packages == [
        "ipython==8.18.1 [unknown]",
        "numpy==1.26.4 [unknown, guessed]",
        "scikit-learn==1.3.2 [unknown, guessed]",
    ]
    assert (layers.core.python, layers.core.compiler) == ("3.11.7", "GCC 12.2.0")
    assert (layers.system.platform, layers.system.kernel) == ("linux-64", "6.1.0-18")
    assert [device.name for device in layers.gpu.devices] == ["NVIDIA RTX A2000"]
    assert not [word for word in ("Someone", "laptop", "2023") if word in repr(layers)]


def test_an_old_watermark() -> None:
    layers = imported(OLD_WATERMARK, "watermark").layers
    assert layers.core.python == "3.6.5"
    assert layers.system.platform == "linux-64"
    assert layers.packages.packages == [
        "ipython==6.4.0 [unknown]",
        "numpy==1.14.3 [unknown, guessed]",
        "scipy==1.1.0 [unknown, guessed]",
    ]


def test_each_fact_has_its_confidence() -> None:
    assert confidences(imported(REQUIREMENTS, "requirements.txt")) == {
        "packages": {"exact": 1, "version": 4, "constraint": 5}
    }
    assert confidences(imported(WATERMARK, "watermark"))["packages"] == {"version": 1, "guess": 2}
    assert confidences(imported(SCRIPT, "uv"))["core"] == {"constraint": 1}
    assert confidences(imported(EXPLICIT, "explicit"))["conda"] == {"exact": 3}


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("environment.yml", "dependencies:\n- a\n", "environment.yml"),
        ("anything.txt", "dependencies:\n- a\n", "environment.yml"),
        ("my-env.yaml", "", "environment.yml"),
        ("conda-lock.yml", CONDA_LOCK, "conda-lock.yml"),
        ("locked.yaml", CONDA_LOCK, "conda-lock.yml"),
        ("pixi.lock", PIXI_OLD, "pixi.lock"),
        ("spec-file.txt", EXPLICIT, "explicit"),
        ("requirements-dev.txt", "numpy\n", "requirements.txt"),
        ("requirements.in", "numpy\n", "requirements.txt"),
        ("uv.lock", UV_LOCK, "uv"),
        ("script.py", SCRIPT, "uv"),
        ("bug.txt", COLLECT_ENV, "collect_env"),
        ("out.txt", WATERMARK, "watermark"),
        ("out.txt", OLD_WATERMARK, "watermark"),
        ("notes.txt", "numpy\n", None),
    ],
)
def test_a_file_is_recognised(name: str, text: str, found: str | None) -> None:
    one = find_format(Path(name), text)
    assert (one and one.name) == found


def a_notebook(*cells: dict[str, Any], **metadata: Any) -> bytes:
    return json.dumps(make_notebook(*cells, **metadata)).encode()


def from_notebook(raw: bytes, name: str | None = None) -> Snapshot:
    return import_notebook(Path("old.ipynb"), raw, format_name=name)


def test_what_a_notebook_holds_itself() -> None:
    watermark = code_cell("%watermark -v -m -iv", text_output(WATERMARK))
    code = code_cell("import numpy as np, os\nfrom sklearn import svm\n%matplotlib inline")
    snapshot = from_notebook(a_notebook(code_cell(SCRIPT), watermark, code))
    assert snapshot.imported
    assert (snapshot.imported.format, snapshot.imported.file) == ("watermark", "old.ipynb")
    assert notes(snapshot) == [
        "The notebook holds something of uv as well.",
        "watermark gives no version of notthere.",
    ]
    assert snapshot.layers.notebook.used == ["numpy", "scikit-learn", "six"]
    other = from_notebook(a_notebook(code_cell(SCRIPT), watermark), "uv")
    assert other.layers.packages.requested == ["six>=1.15"]
    dump = code_cell("!python -m torch.utils.collect_env", text_output(COLLECT_ENV))
    assert from_notebook(a_notebook(dump, watermark)).layers.core.python == "3.10.12"


def test_what_juv_and_nteract_keep_in_the_metadata() -> None:
    locked = from_notebook(a_notebook(code_cell(SCRIPT), **{"uv.lock": UV_LOCK}))
    assert "six==1.17.0 [pip]" in locked.layers.packages.packages
    table = {"dependencies": ["six>=1", 'evil"\n# ///'], "requires-python": ">=3.9"}
    for metadata in ({"uv": table}, {"runt": {"uv": table}}):
        snapshot = from_notebook(a_notebook(**metadata))
        assert snapshot.layers.packages.requested == ["six>=1"]
        assert snapshot.imported
        assert snapshot.imported.requires_python == ">=3.9"


def test_a_notebook_that_holds_nothing() -> None:
    with pytest.raises(ReproError, match=r"old\.ipynb holds nothing of collect_env or watermark"):
        from_notebook(a_notebook(code_cell("1")))
    with pytest.raises(ReproError, match="holds nothing of watermark: name a file"):
        from_notebook(a_notebook(code_cell(SCRIPT)), "watermark")


def test_files_that_are_no_text_or_too_large(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes("\ufeffnumpy==1.0\r\n".encode("utf-16-le"))  # as PowerShell writes it
    assert import_file(path).layers.packages.packages == ["numpy==1.0 [pip]"]
    path.write_bytes(b"\xff\x00numpy")
    with pytest.raises(UnreadableError, match="is not UTF-8 text"):
        import_file(path)
    path.write_text("x\n" * 100)
    monkeypatch.setattr("jupyter_repro.formats.importers.registry.MAX_BYTES", 100)
    with pytest.raises(UnreadableError, match="is larger than"):
        import_file(path)


def test_a_million_packages_are_refused() -> None:
    text = "\n".join(f"p{number}==1" for number in range(MAX_PACKAGES + 1))
    with pytest.raises(UnreadableError, match="lists more than 50000 packages"):
        imported(text, "requirements.txt")


@given(st.sampled_from(sorted(FORMATS)), st.text(max_size=300), st.data())
def test_any_text_is_read_or_refused(name: str, text: str, data: st.DataObject) -> None:
    whole = {
        "explicit": EXPLICIT,
        "pixi.lock": PIXI_OLD,
        "conda-lock.yml": CONDA_LOCK,
        "environment.yml": "dependencies:\n",
        "requirements.txt": REQUIREMENTS,
        "uv": SCRIPT,
        "watermark": WATERMARK,
        "collect_env": COLLECT_ENV,
    }[name]
    cut = data.draw(st.integers(0, len(whole)))
    with suppress(UnreadableError):
        imported(whole[:cut] + text + whole[cut:], name)
    with suppress(UnreadableError):
        imported(text, name)
