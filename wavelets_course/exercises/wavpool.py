"""Exercises of the chapter on WavPool."""

import torch
from torch import Tensor
from torch.nn import functional

from ..networks import WavPool
from .exercise import Answer, Exercise, Property, Wrong, call, close, describe, tensor, whole


def _draw(low: int, high: int, generator: torch.Generator) -> int:
    """A whole number, both ends included."""
    return int(torch.randint(low, high + 1, (), generator=generator))


def _random(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


# wavpool-1: three tails


def _tails(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    batch, hidden, rows, columns = 4, _draw(5, 7, generator), _draw(2, 3, generator), 4
    return (
        _random(generator, 3, batch, rows, columns),
        _random(generator, 3, hidden, rows * columns),
        _random(generator, 3, hidden),
    )


def _answers(answer: Answer, given: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    details, weight, _ = given
    shape = (details.shape[1], weight.shape[1], 3)
    return tensor(call(answer, *given), shape, "the result", given)


def _right_tails(details: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    tails = [image.flatten(1) @ w.T + b for image, w, b in zip(details, weight, bias, strict=True)]
    return torch.stack(tails, dim=-1)


def _tails_shape(answer: Answer, generator: torch.Generator) -> None:
    _answers(answer, _tails(generator))


def _tails_of_nothing(answer: Answer, generator: torch.Generator) -> None:
    details, weight, bias = _tails(generator)
    result = _answers(answer, (torch.zeros_like(details), weight, bias))
    expected = bias.T.expand_as(result)
    if close(result, expected):
        return
    if close(result, expected.clamp_min(0)):
        raise Wrong("there is no activation: a dense layer may well answer below 0")
    raise Wrong("blank details should be answered by the bias alone, direction by direction")


def _tails_apart(answer: Answer, generator: torch.Generator) -> None:
    details, weight, bias = _tails(generator)
    for direction, name in enumerate(("horizontal", "vertical", "diagonal")):
        other = details.clone()
        other[direction] += 1
        given = (details, weight, bias), (other, weight, bias)
        changes = [
            int(k)
            for k in (
                (_answers(answer, given[0]) - _answers(answer, given[1])).abs().amax((0, 1)) > 1e-9
            ).nonzero()
        ]
        if changes != [direction]:
            raise Wrong(
                f"another {name} detail should change place {direction} of the last axis alone, and changes "
                f"{changes}: the three layers share nothing"
            )


def _tails_values(answer: Answer, generator: torch.Generator) -> None:
    given = _tails(generator)
    result, expected = _answers(answer, given), _right_tails(*given)
    if close(result, expected):
        return
    details, weight, bias = given
    if close(result, _right_tails(details.mT.contiguous(), weight, bias)):
        raise Wrong("the pixels are read column by column; flatten the rows as they lie: `flatten(1)`")
    raise Wrong("each tail is its detail, flattened, times the transpose of its weight, plus its bias")


# wavpool-2: cubes


def _block(generator: torch.Generator, side: int) -> Tensor:
    """All below 0, so that a zero from nowhere shows; no axis but the directions a multiple of the side."""
    hidden, levels = side * _draw(2, 4, generator) + 1, side * _draw(1, 2, generator) + 1
    return -_random(generator, 2, hidden, 3, levels).abs() - 1


def _pooled(answer: Answer, block: Tensor, side: int) -> Tensor:
    shape = (len(block), *(size // side for size in block.shape[1:]))
    return tensor(call(answer, block, side), shape, "the pooled block", (block, side))


def _pooled_shape(answer: Answer, generator: torch.Generator) -> None:
    for side in (2, 3):
        _pooled(answer, _block(generator, side), side)


def _pooled_single(answer: Answer, generator: torch.Generator) -> None:
    block = _block(generator, 2)
    if not close(_pooled(answer, block, 1), block):
        raise Wrong("a cube of side 1 is one number: with side 1 the block should come back as it is")


def _pooled_values(answer: Answer, generator: torch.Generator) -> None:
    for side in (2, 3):
        block = _block(generator, side)
        result, expected = _pooled(answer, block, side), functional.max_pool3d(block, side)
        if close(result, expected):
            continue
        flipped = functional.max_pool3d(block.flip(1, 2, 3), side).flip(1, 2, 3)
        if close(result, flipped):
            raise Wrong("you drop the first places of an axis that the side does not divide; the last go")
        if close(result, functional.avg_pool3d(block, side)):
            raise Wrong("this is the average of each cube; its largest number is wanted")
        if (result == 0).any():
            raise Wrong("a 0 comes from nowhere: what does not fill a cube is dropped, not padded")
        raise Wrong(
            f"each number should be the largest of a cube of {side}x{side}x{side}, cubes side by side"
        )


# wavpool-3: how many parameters


def _count(answer: Answer, side: int, hidden: int, pool_size: int) -> None:
    given = (side, hidden, pool_size)
    model = WavPool((side, side), hidden, pool_size)
    right = sum(p.numel() for p in model.parameters())
    said = whole(call(answer, *given), "the count", given)
    if said == right:
        return
    biases = 3 * sum(model.hidden_sizes)
    unscaled = WavPool((side, side), hidden, pool_size, hidden_layer_scaling=False)
    hints = {
        right - biases - 10: "every output has a bias too",
        right - biases: "the three layers of a level have biases too",
        right - 10: "the last layer has a bias for each of the ten classes",
        sum(p.numel() for p in unscaled.parameters()): "level j, 0 the finest, has hidden // (j + 1) units",
        _rounded_down(model): "an odd side rounds up when it is halved",
    }
    hint = hints.get(said, "three layers a level, and a last one on what pooling leaves")
    raise Wrong(f"there are {right:,} parameters for {describe(given)}, you say {said:,}: {hint}")


def _rounded_down(model: WavPool) -> int:
    """The count with sides rounded down."""
    sizes = [(model.shape[0] >> j) ** 2 for j in range(1, len(model.hidden_sizes) + 1)]
    layers = sum(3 * h * (s + 1) for h, s in zip(model.hidden_sizes, sizes, strict=True))
    return layers + sum(p.numel() for p in model.readout.parameters())


def _count_dyadic(answer: Answer, generator: torch.Generator) -> None:
    for side in (8, 16, 32):
        _count(answer, side, _draw(10, 300, generator), 2)


def _count_published(answer: Answer, generator: torch.Generator) -> None:
    _count(answer, 28, 268, 2)
    _count(answer, 28, 264, 3)


def _count_any(answer: Answer, generator: torch.Generator) -> None:
    for _ in range(6):
        _count(answer, _draw(9, 60, generator), _draw(10, 300, generator), _draw(1, 3, generator))


EXERCISES = (
    Exercise(
        "wavpool-1",
        "Three tails",
        "Write `microwav(details, weight, bias)` for the three details of one level, `(3, batch, rows, "
        "columns)`, with `weight` `(3, hidden, rows * columns)` and `bias` `(3, hidden)`: a dense layer for "
        "each direction, no activation, stacked to `(batch, hidden, 3)`.",
        "def microwav(details, weight, bias):\n    ...  # (batch, hidden, 3)",
        (
            Property("of shape (batch, hidden, 3)", _tails_shape),
            Property("blank details are answered by the bias", _tails_of_nothing),
            Property("each direction is seen by its own layer", _tails_apart),
            Property("right for any details", _tails_values),
        ),
    ),
    Exercise(
        "wavpool-2",
        "Cubes",
        "Write `pool_cubes(block, side)` without torch's pooling: the largest number of each cube of `side` "
        "places along the last three axes of a block `(batch, hidden, 3, levels)`, cubes side by side; what "
        "does not fill a cube at the end of an axis is dropped.",
        "def pool_cubes(block, side):\n    ...  # (batch, hidden // side, 3 // side, levels // side)",
        (
            Property("each axis as long as cubes fit in", _pooled_shape),
            Property("cubes of side 1 change nothing", _pooled_single),
            Property("the largest number of every cube", _pooled_values),
        ),
    ),
    Exercise(
        "wavpool-3",
        "How many parameters?",
        "Write `parameter_count(side, hidden, pool_size)`: weights and biases of a WavPool for square grey "
        "images with ten classes, all Haar levels, level `j` with `hidden // (j + 1)` units.",
        "def parameter_count(side, hidden, pool_size):\n    ...  # a whole number",
        (
            Property("right where the side is a power of 2", _count_dyadic),
            Property("186,722 and 182,192 for 28x28", _count_published),
            Property("right for any size", _count_any),
        ),
        required=0,
    ),
)
