from jupyter_repro.safety.world import *  # noqa: D100, F403 - an older name
