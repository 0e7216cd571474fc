"""The model: what a snapshot of the stack is. `report` has what a comparison of two says.

These Structs are the one source of truth. They validate what comes out of a stranger's notebook
(types, lengths, characters, counts), the JSON Schema under ``schema/`` is generated from them,
and every other part of the project passes them on. Nothing here reads the world.

Stored form of the packages: sorted strings, one package a line, so that one changed package is
one changed line in a diff.

* conda, grouped by the folder of the channel that it came from:
  ``{"https://conda.anaconda.org/conda-forge/linux-64": ["zlib-1.3.1-h4ab18f5_1.conda#<sha256>"]}``;
  group + ``/`` + file name is the address. A digest of 64 hexadecimal digits is a sha256, one of
  32 is an md5, as in conda's own ``@EXPLICIT`` files.
* Python: ``name==version [installer, flag, source]``, for instance ``torch==2.13.0+cpu [pip]`` or
  ``mine==0.1 [pip, editable, git+https://example.org/mine@<commit>]``. In an imported snapshot the
  flag ``guessed`` stands where the name was taken from that of a module.

Why conda packages are grouped by channel folder: nothing is lost, and 500 packages with hashes take
59 kB instead of 72 kB.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from jupyter_repro.model.fields import (
    END,
    MAX_ITEMS,
    MAX_PACKAGES,
    Digest,
    Facts,
    Line,
    Lines,
    Md5,
    Name,
    Names,
    Text,
    Time,
    Variables,
)
from jupyter_repro.model.options import Determinism

SCHEMA_VERSION = 1
"""Version of the stored documents. Raise it together with a step in `migrations`."""

Status: TypeAlias = Literal["ok", "unavailable", "error"]
# Decimal digits: front ends rewrite the metadata, and JavaScript would round integers above 2**53
Seed: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{1,20}" + END)]


class Layer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One layer of the stack.

    A new one has a title, is a field of `Layers`, and has a module of its name in
    `capturing.probes`. How two of them are compared stands in `comparing.environments.layers`.

    Parameters
    ----------
    status
        ``ok``; ``unavailable`` when there is no such thing here (no GPU, no conda); ``error``
        when there may be one but reading it failed. The three are never confused, and none of
        them is a default: a document that does not say it is not valid.
    reason
        Why it is not ``ok``, or what an ``ok`` layer could not read.
    """

    TITLE: ClassVar[str] = ""
    IS_BESIDE: ClassVar[bool] = False
    """Whether it is shown beside the stack instead of in it."""
    IN_DIGEST: ClassVar[bool] = True
    STATE: ClassVar[frozenset[str]] = frozenset(("reason",))
    """Fields that are no part of the digest: one run may know more of them than another."""

    status: Status
    reason: Text | None = None


