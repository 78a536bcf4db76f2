"""What a bank keeps: the half-sum term by term, claim S1's numbers, frame bounds as eigenvalues."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from wavelets_course.filters import (
    FilterBank2d,
    littlewood_paley,
    littlewood_paley_bounds,
    morlet_bank_1d,
    morlet_bank_2d,
    subsampled_bounds,
)


def subsampled_analysis(x: torch.Tensor, bank: FilterBank2d) -> torch.Tensor:
    """All coefficients of real images as one real vector, weighted by the area of their cells."""
    x_hat, parts = torch.fft.fft2(x), []
    for j in range(bank.J):
        y = torch.fft.ifft2(x_hat[:, None] * bank.psi_hat[j])[..., :: 2**j, :: 2**j]
        parts.append(2**j * torch.view_as_real(y.contiguous()).flatten(1))
    y = torch.fft.ifft2(x_hat * bank.phi_hat).real[..., :: 2**bank.J, :: 2**bank.J]
    return torch.cat([*parts, 2**bank.J * y.flatten(1)], dim=1)


def test_half_sum_term_by_term() -> None:
    bank = morlet_bank_2d((6, 5), J=1, L=3)
    gain = littlewood_paley(bank)
    for row in range(6):
        for column in range(5):
            here, there = bank.psi_hat[:, :, row, column], bank.psi_hat[:, :, -row % 6, -column % 5]
            expected = (here**2 + there**2).sum() / 2 + bank.phi_hat[row, column] ** 2
            assert_close(gain[row, column], expected)


def test_half_sum_in_one_dimension() -> None:
    bank = morlet_bank_1d(9, J=2, Q=2)
    energy = bank.psi_hat.square().sum(0)
    expected = (energy + energy[[0, 8, 7, 6, 5, 4, 3, 2, 1]]) / 2 + bank.phi_hat.square()
    assert_close(littlewood_paley(bank), expected)


def test_claim_s1() -> None:
    bank = morlet_bank_2d((64, 64), J=3, L=8)
    low, high = littlewood_paley_bounds(bank)
    corner, _ = littlewood_paley_bounds(bank, disc=False)
    assert (round(low, 4), round(high, 4), round(corner, 4)) == (0.3475, 1.0136, 0.1230)
    low, high = littlewood_paley_bounds(morlet_bank_2d((64, 64), J=3, L=8, frame="tight"), disc=False)
    assert 1 - 1e-4 < low <= high < 1 + 1e-4


def test_claim_s1_needs_the_half_sum() -> None:
    """The plain sum over a half circle of angles leaves half of the plane nearly empty."""
    bank = morlet_bank_2d((64, 64), J=3, L=8)
    plain = bank.psi_hat.square().sum((0, 1)) + bank.phi_hat.square()
    assert plain.min() < 0.01
    assert plain.max() > 1.5


def test_bounds_are_reached_by_real_waves() -> None:
    bank = morlet_bank_2d((32, 32), J=2)
    gain = littlewood_paley(bank)
    row, column = divmod(int(gain.argmax()), 32)
    y, x = torch.arange(32, dtype=torch.float64)[:, None], torch.arange(32, dtype=torch.float64)
    wave = torch.cos(2 * torch.pi * (row * y + column * x) / 32)
    parts = torch.fft.ifft2(
        torch.fft.fft2(wave) * torch.cat([bank.psi_hat.flatten(0, 1), bank.phi_hat[None]])
    )
    ratio = parts.abs().square().sum() / wave.square().sum()
    assert_close(float(ratio), littlewood_paley_bounds(bank, disc=False).high)


@pytest.mark.parametrize("frame", ["kymatio", "tight"])
@pytest.mark.parametrize(("shape", "J", "L"), [((16, 16), 2, 4), ((8, 16), 3, 3), ((12, 8), 1, 8)])
def test_subsampled_bounds_are_the_extreme_eigenvalues(
    shape: tuple[int, int], J: int, L: int, frame: str
) -> None:
    bank = morlet_bank_2d(shape, J, L, frame=frame)  # type: ignore[arg-type]
    pixels = torch.eye(shape[0] * shape[1], dtype=torch.float64).reshape(-1, *shape)
    analysis = subsampled_analysis(pixels, bank)
    eigenvalues = torch.linalg.eigvalsh(analysis @ analysis.T)
    low, high = subsampled_bounds(bank)
    assert_close((low, high), (float(eigenvalues.min()), float(eigenvalues.max())))


def test_after_subsampling_neither_frame_is_tight() -> None:
    for frame in ("kymatio", "tight"):
        low, high = subsampled_bounds(morlet_bank_2d((64, 64), J=3, frame=frame))  # type: ignore[arg-type]
        assert low < 0.95
        assert high > 1.05


def test_bounds_reject_a_lost_filter() -> None:
    bank = morlet_bank_2d((64, 64), J=3, frame="tight")
    heard = (torch.arange(8) != 3).double()
    deaf = replace(bank, psi_hat=bank.psi_hat * heard[:, None, None])
    assert littlewood_paley_bounds(deaf).low < 0.5


@pytest.mark.untyped
def test_refusal() -> None:
    with pytest.raises(ValueError, match=r"2\*\*J = 4 divides, got 30x32; design the bank on 32x32"):
        subsampled_bounds(morlet_bank_2d((30, 32), J=2))
    with pytest.raises(
        TypeError, match="expected a FilterBank2d, got a FilterBank1d; littlewood_paley_bounds"
    ):
        subsampled_bounds(morlet_bank_1d(32, J=2))  # type: ignore[arg-type]
