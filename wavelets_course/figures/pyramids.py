"""Wavelet coefficients of an image, nested as Mallat drew them, or band by band."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from ..transforms import Pyramid2d
from .arrays import Number, finite, to_numpy
from .figure import Figure
from .images import image_grid, value_range
from .style import CARD, DPI, INK, MUTED, WIDTH, ColourScale, colour_map, styled

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
CLIP = 0.01


class Tile(NamedTuple):
    """One band and where its top left corner stands."""

    label: str
    band: npt.NDArray[Any]
    row: int
    column: int


@styled
def pyramid(
    pyramid: Pyramid2d, *, alt: str | None = None, title: str | None = None, width: Number = 5.6
) -> Figure:
    """Draw the coefficients of one image in the nested layout.

    The approximation stands at the top left. Around it, from coarse to fine, the vertical bands stand at
    the right, the horizontal ones below and the diagonal ones across: a band stands where its
    frequencies lie, x to the right and y downwards. Details are drawn blue below 0 and vermilion above,
    each band on its own scale; the largest 1 % of a band are drawn at the end of its scale.

    Parameters
    ----------
    pyramid
        Real coefficients of one image, from ``transforms.wavedec2``.
    alt
        By default the layout and the share of energy in each band.
    title
        Above the picture.
    width
        Inches.

    Returns
    -------
    Figure
        One axes; ``axes[0].images`` are A, then H, V, D of each scale from coarse to fine.

    Raises
    ------
    ValueError
        If the coefficients are complex or those of a batch.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.transforms import wavedec2
    >>> figure = pyramid(wavedec2(torch.rand(16, 16), "haar", J=2))
    >>> len(figure.axes[0].images)
    7
    """
    tiles = nested(pyramid)
    height = max(tile.row + tile.band.shape[0] for tile in tiles)
    across = max(tile.column + tile.band.shape[1] for tile in tiles)
    top = 0.32 if title else 0.12
    tall = (width - 0.24) * height / across
    figure = Figure(alt=alt or _alt(pyramid), width=width, height=tall + top + 0.12)
    figure.set_layout_engine("none")
    total = tall + top + 0.12
    axis = figure.add_axes((0.12 / width, 0.12 / total, 1 - 0.24 / width, tall / total))
    pixels = (width - 0.24) * DPI / across
    for tile in tiles:
        _draw(axis, tile, pixels)
    axis.set(xlim=(0, across), ylim=(height, 0), xticks=[], yticks=[], title=title or "")
    axis.spines[:].set_visible(False)
    return figure


@styled
def subbands(pyramid: Pyramid2d, *, alt: str | None = None, width: Number = WIDTH) -> Figure:
    """Draw the detail bands in a table: a row for each scale, finest first; horizontal, vertical, diagonal.

    Parameters
    ----------
    pyramid
        Real coefficients of one image, from ``transforms.wavedec2``.
    alt
        By default the share of energy in each band.
    width
        Inches.

    Returns
    -------
    Figure
        Three axes a scale: H, V, D of scale 0 first. Each band has its own scale, symmetric about 0; its
        title gives its share of the energy of all coefficients.

    Raises
    ------
    ValueError
        If the coefficients are complex or those of a batch.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.transforms import wavedec2
    >>> len(subbands(wavedec2(torch.rand(16, 16), "haar", J=2)).axes)
    6
    """
    _one_real_image(pyramid)
    shares = energy_shares(pyramid)
    names = ("horizontal", "vertical", "diagonal")
    titles = [
        f"{name}, {percent(share)}" for level in shares for name, share in zip(names, level, strict=True)
    ]
    return image_grid(
        [band for level in pyramid.details for band in level],
        titles,
        alt=alt or _alt(pyramid, nested=False),
        columns=3,
        colour="signed",
        limits="each",
        clip=CLIP,
        row_labels=[f"j = {j}" for j in range(len(pyramid.details))],
        width=width,
    )


def nested(pyramid: Pyramid2d) -> list[Tile]:
    """Place the bands, coarse to fine; where filters are long the bands overlap nowhere, gaps stay empty."""
    _one_real_image(pyramid)
    tiles = [Tile("A", to_numpy(pyramid.approx), 0, 0)]
    rows, columns = pyramid.approx.shape
    for j in reversed(range(len(pyramid.details))):
        h, v, d = (to_numpy(band) for band in pyramid.details[j])
        rows, columns = max(rows, v.shape[0]), max(columns, h.shape[1])
        index = str(j).translate(SUBSCRIPTS)
        tiles += [
            Tile(f"H{index}", h, rows, 0),
            Tile(f"V{index}", v, 0, columns),
            Tile(f"D{index}", d, rows, columns),
        ]
        rows, columns = rows + h.shape[0], columns + v.shape[1]
    return tiles


def energy_shares(pyramid: Pyramid2d) -> list[tuple[float, ...]]:
    """Share of each detail band in the energy of all finite coefficients, finest scale first."""
    details = [[_energy(to_numpy(band)) for band in level] for level in pyramid.details]
    total = _energy(to_numpy(pyramid.approx)) + sum(map(sum, details))
    return [tuple(energy / total if total > 0 else 0.0 for energy in level) for level in details]


def percent(share: float) -> str:
    """Write a share with two significant digits.

    Examples
    --------
    >>> percent(0.1234), percent(0.00012), percent(1.0)
    ('12 %', '0.012 %', '100 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


def _draw(axis: Axes, tile: Tile, pixels: float) -> None:
    """Draw one band in its place, with its name where there is room for it."""
    rows, columns = tile.band.shape
    colour: ColourScale = "grey" if tile.label == "A" else "signed"
    low, high = value_range(tile.band, colour, 0.0 if colour == "grey" else CLIP)
    extent = (tile.column, tile.column + columns, tile.row + rows, tile.row)
    axis.imshow(
        tile.band, cmap=colour_map(colour), vmin=low, vmax=high, extent=extent, interpolation_stage="data"
    )
    corners = np.array(
        [(extent[0], extent[3]), (extent[1], extent[3]), (extent[1], extent[2]), (extent[0], extent[2])]
    )
    for start, end in pairwise([*corners, corners[0]]):
        axis.plot(*zip(start, end, strict=True), color=MUTED, linewidth=0.6, clip_on=False)
    if min(rows, columns) * pixels >= 34:
        axis.annotate(
            tile.label,
            (tile.column, tile.row),
            xytext=(5, -5),
            textcoords="offset points",
            va="top",
            color=INK,
            fontsize=11,
            bbox={"boxstyle": "round,pad=0.2", "facecolor": CARD, "edgecolor": "none", "alpha": 0.9},
        )


def _energy(band: npt.NDArray[Any]) -> float:
    return float((finite(band) ** 2).sum())


def _alt(pyramid: Pyramid2d, *, nested: bool = True) -> str:
    _one_real_image(pyramid)
    rows, columns = pyramid.approx.shape
    place = (
        f"nested: the {rows} by {columns} approximation at the top left; at each scale the vertical band at "
        "the right, the horizontal one below, the diagonal one across"
        if nested
        else "as a table, one row a scale"
    )
    return (
        f"Wavelet coefficients on {len(pyramid.details)} scales, {place}. "
        f"{_energy_text(pyramid)}{_missing_text(pyramid)}"
    )


def _energy_text(pyramid: Pyramid2d) -> str:
    shares = energy_shares(pyramid)
    details = sum(map(sum, shares))
    if details == 0 and _energy(to_numpy(pyramid.approx)) == 0:
        return "No finite coefficient differs from 0."
    listed = "; ".join(
        f"scale {j}: horizontal {percent(h)}, vertical {percent(v)}, diagonal {percent(d)}"
        for j, (h, v, d) in enumerate(shares)
    )
    return f"Shares of the energy: approximation {percent(1 - details)}; {listed}."


def _missing_text(pyramid: Pyramid2d) -> str:
    bands = [pyramid.approx, *(band for level in pyramid.details for band in level)]
    missing = sum(int((~np.isfinite(to_numpy(band))).sum()) for band in bands)
    return f" NaN or infinite, and left out: {missing:,} coefficients." if missing else ""


def _one_real_image(pyramid: Pyramid2d) -> None:
    if pyramid.approx.is_complex():
        raise ValueError("pyramid: the coefficients are complex; draw those of x.real or of x.abs()")
    if pyramid.approx.ndim != 2:
        raise ValueError(
            "pyramid: expected the coefficients of one image, an approximation (rows, columns), got "
            f"{tuple(pyramid.approx.shape)}; transform one image of the batch, x[0]"
        )
