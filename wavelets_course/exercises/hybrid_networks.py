"""Exercises of the chapter on hybrid networks."""

import torch
from torch import Tensor, nn

from ..insight import multiply_adds
from ..scattering import Scattering2D, scattering_channels
from .exercise import Answer, Exercise, Property, Wrong, call, close, tensor, whole

FLOAT = 4  # bytes


# hybrid_networks-1: what the stem costs


def _stem(answer: Answer, generator: torch.Generator) -> tuple[tuple[int, ...], list[int]]:
    side, J, L, width = (8 * _integer(2, 9, generator), *(_integer(2, n, generator) for n in (4, 9, 33)))
    given = (side, J, L, width)
    found = call(answer, *given)
    if found is None:
        raise Wrong("the pair is None: does the function end in `return`?")
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise Wrong("return two numbers, (weights, multiply_adds)")
    counts = [
        whole(value, what, given)
        for value, what in zip(found, ("the weights", "the multiply-adds"), strict=True)
    ]
    return given, counts


def _stem_weights(answer: Answer, generator: torch.Generator) -> None:
    for _ in range(3):
        (_, J, L, width), (weights, _) = _stem(answer, generator)
        channels = 3 * scattering_channels(J, L, 1)
        expected = 9 * channels * width
        if weights == expected:
            continue
        case = f"J = {J}, L = {L}, width {width}: {expected:,} weights, you say {weights:,}"
        if weights == expected // 3:
            raise Wrong(case + ": each colour has its own coefficients")
        if weights == 9 * 3 * L * J * width:
            raise Wrong(case + ": order 0 is a channel too")
        if weights == expected // 9:
            raise Wrong(case + ": a kernel has 3 x 3 taps for each pair of channels")
        raise Wrong(case)


def _stem_work(answer: Answer, generator: torch.Generator) -> None:
    for _ in range(3):
        (side, J, L, width), (_, work) = _stem(answer, generator)
        channels, maps = 3 * scattering_channels(J, L, 1), side >> J
        stem = nn.Conv2d(channels, width, 3, padding=1, bias=False, device="meta")
        expected = multiply_adds(stem, torch.zeros(1, channels, maps, maps, device="meta"))
        if work == expected:
            continue
        case = f"side {side}, J = {J}, L = {L}, width {width}: {expected:,} multiply-adds, you say {work:,}"
        if work == expected * 4**J:
            raise Wrong(case + f": the maps have {maps} x {maps} places, not {side} x {side}")
        raise Wrong(case + ": every weight is used once at every place")


def _integer(low: int, high: int, generator: torch.Generator) -> int:
    return int(torch.randint(low, high, (), generator=generator))


# hybrid_networks-2: normalise without the images


