"""The import hook: it fires when it should, and nobody else notices it."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
import pkgutil
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from jupyter_repro.seeding.hooks.imports import ImportHook

NAME = "watched_library"
SOURCE = "value = 1\nloader_inside = __loader__\nspec_loader_inside = __spec__.loader\n"


@pytest.fixture
def hook() -> Iterator[ImportHook]:
    found = ImportHook()
    before = list(sys.meta_path)
    found.install()
    yield found
    found.remove()
    assert sys.meta_path == before


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lay a library on the path, outside the working folder."""
    folder = tmp_path / "libraries"
    folder.mkdir()
    (folder / f"{NAME}.py").write_text(SOURCE)
    yield from _on_path(folder, monkeypatch)


def _on_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(folder)
    importlib.invalidate_caches()
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


def watch(hook: ImportHook, name: str = NAME) -> list[ModuleType]:
    seen: list[ModuleType] = []
    hook.watch(name, f"watching {name}", seen.append)
    return seen


@pytest.mark.usefixtures("library")
def test_the_callback_comes_before_the_importing_code_goes_on(hook: ImportHook) -> None:
    values = []
    hook.watch(NAME, "changing a value", lambda module: setattr(module, "value", 2))
    hook.watch(NAME, "reading it", lambda module: values.append(module.value))
    module = importlib.import_module(NAME)
    assert module.value == 2
    assert values == [2]


@pytest.mark.usefixtures("library")
def test_a_loaded_module_is_called_back_at_once(hook: ImportHook) -> None:
    module = importlib.import_module(NAME)
    assert watch(hook) == [module]


@pytest.mark.usefixtures("library")
def test_reload_and_a_second_import_fire_again(hook: ImportHook) -> None:
    seen = watch(hook)
    module = importlib.import_module(NAME)
    importlib.import_module(NAME)
    assert seen == [module]
    importlib.reload(module)
    assert seen == [module, module]
    del sys.modules[NAME]
    again = importlib.import_module(NAME)
    assert seen == [module, module, again]
    assert again is not module


def test_a_submodule_fires_before_its_package_knows_it(hook: ImportHook, library: Path) -> None:
    (library / f"{NAME}.py").unlink()
    (library / NAME).mkdir()
    (library / NAME / "__init__.py").write_text("")
    (library / NAME / "part.py").write_text("value = 5")
    importlib.invalidate_caches()
    known = []
    hook.watch(
        f"{NAME}.part",
        "looking at the package",
        lambda module: known.append((module.value, hasattr(sys.modules[NAME], "part"))),
    )
    importlib.import_module(NAME)
    assert known == []
    importlib.import_module(f"{NAME}.part")
    assert known == [(5, False)]


@pytest.mark.usefixtures("library")
def test_the_module_has_its_own_loader(hook: ImportHook) -> None:
    watch(hook)
    module = importlib.import_module(NAME)
    assert module.__spec__ is not None
    for loader in (
        module.__loader__,
        module.__spec__.loader,
        module.loader_inside,
        module.spec_loader_inside,
    ):
        assert type(loader) is SourceFileLoader
    assert inspect.getsource(module) == SOURCE
    assert pkgutil.get_data(NAME, f"{NAME}.py") == SOURCE.encode()


@pytest.mark.usefixtures("library")
def test_a_spec_that_was_only_looked_up_behaves_as_ever(hook: ImportHook) -> None:
    watch(hook)
    spec = importlib.util.find_spec(NAME)
    assert spec is not None
    loader = spec.loader
    assert isinstance(loader, SourceFileLoader)
    assert loader.get_source(NAME) == SOURCE
    assert loader.is_package(NAME) is False
    assert type(pickle.loads(pickle.dumps(loader))) is SourceFileLoader
    plain = SourceFileLoader(NAME, loader.path)
    assert loader == plain
    assert hash(loader) == hash(plain)
    assert repr(loader).startswith("<_frozen_importlib_external.SourceFileLoader")
    assert NAME not in sys.modules


@pytest.mark.usefixtures("library")
def test_a_private_copy_of_a_loaded_module_does_not_fire(hook: ImportHook) -> None:
    module = importlib.import_module(NAME)
    seen = watch(hook)
    spec = hook.find_spec(NAME)
    assert spec is not None
    assert spec.loader is not None
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    assert seen == [module]


