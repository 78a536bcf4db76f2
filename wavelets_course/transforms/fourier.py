r"""The discrete Fourier transform of real images as an orthonormal basis of cosines and sines.

A real image has conjugate pairs of Fourier coefficients, so that half of them say it all. Of each pair
:math:`\hat x(\omega), \hat x(-\omega)` this file keeps two real numbers, the coefficients of

.. math::
    \sqrt{2/N}\, \cos(\omega \cdot u) \quad\text{and}\quad -\sqrt{2/N}\, \sin(\omega \cdot u)

for :math:`N` pixels, and of each frequency that is its own opposite one. As many numbers as pixels, and
Parseval's identity holds: so these coefficients can be counted beside those of an orthonormal wavelet
basis.
"""

import math
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ..signals.inputs import check_pixels, check_real_images
from .precision import working_dtype


def fourier_coefficients(x: Float[Tensor, "*batch height width"]) -> Float[Tensor, "*batch height width"]:
    """Analyse real images into cosines and sines.

    Parameters
    ----------
    x
        ``(*batch, height, width)``, real; bfloat16 and float16 are computed in float32.

    Returns
    -------
    Tensor
        ``(*batch, height, width)``, real, in the order of ``torch.fft.fft2``. At a frequency of the
        first half (its first index that is neither 0 nor the middle one lies below the middle) stands
        the cosine's coefficient, ``sqrt(2) Re``, at its opposite the sine's, ``sqrt(2) Im``.

    Raises
    ------
    TypeError
        If ``x`` is no tensor, complex, or made of integers.
    ValueError
        If ``x`` has fewer than two axes, or its images no pixel.

    Examples
    --------
    >>> import torch
    >>> x = torch.randn(5, 7)
    >>> c = fourier_coefficients(x)
    >>> tuple(c.shape), bool((c.square().sum() / x.square().sum() - 1).abs() < 1e-5)
    ((5, 7), True)
    """
    _check("fourier_coefficients", x)
    if not x.numel():
        return x.clone()  # torch.fft refuses empty batches
    half = _half(x.shape[-2], x.shape[-1], x.device)
    x_hat = torch.fft.fft2(x.to(working_dtype(x.dtype)), norm="ortho")
    pairs = math.sqrt(2) * torch.where(half > 0, x_hat.real, -x_hat.imag)
    return torch.where(half == 0, x_hat.real, pairs).to(x.dtype)


def fourier_synthesis(
    coefficients: Float[Tensor, "*batch height width"],
) -> Float[Tensor, "*batch height width"]:
    """Build real images back: the inverse of `fourier_coefficients`, and its transpose.

    Parameters
    ----------
    coefficients
        ``(*batch, height, width)``, as `fourier_coefficients` returns them or edited.

    Returns
    -------
    Tensor
        ``(*batch, height, width)``, real.

    Raises
    ------
    TypeError, ValueError
        As in `fourier_coefficients`.

    Examples
    --------
    >>> import torch
    >>> x = torch.randn(4, 6)
    >>> torch.testing.assert_close(fourier_synthesis(fourier_coefficients(x)), x)
    """
    _check("fourier_synthesis", coefficients)
    if not coefficients.numel():
        return coefficients.clone()
    c = coefficients.to(working_dtype(coefficients.dtype))
    half = _half(c.shape[-2], c.shape[-1], c.device)
    opposite = c.flip((-2, -1)).roll((1, 1), (-2, -1))
    real = torch.where(half == 0, c, torch.where(half > 0, c, opposite) / math.sqrt(2))
    imaginary = torch.where(half > 0, opposite, -c) * half.abs() / math.sqrt(2)
    x: Tensor = torch.fft.ifft2(torch.complex(real, imaginary), norm="ortho").real
    return x.to(coefficients.dtype)


class Fourier2d(nn.Module):
    """Cosines and sines as a transform with the methods of the others; it has no settings.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course import laws
    >>> fourier = Fourier2d()
    >>> laws.reconstruction_error(fourier.analysis, fourier.synthesis, torch.randn(3, 8, 9)) < 1e-6
    True
    """

    def forward(self, x: Float[Tensor, "*batch height width"]) -> Float[Tensor, "*batch height width"]:
        """Analyse images: `fourier_coefficients`."""
        return fourier_coefficients(x)

    def analysis(self, x: Float[Tensor, "*batch height width"]) -> Float[Tensor, "*batch height width"]:
        """Analyse images: `fourier_coefficients`."""
        return fourier_coefficients(x)

    def synthesis(
        self, coefficients: Float[Tensor, "*batch height width"]
    ) -> Float[Tensor, "*batch height width"]:
        """Build images back: `fourier_synthesis`."""
        return fourier_synthesis(coefficients)

    def adjoint(
        self, coefficients: Float[Tensor, "*batch height width"]
    ) -> Float[Tensor, "*batch height width"]:
        """Apply the transpose of `analysis`, which is its inverse."""
        return fourier_synthesis(coefficients)


def _half(height: int, width: int, device: torch.device) -> Int[Tensor, "height width"]:
    """+1 on one frequency of each conjugate pair, -1 on the other, 0 where one is its own opposite."""
    y, x = (_side(size, device) for size in (height, width))
    return torch.where(y[:, None] != 0, y[:, None], x)


def _side(size: int, device: torch.device) -> Int[Tensor, " size"]:
    """Sign of each frequency of one axis in FFT order; 0 at zero and at the middle of an even size."""
    k = torch.arange(size, device=device)
    return torch.where(k == 0, 0, torch.sign(size - 2 * k))


def _check(operation: str, x: Any) -> None:
    instead = "use torch.fft.fft2(x, norm='ortho'), which is orthonormal for complex images"
    check_real_images(operation, x, instead)
    check_pixels(operation, x)
