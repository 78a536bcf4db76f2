"""Why curvelets need fewer terms: an edge covered by squares, and by needles that lie along it."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from .arrays import Number
from .figure import Figure
from .style import INK, MUTED, PALETTE, WIDTH, styled

Points = npt.NDArray[np.float64]


def edge_curve(samples: int = 20_000) -> Points:
    """Points ``(y, x)`` of a smooth curve across the unit square, evenly spaced along it.

    Examples
    --------
    >>> edge_curve(5).shape
    (5, 2)
    """
    x = np.linspace(0, 1, 20_000)
    y = 0.52 + 0.2 * np.sin(0.7 + 4.4 * x)
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    even = np.linspace(0, length[-1], samples)
    return np.stack([np.interp(even, length, y), np.interp(even, length, x)], axis=-1)


def squares_on(curve: Points, m: int) -> list[tuple[int, int]]:
    """Dyadic squares of side ``2**-m`` that the curve crosses, as (row, column).

    Examples
    --------
    >>> len(squares_on(edge_curve(), 3))
    11
    """
    cells = np.minimum((curve * 2**m).astype(int), 2**m - 1)
    return [(int(row), int(column)) for row, column in np.unique(cells, axis=0)]


def needles_on(curve: Points, m: int) -> list[Points]:
    """Rectangles of length about ``2**(-m/2)`` and width ``2**-m`` laid along the curve, end to end.

    Returns
    -------
    list of array
        Four corners ``(x, y)`` each. A needle is wider where the curve bends out of it: a curve of
        curvature k leaves its chord by ``k length^2 / 8``, which is of the order of the width.

    Examples
    --------
    >>> len(needles_on(edge_curve(), 4))
    5
    """
    arc = float(np.hypot(*np.diff(curve, axis=0).T).sum())
    count = math.ceil(arc * 2 ** (m / 2))
    knots = curve[np.linspace(0, len(curve) - 1, count + 1).round().astype(int)]
    return [_needle(start, end, 2.0**-m) for start, end in pairwise(knots)]


def _needle(start: Points, end: Points, width: float) -> Points:
    along = (end - start)[::-1] / np.hypot(*(end - start))  # (x, y)
    across = np.array([-along[1], along[0]]) * width / 2
    a, b = start[::-1], end[::-1]
    return np.array([a - across, b - across, b + across, a + across])


@styled
def edge_covers(scales: Sequence[int] = (4, 6), *, alt: str | None = None, width: Number = WIDTH) -> Figure:
    """Draw one edge covered at several scales: above by a wavelet's squares, below by a curvelet's needles.

    Parameters
    ----------
    scales
        ``m``: squares of side ``2^-m``, needles of ``2^(-m/2)`` by ``2^-m`` of the picture.
    alt
        By default the counts.
    width
        Inches.

    Returns
    -------
    Figure
        One axes a picture, the row of squares first; each holds its pieces as ``patches``.

    Examples
    --------
    >>> edge_covers((2, 4)).alt[26:69]
    'By squares: 5 of side 1/4; 23 of side 1/16.'
    """
    curve = edge_curve()
    squares = {m: squares_on(curve, m) for m in scales}
    needles = {m: needles_on(curve, m) for m in scales}
    said = [
        "; ".join(f"{len(pieces)} of {what} 1/{2**m}" for m, pieces in cover.items())
        for cover, what in ((squares, "side"), (needles, "width"))
    ]
    alt = alt or f"One curved edge, covered. By squares: {said[0]}. By needles: {said[1]}."
    figure = Figure(alt=alt, width=width, height=2 * (0.62 * width / len(scales) + 0.35))
    axes = figure.subplots(2, len(scales), squeeze=False)
    for axis, m in zip(axes[0], scales, strict=True):
        side = 2.0**-m
        for row, column in squares[m]:
            axis.add_patch(Rectangle((column * side, row * side), side, side, **_face(0)))
        _finish(axis, curve, f"{len(squares[m])} squares of side 1/{2**m}")
    for axis, m in zip(axes[1], scales, strict=True):
        for corners in needles[m]:
            axis.add_patch(Polygon(corners, closed=True, **_face(1)))
        _finish(axis, curve, f"{len(needles[m])} needles of width 1/{2**m}")
    return figure


def _face(colour: int) -> dict[str, Any]:
    return {"facecolor": PALETTE[colour] + "33", "edgecolor": PALETTE[colour], "linewidth": 1.0}


def _finish(axis: Axes, curve: Points, title: str) -> None:
    axis.plot(curve[:, 1], curve[:, 0], color=INK, linewidth=1.2)
    axis.set(xlim=(0, 1), ylim=(0.85, 0.23), aspect="equal", xticks=[], yticks=[], title=title)
    axis.spines[:].set(visible=True, linewidth=0.5, color=MUTED)
