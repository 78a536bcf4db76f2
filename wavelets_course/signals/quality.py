"""Quality: how near an image is to its reference, one number for each image of a batch."""

import torch
from jaxtyping import Float, Inexact
from torch import Tensor


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
        ``(*batch,)``; half precision is averaged in float32.

    Raises
    ------
    TypeError
        If one of them holds integers.
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import torch
    >>> mse(torch.zeros(2, 2), torch.full((2, 2), 0.5)).item()
    0.25
    """
    _check("mse", x, reference)
    return _power(x - reference).mean((-2, -1))


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
        ``(*batch,)``, inf for equal images (with gradient 0).

    Raises
    ------
    TypeError, ValueError
        As `mse`; also if ``data_range`` is not positive.

    Examples
    --------
    >>> import torch
    >>> psnr(torch.zeros(2, 2), torch.full((2, 2), 0.1))
    tensor(20.)
    """
    if not data_range > 0:
        raise ValueError(f"psnr: data_range must be > 0, got {data_range}; images in [0, 1] have 1.0.")
    error = mse(x, reference)
    return _decibels(torch.full_like(error, data_range**2), error)


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
        ``(*batch,)``, inf for equal images (with gradient 0).

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
    return _decibels(_power(reference).mean((-2, -1)), _power(x - reference).mean((-2, -1)))


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
        As `mse`; also if an image is complex or smaller than the window.

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


def _power(x: Tensor) -> Tensor:
    wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    return wide.abs().square() if wide.is_complex() else wide.square()


def _decibels(signal: Tensor, noise: Tensor) -> Tensor:
    """``10 log10(signal / noise)``, inf without noise; the inner 1 keeps the gradient there finite."""
    perfect = noise == 0
    return torch.where(perfect, torch.inf, 10 * torch.log10(signal / torch.where(perfect, 1.0, noise)))


def _check(operation: str, x: Tensor, reference: Tensor) -> None:
    for t in (x, reference):
        if not (t.is_floating_point() or t.is_complex()):
            raise TypeError(
                f"{operation}: expected real or complex images, got {t.dtype}; convert it: x.float()."
            )
    if x.shape != reference.shape or x.ndim < 2:
        raise ValueError(
            f"{operation}: expected two images (*batch, height, width) of one shape, got {tuple(x.shape)} "
            f"and {tuple(reference.shape)}; expand or crop one of them."
        )
