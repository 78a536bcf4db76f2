"""Exercises of the chapter on detection."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .exercise import Answer, Exercise, Property, Wrong, call, close, number, tensor

# detection-1: overlap


def _boxes(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Two boxes of whole pixels that share some."""
    corner = torch.randint(0, 20, (2, 2), generator=generator).double()
    sides = torch.randint(21, 40, (2, 2), generator=generator).double()
    a, b = torch.cat([corner, corner + sides], dim=1)
    return a, b


def iou(a: Float[Tensor, "4"], b: Float[Tensor, "4"]) -> float:
    """Intersection over union."""
    shared = (torch.minimum(a[2:], b[2:]) - torch.maximum(a[:2], b[:2])).clamp(min=0).prod()
    return float(shared / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared))


def _overlap(answer: Answer, a: Tensor, b: Tensor) -> float:
    return number(call(answer, a, b), "the overlap", (a, b))


def _overlap_shared(answer: Answer, generator: torch.Generator) -> None:
    for _ in range(5):
        a, b = _boxes(generator)
        found, expected = _overlap(answer, a, b), iou(a, b)
        if abs(found - expected) < 1e-6:
            continue
        areas = [float((box[2:] - box[:2]).prod()) for box in (a, b)]
        shared = expected * sum(areas) / (1 + expected)
        case = f"for {a.int().tolist()} and {b.int().tolist()} "
        if abs(found - shared / sum(areas)) < 1e-6:
            raise Wrong(case + "the shared part is counted twice below: the union is a + b - shared")
        if abs(found - shared) < 1e-6:
            raise Wrong(case + f"the shared area is {shared:.0f}, as you say: divide it by the union's")
        raise Wrong(case + f"the overlap is {expected:.4f}, you say {found:.4f}")


def _overlap_apart(answer: Answer, generator: torch.Generator) -> None:
    a, _ = _boxes(generator)
    for shift in ((100.0, 0.0), (0.0, 100.0), (100.0, 100.0)):
        far = a + torch.tensor(shift * 2, dtype=a.dtype)
        if _overlap(answer, a, far) != 0:
            raise Wrong(
                f"boxes that share nothing overlap by 0, but {a.int().tolist()} and {far.int().tolist()} "
                f"give {_overlap(answer, a, far):.4f}: a negative side times a negative side is positive"
            )


def _overlap_same(answer: Answer, generator: torch.Generator) -> None:
    a, b = _boxes(generator)
    if abs(_overlap(answer, a, a) - 1) > 1e-6:
        raise Wrong("a box overlaps itself by 1")
    if abs(_overlap(answer, a, b) - _overlap(answer, b, a)) > 1e-6:
        raise Wrong("it should not matter which box comes first")


# detection-2: anchors


def _anchors(answer: Answer, generator: torch.Generator) -> tuple[Tensor, Tensor, list[float], list[float]]:
    centre = 50 + 50 * torch.rand(2, generator=generator, dtype=torch.float64)
    sides = (8 + 40 * torch.rand(3, generator=generator)).tolist()
    ratios = (0.3 + 2 * torch.rand(2, generator=generator)).tolist()
    given = (centre, sides, ratios)
    found = tensor(call(answer, *given), (6, 4), "the anchors", given)
    if not (found[:, 2:] > found[:, :2]).all():
        raise Wrong("left < right and top < bottom: the order is left, top, right, bottom")
    return found, centre, sides, ratios


def _anchor_areas(answer: Answer, generator: torch.Generator) -> None:
    found, _, sides, _ = _anchors(answer, generator)
    areas = (found[:, 2:] - found[:, :2]).prod(1).sort().values
    expected = torch.tensor([side**2 for side in sides for _ in range(2)], dtype=torch.float64).sort().values
    if not close(areas, expected, 1e-6):
        raise Wrong("the shape must not change the area: each anchor of side s has s**2 square pixels")


def _anchor_shapes(answer: Answer, generator: torch.Generator) -> None:
    found, centre, _, ratios = _anchors(answer, generator)
    width, height = (found[:, 2:] - found[:, :2]).unbind(1)
    shapes = (height / width).sort().values
    expected = torch.tensor([ratio for ratio in ratios for _ in range(3)], dtype=torch.float64).sort().values
    if not close(shapes, expected, 1e-6):
        if close(1 / shapes.flip(0), expected, 1e-6):
            raise Wrong("the ratio is height over width, not width over height")
        raise Wrong("each side comes once with each ratio of height over width")
    middles = (found[:, 2:] + found[:, :2]) / 2
    if not close(middles, centre.expand(6, 2), 1e-6):
        if close(middles, centre.flip(0).expand(6, 2), 1e-6):
            raise Wrong("x comes before y, in the centre and in the corners")
        raise Wrong("every anchor has its middle at the centre")


