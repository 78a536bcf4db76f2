"""The loop against a plain loop in torch; pieces, workers, augmentation, penalties, endings."""

import math
import os
import re
import signal
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import TensorDataset

from wavelets_course.training import (
    Data,
    History,
    TrainingConfig,
    evaluate,
    fit,
)

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


def test_progress_goes_to_stderr_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    fit(network(), data(), TrainingConfig(epochs=2))
    fit(network(), data(), TrainingConfig(epochs=2, progress=False))
    assert capsys.readouterr() == ("", "")
    fit(network(), data(), TrainingConfig(epochs=2, progress=True))
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(r"epoch 2 of 2: 100%.*100/100 .*loss \d.*top-1 ", err.replace("\r", "\n"))
