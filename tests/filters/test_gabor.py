"""Gabor filters: the transform of a Gaussian on paper, every period counted, refusals."""

import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from wavelets_course.filters import KYMATIO_PI, frequencies, gabor_bank_2d
from wavelets_course.filters.gabor import periodic_hat, sampled_gabor


def gabor_on_paper(
    shape: tuple[int, int], sigma: float, slant: float, theta: float, xi: float
) -> torch.Tensor:
    """Gaussian of std 1/sigma and slant/sigma about the wave vector, repeated every 2 pi (Poisson)."""
    y, x = frequencies(shape)
    total = torch.zeros(shape, dtype=torch.float64)
    for m in range(-4, 5):
        for n in range(-4, 5):
            v, u = y + 2 * math.pi * m - xi * math.sin(theta), x + 2 * math.pi * n - xi * math.cos(theta)
            a, b = u * math.cos(theta) + v * math.sin(theta), v * math.cos(theta) - u * math.sin(theta)
            total += torch.exp(-((sigma * a) ** 2 + (sigma / slant * b) ** 2) / 2)
    return total * math.pi / KYMATIO_PI


@pytest.mark.parametrize(
    ("shape", "J", "L"), [((32, 32), 2, 8), ((31, 18), 3, 3), ((8, 8), 3, 8), ((16, 40), 2, 16)]
)
def test_closed_form(shape: tuple[int, int], J: int, L: int) -> None:
    bank = gabor_bank_2d(shape, J, L)
    for j in range(J):
        for ell in range(L):
            sigma, theta, xi = float(bank.sigma[j]), float(bank.theta[ell]), float(bank.xi[j])
            expected = gabor_on_paper(shape, sigma, bank.slant, theta, xi)
            assert_close(bank.psi_hat[j, ell], expected, rtol=0, atol=1e-12)
    assert_close(bank.phi_hat, gabor_on_paper(shape, 0.8 * 2 ** (J - 1), 1.0, 0.0, 0.0), rtol=0, atol=1e-12)


def test_closed_form_rejects_pi_and_a_turned_filter() -> None:
    bank = gabor_bank_2d((32, 32), J=1)
    expected = gabor_on_paper((32, 32), 0.8, 0.5, float(bank.theta[0]), float(bank.xi[0]))
    for sabotaged in (bank.psi_hat[0, 0] * KYMATIO_PI / math.pi, bank.psi_hat[0, 0].mT):
        with pytest.raises(AssertionError):
            assert_close(sabotaged, expected, rtol=0, atol=1e-12)


def test_a_gabor_filter_answers_constants() -> None:
    bank = gabor_bank_2d((64, 64), J=3)
    expected = math.pi / KYMATIO_PI * math.exp(-((0.6 * math.pi) ** 2) / 2)
    assert_close(bank.psi_hat[2, :, 0, 0], torch.full((8,), expected, dtype=torch.float64))


def test_normalisation_names_its_pi() -> None:
    g = sampled_gabor(sigma=3.0, slant=0.5, theta=0.3, xi=0.0, pi=math.pi)
    assert_close(float(g.envelope.sum()), 1.0, rtol=0, atol=1e-12)
    g_hat = periodic_hat(g.envelope * g.wave, g.y, g.x, (20, 24))
    assert_close(float(g_hat[0, 0]), 1.0, rtol=0, atol=1e-12)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("shape", "J", "L", "text"),
    [
        ((28, 28), 5, 8, r"gabor_bank_2d: J = 5 is too deep for a 28x28 image \(2\*\*J = 32 .* use J <= 4"),
        (
            (64, 7),
            3,
            8,
            r"J = 3 is too deep for a 64x7 image .* use J <= 2 or enlarge it with signals.extend",
        ),
        ((28, 28), 0, 8, r"expected J >= 1 and L >= 1, got J = 0 and L = 8"),
        ((28, 28), 2, 0, r"got J = 2 and L = 0"),
        ((28,), 2, 8, r"expected shape = \(height, width\), got \(28,\)"),
        ((0, 4), 1, 8, r"expected a grid of at least one pixel, got 0x4"),
    ],
)
def test_refusals(shape: tuple[int, int], J: int, L: int, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        gabor_bank_2d(shape, J, L)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("shape", "J", "L", "text"),
    [
        ((32, 32), 2.0, 8, "gabor_bank_2d: J must be a whole number, got 2.0"),
        ((32, 32), True, 8, "gabor_bank_2d: J must be a whole number, got True"),
        ((32, 32), 2, 8.0, "gabor_bank_2d: L must be a whole number, got 8.0"),
        ((32, 32.0), 2, 8, "gabor_bank_2d: width must be a whole number, got 32.0"),
        (32, 2, 8, r"gabor_bank_2d: expected shape = \(height, width\), got 32"),
    ],
)
def test_counts_are_whole(shape: object, J: object, L: object, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        gabor_bank_2d(shape, J, L)  # type: ignore[arg-type]


@pytest.mark.untyped
def test_integers_of_numpy_count_too() -> None:
    bank = gabor_bank_2d((np.int64(16), np.int64(8)), np.int64(2), np.int64(4))  # type: ignore[arg-type]
    assert [type(number) for number in (*bank.shape, bank.J, bank.L)] == [int] * 4
    assert torch.equal(bank.psi_hat, gabor_bank_2d((16, 8), 2, 4).psi_hat)
