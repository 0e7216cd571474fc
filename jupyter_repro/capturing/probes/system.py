"""The system layer: operating system, C library and processor.

Files are read below `World.root`. The architecture, Python's word size and the C library are those
of this process. The host name is never read.
"""

from __future__ import annotations

import os
import platform
import re
import sys

from jupyter_repro.capturing.sources.system.files import read_line, read_system_file
from jupyter_repro.capturing.sources.system.processor import parse_cpu_list, parse_cpuinfo
from jupyter_repro.capturing.sources.system.sysctl import read_sysctl
from jupyter_repro.model.snapshot import SystemLayer
from jupyter_repro.packages.platforms import conda_platform
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.world import World


def collect(world: World) -> SystemLayer:
    """Return the operating system and the processor that this process runs on."""
    system, machine = platform.system(), platform.machine()
    name = conda_platform(system, machine, bits=64 if sys.maxsize > 2**32 else 32)
    if system == "Linux":
        return _collect_linux(world, name, machine)
    if system == "Darwin":
        os_name = f"macOS {platform.mac_ver()[0]}"
        cpu = read_sysctl("machdep.cpu.brand_string")
    else:
        os_name = f"{system} {platform.version()}"
        cpu = world.environ.get("PROCESSOR_IDENTIFIER")
    return SystemLayer(
        status="ok",
        reason="processor features are read on Linux only",
        platform=name,
        os=redact_text(os_name, world),
        kernel=redact_text(platform.release(), world),
        machine=redact_text(machine, world),
        cpu=redact_text(cpu, world) if cpu else None,
        cores=os.cpu_count(),
    )


def _collect_linux(world: World, name: str, machine: str) -> SystemLayer:
    cpu, features = parse_cpuinfo(read_system_file(world, "proc/cpuinfo") or "")
    os_name, libc, kernel = (
        _os_name(world),
        _libc(world),
        read_line(world, "proc/sys/kernel/osrelease"),
    )
    found = {"distribution": os_name, "C library": libc, "kernel": kernel, "processor model": cpu}
    missing = [what for what, value in found.items() if value is None]

    def text(value: str | None) -> str | None:
        return redact_text(value, world) if value else None

    return SystemLayer(
        status="ok",
        reason=f"not found: {', '.join(missing)}" if missing else None,
        platform=name,
        os=text(os_name),
        kernel=text(kernel),
        libc=text(libc),
        machine=text(machine),
        cpu=text(cpu),
        cpu_features=features,
        cores=_usable_cores(world),
        container=_container(world, kernel or ""),
    )


def parse_os_release(text: str) -> dict[str, str]:
    """Return the assignments of an ``os-release`` file.

    See https://www.freedesktop.org/software/systemd/man/latest/os-release.html
    """
    found = {}
    for line in text.splitlines():
        match = _ASSIGNMENT.fullmatch(line.strip())
        if match:
            value = match["double"] or match["single"] or match["bare"] or ""
            found[match["name"]] = re.sub(r"\\(.)", r"\1", value)
    return found


_ASSIGNMENT = re.compile(
    r"""(?P<name>[A-Za-z_][A-Za-z0-9_]*)=
    (?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"']*))""",
    re.VERBOSE,
)


def _os_name(world: World) -> str | None:
    text = read_system_file(world, "etc/os-release") or read_system_file(
        world, "usr/lib/os-release"
    )
    facts = parse_os_release(text or "")
    return facts.get("PRETTY_NAME") or facts.get("NAME")


def _libc(world: World) -> str | None:
    # `platform.libc_ver` searches the executable for a text; glibc can be asked directly
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
    except (ValueError, OSError, AttributeError):  # musl does not support the query
        version = None
    return version or _musl(world)


def _musl(world: World) -> str | None:
    # Alpine's package database: the library itself prints its version only when it is run
    database = read_system_file(world, "lib/apk/db/installed", limit=4_000_000) or ""
    for record in database.split("\n\n"):
        lines = record.splitlines()
        if "P:musl" in lines:
            version = next((line[2:] for line in lines if line.startswith("V:")), "")
            return f"musl {version.partition('-')[0]}".strip()
    loaders = (world.root / "lib").glob("ld-musl-*.so.1")
    return "musl" if next(loaders, None) else None


def _usable_cores(world: World) -> int | None:
    """Return how many processors this process may use: the default of OpenMP and OpenBLAS.

    A scheduler or ``taskset`` limits this number; a container's quota limits time instead.
    """
    status = read_system_file(world, "proc/self/status") or ""
    allowed = re.search(r"^Cpus_allowed_list:\s*(\S+)", status, re.MULTILINE)
    online = read_line(world, "sys/devices/system/cpu/online")
    try:
        # The list of an unrestricted process also has processors that do not exist
        sets = [parse_cpu_list(text) for text in (allowed and allowed[1], online) if text]
    except ValueError:
        return None
    return len(set.intersection(*sets)) or None if sets else None


_CGROUP_KINDS = (
    ("kubepods", "kubernetes"),
    ("libpod", "podman"),
    ("docker", "docker"),
    ("lxc", "lxc"),
    ("machine.slice", "systemd-nspawn"),
)


def _container(world: World, kernel: str) -> str | None:
    """Return the kind of container or compatibility layer, the innermost first."""
    if {"APPTAINER_CONTAINER", "SINGULARITY_CONTAINER"} & world.environ.keys():
        return "apptainer"
    if "KUBERNETES_SERVICE_HOST" in world.environ:
        return "kubernetes"
    for path, kind in (
        (".singularity.d", "apptainer"),
        ("var/run/secrets/kubernetes.io", "kubernetes"),
        ("run/.containerenv", "podman"),
        (".dockerenv", "docker"),
    ):
        if (world.root / path).exists():
            return kind
    groups = read_system_file(world, "proc/1/cgroup") or ""
    for word, kind in _CGROUP_KINDS:
        if word in groups:
            return kind
    told = read_line(world, "run/systemd/container")
    if told and re.fullmatch(r"[a-z][a-z-]{1,30}", told):
        return told
    return "wsl" if "microsoft" in kernel.lower() else None
