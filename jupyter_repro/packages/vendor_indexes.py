"""Where well-known vendors keep the builds that PyPI does not have, like ``torch==2.3.1+cu121``.

The part of such a version behind the ``+``, its local label, says what a build was made for, and so
where it is: PyPI allows no version with a label. Only this table has these places: what `check`
advises, an export writes, and `solve` and `restore` report is read from here.

The table is fixed. A notebook chooses a row by the name of a package and the form of its label, and
fills in only the numbers of that form; it never names a host. A row is no permission to ask its
index: that needs the user's consent, as with every index.

A local label is looked up, never removed: ``2.3.1`` on PyPI is a different build from
``2.3.1+cu121``. A label that is not in the table becomes a comment, because on PyPI the name
without it could belong to anyone. pip has no index for one package, so the option that adds a
vendor's index counts for all of them, and an export says so; pylock.toml alone binds a package to
its index. In environment.yml the option is an item for pip, followed by a selector that names no
platform: conda and mamba ignore the selector, and conda-lock, which stops at an option, leaves the
line out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


class VendorIndex(NamedTuple):
    """A place with builds of one vendor.

    Parameters
    ----------
    is_page
        Whether it is one page with links to files, not an index.
    """

    vendor: str
    address: str
    is_page: bool = False

    @property
    def option(self) -> str:
        """The option of pip that adds it to the places to search."""
        return f"{'--find-links' if self.is_page else '--extra-index-url'} {self.address}"

    @property
    def only_option(self) -> str:
        """The option of pip for a command that takes packages from it."""
        return f"{'--find-links' if self.is_page else '--index-url'} {self.address}"


class _Row(NamedTuple):
    """Some packages of a vendor.

    Parameters
    ----------
    label
        The form of a label, as `packaging` normalises it.
    address
        With the groups of `label`, and ``{torch}``, major.minor of the PyTorch beside it.
    versions
        The first version that is there, and the first later one that is not.
    """

    vendor: str
    packages: frozenset[str]
    label: re.Pattern[str]
    address: str
    is_page: bool = False
    versions: tuple[str, str] = ("0", "9999")

    def has(self, version: Version) -> bool:
        """Whether the place has a version."""
        first, end = map(Version, self.versions)
        return first <= version < end


_NUMBERS = r"cu[0-9]{2,4}"
_PYTORCH = frozenset(
    [
        *("torch", "torchvision", "torchaudio", "torchtext", "torchdata", "torchrec", "torchao"),
        *("torchcodec", "torchtune", "torchcsprng", "torch-tensorrt", "executorch", "xformers"),
        *("fbgemm-gpu", "fbgemm-gpu-genai"),
    ]
)
_PYG = frozenset(("pyg-lib", "torch-scatter", "torch-sparse", "torch-cluster", "torch-spline-conv"))
_INTEL = frozenset(
    ("intel-extension-for-pytorch", "oneccl-bind-pt", "torch", "torchvision", "torchaudio")
)
_TABLE = (
    # https://pytorch.org/get-started/previous-versions/
    _Row(
        "PyTorch",
        _PYTORCH,
        re.compile(rf"(?P<build>cpu|xpu|{_NUMBERS}|rocm[0-9]{{1,2}}(?:\.[0-9]{{1,2}}){{1,2}})"),
        "https://download.pytorch.org/whl/{stage}{build}",
    ),
    _Row(
        "PyTorch",
        _PYTORCH,
        re.compile(r"cpu\.cxx11\.abi"),
        "https://download.pytorch.org/whl/{stage}cpu-cxx11-abi",
    ),
    # https://pytorch-geometric.readthedocs.io/en/latest/install/installation.html
    _Row(
        "PyG",
        _PYG,
        re.compile(rf"pt(?P<major>[0-9])(?P<minor>[0-9]{{1,2}})(?P<build>cpu|{_NUMBERS})"),
        "https://data.pyg.org/whl/torch-{major}.{minor}.0+{build}.html",
        is_page=True,
    ),
    # https://docs.jax.dev/en/latest/changelog.html; newer ones are on PyPI, as plugins
    _Row(
        "JAX",
        frozenset(["jaxlib"]),
        re.compile(r"cuda[0-9]{2,3}(?:\.cudnn[0-9]{2,4})?"),
        "https://storage.googleapis.com/jax-releases/jax_releases.html",
        is_page=True,
        versions=("0", "0.3.15"),
    ),
    _Row(
        "JAX",
        frozenset(["jaxlib"]),
        re.compile(r"cuda[0-9]{2,3}(?:\.cudnn[0-9]{2,4})?"),
        "https://storage.googleapis.com/jax-releases/jax_cuda_releases.html",
        is_page=True,
        versions=("0.3.15", "9999"),
    ),
    # https://www.dgl.ai/pages/start.html
    _Row(
        "DGL",
        frozenset(["dgl"]),
        re.compile(rf"(?P<build>{_NUMBERS})"),
        "https://data.dgl.ai/wheels/{build}/repo.html",
        is_page=True,
        versions=("0", "2.1"),
    ),
    _Row(
        "DGL",
        frozenset(["dgl"]),
        re.compile(rf"(?P<build>{_NUMBERS})"),
        "https://data.dgl.ai/wheels/torch-{torch}/{build}/repo.html",
        is_page=True,
        versions=("2.1", "9999"),
    ),
    # https://detectron2.readthedocs.io/en/latest/tutorials/install.html
    _Row(
        "Detectron2",
        frozenset(["detectron2"]),
        re.compile(rf"(?P<build>cpu|{_NUMBERS})"),
        "https://dl.fbaipublicfiles.com/detectron2/wheels/{build}/torch{torch}/index.html",
        is_page=True,
    ),
    # https://pytorch-extension.intel.com/installation
    _Row(
        "Intel",
        _INTEL,
        re.compile(r"xpu|cxx11\.abi"),
        "https://pytorch-extension.intel.com/release-whl/stable/xpu/us",
    ),
)


def vendor_index(name: str, version: str, torch: str | None = None) -> VendorIndex | None:
    """Return where the vendor of a package keeps a version with a local label.

    Parameters
    ----------
    name, version
        They may come from a stranger.
    torch
        Version of the PyTorch that it was installed beside, which some vendors sort by.

    Returns
    -------
    VendorIndex or None
        None for a version without a label, and for a label that is not in the table.

    Examples
    --------
    >>> vendor_index("torch", "2.3.1+cu121").address
    'https://download.pytorch.org/whl/cu121'
    """
    if "+" not in version:
        return None
    try:
        parsed = Version(version)
    except InvalidVersion:
        return None
    project = canonicalize_name(name)
    beside = _torch_series(torch)
    for row in _TABLE:
        found = row.label.fullmatch(parsed.local or "") if project in row.packages else None
        if found and row.has(parsed) and (beside or "{torch}" not in row.address):
            parts = found.groupdict() | {"torch": beside, "stage": _stage(parsed)}
            return VendorIndex(row.vendor, row.address.format(**parts), row.is_page)
    return None


def torch_version(versions: Mapping[str, str]) -> str | None:
    """Return the version of PyTorch among versions by name, from pip or from conda."""
    return versions.get("torch") or versions.get("pytorch")


def _stage(version: Version) -> str:
    """Return the folder of versions that are not released yet."""
    if version.is_devrelease:
        return "nightly/"
    return "test/" if version.is_prerelease else ""


def _torch_series(version: str | None) -> str | None:
    found = re.match(r"[0-9]{1,2}\.[0-9]{1,2}(?![0-9])", version or "")
    return found[0] if found else None
