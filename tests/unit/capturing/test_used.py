"""What the notebook imported, told apart from what the kernel needs for itself."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from jupyter_repro.capturing.sources.python.distributions import scan
from jupyter_repro.capturing.sources.python.used import (
    collect_used,
    namespace_of,
    used_distributions,
)
from tests.fresh_process import run_python
from tests.unit.support.sites import Site, module, world_of


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def used(tmp_path: Path, site: Site, *modules: ModuleType) -> list[str]:
    world = world_of(tmp_path, site.folder, modules={one.__name__: one for one in modules})
    return collect_used(world)


def test_by_name_by_top_level_and_by_record(tmp_path: Path, site: Site) -> None:
    folder = site.folder
    site.add("numpy", "1")
    site.add("PyYAML", "1", top_level_txt="_yaml\nyaml\n")
    site.add(
        "scikit-learn", "1", RECORD="scikit_learn-1.dist-info/METADATA,,\nsklearn/__init__.py,,\n"
    )
    site.add("six", "1", RECORD="six-1.dist-info/METADATA,,\nsix.py,sha256=x,3\n")
    site.add("compiled", "1", RECORD="fast.cpython-311-x86_64-linux-gnu.so,,\n")
    site.add("idle", "1", top_level_txt="idle\n")
    found = used(
        tmp_path,
        site,
        module("numpy", folder / "numpy" / "__init__.py"),
        module("yaml", folder / "yaml" / "__init__.py"),
        module("sklearn", folder / "sklearn" / "__init__.py"),
        module("six", folder / "six.py"),
        module("fast", folder / "fast.cpython-311-x86_64-linux-gnu.so"),
        module("unknown", folder / "unknown.py"),
        module("json", "/usr/lib/python3.11/json/__init__.py"),
        module("built_in"),
    )
    assert found == ["compiled", "numpy", "pyyaml", "scikit-learn", "six"]


def test_a_file_of_the_user_is_no_distribution(tmp_path: Path, site: Site) -> None:
    site.add("utils", "1")
    site.add("plot", "1", top_level_txt="plots\n")
    mine = tmp_path / "work"
    assert (
        used(tmp_path, site, module("utils", mine / "utils.py"), module("plots", mine / "p.py"))
        == []
    )


def test_namespace_packages_are_told_apart_by_their_files(tmp_path: Path, site: Site) -> None:
    folder = site.folder
    site.add("protobuf", "1", RECORD="google/protobuf/__init__.py,,\ngoogle/_upb/x.so,,\n")
    site.add("google-auth", "1", RECORD="google/auth/__init__.py,,\n")
    google = module("google", __path__=[str(folder / "google")])
    inner = module("google.protobuf", folder / "google" / "protobuf" / "__init__.py")
    deep = module("google.protobuf.message", folder / "google" / "protobuf" / "message.py")
    assert used(tmp_path, site, google, inner, deep) == ["protobuf"]
    assert used(tmp_path, site, google) == []


def test_an_editable_distribution_is_known_by_its_folder(tmp_path: Path, site: Site) -> None:
    source = tmp_path / "code"
    url = f'{{"url": "{source.as_uri()}", "dir_info": {{"editable": true}}}}'
    site.add("my-project", "1", direct_url_json=url)
    assert used(tmp_path, site, module("mine", source / "src" / "mine.py")) == ["my-project"]


def test_an_environment_inside_of_a_source_folder(tmp_path: Path) -> None:
    source = tmp_path / "code"
    site = Site(source / ".venv" / "lib" / "site-packages")
    url = f'{{"url": "{source.as_uri()}", "dir_info": {{"editable": true}}}}'
    site.add("my-project", "1", direct_url_json=url)
    site.add("PyYAML", "1", top_level_txt="yaml\n")
    yaml = module("yaml", site.folder / "yaml" / "__init__.py")
    assert used(tmp_path, site, yaml) == ["pyyaml"]
    assert used(tmp_path, site, yaml, module("mine", source / "mine.py")) == [
        "my-project",
        "pyyaml",
    ]


def test_machinery_counts_only_where_the_notebook_asked_for_it(tmp_path: Path, site: Site) -> None:
    folder = site.folder
    metadata = (
        "Name: ipykernel\nVersion: 1\n"
        "Requires-Dist: psutil>=5\nRequires-Dist: numpy; extra == 'x'\n\n"
    )
    site.add("ipykernel", "1", METADATA=metadata)
    site.add("psutil", "1", METADATA="Name: psutil\nVersion: 1\nRequires-Dist: deep\n\n")
    for name in ("deep", "numpy", "requests"):
        site.add(name, "1")
    loaded = {
        name: module(name, folder / name / "__init__.py")
        for name in ("ipykernel", "psutil", "deep", "numpy", "requests")
    }
    assert used(tmp_path, site, *loaded.values()) == ["numpy", "requests"]
    main = module("__main__", psutil=loaded["psutil"], _hidden=loaded["deep"])
    assert used(tmp_path, site, *loaded.values(), main) == ["numpy", "psutil", "requests"]

    def helper() -> None: ...

    helper.__module__ = "deep.inner"
    main = module("__main__", helper=helper, kernel=loaded["ipykernel"])
    assert used(tmp_path, site, *loaded.values(), main) == ["deep", "numpy", "requests"]


def test_a_lazy_module_stays_lazy(tmp_path: Path, site: Site) -> None:
    folder = site.folder / "lazy"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('was loaded')\n")
    site.add("lazy", "1")
    spec = importlib.util.spec_from_file_location("lazy", folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    lazy = importlib.util.module_from_spec(spec)
    # LazyLoader wants it there
    sys.modules["lazy"] = lazy
    try:
        spec.loader.exec_module(lazy)
        modules = {"lazy": lazy, "__main__": module("__main__", lazy=lazy)}
        assert collect_used(world_of(tmp_path, site.folder, modules=modules)) == ["lazy"]
        with pytest.raises(RuntimeError, match="was loaded"):
            lazy.anything  # noqa: B018 - the access is what loads it
    finally:
        sys.modules.pop("lazy", None)


@pytest.mark.parametrize("thing", [None, 3, object(), type("Slots", (), {"__slots__": ()})()])
def test_anything_can_stand_in_sys_modules(thing: object, tmp_path: Path, site: Site) -> None:
    site.add("odd", "1")
    assert namespace_of(thing) == {}
    world = world_of(tmp_path, site.folder)
    assert used_distributions({"odd": thing, "__main__": thing}, scan(world)) == []  # type: ignore[dict-item] # that is the point


def test_a_real_process() -> None:
    code = (
        "import yaml, sortedcontainers, IPython, numpy\n"
        "from jupyter_repro.capturing.probes import libraries\n"
        "from jupyter_repro.capturing.sources.python.used import collect_used\n"
        "from jupyter_repro.safety.world import current_world\n"
        "libraries.collect(current_world())\n"
        "before = collect_used(current_world())\n"
        "import psutil\n"
        "print(*before, '|', *collect_used(current_world()))\n"
    )
    before, after = (text.split() for text in run_python(code).split("|"))
    assert {"pyyaml", "sortedcontainers"} <= set(before)
    assert not {"ipython", "traitlets", "jedi", "prompt-toolkit", "pygments", "psutil"} & set(
        before
    )
    # A probe of ours loads it
    assert "threadpoolctl" not in before
    assert "psutil" in after
