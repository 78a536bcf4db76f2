"""The loop for many problems at once: each goes downhill by itself and ends when it is done."""

import math
import time
from collections.abc import Callable
from typing import TypeAlias

import torch
from jaxtyping import Float, Int
from torch import Tensor
from tqdm import tqdm

from .history import History, Reason
from .loop import Method, check_settings, multiple_at
from .rows import Point, make_rows
from .schedules import Schedule

Losses: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def minimise_each(
    losses: Losses,
    start: Float[Tensor, "problems ..."],
    *,
    method: Method = "lbfgs",
    steps: int = 200,
    learning_rate: float | int | None = None,
    schedule: Schedule | None = None,
    stop: float | int | None = None,
    progress: bool | None = None,
) -> tuple[Float[Tensor, "problems ..."], History]:
    """Minimise many functions of one shape side by side, as `minimise` would one after the other.

    Every problem has its own directions, step lengths, best iterate and end; one that has ended is not
    computed again. So a batch takes as many steps as its hardest member, and what comes out does not
    depend on the company, up to rounding. The methods are those of `minimise`; ``"lbfgs"`` looks for its
    step length by bisection until the weak Wolfe conditions hold, which also serves losses with kinks.

    Parameters
    ----------
    losses : callable
        ``losses(x, index) -> (active,)``: takes the problems that are still running, ``(active, *shape)``,
        and their numbers, ``(active,)``, and returns one real number for each that depends on its own row
        alone.
    start : Tensor
        ``(problems, *shape)``, real. It is not modified.
    method, steps, learning_rate, schedule, progress
        As in `minimise`.
    stop : float, optional
        A tolerance: a problem ends as soon as its loss is at most this.

    Returns
    -------
    x : Tensor
        Each problem's iterate of lowest loss, ``(problems, *shape)``.
    history : History
        ``losses`` are means over the problems, those that ended counting as they ended; ``parts`` has
        each problem's own.

    Raises
    ------
    FloatingPointError
        If a loss or its gradient is NaN or infinite at an iterate; the message names problem and step.
    TypeError, ValueError
        As `minimise`; also if ``start`` is complex or has no axis of problems, or ``losses`` does not
        return one number each.

    References
    ----------
    A. S. Lewis and M. L. Overton, "Nonsmooth optimization via quasi-Newton methods", Mathematical
    Programming 141 (2013), for the line search. See `minimise` for the methods.

    Examples
    --------
    >>> import torch
    >>> goals = torch.tensor([[1.0], [5.0]])
    >>> x, history = minimise_each(lambda x, index: (x - goals[index]).square().sum(1), torch.ones(2, 1))
    >>> x.tolist(), [part.converged for part in history.parts]
    ([[1.0], [5.0]], [True, True])
    """
    rate = check_settings("minimise_each", start, method, steps, learning_rate)
    if start.is_complex() or start.ndim == 0:
        raise ValueError(
            f"minimise_each: expected real problems (problems, *shape), got {start.dtype} of shape "
            f"{tuple(start.shape)}; use minimise for one problem, or torch.view_as_real for complex ones."
        )
    with torch.inference_mode(False):  # a gradient is needed whatever surrounds the call
        return _Descent(losses, start, method, rate, stop).run(steps, schedule, progress)


