"""Lightning under the name of its earlier package."""

from __future__ import annotations

from jupyter_repro.seeding.seeders.lightning import seed, settings

__all__ = ["MODULE", "seed", "settings"]

MODULE = "pytorch_lightning"
