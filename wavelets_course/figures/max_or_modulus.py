"""Max pooling beside the modulus: one row of a wave, and the gap at every frequency."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Complex, Float
from matplotlib.axes import Axes

from .arrays import Array, Number, to_numpy
from .banks import TURNS, angle_text
from .curves import curves
from .figure import Figure
from .style import WIDTH, colour_map, styled


def pooled_wave(
    z: Complex[Array, " samples"],
    window: int,
    *,
    alt: str | None = None,
    title: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw the real part of a wave, its modulus, and the largest real part in a window about each sample.

    Parameters
    ----------
    z
        Answers of a complex filter along a row.
    window
        Samples that max pooling sees, odd.
    alt
        By default the wavelength near the crest, the window and how far the two are apart.
    title
        Above the axes.
    width
        Inches.

    Returns
    -------
    Figure
        One axes; lines: real part, largest in the window, modulus.

    Raises
    ------
    ValueError
        If the window is even, or longer than the row.

    Examples
    --------
    >>> import torch
    >>> n = torch.arange(64.0)
    >>> pooled_wave(torch.polar(torch.exp(-((n - 32) / 16) ** 2), 1.5 * n), 5).alt.split(". ")[1]
    'The largest in 5 samples is 0.94 of the modulus on average, at least 0.66.'
    """
    values = to_numpy(z)
    if window < 1 or window % 2 == 0 or window > values.size:
        raise ValueError(
            f"pooled_wave: the window must be odd, so that it has a middle, and at most {values.size} "
            f"samples, got {window}; use 3 or 5."
        )
    seen = np.lib.stride_tricks.sliding_window_view(values.real, window).max(-1)
    half = window // 2
    place = np.arange(values.size)
    inner = place[half : values.size - half]
    crest = np.abs(values[half : values.size - half])
    share = seen[crest > 0.05 * crest.max()] / crest[crest > 0.05 * crest.max()]
    said = (
        f"A wave of {values.size} samples under an envelope. The largest in {window} samples is "
        f"{share.mean():.2f} of the modulus on average, at least {share.min():.2f}."
    )
    return curves(
        {
            "real part": (place, values.real),
            f"largest of {window}": (inner, seen),
            "modulus": (place, np.abs(values)),
        },
        alt=alt or said,
        xlabel="place (samples)",
        ylabel="answer",
        title=title,
        markers=False,
        width=width,
        height=2.9,
    )


@styled
def gap_planes(
    planes: Mapping[str, Float[Array, "rows columns"]],
    *,
    alt: str | None = None,
    label: str = "gap to the modulus",
    width: Number = WIDTH,
) -> Figure:
    """Draw a number for every frequency of the right half plane, several of them on one colour scale.

    Parameters
    ----------
    planes
        ``{title: values}``; rows from ``omega_y = -pi`` to ``pi``, columns from ``omega_x = 0`` to ``pi``,
        both ends included. At most four.
    alt
        By default the smallest and the largest value of each plane, and where the largest lies.
    label
        What the colours measure.
    width
        Inches.

    Returns
    -------
    Figure
        One axes a plane, and one for the colour bar, last.

    Raises
    ------
    ValueError
        If there is no plane or more than four.

    Examples
    --------
    >>> values = np.array([[0.5, 0.5], [1.0, 0.0], [0.5, 0.5]])
    >>> gap_planes({"a": values}).alt.split(". ")[1]
    'a: from 0.00 to 1.00, largest at frequency (0, 0).'
    """
    arrays = {title: to_numpy(values) for title, values in planes.items()}
    if not 1 <= len(arrays) <= 4:
        raise ValueError(f"gap_planes: got {len(arrays)} planes; draw one to four in a figure.")
    each = "; ".join(f"{title}: {_said(values)}" for title, values in arrays.items())
    said = f"Frequencies of the right half plane, coloured by the {label}. {each}."
    low, high = (float(pick([pick(v) for v in arrays.values()])) for pick in (np.min, np.max))
    figure = Figure(alt=alt or said, width=width, height=3.9)
    axes = figure.subplots(1, len(arrays), squeeze=False)[0]
    for axis, (title, values) in zip(axes, arrays.items(), strict=True):
        image = _plane(axis, values, low, high)
        axis.set_title(title)
    axes[0].set_ylabel(r"$\omega_y$ (radians per pixel)")
    figure.colorbar(image, ax=list(axes), shrink=0.9, label=label).outline.set_visible(False)
    return figure


def _plane(axis: Axes, values: npt.NDArray[Any], low: float, high: float) -> Any:
    rows, columns = (half_step(count, span) for count, span in zip(values.shape, (2, 1), strict=True))
    extent = (-columns, math.pi + columns, math.pi + rows, -math.pi - rows)
    image = axis.imshow(
        values, cmap=colour_map("energy"), vmin=low, vmax=high, extent=extent, interpolation_stage="data"
    )
    axis.set_yticks(TURNS, [angle_text(turn) for turn in TURNS])
    axis.set_xticks((0, math.pi / 2, math.pi), [angle_text(turn) for turn in (0, math.pi / 2, math.pi)])
    axis.set_xlabel(r"$\omega_x$")
    return image


def half_step(count: int, span: int) -> float:
    """Half of the distance between `count` frequencies over `span` times pi, both ends included.

    Examples
    --------
    >>> round(half_step(3, 2), 4)
    1.5708
    """
    return span * math.pi / (count - 1) / 2 if count > 1 else math.pi / 2


def _said(values: npt.NDArray[Any]) -> str:
    rows, columns = values.shape
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    down = -math.pi + 2 * math.pi * row / max(rows - 1, 1)
    across = math.pi * column / max(columns - 1, 1)
    place = f"({angle_text(float(down))}, {angle_text(float(across))})"
    return f"from {values.min():.2f} to {values.max():.2f}, largest at frequency {place}"
