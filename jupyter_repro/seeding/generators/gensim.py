"""gensim with several workers, its default: they train a model in the order in which they come."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame, is_library
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.processes import KIND
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "gensim.models.word2vec"


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Report models with several workers; return how to undo it, and no notes."""

    def make(original: Call) -> Call:
        def train(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
            workers = getattr(self, "workers", 1)
            if workers != 1:
                frame = calling_frame(1)
                while frame is not None and is_library(frame.f_code.co_filename):
                    frame = frame.f_back  # the model trains itself when it is made
                entropy.report(
                    KIND,
                    f"A model of gensim trains with workers={workers}: their order, and so its "
                    "vectors, differ from run to run.",
                    "Use workers=1 for a model that has to repeat.",
                    frame,
                )
            return original(self, *args, **options)

        return train

    model = getattr(module, "Word2Vec", None)
    return (replace(model, "train", make) if model is not None else []), []
