"""Data that do not fit, samples that cannot be read, workers that die: each is said in words."""

import os
import signal
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from wavelets_course.training import (
    Data,
    DeadWorkerError,
    TrainingConfig,
    UnreadableSampleError,
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
