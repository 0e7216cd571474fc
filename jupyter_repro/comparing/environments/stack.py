"""Which parts of the stack below the packages differ: notebook, Python, system, GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from packaging.version import InvalidVersion, Version

from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.model.snapshot import (
    CondaLayer,
    CoreLayer,
    GpuDevice,
    GpuLayer,
    NotebookLayer,
    SystemLayer,
    ThirdPartyLayer,
)


def plain_change(
    kind: str, layer: str, subject: str, reference: object, current: object
) -> Iterator[Change]:
    """Yield a change if both values are known and differ."""
    if reference is not None and current is not None and reference != current:
        yield Change(
            kind=kind,
            layer=layer,
            subject=subject,
            reference=value_text(reference),
            current=value_text(current),
        )


def value_text(value: object) -> str:
    """Return a value in words; switches are on or off."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def notebook_changes(reference: NotebookLayer, current: NotebookLayer) -> Iterator[Change]:
    """Yield what differs in the code beside the notebook."""
    before, after = reference.git, current.git
    if before is None or after is None:
        return
    yield from plain_change("git-commit", "notebook", "git commit", before.commit, after.commit)
    yield from plain_change(
        "git-dirty", "notebook", "uncommitted changes", before.dirty, after.dirty
    )


def core_changes(reference: CoreLayer, current: CoreLayer) -> Iterator[Change]:
    """Yield what differs in Python itself. The kind of environment is reported elsewhere."""
    before, after = reference.python, current.python
    if before and after and before != after:
        kind = python_kind(before, after)
        yield from plain_change(kind, "core", "Python", before, after)
    for kind, subject, values in (
        (
            "implementation",
            "Python implementation",
            (reference.implementation, current.implementation),
        ),
        (
            "free-threaded",
            "Python without the global lock",
            (reference.free_threaded, current.free_threaded),
        ),
        ("manager", "environment manager", (reference.manager, current.manager)),
    ):
        yield from plain_change(kind, "core", subject, *values)
    if reference.manager == current.manager:
        versions = reference.manager_version, current.manager_version
        yield from plain_change("manager", "core", str(current.manager or "manager"), *versions)
    if before == after:  # a different Python has a different compiler
        yield from plain_change(
            "compiler", "core", "compiler of Python", reference.compiler, current.compiler
        )


def activation_changes(reference: CondaLayer, current: CondaLayer) -> Iterator[Change]:
    """Yield whether only one of two environments is active, and different variables of them."""
    words = {True: "activated", False: "not activated", None: None}
    values = words[reference.activated], words[current.activated]
    if None not in values:
        yield from plain_change("activation", "conda", "activation", *values)
        names = [", ".join(one.activation) or "none" for one in (reference, current)]
        yield from plain_change("activation", "conda", "variables of the environment", *names)


def python_kind(before: str, after: str) -> str:
    """Return the kind of change between two versions of Python."""
    try:
        one, other = Version(before), Version(after)
    except InvalidVersion:
        return "python-minor"
    if one.major != other.major:
        return "python-major"
    return "python-minor" if one.minor != other.minor else "python-patch"


def system_changes(reference: SystemLayer, current: SystemLayer) -> Iterator[Change]:
    """Yield what differs in the operating system and the processor."""
    platforms = reference.platform, current.platform
    other_os = (
        None not in platforms
        and str(platforms[0]).partition("-")[0] != str(platforms[1]).partition("-")[0]
    )
    yield from plain_change("platform", "system", "platform", *platforms)
    if not other_os:  # otherwise all of these follow
        for kind, subject, values in (
            ("os", "operating system", (reference.os, current.os)),
            ("kernel", "kernel of the system", (reference.kernel, current.kernel)),
            ("libc", "C library", (reference.libc, current.libc)),
        ):
            yield from plain_change(kind, "system", subject, *values)
    if platforms[0] == platforms[1]:
        machines = reference.machine, current.machine
        yield from plain_change("machine", "system", "machine", *machines)
        if machines[0] == machines[1]:
            yield from _cpu_features(reference, current)
    yield from plain_change("cpu-model", "system", "processor", reference.cpu, current.cpu)
    yield from plain_change("cores", "system", "cores", reference.cores, current.cores)
    container = reference.container or "none", current.container or "none"
    yield from plain_change("container", "system", "container", *container)


def _cpu_features(reference: SystemLayer, current: SystemLayer) -> Iterator[Change]:
    before, after = set(reference.cpu_features), set(current.cpu_features)
    if before and after and before != after:
        yield Change(
            kind="cpu-features",
            layer="system",
            subject="instruction sets",
            reference=features_text(before - after),
            current=features_text(after - before),
        )


