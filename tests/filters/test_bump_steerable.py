"""Bump-steerable banks: the printed formula, pywph's filters, steering, and how much each frequency keeps."""

import math

import pytest
import torch
from torch.testing import assert_close

from wavelets_course.filters import (
    FilterBank2d,
    bump_steerable_bank_2d,
    frequencies,
    littlewood_paley,
    littlewood_paley_bounds,
    subsampled_bounds,
)


def on_paper(omega: tuple[float, float], xi: float, theta: float, L: int) -> float:
    """The paper's formula with its own constant, for 2L angles, at one frequency (y, x), not periodic."""
    c = 2 ** (L - 1) * math.factorial(L - 1) / math.sqrt(L * math.factorial(2 * L - 2)) / 1.29
    radius = math.hypot(*omega)
    cosine = math.cos(math.atan2(*omega) - theta)
    if not 0 < radius < 2 * xi or cosine <= 0:
        return 0.0
    return c * math.exp(-((radius - xi) ** 2) / (xi**2 - (radius - xi) ** 2)) * cosine ** (L - 1)


def energy_of_wavelets(bank: FilterBank2d) -> torch.Tensor:
    return bank.psi_hat.square().sum((0, 1))


@pytest.mark.parametrize(("shape", "J", "L"), [((16, 16), 2, 4), ((12, 9), 1, 3), ((8, 17), 3, 1)])
def test_every_value_is_the_formula_summed_over_periods(shape, J, L):
    bank = bump_steerable_bank_2d(shape, J, L)
    assert bank.psi_hat.shape == (J, 2 * L, *shape)
    y, x = frequencies(shape)
    generator = torch.Generator().manual_seed(0)
    for _ in range(60):
        j, ell, row, column = (
            int(torch.randint(n, (), generator=generator)) for n in (J, 2 * L, shape[0], shape[1])
        )
        periods = [(a * 2 * math.pi, b * 2 * math.pi) for a in (-2, -1, 0, 1, 2) for b in (-2, -1, 0, 1, 2)]
        omega = float(y[row]), float(x[column])
        expected = sum(
            on_paper((omega[0] + a, omega[1] + b), 0.85 * math.pi / 2**j, math.pi * ell / L, L)
            for a, b in periods
        )
        assert_close(float(bank.psi_hat[j, ell, row, column]), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("L", [4, 8])
def test_same_filters_as_pywph(L):
    pywph = pytest.importorskip("pywph.filters")
    bank = bump_steerable_bank_2d((32, 48), 3, L)
    for j, ell in ((0, 0), (0, 3), (1, 5), (2, 2 * L - 1)):
        theirs = pywph.BumpSteerableWavelet(32, 48, j, math.pi * ell / L, 0.85 * math.pi, L, fourier=True)
        assert_close(bank.psi_hat[j, ell], torch.from_numpy(theirs.data), rtol=1e-10, atol=1e-12)


def test_low_pass_is_the_gaussian_of_the_authors_code():
    bank = bump_steerable_bank_2d((64, 64), 4)
    sigma = 2**3 / (0.702 * 2**-0.55 * math.sqrt(2) * 0.85 * math.pi)
    omega = 2 * math.pi * 3 / 64
    assert_close(float(bank.phi_hat[0, 3]), math.exp(-((sigma * omega) ** 2) / 2), rtol=1e-12, atol=0)
    assert_close(float(bank.phi_hat[0, 0]), 1.0, rtol=1e-12, atol=0)


def test_half_a_plane_each_and_nothing_at_zero():
    """Before folding a wavelet passes one half plane; zero frequency is closed to all."""
    bank = bump_steerable_bank_2d((32, 32), 3, 4)
    y, x = frequencies((32, 32))
    for ell in range(8):
        along = x * bank.theta[ell].cos() + y * bank.theta[ell].sin()
        assert bank.psi_hat[2, ell][along <= 0].abs().max() == 0
    assert bank.psi_hat[..., 0, 0].abs().max() == 0


def test_opposite_angles_give_conjugates():
    bank = bump_steerable_bank_2d((20, 33), 3, 4)
    opposite = bank.psi_hat.flip((-2, -1)).roll((1, 1), (-2, -1))
    assert_close(bank.psi_hat.roll(4, 1), opposite, rtol=1e-12, atol=1e-13)


def test_wavelet_between_two_angles_is_steered_from_the_bank():
    """cos^(L-1) is a trigonometric polynomial: 2L of its rotations span every other one (without the cut)."""
    L = 4
    bank = bump_steerable_bank_2d((32, 32), 3, L)
    even = bank.psi_hat[2, :L] - bank.psi_hat[2, L:]  # L = 4: cos^3 is odd, the cut disappears
    y, x = frequencies((32, 32))
    turned = torch.pi / 11
    cosine = torch.cos(torch.atan2(*torch.broadcast_tensors(y, x)) - turned)
    radial = bank.psi_hat[2].square().sum(0).sqrt()
    wanted = (radial * cosine ** (L - 1)).flatten()
    basis = even.flatten(1).mT
    weights = torch.linalg.lstsq(basis, wanted[:, None]).solution
    assert_close(basis @ weights, wanted[:, None], rtol=0, atol=1e-10)


def test_angles_share_energy_evenly():
    """Sum over angles of the squared lobes is the same in every direction: what c_a is for."""
    for L in (1, 2, 5, 8):
        bank = bump_steerable_bank_2d((64, 64), 3, L)
        u = 4 * torch.hypot(*torch.broadcast_tensors(*frequencies((64, 64)))) / (0.85 * math.pi) - 1
        bump = torch.where(u.abs() < 1, torch.exp(1 - 1 / (1 - u**2)), 0)
        if L > 1:  # L = 1 has jumps on the rim of its half planes
            assert_close(bank.psi_hat[2].square().sum(0), (bump / 1.29) ** 2, rtol=1e-10, atol=1e-14)


def test_not_tight_measured_bounds():
    """Pinned: 0.89 to 1.07 at low frequencies, 0.62 near pi, half in the corners."""
    bank = bump_steerable_bank_2d((64, 64), J=6, L=8)
    radius = torch.hypot(*torch.broadcast_tensors(*frequencies((64, 64))))
    low = energy_of_wavelets(bank)[(radius > 0) & (radius < 1)]
    assert_close(float(low.min()), 0.8879, rtol=0, atol=1e-4)
    assert_close(float(low.max()), 1.0652, rtol=0, atol=1e-4)
    bounds = littlewood_paley_bounds(bank)
    assert_close(bounds.low, 0.6194, rtol=0, atol=1e-4)
    assert_close(bounds.high, 1.1238, rtol=0, atol=1e-4)
    assert_close(littlewood_paley_bounds(bank, disc=False).low, 0.5029, rtol=0, atol=1e-4)


def test_littlewood_paley_is_the_energy_of_an_undecimated_transform():
    bank = bump_steerable_bank_2d((24, 17), 2, 3)
    x = torch.randn(24, 17, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x_hat = torch.fft.fft2(x)
    bands = torch.fft.ifft2(x_hat * torch.cat([bank.psi_hat.flatten(0, 1), bank.phi_hat[None]]))
    gain = littlewood_paley(bank)
    assert_close(bands.abs().square().sum(), (gain * x_hat.abs().square()).sum() / x.numel())


def test_bounds_after_subsampling_are_wider():
    bank = bump_steerable_bank_2d((32, 32), 2, 4)
    before, after = littlewood_paley_bounds(bank, disc=False), subsampled_bounds(bank)
    assert after.low < before.low < before.high < after.high


def test_sigma_and_slant_are_those_of_the_gaussian_at_the_peak():
    L, scale, step = 8, 4, 1e-3
    bank = bump_steerable_bank_2d((16, 16), 3, L)
    xi, sigma = float(bank.xi[2]), float(bank.sigma[2])
    peak = on_paper((0, xi), xi, 0.0, L)
    along = -math.log(on_paper((0, xi + step), xi, 0.0, L) / peak) * 2 / step**2
    across = -math.log(on_paper((step, xi), xi, 0.0, L) / peak) * 2 / step**2
    assert_close(math.sqrt(along), sigma, rtol=1e-4, atol=0)
    assert_close(math.sqrt(across), sigma / bank.slant, rtol=1e-4, atol=0)
    assert_close(sigma, math.sqrt(2) * scale / (0.85 * math.pi), rtol=1e-12, atol=0)
    assert bump_steerable_bank_2d((8, 8), 1, 1).slant == math.inf


def test_wave_vectors_point_at_the_peaks():
    bank = bump_steerable_bank_2d((256, 256), 4, 4)
    y, x = torch.broadcast_tensors(*frequencies((256, 256)))
    for ell in range(8):
        peak = int(bank.psi_hat[3, ell].argmax())
        found = torch.stack([y.flatten()[peak], x.flatten()[peak]])
        assert_close(found, bank.wave_vectors()[3, ell], rtol=0, atol=2 * math.pi / 256)


@pytest.mark.untyped
def test_errors_say_the_way_out():
    with pytest.raises(ValueError, match=r"bump_steerable_bank_2d: J = 4 is too deep for a 8x8.*J <= 3"):
        bump_steerable_bank_2d((8, 8), 4)
    with pytest.raises(ValueError, match=r"bump_steerable_bank_2d: expected J >= 1 and L >= 1"):
        bump_steerable_bank_2d((8, 8), 1, 0)
    with pytest.raises(TypeError, match=r"bump_steerable_bank_2d: L must be a whole number, got 2\.5"):
        bump_steerable_bank_2d((8, 8), 1, 2.5)
