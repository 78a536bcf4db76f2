"""Blobs drawn in the Fourier plane: their transform is the formula, in space they are the sampled ones."""

import math

import pytest
import torch

from wavelets_course.signals import gaussian_blob, shift, spectral_blob

C = torch.tensor([[9.0, 2.0], [2.0, 4.0]], dtype=torch.float64)


def test_is_the_sampled_blob_where_nothing_aliases() -> None:
    drawn = spectral_blob((48, 50), C, centre=(23.25, 26.5), dtype=torch.float64)
    sampled = gaussian_blob((48, 50), covariance=C, centre=(23.25, 26.5), dtype=torch.float64)
    torch.testing.assert_close(drawn, sampled, rtol=0, atol=1e-8)


def test_its_transform_is_the_formula() -> None:
    x_hat = torch.fft.fft2(spectral_blob((16, 16), 0.25 * C, centre=(0, 0), dtype=torch.float64))
    omega = 2 * math.pi * torch.tensor([3.0, -5.0], dtype=torch.float64) / 16
    expected = 2 * math.pi * torch.linalg.det(0.25 * C).sqrt() * torch.exp(-omega @ (0.25 * C) @ omega / 2)
    torch.testing.assert_close(x_hat[3, -5], expected.to(x_hat.dtype))


def test_moves_on_the_torus() -> None:
    still, moved = (spectral_blob((16, 20), C, centre=centre) for centre in ((0, 0), (5, -7)))
    torch.testing.assert_close(moved, shift(still, (5, -7)), rtol=0, atol=1e-5)


def test_a_thin_blob_differs_from_its_samples_and_a_line_has_no_width() -> None:
    thin = 0.49 * torch.eye(2)
    gap = (spectral_blob((32, 32), thin) - gaussian_blob((32, 32), 0.7, centre=(16, 16))).norm()
    assert 1e-3 < gap / spectral_blob((32, 32), thin).norm() < 0.2
    line = spectral_blob((16, 16), [[4.0, 0.0], [0.0, 0.0]])
    torch.testing.assert_close(line[:, :8].abs().max(), torch.tensor(0.0), rtol=0, atol=1e-6)


def test_dtype_and_device(device: torch.device) -> None:
    x = spectral_blob((8, 8), torch.eye(2), dtype=torch.bfloat16, device=device)
    assert (x.dtype, x.device.type) == (torch.bfloat16, device.type)


@pytest.mark.untyped
@pytest.mark.parametrize(
    "covariance",
    [[[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.0], [0.5, 1.0]], [[math.nan, 0.0], [0.0, 1.0]], [[1.0]]],
)
def test_what_is_no_covariance_is_refused(covariance: list[list[float]]) -> None:
    with pytest.raises(
        ValueError, match="spectral_blob: covariance must be 2 x 2, symmetric and positive semi"
    ):
        spectral_blob((8, 8), covariance)
    with pytest.raises(ValueError, match="centre must be finite"):
        spectral_blob((8, 8), C, centre=(math.nan, 0.0))
