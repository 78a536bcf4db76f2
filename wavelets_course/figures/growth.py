"""How the cost of transforms grows: time and memory against size, on logarithmic axes, with fitted slopes."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes

from .arrays import Number
from .figure import Figure
from .labels import spread
from .style import DASHES, GRID, INK, MARKERS, PALETTE, WIDTH, styled

Lines: TypeAlias = Mapping[str, tuple[Sequence[Number], Sequence[Number]]]

LABEL_STEP = 0.19  # inches between two names at the right edge


@styled
def growth(
    panels: Mapping[str, Lines],
    *,
    xlabel: str,
    alt: str | None = None,
    fit_from: Number = 0,
    height: Number = 3.0,
    width: Number = WIDTH,
) -> Figure:
    """Draw costs against sizes on logarithmic axes, one panel a kind of cost, each line with its slope.

    A cost ``c`` that grows like a power of the size ``n`` is a straight line, ``log c = a log n + b``. The
    slope ``a``, fitted by least squares, stands behind the line's name: 1 means that twice the size costs
    twice as much.

    Parameters
    ----------
    panels
        ``{label of the axis: {name: (sizes, costs)}}``, positive numbers; at most six names a panel. A name
        has the same colour, marker and dash in all panels.
    xlabel
        What the sizes count.
    alt
        By default the range of sizes and all slopes.
    fit_from
        Smallest size that the slopes are fitted to: small ones cost what a call costs.
    height, width
        Inches; the height is that of one panel.

    Returns
    -------
    Figure
        One axes a panel, one below the other; line `i` of an axes is its series `i`.

    Raises
    ------
    ValueError
        If there is nothing to draw, more than six names, or a size or cost that is not positive.

    Examples
    --------
    >>> figure = growth({"seconds": {"copy": ([1, 10, 100], [2, 20, 200])}}, xlabel="pixels")
    >>> figure.alt
    'Cost against pixels, from 1 to 100, on logarithmic axes. Slopes, seconds: copy 1.00.'
    """
    names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    _check(panels, names)
    slopes = {
        label: {name: slope(*line, fit_from=fit_from) for name, line in lines.items()}
        for label, lines in panels.items()
    }
    figure = Figure(alt=alt or _alt(panels, slopes, xlabel), width=width, height=height * len(panels))
    for axis, (label, lines) in zip(
        figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0], panels.items(), strict=True
    ):
        for name, (sizes, costs) in lines.items():
            index = names.index(name)
            axis.plot(
                sizes, costs, color=PALETTE[index], linestyle=DASHES[index], marker=MARKERS[index], label=name
            )
        axis.set(xscale="log", yscale="log", ylabel=label)
        axis.grid(color=GRID)
        _name_ends(axis, lines, slopes[label], names, height)
    figure.axes[-1].set_xlabel(xlabel)
    return figure


def slope(sizes: Sequence[Number], costs: Sequence[Number], *, fit_from: Number = 0) -> float:
    """Fit ``log cost = slope * log size + constant`` by least squares.

    Parameters
    ----------
    sizes, costs
        Positive numbers.
    fit_from
        Smaller sizes are left out.

    Returns
    -------
    float
        The slope; NaN if fewer than two sizes are left.

    Examples
    --------
    >>> round(slope([1, 2, 4], [3, 12, 48]), 6)
    2.0
    """
    pairs = [(math.log(n), math.log(c)) for n, c in zip(sizes, costs, strict=True) if n >= fit_from]
    if len({n for n, _ in pairs}) < 2:
        return math.nan
    n, c = np.array(pairs).T
    return float(np.polyfit(n, c, 1)[0])


def _name_ends(
    axis: Axes, lines: Lines, slopes: Mapping[str, float], names: list[str], height: Number
) -> None:
    """Write names and slopes at the right edge, moved apart where they would overlap."""
    to_axes = axis.transScale + axis.transLimits
    ends = {name: (float(sizes[-1]), float(costs[-1])) for name, (sizes, costs) in lines.items()}
    wanted = [float(to_axes.transform(end)[1]) for end in ends.values()]
    for (name, end), spot in zip(
        ends.items(), spread(wanted, LABEL_STEP / (float(height) - 0.5)), strict=True
    ):
        told = "" if math.isnan(slopes[name]) else f" ({slopes[name]:.2f})"
        axis.annotate(
            f"{name}{told}",
            xy=end,
            xytext=(1.04, spot),
            textcoords="axes fraction",
            color=INK,
            va="center",
            fontsize=10,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": PALETTE[names.index(name)],
                "linewidth": 1.5,
                "shrinkB": 3,
                "relpos": (0, 0.5),
            },
        )


def _alt(panels: Mapping[str, Lines], slopes: Mapping[str, Mapping[str, float]], xlabel: str) -> str:
    sizes = [float(n) for lines in panels.values() for ns, _ in lines.values() for n in ns]
    fitted = {
        label: [f"{name} {value:.2f}" for name, value in found.items() if not math.isnan(value)]
        for label, found in slopes.items()
    }
    said = "; ".join(f"{label}: {', '.join(values)}" for label, values in fitted.items() if values)
    return (
        f"Cost against {xlabel}, from {min(sizes):,.0f} to {max(sizes):,.0f}, on logarithmic axes. "
        f"{f'Slopes, {said}' if said else f'Too few sizes for slopes: {len(set(sizes))}'}."
    )


def _check(panels: Mapping[str, Lines], names: list[str]) -> None:
    if not 1 <= len(names) <= len(PALETTE):
        raise ValueError(
            f"growth: got {len(names)} series; draw one to six in a figure, or make two figures."
        )
    for lines in panels.values():
        for name, (sizes, costs) in lines.items():
            if len(sizes) != len(costs) or not sizes:
                raise ValueError(
                    f"growth: {name!r} has {len(sizes)} sizes and {len(costs)} costs; "
                    "give as many costs as sizes, at least one."
                )
            if min(*sizes, *costs) <= 0:
                raise ValueError(
                    f"growth: {name!r} has a size or a cost that is not positive; leave that point out, "
                    "a logarithmic axis has no place for it."
                )