@pytest.mark.usefixtures("library")
def test_a_lazy_module_is_not_loaded_by_us_and_fires_when_it_is_used(hook: ImportHook) -> None:
    spec = importlib.util.find_spec(NAME)
    assert spec is not None
    assert spec.loader is not None
    before_watch = importlib.util.LazyLoader(spec.loader)
    spec.loader = before_watch
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    before_watch.exec_module(module)
    seen = watch(hook)
    hook.poll()
    assert seen == []
    assert module.value == 1
    hook.poll()
    assert seen == [module]


@pytest.mark.usefixtures("library")
def test_a_lazy_module_made_after_the_watch_fires_at_its_first_use(hook: ImportHook) -> None:
    seen = watch(hook)
    spec = importlib.util.find_spec(NAME)
    assert spec is not None
    assert spec.loader is not None
    spec.loader = lazy = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    lazy.exec_module(module)
    assert seen == []
    assert module.value == 1
    assert seen == [module]


@pytest.mark.usefixtures("library")
def test_an_error_of_ours_does_not_reach_the_import(hook: ImportHook) -> None:
    def fail(_module: ModuleType) -> None:
        reason = "no such thing"
        raise ValueError(reason)

    hook.watch(NAME, "failing", fail)
    seen = watch(hook)
    module = importlib.import_module(NAME)
    assert seen == [module]
    assert hook.failures == {"failing": "ValueError: no such thing"}


def test_an_error_of_the_module_stays_its_own(hook: ImportHook, library: Path) -> None:
    (library / f"{NAME}.py").write_text("raise LookupError('of the library')")
    seen = watch(hook)
    with pytest.raises(LookupError, match="of the library"):
        importlib.import_module(NAME)
    assert seen == []
    assert NAME not in sys.modules


@pytest.mark.usefixtures("library")
def test_a_finder_that_blocks_the_import_is_heard(hook: ImportHook) -> None:
    class Blocker:
        def find_spec(self, name: str, *_: object) -> None:
            if name == NAME:
                reason = "blocked"
                raise ImportError(reason)

    watch(hook)
    blocker = Blocker()
    sys.meta_path.insert(1, blocker)
    try:
        with pytest.raises(ImportError, match="blocked"):
            importlib.import_module(NAME)
    finally:
        sys.meta_path.remove(blocker)


@pytest.mark.usefixtures("library")
def test_a_finder_that_asks_all_finders_again_fires_once(hook: ImportHook) -> None:
    class Asking:
        busy = False

        def find_spec(self, name: str, *_: object) -> object:
            if name != NAME or self.busy:
                return None
            self.busy = True
            try:
                return importlib.util.find_spec(name)
            finally:
                self.busy = False

    seen = watch(hook)
    asking = Asking()
    for position in (0, 2):  # before us, and behind us
        sys.meta_path.insert(position, asking)  # type: ignore[arg-type]
        module = importlib.import_module(NAME)
        assert seen == [module]
        assert type(module.__loader__) is SourceFileLoader
        sys.meta_path.remove(asking)  # type: ignore[arg-type]
        del sys.modules[NAME]
        seen.clear()


@pytest.mark.usefixtures("library")
def test_poll_finds_what_came_in_past_the_hook(hook: ImportHook) -> None:
    seen = watch(hook)
    hook.remove()
    module = importlib.import_module(NAME)
    assert seen == []
    hook.install()
    hook.poll()
    assert seen == []  # a removed hook has forgotten its callbacks
    seen = watch(hook)
    assert seen == [module]
    hook.poll()
    assert seen == [module]


@pytest.mark.usefixtures("library")
def test_poll_catches_an_import_that_another_finder_served(hook: ImportHook) -> None:
    class InFront:
        def find_spec(self, name: str, *_: object) -> object:
            if name != NAME:
                return None
            return importlib.machinery.PathFinder.find_spec(name)

    seen = watch(hook)
    in_front = InFront()
    sys.meta_path.insert(0, in_front)  # type: ignore[arg-type]
    try:
        module = importlib.import_module(NAME)
    finally:
        sys.meta_path.remove(in_front)  # type: ignore[arg-type]
    assert seen == []
    hook.poll()
    hook.poll()
    assert seen == [module]