class _Descent:
    """What is known of all problems (``best``, ``records``) and of those still running (``point``)."""

    def __init__(
        self, losses: Losses, start: Tensor, method: Method, rate: float, stop: float | int | None
    ) -> None:
        self.losses, self.rate, self.shape, self.step = losses, rate, start.shape[1:], 0
        self.stop = -math.inf if stop is None else stop
        self.rows = make_rows(method)
        self.description = f"{method!r} with learning_rate = {rate}"
        x = start.detach().clone(memory_format=torch.contiguous_format)
        x = x.reshape(len(x), math.prod(self.shape))
        self.best = x.clone()
        self.index: Int[Tensor, " active"] = torch.arange(len(x), device=x.device)
        self.reasons: list[Reason] = ["stationary" if x.numel() == 0 else "steps"] * len(x)
        if x.numel() == 0:
            self.records: list[list[float]] = [[0.0] for _ in x]
            self.index = self.index[:0]
            return
        self.point = self.evaluate(x, self.index)
        self.lowest = self.point.value.clone()
        self.records = [[value] for value in self.point.value.tolist()]
        self._retire(torch.zeros_like(self.point.value, dtype=torch.bool))

    def run(self, steps: int, schedule: Schedule | None, progress: bool | None) -> tuple[Tensor, History]:
        """Step until all have ended or no steps are left."""
        began = time.perf_counter()
        with tqdm(total=steps, desc="minimise", disable=None if progress is None else not progress) as bar:
            while self.step < steps and len(self.index):
                multiple = multiple_at("minimise_each", schedule, self.step)
                self.step += 1
                before = self.point
                self.point = self.rows.step(before, self._trial, self.rate * multiple)
                self._record()
                stuck = (self.point.x == before.x).all(1) & (multiple > 0)
                self._retire(stuck)
                bar.set_postfix_str(self._said(), refresh=False)
                bar.update()
        seconds = time.perf_counter() - began
        return self.best.reshape(len(self.best), *self.shape), self._history(seconds)

    def evaluate(self, x: Float[Tensor, "some size"], index: Int[Tensor, " some"]) -> Point:
        """Losses and gradients of some problems."""
        x = x.detach().requires_grad_()
        with torch.enable_grad():
            values = self.losses(x.reshape(len(x), *self.shape), index)
            self._check(values, len(x))
            (gradient,) = torch.autograd.grad(values.sum(), x, allow_unused=True)
        if gradient is None:
            raise ValueError(
                "minimise_each: the losses do not depend on x through differentiable operations."
            )
        return Point(x.detach(), values.detach(), gradient.detach())

    def _trial(self, x: Tensor, which: Tensor) -> Point:
        """Evaluate running problems, named by their place among those running."""
        return self.evaluate(x, self.index[which])

    def _check(self, values: Tensor, count: int) -> None:
        if not isinstance(values, Tensor) or values.shape != (count,) or values.is_complex():
            came = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
            raise ValueError(
                f"minimise_each: expected one real number for each of {count} problems, got {came}; "
                "sum over all axes but the first."
            )
        if not values.requires_grad:
            raise ValueError(
                "minimise_each: the losses do not depend on x through differentiable operations; "
                "compute them from the argument with torch, without .detach(), .item() or numpy."
            )

    def _record(self) -> None:
        """Note the new losses, and keep what is better than before."""
        value = self.point.value
        for number, loss in zip(self.index.tolist(), value.tolist(), strict=True):
            self.records[number].append(loss)
        better = value < self.lowest[self.index]
        winners = self.index[better]
        self.lowest[winners], self.best[winners] = value[better], self.point.x[better]

    def _retire(self, stuck: Tensor) -> None:
        """Drop the problems that have reached the tolerance or stand still."""
        self._refuse_if_not_finite()
        met = self.point.value <= self.stop
        for number, reached in zip(self.index[met | stuck].tolist(), met[met | stuck].tolist(), strict=True):
            self.reasons[number] = "stop" if reached else "stationary"
        running = ~(met | stuck)
        if not running.all():
            self.index, self.point = self.index[running], self.point.keep(running)
            self.rows.keep(running)

    def _refuse_if_not_finite(self) -> None:
        finite = self.point.value.isfinite() & self.point.gradient.isfinite().all(1)
        if not finite.all():
            worst = int(self.index[~finite][0])
            raise FloatingPointError(
                f"minimise_each: the loss or the gradient of problem {worst} is not finite at step "
                f"{self.step} of {self.description}; lower learning_rate, or look for a division by 0, "
                "log(0) or sqrt(0) in the loss."
            )

    def _said(self) -> str:
        mean = sum(record[-1] for record in self.records) / len(self.records)
        done = len(self.records) - len(self.index)
        return f"loss {mean:.3e}, {done} of {len(self.records)} done"

    def _history(self, seconds: float) -> History:
        parts = tuple(
            History(tuple(record), reason, seconds)
            for record, reason in zip(self.records, self.reasons, strict=True)
        )
        return History.of(parts, seconds)
