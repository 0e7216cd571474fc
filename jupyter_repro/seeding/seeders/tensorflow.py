"""TensorFlow: the global seed of its operations, and its global generator.

The two are separate. `generators.tensorflow` covers generators that TensorFlow makes from entropy.
A seed does not fix the order in which parallel parts of an input pipeline draw:
``tf.config.experimental.enable_op_determinism()`` does that.
"""

from __future__ import annotations

import sys
from types import ModuleType

MODULE = "tensorflow"


def seed(module: ModuleType, seed: int) -> None:
    """Seed as ``tf.random.set_seed(seed)`` does, and the global generator if there is one.

    It is not made here: that would start TensorFlow's devices, after which they cannot be
    configured any more.

    Parameters
    ----------
    module
        The module `tensorflow`.
    seed
        All 64 bits count.
    """
    module.random.set_seed(seed)
    owner = sys.modules.get("tensorflow.python.ops.stateful_random_ops")
    generator = getattr(owner, "global_generator", None)
    if generator is not None:
        generator.reset_from_seed(seed)
