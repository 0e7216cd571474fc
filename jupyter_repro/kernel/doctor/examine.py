"""Run code twice from the same random states, compare the results, and explain a difference.

The first run is yours, and its effects stay. Each further run uses copies of the variables that the
code refers to. Afterwards the random generators get back the states that the first run left.

Why copies and not a forked child: OpenMP's threads and CUDA do not survive a fork, and they are
what we examine. All variables that the code reaches are copied together, so that the copy of an
optimizer holds the weights of the copied model. Classes are not copied, because that would break
`isinstance`. Objects of unknown classes are named as not compared, because their contents include
counters and identities.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from jupyter_repro.capturing.sources.system.thread_pools import thread_pool_control
from jupyter_repro.kernel.doctor.differences import Difference, find_difference
from jupyter_repro.kernel.doctor.seen import watched
from jupyter_repro.model.findings import RunFinding
from jupyter_repro.seeding.controller import SeedController
from jupyter_repro.seeding.determinism import apply_level
from jupyter_repro.seeding.hooks.switches import undo
from jupyter_repro.seeding.options import SeedOptions

OUTPUT = "printed output"
VALUE = "value of the last line"
MAX_ULP = 64
"""Up to this many units in the last place, results are reported as identical but for rounding."""

CONFIRMING = 2
"""Further runs, unchanged and under a condition, before that condition is called the cause."""

Results = dict[str, Any]
"""Results of a run: variables by name, `OUTPUT` and `VALUE`."""


class Patient(Protocol):
    """Code that can run several times."""

    def first(self) -> Results:
        """Run it for the user, in the notebook's own namespace."""

    def again(self) -> Results:
        """Run it on fresh copies, without effects on the notebook."""


@dataclass(frozen=True)
class Comparison:
    """Two runs under the same conditions.

    Parameters
    ----------
    conditions
        In words.
    differences
        One per variable; empty if all are the same bit by bit.
    problem
        Why the comparison failed; None if it succeeded.
    skipped
        Variables that cannot be compared, with their classes.
    """

    conditions: str
    differences: tuple[Difference, ...] = ()
    problem: str | None = None
    skipped: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether all values are the same bit by bit."""
        return not self.differences and self.problem is None

    @property
    def ulp(self) -> int | None:
        """Largest distance of two floats; None if anything else differs as well."""
        distances = [each.ulp for each in self.differences]
        known = [distance for distance in distances if distance is not None]
        return max(known, default=0) if len(known) == len(distances) else None

    @property
    def verdict(self) -> str:
        """The result in words."""
        if self.problem is not None:
            return self.problem
        if self.same:
            return "bitwise identical"
        if self.ulp is not None and self.ulp <= MAX_ULP:
            return f"identical up to {self.ulp} ULP"
        return "different"


@dataclass(frozen=True)
class Diagnosis:
    """The result of an examination.

    Parameters
    ----------
    comparisons
        First under unchanged conditions; under other conditions only if the first one differs.
    count
        Number of compared values: variables, `OUTPUT` and `VALUE`.
    cause
        A sentence; None if nothing differs.
    notes
        Sentences on what could not be restored or compared.
    seen
        What the code did that may differ in a fresh kernel, to follow "The code".
    """

    comparisons: tuple[Comparison, ...]
    count: int
    cause: str | None = None
    notes: tuple[str, ...] = field(default=())
    seen: tuple[str, ...] = field(default=())


def examine(patient: Patient, seeds: SeedController, notes: list[str]) -> Diagnosis:
    """Run code twice, and more often if the results differ.

    Parameters
    ----------
    patient
        The code.
    seeds
        Saves and restores the random states.
    notes
        Sentences on what cannot be compared, as far as that is known before the run.

    Raises
    ------
    Exception
        Whatever the code raises in its first run.
    """
    start, unknown = seeds.save_state()
    loaded = seeds.loaded()
    first = patient.first()
    end, _ = seeds.save_state()
    before, go_back = seeds.findings.all(), seeds.findings.remember()

    def run() -> Results:
        seeds.load_state(start)
        seeds.seed_again(seeds.loaded() - loaded)  # the first run has imported them
        return patient.again()

    seen: set[str] = set()

    def run_watched() -> Results:
        with watched() as found:
            try:
                return run()
            finally:
                seen.update(found)

    is_steady = True
    try:
        comparisons = [_compare_with(first, run_watched, "run again")]
        if not comparisons[0].same and comparisons[0].problem is None:
            comparisons += _under_other_conditions(run)
            if any(one.same for one in comparisons):
                is_steady = all(
                    not _compare_with(first, run, "run again").same for _ in range(CONFIRMING)
                )
        unseeded = _without_seed(seeds, before)
    finally:
        seeds.load_state(end)
        go_back()
    cause = None
    if not comparisons[0].same:
        cause = _cause(comparisons, unseeded, sorted(seen), seeds.options, is_steady=is_steady)
    skipped = (f"{one} is not compared." for one in comparisons[0].skipped)
    count = len(first) - len(comparisons[0].skipped)
    every = (*notes, *unknown, *skipped)
    return Diagnosis(tuple(comparisons), count, cause, every, tuple(sorted(seen)))


def _under_other_conditions(run: Callable[[], Results]) -> Iterator[Comparison]:
    """Yield a comparison on one thread and one with strict determinism.

    If two runs are the same, more follow: two runs that race may agree by chance.
    """
    for conditions, change in (("threads=1", _one_thread), ("determinism=strict", _strict)):
        with ExitStack() as stack:
            missing = stack.enter_context(change())
            if missing:
                yield Comparison(conditions, problem=f"not run: {missing}")
                continue
            try:
                first = run()
            except Exception as error:  # noqa: BLE001 - an operation may refuse strict determinism
                yield Comparison(conditions, problem=f"stopped: {_first_line(error)}")
                continue
            found = _compare_with(first, run, conditions)
            for _ in range(CONFIRMING):
                found = _compare_with(first, run, conditions) if found.same else found
            yield found


def _compare_with(first: Results, run: Callable[[], Results], conditions: str) -> Comparison:
    try:
        second = run()
    except Exception as error:  # noqa: BLE001 - the user's code
        return Comparison(conditions, problem=f"stopped: {_first_line(error)}")
    found, skipped = [], []
    for name, value in first.items():
        try:
            found.append(find_difference(name, value, second.get(name)))
        except Exception:  # noqa: BLE001, PERF203 - objects of any class, also broken ones
            skipped.append(f"{name} ({type(value).__name__})")
    differences = tuple(one for one in found if one is not None)
    return Comparison(conditions, differences, skipped=tuple(skipped))


def _first_line(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}"[:300]


@contextmanager
def _one_thread() -> Iterator[str | None]:
    """Compute on one thread in all libraries that have such an option."""
    torch = sys.modules.get("torch")
    numba = sys.modules.get("numba")
    with ExitStack() as stack:
        if torch is not None:
            stack.callback(torch.set_num_threads, torch.get_num_threads())
            torch.set_num_threads(1)
        if numba is not None:
            stack.callback(numba.set_num_threads, numba.get_num_threads())
            numba.set_num_threads(1)
        control = thread_pool_control()
        if control is not None:
            stack.enter_context(control.threadpool_limits(1))
        yield None if torch or numba or control else "threadpoolctl is not installed"


@contextmanager
def _strict() -> Iterator[str | None]:
    """Make PyTorch refuse operations without a deterministic algorithm."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield "PyTorch is not loaded"
        return
    changes, _ = apply_level(torch, "strict")
    try:
        yield None
    finally:
        undo(changes)


