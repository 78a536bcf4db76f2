"""Polygons: flat regions with straight edges and corners, the model of a geometric image."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from .cartoons import Point, Shape


def polygon(
    shape: Shape,
    vertices: Sequence[Point] | Float[Tensor, "corners 2"],
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | None = None,
) -> Float[Tensor, "height width"]:
    """Fill a polygon with 1 on a background of 0.

    Parameters
    ----------
    shape : (height, width)
        Size in pixels.
    vertices : sequence of (y, x)
        Corners in pixels in order around the polygon, at least 3; it may cross itself and reach
        outside the image.
    dtype, device
        Of the result.

    Returns
    -------
    Tensor
        ``(height, width)``, 1 at pixels whose centre is inside by the even-odd rule: a ray from
        there crosses the boundary an odd number of times. Of two polygons that share an edge, a
        pixel on it belongs to exactly one.

    Raises
    ------
    ValueError
        If there are fewer than 3 corners, or one is not finite.

    Examples
    --------
    >>> polygon((3, 5), [(0, 0), (0, 3), (2, 3), (2, 0)]).int().tolist()
    [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 0, 0]]
    """
    corners = torch.as_tensor(vertices, dtype=torch.float64, device=device)
    if corners.ndim != 2 or corners.shape[0] < 3 or corners.shape[1] != 2:
        raise ValueError(
            f"polygon: expected at least 3 corners (y, x), got an array of shape {tuple(corners.shape)}; "
            "give them in order around the polygon."
        )
    if not corners.isfinite().all():
        raise ValueError(
            f"polygon: corners must be finite, got {corners.tolist()}; "
            "look for a division by 0 where they come from."
        )
    y = torch.arange(shape[0], dtype=torch.float64, device=device)
    x = torch.arange(shape[1], dtype=torch.float64, device=device)
    (y0, x0), (y1, x1) = corners.T, corners.roll(-1, 0).T
    # Where each edge crosses each row, and how many crossings lie to the right of each pixel.
    spans = (y0[:, None] <= y) != (y1[:, None] <= y)
    slope = (x1 - x0) / torch.where(y1 == y0, 1.0, y1 - y0)
    crossing = torch.where(spans, x0[:, None] + slope[:, None] * (y - y0[:, None]), -math.inf)
    inside = (crossing[:, :, None] > x).sum(0) % 2
    return inside.to(dtype)


def random_polygons(
    shape: Shape,
    count: int = 5,
    generator: torch.Generator | None = None,
    *,
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "height width"]:
    """Draw one image of random polygons, each painted over the ones before.

    Parameters
    ----------
    shape : (height, width)
        Size in pixels.
    count : int
        Number of polygons in the image.
    generator : torch.Generator, optional
        Source of randomness.
    dtype
        Of the result.

    Returns
    -------
    Tensor
        ``(height, width)``, flat grey values in [0, 1]. Each polygon has 3 to 6 corners, at sorted
        angles around a uniform centre and at 0.4 to 1 times a radius of a quarter of the shorter
        side, so it does not cross itself.

    Raises
    ------
    ValueError
        If ``count`` is negative.

    Examples
    --------
    >>> import torch
    >>> image = random_polygons((32, 32), 4, torch.Generator().manual_seed(0))
    >>> len(image.unique()) <= 5
    True
    """
    if count < 0:
        raise ValueError(f"random_polygons: count must be >= 0, got {count}.")
    device = generator.device if generator is not None else None

    def uniform(*size: int) -> Tensor:
        return torch.rand(size, generator=generator, dtype=torch.float64, device=device)

    greys = uniform(count + 1)
    image = greys[0].expand(shape)
    for grey in greys[1:]:
        corners = 3 + int(4 * uniform().item())
        # One angle in each sector: sorted, and no gap so wide that the polygon degenerates.
        angle = 2 * math.pi * (torch.arange(corners, device=device) + 0.8 * uniform(corners)) / corners
        reach = min(shape) / 4 * (0.4 + 0.6 * uniform(corners))
        centre = uniform(2) * torch.tensor(shape, dtype=torch.float64, device=device)
        vertices = centre + reach[:, None] * torch.stack((angle.sin(), angle.cos()), dim=-1)
        image = torch.where(polygon(shape, vertices, device=device) > 0, grey, image)
    return image.to(dtype, copy=True)
