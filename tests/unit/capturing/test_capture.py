"""A capture always gives a valid snapshot, whatever its probes and the world do."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from jupyter_repro.capturing import capture as module
from jupyter_repro.capturing.capture import capture
from jupyter_repro.capturing.plugins import PROBES, Broken
from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.model.snapshot import CoreLayer, Layer, PackagesLayer, Snapshot, ThirdPartyLayer
from jupyter_repro.safety.world import World, current_world
from tests.fresh_process import ROOT, run_python
from tests.unit.support.sites import Site, world_of

# Put together here, so that no scanner takes this file for a leak
TOKEN = "hf_" + "a1B2c3" * 6
VALUE = "0a1b2c3d4e5f6g7h"


class Collector:
    """A probe that answers or raises."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def collect(self, _world: World) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def third_party(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is found by entry points: nothing, until a test puts it here."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(module, "_third_party", lambda: found)
    return found


def with_probe(monkeypatch: pytest.MonkeyPatch, name: str, answer: object) -> None:
    """Let the probe of a layer answer something else."""
    probe = ModuleType(f"jupyter_repro.capturing.probes.{name}")
    vars(probe)["collect"] = Collector(answer).collect
    monkeypatch.setitem(sys.modules, probe.__name__, probe)


def is_stored_and_read(snapshot: Snapshot) -> bool:
    return decode_snapshot(msgspec.json.encode(snapshot)) == snapshot


def test_this_process() -> None:
    found = capture()
    assert is_stored_and_read(found)
    assert found.digest == digest_of(found.layers, found.third_party)
    statuses = {name: getattr(found.layers, name).status for name in PROBES}
    assert statuses["core"] == statuses["packages"] == statuses["notebook"] == "ok"
    assert "error" not in statuses.values()


def test_the_same_world_has_the_same_digest() -> None:
    world = current_world()
    assert capture(world).digest == capture(world).digest


def test_an_empty_world_is_captured(tmp_path: Path, third_party: dict[str, Any]) -> None:
    found = capture(world_of(tmp_path))
    assert is_stored_and_read(found)
    assert found.layers.packages == PackagesLayer(status="ok")


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_that_fails_is_an_error_and_the_rest_goes_on(
    name: str, monkeypatch: pytest.MonkeyPatch, third_party: dict[str, Any]
) -> None:
    normal = capture()
    with_probe(monkeypatch, name, OSError("the disk is gone"))
    found = capture()
    assert is_stored_and_read(found)
    layer: Layer = getattr(found.layers, name)
    assert (layer.status, layer.reason) == ("error", "OSError: the disk is gone")
    others = [other for other in PROBES if other != name]
    assert [getattr(found.layers, other).status for other in others] == [
        getattr(normal.layers, other).status for other in others
    ]


class SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "answer",
    [
        *(None, 3, {"status": "fine"}, SilentError()),
        CoreLayer(status="ok", python="3.11\x1b[31m"),
        CoreLayer(status="ok", python="x" * 501),
        CoreLayer(status="ok", python="line\n"),
        CoreLayer(status="ok", python="half \ud800"),
        CoreLayer(status="ok", python=3),  # type: ignore[arg-type] # probes are not checked
    ],
)
def test_an_answer_that_cannot_be_stored_is_an_error(
    answer: object, monkeypatch: pytest.MonkeyPatch, third_party: dict[str, Any]
) -> None:
    with_probe(monkeypatch, "core", answer)
    found = capture()
    assert is_stored_and_read(found)
    assert found.layers.core.status == "error"
    assert found.layers.core.reason


