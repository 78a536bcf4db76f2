"""The loop: go downhill from a start, keep the best, say what happened."""

import math
import time
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import torch
from jaxtyping import Inexact
from torch import Tensor
from tqdm import tqdm

from .history import History
from .schedules import Schedule

Method: TypeAlias = Literal["lbfgs", "adam", "gradient"]
Loss: TypeAlias = Callable[[Tensor], Tensor]
Stop: TypeAlias = float | int | Callable[[float, Tensor], bool]

LEARNING_RATE: dict[str, float] = {"lbfgs": 1.0, "adam": 0.1, "gradient": 0.1}


def minimise(
    loss: Loss,
    start: Inexact[Tensor, "*shape"],
    *,
    method: Method = "lbfgs",
    steps: int = 200,
    learning_rate: float | int | None = None,
    schedule: Schedule | None = None,
    stop: Stop | None = None,
    progress: bool | None = None,
) -> tuple[Inexact[Tensor, "*shape"], History]:
    """Minimise a function of one tensor and return the best iterate.

    - ``"lbfgs"``: a quasi-Newton method whose line search satisfies the strong Wolfe conditions. The
      first choice where the loss is smooth; one step costs one gradient or a few.
    - ``"adam"``: gradient steps rescaled for each number by its own recent size. For rough or badly
      scaled losses.
    - ``"gradient"``: ``x - rate * gradient``, to see what theory says; stable below 2 / lipschitz.

    Parameters
    ----------
    loss : callable
        Takes a tensor like ``start`` and returns a real scalar. For a batch of problems return the
        sum: Adam and gradient steps then treat each as if it were alone.
    start : Tensor
        Where to begin, real or complex, any shape. It is not modified.
    method : str
        See above.
    steps : int
        Most steps to take.
    learning_rate : float, optional
        First step size: 1 for L-BFGS (its line search refines it), 0.1 otherwise by default.
    schedule : callable, optional
        Step, counted from 0, to a multiple of the learning rate, such as `step_decay`. A multiple may be 0
        (a warm-up starts so): that step stands still and does not end the descent.
    stop : float or callable, optional
        A tolerance: end as soon as the loss is at most this. Or ``stop(loss, x) -> bool``, asked at
        the start and after each step with a copy of the iterate.
    progress : bool, optional
        Show a bar on stderr; by default only if stderr is a terminal.

    Returns
    -------
    x : Tensor
        The iterate of lowest loss, detached, like ``start``.
    history : History
        All losses, why it ended, and the time.

    Raises
    ------
    FloatingPointError
        If the loss or its gradient becomes NaN or infinite, also where the line search only looked; the
        message names the step.
    TypeError
        If ``start`` is no tensor, or holds integers.
    ValueError
        If the method is unknown, ``steps`` negative, the rate not positive, a multiple of the schedule
        negative or not finite, or the loss is not a real
        scalar that depends on its argument.

    References
    ----------
    J. Nocedal and S. J. Wright, "Numerical Optimization", 2nd ed., Springer, 2006, ch. 3 and 7.
    D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> import torch
    >>> x, history = minimise(lambda x: ((x - 3) ** 2).sum(), torch.zeros(2), stop=1e-10)
    >>> x.tolist(), history.converged
    ([3.0, 3.0], True)
    """
    rate = check_settings("minimise", start, method, steps, learning_rate)
    with torch.inference_mode(False):  # a gradient is needed whatever surrounds the call
        return _descend(loss, start, method, steps, rate, schedule, stop, progress)


def _descend(
    loss: Loss,
    start: Tensor,
    method: Method,
    steps: int,
    rate: float,
    schedule: Schedule | None,
    stop: Stop | None,
    progress: bool | None,
) -> tuple[Tensor, History]:
    # L-BFGS flattens by view, so the iterate must be contiguous.
    x = start.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
    objective = _Objective(loss, x, f"{method!r} with learning_rate = {rate}")
    optimizer = _optimizer(method, x, rate)
    began = time.perf_counter()
    value = lowest = objective.evaluate()
    losses, best, reason = [value], x.detach().clone(), _ended(stop, value, x)
    with tqdm(total=steps, desc="minimise", disable=None if progress is None else not progress) as bar:
        while reason == "steps" and len(losses) <= steps:
            before = x.detach().clone()
            multiple = multiple_at("minimise", schedule, objective.step)
            objective.step += 1
            _step(optimizer, objective, rate * multiple)
            value = objective.evaluate()
            if value < lowest:
                best, lowest = x.detach().clone(), value
            stuck = torch.equal(before, x) or (method == "lbfgs" and value >= losses[-1])
            losses.append(value)
            reason = _ended(stop, value, x)
            if stuck and multiple > 0 and reason == "steps":
                reason = "stationary"
            bar.set_postfix_str(f"loss {value:.3e}", refresh=False)
            bar.update()
    return best, History(tuple(losses), reason, time.perf_counter() - began)


