"""The kinds of difference between two environments: one table with all that is decided of each.

To add a kind, add one entry. Its place in the table is its order in a report: the kind that is
likeliest to change a number comes first. The policies, the explanations and the search for causes
read this table and keep no list of kinds themselves.

Errors and warnings decide the verdict. With notes alone it stays *match*: people switch off a tool
that warns about the build string of an unused package. The policy ``production`` makes them errors.
"""

from __future__ import annotations

from jupyter_repro.comparing.environments.weights import (
    ERROR,
    ERROR_ELSE_WARNING,
    ERROR_IF_USED,
    INSTALL,
    NOTE,
    WARNING,
    WARNING_IF_USED,
    Kind,
)

KINDS: dict[str, Kind] = {
    # The random numbers themselves
    "seed": Kind(
        "Every random number is different: initial weights, shuffling, dropout, splits.",
        "Seed as recorded: %repro seed={reference}",
        research=ERROR,
        as_cause=110,
        confirm="seed",
    ),
    "seed-rank": Kind(
        "Each process of that launch drew different random numbers.",
        "Start it with the same rank, or seed with ranks=same.",
        research=ERROR,
        as_cause=108,
    ),
    # Hardware and precision: other kernels, other rounding
    "gpu-missing": Kind(
        "The results were made on a GPU; the CPU rounds differently and has other random streams.",
        "Run on a machine with a GPU of the recorded kind, or make one visible to this process.",
        research=ERROR,
        as_cause=99,
    ),
    "gpu-added": Kind(
        "The results were made without a GPU; a GPU rounds differently and has other random "
        "streams.",
        "To stay on the CPU, start the kernel with CUDA_VISIBLE_DEVICES set to an empty value.",
        research=WARNING,
        as_cause=98,
    ),
    "gpu-architecture": Kind(
        "A different architecture runs other kernels: it adds numbers in a different order, "
        "and its CUDA random numbers can differ for large tensors, even from the same seed.",
        "Run on the recorded architecture, or compare results with a tolerance.",
        research=ERROR,
        as_cause=97,
    ),
    "cpu-gpu-build": Kind(
        "A CPU build and a GPU build compute on different devices with different kernels.",
        INSTALL,
        research=ERROR_IF_USED,
        as_cause=96,
    ),
    "precision": Kind(
        "Matrix products are rounded to a different precision; TF32 keeps about 3 decimal "
        "digits, float32 about 7.",
        "Set {subject} back to {reference}.",
        research=WARNING,
        as_cause=94,
    ),
    "determinism-level": Kind(
        "Operations that had to be deterministic may not be now, or the reverse.",
        "Use the recorded level: %repro seed=… determinism={reference}",
        research=WARNING,
        as_cause=102,
        confirm="determinism",
    ),
    "deterministic-flag": Kind(
        "Without it, some operations add numbers in an order that changes from run to run.",
        "Set {subject} back to {reference}.",
        research=WARNING,
        as_cause=101,
        confirm="determinism",
    ),
    "platform": Kind(
        "Compilers and mathematical functions differ; builds and digests cannot be compared, "
        "so only versions are.",
        "Expect differences in the last digits, or run on the recorded platform.",
        research=WARNING,
    ),
    "gpu-model": Kind(
        "A different number of multiprocessors changes how work is split, and so the order "
        "of sums.",
        "Run on the recorded model, or compare results with a tolerance.",
        research=WARNING,
        as_cause=91,
    ),
    "sm-count": Kind(
        "Work is split among the multiprocessors: the order of sums, and the CUDA random "
        "numbers of large tensors, depend on their number.",
        "Run on the recorded model or slice, or compare results with a tolerance.",
        research=WARNING,
        as_cause=92,
    ),
    "mig": Kind(
        "A slice of a GPU has fewer multiprocessors, so sums are split differently.",
        "Use the GPU in the recorded mode, which its administrator sets.",
        research=WARNING,
    ),
    "gpu-count": Kind(
        "Training over several GPUs splits batches and sums gradients by their number.",
        "Make {reference} of them visible with CUDA_VISIBLE_DEVICES.",
        research=WARNING,
    ),
    # The libraries that choose the kernels
    "cudnn": Kind(
        "A different cuDNN may choose other algorithms for convolutions and recurrent layers.",
        INSTALL,
        research=WARNING,
    ),
    "cuda-runtime": Kind(
        "It brings cuBLAS and the CUDA runtime: matrix products may use other kernels.",
        INSTALL,
        research=WARNING,
    ),
    "autotune": Kind(
        "Algorithms are chosen by timing them, so the choice can change from run to run.",
        "Set {subject} back to {reference}.",
        research=WARNING,
    ),
    "framework-loaded": Kind(
        "It was installed while the kernel ran: the loaded version is not the recorded one.",
        "Restart the kernel.",
        research=ERROR_ELSE_WARNING,
    ),
    "framework-build": Kind(
        "The same release was built with a different toolkit or from different sources.",
        "Install the build that has {reference}.",
        research=WARNING_IF_USED,
    ),
    "framework-runtime": Kind("The loaded library reports a different setting."),
    "driver-branch": Kind(
        "A different driver branch compiles and schedules GPU code differently.",
        "Use a driver of the recorded branch; on a shared machine ask its administrator.",
        research=WARNING,
    ),
    "driver-loaded": Kind(
        "The driver was updated without a restart: CUDA may fail.",
        "Restart the machine.",
        research=WARNING,
    ),
    # Python
    "python-major": Kind(
        "A different major version of Python: most code behaves differently.",
        "{python}",
        research=ERROR,
    ),
    "python-minor": Kind(
        "Hashes, the standard library and the builds of all compiled packages differ.",
        "{python}",
        research=ERROR,
    ),
    "python-patch": Kind(
        "The interpreter and its standard library contain different fixes.",
        "{python}",
        research=WARNING,
    ),
    "implementation": Kind(
        "A different interpreter: order of finalisation, floats as text and compiled "
        "packages differ.",
        "{python}",
        research=ERROR,
    ),
    "free-threaded": Kind(
        "Threads run at the same time, so the order of draws and of sums may change.",
        "Use a Python built as recorded.",
        research=WARNING,
    ),
    # Numbers on the processor
    "blas": Kind(
        "A different library, or release of it, computes matrix products and linear algebra: "
        "the last digits change.",
        INSTALL,
        research=WARNING,
    ),
    "blas-architecture": Kind(
        "The library chose other kernels for this processor: dot products, inverses and "
        "decompositions differ in the last digits.",
        "OPENBLAS_CORETYPE or MKL_CBWR, set before the kernel starts, choose the kernels.",
        research=WARNING,
    ),
    "cpu-features": Kind(
        "Vector kernels are chosen by instruction set: last digits change, and so can the "
        "order of ties in an unstable sort.",
        "Run on a processor with the same instruction sets, or compare with a tolerance.",
        research=WARNING,
    ),
    "cpu-capability": Kind(
        "PyTorch runs other CPU kernels: softmax, attention and even randn change in the "
        "last digits.",
        "ATEN_CPU_CAPABILITY, set before the kernel starts, can lower it.",
        research=WARNING,
    ),
    "threads": Kind(
        "Sums are split among the threads: their number changes the last digits.",
        "Set OMP_NUM_THREADS (or the library's own call) back to {reference}.",
        research=WARNING,
        as_cause=74,
        confirm="threads",
    ),
    "library-variable": Kind(
        "It steers which numerical kernels run, or how.",
        "Set {subject} back before the kernel starts.",
        research=WARNING,
        as_cause=73,
        confirm="threads",
    ),
    "determinism-variable": Kind(
        "It decides whether or how a library repeats its results.",
        "Set {subject} back before the kernel starts.",
        research=WARNING,
    ),
    "hash-seed": Kind(
        "The order of sets of strings, and whatever is derived from it, changes.",
        "Set PYTHONHASHSEED before the kernel starts, as `jupyter repro kernel install` "
        "does; a running kernel ignores it.",
        research=WARNING,
        as_cause=30,
    ),
    "seeder": Kind(
        "This library draws its own random numbers, and they are not seeded now.",
        "Run %repro seed=… with the library's seeder installed.",
        research=WARNING,
    ),
    "torch-flag": Kind("A different setting of PyTorch may choose other kernels."),
    # Packages
    "package-missing": Kind(
        "Code that needs it fails or takes a different path.", INSTALL, research=ERROR_IF_USED
    ),
    "requirement": Kind(
        "Its version is not one that the imported file requests.",
        "{wanted}",
        research=ERROR_IF_USED,
    ),
    "version-major": Kind(
        "A different major version: interfaces and defaults change.",
        INSTALL,
        research=ERROR_IF_USED,
    ),
    "version-minor": Kind(
        "A different minor version: defaults, algorithms and kernels may change.",
        INSTALL,
        research=ERROR_IF_USED,
    ),
    "version-local": Kind(
        "A different build of the same release, for instance for a different CUDA version.",
        INSTALL,
        research=WARNING_IF_USED,
    ),
    "version-patch": Kind(
        "A patch release seldom changes numbers, but its fixes sometimes do.",
        INSTALL,
        research=WARNING_IF_USED,
    ),
    "source": Kind(
        "It was installed from a different place: the code can differ at the same version.",
        "Install it from the recorded place.",
        research=WARNING_IF_USED,
    ),
    "replaces-conda": Kind(
        "pip has overwritten files of a conda package, so conda's record of it is wrong.",
        "Install it with only one of the two, best in a fresh environment.",
        research=WARNING_IF_USED,
    ),
    "shadowed": Kind(
        "Two copies are on sys.path. Which one is imported depends on its order.",
        "Remove the copy that you do not need.",
        research=WARNING_IF_USED,
        production=WARNING,
    ),
    "hash": Kind(
        "The same file name has different contents: it was built again, or changed on the way.",
        "Find out which one is genuine before trusting either; compare with the channel's digest.",
        research=WARNING_IF_USED,
    ),
    "hash-not-checked": Kind(
        "Not checked: the two sides have no hash of the same kind, so the files may differ.",
        "Record it again where the installer keeps hashes of one kind (sha256) for every package.",
        production=WARNING,
    ),
    "build": Kind(
        "The same version, compiled at a different time or with different options.", INSTALL
    ),
    "package-added": Kind(
        "The reference does not have it; it seldom matters unless you import it."
    ),
    "channel": Kind(
        "A different channel builds with other compilers and options.",
        "Install it from the recorded channel: {reference}",
        production=WARNING,
    ),
    # What seldom changes a number
    "layer-status": Kind(
        "Only one side has this part of the stack.", research=WARNING, production=WARNING
    ),
    "third-party": Kind(
        "A fact that the probe of a different package recorded.",
        research=WARNING,
        production=WARNING,
    ),
    "python-path": Kind("Modules may be imported from a different place.", production=WARNING),
    "cuda-driver": Kind(
        "The newest CUDA that the driver supports; newer builds may not run on an older driver.",
        production=WARNING,
    ),
    "driver-version": Kind("A different release of the same driver branch.", production=WARNING),
    "gpu-memory": Kind("Libraries choose algorithms by the amount of memory.", production=WARNING),
    "ecc": Kind("Without error correction a flipped bit goes unnoticed.", production=WARNING),
    "cpu-model": Kind("Caches and core types steer how work is split.", production=WARNING),
    "machine": Kind("A different processor architecture.", production=WARNING),
    "cores": Kind(
        "By default libraries start as many threads as there are cores.", production=NOTE
    ),
    "libc": Kind("It contains exp, log and sin, whose last digit may differ.", production=WARNING),
    "os": Kind("It seldom changes numbers; system libraries may differ.", production=WARNING),
    "kernel": Kind("It hardly ever changes numbers.", production=NOTE),
    "container": Kind("System libraries and limits may differ.", production=WARNING),
    "compiler": Kind("Python itself was compiled differently.", production=WARNING),
    "environment-kind": Kind(
        "Only one side is a conda environment: only the Python distributions can be compared.",
        "Create the environment with the recorded tool.",
    ),
    "environment": Kind("The environment is of a different kind.", production=NOTE),
    "manager": Kind(
        "A different tool created the environment; what it installed is compared.", production=NOTE
    ),
    "installer": Kind("The same version, installed in a different way or place.", production=NOTE),
    "activation": Kind(
        "Without activation libraries do not find their data (GDAL_DATA, PROJ_LIB), and programs "
        "of the environment are not on the PATH.",
        "Use a kernel that starts as recorded: jupyter repro kernel install NAME.",
        research=WARNING,
        production=WARNING,
    ),
    "archive": Kind("The same build in a different archive format.", production=NOTE),
    "git-commit": Kind(
        "The code beside the notebook may be different.", "{checkout}", production=WARNING
    ),
    "git-dirty": Kind("Uncommitted changes are not recorded.", "Commit them.", production=WARNING),
    "seed-added": Kind(
        "The recorded results were made without a seed, so they cannot be repeated exactly.",
        "Run with a seed and accept the results as the reference: %repro accept.",
        production=NOTE,
        as_cause=20,
    ),
    "hash-seed-added": Kind(
        "The recorded run used random hashing, so the order of string sets cannot be reproduced.",
        "Run with a fixed order and accept the results as the reference: %repro accept.",
        production=NOTE,
    ),
}
"""Name → kind, the likeliest to change a number first. A project's own policy uses the names."""

_NAMES = list(KINDS)
PACKAGE_KINDS = frozenset(_NAMES[_NAMES.index("package-missing") : _NAMES.index("channel") + 1])
VERSION_KINDS = frozenset(("version-major", "version-minor", "version-local", "version-patch"))
