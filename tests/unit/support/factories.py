"""Small snapshots for tests: one healthy stack, of which a test changes what it is about."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import RESEARCH
from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.report import Report
from jupyter_repro.model.snapshot import (
    SCHEMA_VERSION,
    CondaLayer,
    CoreLayer,
    DeterminismLayer,
    Framework,
    FrameworksLayer,
    GpuDevice,
    GpuLayer,
    Layers,
    LibrariesLayer,
    Library,
    NotebookLayer,
    PackagesLayer,
    Snapshot,
    SystemLayer,
    ThirdPartyLayer,
)

FORGE = "https://conda.anaconda.org/conda-forge/linux-64"
NOARCH = "https://conda.anaconda.org/conda-forge/noarch"

CONDA = {
    FORGE: [
        "libblas-3.9.0-20_linux64_openblas.conda#" + "b" * 64,
        "numpy-1.26.4-py311h64a7726_0.conda#" + "1" * 64,
        "python-3.11.7-hab00c5b_1_cpython.conda#" + "2" * 64,
        "zlib-1.3.1-h4ab18f5_1.conda#" + "3" * 64,
    ],
    NOARCH: ["tqdm-4.66.1-pyhd8ed1ab_0.conda#" + "4" * 64],
}
PACKAGES = [
    "numpy==1.26.4 [conda]",
    "rich==13.7.0 [pip]",
    "torch==2.3.1+cu121 [pip]",
    "tqdm==4.66.1 [conda]",
]
USED = ["numpy", "torch"]
H200 = GpuDevice(
    name="NVIDIA H200", compute_capability="9.0", memory_mib=143771, sm_count=132, ecc=True
)

A100 = msgspec.structs.replace(H200, name="NVIDIA A100", compute_capability="8.0", sm_count=108)
NO_GPU: dict[str, Any] = {
    "status": "unavailable",
    "reason": "no GPU driver found",
    "vendor": None,
    "driver": None,
    "cuda_driver": None,
    "devices": [],
}


def make_layers(**fields: dict[str, Any]) -> Layers:
    """Return a healthy stack; ``make_layers(gpu={"driver": "560.1"})`` changes single fields."""
    layers = Layers(
        notebook=NotebookLayer(
            status="ok", kernel_name="python3", language="python 3.11", used=USED
        ),
        frameworks=FrameworksLayer(
            status="ok",
            frameworks=[Framework(name="torch", version="2.3.1+cu121", build={"cuda": "12.1"})],
        ),
        packages=PackagesLayer(status="ok", packages=PACKAGES),
        conda=CondaLayer(status="ok", name="lab", packages=CONDA, channels=["conda-forge"]),
        core=CoreLayer(
            status="ok",
            python="3.11.7",
            implementation="CPython",
            environment="conda",
            manager="conda",
        ),
        system=SystemLayer(
            status="ok",
            platform="linux-64",
            os="Ubuntu 22.04.4 LTS",
            kernel="5.15.0-105",
            libc="glibc 2.35",
            machine="x86_64",
            cpu="AMD EPYC 9554",
            cpu_features=["avx2", "avx512f", "fma"],
            cores=16,
        ),
        gpu=GpuLayer(
            status="ok",
            vendor="nvidia",
            driver="550.54.15",
            cuda_driver="12.4",
            devices=[H200],
        ),
        libraries=LibrariesLayer(
            status="ok",
            loaded=[Library(name="openblas", version="0.3.27", threads=16, architecture="Zen")],
        ),
        determinism=DeterminismLayer(
            status="ok",
            seed="42",
            determinism="warn",
            seeded=["numpy", "python", "torch"],
            hash_randomization=True,
            torch={"cudnn.allow_tf32": True, "deterministic_algorithms": True},
        ),
    )
    for name, changed in fields.items():
        layer = msgspec.structs.replace(getattr(layers, name), **changed)
        layers = msgspec.structs.replace(layers, **{name: layer})
    return layers


def make_snapshot(
    layers: Layers | None = None, third_party: dict[str, ThirdPartyLayer] | None = None
) -> Snapshot:
    """Return a snapshot of the layers, by default of a healthy stack."""
    layers, third_party = layers or make_layers(), third_party or {}
    return Snapshot(
        schema_version=SCHEMA_VERSION,
        created="2026-11-01T12:00:00Z",
        tool="0.1.0",
        digest=digest_of(layers, third_party),
        layers=layers,
        third_party=third_party,
    )


def snapshot_with(**fields: dict[str, Any]) -> Snapshot:
    """Return a snapshot of a healthy stack with single fields changed."""
    return make_snapshot(make_layers(**fields))


def replaced(lines: list[str], **by_start: str | None) -> list[str]:
    """Return the lines with those of a name replaced, or left out for None."""
    found = []
    for line in lines:
        name = next((name for name in by_start if line.startswith((f"{name}-", f"{name}="))), None)
        new = line if name is None else by_start[name]
        if new is not None:
            found.append(new)
    return sorted(found)


def conda_with(**by_start: str | None) -> dict[str, list[str]]:
    """Return the conda packages with those of a name replaced, or left out for None."""
    return {group: replaced(lines, **by_start) for group, lines in CONDA.items()}


def packages_with(**by_start: str | None) -> list[str]:
    """Return the Python distributions with those of a name replaced, or left out for None."""
    return replaced(PACKAGES, **by_start)


def difference(reference: dict[str, Any], current: dict[str, Any]) -> Report:
    """Return the report on a healthy stack with fields changed, against another."""
    return compare(snapshot_with(**reference), snapshot_with(**current), RESEARCH)


def changes_of(report: Report) -> list[tuple[str, str, str | None, str | None]]:
    """Return what differs, without the words."""
    return [(one.kind, one.subject, one.reference, one.current) for one in report.findings]
