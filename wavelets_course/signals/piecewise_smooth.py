"""A smooth image with one edge along a smooth curve: the model for which best n-term rates are known."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from .cartoons import Shape

HARMONICS = (2, 3, 4)
"""Frequencies of the curve's radius: 1 would only move it, more would wriggle."""


def piecewise_smooth(
    shape: Shape,
    generator: torch.Generator | None = None,
    *,
    oversample: int = 4,
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "height width"]:
    r"""Draw a random smooth image with a jump of about 0.4 across a random smooth closed curve.

    .. math::
        f(u) = g(u) + h(u)\, \mathbf{1}\{|u - c| < r(\arg(u - c))\}

    on the unit square, where ``g`` and ``h`` are waves of one period a side and ``r`` a trigonometric
    polynomial about 0.27. Everything is periodic, so that the rim of the picture is no second edge.

    Parameters
    ----------
    shape : (height, width)
        Size in pixels. The same seed gives the same picture at every size.
    generator : torch.Generator, optional
        Source of randomness; the image lies on its device.
    oversample : int
        Points a side at which each pixel is sampled and averaged. A pixel then holds the mean of ``f``
        over its square, as a camera's does. With 1 it holds the value at its centre, and the edge becomes
        a staircase, which is no smooth curve.
    dtype
        Of the result.

    Returns
    -------
    Tensor
        ``(height, width)``, values between 0.1 and 0.9.

    Raises
    ------
    ValueError
        If a side is negative or ``oversample`` is less than 1.

    References
    ----------
    D. L. Donoho, "Sparse components of images and optimal atomic decompositions", Constructive
    Approximation 17, 2001: the class of images, called STAR.

    Examples
    --------
    >>> import torch
    >>> image = piecewise_smooth((64, 64), torch.Generator().manual_seed(0))
    >>> tuple(image.shape), 0.1 < float(image.min()) < float(image.max()) < 0.9
    ((64, 64), True)
    """
    if min(shape) < 0 or oversample < 1:
        raise ValueError(
            f"piecewise_smooth: expected sides >= 0 and oversample >= 1, got {shape} and {oversample}; "
            "oversample = 1 takes one point a pixel."
        )
    device = generator.device if generator is not None else None
    draw = torch.rand(12, generator=generator, dtype=torch.float64, device=device)
    total = torch.zeros(shape, dtype=torch.float64, device=device)
    steps = [(k + 0.5) / oversample for k in range(oversample)]
    axes = [torch.arange(size, dtype=torch.float64, device=device) for size in shape]
    for down in steps:
        y = (axes[0] + down)[:, None] / max(shape[0], 1)
        for across in steps:
            total += _scene(y, (axes[1] + across) / max(shape[1], 1), draw)
    return (total / oversample**2).to(dtype)


def _scene(
    y: Float[Tensor, "height 1"], x: Float[Tensor, " width"], draw: Float[Tensor, "12"]
) -> Float[Tensor, "height width"]:
    """The function f at points of the unit square; ``draw`` holds twelve uniform numbers."""
    centre, cosines, sines, phases = draw[:2], draw[2:5], draw[5:8], 2 * math.pi * draw[8:]
    dy, dx = y - 0.45 - 0.1 * centre[0], x - 0.45 - 0.1 * centre[1]
    angle = torch.atan2(dy, dx)
    radius = 0.27 * torch.ones_like(angle)
    for m, a, b in zip(HARMONICS, cosines, sines, strict=True):
        radius = radius + (0.07 / m) * (
            (2 * a - 1) * torch.cos(m * angle) + (2 * b - 1) * torch.sin(m * angle)
        )
    inside = torch.hypot(dy, dx) < radius
    turn = 2 * math.pi
    background = 0.3 + 0.08 * torch.cos(turn * y + phases[0]) + 0.08 * torch.cos(turn * x + phases[1])
    jump = 0.38 + 0.03 * torch.cos(turn * y + phases[2]) + 0.03 * torch.cos(turn * x + phases[3])
    return background + torch.where(inside, jump, 0)
