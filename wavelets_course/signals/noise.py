"""Noise: random images with a known spectrum."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Inexact
from torch import Tensor

from .inputs import check_finite


def white_noise(
    shape: Sequence[int], generator: torch.Generator | None = None, dtype: torch.dtype = torch.float32
) -> Inexact[Tensor, "*shape"]:
    """Draw independent Gaussian numbers of mean 0 and variance 1.

    Parameters
    ----------
    shape : sequence of int
        Any shape.
    generator : torch.Generator, optional
        Source of randomness; the result lies on its device.
    dtype
        Real, or complex: then ``E |z|^2 = 1``.

    Returns
    -------
    Tensor
        Of the given shape and dtype.

    Raises
    ------
    TypeError
        If ``dtype`` is neither real nor complex floating point.

    Examples
    --------
    >>> import torch
    >>> white_noise((2, 3), torch.Generator().manual_seed(0)).shape
    torch.Size([2, 3])
    """
    if not (dtype.is_floating_point or dtype.is_complex):
        raise TypeError(f"white_noise: expected a real or complex dtype, got {dtype}; use torch.float32.")
    device = generator.device if generator is not None else None
    return torch.randn(tuple(shape), generator=generator, dtype=dtype, device=device)


def power_law_noise(
    shape: Sequence[int],
    exponent: float | int,
    generator: torch.Generator | None = None,
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "*batch height width"]:
    """Draw periodic Gaussian images whose power spectrum is proportional to ``|omega|^(-exponent)``.

    Exponent 0 is white noise without its mean; photographs are near 2; larger is smoother.

    Parameters
    ----------
    shape : sequence of int
        ``(*batch, height, width)``.
    exponent : float
        Decay of the power spectrum.
    generator : torch.Generator, optional
        Source of randomness; the result lies on its device.
    dtype
        A real dtype.

    Returns
    -------
    Tensor
        ``(*batch, height, width)``, each image of mean exactly 0 and of expected variance 1 (0 for a
        single pixel, which has nothing but a mean).

    Raises
    ------
    ValueError
        If the shape has fewer than two axes, or the exponent is not finite.
    TypeError
        If ``dtype`` is not real floating point.

    References
    ----------
    D. J. Field, "Relations between the statistics of natural images and the response properties of
    cortical cells", JOSA A 4(12), 1987.

    Examples
    --------
    >>> import torch
    >>> image = power_law_noise((64, 64), 2.0, torch.Generator().manual_seed(0))
    >>> abs(image.mean().item()) < 1e-6
    True
    """
    if len(shape) < 2:
        raise ValueError(f"power_law_noise: expected shape (*batch, height, width), got {tuple(shape)}.")
    if not dtype.is_floating_point:
        raise TypeError(f"power_law_noise: expected a real dtype, got {dtype}; use torch.float32.")
    check_finite("power_law_noise", exponent=exponent)
    white = white_noise(shape, generator, torch.float64)
    if white.numel() == 0:
        return white.to(dtype)
    axes = [torch.fft.fftfreq(n, dtype=white.dtype, device=white.device) for n in shape[-2:]]
    omega = torch.hypot(*torch.meshgrid(*axes, indexing="ij"))
    gain = relative_gain(-exponent / 2 * omega.log())
    energy = gain.square().mean().sqrt()
    gain = gain / energy if energy > 0 else gain
    image: Tensor = torch.fft.ifft2(gain * torch.fft.fft2(white)).real
    return image.to(dtype)


def relative_gain(log_gain: Float[Tensor, "height width"]) -> Float[Tensor, "height width"]:
    """A filter from its logarithm, 0 at frequency 0 and at most 1: steep ones neither overflow nor vanish."""
    if log_gain.numel() == 1:
        return torch.zeros_like(log_gain)
    log_gain = log_gain.clone()
    log_gain[0, 0] = -torch.inf
    return torch.exp(log_gain - log_gain.max())
