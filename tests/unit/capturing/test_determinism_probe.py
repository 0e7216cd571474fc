"""The determinism layer: seeds, variables that came too late, and a real PyTorch's switches."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.probes import determinism
from jupyter_repro.capturing.probes.determinism import count_visible_devices, pick_xla_flags
from jupyter_repro.capturing.sources.python.hash_seed import siphash
from jupyter_repro.capturing.sources.torch_flags import MIXED, read_torch_flags
from jupyter_repro.model.snapshot import DeterminismLayer
from jupyter_repro.safety.world import Seeding
from tests.unit.support.fake_nvml import need, run_python
from tests.unit.support.machine import make_world


def test_nothing_seeded(tmp_path: Path) -> None:
    layer = determinism.collect(make_world(tmp_path))
    assert (layer.status, layer.seed, layer.determinism, layer.seeded) == ("ok", None, None, [])
    assert layer.torch == {}


def test_what_is_seeded(tmp_path: Path) -> None:
    seeding = Seeding(seed=42, determinism="warn", seeded=("numpy", "python"), waiting=("torch",))
    layer = determinism.collect(make_world(tmp_path, seeding=seeding))
    assert (layer.seed, layer.determinism) == ("42", "warn")
    assert (layer.seeded, layer.waiting) == (["numpy", "python"], ["torch"])


def test_an_unknown_mode_is_no_silent_default(tmp_path: Path) -> None:
    world = make_world(tmp_path, seeding=Seeding(seed=1, determinism="perhaps"))
    with pytest.raises(msgspec.ValidationError, match="perhaps"):
        determinism.collect(world)


HASH = """
import os, sys, msgspec
{change}
from jupyter_repro.capturing.probes import determinism
from jupyter_repro.safety.world import current_world
sys.stdout.buffer.write(msgspec.json.encode(determinism.collect(current_world())))
"""


def hash_layer(start: str, change: str = "") -> DeterminismLayer:
    answered = run_python(HASH.format(change=change), environ={"PYTHONHASHSEED": start})
    return msgspec.json.decode(answered, type=DeterminismLayer)


@pytest.mark.parametrize("start", ["0", "1", "42", "4294967295"])
def test_a_hash_seed_from_the_start_is_in_force(start: str) -> None:
    layer = hash_layer(start)
    assert layer.hash_randomization is False
    assert layer.variables["PYTHONHASHSEED"] == start


def test_random_hashes() -> None:
    layer = hash_layer("random")
    assert layer.hash_randomization is True
    assert layer.variables["PYTHONHASHSEED"] == "random"


@pytest.mark.parametrize(("start", "randomized"), [("random", True), ("0", False), ("7", True)])
def test_a_hash_seed_that_came_too_late_is_told(start: str, randomized: object) -> None:
    layer = hash_layer(start, 'os.environ["PYTHONHASHSEED"] = "42"')
    assert layer.variables["PYTHONHASHSEED"] == "42 (set too late, not in force)"
    # Where the variable was overwritten, nobody can know any more that the hashes were fixed
    assert layer.hash_randomization is randomized


def test_siphash_of_its_authors() -> None:
    # Appendix A of the paper: key 00 … 0f, data 00 … 0e
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    assert siphash(bytes(range(15)), key, 2, 4) == 0xA129CA6149BE45E5 - 2**64


def test_only_listed_variables_are_taken(tmp_path: Path) -> None:
    environ = {
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "NCCL_ALGO": "/home/bob/algo",
        "WANDB_API_KEY": "x",
        "CUDA_VISIBLE_DEVICES": "GPU-8f6d4a2e-0000-1111-2222-333344445555,1",
        "XLA_FLAGS": "--xla_dump_to=/home/bob --xla_gpu_deterministic_ops=true",
    }
    layer = determinism.collect(make_world(tmp_path, environ=environ))
    assert layer.variables == {
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "CUDA_VISIBLE_DEVICES": "2 devices",
        "NCCL_ALGO": "set, not shown",
        "XLA_FLAGS": "--xla_gpu_deterministic_ops=true",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "0 devices"),
        ("-1", "0 devices"),
        ("3", "1 device"),
        ("0, 1,2", "3 devices"),
        ("0,-1,1", "1 device"),
        ("MIG-1234", "1 device"),
        ("NoDevFiles", "0 devices"),
    ],
)
def test_visible_devices_are_counted(value: str, expected: str) -> None:
    assert count_visible_devices(value) == expected


@given(st.text())
def test_xla_flags_leak_nothing(value: str) -> None:
    assert pick_xla_flags(f"--xla_dump_to={value}") == ""


def test_a_half_imported_torch_is_left_alone() -> None:
    torch = ModuleType("torch")
    torch.__spec__ = ModuleSpec("torch", None)
    torch.__spec__._initializing = True  # type: ignore[attr-defined]  # importlib's own mark
    assert read_torch_flags({"torch": torch}) == {}


def test_an_old_torch_without_the_switches_has_no_flags() -> None:
    assert read_torch_flags({"torch": ModuleType("torch")}) == {}


TORCH = """
import os, sys, msgspec
import torch
{change}
before = set(sys.modules), dict(os.environ)
from jupyter_repro.capturing.sources.torch_flags import read_torch_flags
flags = read_torch_flags(sys.modules)
again = read_torch_flags(sys.modules)
new = {{name for name in set(sys.modules) - before[0] if not name.startswith("jupyter_repro")}}
assert not new, new
assert dict(os.environ) == before[1]
assert not torch.cuda.is_initialized()
assert flags == again
torch.set_num_interop_threads(1)  # works once, unless somebody started the pool
sys.stdout.buffer.write(msgspec.json.encode(flags))
"""


def torch_flags(change: str = "") -> dict[str, object]:
    need("torch")
    flags: dict[str, object] = msgspec.json.decode(run_python(TORCH.format(change=change)))
    return flags


@pytest.mark.torch
def test_torch_flags_of_a_fresh_process() -> None:
    flags = torch_flags()
    assert flags["deterministic_algorithms"] is False
    assert flags["cudnn.deterministic"] is False
    assert flags["cudnn.allow_tf32"] is True
    assert flags["default_dtype"] == "float32"
    assert flags["float32_matmul_precision"] == "highest"
    assert not any(name.startswith("inductor.") for name in flags)


@pytest.mark.torch
def test_torch_flags_follow_the_user() -> None:
    flags = torch_flags("""
torch.use_deterministic_algorithms(True, warn_only=True)
torch.backends.cudnn.benchmark = True
torch.utils.deterministic.fill_uninitialized_memory = False
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
""")
    assert flags["deterministic_algorithms"] is True
    assert flags["deterministic_algorithms_warn_only"] is True
    assert flags["cudnn.benchmark"] is True
    assert flags["fill_uninitialized_memory"] is False
    assert flags["num_threads"] == 1
    assert flags["default_dtype"] == "float64"
    assert flags["inductor.deterministic"] is True


@pytest.mark.torch
def test_switches_that_the_new_interface_made_unreadable_are_mixed() -> None:
    flags = torch_flags("""
torch.backends.cuda.matmul.fp32_precision = "tf32"
torch.backends.cudnn.conv.fp32_precision = "tf32"
torch.backends.cudnn.rnn.fp32_precision = "ieee"
""")
    assert flags["cuda.matmul.allow_tf32"] == MIXED
    assert flags["cudnn.allow_tf32"] == MIXED
    assert flags["cuda.matmul.fp32_precision"] == "tf32"
    assert flags["cudnn.rnn.fp32_precision"] == "ieee"
