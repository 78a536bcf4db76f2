"""Lines, each labelled where it ends."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from jaxtyping import Shaped

from .arrays import Array, Number, to_numpy
from .figure import Figure
from .labels import Log, label_marks, label_right, plain_ticks
from .style import DASHES, GRID, MARKERS, PALETTE, WIDTH, styled

Samples: TypeAlias = Shaped[Array, " _"] | Sequence[Number]


@styled
def curves(
    series: Mapping[str, tuple[Samples, Samples]],
    *,
    alt: str,
    xlabel: str,
    ylabel: str,
    title: str | None = None,
    log: Log = "",
    bands: Mapping[str, tuple[Samples, Samples]] | None = None,
    levels: Mapping[str, Number] | None = None,
    marks: Mapping[str, Number] | None = None,
    markers: bool | None = None,
    xlim: tuple[Number, Number] | None = None,
    ylim: tuple[Number, Number] | None = None,
    width: Number = WIDTH,
    height: Number = 3.6,
) -> Figure:
    """Draw lines, each with its own colour, marker and dash, and its name at its right end.

    Parameters
    ----------
    series
        ``{name: (x, y)}``, at most six; NaN leaves a gap.
    alt
        What the figure shows, in a sentence, with the numbers that matter.
    xlabel, ylabel
        What the axes measure, with units.
    title
        Above the axes.
    log
        The logarithmic axes: ``""``, ``"x"``, ``"y"`` or ``"xy"``.
    bands
        ``{name: (low, high)}``: a band around the series of that name, on the same x.
    levels, marks
        ``{name: value}``: thin horizontal and vertical reference lines, labelled.
    markers
        Draw every point; by default where a series has at most 40.
    xlim, ylim
        Ends of the axes; by default from the data.
    width, height
        Inches.

    Returns
    -------
    Figure
        One axes; line `i` of ``figure.axes[0].lines`` is series `i`.

    Raises
    ------
    ValueError
        If there is no series or more than six, if x and y differ in length, or if a band names no series.

    Examples
    --------
    >>> figure = curves({"square": ([0, 1, 2], [0, 1, 4])}, alt="x squared.", xlabel="x", ylabel="y")
    >>> figure.axes[0].lines[0].get_ydata().tolist()
    [0.0, 1.0, 4.0]
    """
    lines = {name: (to_numpy(x), to_numpy(y)) for name, (x, y) in series.items()}
    _check_series(lines, bands or {})
    figure = Figure(alt=alt, width=width, height=height)
    axis = figure.subplots()
    axis.set(xscale="log" if "x" in log else "linear", yscale="log" if "y" in log else "linear")
    for index, (name, (x, y)) in enumerate(lines.items()):
        dotted = x.size <= 40 if markers is None else markers
        marker = MARKERS[index] if dotted else ""
        axis.plot(x, y, color=PALETTE[index], linestyle=DASHES[index], marker=marker, label=name)
        if bands and name in bands:
            low, high = (to_numpy(edge) for edge in bands[name])
            axis.fill_between(x, low, high, color=PALETTE[index], alpha=0.18, linewidth=0)
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title or "")
    axis.grid(axis="y", color=GRID)
    axis.set(xlim=xlim or axis.get_xlim(), ylim=ylim or axis.get_ylim())
    plain_ticks(axis, log)
    ends = _ends(lines, log)
    label_right(axis, ends, dict(zip(lines, PALETTE, strict=False)), levels or {}, height)
    label_marks(axis, marks or {})
    return figure


def _ends(
    lines: dict[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]], log: Log
) -> dict[str, tuple[float, float]]:
    """Give the last point of each line that can be drawn; a line without one gets no name."""
    ends = {}
    for name, (x, y) in lines.items():
        drawable = np.isfinite(x) & np.isfinite(y)
        drawable &= (x > 0) | ("x" not in log)
        drawable &= (y > 0) | ("y" not in log)
        if drawable.any():
            last = np.flatnonzero(drawable)[-1]
            ends[name] = (float(x[last]), float(y[last]))
    return ends


def _check_series(
    lines: dict[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]], bands: Mapping[str, Any]
) -> None:
    if not 1 <= len(lines) <= len(PALETTE):
        raise ValueError(f"curves: got {len(lines)} series; draw one to six in a figure, or make two figures")
    for name, (x, y) in lines.items():
        if x.shape != y.shape or x.size == 0:
            raise ValueError(
                f"curves: {name!r} has {x.size} x and {y.size} y; give as many of both, at least one"
            )
    strangers = [name for name in bands if name not in lines]
    if strangers:
        raise ValueError(f"curves: band {strangers[0]!r} names no series; it is one of {', '.join(lines)}")
