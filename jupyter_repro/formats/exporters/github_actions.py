"""Write a GitHub Actions workflow that checks weekly if the environment can still be installed.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax has the format.
The name of the notebook is in a variable, in quotes; the commands are constant.
"""

from __future__ import annotations

import re

from jupyter_repro.formats.exporters.request import CannotExportError, Exported, Request
from jupyter_repro.formats.exporters.text import joined, quoted, some
from jupyter_repro.formats.exporters.vendors import by_index

# No hyphen at the beginning, and no `$`, because GitHub would expand it
_NOTEBOOK = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9_.+@ -]*(?:/[A-Za-z0-9_.][A-Za-z0-9_.+@ -]*)*\.ipynb"
)

_LINES = """\
# Can the environment of this notebook still be installed? Asked once a week.
name: Environment of the notebook
"on":
  schedule:
    - cron: "17 4 * * 1"
  workflow_dispatch:
permissions:
  contents: read
env:
  NOTEBOOK: {notebook}
jobs:
  solve:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install 'jupyter_repro[restore]'
      - run: jupyter repro show "$NOTEBOOK"
      - run: jupyter repro solve "$NOTEBOOK"{allowed}
"""


def export(request: Request) -> Exported:
    """Return the text of a workflow.

    Raises
    ------
    CannotExportError
        If the name of the notebook is unknown, or has characters that are not allowed.
    """
    name = request.notebook or ""
    if not _NOTEBOOK.fullmatch(name) or ".." in name.split("/"):
        what = (
            f"this name ({name!r}) is not one that every shell reads unchanged"
            if name
            else "it has none"
        )
        reason = f"The workflow needs the path of the notebook, and {what}: rename the notebook."
        raise CannotExportError(reason)
    vendors = by_index(request.pins.packages)
    # The addresses come from the fixed table; a shell reads them unchanged
    allowed = "".join(f" --allow-index {vendor.address}" for vendor in vendors)
    text = _LINES.format(notebook=quoted(name), allowed=allowed)
    where = "from the top of the repository, and belongs into .github/workflows"
    notes = [f"The workflow looks for {name} {where}."]
    notes += [
        f"It allows itself to ask {vendor.address} ({vendor.vendor}), where "
        f"{some(pin.requirement for pin in its)} is."
        for vendor, its in vendors.items()
    ]
    return Exported({"notebook.yml": joined(text.splitlines())}, notes)
