"""Interpolation: the value of an image between its pixels, by a cubic spline."""

import math
from collections.abc import Iterable
from functools import reduce
from operator import add

import numpy as np
import torch
from jaxtyping import Float, Inexact
from torch import Tensor

from .boundary import BoundaryMode, check_mode, extend
from .inputs import check_axes, check_images, check_tensor

LARGEST_EXTENSION = 2**26  # pixels to which even a small image may be extended, 8192 x 8192
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
        position is not finite the result is NaN. Whole pixels are split from positions in the positions' own
        precision, at least float32. Differentiable in the image and in the positions.

    Raises
    ------
    TypeError
        If ``x`` is no tensor of real or complex numbers, or the positions are not real.
    ValueError
        If the mode is unknown, the image has no pixels, something has fewer than two axes, or positions lie
        so far outside that no memory would hold the extended image (``"periodic"`` never extends).

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
    return read_at("interpolate", x, y_position, x_position, mode)


def read_at(operation: str, x: Tensor, y_position: Tensor, x_position: Tensor, mode: BoundaryMode) -> Tensor:
    """Interpolate for an operation, in whose name errors speak."""
    check_images(operation, x)
    check_mode(operation, mode)
    row, column = (
        _position(operation, "y_position", y_position),
        _position(operation, "x_position", x_position),
    )
    if min(x.shape[-2:]) == 0 and mode != "zero":
        raise ValueError(
            f"{operation}: mode {mode!r} needs at least one sample along each axis, "
            f"got shape {tuple(x.shape)}; use mode='zero'."
        )
    image = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    if mode != "periodic":
        above, left = margins = _margins(row, x.shape[-2]), _margins(column, x.shape[-1])
        _check_margins(operation, x, margins, mode)
        image = extend(image, margins, mode)
        row, column = row + above[0], column + left[0]
    return _evaluate(_coefficients(image), row, column).to(x.dtype)


def _position(operation: str, name: str, position: Tensor) -> Tensor:
    check_tensor(operation, name, position)
    if position.is_complex():
        raise TypeError(
            f"{operation}: expected a real {name}, got {position.dtype}; take its .real and .imag apart."
        )
    check_axes(operation, position, f"{name} (*batch, rows, columns)")
    return position.to(torch.promote_types(position.dtype, torch.float32))


def _margins(position: Tensor, length: int) -> tuple[int, int]:
    """How far positions reach outside ``[0, length - 1]``, and the spline's own reach."""
    finite = position.detach()[position.detach().isfinite()]
    low, high = (finite.min().item(), finite.max().item()) if finite.numel() else (0.0, 0.0)
    return max(0, math.ceil(-low)) + SPLINE_MARGIN, max(0, math.ceil(high - length + 1)) + SPLINE_MARGIN


def _check_margins(
    operation: str, x: Tensor, margins: tuple[tuple[int, int], tuple[int, int]], mode: BoundaryMode
) -> None:
    """Refuse positions so far away that the image extended to them would not fit into memory."""
    height, width = x.shape[-2:]
    tall, wide = (n + sum(pair) for n, pair in zip((height, width), margins, strict=True))
    if tall * wide > max(LARGEST_EXTENSION, 16 * height * width):
        raise ValueError(
            f"{operation}: positions lie too far outside a {height}x{width} image: mode {mode!r} would "
            f"extend it to {tall}x{wide}; bring them nearer or use mode='periodic', which never extends."
        )


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
    weights_y, weights_x = (_spline_weights(f.to(c.real.dtype)) for f in (row - top, column - left))
    rows = [(_wrapped(top, height) + k) % height for k in (-1, 0, 1, 2)]
    columns = [(_wrapped(left, width) + k) % width for k in (-1, 0, 1, 2)]
    lines = [
        _total(weight * _gather(c, i * width + j) for j, weight in zip(columns, weights_x, strict=True))
        for i in rows
    ]
    return _total(weight * line for line, weight in zip(lines, weights_y, strict=True))


def _wrapped(whole: Tensor, length: int) -> Tensor:
    """Whole positions modulo the length, before the cast: 1e30 fits no integer. NaN and inf become 0."""
    return torch.nan_to_num(torch.remainder(whole, length), nan=0.0).long()


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
