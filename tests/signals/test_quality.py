"""Quality measures against scikit-image, gradients, and what they refuse."""

import math

import pytest
import torch
from skimage import metrics

from wavelets_course.signals import mse, psnr, snr, ssim, white_noise


def pair(*shape: int, dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    reference = torch.rand(*shape, generator=generator, dtype=torch.float64)
    return (reference + 0.1 * torch.randn(*shape, generator=generator, dtype=torch.float64)).to(
        dtype
    ), reference.to(dtype)


def test_measures_equal_scikit_image_image_by_image() -> None:
    x, reference = pair(2, 3, 17, 20)
    ours = torch.stack((mse(x, reference), psnr(x, reference, 255), ssim(x, reference, 2.0)))
    assert ours.shape == (3, 2, 3)
    for i in range(2):
        for j in range(3):
            a, b = reference[i, j].numpy(), x[i, j].numpy()
            window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
            expected = (
                metrics.mean_squared_error(a, b),
                metrics.peak_signal_noise_ratio(a, b, data_range=255),
                metrics.structural_similarity(a, b, data_range=2.0, **window),
            )
            torch.testing.assert_close(ours[:, i, j], torch.tensor(expected, dtype=torch.float64))


def test_decibels_on_paper() -> None:
    reference = torch.full((4, 4), 2.0)
    assert snr(reference + 0.2, reference).item() == pytest.approx(20, abs=1e-4)
    assert psnr(reference + 0.01, reference).item() == pytest.approx(40, abs=1e-3)
    assert psnr(reference + 0.01, reference, 255).item() == pytest.approx(40 + 20 * math.log10(255), abs=1e-3)
    z = white_noise((4, 4), dtype=torch.complex64)
    assert snr(1.1j * z, 1j * z).item() == pytest.approx(20, abs=1e-3)


def test_equal_images_are_infinitely_good_and_nan_never_is() -> None:
    x = torch.rand(2, 4, 4)
    assert psnr(x, x).tolist() == snr(x, x).tolist() == [math.inf, math.inf]
    broken = x.clone()
    broken[1, 0, 0] = math.nan
    assert psnr(broken, x).isnan().tolist() == [False, True]


def test_gradients_and_their_safety_at_equality() -> None:
    x, reference = pair(2, 3, 4)
    x.requires_grad_()
    for measure in (mse, psnr, snr):
        assert torch.autograd.gradcheck(measure, (x, reference))
    same = reference.clone().requires_grad_()
    psnr(same, reference).sum().backward()
    assert same.grad is not None
    torch.testing.assert_close(same.grad, torch.zeros_like(same))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_precision_is_averaged_in_single(dtype: torch.dtype) -> None:
    x, reference = pair(64, 64, dtype=dtype)
    measured = mse(x, reference)
    assert measured.dtype == torch.float32
    torch.testing.assert_close(measured, mse((x - reference).float(), torch.zeros(64, 64)))


def test_empty_batches() -> None:
    x = torch.empty(0, 16, 16)
    assert mse(x, x).shape == psnr(x, x).shape == snr(x, x).shape == ssim(x, x).shape == (0,)


@pytest.mark.untyped
def test_errors_say_what_to_do() -> None:
    x = torch.ones(8, 8)
    with pytest.raises(TypeError, match=r"mse: .* got torch.uint8; convert it: x\.float\(\)"):
        mse(x.byte(), x)
    with pytest.raises(ValueError, match=r"snr: .* got \(8, 8\) and \(8, 7\); expand or crop"):
        snr(x, x[:, 1:])
    with pytest.raises(ValueError, match=r"psnr: data_range must be > 0, got 0"):
        psnr(x, x, 0)
    with pytest.raises(ValueError, match=r"ssim: the window needs 11x11 pixels, got 8x8; use psnr"):
        ssim(x, x)
    with pytest.raises(TypeError, match=r"ssim: expected real images, got complex ones"):
        ssim(torch.ones(16, 16) + 0j, torch.ones(16, 16) + 0j)
