"""Quality: how near an image is to its reference, one number for each image of a batch."""

import math

import torch
from jaxtyping import Float, Inexact
from torch import Tensor

from .inputs import check_images


def mse(
    x: Inexact[Tensor, "*batch height width"], reference: Inexact[Tensor, "*batch height width"]
) -> Float[Tensor, "*batch"]:
    """Mean squared error, ``mean |x - reference|^2`` over the pixels of each image.

    Parameters
    ----------
    x, reference : Tensor
        ``(*batch, height, width)``, real or complex.

    Returns
    -------
    Tensor
        ``(*batch,)``; half precision is subtracted and averaged in float32.

    Raises
    ------
    TypeError
        If one of them is no tensor of real or complex numbers.
    ValueError
        If the shapes differ, or the images have no pixels.

    Examples
    --------
    >>> import torch
    >>> mse(torch.zeros(2, 2), torch.full((2, 2), 0.5)).item()
    0.25
    """
    _check("mse", x, reference)
    return _power(_wide(x) - _wide(reference)).mean((-2, -1))


def psnr(
    x: Inexact[Tensor, "*batch height width"],
    reference: Inexact[Tensor, "*batch height width"],
    data_range: float | int = 1.0,
) -> Float[Tensor, "*batch"]:
    """Peak signal-to-noise ratio in decibels, ``10 log10(data_range^2 / mse)``.

    Parameters
    ----------
    x, reference : Tensor
        ``(*batch, height, width)``.
    data_range : float
        Greatest possible minus smallest possible value: 1 for our images in [0, 1], 255 for bytes.

    Returns
    -------
    Tensor
        ``(*batch,)``, inf for equal images (with gradient 0). Right at any size of the numbers.

    Raises
    ------
    TypeError, ValueError
        As `mse`; also if ``data_range`` is not positive and finite.

    Examples
    --------
    >>> import torch
    >>> psnr(torch.zeros(2, 2), torch.full((2, 2), 0.1))
    tensor(20.)
    """
    _check("psnr", x, reference)
    _check_range("psnr", data_range)
    noise = _wide(x) - _wide(reference)
    return _above(torch.full_like(_level(noise), 20 * math.log10(data_range)), noise)


def snr(
    x: Inexact[Tensor, "*batch height width"], reference: Inexact[Tensor, "*batch height width"]
) -> Float[Tensor, "*batch"]:
    """Signal-to-noise ratio in decibels, ``20 log10(||reference|| / ||x - reference||)``.

    Parameters
    ----------
    x, reference : Tensor
        ``(*batch, height, width)``.

    Returns
    -------
    Tensor
        ``(*batch,)``, inf for equal images (with gradient 0). Right at any size of the numbers.

    Raises
    ------
    TypeError, ValueError
        As `mse`.

    Examples
    --------
    >>> import torch
    >>> snr(torch.full((2, 2), 1.1), torch.ones(2, 2)).round().item()
    20.0
    """
    _check("snr", x, reference)
    return _above(_level(_wide(reference)), _wide(x) - _wide(reference))


def ssim(
    x: Float[Tensor, "*batch height width"],
    reference: Float[Tensor, "*batch height width"],
    data_range: float | int = 1.0,
) -> Float[Tensor, "*batch"]:
    """Structural similarity: 1 for equal images, near 0 for unrelated ones.

    Computed by scikit-image with the window of the paper (Gaussian, sigma 1.5); no gradient flows.

    Parameters
    ----------
    x, reference : Tensor
        ``(*batch, height, width)``, real, at least 11 pixels each way.
    data_range : float
        Greatest possible minus smallest possible value.

    Returns
    -------
    Tensor
        ``(*batch,)``, float64, on the device of ``x``.

    Raises
    ------
    TypeError, ValueError
        As `psnr`; also if an image is complex or smaller than the window.

    References
    ----------
    Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE
    Trans. Image Processing 13(4), 2004.

    Examples
    --------
    >>> import torch
    >>> ssim(torch.eye(16), torch.eye(16)).item()
    1.0
    """
    from skimage.metrics import structural_similarity  # here: it takes longer to import than all the rest

    _check("ssim", x, reference)
    _check_range("ssim", data_range)
    if x.is_complex() or reference.is_complex():
        raise TypeError("ssim: expected real images, got complex ones; compare x.abs().")
    if min(x.shape[-2:]) < 11:
        raise ValueError(
            f"ssim: the window needs 11x11 pixels, got {x.shape[-2]}x{x.shape[-1]}; "
            "use psnr or enlarge the images with signals.extend."
        )
    pairs = (t.detach().cpu().double().reshape(-1, *x.shape[-2:]).numpy() for t in (x, reference))
    values = [
        structural_similarity(
            a, b, data_range=data_range, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        for a, b in zip(*pairs, strict=True)
    ]
    return torch.tensor(values, dtype=torch.float64, device=x.device).reshape(x.shape[:-2])


def _wide(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x


def _power(x: Tensor) -> Tensor:
    return x.real.square() + x.imag.square() if x.is_complex() else x.square()


def _level(x: Tensor) -> Float[Tensor, "*batch"]:
    """Root mean square of each image in decibels, float64; -inf with gradient 0 for a black one.

    Numbers are squared relative to the largest, so that neither 1e30 nor 1e-30 leaves the range.
    """
    largest = x.detach().abs().amax((-2, -1))
    scale = torch.where((largest > 0) & largest.isfinite(), largest, 1.0)
    power = _power(x / scale[..., None, None]).mean((-2, -1)).double()
    black = power == 0
    level = 20 * scale.double().log10() + 10 * torch.where(black, 1.0, power).log10()
    return torch.where(black, -math.inf, level)


def _above(level: Tensor, noise: Tensor) -> Tensor:
    """Decibels by which a level is above the noise, inf where there is none."""
    floor = _level(noise)
    return torch.where(floor == -math.inf, math.inf, level - floor).to(noise.real.dtype)


def _check(operation: str, x: Tensor, reference: Tensor) -> None:
    check_images(operation, x)
    check_images(operation, reference)
    if x.shape != reference.shape:
        raise ValueError(
            f"{operation}: expected two images (*batch, height, width) of one shape, got {tuple(x.shape)} "
            f"and {tuple(reference.shape)}; expand or crop one of them."
        )
    if 0 in x.shape[-2:]:
        raise ValueError(
            f"{operation}: expected images with pixels, got shape {tuple(x.shape)}; leave them out."
        )


def _check_range(operation: str, data_range: float | int) -> None:
    if not 0 < data_range < math.inf:
        raise ValueError(f"{operation}: data_range must be > 0, got {data_range}; images in [0, 1] have 1.0.")