def _without_seed(seeds: SeedController, before: list[RunFinding]) -> list[str]:
    """Return sentences on the unseeded generators that the further runs used."""
    counts = {(one.kind, one.file, one.line): one.count for one in before}
    derived = seeds.options is not None and seeds.options.generators == "derive"
    return [
        one.what
        for one in seeds.findings.all()
        if one.kind.startswith("unseeded")
        and not (derived and one.kind == "unseeded-generator")
        and one.count > counts.get((one.kind, one.file, one.line), 0)
    ]


def _cause(
    comparisons: list[Comparison],
    unseeded: list[str],
    seen: list[str],
    options: SeedOptions | None,
    *,
    is_steady: bool,
) -> str:
    plain, *others = comparisons
    if plain.problem is not None:
        return f"Likely cause: The second run failed: {plain.problem.removeprefix('stopped: ')}"
    threads, strict = others
    if strict.problem is not None and "deterministic" in strict.problem:
        text = "Likely cause: A nondeterministic operation without a deterministic variant"
        return f"{text}; replace it{', or use one thread.' if threads.same else '.'}"
    if (threads.same or strict.same) and not is_steady:
        return (
            "No cause is confirmed: unchanged runs differ only sometimes, so runs that agree under "
            f"other conditions prove nothing.{_remark(seen)}"
        )
    confirmed = _confirmed(threads, strict)
    if confirmed is not None:
        return f"Likely cause: {confirmed}"
    if unseeded:
        return f"Likely cause: An unseeded source of random numbers: {unseeded[0]}"
    if not seen and plain.ulp is not None and plain.ulp <= MAX_ULP:
        return (
            "Likely cause: Rounding alone (precision): neither threads nor PyTorch's algorithms "
            "explain it. Compare with a tolerance."
        )
    if options is None:
        return "Likely cause: Nothing is seeded. Run %repro seed=42 and try again."
    if seen:
        return f"No cause is confirmed.{_remark(seen)}"
    return (
        "No cause is confirmed. It may be a source that cannot be seeded: the network, a file that "
        "changes, a thread, or a generator that %repro generators=report did not seed."
    )


def _confirmed(threads: Comparison, strict: Comparison) -> str | None:
    """Return the cause that further runs have confirmed, or None."""
    if threads.same and strict.same:
        return (
            "A nondeterministic operation of PyTorch that runs on several threads: "
            "determinism=warn or strict makes it repeatable, and so does a single thread."
        )
    if strict.same:
        return (
            "A nondeterministic operation of PyTorch: "
            "determinism=warn or strict makes it repeatable."
        )
    if threads.same:
        return (
            "Several threads that add numbers in varying order: "
            "a single thread makes it repeatable."
        )
    return None


def _remark(seen: list[str]) -> str:
    return f" The code {' and '.join(seen)}: look there first." if seen else ""