def test_a_half_imported_module_waits_for_the_poll(hook: ImportHook, library: Path) -> None:
    gate = threading.Event()
    reached = threading.Event()
    (library / f"{NAME}.py").write_text(
        "import sys\nreached, gate = sys.watched_gate\nreached.set()\ngate.wait()\nvalue = 1\n"
    )
    importlib.invalidate_caches()
    sys.watched_gate = (reached, gate)  # type: ignore[attr-defined]
    thread = threading.Thread(target=importlib.import_module, args=(NAME,))
    try:
        thread.start()
        assert reached.wait(60)
        seen = watch(hook)  # the other thread's import found its loader before this
        hook.poll()
        assert seen == []
    finally:
        gate.set()
        thread.join()
        del sys.watched_gate  # type: ignore[attr-defined]
    hook.poll()
    hook.poll()
    assert [module.value for module in seen] == [1]


def test_imports_in_threads_fire_once_each_in_the_importing_thread(
    hook: ImportHook, library: Path
) -> None:
    names = [f"{NAME}_{number}" for number in range(40)]
    for name in names:
        (library / f"{name}.py").write_text("value = 1")
    importlib.invalidate_caches()
    fired: list[tuple[str, int]] = []
    for name in names:
        hook.watch(
            name, name, lambda module: fired.append((module.__name__, threading.get_ident()))
        )
    start = threading.Barrier(4)

    def import_all(own: list[str]) -> None:
        start.wait()
        for name in own:
            importlib.util.find_spec(name)
            importlib.import_module(name)

    threads = [threading.Thread(target=import_all, args=(names,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    for name in names:
        del sys.modules[name]
    assert sorted(name for name, _ in fired) == sorted(names)
    assert {ident for _, ident in fired} <= {thread.ident for thread in threads}


@pytest.mark.parametrize("package", [False, True])
def test_a_file_of_the_user_is_not_touched(
    hook: ImportHook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, package: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / NAME / "__init__.py" if package else tmp_path / f"{NAME}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text("value = 'mine'")
    for _ in _on_path(tmp_path, monkeypatch):
        seen = watch(hook)
        module = importlib.import_module(NAME)
        hook.poll()
        importlib.reload(module)
        hook.poll()
        assert seen == []
        assert hook._waiting == {NAME: module}  # looked at once, not at each poll
        assert list(hook.shadowed()) == [(NAME, file.name)]
        assert vars(module)["value"] == "mine"


def test_a_folder_without_init_is_not_the_library(
    hook: ImportHook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / NAME).mkdir()
    for _ in _on_path(tmp_path, monkeypatch):
        seen = watch(hook)
        importlib.import_module(NAME)
        hook.poll()
        assert seen == []


def test_the_notebooks_folder_counts_as_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: Path
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(library / "work.ipynb"))
    hook = ImportHook()
    hook.install()
    seen = watch(hook)
    importlib.import_module(NAME)
    hook.remove()
    assert seen == []


def test_an_environment_below_the_working_folder_is_not_the_users_own(
    hook: ImportHook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_packages = tmp_path / ".venv" / "lib" / "site-packages"
    site_packages.mkdir(parents=True)
    (site_packages / f"{NAME}.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    for _ in _on_path(site_packages, monkeypatch):
        seen = watch(hook)
        module = importlib.import_module(NAME)
        assert seen == [module]


def test_a_module_watched_anywhere_may_lie_in_the_working_folder(
    hook: ImportHook, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(library)
    seen: list[ModuleType] = []
    hook.watch(NAME, "watching", seen.append, anywhere=True)
    assert seen == []
    assert [importlib.import_module(NAME)] == seen


@pytest.mark.usefixtures("library")
def test_a_removed_hook_does_not_fire_for_an_import_under_way(hook: ImportHook) -> None:
    seen = watch(hook)
    spec = hook.find_spec(NAME)
    hook.remove()
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)
    assert seen == []
    assert type(module.__loader__) is SourceFileLoader


def test_built_in_modules_are_libraries(hook: ImportHook) -> None:
    assert watch(hook, "math") == [sys.modules["math"]]


def test_unwatched_names_are_not_answered(hook: ImportHook) -> None:
    watch(hook)
    assert hook.find_spec("json.tool") is None
