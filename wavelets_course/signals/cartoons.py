"""Cartoons: images drawn by a formula, so that what a transform should answer is known.

Pixel ``(row, column)`` has its centre at ``y = row``, ``x = column``; points, sizes and frequencies are
given in the order of the axes, ``(y, x)``. An object covers a pixel when it covers the pixel's centre.
"""

import math
from collections.abc import Sequence
from typing import TypeAlias

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from .inputs import check_finite

Shape: TypeAlias = tuple[int, int]
Real: TypeAlias = float | int
Point: TypeAlias = tuple[Real, Real]


def disk(
    shape: Shape,
    centre: Point | None = None,
    radius: Real | None = None,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | None = None,
) -> Float[Tensor, "height width"]:
    """Draw a white disk on black: the simplest image whose edge has every direction.

    Parameters
    ----------
    shape : (height, width)
        Size in pixels.
    centre : (y, x), optional
        In pixels, fractions allowed; the middle of the image by default.
    radius : float, optional
        In pixels; a quarter of the shorter side by default.
    dtype, device
        Of the result.

    Returns
    -------
    Tensor
        ``(height, width)``, 1 where ``(y - cy)^2 + (x - cx)^2 <= radius^2``, else 0.

    Raises
    ------
    ValueError
        If the shape or the radius is negative, or a number not finite.

    Examples
    --------
    >>> disk((3, 5), radius=1).int().tolist()
    [[0, 0, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0]]
    """
    size = min(shape) / 4 if radius is None else radius
    check_finite("disk", radius=size)
    if size < 0:
        raise ValueError(f"disk: radius must be >= 0, got {radius}; leave it out for a quarter of the image.")
    y, x = _grid("disk", shape, centre, device)
    return (y**2 + x**2 <= size**2).to(dtype)


def step_edge(
    shape: Shape,
    theta: Real = 0.0,
    offset: Real = 0.0,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | None = None,
) -> Float[Tensor, "height width"]:
    """Draw a straight edge: dark on one side of a line, bright on the other.

    Parameters
    ----------
    shape : (height, width)
        Size in pixels.
    theta : float
        Direction across the edge, from dark to bright: radians from the x axis towards the y axis.
    offset : float
        Distance in pixels of the line from the middle of the image, along that direction.
    dtype, device
        Of the result.

    Returns
    -------
    Tensor
        ``(height, width)``, 1 where ``x cos(theta) + y sin(theta) >= offset``, else 0; the origin is
        the middle of the image.

    Raises
    ------
    ValueError
        If the shape is negative, or a number not finite.

    Examples
    --------
    >>> step_edge((2, 4)).int().tolist()
    [[0, 0, 1, 1], [0, 0, 1, 1]]
    """
    check_finite("step_edge", theta=theta, offset=offset)
    y, x = _grid("step_edge", shape, None, device)
    across = x * math.cos(theta) + y * math.sin(theta)
    return (across >= offset - 1e-9).to(
        dtype
    )  # the slack: rounding must not move a pixel that is on the line


def gaussian_blob(
    shape: Shape,
    sigma: Real | None = None,
    *,
    covariance: Sequence[Sequence[Real]] | Float[Tensor, "2 2"] | None = None,
    centre: Point | None = None,
    dtype: torch.dtype = torch.float32,
    device: torch.device | None = None,
) -> Float[Tensor, "height width"]:
    """Draw a Gaussian blob of height 1, ``exp(-u^T C^(-1) u / 2)``.

    Parameters
    ----------
    shape : (height, width)
        Size in pixels.
    sigma : float, optional
        Standard deviation in pixels of a round blob; an eighth of the shorter side by default.
    covariance : 2 x 2, optional
        The covariance C in pixels squared, in the order (y, x), instead of ``sigma``.
    centre : (y, x), optional
        In pixels, fractions allowed; the middle of the image by default.
    dtype, device
        Of the result.

    Returns
    -------
    Tensor
        ``(height, width)``. The blob is cut off at the edges, not wrapped around them.

    Raises
    ------
    ValueError
        If both sizes are given, C is not symmetric positive definite, or a number not finite.

    Examples
    --------
    >>> gaussian_blob((1, 3), sigma=1.0)
    tensor([[0.6065, 1.0000, 0.6065]])
    """
    matrix = _covariance(min(shape) / 8 if sigma is None else sigma, covariance, sigma is not None).to(device)
    u = torch.stack(_grid("gaussian_blob", shape, centre, device), dim=-1)
    return torch.exp(-0.5 * torch.einsum("...a,ab,...b", u, torch.linalg.inv(matrix), u)).to(dtype)


