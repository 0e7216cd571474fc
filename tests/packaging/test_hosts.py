"""Installing beside what hosted notebooks publish adds packages and replaces none of theirs.

Each list in `tests/fixtures/hosts` tells its source and its date.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.installing import make_venv, need_index, site_of

HOSTS = Path(__file__).resolve().parents[1] / "fixtures" / "hosts"

# Its functions differ from version to version, and only the extra `restore` asks for it
REPLACED = {"sagemaker-4.4": {"py-rattler"}}


def published(host: str) -> dict[str, str]:
    text = (HOSTS / f"{host}.txt").read_text()
    return dict(re.findall(r"^([^#\s=]+)==(\S+)$", text, re.MULTILINE))


def pretend(python: Path, versions: dict[str, str]) -> None:
    """Let packages look installed."""
    for name, version in versions.items():
        folder = site_of(python) / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        (folder / "METADATA").write_text("\n".join(lines) + "\n")
        (folder / "INSTALLER").write_text("pip\n")
        (folder / "RECORD").write_text("")


@pytest.mark.parametrize("host", sorted(path.stem for path in HOSTS.glob("*.txt")))
def test_nothing_of_theirs_is_replaced(host: str, wheel: Path, tmp_path: Path) -> None:
    need_index()
    python = make_venv(tmp_path / "env", pip=False)
    theirs = published(host)
    pretend(python, theirs)
    report = tmp_path / "report.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet"),
            *("--dry-run", "--report", report, f"jupyter_repro[all] @ {wheel.as_uri()}"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    installed = {
        re.sub(r"[-_.]+", "-", entry["metadata"]["name"]).lower(): entry["metadata"]["version"]
        for entry in json.loads(report.read_text())["install"]
    }
    assert "jupyter-repro" in installed
    replaced = {f"{name}=={version}" for name, version in installed.items() if name in theirs}
    assert {line.partition("==")[0] for line in replaced} == REPLACED.get(host, set()), replaced
