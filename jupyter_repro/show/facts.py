"""A summary of each layer: its two or three most important facts.

The text, the card and the panel all show these, so that they agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_repro.comparing.environments.stack import count_equal, gpu_text
from jupyter_repro.model.snapshot import (
    LAYER_TITLES,
    CondaLayer,
    CoreLayer,
    DeterminismLayer,
    FrameworksLayer,
    GpuLayer,
    ImportedFrom,
    Layer,
    Layers,
    LibrariesLayer,
    NotebookLayer,
    PackagesLayer,
    SystemLayer,
)
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count

_SHOWN = 3
_PYTHON = re.compile(r"(?:[^\s:]+::)?python(?![A-Za-z0-9_.-])")
_LONGEST = 120
_DEEP = frozenset(("torch", "tensorflow", "jax"))
# Imports that show what a notebook does
_TELLING = _DEEP | {"numpy", "pandas", "polars", "scikit-learn", "scipy", "transformers", "xgboost"}


def leading_facts(layers: Layers, imported: ImportedFrom | None = None) -> dict[str, list[str]]:
    """Return a few short texts per layer, the most important first.

    Parameters
    ----------
    layers
        Of a snapshot. A layer that is not ``ok`` gets one text: its status and reason.
    imported
        Of the snapshot, if it was imported from a file.

    Returns
    -------
    dict
        Name of the layer → texts without control characters, each at most 120 characters.
    """
    facts = {name: _facts(name, getattr(layers, name)) for name in LAYER_TITLES}
    return facts if imported is None else facts | _imported(layers, imported)


def _facts(name: str, layer: Any) -> list[str]:  # noqa: ANN401 - each layer has its own type
    if layer.status != "ok":
        words = "none" if layer.status == "unavailable" else "could not be read"
        return [printable(f"{words}: {layer.reason or 'no reason given'}")]
    return [printable(fact, _LONGEST) for fact in _FACTS.get(name, _plain)(layer)]


def _imported(layers: Layers, imported: ImportedFrom) -> dict[str, list[str]]:
    """Return facts of the layers that an imported file lacks, or only requests."""
    facts = {
        name: [printable(f"not in the file: {layer.reason or 'no reason given'}")]
        for name in LAYER_TITLES
        if (layer := getattr(layers, name)).status == "unavailable"
    }
    asking: tuple[tuple[str, CondaLayer | PackagesLayer], ...] = (
        ("conda", layers.conda),
        ("packages", layers.packages),
    )
    for name, layer in asking:
        if layer.requested:
            asked = printable(f"requests {_some(layer.requested)}", _LONGEST)
            number, *others = _facts(name, layer)
            facts[name] = [asked, *([number] if layer.packages else []), *others]
    if layers.core.status == "ok" and layers.core.python is None:
        specs = [spec for spec in layers.conda.requested if _PYTHON.match(spec)]
        if imported.requires_python:
            specs.append(f"Python {imported.requires_python}")
        facts["core"] = [printable(f"requests {_some(specs)}", _LONGEST)] if specs else []
    return facts


def _notebook(layer: NotebookLayer) -> Iterator[str]:
    if layer.kernel_name:
        yield f"kernel {layer.kernel_name}"
    if layer.git:
        dirty = ", with uncommitted changes" if layer.git.dirty else ""
        yield f"git {layer.git.commit[:12]}{dirty}"
    if layer.used:
        first = sorted(layer.used, key=lambda name: (name not in _TELLING, name))
        yield f"imports {_some(first)}"


def _frameworks(layer: FrameworksLayer) -> Iterator[str]:
    first = sorted(
        layer.frameworks,
        key=lambda framework: (framework.name not in _DEEP, framework.loaded is None),
    )
    for framework in first[:_SHOWN]:
        toolkit = next((name for name in ("cuda", "hip") if framework.build.get(name)), None)
        build = f" ({toolkit} {framework.build[toolkit]})" if toolkit else ""
        loaded = framework.loaded
        stale = f", loaded {loaded}" if loaded and not _same(loaded, framework.version) else ""
        yield f"{framework.name} {framework.version or 'of unknown version'}{build}{stale}"
    if len(first) > _SHOWN:
        yield f"{len(first) - _SHOWN} more"
    if not first:
        yield "none installed"


def _same(loaded: str, version: str | None) -> bool:
    return version is None or loaded.partition("+")[0] == version.partition("+")[0]


def _packages(layer: PackagesLayer) -> Iterator[str]:
    yield count(len(layer.packages), "distribution")
    sources = sum("://" in line or ", editable" in line for line in layer.packages)
    if sources:
        yield f"{sources} from source or an address"
    if layer.python_path:
        yield "PYTHONPATH is set"
    if layer.user_site:
        yield "user site is on the path"
    if layer.reason:
        yield layer.reason


def _conda(layer: CondaLayer) -> Iterator[str]:
    yield count(sum(map(len, layer.packages.values())), "package")
    if layer.name:
        yield f"environment {layer.name}"
    if layer.channels:
        yield f"channels {_some(layer.channels)}"


def _core(layer: CoreLayer) -> Iterator[str]:
    threaded = ", free-threaded" if layer.free_threaded else ""
    yield f"{layer.implementation or 'Python'} {layer.python or 'of unknown version'}{threaded}"
    if layer.environment:
        yield f"{layer.environment} environment"
    if layer.manager:
        yield f"made by {layer.manager} {layer.manager_version or ''}".rstrip()


def _system(layer: SystemLayer) -> Iterator[str]:
    yield ", ".join(filter(None, (layer.os, layer.platform))) or "of unknown kind"
    if layer.cpu or layer.cores:
        cores = count(layer.cores, "core") if layer.cores else None
        yield ", ".join(filter(None, (layer.cpu, cores)))
    if layer.libc:
        yield layer.libc
    if layer.container:
        yield f"in {layer.container}"


def _gpu(layer: GpuLayer) -> Iterator[str]:
    yield count_equal([gpu_text(device) for device in layer.devices]) or "no device"
    if layer.driver:
        yield f"driver {layer.driver}"
    if layer.cuda_driver:
        yield f"CUDA up to {layer.cuda_driver}"


def _libraries(layer: LibrariesLayer) -> Iterator[str]:
    for library in layer.loaded[:_SHOWN]:
        threads = f", {count(library.threads, 'thread')}" if library.threads else ""
        yield f"{library.name} {library.version or ''}".rstrip() + threads
    if layer.variables:
        yield _some([f"{name}={value}" for name, value in sorted(layer.variables.items())])
    if not layer.loaded:
        yield layer.reason or "none loaded"


def _determinism(layer: DeterminismLayer) -> Iterator[str]:
    if layer.seed is None:
        yield "nothing is seeded"
    else:
        rank = "" if layer.rank is None else f" of rank {layer.rank}"
        yield f"seed {layer.seed}{rank}, determinism {layer.determinism or 'off'}"
    if layer.seeded or layer.waiting:
        waiting = [f"{name} when imported" for name in layer.waiting]
        yield f"seeds {_some([*layer.seeded, *waiting])}"
    if layer.hash_randomization is not None:
        yield f"order of string sets {'random' if layer.hash_randomization else 'fixed'}"


def _plain(layer: Layer) -> Iterator[str]:
    for name in layer.__struct_fields__:
        value = getattr(layer, name)
        if name not in ("status", "reason") and value not in (None, [], {}):
            yield f"{name.replace('_', ' ')} {value}"


# A layer that is not named here is shown by its first fields
_FACTS: dict[str, Callable[[Any], Iterator[str]]] = {
    "notebook": _notebook,
    "frameworks": _frameworks,
    "packages": _packages,
    "conda": _conda,
    "core": _core,
    "system": _system,
    "gpu": _gpu,
    "libraries": _libraries,
    "determinism": _determinism,
}


def _some(texts: list[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more
