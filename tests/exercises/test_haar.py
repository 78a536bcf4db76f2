"""The exercises on Haar: a solution passes on many draws, each mutant fails with a pointed hint."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from wavelets_course.exercises import Verdict, check

ROOT = math.sqrt(2)


def step(x: Tensor) -> tuple[Tensor, Tensor]:
    return (x[..., ::2] + x[..., 1::2]) / ROOT, (x[..., ::2] - x[..., 1::2]) / ROOT


def level(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    low, high = step(x)
    approx, horizontal = (band.mT for band in step(low.mT))
    vertical, diagonal = (band.mT for band in step(high.mT))
    return approx, horizontal, vertical, diagonal


def inverse(a: Tensor, h: Tensor, v: Tensor, d: Tensor) -> Tensor:
    image = a.new_zeros(*a.shape[:-2], 2 * a.shape[-2], 2 * a.shape[-1])
    image[..., ::2, ::2] = (a + h + v + d) / 2
    image[..., ::2, 1::2] = (a + h - v - d) / 2
    image[..., 1::2, ::2] = (a - h + v - d) / 2
    image[..., 1::2, 1::2] = (a - h - v + d) / 2
    return image


def count(height: int, width: int, J: int) -> int:
    total = 0
    for _ in range(J):
        height, width = -(-height // 2), -(-width // 2)
        total += 3 * height * width
    return total + height * width


def down(height: int, width: int, J: int) -> int:
    total = 0
    for _ in range(J):
        height, width = height // 2, width // 2
        total += 3 * height * width
    return total + height * width


def halves_of_length(x: Tensor) -> tuple[Tensor, Tensor]:
    n = x.shape[-1] // 2
    return (x[..., :n] + x[..., n:]) / ROOT, (x[..., :n] - x[..., n:]) / ROOT


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "haar-1": step,
    "haar-2": level,
    "haar-3": inverse,
    "haar-4": count,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("haar-1", lambda x: tuple(ROOT * b for b in step(x)), "factor 2: did you forget 1/sqrt(2)?"),
    ("haar-1", lambda x: tuple(b / ROOT for b in step(x)), "factor 0.5: divide by sqrt(2), not by 2"),
    ("haar-1", lambda x: step(x)[::-1], "swap them"),
    ("haar-1", lambda x: (step(x)[0], -step(x)[1]), "detail has the wrong sign"),
    ("haar-1", lambda x: step(x.roll(1, -1)), "do your pairs start at even positions"),
    ("haar-1", halves_of_length, "do your pairs start at even positions"),
    ("haar-1", lambda x: (step(x)[0], 2 * step(x)[1]), "energy should be kept"),
    ("haar-1", lambda x: (step(x)[0], step(x)[0]), "detail is a difference"),
    ("haar-2", lambda x: tuple(2 * b for b in level(x)), "so 1/2 in all"),
    ("haar-2", lambda x: tuple(b / 2 for b in level(x)), "dividing by 2 in each direction"),
    (
        "haar-2",
        lambda x: tuple(level(x)[k] for k in (0, 2, 1, 3)),
        "a bright row should be answered by horizontal",
    ),
    ("haar-2", lambda x: tuple(level(x)[k] for k in (0, 1, 3, 2)), "should be answered by diagonal"),
    (
        "haar-2",
        lambda x: tuple(s * b for s, b in zip((1, -1, 1, 1), level(x), strict=True)),
        "horizontal has the wrong",
    ),
    ("haar-2", lambda x: level(x.mT), "should have shape"),
    ("haar-3", lambda *b: 2 * inverse(*b), "2 times too large"),
    (
        "haar-3",
        lambda a, h, v, d: inverse(a, v, h, d),
        "horizontal alone gives a wrong image: look at high-pass along y",
    ),
    (
        "haar-3",
        lambda a, h, v, d: inverse(a, h, v, -d),
        "diagonal alone gives a wrong image: look at both signs",
    ),
    ("haar-3", lambda a, h, v, d: inverse(a, h, v, 0 * d), "the image does not come back"),
    ("haar-3", lambda *b: inverse(*b)[..., 1:, :], "the image should have shape"),
    ("haar-4", lambda h, w, J: h * w, "it is still the number of pixels"),
    ("haar-4", down, "round up, not down"),
    ("haar-4", lambda h, w, J: count(h, w, J) + 1, "each level leaves three detail bands"),
    ("haar-4", lambda h, w, J: h * w / 4 + 0.5, "whole number"),
]


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)


def test_a_batched_answer_is_needed() -> None:
    assert not check("haar-1", lambda x: step(x.flatten()), seed=0).ok
    assert torch.equal(step(torch.ones(2))[1], torch.zeros(1))
