from jupyter_repro.kernel.remote import *  # noqa: D100, F403 - an older name
