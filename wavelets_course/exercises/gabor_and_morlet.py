"""Exercises of the chapter on Gabor and Morlet wavelets."""

import math

import torch
from torch import Tensor

from .exercise import Answer, Exercise, Property, Wrong, call, close, number, tensor


def _opposite(x_hat: Tensor) -> Tensor:
    """The value at -omega, in FFT order."""
    return x_hat.flip((-2, -1)).roll((1, 1), (-2, -1))


def _half_sum(psi_hat: Tensor) -> Tensor:
    energy = psi_hat.square().sum(0)
    return (energy + _opposite(energy)) / 2


def _bank(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Lopsided positive wavelets with no mean, and a symmetric low-pass filter with phi_hat(0) = 1."""
    shape = (2 * int(torch.randint(4, 9, (), generator=generator)), 17)
    psi_hat = 0.1 + torch.rand(5, *shape, generator=generator, dtype=torch.float64)
    psi_hat[:, 0, 0] = 0
    phi_hat = 0.9 * torch.rand(shape, generator=generator, dtype=torch.float64)
    phi_hat = (phi_hat + _opposite(phi_hat)) / 2
    phi_hat[0, 0] = 1
    return psi_hat, phi_hat


# gabor_and_morlet-1: kappa


def _kappa(answer: Answer, generator: torch.Generator) -> tuple[float, float, float]:
    """Draw xi sigma; the Gabor filter's transform at 0 is the Gaussian's times exp(-(xi sigma)^2 / 2)."""
    spread = 0.5 + 2 * torch.rand((), generator=generator).item()
    at_gaussian = 0.5 + 2 * torch.rand((), generator=generator).item()
    at_gabor = at_gaussian * math.exp(-(spread**2) / 2)
    given = (at_gabor, at_gaussian)
    return number(call(answer, *given), "kappa", given), at_gabor, at_gaussian


def _kappa_number(answer: Answer, generator: torch.Generator) -> None:
    _kappa(answer, generator)


def _kappa_zero_mean(answer: Answer, generator: torch.Generator) -> None:
    kappa, at_gabor, at_gaussian = _kappa(answer, generator)
    mean = at_gabor - kappa * at_gaussian
    if abs(mean) <= 1e-10:
        return
    if math.isclose(kappa, at_gaussian / at_gabor):
        raise Wrong("the ratio is upside down: kappa times g_0_hat(0) should be g_xi_hat(0)")
    if math.isclose(kappa, -at_gabor / at_gaussian):
        raise Wrong("wrong sign: the Gaussian is subtracted, psi = g_xi - kappa g_0")
    if math.isclose(kappa, at_gabor):
        raise Wrong("right only where g_0_hat(0) = 1: divide by it")
    raise Wrong(
        f"psi_hat(0) = g_xi_hat(0) - kappa g_0_hat(0) should be 0, and is {mean:.3g} for g_xi_hat(0) = "
        f"{at_gabor:.3g}, g_0_hat(0) = {at_gaussian:.3g}"
    )


def _kappa_no_wave(answer: Answer, generator: torch.Generator) -> None:
    g = 0.5 + torch.rand((), generator=generator).item()
    kappa = number(call(answer, g, g), "kappa", (g, g))
    if not math.isclose(kappa, 1):
        raise Wrong(f"without a wave (xi = 0) both filters are one, so kappa = 1; got {kappa:.3g}")


# gabor_and_morlet-2: the Littlewood-Paley sum


def _sum(answer: Answer, psi_hat: Tensor, phi_hat: Tensor) -> Tensor:
    return tensor(call(answer, psi_hat, phi_hat), phi_hat.shape, "the sum", (psi_hat, phi_hat))


def _sum_shape(answer: Answer, generator: torch.Generator) -> None:
    _sum(answer, *_bank(generator))


def _sum_even(answer: Answer, generator: torch.Generator) -> None:
    psi_hat, phi_hat = _bank(generator)
    total = _sum(answer, psi_hat, phi_hat)
    if close(total, _opposite(total)):
        return
    _refuse_flip_alone(_sum(answer, psi_hat, torch.zeros_like(phi_hat)))
    raise Wrong(
        "the sum should be the same at omega and -omega: half of each wavelet's energy belongs to -omega"
    )


def _refuse_flip_alone(psi_part: Tensor) -> None:
    """Tell that the array was reversed about its middle, where -omega reverses it about index 0."""
    if close(psi_part, psi_part.flip((-2, -1))) and not close(psi_part, _opposite(psi_part)):
        raise Wrong("after `flip`, index 0 must go back to its place: `roll` by 1 along both axes")


def _sum_psi(answer: Answer, generator: torch.Generator) -> None:
    psi_hat, phi_hat = _bank(generator)
    no_phi = torch.zeros_like(phi_hat)
    _refuse_flip_alone(_sum(answer, psi_hat, no_phi))
    _compare_sum(answer, psi_hat, no_phi, _half_sum(psi_hat), "wavelets")


def _sum_phi(answer: Answer, generator: torch.Generator) -> None:
    psi_hat, phi_hat = _bank(generator)
    _compare_sum(answer, torch.zeros_like(psi_hat), phi_hat, phi_hat.square(), "low-pass filter")


def _compare_sum(answer: Answer, psi_hat: Tensor, phi_hat: Tensor, expected: Tensor, part: str) -> None:
    total = _sum(answer, psi_hat, phi_hat)
    if close(total, expected):
        return
    ratio = float(total.sum() / expected.sum())
    if close(total / ratio, expected):
        raise Wrong(f"the part of the {part} is off by a factor {ratio:.3g}: where does the 1/2 belong?")
    raise Wrong(
        f"the part of the {part} is wrong: squares |.|^2 are summed, and only those of the wavelets halved"
    )


# gabor_and_morlet-3: tight


def _tight(answer: Answer, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    psi_hat, phi_hat = _bank(generator)
    rescaled = tensor(call(answer, psi_hat, phi_hat), psi_hat.shape, "the new psi_hat", (psi_hat, phi_hat))
    return rescaled, psi_hat, phi_hat


def _tight_shape(answer: Answer, generator: torch.Generator) -> None:
    _tight(answer, generator)


def _tight_dc(answer: Answer, generator: torch.Generator) -> None:
    rescaled, *_ = _tight(answer, generator)
    if rescaled[:, 0, 0].abs().max() > 1e-9:
        raise Wrong("at zero frequency the low-pass filter has everything: psi_hat stays 0 there")


def _tight_proportion(answer: Answer, generator: torch.Generator) -> None:
    rescaled, psi_hat, _ = _tight(answer, generator)
    if not close(rescaled * psi_hat.sum(0), psi_hat * rescaled.sum(0)):
        raise Wrong("at each frequency all wavelets should be multiplied by the same number")


def _tight_sum(answer: Answer, generator: torch.Generator) -> None:
    rescaled, psi_hat, phi_hat = _tight(answer, generator)
    total, want = _half_sum(rescaled), 1 - phi_hat.square()
    if close(total, want):
        return
    factor = want / _half_sum(psi_hat).clamp_min(1e-30)
    if close(total, factor * want):
        raise Wrong("the factor multiplies psi_hat, and the sum holds squares: take its square root")
    if close(total[1:], torch.ones_like(total[1:])):
        raise Wrong("the wavelets alone already sum to 1: leave room for phi_hat, 1 - |phi_hat|^2")
    worst = float((total + phi_hat.square() - 1).abs().max())
    raise Wrong(
        f"the half-sum with |phi_hat|^2 should be 1 at every frequency; it is off by up to {worst:.2g}"
    )


EXERCISES = (
    Exercise(
        "gabor_and_morlet-1",
        "Morlet's correction",
        "A Gabor filter answers a constant image. Write `morlet_correction(g_xi_hat_0, g_0_hat_0)`, the "
        "number "
        "$\\kappa$ for which $\\psi = g_\\xi - \\kappa g_0$ does not; the arguments are the transforms of "
        "$g_\\xi$ "
        "and $g_0$ at zero frequency.",
        "def morlet_correction(g_xi_hat_0, g_0_hat_0):\n    ...  # kappa",
        (
            Property("a number", _kappa_number),
            Property("psi has no mean", _kappa_zero_mean),
            Property("kappa = 1 where there is no wave", _kappa_no_wave),
        ),
    ),
    Exercise(
        "gabor_and_morlet-2",
        "What a bank keeps",
        "Write `littlewood_paley_sum(psi_hat, phi_hat)` for real arrays `(wavelets, height, width)` and "
        "`(height, width)` in FFT order: half the sum of $|\\hat\\psi(\\omega)|^2 + "
        "|\\hat\\psi(-\\omega)|^2$, plus "
        "$|\\hat\\phi(\\omega)|^2$.",
        "def littlewood_paley_sum(psi_hat, phi_hat):\n    ...  # total: (height, width)",
        (
            Property("one number for each frequency", _sum_shape),
            Property("the same at omega and -omega", _sum_even),
            Property("the wavelets' part is right", _sum_psi),
            Property("the low-pass filter's part is right", _sum_phi),
        ),
    ),
    Exercise(
        "gabor_and_morlet-3",
        "Make it tight",
        "Write `rescale_to_tight(psi_hat, phi_hat)`: multiply all wavelets, at each frequency, by the "
        "same number, so "
        "that the sum of `gabor_and_morlet-2` is 1 everywhere. The low-pass filter stays as it is, and "
        "$\\hat\\phi(0) = 1$.",
        "def rescale_to_tight(psi_hat, phi_hat):\n    ...  # new_psi_hat",
        (
            Property("as many wavelets, all finite", _tight_shape),
            Property("the wavelets still have no mean", _tight_dc),
            Property("one factor for all wavelets at a frequency", _tight_proportion),
            Property("the sum is 1 at every frequency", _tight_sum),
        ),
    ),
)
