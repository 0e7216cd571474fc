# ruff: noqa: D100, F401, F403 - an older name of what third parties import
from jupyter_repro.model.digest import *
from jupyter_repro.model.document import *
from jupyter_repro.model.findings import *
from jupyter_repro.model.options import Determinism, PolicyName
from jupyter_repro.model.snapshot import *
