from jupyter_repro.model.document import *  # noqa: D100, F403 - an older name
from jupyter_repro.model.findings import *  # noqa: F403
from jupyter_repro.model.options import Determinism, PolicyName  # noqa: F401
from jupyter_repro.model.snapshot import *  # noqa: F403
