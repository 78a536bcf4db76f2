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


@pytest.mark.parametrize("size", [1e-40, 1e-24, 1e-19, 1.0, 1e19, 1e30])
def test_decibels_do_not_depend_on_the_unit(size: float) -> None:
    x, reference = pair(2, 8, 8)
    small, truth = (x * size).float(), (reference * size).float()
    torch.testing.assert_close(snr(small, truth), snr(x, reference).float(), rtol=1e-3, atol=0)
    torch.testing.assert_close(psnr(small, truth, size), psnr(x, reference).float(), rtol=1e-3, atol=0)
    torch.testing.assert_close(snr(x * 1e200, reference * 1e200), snr(x, reference))
    assert not snr(small, 2 * small).isinf().any()
    far = torch.tensor([[1.0, 1e-30]]), torch.tensor([[1.0, 0.0]])
    assert snr(*far).item() == pytest.approx(600, abs=1e-3)


def test_zero_and_infinite_images() -> None:
    zero, one = torch.zeros(2, 2, requires_grad=True), torch.ones(2, 2)
    assert snr(one, zero).item() == -math.inf
    assert psnr(one * math.inf, one).item() == -math.inf
    measured = snr(torch.zeros(2, 2), zero)
    measured.backward()
    assert measured.item() == math.inf
    assert zero.grad is not None
    torch.testing.assert_close(zero.grad, torch.zeros(2, 2), rtol=0, atol=0)


def test_half_precision_is_subtracted_in_single() -> None:
    h = torch.full((2, 2), 6e4, dtype=torch.float16)
    assert mse(h, -h).item() == pytest.approx((2 * h[0, 0].item()) ** 2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_precision_is_averaged_in_single(dtype: torch.dtype) -> None:
    x, reference = pair(64, 64, dtype=dtype)
    measured = mse(x, reference)
    assert measured.dtype == torch.float32
    torch.testing.assert_close(measured, mse(x.float(), reference.float()))


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
    with pytest.raises(TypeError, match=r"psnr: .* got torch.uint8"):
        psnr(x.byte(), x)
    for measure in (psnr, ssim):
        for data_range in (0, -1.0, math.nan, math.inf):
            with pytest.raises(
                ValueError, match=rf"{measure.__name__}: data_range must be > 0, got {data_range}"
            ):
                measure(torch.eye(16), torch.eye(16), data_range)
    with pytest.raises(ValueError, match=r"mse: expected images with pixels, got shape \(2, 0, 4\)"):
        mse(torch.ones(2, 0, 4), torch.ones(2, 0, 4))
    with pytest.raises(ValueError, match=r"ssim: the window needs 11x11 pixels, got 8x8; use psnr"):
        ssim(x, x)
    with pytest.raises(TypeError, match=r"ssim: expected real images, got complex ones"):
        ssim(torch.ones(16, 16) + 0j, torch.ones(16, 16) + 0j)
