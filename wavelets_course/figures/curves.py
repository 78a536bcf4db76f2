"""Lines, bars and histograms, each labelled where it stands."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from jaxtyping import Shaped
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from .arrays import Array, Number, finite, to_numpy
from .figure import Figure
from .style import DASHES, GRID, INK, MARKERS, MUTED, PALETTE, WIDTH, styled

Samples: TypeAlias = Shaped[Array, " _"] | Sequence[Number]
Log: TypeAlias = Literal["", "x", "y", "xy"]

LABEL_STEP = 0.2  # inches between two labels at the right edge


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
    _plain_ticks(axis, log)
    ends = {name: _end(x, y) for name, (x, y) in lines.items()}
    _label_right(axis, ends, dict(zip(lines, PALETTE, strict=False)), levels or {}, height)
    _label_marks(axis, marks or {})
    return figure


@styled
def bars(
    values: Mapping[str, Number],
    *,
    alt: str | None = None,
    xlabel: str,
    title: str | None = None,
    levels: Mapping[str, Number] | None = None,
    text: str = "{:.3g}",
    log: bool = False,
    width: Number = WIDTH,
) -> Figure:
    """Draw one horizontal bar a name, the value written at its end.

    Parameters
    ----------
    values
        ``{name: value}``, drawn from top to bottom.
    alt
        By default the names and their values.
    xlabel
        What the bars measure, with units.
    title
        Above the axes.
    levels
        ``{name: value}``: vertical reference lines, labelled.
    text
        Format of the written values.
    log
        Make the axis of values logarithmic.
    width
        Inches.

    Returns
    -------
    Figure
        One axes; bar `i` of ``figure.axes[0].patches`` is value `i`.

    Raises
    ------
    ValueError
        If there is no value.

    Examples
    --------
    >>> bars({"Haar": 0.5, "db2": 0.25}, xlabel="error").alt
    'Bars of error: Haar 0.5, db2 0.25.'
    """
    if not values:
        raise ValueError("bars: no values; give {name: value} with at least one entry")
    written = [text.format(value) for value in values.values()]
    listed = ", ".join(f"{name} {value}" for name, value in zip(values, written, strict=True))
    figure = Figure(alt=alt or f"Bars of {xlabel}: {listed}.", width=width, height=0.36 * len(values) + 1.0)
    axis = figure.subplots()
    drawn = axis.barh(list(values), list(values.values()), height=0.62, color=PALETTE[0], log=log)
    axis.bar_label(drawn, written, padding=4, fontsize=10)
    axis.invert_yaxis()
    axis.margins(x=0.12)
    axis.set(xlabel=xlabel, title=title or "")
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(min(values.values()) >= 0)
    if min(values.values()) < 0:
        axis.axvline(0, color=MUTED, linewidth=0.8)
    _plain_ticks(axis, "x" if log else "")
    _label_marks(axis, levels or {})
    return figure


@styled
def histogram(
    samples: Mapping[str, Samples],
    *,
    alt: str | None = None,
    xlabel: str,
    title: str | None = None,
    bins: int = 60,
    limits: tuple[Number, Number] | None = None,
    log: bool = False,
    width: Number = WIDTH,
    height: Number = 3.4,
) -> Figure:
    """Draw the share of samples in each of `bins` equal bins, one outline a name.

    Parameters
    ----------
    samples
        ``{name: values}``, at most six; values that are not finite are left out.
    alt
        By default the names with their counts, means and standard deviations.
    xlabel
        What the samples measure, with units.
    title
        Above the axes.
    bins, limits
        Number of bins, and their ends; by default the range of all samples.
    log
        Make the axis of shares logarithmic (to see tails).
    width, height
        Inches.

    Returns
    -------
    Figure
        One axes; patches `2 i` and `2 i + 1` are the filling and the outline of name `i`.

    Raises
    ------
    ValueError
        If there is nothing to count.

    Examples
    --------
    >>> histogram({"d": [-1.0, 1.0, 0.0, 0.0]}, xlabel="coefficient").alt
    'Histogram of coefficient: d (4 values, mean 0, standard deviation 0.707).'
    """
    kept = {name: finite(to_numpy(values).ravel()) for name, values in samples.items()}
    if not kept or len(kept) > len(PALETTE) or any(values.size == 0 for values in kept.values()):
        raise ValueError("histogram: give one to six names, each with at least one finite value")
    each = [
        f"{name} ({v.size} values, mean {v.mean():.3g}, standard deviation {v.std():.3g})"
        for name, v in kept.items()
    ]
    figure = Figure(alt=alt or f"Histogram of {xlabel}: {'; '.join(each)}.", width=width, height=height)
    axis = figure.subplots()
    edges = np.histogram_bin_edges(np.concatenate(list(kept.values())), bins=bins, range=limits)
    for index, (name, values) in enumerate(kept.items()):
        share = np.histogram(values, edges)[0] / values.size
        colour = PALETTE[index]
        axis.stairs(share, edges, fill=True, alpha=0.14, color=colour)
        axis.stairs(share, edges, color=colour, linestyle=DASHES[index], linewidth=1.8, label=name)
    axis.set(xlabel=xlabel, ylabel="share of values", title=title or "", yscale="log" if log else "linear")
    axis.grid(axis="y", color=GRID)
    _plain_ticks(axis, "y" if log else "")
    if len(kept) > 1:
        axis.legend(loc="upper right")
    return figure


def _end(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> tuple[float, float]:
    """Give the last point of a line that is a number."""
    last = int(np.flatnonzero(np.isfinite(y))[-1]) if np.isfinite(y).any() else 0
    return float(x[last]), float(y[last])


def _label_right(
    axis: Axes,
    ends: dict[str, tuple[float, float]],
    colours: dict[str, str],
    levels: Mapping[str, Number],
    height: Number,
) -> None:
    """Write each line's name at the right edge, moved apart where they would overlap."""
    targets = dict(ends)
    for name, value in levels.items():
        axis.axhline(value, color=MUTED, linewidth=1.0, linestyle=(0, (2, 2)), zorder=1)
        targets[name] = (axis.get_xlim()[1], value)
    to_axes = axis.transScale + axis.transLimits
    wanted = {name: float(to_axes.transform(point)[1]) for name, point in targets.items()}
    spots = spread(list(wanted.values()), LABEL_STEP / (height - 0.9))
    for name, spot in zip(wanted, spots, strict=True):
        axis.annotate(
            name,
            xy=targets[name],
            xytext=(1.03, spot),
            textcoords="axes fraction",
            color=INK,
            va="center",
            fontsize=10,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colours.get(name, MUTED), "linewidth": 1.5, "shrinkB": 3},
        )


