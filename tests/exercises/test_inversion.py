"""The exercises on inversion: a solution passes on several draws, each mutant fails with a pointed hint."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from wavelets_course.exercises import Verdict
from wavelets_course.scattering import invert


def step(
    S: Callable[[Tensor], Tensor], target: Tensor, y: Tensor, rate: float, factor: float = 0.5
) -> Tensor:
    y = y.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(factor * (S(y) - target).square().sum(), y)
    return y.detach() - rate * gradient


def in_place(S: Callable[[Tensor], Tensor], target: Tensor, y: Tensor, rate: float) -> Tensor:
    y.copy_(step(S, target, y, rate))
    return y


def width(mean_0: float, mean_1: float, xi: float, sigma: float) -> float:
    parallel = -2 * math.log(mean_1 / mean_0) / xi**2
    return math.sqrt(1 / (1 / parallel - 1 / sigma**2))


def infinitely_long_filter(mean_0: float, mean_1: float, xi: float, sigma: float) -> float:
    return math.sqrt(-2 * math.log(mean_1 / mean_0)) / xi


def best(S: Any, target: Tensor, seeds: Sequence[int]) -> Tensor:
    runs = [invert(S, target, steps=8, tolerance=0, seed=seed) for seed in seeds]
    return min(runs, key=lambda run: run[1].best)[0]


def worst(S: Any, target: Tensor, seeds: Sequence[int]) -> Tensor:
    return invert(S, target, steps=1, tolerance=0, seed=seeds[0])[0]


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "inversion-1": step,
    "inversion-2": width,
    "inversion-3": best,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("inversion-1", lambda S, t, y, r: step(S, t, y, -r), "this goes uphill"),
    ("inversion-1", lambda S, t, y, r: step(S, t, y, r, 1.0), "the loss has a factor 1/2"),
    ("inversion-1", lambda S, t, y, r: y - r * y, "y - rate A^T (A y - target)"),
    ("inversion-1", in_place, "changes its input"),
    ("inversion-2", lambda *a: width(*a) ** 2, "this is the variance"),
    ("inversion-2", infinitely_long_filter, "standard deviation is"),
    ("inversion-2", lambda a, b, xi, sigma: width(a, b, 1.0, 2.0) if xi == 1 else 1.0, "standard deviation"),
    ("inversion-3", worst, "return the image with the smallest history.best"),
    ("inversion-3", lambda S, t, seeds: None, "does the function end in `return`?"),
]


SEEDS = (3, 1)


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)
