"""The frameworks layer reads files and asks loaded modules; it imports nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.probes import frameworks
from jupyter_repro.capturing.probes.frameworks import FRAMEWORKS, parse_torch_version
from jupyter_repro.model.snapshot import Framework, FrameworksLayer
from jupyter_repro.safety.world import current_world
from tests.fresh_process import run_python
from tests.unit.support.sites import Site, module, world_of

VERSION_PY = """from typing import Optional

__all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip']
__version__ = '2.5.1+cu124'
debug = False
cuda: Optional[str] = '12.4'
git_version = 'a8d6afb511a69687bbb2b7e88a3cf67917e1697e'
hip: Optional[str] = None
xpu = "1.2" + evil()
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def collect(tmp_path: Path, site: Site, *modules: ModuleType) -> list[Framework]:
    world = world_of(tmp_path, site.folder, modules={one.__name__: one for one in modules})
    layer = frameworks.collect(world)
    assert msgspec.convert(msgspec.to_builtins(layer), FrameworksLayer) == layer
    return layer.frameworks


def test_none_is_unavailable(tmp_path: Path) -> None:
    layer = frameworks.collect(world_of(tmp_path))
    assert layer.status == "unavailable"
    assert layer.reason == "no numerical framework is installed"


def test_installed_ones_are_sorted_and_others_left_out(tmp_path: Path, site: Site) -> None:
    for name in ("torch", "numpy", "requests", "cupy-cuda12x", "jax", "jaxlib", "xgboost"):
        site.add(name, "1.0")
    found = collect(tmp_path, site)
    assert [one.name for one in found] == [
        "cupy-cuda12x",
        "jax",
        "jaxlib",
        "numpy",
        "torch",
        "xgboost",
    ]
    assert {one.loaded for one in found} == {None}


def test_of_two_the_one_that_python_imports(tmp_path: Path, site: Site) -> None:
    extra = Site(tmp_path / "extra")
    extra.add("numpy", "2.0")
    site.add("numpy", "1.0")
    layer = frameworks.collect(world_of(tmp_path, extra.folder, site.folder))
    assert layer.frameworks == [Framework(name="numpy", version="2.0")]


def test_build_of_torch_is_read_as_text(tmp_path: Path, site: Site) -> None:
    site.add("torch", "2.5.1+cu124")
    site.add("nvidia-cudnn-cu12", "9.1.0.70")
    site.add("nvidia-cublas-cu12", "12.4.5.8")
    (site.folder / "torch").mkdir()
    (site.folder / "torch" / "version.py").write_text(VERSION_PY)
    (found,) = collect(tmp_path, site)
    assert found == Framework(
        name="torch",
        version="2.5.1+cu124",
        build={
            "debug": False,
            "cuda": "12.4",
            "git_version": "a8d6afb511a69687bbb2b7e88a3cf67917e1697e",
            "hip": None,
            "cudnn_package": "nvidia-cudnn-cu12 9.1.0.70",
            "cublas_package": "nvidia-cublas-cu12 12.4.5.8",
        },
    )


def test_cuda_packages_of_conda(tmp_path: Path, site: Site) -> None:
    site.add("torch", "2.4.1", installer="conda")
    world = world_of(tmp_path, site.folder)
    folder = world.prefix / "conda-meta"
    folder.mkdir()
    for stem in (
        "cudnn-9.3.0.75-h93bb076_0",
        "cuda-cudart-12.6.77-h5888daf_0",
        "cudnn-frontend-1-0",
    ):
        (folder / f"{stem}.json").write_text("")
    (found,) = frameworks.collect(world).frameworks
    assert found.build == {
        "cudnn_package": "cudnn 9.3.0.75",
        "cuda_runtime_package": "cuda-cudart 12.6.77",
    }


def test_an_upgrade_under_a_running_kernel_shows(tmp_path: Path, site: Site) -> None:
    site.add("pandas", "2.2")
    (found,) = collect(tmp_path, site, module("pandas", __version__="2.1"))
    assert (found.version, found.loaded) == ("2.2", "2.1")


def test_a_loaded_one_that_no_installer_knows(tmp_path: Path, site: Site) -> None:
    found = collect(tmp_path, site, module("sklearn", __version__="1.9.dev0"))
    assert found == [Framework(name="scikit-learn", loaded="1.9.dev0")]


def test_versions_of_odd_modules(tmp_path: Path, site: Site) -> None:
    for name in ("jax", "pandas", "scipy", "transformers", "numba", "polars"):
        site.add(name, "1")
    found = collect(
        tmp_path,
        site,
        module("jax"),
        module("pandas", __version__=(1, 2)),
        module("scipy", __version__="1\x1b[31m"),
        module("transformers", _objects={"__version__": "4.5"}),
        module("numba", __version__=type("TorchVersion", (str,), {})("0.6")),
    )
    assert {one.name: one.loaded for one in found} == {
        "jax": None,
        "numba": "0.6",
        "pandas": None,
        "polars": None,
        "scipy": "1 [31m",
        "transformers": "4.5",
    }


