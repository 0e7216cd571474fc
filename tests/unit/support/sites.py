"""Site-packages folders on disk, as pip, conda, uv and setuptools leave them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from jupyter_repro.safety.world import World


class Site:
    """A folder on ``sys.path`` that distributions are put into."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def add(
        self,
        name: str,
        version: str,
        *,
        installer: str | None = "pip\n",
        folder: str | None = None,
        **files: str,
    ) -> Path:
        """Add a dist-info; further files are given by keyword, with ``_`` for the dot."""
        info = self.folder / (folder or f"{name.replace('-', '_')}-{version}.dist-info")
        info.mkdir(parents=True)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nText\n"
        texts = {"METADATA": metadata}
        if installer is not None:
            texts["INSTALLER"] = installer
        for key, text in files.items():
            texts[key.replace("_json", ".json").replace("_txt", ".txt")] = text
        for file, text in texts.items():
            (info / file).write_text(text, encoding="utf-8")
        return info


def world_of(
    folder: Path,
    *sys_path: Path | str,
    environ: Mapping[str, str] | None = None,
    modules: Mapping[str, ModuleType] | None = None,
) -> World:
    """Return the world of a process in ``folder / "prefix"`` with this ``sys.path``."""
    for name in ("work", "home", "prefix", "base"):
        (folder / name).mkdir(exist_ok=True)
    return World(
        prefix=folder / "prefix",
        base_prefix=folder / "base",
        root=folder / "root",
        home=folder / "home",
        cwd=folder / "work",
        environ=environ or {},
        sys_path=tuple(str(entry) for entry in sys_path),
        modules=modules or {},
    )


def module(name: str, file: Path | str | None = None, **values: object) -> ModuleType:
    """Return a loaded module."""
    made = ModuleType(name)
    if file is not None:
        made.__file__ = str(file)
    vars(made).update(values)
    return made
