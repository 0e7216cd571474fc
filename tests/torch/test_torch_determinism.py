"""PyTorch's switches: as its own functions set them, told where not, and put back in the end."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_repro.model.options import Determinism
from jupyter_repro.seeding.determinism import CUBLAS_VARIABLE, apply_level, apply_to_inductor
from jupyter_repro.seeding.hooks.switches import undo
from tests.fresh_process import run_python

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

FLAGS = """
import json, sys
def flags(with_inductor=True):
    import torch
    found = {
        "enabled": torch.are_deterministic_algorithms_enabled(),
        "warn_only": torch.is_deterministic_algorithms_warn_only_enabled(),
        "debug_mode": torch.get_deterministic_debug_mode(),
        "fill": torch.utils.deterministic.fill_uninitialized_memory,
        "cudnn": [torch.backends.cudnn.enabled, torch.backends.cudnn.deterministic,
                  torch.backends.cudnn.benchmark, torch.backends.cudnn.allow_tf32],
        "mkldnn": torch.backends.mkldnn.deterministic,
        "threads": torch.get_num_threads(),
    }
    if with_inductor:
        import torch._inductor.config as config
        found["inductor"] = config.deterministic
        found["inductor_hash"] = config.get_hash().hex()
    return found
"""
PUBLIC = """
import torch
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False
torch.use_deterministic_algorithms(True, warn_only={warn_only})
"""
OURS = """
from jupyter_repro.seeding.api import current_controller, seed_all, unseed
seed_all(42, "{level}")
import torch
assert "torch._inductor" not in sys.modules
"""
COMPILED = """
torch.compile(lambda x: x * 2 + 1, backend="eager")(torch.ones(3))
"""


@pytest.mark.parametrize("level", ["warn", "strict"])
@pytest.mark.parametrize("after", ["", COMPILED], ids=["nothing", "torch.compile"])
def test_every_flag_is_as_the_public_function_sets_it(level: str, after: str) -> None:
    public = PUBLIC.format(warn_only=level == "warn")
    outputs = [
        run_python(f"{FLAGS}{code}{after}print(json.dumps(flags()))")
        for code in (public, OURS.format(level=level))
    ]
    assert json.loads(outputs[0])["inductor"] is True
    assert outputs[0] == outputs[1]


def test_inductor_is_set_where_it_was_loaded_before() -> None:
    code = f"""{FLAGS}
import torch, torch._inductor.config as config
from jupyter_repro.seeding.api import seed_all, unseed
before = flags()
seed_all(42)
# The hash is part of the key of the cache of compiled code, and is itself cached
print(config.deterministic, flags()["inductor_hash"] != before["inductor_hash"])
unseed()
print(flags() == before)
"""
    assert run_python(code).split() == ["True", "True", "True"]


def test_the_setting_holds_in_every_thread_wherever_inductor_is_imported() -> None:
    code = f"""{FLAGS}{OURS.format(level="warn")}
import asyncio, importlib, threading
def in_thread(call):
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
in_thread(lambda: importlib.import_module("torch._inductor.config"))
config = sys.modules["torch._inductor.config"]
async def read():
    return config.deterministic
values = [config.deterministic, asyncio.run(read())]
in_thread(lambda: values.append(config.deterministic))
unseed()
values.append(config.deterministic)
in_thread(lambda: values.append(config.deterministic))
print(json.dumps(values))
"""
    assert json.loads(run_python(code)) == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("torch.use_deterministic_algorithms(False)", [False, False, False]),
        ("torch.use_deterministic_algorithms(True)", [True, False, True]),
        ("torch.use_deterministic_algorithms(True, warn_only=True)", [True, True, True]),
    ],
)
def test_a_later_call_of_the_users_wins(call: str, expected: list[bool]) -> None:
    code = f"""{FLAGS}{OURS.format(level="warn")}
{call}
current_controller().poll()
found = flags()
print(json.dumps([found["enabled"], found["warn_only"], found["inductor"]]))
"""
    assert json.loads(run_python(code)) == expected


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("strict", {"enabled": True, "warn_only": False, "cudnn": [True, False]}),
        ("warn", {"enabled": True, "warn_only": True, "cudnn": [True, False]}),
        ("cudnn", {"enabled": False, "warn_only": False, "cudnn": [True, False]}),
        ("off", {"enabled": False, "warn_only": False, "cudnn": [False, True]}),
    ],
)
def test_levels(level: str, expected: dict[str, object]) -> None:
    code = f"""{FLAGS}
