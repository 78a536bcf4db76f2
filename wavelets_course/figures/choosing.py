"""What a representation costs and what it buys: one point each in a plane of two numbers."""

from collections.abc import Mapping

from .arrays import Number
from .figure import Figure
from .style import INK, MUTED, PALETTE, WIDTH, styled


@styled
def trade_offs(
    points: Mapping[str, tuple[Number, Number]],
    *,
    xlabel: str = "numbers stored for each pixel",
    ylabel: str = "change under a shift by one pixel",
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw representations as named points: what each costs to the right, what each loses upwards.

    Parameters
    ----------
    points
        ``{name: (cost, loss)}``. Near the lower left corner is cheap and stable.
    xlabel, ylabel
        What the two numbers are.
    alt
        By default the names and their numbers.
    width
        Inches.

    Returns
    -------
    Figure
        One axes; line `i` of ``figure.axes[0].lines`` is point `i`.

    Raises
    ------
    ValueError
        If there is no point.

    Examples
    --------
    >>> trade_offs({"Fourier": (1, 0), "DWT": (1, 0.2)}).alt
    'Points: Fourier at 1 numbers stored for each pixel, 0 change under a shift by one pixel; DWT at 1, 0.2.'
    """
    if not points:
        raise ValueError("trade_offs: expected at least one point, got none; give {name: (cost, loss)}.")
    figure = Figure(alt=alt or _spoken(points, xlabel, ylabel), width=width, height=3.6)
    axes = figure.add_subplot()
    right = max(float(cost) for cost, _ in points.values())
    for number, (name, (cost, loss)) in enumerate(points.items()):
        x, y = float(cost), float(loss)
        axes.plot([x], [y], "o", color=PALETTE[number % len(PALETTE)], markersize=8)
        beyond = x > 0.7 * right
        axes.annotate(
            name,
            (x, y),
            xytext=(-8 if beyond else 8, 0),
            textcoords="offset points",
            ha="right" if beyond else "left",
            va="center",
            color=INK,
        )
    axes.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, 1.12 * right or 1))
    axes.set_ylim(bottom=min(0.0, *axes.get_ylim()))
    axes.margins(y=0.12)
    axes.grid(color=MUTED, alpha=0.25)
    return figure


def _spoken(points: Mapping[str, tuple[Number, Number]], xlabel: str, ylabel: str) -> str:
    (first, (cost, loss)), *others = points.items()
    text = f"Points: {first} at {cost:.3g} {xlabel}, {loss:.3g} {ylabel}"
    return text + "".join(f"; {name} at {x:.3g}, {y:.3g}" for name, (x, y) in others) + "."
