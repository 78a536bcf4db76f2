"""Double, bf16, fp16, channels last, compiled, on a GPU: the same steps, as near as can be."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from wavelets_course.training import (
    Data,
    TrainingConfig,
    fit,
    load_weights,
)
from wavelets_course.training.processes import join_processes

COUNT, CLASSES = 50, 3


def points(count: int = COUNT, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 4, generator=generator)
    return x, x[:, :CLASSES].argmax(1)


def network(seed: int = 1, **settings: Any) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(4, 8, **settings), nn.ReLU(), nn.Linear(8, CLASSES, **settings))


def data(**settings: Any) -> Data:
    return Data(points(), points(20, 5), CLASSES, **settings)


def weights(model: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_double_precision_stays_double() -> None:
    x, y = points()
    model = network(dtype=torch.float64)
    fit(model, Data((x.double(), y), classes=CLASSES), TrainingConfig(epochs=1))
    assert weights(model).dtype == torch.float64


def test_bf16_keeps_the_weights_and_comes_close() -> None:
    exact, rounded = network(), network()
    config: dict[str, Any] = {"epochs": 5, "batch_size": 10, "lr": 0.05}
    first = fit(exact, data(), TrainingConfig(**config))
    second = fit(rounded, data(), TrainingConfig(**config, precision="bf16"))
    assert weights(rounded).dtype == torch.float32
    assert first.losses != second.losses
    torch.testing.assert_close(torch.tensor(first.losses), torch.tensor(second.losses), rtol=0.03, atol=0.03)


def test_channels_last_images_give_the_same_losses() -> None:
    generator = torch.Generator().manual_seed(2)
    images = torch.rand(20, 3, 8, 8, generator=generator), torch.arange(20) % CLASSES
    losses = []
    for channels_last in (False, True):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            model = nn.Sequential(
                nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
            )
        history = fit(
            model,
            Data(images, images, CLASSES),
            TrainingConfig(epochs=2, batch_size=8, channels_last=channels_last),
        )
        losses.append(torch.tensor(history.losses))
        assert (
            model[0].state_dict()["weight"].is_contiguous(memory_format=torch.channels_last) == channels_last
        )
    torch.testing.assert_close(*losses)


@pytest.mark.needs_compiler
@pytest.mark.untyped
def test_a_compiled_model_takes_the_same_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    torch._dynamo.reset()
    plain, compiled = network(), network()
    config: dict[str, Any] = {"epochs": 1, "batch_size": 25}
    first = fit(plain, data(), TrainingConfig(**config))
    second = fit(compiled, data(), TrainingConfig(**config, compile=True), folder=tmp_path / "run")
    torch.testing.assert_close(torch.tensor(first.losses), torch.tensor(second.losses))
    twin = network()
    load_weights(twin, tmp_path / "run" / "best.safetensors")
    torch.testing.assert_close(weights(twin), weights(plain))


def test_fp16_scales_the_loss_and_stays_close(tmp_path: Path) -> None:
    exact, rounded, again = network(), network(), network()
    config: dict[str, Any] = {"epochs": 4, "batch_size": 10, "lr": 0.05, "clip_norm": 1.0}
    first = fit(exact, data(), TrainingConfig(**config))
    half = TrainingConfig(**config, precision="fp16")
    second = fit(rounded, data(), half)
    assert first.losses != second.losses
    torch.testing.assert_close(torch.tensor(first.losses), torch.tensor(second.losses), rtol=0.02, atol=0.02)
    fit(again, data(), TrainingConfig(**config | {"epochs": 2}, precision="fp16"), folder=tmp_path)
    assert fit(again, data(), half, folder=tmp_path).losses == second.losses


def test_the_device_of_one_run_does_not_bind_the_next() -> None:
    fit(network(), data(), TrainingConfig(epochs=1, device="cpu"))
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert join_processes("auto").device.type in (expected, "mps")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize(
    "settings", [{}, {"precision": "bf16"}, {"precision": "fp16"}, {"workers": 1}], ids=str
)
def test_a_gpu_takes_the_steps_of_a_cpu(settings: dict[str, Any], tmp_path: Path) -> None:
    config: dict[str, Any] = {"epochs": 3, "batch_size": 10, "lr": 0.05}
    first = fit(network(), data(), TrainingConfig(**config, device="cpu"))
    model = network()
    second = fit(model, data(), TrainingConfig(**config, **settings), folder=tmp_path)
    assert next(model.parameters()).is_cuda
    assert second.last.peak_memory > 0
    near: dict[str, Any] = (
        {"rtol": 0.02, "atol": 0.02} if "precision" in settings else {"rtol": 1e-4, "atol": 1e-4}
    )
    torch.testing.assert_close(torch.tensor(first.losses), torch.tensor(second.losses), **near)
    resumed = fit(network(), data(), TrainingConfig(**config, **settings), folder=tmp_path)
    assert resumed.losses == second.losses


@pytest.mark.untyped
def test_a_loss_that_is_no_number_stops_with_step_and_rate() -> None:
    x, y = points()
    x[20] = math.inf
    with pytest.raises(
        FloatingPointError, match=r"loss is nan at step 2 of 8 \(epoch 1, lr = 0\.1\); lower lr"
    ):
        fit(network(), Data((x, y), classes=CLASSES), TrainingConfig(epochs=2, batch_size=16, shuffle=False))
