"""One step for many problems at once: each row of a matrix is a problem of its own."""

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

MEMORY = 20
"""Pairs of moves and gradient changes that L-BFGS remembers."""

ARMIJO, CURVATURE = 1e-4, 0.9
"""Weak Wolfe conditions, Nocedal and Wright (3.6): the usual constants for quasi-Newton methods."""

TRIALS = 40
"""Evaluations of one line search; bisection ends long before, unless rounding hides all progress."""


class Point(NamedTuple):
    """Where the problems stand: rows of numbers, their losses, and their gradients."""

    x: Float[Tensor, "active size"]
    value: Float[Tensor, " active"]
    gradient: Float[Tensor, "active size"]

    def keep(self, which: Tensor) -> "Point":
        """Give the rows in `which` (a mask or numbers)."""
        return Point(self.x[which], self.value[which], self.gradient[which])


Evaluate: TypeAlias = Callable[[Tensor, Tensor], Point]


@runtime_checkable
class RowMethod(Protocol):
    """A method of descent: what it does next, and how it forgets problems that have ended."""

    def step(self, point: Point, evaluate: Evaluate, rate: float) -> Point:
        """Move all rows once; ``evaluate(x, rows)`` computes some of them."""
        ...

    def keep(self, running: Bool[Tensor, " active"]) -> None:
        """Go on with these rows only."""
        ...


class Gradient:
    """``x - rate * gradient``."""

    def step(self, point: Point, evaluate: Evaluate, rate: float) -> Point:
        """Go down the gradient."""
        return evaluate(point.x - rate * point.gradient, _every(point))

    def keep(self, running: Bool[Tensor, " active"]) -> None:
        """Forget nothing: there is nothing to remember."""


class Adam:
    """Kingma and Ba's algorithm 1, with their constants."""

    def __init__(self) -> None:
        self.mean: Tensor | None = None
        self.square: Tensor | None = None
        self.count = 0

    def step(self, point: Point, evaluate: Evaluate, rate: float) -> Point:
        """Go against the mean gradient, each number over the size it usually has."""
        g = point.gradient
        mean = torch.zeros_like(g) if self.mean is None else self.mean
        square = torch.zeros_like(g) if self.square is None else self.square
        self.count += 1
        self.mean, self.square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2
        unbiased = (self.square / (1 - 0.999**self.count)).sqrt() + 1e-8
        move = rate / (1 - 0.9**self.count) * self.mean / unbiased
        return evaluate(point.x - move, _every(point))

    def keep(self, running: Bool[Tensor, " active"]) -> None:
        """Go on with these rows only."""
        if self.mean is not None and self.square is not None:
            self.mean, self.square = self.mean[running], self.square[running]


class QuasiNewton:
    """L-BFGS: each row remembers its last moves ``s``, gradient changes ``y`` and ``1 / s.y``."""

    def __init__(self) -> None:
        self.s: list[Tensor] = []
        self.y: list[Tensor] = []
        self.inverse: list[Tensor] = []

    def step(self, point: Point, evaluate: Evaluate, rate: float) -> Point:
        """Search along the quasi-Newton direction."""
        if rate == 0:
            return point
        direction = self._direction(point.gradient)
        first = point.gradient.abs().sum(1).clamp(min=1.0).reciprocal() if not self.s else 1.0
        after = _search(point, direction, rate * torch.ones_like(point.value) * first, evaluate)
        self._remember(after.x - point.x, after.gradient - point.gradient)
        return after

    def keep(self, running: Bool[Tensor, " active"]) -> None:
        """Go on with these rows only."""
        self.s, self.y, self.inverse = ([t[running] for t in kept] for kept in (self.s, self.y, self.inverse))

    def _direction(self, gradient: Tensor) -> Tensor:
        """The two-loop recursion, Nocedal and Wright, algorithm 7.4."""
        q, pairs, weights = gradient, list(zip(self.s, self.y, self.inverse, strict=True)), []
        for s, y, inverse in reversed(pairs):
            weight = inverse * _dot(s, q)
            weights.append(weight)
            q = q - weight[:, None] * y
        q = self._scale(gradient) * q
        for (s, y, inverse), weight in zip(pairs, reversed(weights), strict=True):
            q = q + (weight - inverse * _dot(y, q))[:, None] * s
        downhill = _dot(q, gradient) > 0
        return -torch.where(downhill[:, None], q, gradient)

    def _scale(self, gradient: Tensor) -> Tensor:
        """The first guess of the inverse Hessian, ``s.y / y.y`` of each row's latest good pair."""
        scale = torch.ones_like(gradient[:, 0])
        for y, inverse in zip(self.y, self.inverse, strict=True):
            good = inverse > 0
            scale = torch.where(good, 1 / (inverse * _dot(y, y)).where(good, scale), scale)
        return scale[:, None]

    def _remember(self, s: Tensor, y: Tensor) -> None:
        """Keep the pair; where the curvature is not positive (a row stands still), as a pair of zeros."""
        curvature = _dot(s, y)
        good = curvature > torch.finfo(s.dtype).eps * _dot(y, y)
        inverse = torch.where(good, 1 / curvature.where(good, 1.0), 0.0)
        for kept, new in ((self.s, s), (self.y, y), (self.inverse, inverse)):
            kept.append(new)
            del kept[:-MEMORY]


def make_rows(method: str) -> RowMethod:
    """Start a method by its name."""
    methods: dict[str, Callable[[], RowMethod]] = {
        "lbfgs": QuasiNewton,
        "adam": Adam,
        "gradient": Gradient,
    }
    return methods[method]()


def _search(point: Point, direction: Tensor, t: Tensor, evaluate: Evaluate) -> Point:
    """Lengths ``t`` along the directions that satisfy the weak Wolfe conditions, by bisection.

    A row that finds none stays at the longest step that went down enough, or where it was.
    """
    slope = _dot(direction, point.gradient)
    low, high = torch.zeros_like(t), torch.full_like(t, math.inf)
    x, value, gradient = (part.clone() for part in point)
    rows = _every(point)
    for _ in range(TRIALS):
        trial = evaluate(point.x[rows] + t[rows, None] * direction[rows], rows)
        down = trial.value <= point.value[rows] + ARMIJO * t[rows] * slope[rows]
        down &= trial.gradient.isfinite().all(1)
        flat = _dot(trial.gradient, direction[rows]) >= CURVATURE * slope[rows]
        taken = rows[down]
        x[taken], value[taken], gradient[taken] = trial.x[down], trial.value[down], trial.gradient[down]
        low[taken], high[rows[~down]] = t[taken], t[rows[~down]]
        t = torch.where(high.isinf(), 2 * t, (low + high) / 2)
        rows = rows[~(down & flat)]
        if len(rows) == 0:
            break
    return Point(x, value, gradient)


def _every(point: Point) -> Tensor:
    return torch.arange(len(point.x), device=point.x.device)


def _dot(a: Tensor, b: Tensor) -> Float[Tensor, " active"]:
    return (a * b).sum(1)
