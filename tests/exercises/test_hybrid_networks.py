"""The exercises on hybrid networks: a solution passes on several draws, each mutant fails with a hint."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from wavelets_course.exercises import Verdict


def stem_cost(side: int, J: int, L: int, width: int) -> tuple[int, int]:
    weights = 9 * 3 * (1 + L * J) * width
    return weights, weights * (side // 2**J) ** 2


def normalise(S: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    S = S / std[:, None, None, None]
    S[:, :, 0] -= (mean / std)[:, None, None]
    return S


def in_place(S: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    S /= std[:, None, None, None]
    return S


def largest_batch(memory: int, weights: int, kept: int, copies: int = 3) -> int:
    return max(0, (memory - 4 * copies * weights) // kept)


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "hybrid_networks-1": stem_cost,
    "hybrid_networks-2": normalise,
    "hybrid_networks-3": largest_batch,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("hybrid_networks-1", lambda *a: stem_cost(*a)[0], "return two numbers"),
    ("hybrid_networks-1", lambda s, J, L, w: (9 * (1 + L * J) * w, 0), "each colour has its own"),
    ("hybrid_networks-1", lambda s, J, L, w: (27 * L * J * w, 0), "order 0 is a channel too"),
    ("hybrid_networks-1", lambda s, J, L, w: (3 * (1 + L * J) * w, 0), "3 x 3 taps"),
    ("hybrid_networks-1", lambda s, J, L, w: (7, 0), "weights, you say 7"),
    (
        "hybrid_networks-1",
        lambda s, J, L, w: (stem_cost(s, J, L, w)[0], stem_cost(s, 0, L, w)[0] * s**2),
        "multiply-adds, you say",
    ),
    (
        "hybrid_networks-1",
        lambda s, J, L, w: (stem_cost(s, J, L, w)[0], stem_cost(s, J, L, w)[0] * s**2),
        "places, not",
    ),
    ("hybrid_networks-2", lambda S, mean, std: S, "divided by std is divided by std"),
    (
        "hybrid_networks-2",
        lambda S, mean, std: (S - mean[:, None, None, None]) / std[:, None, None, None],
        "order 1 does not see a constant",
    ),
    ("hybrid_networks-2", lambda S, mean, std: S / std[:, None, None, None], "the mean must come off there"),
    ("hybrid_networks-2", lambda S, mean, std: S * 2, "what happens to it when x is divided"),
    ("hybrid_networks-2", in_place, "changes its input"),
    ("hybrid_networks-2", lambda S, mean, std: normalise(S, 2 * mean, std), "phi sums to 1"),
    ("hybrid_networks-3", lambda *a: largest_batch(*a, copies=1), "the gradients and the momentum"),
    ("hybrid_networks-3", lambda *a: largest_batch(*a, copies=2), "make three, not two"),
    ("hybrid_networks-3", lambda m, w, k: (m - 3 * w) // k, "takes 4 bytes"),
    ("hybrid_networks-3", lambda m, w, k: (m - 12 * w) // k, "no fewer than 0"),
    ("hybrid_networks-3", lambda m, w, k: 3, "divided by what an image keeps"),
    ("hybrid_networks-3", lambda m, w, k: m / k, "whole number"),
]


SEEDS = (5, 3)


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)
