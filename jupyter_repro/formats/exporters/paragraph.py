"""Write the paragraph on the computational environment for the methods section of a paper."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.formats.exporters.request import Exported, Request
from jupyter_repro.formats.exporters.text import counted
from jupyter_repro.formats.importers.text import describe_source
from jupyter_repro.model.snapshot import Layers
from jupyter_repro.packages.lines import parse_conda, parse_distribution
from jupyter_repro.packages.match_spec import parse_match_spec
from jupyter_repro.safety.text import printable

_NAMES = {"numpy": "NumPy", "torch": "PyTorch", "scipy": "SciPy", "scikit-learn": "scikit-learn"}
_MOST = 12
"""Maximum number of packages in the paragraph; the record has all."""


def export(request: Request) -> Exported:
    """Return one paragraph of plain text."""
    return Exported(
        {"environment-paragraph.txt": printable(" ".join(_sentences(request)), 10_000) + "\n"}
    )


def _sentences(request: Request) -> Iterator[str]:
    snapshot = request.snapshot
    layers = snapshot.layers
    system = layers.system
    if snapshot.imported is None or system.os:  # a list of packages tells nothing about a run
        python = " ".join(filter(None, (layers.core.implementation, layers.core.python)))
        machine = ", ".join(filter(None, (system.cpu, system.platform)))
        where = f"{system.os or 'an unknown system'}{f' ({machine})' if machine else ''}"
        yield f"Computations were run with {python or 'Python'} on {where}{_gpu(layers)}."
    packages = used_versions(layers)
    if packages:
        named = [f"{_NAMES.get(name, name)} {version}" for name, version in packages[:_MOST]]
        more = len(packages) - len(named)
        yield f"The code used {', '.join(named)}{f' and {more} more' if more else ''}."
    yield from _seeds(layers)
    how = "recorded"
    if snapshot.imported is not None:
        how = f"imported from {describe_source(snapshot)}"
    yield (
        f"The environment of {_packages(request)} was {how} with jupyter_repro {snapshot.tool} "
        f"on {snapshot.created[:10]}; its digest (SHA-256) is {snapshot.digest}."
    )


def _packages(request: Request) -> str:
    """Return the number of packages; an imported file may only request them."""
    layers = request.snapshot.layers
    conda = {pin.name for pin in request.pins.conda}
    python = len(layers.packages.packages)
    if request.snapshot.imported is not None:
        specs = filter(None, map(parse_match_spec, layers.conda.requested))
        conda |= {spec.name for spec in specs}
        python += len(layers.packages.requested)
    held = [counted(len(conda), "conda package")] if conda else []
    if python or not conda:
        held.append(counted(python, "Python package"))
    return " and ".join(held)


def used_versions(layers: Layers) -> list[tuple[str, str]]:
    """Return the names and versions of the imported packages, frameworks first."""
    lines = (parse_distribution(line) for line in layers.packages.packages)
    versions = {
        parse_conda(group, line).key: parse_conda(group, line).version
        for group, group_lines in layers.conda.packages.items()
        for line in group_lines
    } | {one.key: one.version for one in lines if "shadowed" not in one.flags}
    first = [one.name for one in layers.frameworks.frameworks]
    used = sorted(layers.notebook.used, key=lambda name: (name not in first, name))
    return [(name, versions[name]) for name in used if versions.get(name)]


def _gpu(layers: Layers) -> str:
    gpu = layers.gpu
    if not gpu.devices:
        return ""
    names = [device.name for device in gpu.devices]
    told = ", ".join(
        f"{names.count(name)} {name}" if names.count(name) > 1 else name
        for name in dict.fromkeys(names)
    )
    driver = f", driver {gpu.driver}" if gpu.driver else ""
    cuda = f", CUDA {gpu.cuda_driver}" if gpu.cuda_driver else ""
    return f" with {told}{driver}{cuda}"


def _seeds(layers: Layers) -> Iterator[str]:
    state = layers.determinism
    if state.seed is None:
        return
    strict = {
        "strict": ", with deterministic algorithms alone",
        "warn": ", with deterministic algorithms where there are some",
        "cudnn": ", with cuDNN deterministic",
    }
    how = strict.get(state.determinism or "", "") if state.torch else ""
    yield f"All random generators were seeded with {state.seed}{how}."
