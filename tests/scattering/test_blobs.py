"""Blobs: the closed form against filtering on the grid, against 1-D integrals, and read back."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from torch import Tensor

from wavelets_course import laws
from wavelets_course.filters import FilterBank2d, gabor_bank_2d, morlet_bank_2d
from wavelets_course.scattering import (
    Blob,
    blob_attenuation,
    envelope_covariance,
    fit_blob,
    scatter_blob,
    scattering_2d,
)
from wavelets_course.signals import spectral_blob

BANK = gabor_bank_2d((64, 64), J=3, L=4)


def ellipse(long: float, short: float, theta: float) -> Tensor:
    axis = torch.tensor([math.sin(theta), math.cos(theta)], dtype=torch.float64)
    outer = torch.outer(axis, axis)
    return long**2 * outer + short**2 * (torch.eye(2, dtype=torch.float64) - outer)


def proposition_2(C: Tensor, bank: FilterBank2d) -> list[float]:
    """Worst relative gap at each scale between its two sides, filtered on the grid."""
    x_hat = torch.fft.fft2(spectral_blob(bank.shape, C, dtype=torch.float64))
    left = torch.fft.ifft2(x_hat * bank.psi_hat).abs()
    right = torch.fft.ifft2(x_hat * torch.fft.fft2(bank.psi().abs())).real
    right = blob_attenuation(C, bank)[..., None, None] * right
    return [
        max(laws.relative_error(b, a) for a, b in zip(left[j], right[j], strict=True)) for j in range(bank.J)
    ]


@settings(max_examples=6, deadline=None)
@given(st.floats(0.85, 2.5), st.floats(0.85, 2.5), st.floats(0, math.pi))
def test_proposition_2_holds_where_nothing_aliases(long: float, short: float, theta: float) -> None:
    gaps = proposition_2(ellipse(long, short, theta), BANK)
    assert gaps[1] < 1e-4
    assert gaps[2] < 1e-4


def test_proposition_2_is_less_exact_for_thin_oblique_blobs() -> None:
    """They reach the frequencies where filters four angles wide still alias."""
    assert 1e-4 < proposition_2(ellipse(2.5, 0.7, 0.25), BANK)[1] < 2e-4


def test_proposition_2_fails_at_the_finest_scale_and_for_morlet() -> None:
    C = ellipse(2, 1, 0.3)
    assert proposition_2(C, BANK)[0] > 1e-2
    assert proposition_2(C, morlet_bank_2d((64, 64), J=3, L=4))[1] > 0.1


@pytest.mark.parametrize("sabotage", ["no gamma", "angles from y", "half the width"])
def test_a_wrong_constant_is_caught(sabotage: str) -> None:
    C = ellipse(2, 1, 0.3)
    wrong = {
        "no gamma": replace(BANK, xi=0 * BANK.xi),
        "angles from y": replace(BANK, theta=math.pi / 2 - BANK.theta),
        "half the width": replace(BANK, sigma=BANK.sigma / 2),
    }[sabotage]
    believed = blob_attenuation(C, wrong)
    assert laws.relative_error(believed, blob_attenuation(C, BANK)) > 1e-2


def test_the_constant_on_paper() -> None:
    """Along its wave a filter and a round blob are 1-D: integrate the product of their Gaussians."""
    s, sigma, xi = 1.7, BANK.sigma[1].item(), BANK.xi[1].item()

    def answer(wave: float) -> float:
        return quad(
            lambda u: math.exp(-(u**2) / 2 * (1 / s**2 + 1 / sigma**2)) * math.cos(wave * u),
            -40,
            40,
            limit=200,
        )[0]

    gamma = blob_attenuation(s**2 * torch.eye(2), BANK)[1]
    torch.testing.assert_close(gamma, torch.full_like(gamma, answer(xi) / answer(0.0)), rtol=1e-7, atol=0)


def test_limits_of_the_constant() -> None:
    point, flat = (blob_attenuation(size * torch.eye(2), BANK) for size in (1e-8, 1e8))
    torch.testing.assert_close(point, torch.ones_like(point), rtol=0, atol=1e-6)
    wide = math.exp(-((BANK.xi[0] * BANK.sigma[0]).item() ** 2) / 2)
    torch.testing.assert_close(flat, torch.full_like(flat, wide), rtol=1e-5, atol=0)


def test_envelopes_are_those_of_the_filters() -> None:
    """The second moments of |psi|, measured on the grid."""
    psi = torch.fft.fftshift(BANK.psi().abs(), dim=(-2, -1))
    u = torch.stack(torch.meshgrid(*(torch.arange(64.0) - 32,) * 2, indexing="ij"), dim=-1).double()
    weights = psi / psi.sum((-2, -1), keepdim=True)
    measured = torch.einsum("jlhw,hwa,hwb->jlab", weights, u, u)
    torch.testing.assert_close(measured[:2], envelope_covariance(BANK)[:2], rtol=0, atol=2e-2)


def blob(C: Tensor, centre: tuple[float, float] = (30.0, 33.0), height: float = 1.0) -> Blob:
    return Blob(C, torch.tensor(centre, dtype=torch.float64), torch.tensor(height, dtype=torch.float64))


def test_closed_form_is_what_the_transform_gives() -> None:
    true = blob(ellipse(3, 1.2, 0.7), height=0.8)
    x = 0.8 * spectral_blob((64, 64), true.covariance, centre=(30, 33), dtype=torch.float64)
    S = scattering_2d(x, BANK, max_order=1)
    expected = torch.cat([S[:1], S[1 + BANK.L :]])
    assert laws.relative_error(scatter_blob(true, BANK, finest=1), expected) < 1e-3
    assert scatter_blob(true, BANK).shape == S.shape


def test_closed_form_is_differentiable() -> None:
    parts = (ellipse(2, 1, 0.4), torch.tensor([30.0, 33.0]).double(), torch.tensor(0.9).double())
    inputs = tuple(part.clone().requires_grad_() for part in parts)
    small = gabor_bank_2d((64, 64), J=4, L=2)

    def outputs(C: Tensor, centre: Tensor, height: Tensor) -> Tensor:
        return scatter_blob(Blob((C + C.T) / 2, centre, height), small, finest=2)

    assert torch.autograd.gradcheck(outputs, inputs)


@settings(max_examples=3, deadline=None)
@given(st.floats(0.9, 4), st.floats(0.9, 4), st.floats(0, math.pi), st.integers(26, 37), st.integers(26, 37))
def test_shape_place_and_height_are_read(long: float, short: float, theta: float, y: int, x: int) -> None:
    C = ellipse(long, short, theta)
    image = 0.6 * spectral_blob((64, 64), C, centre=(y, x), dtype=torch.float64)
    found = fit_blob(scattering_2d(image, BANK, max_order=1), BANK)
    assert laws.relative_error(found.covariance, C) < 3e-3
    torch.testing.assert_close(found.centre, torch.tensor([y, x]).double(), rtol=0, atol=1e-2)
    torch.testing.assert_close(found.height.item(), 0.6, rtol=5e-3, atol=0)


def test_order_2_is_not_read_and_float32_will_do() -> None:
    C = ellipse(3, 2, 1.0)
    x = spectral_blob((64, 64), C, centre=(32, 32))
    S = scattering_2d(x, BANK)
    kept = S.clone()
    assert laws.relative_error(fit_blob(S, BANK).covariance, C) < 1e-2
    assert torch.equal(S, kept)


def test_morlet_coefficients_mislead() -> None:
    C = ellipse(3, 2, 1.0)
    x = spectral_blob((64, 64), C, dtype=torch.float64)
    found = fit_blob(scattering_2d(x, morlet_bank_2d((64, 64), J=3, L=4), max_order=1), BANK)
    assert laws.relative_error(found.covariance, C) > 0.1


@pytest.mark.untyped
def test_what_is_no_blob_is_refused() -> None:
    with pytest.raises(
        ValueError, match="blob: expected a 2 x 2 covariance, symmetric and positive definite"
    ):
        blob_attenuation(torch.zeros(2, 2), BANK)
    with pytest.raises(
        ValueError, match=r"expected coefficients \(13, 8, 8\) of one image .* got \(12, 8, 8\)"
    ):
        fit_blob(torch.ones(12, 8, 8), BANK)
    with pytest.raises(ValueError, match=r"got \(13, 4, 8\); compute them with scattering_2d"):
        fit_blob(torch.ones(13, 4, 8), BANK)
    for nothing in (torch.zeros(13, 8, 8), torch.full((13, 8, 8), math.nan)):
        with pytest.raises(ValueError, match="expected a bright blob on black"):
            fit_blob(nothing, BANK)
