"""Pictures side by side, on one colour scale or each on its own."""

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from jaxtyping import Shaped
from matplotlib.axes import Axes

from .arrays import Array, Number, finite, to_numpy
from .figure import Figure
from .style import MUTED, WIDTH, ColourScale, colour_map, styled

Image: TypeAlias = Shaped[Array, "_ _"] | Shaped[Array, "3 _ _"]
Images: TypeAlias = Shaped[Array, "count _ _"] | Shaped[Array, "count 3 _ _"] | Sequence[Image]
Limits: TypeAlias = Literal["shared", "row", "each"] | tuple[Number, Number]

LINE = 0.21  # inches: one line of a title
GAP = 0.12  # inches: between two cells


@styled
def image_grid(
    images: Images,
    titles: Sequence[str] | None = None,
    *,
    alt: str,
    columns: int | None = None,
    colour: ColourScale = "grey",
    limits: Limits = "shared",
    clip: Number = 0.0,
    row_labels: Sequence[str] | None = None,
    colourbar: bool = False,
    width: Number = WIDTH,
) -> Figure:
    """Draw images in a grid, row by row, pixel edges kept.

    Parameters
    ----------
    images
        A stack ``(count, height, width)`` or a sequence of ``(height, width)`` images, whose sizes may
        differ; a colour image is ``(3, height, width)`` in [0, 1]. With ``colour="phase"`` a real image
        holds angles in radians.
    titles
        One above each image.
    alt
        What the figure shows, in a sentence, with the numbers that matter.
    columns
        Images a row; by default up to four.
    colour
        ``"grey"``, ``"signed"`` (limits symmetric about 0), ``"phase"`` or ``"energy"``.
    limits
        ``"shared"``: one scale for all; ``"row"``: one for each row; ``"each"``: every image on its own;
        or ``(low, high)``.
    clip
        Share of the values, the largest in magnitude, that may fall beyond the computed limits: 0.01
        keeps a few strong coefficients from making all others invisible.
    row_labels
        One at the left of each row.
    colourbar
        Show the scale at the right (needs one scale for all).
    width
        Inches.

    Returns
    -------
    Figure
        One axes an image, in order (and one for the colour bar, last).

    Raises
    ------
    ValueError
        If there is no image or one is complex, if the titles or row labels do not match, or if a colour
        bar is asked for without one scale for all images.

    Examples
    --------
    >>> import torch
    >>> figure = image_grid(torch.rand(3, 8, 8), ["a", "b", "c"], alt="Three random images.")
    >>> len(figure.axes)
    3
    """
    arrays = [to_numpy(image) for image in images]
    columns = min(len(arrays), columns or 4)
    _check_counts(arrays, titles, row_labels, columns, limits, colourbar)
    left, right = (0.3 if row_labels else 0.0), (0.85 if colourbar else 0.0)
    above = _title_heights(titles or (), len(arrays), columns)
    boxes, height = _boxes(arrays, columns, above, width, left, right)
    figure = Figure(alt=alt, width=width, height=height)
    figure.set_layout_engine("none")
    ranges = _ranges(arrays, columns, colour, limits, clip)
    axes = [figure.add_axes(box) for box in boxes]
    for axis, array, (low, high) in zip(axes, arrays, ranges, strict=True):
        show(axis, array, colour=colour, low=low, high=high)
    for axis, title in zip(axes, titles or (), strict=False):
        axis.set_title(title)
    for axis, label in zip(axes[::columns], row_labels or (), strict=False):
        axis.set_ylabel(label)
    if colourbar:
        low, high = min(box[1] for box in boxes), max(box[1] + box[3] for box in boxes)
        slot = figure.add_axes((1 - right / width, low, 0.14 / width, high - low))
        figure.colorbar(axes[0].images[0], cax=slot).outline.set_visible(False)
    return figure


