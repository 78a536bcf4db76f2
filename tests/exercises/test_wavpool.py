"""The exercises on WavPool: a solution passes on many draws, each mutant gets a pointed hint."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from wavelets_course.exercises import Verdict


def microwav(details: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.einsum("dbi,dhi->bhd", details.flatten(2), weight) + bias.T


def pool_cubes(block: Tensor, side: int) -> Tensor:
    for axis in (1, 2, 3):
        whole = block.narrow(axis, 0, block.shape[axis] // side * side)
        block = whole.unflatten(axis, (-1, side)).amax(axis + 1)
    return block


def zero_started(block: Tensor, side: int) -> Tensor:
    return pool_cubes(block, side).clamp_min(0)


def parameter_count(side: int, hidden: int, pool_size: int) -> int:
    total, level, size = 0, 0, side
    while 2 ** (level + 1) <= side:
        size = (size + 1) // 2
        total += 3 * (hidden // (level + 1)) * (size**2 + 1)
        level += 1
    pooled = (hidden // pool_size) * (3 // pool_size) * (level // pool_size)
    return total + 10 * (pooled + 1)


def without_biases(side: int, hidden: int, pool_size: int) -> int:
    levels = side.bit_length() - 1
    return parameter_count(side, hidden, pool_size) - 10 - 3 * sum(hidden // (j + 1) for j in range(levels))


def rounded_down(side: int, hidden: int, pool_size: int) -> int:
    total = parameter_count(side, hidden, pool_size)
    for level in range(side.bit_length() - 1):
        up, down = -(-side >> (level + 1)), side >> (level + 1)
        total -= 3 * (hidden // (level + 1)) * (up**2 - down**2)
    return total


def unscaled(side: int, hidden: int, pool_size: int) -> int:
    total = parameter_count(side, hidden, pool_size)
    for level in range(side.bit_length() - 1):
        total += 3 * (hidden - hidden // (level + 1)) * ((-(-side >> (level + 1))) ** 2 + 1)
    return total


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "wavpool-1": microwav,
    "wavpool-2": pool_cubes,
    "wavpool-3": parameter_count,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("wavpool-1", lambda *a: None, "does the function end in `return`"),
    ("wavpool-1", lambda *a: microwav(*a).movedim(-1, 0), "should have shape"),
    ("wavpool-1", lambda *a: microwav(*a).relu(), "there is no activation"),
    ("wavpool-1", lambda d, w, b: microwav(d, w, 0 * b), "answered by the bias alone"),
    ("wavpool-1", lambda d, w, b: microwav(d, w, b.flip(0)), "answered by the bias alone"),
    ("wavpool-1", lambda d, w, b: microwav(d, w[:1].expand_as(w), b), "times the transpose of its weight"),
    ("wavpool-1", lambda d, w, b: microwav(d.sum(0).expand_as(d), w, b), "the three layers share nothing"),
    ("wavpool-1", lambda d, w, b: microwav(d.mT.contiguous(), w, b), "column by column"),
    (
        "wavpool-1",
        lambda d, w, b: microwav(d.flip(0), w, b),
        "another horizontal detail should change place 0",
    ),
    ("wavpool-2", lambda b, s: pool_cubes(b, s)[:, :-1], "should have shape"),
    ("wavpool-2", lambda b, s: pool_cubes(b.flip(1, 2, 3), s).flip(1, 2, 3), "drop the first places"),
    ("wavpool-2", lambda b, s: functional.avg_pool3d(b, s), "this is the average"),
    ("wavpool-2", zero_started, "should come back as it is"),
    ("wavpool-2", lambda b, s: zero_started(b, s) if s > 1 else b, "a 0 comes from nowhere"),
    ("wavpool-2", lambda b, s: -pool_cubes(-b, s), "the largest of a cube of 2x2x2"),
    ("wavpool-3", without_biases, "every output has a bias too"),
    ("wavpool-3", lambda *a: parameter_count(*a) - 10, "a bias for each of the ten classes"),
    ("wavpool-3", unscaled, "level j, 0 the finest, has hidden // (j + 1) units"),
    ("wavpool-3", rounded_down, "an odd side rounds up"),
    ("wavpool-3", lambda *a: parameter_count(*a) + 1, "three layers a level"),
    ("wavpool-3", lambda *a: parameter_count(*a) / 3 + 0.1, "whole number"),
]


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)