from jupyter_repro.seeding.api import seed_all
import torch
torch.backends.cudnn.benchmark = True
seed_all(42, "{level}")
found = flags(with_inductor=False)
print(json.dumps({{"enabled": found["enabled"], "warn_only": found["warn_only"],
                  "cudnn": found["cudnn"][1:3]}}))
"""
    assert json.loads(run_python(code)) == expected


@pytest.mark.parametrize(
    ("level", "outcome"), [("strict", "raised"), ("warn", "warned"), ("cudnn", "silent")]
)
def test_an_operation_without_a_deterministic_algorithm(level: str, outcome: str) -> None:
    code = f"""
import sys, warnings
{OURS.format(level=level)}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    try:
        torch.zeros(3).put_(torch.tensor([0, 0]), torch.tensor([1.0, 2.0]))
        print("warned" if caught else "silent")
    except RuntimeError:
        print("raised")
"""
    assert run_python(code) == outcome


def test_a_gradient_of_indexing_is_the_same_each_time() -> None:
    code = f"""
import sys
{OURS.format(level="warn")}
import hashlib
torch.manual_seed(0)
index, values = torch.randint(0, 1000, (1_000_000,)), torch.randn(1_000_000)
results = set()
for _ in range(6):
    weights = torch.ones(1000, requires_grad=True)
    (weights[index] * values).sum().backward()
    results.add(hashlib.sha256(weights.grad.numpy().tobytes()).hexdigest())
print(len(results))
"""
    assert run_python(code) == "1"


# --- undoing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["strict", "warn", "cudnn", "off"])
def test_undoing_puts_everything_back(level: str) -> None:
    code = f"""{FLAGS}
import os, torch
from jupyter_repro.seeding.api import seed_all, unseed
torch.backends.cudnn.benchmark = True
before, variables = flags(), dict(os.environ)
seed_all(42, "{level}")
seed_all(43, "{level}")
seed_all(43, "off")
print(flags() == before)
seed_all(43, "warn")
print(unseed(), flags() == before, dict(os.environ) == variables)
"""
    assert run_python(code).split() == ["True", "[]", "True", "True"]


def test_the_users_own_setting_comes_back_and_stays_stricter() -> None:
    code = f"""{FLAGS}
import torch
from jupyter_repro.seeding.api import current_controller, seed_all, unseed
torch.use_deterministic_algorithms(True)
torch.backends.cudnn.benchmark = True
before = flags()
seed_all(42, "warn")
print(torch.get_deterministic_debug_mode(), torch.backends.cudnn.benchmark)
print(json.dumps(current_controller().notes()))
unseed()
print(flags() == before)
"""
    mode, notes, back = run_python(code).splitlines()
    assert mode == "2 False"
    assert back == "True"
    assert "torch.backends.cudnn.benchmark was True; it is False until %repro off." in notes
    assert "torch.use_deterministic_algorithms(True) was called before" in notes


def test_what_the_user_changed_since_is_left_and_told() -> None:
    code = f"""{FLAGS}{OURS.format(level="warn")}
torch.use_deterministic_algorithms(True)
notes = unseed()
print(json.dumps([torch.get_deterministic_debug_mode(), notes]))
"""
    mode, notes = json.loads(run_python(code))
    assert mode == 2
    (note,) = notes
    assert note == (
        "torch.use_deterministic_algorithms (enabled, warn_only) (now (True, False)) was not "
        "reset: it was changed after %repro."
    )


def test_what_the_user_switched_off_since_needs_no_word() -> None:
    code = f"""{FLAGS}{OURS.format(level="warn")}
torch.use_deterministic_algorithms(False)
torch.backends.cudnn.deterministic = False
print(unseed(), flags()["enabled"], flags()["inductor"])
"""
    assert run_python(code) == "[] False False"


def test_frozen_flags_are_told() -> None:
    code = """
