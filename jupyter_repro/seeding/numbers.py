"""Which numbers are derived from the seed: for each library, cell, worker and purpose."""

from __future__ import annotations

from typing import NamedTuple

from jupyter_repro.seeding.options import SeedOptions, current_rank
from jupyter_repro.seeding.streams import derive


class Numbers(NamedTuple):
    """The current seed, and where in the tree of derived numbers this process is.

    Parameters
    ----------
    options
        The options that the user chose.
    path
        The key of the numbers that libraries get; empty if they get the user's own seed.
    """

    options: SeedOptions
    path: tuple[int | str, ...] = ()

    @classmethod
    def of(cls, options: SeedOptions) -> Numbers:
        """Return the numbers that a process begins with."""
        numbers = cls(options)
        return numbers._replace(path=numbers.root) if numbers.rank else numbers

    @property
    def rank(self) -> int | None:
        """The number that distinguishes this process from others; None if nothing does."""
        return current_rank() if self.options.ranks == "distinct" else None

    @property
    def root(self) -> tuple[int | str, ...]:
        """The beginning of the keys of all derived numbers of this process."""
        rank, seed = self.rank, self.options.seed
        return (seed, "rank", rank) if rank else (seed,)

    def below(self, *key: int | str) -> Numbers:
        """Return the numbers of a part of this process: of a cell, of a worker."""
        return self._replace(path=(*self.root, *key))

    def seed_for(self, name: str) -> int:
        """Return the seed that a library gets.

        The user's own at first, so that you get the same numbers as if you had seeded by hand.
        Derived ones differ between libraries: otherwise Python and NumPy would draw the same
        numbers.
        """
        return derive(64, *self.path, name) if self.path else self.options.seed

    def derive(self, bits: int, *key: str) -> int:
        """Return the number that belongs to a key, the same each time."""
        return derive(bits, *self.root, *key)
