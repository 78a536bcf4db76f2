"""The exercises on detection: a solution passes on several draws, each mutant fails with a pointed hint."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.ops import box_iou

from wavelets_course.exercises import check
from wavelets_course.exercises.detection import average_precision, iou


def overlap(a: Tensor, b: Tensor) -> Tensor:
    sides = (torch.minimum(a, b)[2:] - torch.maximum(a, b)[:2]).clamp(min=0)
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])  # noqa: E731
    return sides.prod() / (area(a) + area(b) - sides.prod())


def unclamped(a: Tensor, b: Tensor) -> Tensor:
    shared = (torch.minimum(a, b)[2:] - torch.maximum(a, b)[:2]).prod()
    return shared / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)


def twice(a: Tensor, b: Tensor) -> Tensor:
    o = overlap(a, b)
    return o / (1 + o)


def shared(a: Tensor, b: Tensor) -> Tensor:
    return (torch.minimum(a, b)[2:] - torch.maximum(a, b)[:2]).clamp(min=0).prod()


def anchors(centre: Tensor, sides: Sequence[float], ratios: Sequence[float]) -> Tensor:
    rows = []
    for side, ratio in itertools.product(sides, ratios):
        half = torch.tensor([side / ratio**0.5, side * ratio**0.5]).double() / 2
        rows.append(torch.cat([centre - half, centre + half]))
    return torch.stack(rows)


def stretched(centre: Tensor, sides: Sequence[float], ratios: Sequence[float]) -> Tensor:
    halves = [torch.tensor([s, s * r]).double() / 2 for s in sides for r in ratios]
    return torch.stack([torch.cat([centre - half, centre + half]) for half in halves])


def precision(right: Tensor, objects: int, falling: bool = True) -> float:
    best, total, hits = 0.0, 0.0, int(right.sum())
    for k in range(len(right) - 1, -1, -1):
        here = hits / (k + 1)
        best = max(best, here) if falling else here
        total += best * bool(right[k])
        hits -= bool(right[k])
    return total / objects


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "detection-1": overlap,
    "detection-2": anchors,
    "detection-3": precision,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("detection-1", unclamped, "a negative side times a negative side is positive"),
    ("detection-1", twice, "the union is a + b - shared"),
    ("detection-1", shared, "divide it by the union's"),
    ("detection-1", lambda a, b: 0.5, "the overlap is"),
    ("detection-2", stretched, "must not change the area"),
    (
        "detection-2",
        lambda c, s, r: anchors(c, s, [1 / x for x in r]),
        "height over width, not width over height",
    ),
    ("detection-2", lambda c, s, r: anchors(c.flip(0), s, r), "x comes before y"),
    ("detection-2", lambda c, s, r: anchors(c + 1, s, r), "its middle at the centre"),
    ("detection-2", lambda c, s, r: anchors(c, s, r)[:, [2, 1, 0, 3]], "left < right"),
    ("detection-2", lambda c, s, r: anchors(c, s, r)[:3], "should have shape"),
    (
        "detection-3",
        lambda right, n: precision(right, n, falling=False),
        "take the best precision at this or any",
    ),
    ("detection-3", lambda right, n: precision(right, max(1, int(right.sum()))), "objects: precision 1"),
    ("detection-3", lambda right, n: 1.0, "precision 1 up to recall 1/2"),
    ("detection-3", lambda right, n: right.double().sum() / n, "you say"),
]


@pytest.mark.parametrize("name", SOLUTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_solution_passes(name: str, seed: int) -> None:
    verdict = check(name, SOLUTIONS[name], seed=seed)
    assert verdict.ok, repr(verdict)


@pytest.mark.parametrize(("name", "mutant", "hint"), MUTANTS)
def test_mutant_fails_with_a_hint(name: str, mutant: Callable[..., Any], hint: str) -> None:
    verdict = check(name, mutant, seed=0)
    assert not verdict.ok
    assert hint in repr(verdict), repr(verdict)


def test_the_reference_overlap_is_torchvisions(generator: torch.Generator) -> None:
    corners = 50 * torch.rand(6, 2, generator=generator)
    boxes = torch.cat([corners, corners + 5 + 30 * torch.rand(6, 2, generator=generator)], dim=1)
    for a, b in itertools.product(boxes, boxes):
        assert iou(a, b) == pytest.approx(float(box_iou(a[None], b[None])), abs=1e-6)


def test_the_reference_precision_by_hand() -> None:
    """Right, wrong, right, of three objects: 1 and then 2/3."""
    assert average_precision(torch.tensor([True, False, True]), 3) == pytest.approx((1 + 2 / 3) / 3)
    assert average_precision(torch.tensor([False, True, True]), 2) == pytest.approx(2 / 3)
