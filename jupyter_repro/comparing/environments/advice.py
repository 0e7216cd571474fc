"""What a kind of change may do to results, and what to do about it.

Names and versions come from a stranger's notebook. They enter a command only if they have the
plain form of names and versions; otherwise the action is said in words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from jupyter_repro.comparing.environments.kinds import Change
from jupyter_repro.packages.vendor_indexes import vendor_index

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,100}")
_VERSION = re.compile(r"[0-9][A-Za-z0-9._+]{0,100}")


class Explanation(NamedTuple):
    """What a kind of change may do to results, and what to do about it."""

    why: str
    action: str


_INSTALL = "{install}"
_EXPECTED = "If the change is meant: %repro accept."

EXPLANATIONS: dict[str, Explanation] = {
    "seed": Explanation(
        "Every random number is another one: initial weights, shuffling, dropout, splits.",
        "Seed as recorded: %repro seed={reference}",
    ),
    "seed-rank": Explanation(
        "Each process of that launch had random numbers of its own.",
        "Start it as the same rank, or seed with ranks=same.",
    ),
    "gpu-missing": Explanation(
        "The results were made on a GPU; the CPU rounds otherwise and has other random streams.",
        "Run on a machine with a GPU of the recorded kind, or give this process one.",
    ),
    "gpu-added": Explanation(
        "The results were made without a GPU; a GPU rounds otherwise and has other random streams.",
        "To stay on the CPU, start the kernel with CUDA_VISIBLE_DEVICES set to nothing.",
    ),
    "gpu-architecture": Explanation(
        "Another architecture runs other kernels: sums are taken in another order, and CUDA "
        "random numbers of one seed can differ for large tensors.",
        "Run on the recorded architecture, or compare results with a tolerance.",
    ),
    "cpu-gpu-build": Explanation(
        "A CPU build and a GPU build compute on other devices with other kernels.",
        _INSTALL,
    ),
    "precision": Explanation(
        "Products of matrices are rounded to another precision; TF32 keeps about 3 decimal "
        "digits, float32 about 7.",
        "Set {subject} back to {reference}.",
    ),
    "determinism-level": Explanation(
        "Operations that were held to be deterministic may not be now, or the reverse.",
        "Say it as recorded: %repro seed=… determinism={reference}",
    ),
    "deterministic-flag": Explanation(
        "Without it some operations add numbers in an order that changes from run to run.",
        "Set {subject} back to {reference}.",
    ),
    "platform": Explanation(
        "Other compilers and mathematical functions; builds and digests cannot be compared, "
        "so only versions are.",
        "Expect differences in the last digits, or run on the recorded platform.",
    ),
    "gpu-model": Explanation(
        "Another number of multiprocessors changes how work is split, and so the order of sums.",
        "Run on the recorded model, or compare results with a tolerance.",
    ),
    "sm-count": Explanation(
        "Work is split among the multiprocessors: the order of sums, and the CUDA random "
        "numbers of large tensors, depend on their number.",
        "Run on the recorded model or slice, or compare results with a tolerance.",
    ),
    "mig": Explanation(
        "A slice of a GPU has fewer multiprocessors: sums are split in another way.",
        "Use the GPU in the recorded mode, which its administrator sets.",
    ),
    "gpu-count": Explanation(
        "Training over several GPUs splits batches and sums gradients by their number.",
        "Make {reference} of them visible with CUDA_VISIBLE_DEVICES.",
    ),
    "cudnn": Explanation(
        "Another cuDNN may choose other algorithms for convolutions and recurrent layers.",
        _INSTALL,
    ),
    "cuda-runtime": Explanation(
        "cuBLAS and the CUDA runtime come with it: products of matrices may use other kernels.",
        _INSTALL,
    ),
    "autotune": Explanation(
        "Algorithms are chosen by timing them, so the choice can change from run to run.",
        "Set {subject} back to {reference}.",
    ),
    "framework-loaded": Explanation(
        "It was installed while the kernel ran: the loaded one is not the one that is recorded.",
        "Restart the kernel.",
    ),
    "framework-build": Explanation(
        "The same release was built with another toolkit or from other sources.",
        "Install the build that has {reference}.",
    ),
    "framework-runtime": Explanation(
        "The loaded library describes itself in another way.", _EXPECTED
    ),
    "driver-branch": Explanation(
        "Another driver branch compiles and schedules GPU code in another way.",
        "Use a driver of the recorded branch; on a shared machine ask its administrator.",
    ),
    "driver-loaded": Explanation(
        "The driver was updated without a restart: CUDA may fail.",
        "Restart the machine.",
    ),
    "python-major": Explanation("Another language: most code behaves otherwise.", "{python}"),
    "python-minor": Explanation(
        "Other hashes, other standard library, and other builds of every compiled package.",
        "{python}",
    ),
    "python-patch": Explanation("Fixes in the interpreter and its standard library.", "{python}"),
    "implementation": Explanation(
        "Another interpreter: order of finalisation, floats as text, compiled packages.",
        "{python}",
    ),
    "free-threaded": Explanation(
        "Threads run at the same time, so the order of draws and of sums may change.",
        "Use a Python built as recorded.",
    ),
    "blas": Explanation(
        "Another library, or release of it, for products of matrices and linear algebra: the "
        "last digits change.",
        _INSTALL,
    ),
    "blas-architecture": Explanation(
        "The library chose other kernels for this processor: dot products, inverses and "
        "decompositions differ in the last digits.",
        "OPENBLAS_CORETYPE or MKL_CBWR, set before the kernel starts, choose the kernels.",
    ),
    "cpu-features": Explanation(
        "Vector kernels are chosen by instruction set: last digits change, and so can the order "
        "of ties in an unstable sort.",
        "Run on a processor with the same instruction sets, or compare with a tolerance.",
    ),
    "cpu-capability": Explanation(
        "PyTorch runs other CPU kernels: softmax, attention and even randn change in the last "
        "digits.",
        "ATEN_CPU_CAPABILITY, set before the kernel starts, can lower it.",
    ),
    "threads": Explanation(
        "Sums are split among the threads: their number changes the last digits.",
        "Set OMP_NUM_THREADS (or the library's own call) back to {reference}.",
    ),
    "library-variable": Explanation(
        "It steers which numerical kernels run, or how.",
        "Set {subject} back before the kernel starts.",
    ),
    "determinism-variable": Explanation(
        "It decides whether or how a library repeats its results.",
        "Set {subject} back before the kernel starts.",
    ),
    "hash-seed": Explanation(
        "The order of sets of strings, and whatever is derived from it, changes.",
        "Set PYTHONHASHSEED before the kernel starts, as `jupyter repro kernel install` does; "
        "inside a running kernel it does nothing.",
    ),
    "hash-seed-added": Explanation(
        "The recorded results were made with sets of strings in an order that no run repeats.",
        "Make results with a fixed order the reference: %repro accept.",
    ),
    "seeder": Explanation(
        "This library draws its own random numbers, and they are not seeded now.",
        "Run %repro seed=… with the library's seeder installed.",
    ),
    "torch-flag": Explanation("Another setting of PyTorch may choose other kernels.", _EXPECTED),
    "package-missing": Explanation("Code that needs it fails or takes another path.", _INSTALL),
    "requirement": Explanation(
        "It is not one of the versions that the imported file asks for.",
        "{wanted}",
    ),
    "version-major": Explanation(
        "Another major version: interfaces and defaults change.", _INSTALL
    ),
    "version-minor": Explanation(
        "Another minor version: defaults, algorithms and kernels may change.",
        _INSTALL,
    ),
    "version-local": Explanation(
        "The same release in another build, such as for another CUDA version.",
        _INSTALL,
    ),
    "version-patch": Explanation("A patch seldom moves numbers, but fixes sometimes do.", _INSTALL),
    "source": Explanation(
        "It was installed from another place: the code can differ at the same version.",
        "Install it from where it was recorded.",
    ),
    "replaces-conda": Explanation(
        "pip has overwritten files of a conda package: conda's record of it is not the truth.",
        "Install it with one of the two only, best in a fresh environment.",
    ),
    "shadowed": Explanation(
        "Two copies are on the path; the first is imported, and it depends on the path which.",
        "Remove the copy that is not meant.",
    ),
    "hash": Explanation(
        "The same file name with other contents: it was built again, or changed on the way.",
        "Find out which one is genuine before trusting either; compare with the channel's digest.",
    ),
    "hash-not-checked": Explanation(
        "Not checked: no hash of one kind is known on both sides, so the files may be others.",
        "Record it again where the installer keeps hashes of one kind (sha256) for every package.",
    ),
    "build": Explanation(
        "The same version, compiled another time or with other options.",
        _INSTALL,
    ),
    "package-added": Explanation(
        "It is there now and was not; seldom matters unless imported.", _EXPECTED
    ),
    "channel": Explanation(
        "Another channel builds with other compilers and options.",
        "Install it from the recorded channel: {reference}",
    ),
    "layer-status": Explanation("This part of the stack is there on one side only.", _EXPECTED),
    "third-party": Explanation("A fact that another package's probe recorded.", _EXPECTED),
    "python-path": Explanation("Modules may be imported from another place.", _EXPECTED),
    "cuda-driver": Explanation(
        "The newest CUDA that the driver serves; newer builds may not run on an older one.",
        _EXPECTED,
    ),
    "driver-version": Explanation("Another release of the same driver branch.", _EXPECTED),
    "gpu-memory": Explanation("Libraries choose algorithms by the memory they find.", _EXPECTED),
    "ecc": Explanation("Without error correction a flipped bit goes unnoticed.", _EXPECTED),
    "cpu-model": Explanation("Caches and core types steer how work is split.", _EXPECTED),
    "machine": Explanation("Another architecture of the processor.", _EXPECTED),
    "cores": Explanation(
        "Libraries start as many threads as there are cores unless told.", _EXPECTED
    ),
    "libc": Explanation(
        "exp, log and sin come from it and may differ in the last digit.", _EXPECTED
    ),
    "os": Explanation("Seldom matters to numbers; libraries of the system may differ.", _EXPECTED),
    "kernel": Explanation("Hardly ever matters to numbers.", _EXPECTED),
    "container": Explanation("Libraries of the system and limits may be others.", _EXPECTED),
    "compiler": Explanation("Python itself was compiled in another way.", _EXPECTED),
    "environment-kind": Explanation(
        "One side is a conda environment: only the Python distributions can be compared.",
        "Make the environment with the recorded tool.",
    ),
    "environment": Explanation("The environment is of another sort.", _EXPECTED),
    "manager": Explanation(
        "Another tool made the environment; what it installed is compared.", _EXPECTED
    ),
    "installer": Explanation("Installed in another way or place, the same version.", _EXPECTED),
    "archive": Explanation("The same build in another archive format.", _EXPECTED),
    "git-commit": Explanation("The code beside the notebook may be another.", "{checkout}"),
    "git-dirty": Explanation("Changes that are not committed are in no record.", "Commit them."),
    "seed-added": Explanation(
        "The recorded results were made without a seed, so they cannot be repeated exactly.",
        "Make results with a seed the reference: %repro accept.",
    ),
}
"""Kind of change → its explanation; an action may name the subject and the reference."""


def explain(change: Change) -> tuple[str, str]:
    """Return what a change may do to results, and what to do about it.

    Parameters
    ----------
    change
        Its texts may be hostile; only plain names and versions enter a command.
    """
    why, action = EXPLANATIONS[change.kind]
    if "{" not in action:
        return why, action
    return why, action.format(
        subject=change.subject,
        reference="what it was (not set)" if change.reference is None else change.reference,
        install=_install(change),
        python=_python(change),
        checkout=_checkout(change),
        wanted=_wanted(change),
    )


def _install(change: Change) -> str:
    """Return the command that installs the recorded package, or words where there is none."""
    if change.reference is None:
        return _EXPECTED
    version, _, build = change.reference.partition(" ")
    plain = _NAME.fullmatch(change.subject) and _VERSION.fullmatch(version)
    if change.installer is None or not plain:
        return f"Install the recorded one: {change.subject} {change.reference}"
    caution = ", if you know the package" if change.kind == "package-missing" else ""
    return f"Install the recorded one{caution}: {_command(change, version, build)}"


def _command(change: Change, version: str, build: str) -> str:
    if change.installer == "conda":
        exact = f"={build}" if build and _NAME.fullmatch(build) else ""
        return f'conda install "{change.subject}={version}{exact}"'
    command = f'%pip install "{change.subject}=={version}"'
    vendor = vendor_index(change.subject, version)
    return f"{command} {vendor.only_option}" if vendor else command


def _wanted(change: Change) -> str:
    # The side that asks may be either of the two
    asked = next((text for text in (change.reference, change.current) if _asks(text)), None)
    return f"Install one that is: {change.subject} {asked or change.reference}"


def _asks(text: str | None) -> bool:
    return text is not None and not _VERSION.fullmatch(text)


def _python(change: Change) -> str:
    if change.kind != "implementation" and _VERSION.fullmatch(change.reference or ""):
        command = f'conda create -n recorded "python={change.reference}"'
        return f"Make an environment with it, for instance: {command}"
    return f"Make an environment with Python {change.reference}."


def _checkout(change: Change) -> str:
    if re.fullmatch(r"[0-9a-f]{40,64}", change.reference or ""):
        return f"To see that code: git switch --detach {change.reference}"
    return _EXPECTED