def _covariance(sigma: Real, covariance: Sequence[Sequence[Real]] | Tensor | None, both: bool) -> Tensor:
    if covariance is None:
        check_finite("gaussian_blob", sigma=sigma)
        if sigma <= 0:
            raise ValueError(
                f"gaussian_blob: sigma must be > 0, got {sigma}; a point is signals.dirac(shape)."
            )
        return sigma**2 * torch.eye(2, dtype=torch.float64)
    if both:
        raise ValueError(
            "gaussian_blob: give sigma or covariance, got both; sigma means covariance sigma^2 I."
        )
    matrix = torch.as_tensor(covariance, dtype=torch.float64)
    if (
        matrix.shape != (2, 2)
        or not matrix.isfinite().all()
        or not torch.allclose(matrix, matrix.T)
        or torch.linalg.eigvalsh(matrix)[0] <= 0
    ):
        raise ValueError(
            f"gaussian_blob: covariance must be 2 x 2, symmetric and positive definite, "
            f"got {matrix.tolist()}; build it as R @ diag(sigma_y^2, sigma_x^2) @ R.T."
        )
    return matrix


def plane_wave(
    shape: Shape,
    omega: Point,
    *,
    dtype: torch.dtype = torch.complex64,
    device: torch.device | None = None,
) -> Complex[Tensor, "height width"]:
    """Draw a plane wave ``exp(i (omega_y y + omega_x x))``, the eigenvector of every convolution.

    Parameters
    ----------
    shape : (height, width)
        Size in pixels.
    omega : (omega_y, omega_x)
        Radians per sample. A wave of frequency ``xi`` in direction ``theta`` has
        ``(xi sin(theta), xi cos(theta))``. It is periodic on the image when each component is a
        multiple of ``2 pi / size``.
    dtype, device
        Of the result.

    Returns
    -------
    Tensor
        ``(height, width)``, complex, modulus 1, value 1 at pixel (0, 0).

    Raises
    ------
    ValueError
        If the shape is negative, or a number not finite.

    Examples
    --------
    >>> import math
    >>> plane_wave((1, 4), (0.0, math.pi)).real.round().int().tolist()
    [[1, -1, 1, -1]]
    """
    check_finite("plane_wave", omega=omega)
    y, x = _grid("plane_wave", shape, (0.0, 0.0), device)
    return torch.polar(torch.ones_like(y), omega[0] * y + omega[1] * x).to(dtype)


def dirac(
    shape: Shape,
    at: tuple[int, int] | None = None,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | None = None,
) -> Float[Tensor, "height width"]:
    """Draw one bright pixel: whatever comes out of a filter is then the filter itself.

    Parameters
    ----------
    shape : (height, width)
        Size in pixels.
    at : (row, column), optional
        The pixel, ``(height // 2, width // 2)`` by default.
    dtype, device
        Of the result.

    Returns
    -------
    Tensor
        ``(height, width)``, a single 1.

    Raises
    ------
    ValueError
        If the pixel is outside the image.

    Examples
    --------
    >>> dirac((2, 3)).int().tolist()
    [[0, 0, 0], [0, 1, 0]]
    """
    row, column = (shape[0] // 2, shape[1] // 2) if at is None else at
    if not (0 <= row < shape[0] and 0 <= column < shape[1]):
        raise ValueError(
            f"dirac: pixel ({row}, {column}) is outside a {shape[0]}x{shape[1]} image; "
            "count rows and columns from 0."
        )
    image = torch.zeros(shape, dtype=dtype, device=device)
    image[row, column] = 1
    return image


def _grid(
    operation: str, shape: Shape, centre: Point | None, device: torch.device | None
) -> tuple[Tensor, Tensor]:
    """Coordinates ``y`` and ``x`` of all pixels relative to a point, float64, each ``(height, width)``."""
    if min(shape) < 0:
        raise ValueError(f"{operation}: shape must be (height, width) >= 0, got {shape}.")
    middle = ((shape[0] - 1) / 2, (shape[1] - 1) / 2) if centre is None else centre
    check_finite(operation, centre=middle)
    axes = [
        torch.arange(n, dtype=torch.float64, device=device) - c for n, c in zip(shape, middle, strict=True)
    ]
    y, x = torch.meshgrid(*axes, indexing="ij")
    return y, x