def test_interrupting_the_kernel_interrupts_the_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    with_probe(monkeypatch, "core", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        capture()


def test_third_parties(third_party: dict[str, Any]) -> None:
    third_party["good"] = Collector(ThirdPartyLayer(status="ok", facts={"gain": 1.5}))
    third_party["raises"] = Collector(ValueError("no device"))
    third_party["exits"] = Collector(SystemExit(1))
    third_party["broken"] = Broken("broken", "it does not load")
    third_party["wrong"] = Collector(["no layer"])
    third_party["not_a_number"] = Collector(ThirdPartyLayer(status="ok", facts={"x": float("nan")}))
    found = capture()
    assert is_stored_and_read(found)
    layers = found.third_party
    assert layers["good"] == ThirdPartyLayer(status="ok", facts={"gain": 1.5})
    assert layers["raises"] == ThirdPartyLayer(status="error", reason="ValueError: no device")
    assert layers["exits"].status == layers["wrong"].status == "error"
    assert layers["broken"] == ThirdPartyLayer(status="error", reason="it does not load")
    assert layers["not_a_number"].facts == {"x": None}


def test_secrets_never_come_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, third_party: dict[str, Any]
) -> None:
    with_probe(monkeypatch, "core", CoreLayer(status="ok", python=f"3 {TOKEN}", manager=VALUE))
    with_probe(monkeypatch, "gpu", OSError(f"no {VALUE} in /home/somebody/x"))
    third_party["facts"] = Collector(
        ThirdPartyLayer(status="ok", facts={"a": f"x{VALUE}", VALUE: "the key is the secret"})
    )
    world = replace(current_world(), environ={"SOME_API_KEY": VALUE, "PATH": "/usr/bin"})
    found = capture(world)
    assert is_stored_and_read(found)
    text = msgspec.json.encode(found).decode()
    assert TOKEN not in text
    assert VALUE not in text
    assert "somebody" not in text
    assert found.layers.core.python == "3 ***"
    assert found.layers.core.manager == "***"
    assert found.layers.gpu.reason == "OSError: no *** in /home/***/x"
    assert found.third_party["facts"].status == "error"  # *** is no name


def test_a_process_with_broken_third_parties_and_secrets(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    (site.folder / "leaky.py").write_text(
        "import os\n"
        "from jupyter_repro.model.snapshot import ThirdPartyLayer\n"
        "def collect(world):\n"
        "    value = os.environ['LAB_TOKEN']\n"
        "    return ThirdPartyLayer(status='ok', facts={'address': f'https://h.example/{value}'})\n"
    )
    points = "[jupyter_repro.probes_v1]\nleaky = leaky\ngone = not_there\n"
    site.add("lab", "1.0", entry_points_txt=points)
    site.add("garbage", "1.0", entry_points_txt="\x00 no [jupyter_repro.probes_v1]\n at all")
    code = (
        "import sys, msgspec\n"
        "from jupyter_repro.capturing.capture import capture\n"
        "sys.stdout.write(msgspec.json.encode(capture()).decode())\n"
    )
    path = f"{site.folder}{os.pathsep}{ROOT}"
    output = run_python(code, env={"PYTHONPATH": path, "LAB_TOKEN": VALUE})
    assert VALUE not in output
    found = decode_snapshot(output)
    assert found.third_party["leaky"].facts == {"address": "https://h.example/***"}
    assert "not_there" in str(found.third_party["gone"].reason)
    assert found.third_party["garbage"].status == "error"
    assert found.layers.packages.status == "ok"
    assert "lab==1.0 [pip, PYTHONPATH]" in found.layers.packages.packages


def test_a_capture_starts_nothing_and_imports_no_framework() -> None:
    code = """
import sys
def no_process(event, _):
    if event in {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"}:
        raise AssertionError(event)
sys.addaudithook(no_process)
from jupyter_repro.capturing.capture import capture
snapshot = capture()
heavy = {"numpy", "torch", "pandas", "yaml", "nbformat", "jsonschema", "ipywidgets"}
print(snapshot.layers.packages.status, *sorted(heavy & set(sys.modules)))
"""
    assert run_python(code) == "ok"


def test_no_personal_folder_is_in_a_snapshot(tmp_path: Path) -> None:
    home = tmp_path / "homes" / "wilhelmina"
    (home / "project").mkdir(parents=True)
    code = (
        "import sys, msgspec\n"
        "from jupyter_repro.capturing.capture import capture\n"
        "sys.stdout.write(msgspec.json.encode(capture()).decode())\n"
    )
    names = ("HOME", "USERPROFILE", "USER", "LOGNAME", "USERNAME")
    environ = dict.fromkeys(names[2:], "wilhelmina") | dict.fromkeys(names[:2], str(home))
    environ["HOSTNAME"] = "laboratory-host-7"
    text = run_python(code, cwd=home / "project", env=environ)
    assert json.loads(text)["layers"]["notebook"]["status"] == "ok"
    for word in ("wilhelmina", "laboratory-host-7", str(Path(sys.prefix))):
        assert word not in text
