"""Exercises of the chapter on the scattering transform."""

import math
from functools import lru_cache

import torch
from torch import Tensor

from ..filters import morlet_bank_2d
from ..laws import translation_gap
from ..scattering import Scattering2D, scattering_channels
from ..signals import random_polygons
from .exercise import Answer, Exercise, Property, Wrong, call, close, tensor, whole

SIDE = 64
DEEPEST = 5


# scattering-1: one channel


def _draw(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    bank = morlet_bank_2d((24, 32), J=2)
    j, ell = (int(torch.randint(n, (), generator=generator)) for n in (bank.J, bank.L))
    return torch.randn(24, 32, generator=generator, dtype=torch.float64), bank.psi_hat[j, ell], bank.phi_hat


def _filter(x: Tensor, filter_hat: Tensor) -> Tensor:
    filtered: Tensor = torch.fft.ifft2(torch.fft.fft2(x) * filter_hat)
    return filtered


def _channel(answer: Answer, x: Tensor, psi_hat: Tensor, phi_hat: Tensor) -> Tensor:
    given = (x, psi_hat, phi_hat)
    return tensor(call(answer, *given), x.shape, "the channel", given)


def _channel_shape(answer: Answer, generator: torch.Generator) -> None:
    _channel(answer, *_draw(generator))


def _channel_scales(answer: Answer, generator: torch.Generator) -> None:
    x, *filters = _draw(generator)
    if close(_channel(answer, 3 * x, *filters), 9 * _channel(answer, x, *filters)):
        raise Wrong("an image 3 times as bright gives 9 times as much: take the modulus, not its square")
    if not close(_channel(answer, -3 * x, *filters), 3 * _channel(answer, x, *filters)):
        raise Wrong("a negative, 3 times as strong, should give 3 times as much: is the modulus there?")


def _channel_value(answer: Answer, generator: torch.Generator) -> None:
    x, psi_hat, phi_hat = _draw(generator)
    S = _channel(answer, x, psi_hat, phi_hat)
    band = _filter(x, psi_hat)
    if close(S, _filter(band.abs(), phi_hat).real):
        return
    if close(S, band.abs()):
        raise Wrong("this is |x * psi|: the average by phi is missing")
    if close(S, _filter(band.real.abs(), phi_hat).real):
        raise Wrong("x * psi is complex: take its modulus before you drop the imaginary part")
    if close(S, _filter(band, phi_hat).abs()):
        raise Wrong(
            "modulus first, average second: |x * psi * phi| is nearly 0, since psi and phi hardly overlap"
        )
    raise Wrong("the channel should be |x * psi| * phi, each * a product of Fourier transforms")


# scattering-2: how many channels


def _channels(answer: Answer, generator: torch.Generator, max_order: int) -> None:
    for _ in range(4):
        J, L = (int(n) for n in torch.randint(2, 9, (2,), generator=generator))
        expected = scattering_channels(J, L, max_order)
        count = whole(call(answer, J, L, max_order), "the count", (J, L, max_order))
        if count != expected:
            raise Wrong(
                f"J = {J}, L = {L}, orders 0 to {max_order}: {expected} channels, you say {count}"
                + _channel_hint(count, J, L, max_order)
            )


def _channel_hint(count: int, J: int, L: int, max_order: int) -> str:
    if max_order == 2 and count in (1 + J * L + (J * L) ** 2, 1 + J * L + L**2 * J * (J + 1) // 2):
        return ": only pairs with j2 > j1 count, J (J - 1) / 2 of them"
    if max_order == 2 and count == 1 + J * L + L * J * (J - 1) // 2:
        return ": both wavelets of a pair have L angles"
    if count == scattering_channels(J, L, max_order) - 1:
        return ": order 0, the average of the image itself, is a channel too"
    return ": choose the scales j1 < j2 < ..., then one of L angles for each"


def _channels_zero(answer: Answer, generator: torch.Generator) -> None:
    _channels(answer, generator, 0)


def _channels_one(answer: Answer, generator: torch.Generator) -> None:
    _channels(answer, generator, 1)


def _channels_two(answer: Answer, generator: torch.Generator) -> None:
    _channels(answer, generator, 2)


def _channels_three(answer: Answer, generator: torch.Generator) -> None:
    J, L = (int(n) for n in torch.randint(3, 7, (2,), generator=generator))
    expected = sum(math.comb(J, m) * L**m for m in range(4))
    count = whole(call(answer, J, L, 3), "the count", (J, L, 3))
    if count != expected:
        raise Wrong(
            f"J = {J}, L = {L}, orders 0 to 3: {expected} channels, you say {count}: three scales j1 < j2 "
            f"< j3"
        )


# scattering-3: how deep for a shift


@lru_cache(maxsize=DEEPEST)
def _layer(J: int) -> Scattering2D:
    return Scattering2D(J, (SIDE, SIDE), max_order=1).double()


def _gaps(x: Tensor, displacement: tuple[int, int]) -> list[float]:
    return [translation_gap(_layer(J), displacement, x) for J in range(1, DEEPEST + 1)]


def _scale(answer: Answer, generator: torch.Generator, reach: int) -> None:
    for _ in range(2):
        x = random_polygons((SIDE, SIDE), 4, generator).double()
        displacement = (1 + int(torch.randint(reach, (), generator=generator)), 0)
        gaps = _gaps(x, displacement)
        target = int(torch.randint(2, DEEPEST + 1, (), generator=generator))
        tolerance = math.sqrt(gaps[target - 1] * min(gaps[: target - 1]))
        if tolerance > gaps[target - 1]:
            expected = next(J for J, gap in enumerate(gaps, start=1) if gap < tolerance)
            _judge_scale(answer, x, displacement, tolerance, expected, gaps)


def _judge_scale(
    answer: Answer,
    x: Tensor,
    displacement: tuple[int, int],
    tolerance: float,
    expected: int,
    gaps: list[float],
) -> None:
    chosen = whole(call(answer, x, displacement, tolerance), "J", (x, displacement, tolerance))
    if chosen == expected:
        return
    if not 1 <= chosen <= DEEPEST:
        raise Wrong(f"J = {chosen} is out of range: try 1 to {DEEPEST} for a {SIDE}x{SIDE} image")
    case = (
        f"moved by {displacement}, J = {chosen} changes the coefficients by {gaps[chosen - 1]:.3g} relative "
        f"to ||S x||, allowed is {tolerance:.3g}"
    )
    raise Wrong(case + (f": J = {expected} is enough and keeps more" if chosen > expected else ": too much"))


def _scale_small(answer: Answer, generator: torch.Generator) -> None:
    _scale(answer, generator, 2)


def _scale_large(answer: Answer, generator: torch.Generator) -> None:
    _scale(answer, generator, 6)


EXERCISES = (
    Exercise(
        "scattering-1",
        "One channel, by hand",
        "Write `scattering_channel(x, psi_hat, phi_hat)`: $|x \\star \\psi| \\star \\phi$ with FFTs, for "
        "an image and two "
        "filters given by their Fourier transforms, without subsampling.",
        "def scattering_channel(x, psi_hat, phi_hat):\n    ...  # S: real, the shape of x",
        (
            Property("a real image of the same shape", _channel_shape),
            Property("twice as bright, twice as much; a negative gives the same", _channel_scales),
            Property("every value is right", _channel_value),
        ),
    ),
    Exercise(
        "scattering-2",
        "Count the channels",
        "Write `channel_count(J, L, max_order)`, the number of channels of orders 0 to `max_order`, for any "
        "`max_order`: a path takes wavelets at scales $j_1 < j_2 < \\ldots$, each at one of $L$ angles.",
        "def channel_count(J, L, max_order):\n    ...  # count",
        (
            Property("order 0 alone is one channel", _channels_zero),
            Property("orders 0 and 1", _channels_one),
            Property("orders 0 to 2", _channels_two),
            Property("orders 0 to 3", _channels_three),
        ),
        required=0,
    ),
    Exercise(
        "scattering-3",
        "As deep as a shift needs",
        "Write `smallest_scale(x, displacement, tolerance)`: the smallest $J$ for which translating the "
        "64×64 image "
        "`x` on the torus by `displacement` (dy, dx) changes its order-1 coefficients by less than "
        "`tolerance`, "
        "relative to their norm. `wc.scattering.Scattering2D` and `wc.laws.translation_gap` are of use.",
        "def smallest_scale(x, displacement, tolerance):\n    ...  # J: 1 to 5",
        (
            Property("right for shifts of one or two pixels", _scale_small),
            Property("right for shifts of up to six pixels", _scale_large),
        ),
        required=0,
    ),
)
