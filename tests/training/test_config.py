"""Settings that make no sense are refused in words; rates and their course against torch's own schedules."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from wavelets_course.training import TrainingConfig
from wavelets_course.training.schedules import rate_multiple


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"optimizer": "adam"}, "optimizer must be one of sgd, adamw; got 'adam'"),
        ({"schedule": "linear"}, "schedule must be one of constant, step, cosine; got 'linear'"),
        ({"precision": "fp8"}, "precision must be one of no, bf16, fp16; got 'fp8'"),
        ({"device": "tpu"}, "device must be one of auto, cpu; got 'tpu'"),
        ({"epochs": -1}, "epochs must be at least 0, got -1"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"lr": 0.0}, "lr must be positive, got 0"),
        ({"lr": math.nan}, "lr must be positive, got nan"),
        ({"momentum": -0.1}, "momentum must be at least 0, got -0.1"),
        ({"weight_decay": math.inf}, "weight_decay must be at least 0, got inf"),
        ({"accumulate": 0}, "accumulate must be at least 1"),
        ({"clip_norm": 0.0}, "clip_norm must be positive, got 0"),
        ({"label_smoothing": 1.0}, "label_smoothing must be below 1, got 1"),
        ({"nesterov": True, "momentum": 0.0}, "nesterov needs momentum > 0"),
        ({"patience": 0}, "patience must be at least 1, got 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        TrainingConfig(**settings)


def rates(config: TrainingConfig, steps_per_epoch: int) -> list[float]:
    return [
        config.lr * rate_multiple(config, step, steps_per_epoch)
        for step in range(config.epochs * steps_per_epoch)
    ]


def torchs(make: Any, epochs: int, steps_per_epoch: int, by_step: bool) -> list[float]:
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.4)
    scheduler, found = make(optimizer), []
    for step in range(epochs * steps_per_epoch):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if by_step or (step + 1) % steps_per_epoch == 0:
            scheduler.step()
    return found


def test_schedules_are_torchs() -> None:
    schedulers = torch.optim.lr_scheduler
    step = TrainingConfig(epochs=7, lr=0.4, schedule="step", step_size=3, gamma=0.5)
    assert rates(step, 2) == pytest.approx(torchs(lambda o: schedulers.StepLR(o, 3, 0.5), 7, 2, False))
    milestones = TrainingConfig(epochs=7, lr=0.4, schedule="step", milestones=(2, 3, 6))
    assert rates(milestones, 2) == pytest.approx(
        torchs(lambda o: schedulers.MultiStepLR(o, [2, 3, 6], 0.1), 7, 2, False)
    )
    cosine = TrainingConfig(epochs=7, lr=0.4, schedule="cosine")
    assert rates(cosine, 2) == pytest.approx(
        torchs(lambda o: schedulers.CosineAnnealingLR(o, 14), 7, 2, True), abs=1e-12
    )
    assert rates(TrainingConfig(epochs=3, lr=0.4), 2) == [0.4] * 6


def test_warm_up_rises_to_the_full_rate_and_hands_over() -> None:
    config = TrainingConfig(epochs=5, lr=1.0, schedule="cosine", warmup_epochs=2)
    found = rates(config, 2)
    assert found[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
    assert found[4:] == pytest.approx([(1 + math.cos(math.pi * step / 6)) / 2 for step in range(6)])
    short = TrainingConfig(epochs=1, lr=1.0, warmup_epochs=0.5)
    assert rates(short, 4) == pytest.approx([0.5, 1, 1, 1])
    only = TrainingConfig(epochs=1, lr=1.0, schedule="cosine", warmup_epochs=1)
    assert rates(only, 2) == pytest.approx([0.5, 1.0])