import json, torch
from jupyter_repro.seeding.api import current_controller, seed_all
torch.backends.disable_global_flags()
seed_all(42, "cudnn")
print(json.dumps(current_controller().notes()))
"""
    notes = json.loads(run_python(code))
    assert any(
        note.startswith("torch.backends.cudnn.deterministic is False and could not be set to True")
        for note in notes
    )


# --- other builds and versions of PyTorch, recorded as far as the switches go ------------------


def other_torch(
    version: str, *, cuda: str | None = "12.6", initialised: bool = False, private: bool = True
) -> Any:
    flags = {"enabled": False, "warn_only": False}

    def use(mode: bool, *, warn_only: bool = False) -> None:  # noqa: FBT001 - PyTorch's signature
        flags.update(enabled=mode, warn_only=warn_only)

    return SimpleNamespace(
        __version__=version,
        version=SimpleNamespace(cuda=cuda),
        cuda=SimpleNamespace(is_initialized=lambda: initialised),
        backends=SimpleNamespace(cudnn=SimpleNamespace(deterministic=False, benchmark=False)),
        are_deterministic_algorithms_enabled=lambda: flags["enabled"],
        is_deterministic_algorithms_warn_only_enabled=lambda: flags["warn_only"],
        use_deterministic_algorithms=use,
        _C=SimpleNamespace(_set_deterministic_algorithms=use) if private else SimpleNamespace(),
    )


@pytest.fixture(autouse=True)
def no_cublas_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CUBLAS_VARIABLE, raising=False)


@pytest.mark.parametrize(
    ("version", "cuda", "level", "value"),
    [
        ("2.9.1+cu126", "12.6", "warn", ":4096:8"),
        ("1.12.1", "11.3", "strict", ":4096:8"),
        ("2.9.1+cu126", "12.6", "cudnn", None),
        ("2.9.1+cpu", None, "strict", None),
        ("2.10.0+cu130", "13.0", "strict", None),
        ("2.13.0a0+git1234", "13.0", "strict", None),
    ],
)
def test_the_cublas_variable_is_set_only_where_it_is_needed(
    version: str, cuda: str | None, level: Determinism, value: str | None
) -> None:
    import os

    changes, notes = apply_level(other_torch(version, cuda=cuda), level)
    assert os.environ.get(CUBLAS_VARIABLE) == value
    assert notes == []
    assert undo(changes) == []
    assert CUBLAS_VARIABLE not in os.environ


def test_the_cublas_variable_comes_too_late_after_cuda_is_initialised() -> None:
    import os

    _, notes = apply_level(other_torch("2.9.1", initialised=True), "strict")
    assert CUBLAS_VARIABLE not in os.environ
    assert len(notes) == 1
    assert notes[0].startswith("CUBLAS_WORKSPACE_CONFIG is not in force: CUDA was initialised")


@pytest.mark.parametrize(("value", "told"), [(":16:8", False), (":0:0", True)])
def test_the_users_cublas_variable_is_left(
    monkeypatch: pytest.MonkeyPatch, value: str, *, told: bool
) -> None:
    import os

    monkeypatch.setenv(CUBLAS_VARIABLE, value)
    changes, notes = apply_level(other_torch("2.9.1"), "strict")
    assert bool(notes) is told
    undo(changes)
    assert os.environ[CUBLAS_VARIABLE] == value


def test_the_cublas_variable_that_was_changed_since_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import os

    changes, _ = apply_level(other_torch("2.9.1"), "strict")
    monkeypatch.setenv(CUBLAS_VARIABLE, ":16:8")
    (note,) = undo(changes)
    assert note == (
        "CUBLAS_WORKSPACE_CONFIG (now :16:8) was not reset: it was changed after %repro."
    )
    assert os.environ[CUBLAS_VARIABLE] == ":16:8"


@pytest.mark.parametrize("level", ["warn", "strict"])
def test_the_public_function_serves_where_the_private_one_is_missing(level: Determinism) -> None:
    torch = other_torch("2.13.0", private=False)
    changes, notes = apply_level(torch, level)
    assert notes == []
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled() is (level == "warn")
    assert undo(changes) == []
    assert not torch.are_deterministic_algorithms_enabled()


def test_an_inductor_without_the_switch_is_left() -> None:
    assert apply_to_inductor(SimpleNamespace(fallback_random=False)) == []
