"""CUDA's generators, cuDNN and operations without a deterministic algorithm, on a real GPU.

Whether PyTorch reaches a GPU is asked in a process of its own: a GPU that this process has opened
would be open in every test that follows.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fresh_process import run_python
from tests.kernel.live import LiveKernel, live_kernel

pytest.importorskip("torch")
pytestmark = [pytest.mark.gpu, pytest.mark.torch]

SEED = "from jupyter_repro import seed_all; seed_all(42{});"
TRAIN = """
import hashlib, torch
net = torch.nn.Sequential(torch.nn.Conv2d(8, 32, 3), torch.nn.ReLU(), torch.nn.Conv2d(32, 8, 3))
net.cuda()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(20):
    optimizer.zero_grad()
    net(torch.randn(16, 8, 64, 64, device="cuda")).square().mean().backward()
    optimizer.step()
weights = torch.cat([p.detach().flatten() for p in net.parameters()]).cpu()
print(hashlib.sha256(weights.numpy().tobytes()).hexdigest())
"""
ALERTING = {
    "scatter_add_": "x.scatter_add_(0, torch.tensor([0, 0], device='cuda'), x[:2].clone())",
    "cumsum": "x.cumsum(0)",
    "ctc_loss": (
        "torch.nn.functional.ctc_loss(torch.randn(50, 1, 20, device='cuda', requires_grad=True)"
        ".log_softmax(2), torch.randint(1, 20, (1, 10), device='cuda'), (50,), (10,)).backward()"
    ),
}


@pytest.fixture(scope="module", autouse=True)
def _cuda() -> None:
    if run_python("import torch; print(torch.cuda.is_available())") != "True":
        pytest.skip("PyTorch reaches no GPU here")


def twice(code: str) -> tuple[str, str]:
    return run_python(code), run_python(code)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_cuda_streams_repeat_whenever_torch_is_imported(moment: str) -> None:
    draw = "print(torch.rand(4, device='cuda').tolist(), torch.randn(2, device='cuda').tolist())"
    seed = SEED.format("")
    code = f"import torch; {seed}" if moment == "before" else f"{seed} import torch;"
    first, second = twice(f"{code} {draw}")
    assert first == second
    by_hand = run_python(f"import torch; torch.manual_seed(42); {draw}")
    assert first == by_hand


def test_every_device_is_seeded() -> None:
    code = SEED.format("") + (
        "import torch;"
        "print([torch.cuda.default_generators[n].initial_seed()"
        " for n in range(torch.cuda.device_count()) if torch.cuda.init() is None])"
    )
    seeds = run_python(code)
    assert set(seeds.strip("[]").split(", ")) == {"42"}


def test_a_checkpoint_holds_cuda() -> None:
    code = SEED.format("") + (
        "import torch; from jupyter_repro import get_rng_state, set_rng_state;"
        "torch.rand(3, device='cuda'); state = get_rng_state();"
        "a = torch.rand(3, device='cuda').tolist(); set_rng_state(state);"
        "print(a == torch.rand(3, device='cuda').tolist())"
    )
    assert run_python(code) == "True"


def test_a_convolution_trains_to_the_same_bits() -> None:
    first, second = twice(SEED.format("") + TRAIN)
    assert first == second


def test_without_the_switches_nothing_is_pretended() -> None:
    # Whether the bits differ is up to cuDNN's choice of algorithm: only the switches are asked for
    code = SEED.format(", determinism='off'") + (
        "import torch; print(torch.backends.cudnn.deterministic,"
        " torch.are_deterministic_algorithms_enabled())"
    )
    assert run_python(code) == "False False"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKernel]:
    with live_kernel(cwd=tmp_path_factory.mktemp("work")) as running:
        running.run("%load_ext jupyter_repro\n%repro seed=42", cell_id="seed")
        running.run("import torch, jupyter_repro", cell_id="imports")
        yield running


@pytest.mark.kernel
@pytest.mark.parametrize("operation", ALERTING)
def test_an_operation_without_a_deterministic_algorithm_is_found(
    kernel: LiveKernel, operation: str
) -> None:
    alerts = f"""
import warnings
x = torch.rand(1000, device="cuda")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    {ALERTING[operation]}
any("deterministic" in str(each.message) for each in caught)"""
    if kernel.run(alerts).result != "True":
        pytest.skip(f"this PyTorch has a deterministic {operation}")
    code = f"x = torch.rand(1000, device='cuda')\n{ALERTING[operation]}"
    ran = kernel.run(code, cell_id=operation)
    assert ran.error is None
    listed = "[(f['kind'], f['line']) for f in jupyter_repro.findings() if f['cell'] == {!r}]"
    found = kernel.run(listed.format(operation)).result
    assert found is not None
    assert "('nondeterministic-operation', 2)" in found