def _coefficients(
    answer: Answer, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """What the learner is given, what comes back, and what it should be."""
    scattering = Scattering2D(2, (16, 24), L=4, max_order=1).double()
    x = torch.rand(2, 3, 16, 24, generator=generator, dtype=torch.float64)
    mean, std = (0.2 + 0.6 * torch.rand(3, generator=generator, dtype=torch.float64) for _ in range(2))
    given = (torch.as_tensor(scattering(x)), mean, std)
    found = tensor(call(answer, *given), given[0].shape, "the coefficients", given)
    expected = scattering((x - mean[:, None, None]) / std[:, None, None])
    return given[0], mean, std, found, torch.as_tensor(expected)


def _spread(values: Tensor) -> Tensor:
    return values[:, None, None, None]


def _order_one(answer: Answer, generator: torch.Generator) -> None:
    S, mean, std, found, expected = _coefficients(answer, generator)
    if close(found[:, :, 1:], expected[:, :, 1:], 1e-3):
        return
    if close(found[:, :, 1:], S[:, :, 1:], 1e-3):
        raise Wrong("order 1 of an image divided by std is divided by std: nothing but the phase is lost")
    if close(found[:, :, 1:], ((S - _spread(mean)) / _spread(std))[:, :, 1:], 1e-3):
        raise Wrong("order 1 does not see a constant: psi has mean 0, so taking off the mean changes nothing")
    raise Wrong("order 1 is |x * psi| * phi: what happens to it when x is divided by std?")


def _order_zero(answer: Answer, generator: torch.Generator) -> None:
    S, _, std, found, expected = _coefficients(answer, generator)
    if close(found[:, :, :1], expected[:, :, :1], 1e-3):
        return
    if close(found[:, :, :1], (S / _spread(std))[:, :, :1], 1e-3):
        raise Wrong("order 0 is an average of the image: the mean must come off there")
    raise Wrong("order 0 is x * phi, and phi sums to 1: (x * phi - mean) / std")


# hybrid_networks-3: the largest batch


def _batches(answer: Answer, generator: torch.Generator) -> None:
    for _ in range(4):
        weights = _integer(10, 60, generator) * 10**6
        kept = _integer(30, 150, generator) * 10**6
        memory = _integer(4, 24, generator) * 10**9
        _batch(answer, memory, weights, kept)


def _too_little(answer: Answer, generator: torch.Generator) -> None:
    weights = _integer(100, 200, generator) * 10**6
    _batch(answer, 10**9, weights, 50 * 10**6)


def _batch(answer: Answer, memory: int, weights: int, kept: int) -> None:
    given = (memory, weights, kept)
    found, expected = whole(call(answer, *given), "the batch", given), _images(memory, weights, kept, 3)
    if found == expected:
        return
    case = f"memory {memory:,}, weights {weights:,}, kept {kept:,}: {expected} images, you say {found}"
    if expected == 0 and found < 0:
        raise Wrong(case + ": a batch has no fewer than 0 images")
    if found == _images(memory, weights, kept, 1):
        raise Wrong(case + ": the gradients and the momentum take as much as the weights, each")
    if found == _images(memory, weights, kept, 2):
        raise Wrong(case + ": weights, gradients and momentum make three, not two")
    if found == max(0, (memory - 3 * weights) // kept):
        raise Wrong(case + ": a weight in float32 takes 4 bytes")
    raise Wrong(case + ": what the weights, gradients and momentum leave, divided by what an image keeps")


def _images(memory: int, weights: int, kept: int, copies: int) -> int:
    return max(0, (memory - copies * FLOAT * weights) // kept)


EXERCISES = (
    Exercise(
        "hybrid_networks-1",
        "What the stem costs",
        "The stem of a ScatResNet is a 3 x 3 convolution, without bias, from the coefficients of an RGB "
        "image (order 1) to `width` maps of the same size. Write `stem_cost(side, J, L, width)`: its weights "
        "and its multiply-adds for one image of `side x side` pixels.",
        "def stem_cost(side, J, L, width):\n    ...  # (weights, multiply_adds)",
        (
            Property("as many weights as torch counts", _stem_weights),
            Property("as many multiply-adds as torch counts", _stem_work),
        ),
    ),
    Exercise(
        "hybrid_networks-2",
        "Normalise without the images",
        "You stored the coefficients `S` of images in [0, 1], shape `(batch, 3, K, rows, columns)`, orders 0 "
        "and 1, and threw the images away. The network wants those of `(x - mean) / std`. Write "
        "`normalise(S, mean, std)`, with a mean and a positive std for each colour.",
        "def normalise(S, mean, std):\n    ...  # coefficients, the shape of S",
        (
            Property("right at order 1", _order_one),
            Property("right at order 0", _order_zero),
        ),
        required=0,
    ),
    Exercise(
        "hybrid_networks-3",
        "The largest batch",
        "Training with momentum in float32 holds the weights, their gradients and their momenta, and `kept` "
        "bytes an image. Write `largest_batch(memory, weights, kept)`: how many images fit into `memory` "
        "bytes beside `weights` weights.",
        "def largest_batch(memory, weights, kept):\n    ...  # a number of images",
        (
            Property("right where there is room", _batches),
            Property("0 where there is none", _too_little),
        ),
    ),
)
