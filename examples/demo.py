"""The tour behind `make demo`: train, record, run again, and check in a different environment.

Works on a copy in ``.demo/``, so that the example itself stays as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / ".demo"
NOTEBOOK = DEMO / "quickstart.ipynb"
# Both are pure Python, imported by scikit-learn, and differ from what the demo installs
OTHER_VERSIONS = ("joblib==1.4.2", "threadpoolctl==3.5.0")


def say(title: str) -> None:
    print(f"\n=== {title}", flush=True)


def repro(*arguments: str | Path, expected: tuple[int, ...] = (0,)) -> None:
    """Run ``jupyter repro …`` and show it as a user would type it."""
    words = [str(word.relative_to(ROOT)) if isinstance(word, Path) else word for word in arguments]
    print(f"$ jupyter repro {' '.join(words)}", flush=True)
    command = [sys.executable, "-m", "jupyter_repro", *words]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status not in expected:
        sys.exit(f"demo: the command above ended with status {status}")


def make_other_environment() -> Path:
    """Return the interpreter of a second environment, in which two packages are older."""
    folder = DEMO / "other"
    venv.create(folder, clear=True, with_pip=False, symlinks=os.name != "nt")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    install = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    target = ["--no-deps", "--target", paths["purelib"], *OTHER_VERSIONS]
    subprocess.run([*install, *target], check=True)
    # Everything else comes from the environment of the demo, behind the two
    shared = f"{sysconfig.get_path('purelib')}\n{ROOT}\n"
    Path(paths["purelib"], "shared.pth").write_text(shared, encoding="utf-8")
    return python


def open_jupyterlab() -> None:
    say("JupyterLab starts on the recorded notebook, with the panel (Ctrl+C ends it)")
    extensions = DEMO / "labextensions"
    extensions.mkdir(exist_ok=True)
    panel = extensions / "jupyter-repro"
    if not panel.exists():
        panel.symlink_to(ROOT / "jupyter_repro" / "labextension", target_is_directory=True)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--notebook-dir={DEMO}"]
    command.append(f"--LabApp.extra_labextensions_path={extensions}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    try:
        subprocess.run([*command, "--LabApp.default_url=/lab/tree/quickstart.ipynb"], check=False)
    except KeyboardInterrupt:
        print()


def main() -> None:
    DEMO.mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "examples" / "quickstart.ipynb", NOTEBOOK)
    say("1. Execute the notebook in a fresh kernel and record what it was made with")
    repro("run", NOTEBOOK)
    say("2. What was recorded, layer by layer")
    repro("show", NOTEBOOK)
    say("3. Run it again in a fresh kernel: are the results the same?")
    repro("run", NOTEBOOK)
    say("4. Does this environment still match what was recorded?")
    repro("check", NOTEBOOK)
    say(f"5. And a different environment, with {' and '.join(OTHER_VERSIONS)}?")
    repro("check", NOTEBOOK, "--python", make_other_environment(), expected=(0, 1))
    if os.environ.get("CI") != "true" and os.environ.get("DEMO_OPEN") != "0":
        open_jupyterlab()


if __name__ == "__main__":
    main()
