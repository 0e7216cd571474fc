from jupyter_repro.model.snapshot import *  # noqa: D100, F403 - an older name
