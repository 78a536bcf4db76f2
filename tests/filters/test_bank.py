"""Banks: what a wave vector means, filters in space, frozen."""

from dataclasses import FrozenInstanceError

import pytest
import torch
from torch.testing import assert_close

from wavelets_course.filters import frequencies, gabor_bank_2d, morlet_bank_1d, morlet_bank_2d


def peak(psi_hat: torch.Tensor) -> torch.Tensor:
    """Frequency (y, x) at which a filter passes most."""
    rows, columns = frequencies(tuple(psi_hat.shape))
    row, column = divmod(int(psi_hat.argmax()), psi_hat.shape[1])
    return torch.stack([rows[row, 0], columns[column]])


def test_frequencies_are_those_of_the_fft() -> None:
    y, x = frequencies((4, 6))
    wave = torch.exp(1j * (y[1] * torch.arange(4)[:, None] + x[5] * torch.arange(6)))
    spectrum = torch.fft.fft2(wave).abs()
    assert divmod(int(spectrum.argmax()), 6) == (1, 5)


def test_angle_runs_from_x_towards_y() -> None:
    bank = morlet_bank_2d((128, 128), J=3, L=8)
    assert_close(bank.theta, (torch.arange(8, dtype=torch.float64) + 1) * torch.pi / 8)
    assert_close(
        bank.wave_vectors()[0, 3], torch.tensor([0.75 * torch.pi, 0.0], dtype=torch.float64)
    )  # along y
    assert_close(bank.wave_vectors()[1, 7], torch.tensor([0.0, -0.375 * torch.pi], dtype=torch.float64))  # x


@pytest.mark.parametrize("L", [3, 4, 6, 8])
def test_each_filter_peaks_at_its_wave_vector(L: int) -> None:
    bank = gabor_bank_2d((128, 160), J=3, L=L)
    step = 2 * torch.pi / 128
    for j in range(3):
        for ell in range(L):
            gap = (
                torch.remainder(peak(bank.psi_hat[j, ell]) - bank.wave_vectors()[j, ell] + 3, 2 * torch.pi)
                - 3
            )
            assert float(gap.abs().max()) <= step, (j, ell)


def test_a_mirrored_angle_would_be_seen() -> None:
    bank = gabor_bank_2d((128, 128), J=1)
    mirrored = bank.psi_hat[0, 0].flip(-1).roll(1, -1)
    assert float((peak(mirrored) - bank.wave_vectors()[0, 0]).abs().max()) > 1


def test_filters_in_space() -> None:
    bank = morlet_bank_2d((32, 48), J=2)
    psi, phi = bank.psi(), bank.phi()
    assert_close(psi, psi.flip(-2, -1).roll((1, 1), (-2, -1)).conj())  # Hermitian: a wave under an even bump
    assert_close(torch.fft.fft2(psi).real, bank.psi_hat)
    assert int(phi.argmax()) == 0
    assert phi.min() > -1e-12


def test_filters_in_time() -> None:
    bank = morlet_bank_1d(64, J=3)
    assert_close(torch.fft.fft(bank.psi()).real, bank.psi_hat)
    assert int(bank.phi().argmax()) == 0


def test_a_bank_cannot_be_changed() -> None:
    bank = gabor_bank_2d((16, 16), J=1)
    with pytest.raises(FrozenInstanceError):
        bank.J = 2  # type: ignore[misc]
