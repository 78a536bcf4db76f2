"""Images a second: of a loader, of a network, and which of the two makes the other wait."""

import math
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Rates:
    """How fast samples come, and how fast they are used.

    Attributes
    ----------
    loader, model : float
        Samples a second.
    """

    loader: float | int
    model: float | int

    @property
    def slower(self) -> str:
        """Which of the two sets the pace: ``"loader"`` or ``"model"``."""
        return "loader" if self.loader < self.model else "model"

    @property
    def idle(self) -> float:
        """Share of its time that the model waits for data, once both run side by side."""
        return max(0.0, 1 - self.loader / self.model)

    def workers_needed(self, workers: int) -> int:
        """Loading processes that would keep the model busy, if twice as many load twice as much.

        Parameters
        ----------
        workers : int
            With which the loader was measured; 0 counts as one.

        Returns
        -------
        int
        """
        return math.ceil(max(1, workers) * self.model / self.loader)

    def __str__(self) -> str:
        waits = (
            f"the model waits {self.idle:.0%} of the time" if self.slower == "loader" else "it never waits"
        )
        return f"loader {self.loader:,.0f}/s, model {self.model:,.0f}/s: {waits}"


def compare_rates(
    loader: Iterable[Any], model: nn.Module, *, batches: int = 20, repeats: int = 10, train: bool = True
) -> Rates:
    """Measure a loader and a network apart, with the loader's own batches.

    Parameters
    ----------
    loader : iterable
        Of batches: a tensor, or a sequence whose first element is one. A ``DataLoader`` or a `ShardReader`.
    model : nn.Module
        Where it shall run. It is not changed.
    batches : int
        To load, after two that are not counted.
    repeats : int
        Steps of the model, after two that are not counted.
    train : bool
        True for training steps, False for evaluation.

    Returns
    -------
    Rates

    Raises
    ------
    ValueError
        If the loader gives fewer than three batches.

    Examples
    --------
    >>> loader = [torch.zeros(4, 8) for _ in range(9)]
    >>> compare_rates(loader, nn.Linear(8, 2)).loader > 0
    True
    """
    rate, x = _load(loader, batches)
    return Rates(rate, model_rate(model, x, repeats=repeats, train=train))


def loader_rate(loader: Iterable[Any], *, batches: int = 20) -> float:
    """Samples a second that a loader gives when nothing keeps it waiting.

    The first two batches start the workers and are not counted; what workers have prepared meanwhile flatters
    a short measurement, so take some tens of batches.

    Parameters
    ----------
    loader : iterable
        Of batches, see `compare_rates`.
    batches : int
        Most batches to count.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are fewer than three batches.

    Examples
    --------
    >>> loader_rate([torch.zeros(4)] * 10) > 0
    True
    """
    return _load(loader, batches)[0]


def _load(loader: Iterable[Any], batches: int) -> tuple[float, Tensor]:
    """Samples a second, and a batch of them."""
    count, began, last, x = 0, 0.0, 0.0, torch.empty(0)
    for number, batch in enumerate(islice(loader, batches + 2)):
        last, x = time.perf_counter(), _samples(batch) if number == 0 else x
        if number < 2:
            began = last
        else:
            count += len(_samples(batch))
    if not count:
        raise ValueError("loader_rate: got fewer than three batches of samples; take smaller batches.")
    return count / max(last - began, 1e-9), x


def model_rate(model: nn.Module, x: Tensor, *, repeats: int = 10, train: bool = True) -> float:
    """Samples a second that a network takes: median over steps.

    Parameters
    ----------
    model : nn.Module
        Where it shall run. Weights are left alone, and so are the averages of batch normalisation.
    x : Tensor
        One batch; it is moved to the model's device before.
    repeats : int
        Steps, after two that are not counted.
    train : bool
        Forward and backward pass; the optimiser's own work, small, is not in it. False: forward only.

    Returns
    -------
    float

    Examples
    --------
    >>> model_rate(nn.Linear(8, 2), torch.zeros(4, 8), repeats=3) > 0
    True
    """
    held = next(iter(model.parameters()), x)
    here = x.to(held.device)
    modes = [(module, module.training) for module in model.modules()]
    averages = [(buffer, buffer.clone()) for buffer in model.buffers()]
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    model.train(train)
    try:
        seconds = [_step(model, here, train) for _ in range(repeats + 2)][2:]
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter, gradient in gradients:
            parameter.grad = gradient
        with torch.no_grad():
            for buffer, before in averages:
                buffer.copy_(before)
    return len(x) / max(statistics.median(seconds), 1e-9)


def _step(model: nn.Module, x: Tensor, train: bool) -> float:
    for parameter in model.parameters():
        parameter.grad = None
    _wait(x)
    began = time.perf_counter()
    with torch.set_grad_enabled(train):
        output = model(x)
        if train and output.requires_grad:
            output.float().square().mean().backward()
    _wait(x)
    return time.perf_counter() - began


def _wait(x: Tensor) -> None:
    if x.device.type == "cuda":
        torch.cuda.synchronize(x.device)


def _samples(batch: Any) -> Tensor:
    first = batch if isinstance(batch, Tensor) else batch[0]
    if not isinstance(first, Tensor):
        raise TypeError(
            f"throughput: expected batches of tensors, or sequences that begin with one; got "
            f"{type(first).__name__}."
        )
    return first