def test_a_question_that_fails_says_so(tmp_path: Path, site: Site) -> None:
    def fail() -> int:
        reason = "cuDNN version incompatibility in /home/me"
        raise RuntimeError(reason)

    def never() -> bool:
        pytest.fail("this would start CUDA")

    site.add("torch", "2.5.1")
    torch = module("torch", get_num_threads=lambda: 4, get_num_interop_threads=fail)
    cuda = module("torch.cuda", is_initialized=lambda: False, is_available=never, init=never)
    version = module("torch.version", cuda="12.4", hip=None)
    cudnn = module("torch.backends.cudnn", version=fail)
    cpu = module("torch.backends.cpu", get_cpu_capability=object)
    (found,) = collect(tmp_path, site, torch, cuda, version, cudnn, cpu)
    assert found.runtime == {
        "num_threads": 4,
        "num_interop_threads": "error",
        "cuda": "12.4",
        "cudnn_version": "error",
        "cuda_initialized": False,
    }


def test_a_half_imported_torch_is_asked_nothing(tmp_path: Path, site: Site) -> None:
    site.add("torch", "2.5.1")
    assert collect(tmp_path, site, module("torch"))[0].runtime == {}


def test_the_modules_are_those_of_the_distributions() -> None:
    assert all(name.isidentifier() for name in FRAMEWORKS.values())
    assert list(FRAMEWORKS) == sorted(FRAMEWORKS)


def test_real_numpy() -> None:
    import numpy as np

    found = {one.name: one for one in frameworks.collect(current_world()).frameworks}["numpy"]
    assert found.version == found.loaded == np.__version__
    assert "openblas" in str(found.runtime["blas"]) or found.runtime["blas"]
    assert len(str(found.runtime["simd"])) <= 500


def test_nothing_is_imported() -> None:
    code = (
        "import sys\n"
        "from jupyter_repro.capturing.probes import frameworks\n"
        "from jupyter_repro.safety.world import current_world\n"
        "layer = frameworks.collect(current_world())\n"
        "print(len(layer.frameworks), *{'torch', 'numpy', 'scipy', 'pandas'} & set(sys.modules))\n"
    )
    number, *imported = run_python(code).split()
    assert int(number) > 0
    assert imported == []


@pytest.mark.torch
def test_real_torch_is_read_like_it_answers() -> None:
    code = """
import json
from jupyter_repro.capturing.probes import frameworks
from jupyter_repro.safety.world import current_world

def torch_of():
    found = frameworks.collect(current_world()).frameworks
    return {one.name: one for one in found}["torch"]

before = torch_of()
import torch
torch.set_num_threads(1)
after = torch_of()
told = [torch.version.cuda, torch.version.git_version, torch.__version__]
read = [before.loaded, before.runtime, before.build, after.loaded, after.runtime]
print(json.dumps([*read, *told, torch.cuda.is_initialized()]))
"""
    loaded, runtime, build, now, running, cuda, revision, version, initialized = json.loads(
        run_python(code)
    )
    assert (loaded, runtime) == (None, {})
    assert (build["cuda"], build["git_version"]) == (cuda, revision)
    assert now == version
    assert running["num_threads"] == 1
    assert running["cpu_capability"]
    assert initialized is False


@given(st.text(max_size=200) | st.text(alphabet="cudahip=:'\"\n None[]", max_size=80))
def test_any_text_is_a_version_file(text: str) -> None:
    facts = parse_torch_version(text)
    assert set(facts) <= {"cuda", "hip", "xpu", "debug", "git_version"}


def test_version_file_is_not_evaluated() -> None:
    assert parse_torch_version("cuda = '1' + '2'\nhip: str = 5\nxpu = 'a\\'b'\n") == {}
    assert parse_torch_version('cuda = "12.6"\r\nhip=None\r\n') == {"cuda": "12.6", "hip": None}


def test_an_editable_torch_is_read_in_its_source_folder(tmp_path: Path, site: Site) -> None:
    source = tmp_path / "code"
    (source / "torch").mkdir(parents=True)
    (source / "torch" / "version.py").write_text("cuda = None\n")
    url = f'{{"url": "{source.as_uri()}", "dir_info": {{"editable": true}}}}'
    site.add("torch", "2.6.0a0", direct_url_json=url)
    assert collect(tmp_path, site)[0].build == {"cuda": None}
    world = replace(world_of(tmp_path, site.folder), modules={})
    assert frameworks.collect(world).status == "ok"
