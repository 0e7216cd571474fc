"""Find a Chromium, or install the distribution's: `python -m tests.browser.chromium`.

Only the distribution's own package is asked for, never a download of a test tool.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find_chromium() -> str | None:
    """Return the browser to test with: ``$CHROMIUM``, else the first that is installed."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    found = (shutil.which(name) for name in NAMES)
    installed = (path for path in APPLICATIONS if Path(path).is_file())
    return next((path for path in (*found, *installed) if path), None)


def install() -> str:
    """Install Chromium with apt; return what kept it from being installed, or nothing."""
    if not shutil.which("apt-get"):
        return "there is no apt-get here to install it with"
    if os.geteuid() != 0:
        return "only root may install it (sudo apt-get install chromium)"
    for words in (["update", "--quiet"], ["install", "--yes", "--quiet", "chromium"]):
        done = subprocess.run(["apt-get", *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
            return f"`apt-get {' '.join(words)}` failed: {last}"
    return ""


def main() -> None:
    """Say which browser will be used, or why there is none."""
    reason = "" if find_chromium() else install()
    found = find_chromium()
    if found:
        print(f"Browser tests run in {found}.")
        return
    print(
        f"There is no Chromium, so no browser test will run: {reason or 'it is not on the PATH'}. "
        "Install it, or name one with CHROMIUM=/path/to/it."
    )
    if os.environ.get("CI"):
        sys.exit(1)


if __name__ == "__main__":
    main()
