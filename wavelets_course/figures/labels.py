"""Names beside lines, reference lines, and readable ticks."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from .arrays import Number
from .style import INK, MUTED

Log: TypeAlias = Literal["", "x", "y", "xy"]

LABEL_STEP = 0.2  # inches between two labels at the right edge


def label_right(
    axis: Axes,
    ends: dict[str, tuple[float, float]],
    colours: dict[str, str],
    levels: Mapping[str, Number],
    height: Number,
) -> None:
    """Write each line's name at the right edge, moved apart where they would overlap."""
    targets = {name: _inside(axis, end) for name, end in ends.items()}
    for name, value in levels.items():
        axis.axhline(value, color=MUTED, linewidth=1.0, linestyle=(0, (2, 2)), zorder=1)
        targets[name] = _inside(axis, (axis.get_xlim()[1], value))
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


def label_marks(axis: Axes, marks: Mapping[str, Number]) -> None:
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


def plain_ticks(axis: Axes, log: Log) -> None:
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


def _inside(axis: Axes, point: tuple[Number, Number]) -> tuple[float, float]:
    """The point of the axes nearest to `point`, which limits may have cut off."""
    (left, right), (low, high) = sorted(axis.get_xlim()), sorted(axis.get_ylim())
    return float(min(max(point[0], left), right)), float(min(max(point[1], low), high))


def _touch(low: tuple[float, int], high: tuple[float, int], step: float) -> bool:
    return high[0] - low[0] < step * (low[1] + high[1]) / 2
