"""Interpolation: the value of an image between its pixels, by a cubic spline."""

import math
from collections.abc import Iterable
from functools import reduce
from operator import add

import numpy as np
import torch
from jaxtyping import Float, Inexact
from torch import Tensor

from .boundary import BoundaryMode, extend

SPLINE_MARGIN = 16  # samples after which a boundary no longer reaches the spline: (2 - sqrt 3)^16 = 7e-10


def interpolate(
    x: Inexact[Tensor, "*#batch height width"],
    y_position: Float[Tensor, "*#batch rows columns"],
    x_position: Float[Tensor, "*#batch rows columns"],
    mode: BoundaryMode = "periodic",
) -> Inexact[Tensor, "*batch rows columns"]:
    """Evaluate images at arbitrary positions by the cubic spline through their pixels.

    The spline passes through every pixel, has two continuous derivatives and errs by order
    ``h^4`` in the pixel distance (Keys' bicubic kernel: ``h^3``).

    Parameters
    ----------
    x : Tensor
        ``(*batch, height, width)``, real or complex.
    y_position, x_position : Tensor
        ``(*batch, rows, columns)``, rows and columns of ``x`` in pixels, fractions allowed. Batch axes
        of images and positions broadcast.
    mode : BoundaryMode
        How the image goes on where a position lies outside; ``"periodic"`` is exact on the torus.

    Returns
    -------
    Tensor
        ``(*batch, rows, columns)``, dtype of ``x``; half precision is computed in float32. Where a
        position is not finite the result is NaN. Differentiable in the image and in the positions.

    Raises
    ------
    TypeError
        If ``x`` holds integers.
    ValueError
        If the mode is unknown or the image has no pixels.

    References
    ----------
    M. Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal Processing
    Magazine 16(6), 1999.

    Examples
    --------
    >>> import torch
    >>> wave = torch.sin(2 * torch.pi * torch.arange(16) / 16).expand(1, 16)
    >>> interpolate(wave, torch.zeros(1, 1), torch.full((1, 1), 4.5)).item()  # sin(101.25 degrees) = 0.98079
    0.980...
    """
    image = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    row, column = (p.to(image.real.dtype) for p in (y_position, x_position))
    if mode != "periodic":
        before, after = _margins(row, image.shape[-2]), _margins(column, image.shape[-1])
        image = extend(image, (before, after), mode)
        row, column = row + before[0], column + after[0]
    elif min(image.shape[-2:]) == 0 or not (image.is_floating_point() or image.is_complex()):
        image = extend(image, 1, mode)  # refuses both, with the reason
    return _evaluate(_coefficients(image), row, column).to(x.dtype)


def _margins(position: Tensor, length: int) -> tuple[int, int]:
    """How far positions reach outside ``[0, length - 1]``, and the spline's own reach."""
    finite = position.detach()[position.detach().isfinite()]
    low, high = (finite.min().item(), finite.max().item()) if finite.numel() else (0.0, 0.0)
    return max(0, math.ceil(-low)) + SPLINE_MARGIN, max(0, math.ceil(high - length + 1)) + SPLINE_MARGIN


def _coefficients(x: Tensor) -> Tensor:
    """Solve for the spline's coefficients on the torus: divide by the sampled spline, (2 + cos w) / 3."""
    if x.numel() == 0:
        return x
    height, width = x.shape[-2:]
    transform = torch.fft.fft2(x)
    sampled = [
        (2 + torch.cos(2 * torch.pi * torch.arange(n, device=x.device, dtype=x.real.dtype) / n)) / 3
        for n in (height, width)
    ]
    c: Tensor = torch.fft.ifft2(transform / (sampled[0][:, None] * sampled[1]))
    return c if x.is_complex() else c.real


def _spline_weights(f: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Weights of the coefficients at -1, 0, 1, 2 for a fraction ``f`` in [0, 1)."""
    g = 1 - f
    return g**3 / 6, 2 / 3 - f**2 * (2 - f) / 2, 2 / 3 - g**2 * (2 - g) / 2, f**3 / 6


def _evaluate(c: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """Sum the 4 x 4 splines that reach each position; 16 gathers, each over all pixels at once."""
    height, width = c.shape[-2:]
    top, left = row.detach().floor(), column.detach().floor()
    weights_y, weights_x = _spline_weights(row - top), _spline_weights(column - left)
    rows = [(torch.nan_to_num(top, posinf=0, neginf=0).long() + k) % height for k in (-1, 0, 1, 2)]
    columns = [(torch.nan_to_num(left, posinf=0, neginf=0).long() + k) % width for k in (-1, 0, 1, 2)]
    lines = [
        _total(weight * _gather(c, i * width + j) for j, weight in zip(columns, weights_x, strict=True))
        for i in rows
    ]
    return _total(weight * line for line, weight in zip(lines, weights_y, strict=True))


def _total(terms: Iterable[Tensor]) -> Tensor:
    return reduce(add, terms)


def _gather(c: Tensor, index: Tensor) -> Tensor:
    """Pixels of each image at flat indices; batch axes broadcast."""
    flat = c.flatten(-2)
    if index.ndim == 2:
        return flat[..., index]
    batch = np.broadcast_shapes(c.shape[:-2], index.shape[:-2])
    picked: Tensor = torch.gather(flat.expand(*batch, -1), -1, index.flatten(-2).expand(*batch, -1))
    return picked.reshape(*batch, *index.shape[-2:])