def show(axis: Axes, image: npt.NDArray[Any], *, colour: ColourScale, low: Number, high: Number) -> None:
    """Draw one image on `axis`, framed by a hairline, without ticks."""
    if image.ndim == 3:
        axis.imshow(np.clip(np.moveaxis(image, 0, -1), 0, 1))
    else:
        axis.imshow(image, cmap=colour_map(colour), vmin=low, vmax=high, interpolation_stage="data")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(visible=True, linewidth=0.5, color=MUTED)


def value_range(values: npt.NDArray[Any], colour: ColourScale, clip: Number = 0.0) -> tuple[float, float]:
    """Give the limits of a colour scale: symmetric for signed values, one turn for phases; NaN is ignored."""
    if colour == "phase":
        return -math.pi, math.pi
    kept = finite(values)
    if kept.size == 0:
        return (-1.0, 1.0) if colour == "signed" else (0.0, 1.0)
    if colour == "signed":
        high = float(np.quantile(np.abs(kept), 1 - clip)) or float(np.abs(kept).max())
        low = -high
    else:
        low, high = float(kept.min()), float(np.quantile(kept, 1 - clip))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _title_heights(titles: Sequence[str], count: int, columns: int) -> list[float]:
    """Give the inches that each row needs for its titles."""
    rows = [titles[start : start + columns] for start in range(0, count, columns)]
    lines = [max((title.count("\n") + 1 for title in row if title), default=0) for row in rows]
    return [LINE * n + 0.03 * (n > 0) for n in lines]


def _boxes(
    arrays: list[npt.NDArray[Any]], columns: int, above: list[float], width: Number, left: float, right: float
) -> tuple[list[tuple[float, float, float, float]], float]:
    """Place the images in inches, each centred in its cell; give axes boxes (fractions) and the height."""
    cell = (width - left - right - GAP * (columns + 1)) / columns
    shapes = [array.shape[-2:] for array in arrays]
    rows = [shapes[start : start + columns] for start in range(0, len(shapes), columns)]
    heights = [cell * max(h / w for h, w in row) for row in rows]
    total = sum(heights) + sum(above) + GAP * (len(rows) + 1)
    boxes, top = [], 0.0
    for row, height, title in zip(rows, heights, above, strict=True):
        top += GAP + title
        for column, (h, w) in enumerate(row):
            x = left + GAP + column * (cell + GAP)
            y = total - top - height / 2 - cell * h / w / 2
            boxes.append((x / width, y / total, cell / width, cell * h / w / total))
        top += height
    return boxes, total


def _ranges(
    arrays: list[npt.NDArray[Any]], columns: int, colour: ColourScale, limits: Limits, clip: Number
) -> list[tuple[Number, Number]]:
    """Give the limits of each image, from the values of the images that share them."""
    if isinstance(limits, tuple):
        return [limits] * len(arrays)
    count = {"shared": len(arrays), "row": columns, "each": 1}[limits]
    groups = [arrays[start : start + count] for start in range(0, len(arrays), count)]
    values = [np.concatenate([array.ravel() for array in group]) for group in groups]
    return [value_range(values[index // count], colour, clip) for index in range(len(arrays))]


def _check_counts(
    arrays: list[npt.NDArray[Any]],
    titles: Sequence[str] | None,
    row_labels: Sequence[str] | None,
    columns: int,
    limits: Limits,
    colourbar: bool,
) -> None:
    if not arrays or any(array.size == 0 for array in arrays):
        raise ValueError("image_grid: nothing to draw; give at least one image, each with at least one pixel")
    if any(np.iscomplexobj(array) for array in arrays):
        raise ValueError("image_grid: an image is complex; draw its .real, .imag, .abs() or .angle()")
    if titles is not None and len(titles) != len(arrays):
        raise ValueError(f"image_grid: {len(arrays)} images, {len(titles)} titles; give one title an image")
    rows = math.ceil(len(arrays) / columns)
    if row_labels is not None and len(row_labels) != rows:
        raise ValueError(f"image_grid: {rows} rows, {len(row_labels)} row labels; give one label a row")
    if colourbar and limits in ("each", "row"):
        raise ValueError("image_grid: a colour bar needs one scale for all images; use limits='shared'")