def features_text(names: set[str], limit: int = 8) -> str:
    """Return the instruction sets that only one side has."""
    if not names:
        return "no others"
    shown = sorted(names)
    more = f" and {len(shown) - limit} more" if len(shown) > limit else ""
    return " ".join(shown[:limit]) + more


def gpu_changes(reference: GpuLayer, current: GpuLayer) -> Iterator[Change]:
    """Yield what differs in the accelerators and their driver; either may have none."""
    before, after = _devices(reference), _devices(current)
    if before and not after:
        yield _gpu("gpu-missing", "GPU", _models(before), None)
    if after and not before:
        yield _gpu("gpu-added", "GPU", None, _models(after))
    if not (before and after):
        return
    yield from _device_changes(before, after, other_vendor=reference.vendor != current.vendor)
    yield from _driver_changes(reference, current)


def _devices(layer: GpuLayer) -> list[GpuDevice]:
    return layer.devices if layer.status == "ok" else []


def _gpu(kind: str, subject: str, reference: str | None, current: str | None) -> Change:
    return Change(kind=kind, layer="gpu", subject=subject, reference=reference, current=current)


def _device_changes(
    before: list[GpuDevice], after: list[GpuDevice], *, other_vendor: bool
) -> Iterator[Change]:
    if len(before) != len(after):
        yield _gpu("gpu-count", "number of GPUs", str(len(before)), str(len(after)))
    pairs = list(zip(before, after, strict=False))
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def differ(of: Callable[[GpuDevice], object]) -> bool:
        return any(of(a) != of(b) for a, b in pairs if of(a) is not None and of(b) is not None)

    # Only the most significant of these: the others follow from it
    if other_vendor or differ(lambda device: device.compute_capability):
        yield _gpu("gpu-architecture", "GPU architecture", _models(one), _models(other))
    elif differ(lambda device: device.name):
        yield _gpu("gpu-model", "GPU model", _models(one), _models(other))
    else:
        for kind, subject, of in _DEVICE_FACTS:
            if differ(of):
                yield _gpu(kind, subject, _series(one, of), _series(other, of))


_DEVICE_FACTS: tuple[tuple[str, str, Callable[[GpuDevice], object]], ...] = (
    ("sm-count", "multiprocessors of the GPU", lambda device: device.sm_count),
    ("mig", "MIG mode of the GPU", lambda device: device.mig),
    ("gpu-memory", "memory of the GPU in MiB", lambda device: device.memory_mib),
    ("ecc", "ECC memory of the GPU", lambda device: device.ecc),
)


def _series(devices: list[GpuDevice], of: Callable[[GpuDevice], object]) -> str:
    return count_equal([value_text(of(device)) for device in devices])


def _models(devices: list[GpuDevice]) -> str:
    return count_equal([gpu_text(device) for device in devices])


def gpu_text(device: GpuDevice) -> str:
    """Return the model with its compute capability."""
    capability = device.compute_capability
    return f"{device.name} ({capability})" if capability else device.name


def count_equal(texts: list[str]) -> str:
    """Return the texts in one line, neighbours that are equal counted.

    Examples
    --------
    >>> count_equal(["A100", "A100", "L4"])
    '2 x A100, L4'
    """
    groups: list[tuple[str, int]] = []
    for text in texts:
        if groups and groups[-1][0] == text:
            groups[-1] = (text, groups[-1][1] + 1)
        else:
            groups.append((text, 1))
    return ", ".join(f"{count} x {text}" if count > 1 else text for text, count in groups)


def _driver_changes(reference: GpuLayer, current: GpuLayer) -> Iterator[Change]:
    before, after = reference.driver, current.driver
    if before and after and before != after:
        same_branch = before.partition(".")[0] == after.partition(".")[0]
        kind = "driver-version" if same_branch else "driver-branch"
        yield _gpu(kind, "GPU driver", before, after)
    else:  # the newest supported CUDA follows from the driver
        yield from plain_change(
            "cuda-driver", "gpu", "CUDA of the driver", reference.cuda_driver, current.cuda_driver
        )
    loaded = current.library_driver
    split = (reference.driver, reference.library_driver) == (after, loaded)
    if loaded and after and loaded != after and not split:
        yield _gpu(
            "driver-loaded", "GPU driver library", f"kernel driver {after}", f"library {loaded}"
        )


def third_party_changes(
    name: str, reference: ThirdPartyLayer, current: ThirdPartyLayer
) -> Iterator[Change]:
    """Yield the facts of a third party's probe that differ, also where one side lacks one."""
    for fact in sorted(reference.facts.keys() | current.facts.keys()):
        before, after = reference.facts.get(fact), current.facts.get(fact)
        if before != after:
            yield Change(
                kind="third-party",
                layer=name,
                subject=fact,
                reference=None if before is None else value_text(before),
                current=None if after is None else value_text(after),
            )