class Git(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """State of the git work tree that the kernel runs in."""

    commit: Annotated[str, Meta(pattern=r"^[0-9a-f]{40,64}" + END)]
    dirty: bool | None = None
    remote: Text | None = None


class NotebookLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """The notebook itself: its kernel, the code beside it, and what it really imported.

    `used` holds normalised distribution names and grows while cells run, so this layer is no
    part of the digest.
    """

    TITLE: ClassVar[str] = "Notebook"
    IN_DIGEST: ClassVar[bool] = False

    kernel_name: Text | None = None
    language: Text | None = None
    git: Git | None = None
    used: Names = []


class Framework(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A numerical framework.

    Parameters
    ----------
    version
        The installed version, with its local label.
    build
        Facts of the installed build, read without importing it (``cuda``, ``hip``, …).
    loaded
        Version of the module that this process has loaded, or None while it has not.
    runtime
        What the loaded module says of itself (cuDNN version, threads, CPU capability).
    """

    STATE: ClassVar[frozenset[str]] = frozenset(("loaded", "runtime"))

    name: Name
    version: Text | None = None
    build: Facts = {}
    loaded: Text | None = None
    runtime: Facts = {}


class FrameworksLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """The numerical frameworks that are installed, sorted by name."""

    TITLE: ClassVar[str] = "Frameworks"

    frameworks: Annotated[list[Framework], Meta(max_length=MAX_ITEMS)] = []


class PackagesLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """Every Python distribution on ``sys.path``, sorted; see the module for a line's form.

    Parameters
    ----------
    packages
        The distributions.
    requested
        What an imported file asks of others without pinning it, as PEP 508 requirements.
    user_site, python_path
        Whether ``sys.path`` holds the user's site, and whether ``PYTHONPATH`` is set.
    """

    TITLE: ClassVar[str] = "Python packages"

    packages: Lines = []
    requested: Lines = []
    user_site: bool = False
    python_path: bool = False


class CondaLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """The conda packages of the environment, read from its ``conda-meta``.

    Parameters
    ----------
    name
        Folder name of the environment.
    packages
        Folder of the channel → file names with their digests. Records that could not be read
        stand under ``unknown`` as ``name-version-build``.
    install_order
        Names of the packages, each after those that it depends on. No part of the digest: it
        follows from the packages.
    channels, channels_from
        Channels in the order of their priority, and where that order was found.
    requested
        What the user asked for, as match specifications.
    pinned
        Lines of ``conda-meta/pinned``.
    activated
        Whether the environment was active where this Python was started; None where that is not
        known, such as from outside.
    activation
        Names of the variables that activation sets, as far as they are listed: those of the user
        (``conda env config vars``) and of packages.
    """

    TITLE: ClassVar[str] = "conda environment"
    STATE: ClassVar[frozenset[str]] = Layer.STATE | {"install_order"}

    name: Text | None = None
    packages: Annotated[dict[Line, Lines], Meta(max_length=MAX_ITEMS)] = {}
    install_order: Names = []
    channels: Annotated[list[Text], Meta(max_length=MAX_ITEMS)] = []
    channels_from: Text | None = None
    requested: Lines = []
    pinned: Annotated[list[Text], Meta(max_length=MAX_ITEMS)] = []
    activated: bool | None = None
    activation: Names = []


class CoreLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """Python itself, and the tool that made the environment."""

    TITLE: ClassVar[str] = "Python"

    python: Text | None = None
    implementation: Text | None = None
    compiler: Text | None = None
    free_threaded: bool = False
    environment: Literal["conda", "conda base", "venv on conda", "venv", "system"] | None = None
    manager: Text | None = None
    manager_version: Text | None = None


class SystemLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """Operating system and processor. `platform` is conda's name for the pair (``linux-64``)."""

    TITLE: ClassVar[str] = "Operating system"

    platform: Text | None = None
    os: Text | None = None
    kernel: Text | None = None
    libc: Text | None = None
    machine: Text | None = None
    cpu: Text | None = None
    cpu_features: Annotated[list[Name], Meta(max_length=MAX_ITEMS)] = []
    cores: Annotated[int, Meta(ge=1)] | None = None
    container: Text | None = None


class GpuDevice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One accelerator. No UUID and no serial number: they identify a machine."""

    name: Text
    compute_capability: Text | None = None
    memory_mib: Annotated[int, Meta(ge=0)] | None = None
    sm_count: Annotated[int, Meta(ge=0)] | None = None
    mig: bool | None = None
    ecc: bool | None = None


class GpuLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """Accelerators and their drivers.

    `driver` is the kernel driver's version, `library_driver` that of the user-space library
    where it says another one (an update without a restart), `cuda_driver` the newest CUDA that
    the driver serves.
    """

    TITLE: ClassVar[str] = "GPU and driver"

    vendor: Literal["nvidia", "amd", "intel", "apple"] | None = None
    driver: Text | None = None
    library_driver: Text | None = None
    cuda_driver: Text | None = None
    devices: Annotated[list[GpuDevice], Meta(max_length=MAX_ITEMS)] = []


class Library(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A BLAS or OpenMP implementation that this process has loaded."""

    name: Text
    version: Text | None = None
    threads: Annotated[int, Meta(ge=0)] | None = None
    architecture: Text | None = None
    threading: Text | None = None


class LibrariesLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """Numerical libraries: the variables that steer them, and those that are loaded."""

    TITLE: ClassVar[str] = "Numerical libraries"
    IS_BESIDE: ClassVar[bool] = True
    STATE: ClassVar[frozenset[str]] = Layer.STATE | {"loaded"}

    variables: Variables = {}
    loaded: Annotated[list[Library], Meta(max_length=MAX_ITEMS)] = []


class DeterminismLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """State of the random generators and of the switches that decide whether results repeat.

    Parameters
    ----------
    seed, determinism
        The options of `%repro`.
    rank
        Number of this process in its launch, where each has numbers of its own; None where all
        have the same.
    from_outside
        The seed was given to the run (``jupyter repro run --seed``), not by the notebook.
    seeded, waiting
        Libraries that are seeded, and those that will be when they are imported.
    hash_randomization
        Whether the order of sets of strings differs from run to run.
    variables
        Process-start settings that are in force (``PYTHONHASHSEED``, …).
    torch
        PyTorch's flags; empty until it is loaded.
    """

    TITLE: ClassVar[str] = "Determinism"
    IS_BESIDE: ClassVar[bool] = True
    IN_DIGEST: ClassVar[bool] = False

    seed: Seed | None = None
    determinism: Determinism | None = None
    rank: Annotated[int, Meta(ge=0)] | None = None
    from_outside: bool = False
    seeded: Names = []
    waiting: Names = []
    hash_randomization: bool | None = None
    variables: Variables = {}
    torch: Facts = {}


class ThirdPartyLayer(Layer, frozen=True, kw_only=True, omit_defaults=True):
    """A layer of a third party's probe: plain facts that stay the same from run to run."""

    facts: Facts = {}


class Layers(Struct, frozen=True, kw_only=True):
    """All layers, from the notebook down to the hardware, and beside them the determinism."""

    notebook: NotebookLayer
    frameworks: FrameworksLayer
    packages: PackagesLayer
    conda: CondaLayer
    core: CoreLayer
    system: SystemLayer
    gpu: GpuLayer
    libraries: LibrariesLayer
    determinism: DeterminismLayer


LAYER_TYPES: dict[str, type[Layer]] = {
    field.name: field.type for field in msgspec.structs.fields(Layers)
}
"""Layer → its type, in the order in which they are shown."""

LAYER_TITLES: dict[str, str] = {name: layer.TITLE for name, layer in LAYER_TYPES.items()}
"""Layer → how it is called."""


class ImportedFrom(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The file that a snapshot was read from: it contains what that file says, and nothing else.

    How sure a fact is can be seen from its form, see `jupyter_repro.formats.importers.confidence`.

    Parameters
    ----------
    format, file
        What sort of file it was, and its name without a folder.
    requires_python
        The versions of Python that it allows, as a PEP 440 specifier.
    options
        Options of pip in it, without credentials: places to search (``--index-url ADDRESS``), and
        what may be taken from there (``--pre``).
    notes
        What it says and the snapshot does not hold, as sentences.
    md5
        File of a conda package → its md5, where the layer holds its sha256: some lock files need
        both.
    """

    format: Name
    file: Text | None = None
    requires_python: Text | None = None
    options: Annotated[list[Text], Meta(max_length=MAX_ITEMS)] = []
    notes: Annotated[list[Text], Meta(max_length=MAX_ITEMS)] = []
    md5: Annotated[dict[Line, Md5], Meta(max_length=MAX_PACKAGES)] = {}


class Snapshot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The stack behind one run.

    Parameters
    ----------
    created
        Time of the capture, UTC, ISO 8601.
    tool
        Version of jupyter_repro that made it.
    digest
        `digest_of` the layers; two snapshots with the same digest are the same environment.
    third_party
        Layers of third parties' probes, by the name of the probe.
    imported
        Where it was read from, if it was not captured.
    """

    schema_version: int
    created: Time
    tool: Text
    digest: Digest
    layers: Layers
    third_party: Annotated[dict[Name, ThirdPartyLayer], Meta(max_length=MAX_ITEMS)] = {}
    imported: ImportedFrom | None = None
