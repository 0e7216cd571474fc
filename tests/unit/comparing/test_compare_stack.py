"""The stack below the packages, and the numerical settings beside it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_repro.model.fields import Scalar
from jupyter_repro.model.snapshot import Framework, Git, Library
from tests.unit.support.factories import A100, H200, NO_GPU, difference

RUNTIME: dict[str, Scalar] = {"cpu_capability": "error", "cuda_initialized": False, "cuda": "12.1"}
LATER: dict[str, Scalar] = {"cpu_capability": "AVX2", "cuda_initialized": True, "cuda": "12.4"}

STACK = {
    "GPU gone": ({}, {"gpu": NO_GPU}, [("gpu-missing", "NVIDIA H200 (9.0)", None)]),
    "GPU come": ({"gpu": NO_GPU}, {}, [("gpu-added", None, "NVIDIA H200 (9.0)")]),
    "architecture, and not its model, multiprocessors and memory too": (
        {},
        {"gpu": {"devices": [A100]}},
        [("gpu-architecture", "NVIDIA H200 (9.0)", "NVIDIA A100 (8.0)")],
    ),
    "model": (
        {},
        {"gpu": {"devices": [msgspec.structs.replace(H200, name="NVIDIA H100")]}},
        [("gpu-model", "NVIDIA H200 (9.0)", "NVIDIA H100 (9.0)")],
    ),
    "slice": (
        {},
        {"gpu": {"devices": [msgspec.structs.replace(H200, sm_count=16)]}},
        [("sm-count", "132", "16")],
    ),
    "error correction": (
        {},
        {"gpu": {"devices": [msgspec.structs.replace(H200, ecc=False)]}},
        [("ecc", "on", "off")],
    ),
    "number of GPUs": ({}, {"gpu": {"devices": [H200, H200]}}, [("gpu-count", "1", "2")]),
    "driver branch, and not the CUDA that follows": (
        {},
        {"gpu": {"driver": "560.35.03", "cuda_driver": "12.6"}},
        [("driver-branch", "550.54.15", "560.35.03")],
    ),
    "driver release": (
        {},
        {"gpu": {"driver": "550.90.07"}},
        [("driver-version", "550.54.15", "550.90.07")],
    ),
    "CUDA of the driver alone": (
        {"gpu": {"driver": None}},
        {"gpu": {"driver": None, "cuda_driver": "12.6"}},
        [("cuda-driver", "12.4", "12.6")],
    ),
    "driver updated under way": (
        {},
        {"gpu": {"library_driver": "560.35.03"}},
        [("driver-loaded", "kernel driver 550.54.15", "library 560.35.03")],
    ),
    "processor": (
        {},
        {"system": {"cpu": "Intel Xeon", "cpu_features": ["avx2", "fma", "sse4_2"]}},
        [("cpu-features", "avx512f", "sse4_2"), ("cpu-model", "AMD EPYC 9554", "Intel Xeon")],
    ),
    "Python patch": ({}, {"core": {"python": "3.11.9"}}, [("python-patch", "3.11.7", "3.11.9")]),
    "Python minor": ({}, {"core": {"python": "3.12.0"}}, [("python-minor", "3.11.7", "3.12.0")]),
    "commit": (
        {"notebook": {"git": Git(commit="a" * 40, dirty=False)}},
        {"notebook": {"git": Git(commit="b" * 40, dirty=True)}},
        [("git-commit", "a" * 40, "b" * 40), ("git-dirty", "off", "on")],
    ),
    "cuDNN of the loaded framework": (
        {"frameworks": {"frameworks": [Framework(name="torch", runtime={"cudnn_version": 90100})]}},
        {"frameworks": {"frameworks": [Framework(name="torch", runtime={"cudnn_version": 90200})]}},
        [("cudnn", "90100", "90200")],
    ),
    "installed under a running kernel": (
        {"frameworks": {"frameworks": [Framework(name="jax", version="0.4.1", loaded="0.4.1")]}},
        {"frameworks": {"frameworks": [Framework(name="jax", version="0.4.1", loaded="0.4.0")]}},
        [("framework-loaded", "installed 0.4.1", "loaded 0.4.0")],
    ),
    "a module that does not say its local label is the same": (
        {},
        {
            "frameworks": {
                "frameworks": [Framework(name="torch", version="2.3.1+cu121", loaded="2.3.1")]
            }
        },
        [],
    ),
    "what a framework cannot say, and what passes": (
        {"frameworks": {"frameworks": [Framework(name="torch", runtime=RUNTIME)]}},
        {"frameworks": {"frameworks": [Framework(name="torch", runtime=LATER)]}},
        [],
    ),
    "instruction sets that numpy uses": (
        {"frameworks": {"frameworks": [Framework(name="numpy", runtime={"simd": "AVX FMA"})]}},
        {"frameworks": {"frameworks": [Framework(name="numpy", runtime={"simd": "AVX"})]}},
        [("cpu-features", "FMA", "no others")],
    ),
    "the libraries of a build are told by their packages": (
        {"frameworks": {"frameworks": [Framework(name="torch", build={"cudnn_package": "a 1"})]}},
        {"frameworks": {"frameworks": [Framework(name="torch", build={"cudnn_package": "a 2"})]}},
        [],
    ),
    "built with another CUDA": (
        {},
        {
            "frameworks": {
                "frameworks": [
                    Framework(name="torch", version="2.3.1+cu121", build={"cuda": "12.4"})
                ]
            }
        },
        [("framework-build", "cuda 12.1", "cuda 12.4")],
    ),
    "a framework that only its own probe sees": (
        {"frameworks": {"frameworks": [Framework(name="jax", version="0.4.1")]}},
        {"frameworks": {"frameworks": [Framework(name="jax", version="0.5.0")]}},
        [("version-minor", "0.4.1", "0.5.0")],
    ),
    "threads, once for one cause": (
        {"determinism": {"torch": {"num_threads": 16}}},
        {
            "determinism": {"torch": {"num_threads": 8}},
            "libraries": {
                "loaded": [
                    Library(name="openblas", version="0.3.27", threads=8, architecture="Zen")
                ]
            },
        },
        [("threads", "16", "8")],
    ),
    "other BLAS": (
        {},
        {"libraries": {"loaded": [Library(name="mkl", version="2024.0", threads=16)]}},
        [("blas", "openblas", "mkl")],
    ),
    "BLAS for another processor": (
        {},
        {
            "libraries": {
                "loaded": [
                    Library(name="openblas", version="0.3.27", threads=16, architecture="Haswell")
                ]
            }
        },
        [("blas-architecture", "Zen", "Haswell")],
    ),
    "a second OpenBLAS that scipy brought": (
        {},
        {
            "libraries": {
                "loaded": [
                    Library(name="openblas", version="0.3.26", threads=16, architecture="Zen"),
                    Library(name="openblas", version="0.3.27", threads=16, architecture="Zen"),
                ]
            }
        },
        [],
    ),
    "nothing loaded yet": ({}, {"libraries": {"loaded": []}}, []),
    "a variable": (
        {},
        {"libraries": {"variables": {"OMP_NUM_THREADS": "4", "MKL_CBWR": "AVX2"}}},
        [("threads", None, "4"), ("library-variable", None, "AVX2")],
    ),
    "seed": ({}, {"determinism": {"seed": "43"}}, [("seed", "42", "43")]),
    "another rank": (
        {"determinism": {"rank": 1}},
        {"determinism": {"rank": None}},
        [("seed-rank", "1", "same on all")],
    ),
    "seeded since": ({"determinism": {"seed": None}}, {}, [("seed-added", None, "42")]),
    "determinism": (
        {},
        {"determinism": {"determinism": "off"}},
        [("determinism-level", "warn", "off")],
    ),
    "flags, each with its weight, where both have it": (
        {},
        {"determinism": {"torch": {"cudnn.allow_tf32": False, "cudnn.benchmark": True}}},
        [("precision", "on", "off")],
    ),
    "hash seed": (
        {"determinism": {"variables": {"PYTHONHASHSEED": "0"}, "hash_randomization": False}},
        {"determinism": {"variables": {}, "hash_randomization": True}},
        [("hash-seed", "0", None)],
    ),
    "hash seed since": (
        {"determinism": {"variables": {}, "hash_randomization": True}},
        {"determinism": {"variables": {"PYTHONHASHSEED": "42"}, "hash_randomization": False}},
        [("hash-seed-added", None, "42")],
    ),
    "hash seed set too late": (
        {"determinism": {"variables": {}, "hash_randomization": True}},
        {"determinism": {"variables": {"PYTHONHASHSEED": "42"}, "hash_randomization": True}},
        [("hash-seed", None, "42")],
    ),
    "a library that is seeded no more": (
        {},
        {"determinism": {"seeded": ["python"], "waiting": ["torch"]}},
        [("seeder", "seeded", None)],
    ),
}


@pytest.mark.parametrize(("reference", "current", "expected"), STACK.values(), ids=STACK)
def test_the_stack(reference: dict[str, Any], current: dict[str, Any], expected: list[Any]) -> None:
    report = difference(reference, current)
    assert [(one.kind, one.reference, one.current) for one in report.findings] == expected
