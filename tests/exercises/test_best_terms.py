"""The exercises on n-term approximation: a solution passes on many draws, each mutant gets a pointed hint."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from wavelets_course.exercises import Verdict


def keep(rows: Tensor, n: int) -> Tensor:
    order = rows.abs().argsort(dim=-1, descending=True)
    return torch.zeros_like(rows).scatter(-1, order[:, :n], rows.gather(-1, order[:, :n]))


def keep_by_value(rows: Tensor, n: int) -> Tensor:
    order = rows.argsort(dim=-1, descending=True)
    return torch.zeros_like(rows).scatter(-1, order[:, :n], rows.gather(-1, order[:, :n]))


def keep_of_all(rows: Tensor, n: int) -> Tensor:
    return keep(rows.flatten()[None], n).reshape(rows.shape)


def errors(row: Tensor) -> Tensor:
    tails = row.square().sort().values.cumsum(0).flip(0)
    return torch.cat([tails, torch.zeros(1, dtype=row.dtype)])


def errors_kept(row: Tensor) -> Tensor:
    return errors(row)[0] - errors(row)


def errors_unsorted(row: Tensor) -> Tensor:
    return torch.cat([row.square().flip(0).cumsum(0).flip(0), torch.zeros(1, dtype=row.dtype)])


def squares(image: Tensor, side: int) -> int:
    blocks = image.unfold(0, side, side).unfold(1, side, side).flatten(2)
    return int((blocks.amax(-1) != blocks.amin(-1)).sum())


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "best_terms-1": keep,
    "best_terms-2": errors,
    "best_terms-3": lambda g, d: 1 - 2 * d / g,
    "best_terms-4": squares,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("best_terms-1", keep_by_value, "compare magnitudes, not values"),
    ("best_terms-1", keep_of_all, "of all rows together"),
    ("best_terms-1", lambda rows, n: keep(rows, n + 1), "should be kept of each row"),
    ("best_terms-1", lambda rows, n: 0.9 * keep(rows, n), "is something shrunk or moved"),
    (
        "best_terms-1",
        lambda rows, n: torch.where(torch.arange(rows.shape[1]) < n, rows, 0),
        "larger than one",
    ),
    ("best_terms-2", errors_kept, "that is the energy of what is kept"),
    ("best_terms-2", errors_unsorted, "keep the largest first"),
    ("best_terms-2", lambda row: errors(row).sqrt(), "without the root"),
    ("best_terms-2", lambda row: errors(row)[1:], "should have shape"),
    ("best_terms-2", lambda row: 2 * errors(row), "the whole energy"),
    ("best_terms-2", lambda row: errors(row) + torch.linspace(0, 1, len(row) + 1), "last error should be 0"),
    (
        "best_terms-2",
        lambda row: errors(row)[0] * torch.linspace(1, 0, len(row) + 1),
        "all but the n largest",
    ),
    ("best_terms-3", lambda g, d: 2 * d / g - 1, "the slope is negative"),
    ("best_terms-3", lambda g, d: -2 * d / g, "which adds 1"),
    ("best_terms-3", lambda g, d: -d / g, "now square them"),
    ("best_terms-3", lambda g, d: -1.0, "what energy lies beyond"),
    ("best_terms-4", lambda image, side: 1 + squares(image, side), "a flat image has no edge"),
    ("best_terms-4", lambda image, side: squares(image.roll(1, -1), side), "an upright edge"),
    ("best_terms-4", lambda image, side: squares(image[:, :32], side), "you count"),
    ("best_terms-4", lambda image, side: squares(image, side) + 0.5, "whole number"),
]


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)


def test_the_formula_is_what_sorting_and_fitting_gives() -> None:
    """Exercise 3, without the formula: build coefficients, drop the small ones, fit."""
    from wavelets_course.sparse import fit_slope, geometric_counts

    for g, d in ((1.0, 1.0), (0.5, 0.75), (2.0, 1.5)):
        scales = range(int(20 / g))
        row = torch.cat([torch.full((round(2 ** (g * j)),), 2.0 ** (-d * j)).double() for j in scales])
        counts = geometric_counts(30, len(row) // 300)
        slope = float(fit_slope(counts, errors(row)[counts]))
        assert abs(slope - (1 - 2 * d / g)) < 0.15