# detection-3: average precision


def average_precision(right: Bool[Tensor, " detections"], objects: int) -> float:
    """Area under the precision, made to fall, against the recall."""
    hits = right.double().cumsum(0)
    precision = hits / torch.arange(1, len(right) + 1)
    falling = precision.flip(0).cummax(0).values.flip(0)
    return float((falling * right.double()).sum() / objects)


def _average(answer: Answer, right: list[bool], objects: int) -> float:
    given = (torch.tensor(right), objects)
    return number(call(answer, *given), "the average precision", given)


def _average_simple(answer: Answer, generator: torch.Generator) -> None:
    n = int(torch.randint(2, 6, (), generator=generator))
    if abs(_average(answer, [True] * n, n) - 1) > 1e-6:
        raise Wrong(f"{n} detections, all right, of {n} objects: the average precision is 1")
    if abs(_average(answer, [True] * n, 2 * n) - 0.5) > 1e-6:
        raise Wrong(
            f"{n} right detections of {2 * n} objects: precision 1 up to recall 1/2, then 0, so it is 1/2"
        )
    if abs(_average(answer, [False] * n, n)) > 1e-6:
        raise Wrong("where nothing is right it is 0")


def _average_mixed(answer: Answer, generator: torch.Generator) -> None:
    cases = [[False, True, True], [True, False, True]]
    cases += [(torch.rand(12, generator=generator) < 0.5).tolist() for _ in range(4)]
    for right in cases:
        objects = sum(right) + 2
        found, expected = _average(answer, right, objects), average_precision(torch.tensor(right), objects)
        if abs(found - expected) < 1e-6:
            continue
        precision = torch.tensor(right).double().cumsum(0) / torch.arange(1, len(right) + 1)
        raw = float((precision * torch.tensor(right)).sum() / objects)
        marks = "".join("x" if is_right else "." for is_right in right)
        if abs(found - raw) < 1e-6:
            raise Wrong(
                f"for {marks} you take the precision as it is; take the best precision at this or any higher "
                "recall, so that the curve falls"
            )
        raise Wrong(f"for {marks} (x is right) and {objects} objects: {expected:.4f}, you say {found:.4f}")


EXERCISES = (
    Exercise(
        "detection-1",
        "How much do two boxes overlap?",
        "Write `overlap(a, b)`: the area that two boxes share over the area of their union. A box is a "
        "tensor of four numbers, left, top, right and bottom.",
        "def overlap(a, b):\n    ...  # a number from 0 to 1",
        (
            Property("right for boxes that share something", _overlap_shared),
            Property("0 for boxes that share nothing", _overlap_apart),
            Property("1 for a box and itself, and symmetric", _overlap_same),
        ),
    ),
    Exercise(
        "detection-2",
        "Anchors about a point",
        "Write `anchors(centre, sides, ratios)`: every side with every ratio, as a tensor "
        "`(len(sides) * len(ratios), 4)` of left, top, right, bottom, in any order. An anchor of side $s$ "
        "and ratio $r$ has area $s^2$, a height of $r$ times its width, and its middle at `centre`, a tensor "
        "$(x, y)$.",
        "def anchors(centre, sides, ratios):\n    ...  # a tensor, one row an anchor",
        (
            Property("each has the area of its side", _anchor_areas),
            Property("each has the shape of its ratio, about the centre", _anchor_shapes),
        ),
    ),
    Exercise(
        "detection-3",
        "Average precision by hand",
        "Detections stand in the order of their scores, best first; `right` says of each whether it has "
        "found an object (booleans), and there are `objects` of these. After $k$ detections, precision is "
        "the share of the $k$ that are right, recall the share of the objects that are found. Write "
        "`average_precision(right, objects)`: the sum over all right detections of the best precision at "
        "their recall or any higher one, over `objects`.",
        "def average_precision(right, objects):\n    ...  # a number from 0 to 1",
        (
            Property("right where all are right, or none", _average_simple),
            Property("right for mixed lists", _average_mixed),
        ),
    ),
)