def _label_marks(axis: Axes, marks: Mapping[str, Number]) -> None:
    """Draw vertical reference lines, each with its name above the axes, and move the title over them."""
    for name, value in marks.items():
        axis.axvline(value, color=MUTED, linewidth=1.0, linestyle=(0, (2, 2)), zorder=3)
        axis.annotate(
            name,
            xy=(value, 1.02),
            xycoords=("data", "axes fraction"),
            color=INK,
            fontsize=10,
            ha="center",
            va="bottom",
        )
    if marks and axis.get_title():
        axis.set_title(axis.get_title(), pad=22)


def _plain_ticks(axis: Axes, log: Log) -> None:
    """Write 1, 2, 5, 10 on a logarithmic axis of less than three decades, instead of small powers."""
    for name, side in (("x", axis.xaxis), ("y", axis.yaxis)):
        low, high = side.get_view_interval()
        if name in log and high < 1000 * low:
            side.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 100 * low else (1, 3)))
            side.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            side.set_minor_locator(NullLocator())


def spread(positions: list[float], step: float) -> list[float]:
    """Move positions apart to at least `step`, in order, about where they were.

    Examples
    --------
    >>> spread([0.5, 0.5, 0.0], 0.2)
    [0.4, 0.6, 0.0]
    """
    order = np.argsort(positions, kind="stable")
    groups: list[tuple[float, int]] = []  # centre and size of runs of touching labels
    for position in np.asarray(positions, dtype=float)[order]:
        groups.append((float(position), 1))
        while len(groups) > 1 and _touch(groups[-2], groups[-1], step):
            (low, m), (high, n) = groups[-2:]
            groups[-2:] = [((m * low + n * high) / (m + n), m + n)]
    placed = [centre + step * (k - (size - 1) / 2) for centre, size in groups for k in range(size)]
    result = np.empty(len(placed))
    result[order] = placed
    return [round(float(value), 6) for value in result]


def _touch(low: tuple[float, int], high: tuple[float, int], step: float) -> bool:
    return high[0] - low[0] < step * (low[1] + high[1]) / 2


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
