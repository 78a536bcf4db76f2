"""Bars and histograms: one number a name, or many."""

from collections.abc import Mapping

import numpy as np

from .arrays import Number, finite, to_numpy
from .curves import Samples
from .figure import Figure
from .labels import label_marks, plain_ticks
from .style import DASHES, GRID, MUTED, PALETTE, WIDTH, styled


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
    plain_ticks(axis, "x" if log else "")
    label_marks(axis, levels or {})
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
    plain_ticks(axis, "y" if log else "")
    if len(kept) > 1:
        axis.legend(loc="upper right")
    return figure
