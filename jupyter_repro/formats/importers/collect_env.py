"""Import the output of ``python -m torch.utils.collect_env``, which many bug reports contain.

See https://github.com/pytorch/pytorch/blob/main/torch/utils/collect_env.py.
"""

from __future__ import annotations

import re

from jupyter_repro.formats.importers.draft import LONGEST, Draft
from jupyter_repro.formats.importers.notebook_text import NotebookText
from jupyter_repro.formats.importers.pip_line import add_pip_line
from jupyter_repro.model.fields import Scalar
from jupyter_repro.model.snapshot import Framework, GpuDevice
from jupyter_repro.packages.platforms import conda_platform

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9 /()-]*?):[ \t]*(.*)")
_PIP = re.compile(r"\[pip3?\]\s+(\S.*)")
_CONDA = re.compile(r"\[conda\]\s+(\S+)\s+(\S+)\s+(\S+)(?:\s+(\S+))?\s*")
_GPU = re.compile(r"\s*GPU [0-9]+:\s*(\S.*)")
_PYTHON = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+[A-Za-z0-9+]*")
_NOT_KNOWN = frozenset(("", "N/A", "None", "Could not collect", "No", "False"))
_SYSTEMS = {"Linux": "Linux", "macOS": "Darwin", "Darwin": "Darwin", "Windows": "Windows"}


def find(text: NotebookText) -> str | None:
    """Return the last collect_env output of a notebook, or None."""
    return next((cell.output for cell in reversed(text.cells) if looks_like(cell.output)), None)


def looks_like(text: str) -> bool:
    """Return whether a text contains the output of collect_env."""
    return "PyTorch version:" in text and "Versions of relevant libraries" in text


def read(text: str, draft: Draft) -> None:
    """Add PyTorch, its packages, Python, the system and the GPUs."""
    fields: dict[str, str] = {}
    devices: list[GpuDevice] = []
    for line in text.splitlines():
        if len(line) > LONGEST:
            continue
        pip, conda, gpu = _PIP.match(line), _CONDA.match(line), _GPU.search(line)
        field = _FIELD.fullmatch(line.strip())
        if pip and pip[1].strip() not in _NOT_KNOWN:
            add_pip_line(draft, pip[1])
        elif conda and not line.rstrip().endswith("Could not collect"):
            if conda[4] != "pypi":
                draft.add_conda_file(f"{conda[1]}-{conda[2]}-{conda[3]}")
        elif gpu:
            name = draft.text(gpu[1])
            devices += [GpuDevice(name=name)] if name else []
        elif field:
            fields.setdefault(field[1], field[2].strip())
    known = {key: value for key, value in fields.items() if value not in _NOT_KNOWN}
    _add_torch(draft, known)
    _add_python(draft, known)
    _add_system(draft, known)
    driver = known.get("Nvidia driver version")
    if devices or driver:
        draft.gpu.update(vendor="nvidia", devices=devices)
        draft.gpu["driver"] = draft.text(driver) if driver else None


def _add_torch(draft: Draft, known: dict[str, str]) -> None:
    version = known.get("PyTorch version")
    if version is None:
        return
    build: dict[str, Scalar] = {}
    for field, fact in (
        ("CUDA used to build PyTorch", "cuda"),
        ("ROCM used to build PyTorch", "hip"),
    ):
        if re.match(r"[0-9]", known.get(field, "")):
            build[fact] = draft.text(known[field])
    draft.frameworks.append(Framework(name="torch", version=draft.text(version), build=build))


def _add_python(draft: Draft, known: dict[str, str]) -> None:
    found = re.match(r"[\w.+]+", known.get("Python version", ""))
    if found and _PYTHON.fullmatch(found[0]):
        draft.core["python"] = found[0]
    elif found and re.fullmatch(r"[0-9]+\.[0-9]+", found[0]):  # old versions print only this
        draft.requires_python = f"=={found[0]}.*"


def _add_system(draft: Draft, known: dict[str, str]) -> None:
    named = re.fullmatch(r"(.*?)\s*\(([\w-]+)\)", known.get("OS", ""))
    if named:
        draft.system["os"] = draft.text(named[1])
        system = _SYSTEMS.get(known.get("Python platform", "").partition("-")[0])
        if system:
            draft.system["platform"] = conda_platform(system, named[2], bits=64)
            draft.system["machine"] = draft.text(named[2])
    elif "OS" in known:
        draft.system["os"] = draft.text(known["OS"])
    if "Libc version" in known:
        draft.system["libc"] = draft.text(known["Libc version"].replace("-", " ", 1))
    if "Model name" in known:
        draft.system["cpu"] = draft.text(known["Model name"])
