"""The loop against a plain loop in torch; pieces, workers, augmentation, penalties, endings, error texts."""

import math
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import TensorDataset

from wavelets_course.training import (
    Data,
    DeadWorkerError,
    History,
    TrainingConfig,
    UnreadableSampleError,
    evaluate,
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


class Points:
    """The same samples, one at a time."""

    def __init__(self, count: int = COUNT, broken: int | None = None, deadly: int | None = None) -> None:
        self.x, self.y = points(count)
        self.broken, self.deadly, self.parent = broken, deadly, os.getpid()

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        if index == self.broken:
            raise FileNotFoundError(2, "No such file", "images/lost.jpg")
        if index == self.deadly and os.getpid() != self.parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.x[index], int(self.y[index])


def jitter(x: Tensor) -> Tensor:
    return x + 0.1 * torch.randn(x.shape)


def test_takes_the_steps_of_a_plain_loop() -> None:
    config = TrainingConfig(
        epochs=3,
        batch_size=16,
        lr=0.2,
        momentum=0.9,
        weight_decay=0.01,
        shuffle=False,
        label_smoothing=0.1,
        clip_norm=0.5,
    )
    model, twin = network(), network()
    history = fit(model, data(), config)
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.2, momentum=0.9, weight_decay=0.01)
    losses = []
    x, y = points()
    for _ in range(3):
        for first in range(0, COUNT, 16):
            loss = cross_entropy(twin(x[first : first + 16]), y[first : first + 16], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(twin.parameters(), 0.5)
            optimizer.step()
            losses.append(loss.item())
    torch.testing.assert_close(torch.tensor(history.losses), torch.tensor(losses))
    torch.testing.assert_close(weights(model), weights(twin))
    assert [record.step for record in history.records] == [4, 8, 12]
    assert history.records[0].train_loss == pytest.approx(
        (16 * losses[0] + 16 * losses[1] + 16 * losses[2] + 2 * losses[3]) / COUNT
    )
    assert history.last.top1 == pytest.approx(evaluate(model, points(20, 5), classes=CLASSES).top1)
    assert history.reason == "epochs"
    assert not model.training


def test_adamw_takes_the_steps_of_torch() -> None:
    config = TrainingConfig(
        epochs=2, batch_size=COUNT, optimizer="adamw", lr=0.01, weight_decay=0.1, shuffle=False
    )
    model, twin = network(), network()
    fit(model, data(), config)
    optimizer = torch.optim.AdamW(twin.parameters(), lr=0.01, weight_decay=0.1)
    x, y = points()
    for _ in range(2):
        optimizer.zero_grad()
        cross_entropy(twin(x), y).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    torch.testing.assert_close(weights(model), weights(twin))


def test_learns() -> None:
    history = fit(network(), data(), TrainingConfig(epochs=40, batch_size=10, lr=0.1, schedule="cosine"))
    assert history.last.train_loss < 0.2 < 0.8 < history.losses[0]
    assert history.best.top1 >= 0.8
    assert history.last.samples_per_second > 0
    assert history.last.peak_memory > 1e6


@pytest.mark.parametrize("accumulate", [2, 5])
def test_pieces_give_the_same_steps(accumulate: int) -> None:
    whole, pieces = network(), network()
    config = TrainingConfig(epochs=2, batch_size=16)
    first = fit(whole, data(), config)
    second = fit(pieces, data(), TrainingConfig(epochs=2, batch_size=16, accumulate=accumulate))
    torch.testing.assert_close(torch.tensor(first.losses), torch.tensor(second.losses))
    torch.testing.assert_close(weights(whole), weights(pieces))


def test_map_style_samples_and_workers_give_the_bits_of_tensors() -> None:
    config = TrainingConfig(epochs=2, batch_size=16)
    runs = [
        fit(network(), Data(train, classes=CLASSES), config).losses
        for train in (points(), TensorDataset(*points()), Points())
    ]
    assert runs[0] == runs[1] == runs[2]
    workers = TrainingConfig(epochs=2, batch_size=16, workers=2)
    assert fit(network(), Data(Points(), classes=CLASSES), workers).losses == runs[0]


def test_augmentation_depends_on_seed_epoch_and_sample_alone() -> None:
    config: dict[str, Any] = {"epochs": 2, "batch_size": 16, "lr": 0.01}
    base = fit(network(), data(augment=jitter), TrainingConfig(**config)).losses
    assert fit(network(), data(augment=jitter), TrainingConfig(**config, workers=2)).losses == base
    assert fit(network(), data(), TrainingConfig(**config)).losses != base
    assert fit(network(), data(augment=jitter), TrainingConfig(**config, seed=1)).losses != base
    seen: list[Tensor] = []

    def noted(x: Tensor) -> Tensor:
        seen.append(jitter(x) - x)
        return x

    fit(network(), data(augment=noted), TrainingConfig(epochs=2, batch_size=16))
    assert len({tuple(draw.tolist()) for draw in seen}) == 2 * COUNT


def test_the_order_is_new_each_epoch_or_the_data_sets_own() -> None:
    seen: list[Tensor] = []

    def noted(x: Tensor) -> Tensor:
        seen.append(x)
        return x

    fit(network(), data(augment=noted), TrainingConfig(epochs=2, batch_size=16))
    first, second = torch.stack(seen[:COUNT]), torch.stack(seen[COUNT:])
    assert not torch.equal(first, second)
    torch.testing.assert_close(first.sort(0).values, points()[0].sort(0).values, rtol=0, atol=0)
    seen.clear()
    fit(network(), data(augment=noted), TrainingConfig(epochs=1, batch_size=16, shuffle=False))
    torch.testing.assert_close(torch.stack(seen), points()[0], rtol=0, atol=0)


def test_drop_last_leaves_the_rest_out() -> None:
    history = fit(network(), data(), TrainingConfig(epochs=2, batch_size=16, drop_last=True))
    assert len(history.losses) == 6
    with pytest.raises(
        ValueError, match=r"drop_last leaves none of 50 samples in batches of 64; take smaller"
    ):
        fit(network(), data(), TrainingConfig(batch_size=64, drop_last=True))


def test_frozen_parameters_stay_and_the_callers_generators_too() -> None:
    model = network()
    model[0].requires_grad_(False)  # type: ignore[index]
    before, state = weights(model[0]), torch.random.get_rng_state()  # type: ignore[index]
    fit(model, data(), TrainingConfig(epochs=1))
    torch.testing.assert_close(weights(model[0]), before, rtol=0, atol=0)  # type: ignore[index]
    assert not torch.equal(weights(model[2]), weights(network()[2]))  # type: ignore[index]
    torch.testing.assert_close(torch.random.get_rng_state(), state, rtol=0, atol=0)
    with pytest.raises(ValueError, match="no parameter that requires a gradient; unfreeze"):
        fit(model.requires_grad_(False), data(), TrainingConfig(epochs=1))


def test_dropout_is_drawn_anew_each_step_and_the_same_each_run() -> None:
    config = TrainingConfig(epochs=2, batch_size=COUNT, lr=1e-12, shuffle=False)
    runs = [fit(nn.Sequential(nn.Dropout(0.5), network()), data(), config).losses for _ in range(2)]
    assert runs[0] == runs[1]
    assert abs(runs[0][0] - runs[0][1]) > 1e-3


class Shrinking(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = network()

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)  # type: ignore[no-any-return]

    def regularizer(self) -> Tensor:
        return sum((p.square().sum() for p in self.parameters()), torch.zeros(()))


@pytest.mark.parametrize("accumulate", [1, 4])
def test_a_regularizer_counts_once_a_step(accumulate: int) -> None:
    """With SGD, lam * |w|^2 in the loss is weight decay 2 lam."""
    config: dict[str, Any] = {"epochs": 2, "batch_size": 16, "momentum": 0.0}
    decayed, own, given = network(), Shrinking(), network()
    fit(decayed, data(), TrainingConfig(**config, weight_decay=0.2))
    config |= {"regularization": 0.1, "accumulate": accumulate}
    history = fit(own, data(), TrainingConfig(**config))
    torch.testing.assert_close(weights(own), weights(decayed))
    fit(given, data(), TrainingConfig(**config), regularizer=lambda m: weights_squared(m))
    torch.testing.assert_close(weights(given), weights(decayed))
    assert history.penalties[0] == pytest.approx(0.1 * weights_squared(network()).item())
    assert 0 < history.last.penalty < history.penalties[0]


def weights_squared(model: nn.Module) -> Tensor:
    return sum((parameter.square().sum() for parameter in model.parameters()), torch.zeros(()))


@pytest.mark.untyped
def test_a_regularizer_and_its_weight_need_each_other() -> None:
    with pytest.raises(ValueError, match=r"regularization = 0.1, but Sequential has none; pass fit"):
        fit(network(), data(), TrainingConfig(regularization=0.1))
    with pytest.raises(ValueError, match=r"needs its weight; set TrainingConfig\(regularization"):
        fit(network(), data(), TrainingConfig(), regularizer=weights_squared)
    with pytest.raises(ValueError, match=r"must give one number as a tensor, got float"):
        fit(network(), data(), TrainingConfig(regularization=1.0), regularizer=lambda m: 0.0)  # type: ignore[arg-type,return-value]


def test_callbacks_see_each_epoch_and_may_end_it() -> None:
    seen: list[int] = []

    def third(model: nn.Module, history: History) -> bool:
        seen.append(history.last.epoch)
        return len(seen) == 3

    history = fit(network(), data(), TrainingConfig(epochs=9), callbacks=[third])
    assert (seen, history.reason, len(history.records)) == ([1, 2, 3], "callback", 3)


def test_patience_ends_a_run_that_no_longer_improves() -> None:
    history = fit(network(), data(), TrainingConfig(epochs=9, lr=1e-12, patience=2))
    assert (history.reason, history.last.epoch, history.best.epoch) == ("patience", 3, 1)


def test_validation_every_so_often_and_always_at_the_end() -> None:
    history = fit(network(), data(), TrainingConfig(epochs=5, evaluate_every=2))
    assert [math.isnan(record.top1) for record in history.records] == [True, False, True, False, False]
    alone = fit(network(), Data(points(), classes=CLASSES), TrainingConfig(epochs=2))
    assert math.isnan(alone.last.top1)
    assert alone.best.epoch == 2


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


@pytest.mark.untyped
def test_data_that_do_not_fit_are_refused() -> None:
    x, y = points()
    with pytest.raises(
        ValueError, match=r"Data: train: labels go from 0 to 2, but classes = 2 allows 0 to 1"
    ):
        Data((x, y), classes=2)
    with pytest.raises(ValueError, match=r"Data: validation: labels go from -1 to"):
        Data((x, y), (x, y - 1), classes=3)
    with pytest.raises(ValueError, match=r"training data: labels go from .* classes = 2 allows"):
        fit(network(), Data(Points(), classes=2), TrainingConfig(epochs=1))
    with pytest.raises(ValueError, match=r"\(50, 5\), got \(50, 3\); make its last layer 5 wide"):
        fit(network(), Data((x, y), classes=5), TrainingConfig(epochs=1))
    with pytest.raises(ValueError, match="expected as many labels as images"):
        Data((x, y[1:]), classes=3)
    with pytest.raises(TypeError, match=r"expected a data set with len\(\) and \[index\].*got int"):
        Data(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="labels must be whole numbers"):
        Data((x, x[:, 0]), classes=3)
    with pytest.raises(ValueError, match="there are no training samples"):
        Data((x[:0], y[:0]), classes=3)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_sample_that_cannot_be_read_is_named(workers: int) -> None:
    broken = Data(Points(broken=33), classes=CLASSES)
    with pytest.raises(
        UnreadableSampleError, match=r"training data: sample 33 cannot be read: FileNotFoundError.*lost\.jpg"
    ):
        fit(network(), broken, TrainingConfig(epochs=1, workers=workers))


def test_a_worker_that_dies_is_reported() -> None:
    deadly = Data(Points(deadly=33), classes=CLASSES)
    with pytest.raises(
        DeadWorkerError, match=r"training data: a process that loads data has died .*fewer workers"
    ):
        fit(network(), deadly, TrainingConfig(epochs=1, workers=1))


def test_progress_goes_to_stderr_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    fit(network(), data(), TrainingConfig(epochs=2))
    fit(network(), data(), TrainingConfig(epochs=2, progress=False))
    assert capsys.readouterr() == ("", "")
    fit(network(), data(), TrainingConfig(epochs=2, progress=True))
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(r"epoch 2 of 2: 100%.*100/100 .*loss \d.*top-1 ", err.replace("\r", "\n"))
