"""The two example packages, installed as a third party's would be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fresh_process import ROOT, run_python

EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site-packages")
    for name in ("third_party_seeder", "third_party_probe"):
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        options = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder)]
        subprocess.run([*command, *options, str(EXAMPLES / name)], check=True, timeout=300)
    return folder


def run(code: str, site: Path, cwd: Path | None = None) -> str:
    return run_python(code, cwd=cwd, env={"PYTHONPATH": f"{ROOT}:{site}"})


def test_the_seeder_is_found_and_seeds(site: Path) -> None:
    code = """
import json
from jupyter_repro import get_rng_state, seed_all, set_rng_state
from jupyter_repro.seeding.api import current_controller
seeding = seed_all(42)
waiting = "dicebox" in seeding.waiting
import dicebox
first = [dicebox.throw() for _ in range(20)]
seed_all(42)
again = [dicebox.throw() for _ in range(20)]
state = get_rng_state()
more = [dicebox.throw() for _ in range(20)]
set_rng_state(state)
print(json.dumps([first, waiting, again == first, more == [dicebox.throw() for _ in range(20)],
                  current_controller().state().seeded, current_controller().notes()]))
"""
    throws, waiting, again, restored, seeded, notes = json.loads(run(code, site))
    assert json.loads(run(code, site))[0] == throws
    assert (waiting, again, restored) == (True, True, True)
    assert "dicebox" in seeded
    assert not any("dicebox" in note for note in notes)


def test_the_probe_is_found_and_fills_its_layer(site: Path, tmp_path: Path) -> None:
    code = """
import json, msgspec
from jupyter_repro import capture
print(json.dumps(msgspec.to_builtins(capture().third_party["sample_store"])))
"""
    assert json.loads(run(code, site, tmp_path))["status"] == "unavailable"
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "RELEASE").write_text("2026.3\n")
    layer = json.loads(run(code, site, tmp_path))
    assert layer == {"status": "ok", "facts": {"release": "2026.3"}}