def multiple_at(operation: str, schedule: Schedule | None, step: int) -> float:
    """The multiple of the rate at a step; refuse one that goes uphill."""
    multiple = schedule(step) if schedule else 1.0
    if not 0 <= multiple < math.inf:
        raise ValueError(
            f"{operation}: schedule({step}) must be finite and >= 0, got {multiple}; "
            "it multiplies the learning rate, and a step does not go uphill."
        )
    return float(multiple)


def _step(optimizer: torch.optim.Optimizer, objective: "_Objective", rate: float) -> None:
    if rate == 0 and isinstance(optimizer, torch.optim.LBFGS):
        return  # its line search cannot start from a step of length 0
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step(objective.evaluate)


class _Objective:
    """The loss and its gradient at ``x``, not computed twice at the same place."""

    def __init__(self, loss: Loss, x: Tensor, description: str) -> None:
        self.loss, self.x, self.description, self.step = loss, x, description, 0
        self.place: Tensor | None = None
        self.value = math.nan

    def evaluate(self) -> float:
        """Set ``x.grad`` and return the loss; an optimiser's closure."""
        if self.place is None or not torch.equal(self.place, self.x):
            with torch.enable_grad():
                value = self._checked(self.loss(self.x))
                # Not backward(): that would also write gradients into a network's weights.
                (gradient,) = torch.autograd.grad(value, self.x, allow_unused=True)
            if gradient is None:
                raise ValueError(NO_GRADIENT)
            self._refuse("gradient", bool(gradient.isfinite().all()))
            self.x.grad, self.value = gradient.detach().contiguous(), value.item()
            self.place = self.x.detach().clone()
        return self.value

    def _checked(self, value: Any) -> Tensor:
        if not isinstance(value, Tensor) or value.numel() != 1 or value.is_complex():
            came = (
                f"shape {tuple(value.shape)}, {value.dtype}"
                if isinstance(value, Tensor)
                else type(value).__name__
            )
            raise ValueError(f"minimise: the loss must be one real number, got {came}; return its .sum().")
        self._refuse(f"loss ({value.item()})", bool(value.isfinite().all()))
        if not value.requires_grad:
            raise ValueError(NO_GRADIENT)
        return value.reshape(())

    def _refuse(self, what: str, finite: bool) -> None:
        if not finite:
            raise FloatingPointError(
                f"minimise: the {what} is not finite at step {self.step} of {self.description}; "
                "lower learning_rate, or look for a division by 0, log(0) or sqrt(0) in the loss."
            )


NO_GRADIENT = (
    "minimise: the loss does not depend on x through differentiable operations; "
    "compute it from its argument with torch, without .detach(), .item() or numpy."
)


def _optimizer(method: Method, x: Tensor, rate: float) -> torch.optim.Optimizer:
    if method == "adam":
        return torch.optim.Adam([x], lr=rate)
    if method == "gradient":
        return torch.optim.SGD([x], lr=rate)
    # One iteration a call, so that we see every iterate; tolerances of 0, so that we decide when to end.
    return torch.optim.LBFGS(
        [x],
        lr=rate,
        max_iter=1,
        max_eval=1_000,
        tolerance_grad=0.0,
        tolerance_change=0.0,
        history_size=20,
        line_search_fn="strong_wolfe",
    )


def _ended(stop: Stop | None, value: float, x: Tensor) -> Literal["stop", "stationary", "steps"]:
    if x.numel() == 0:
        return "stationary"
    if stop is None:
        return "steps"
    met = stop(value, x.detach().clone()) if callable(stop) else value <= stop
    return "stop" if met else "steps"


def check_settings(
    operation: str, start: Tensor, method: str, steps: int, learning_rate: float | None
) -> float:
    """The learning rate, once all settings make sense."""
    if not isinstance(start, Tensor):
        raise TypeError(
            f"{operation}: expected a tensor to start from, got {type(start).__name__}; "
            "convert it: torch.as_tensor(start)."
        )
    if not (start.is_floating_point() or start.is_complex()):
        raise TypeError(
            f"{operation}: expected a real or complex start, got {start.dtype}; convert it: start.float()."
        )
    if method not in LEARNING_RATE:
        raise ValueError(f"{operation}: method must be one of {', '.join(LEARNING_RATE)}; got {method!r}.")
    if steps < 0:
        raise ValueError(f"{operation}: steps must be >= 0, got {steps}.")
    rate = LEARNING_RATE[method] if learning_rate is None else float(learning_rate)
    if not 0 < rate < math.inf:
        raise ValueError(f"{operation}: learning_rate must be positive, got {learning_rate}; try 0.1.")
    return rate
