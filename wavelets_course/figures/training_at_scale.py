"""What training at scale looks like: memory piece by piece, orders of reading, a run that was stopped."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Integer
from matplotlib.patches import Rectangle

from .arrays import Array, Number, to_numpy
from .figure import Figure
from .labels import label_marks
from .style import GRID, PALETTE, WIDTH, styled

HATCHES = ("", "///", "...", "xxx", "\\\\\\", "+++")


@styled
def memory_parts(
    networks: Mapping[str, Mapping[str, Number]],
    *,
    alt: str | None = None,
    xlabel: str = "GiB",
    levels: Mapping[str, Number] | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw one bar a network, in pieces: what its training step keeps in memory.

    Parameters
    ----------
    networks
        ``{network: {part: amount}}``, the same parts in each, at most six.
    alt
        By default the networks with their sums and largest parts.
    xlabel
        What the amounts count.
    levels
        ``{name: amount}``: vertical reference lines, such as a device's memory.
    width
        Inches.

    Returns
    -------
    Figure
        One axes; its patches are the parts of the first kind, then of the second, and so on.

    Raises
    ------
    ValueError
        If there are no networks, or their parts differ or are more than six.

    Examples
    --------
    >>> memory_parts({"small": {"weights": 1.0, "activations": 3.0}}).alt
    'Bars in GiB: small 4 in all, most of it activations (3).'
    """
    parts = list(next(iter(networks.values()), {}))
    if not 1 <= len(parts) <= len(PALETTE) or any(list(row) != parts for row in networks.values()):
        raise ValueError(
            "memory_parts: give at least one network, and each the same parts in the same order, at most six"
        )
    figure = Figure(alt=alt or _spoken(networks, xlabel), width=width, height=0.42 * len(networks) + 1.5)
    axis = figure.subplots()
    left = np.zeros(len(networks))
    for index, part in enumerate(parts):
        amounts = np.array([float(row[part]) for row in networks.values()])
        drawn = axis.barh(
            list(networks), amounts, 0.62, left, color=PALETTE[index], hatch=HATCHES[index],
            edgecolor="white", linewidth=0.6, label=part,
        )  # fmt: skip
        left += amounts
    axis.bar_label(drawn, [f"{total:.3g}" for total in left], padding=4, fontsize=10)
    axis.invert_yaxis()
    axis.margins(x=0.12)
    axis.set(xlabel=xlabel)
    axis.tick_params(axis="y", length=0)
    label_marks(axis, levels or {})
    figure.legend(loc="outside upper center", ncols=min(3, len(parts)), fontsize=10)
    return figure


@styled
def reading_orders(
    orders: Mapping[str, Integer[Array, " samples"] | Sequence[int]],
    sizes: Sequence[int],
    *,
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw which sample is read when: one panel an order, shards as bands.

    Parameters
    ----------
    orders
        ``{name: sample numbers in the order in which they are read}``, side by side.
    sizes
        Samples of each shard.
    alt
        By default how many shards the first tenth of each order touches.
    width
        Inches.

    Returns
    -------
    Figure
        One axes an order; the first line of each holds its points.

    Raises
    ------
    ValueError
        If an order does not hold every sample once.

    Examples
    --------
    >>> reading_orders({"as stored": range(20)}, [5, 5, 5, 5]).alt
    'Sample against moment of reading; the first tenth of the reading touches: as stored 1 of 4 shards.'
    """
    count = sum(sizes)
    rows = {name: to_numpy(np.asarray(order)) for name, order in orders.items()}
    for name, row in rows.items():
        if sorted(row.tolist()) != list(range(count)):
            raise ValueError(f"reading_orders: {name!r} must hold each of {count} samples once")
    starts = np.cumsum([0, *sizes])
    figure = Figure(alt=alt or _spoken_orders(rows, starts), width=width, height=2.9)
    axes = figure.subplots(1, len(rows), sharey=True, squeeze=False)[0]
    for axis, (name, row) in zip(axes, rows.items(), strict=True):
        for number in range(0, len(sizes), 2):
            axis.add_patch(Rectangle((0, starts[number]), count, sizes[number], color=GRID, zorder=0))
        axis.plot(np.arange(count), row, ".", markersize=2.5, color=PALETTE[0])
        axis.set(title=name, xlabel="moment", xlim=(0, count), ylim=(0, count))
    axes[0].set(ylabel="sample (bands: shards)")
    return figure


@styled
def stopped_run(
    whole: Sequence[Number],
    before: Sequence[Number],
    after: Sequence[Number],
    *,
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw the loss of a run that was never stopped, and over it that of one that was, and went on.

    Parameters
    ----------
    whole
        Loss of each step.
    before, after
        Of the steps until it was stopped, and of those after it was taken up again.
    alt
        By default where it was stopped, and whether the losses are the same.
    width
        Inches.

    Returns
    -------
    Figure
        One axes; lines 0, 1 and 2 are the three.

    Raises
    ------
    ValueError
        If a run has no steps.

    Examples
    --------
    >>> stopped_run([3.0, 2.0, 1.0], [3.0], [2.0, 1.0]).alt
    'Loss over 3 steps; a second run, stopped after step 1, goes on and has the same losses.'
    """
    if not (len(whole) and len(before) and len(after)):
        raise ValueError("stopped_run: each of the three needs at least one step")
    same = list(whole) == [*before, *after]
    said = (
        f"Loss over {len(whole)} steps; a second run, stopped after step {len(before)}, goes on and has "
        f"{'the same' if same else 'other'} losses."
    )
    figure = Figure(alt=alt or said, width=width, height=3.0)
    axis = figure.subplots()
    steps = np.arange(1, len(whole) + 1)
    axis.plot(steps, whole, color=GRID, linewidth=7, label="never stopped", solid_capstyle="butt")
    axis.plot(steps[: len(before)], before, color=PALETTE[0], label="until it was killed")
    axis.plot(steps[len(before) :][: len(after)], after, "--", color=PALETTE[1], label="taken up again")
    axis.set(xlabel="step", ylabel="training loss")
    axis.grid(axis="y", color=GRID)
    axis.legend(loc="upper right")
    label_marks(axis, {"killed": len(before) + 0.5})
    return figure


def _spoken(networks: Mapping[str, Mapping[str, Number]], unit: str) -> str:
    each = []
    for name, parts in networks.items():
        largest = max(parts, key=lambda part: parts[part])
        each.append(f"{name} {sum(parts.values()):.3g} in all, most of it {largest} ({parts[largest]:.3g})")
    return f"Bars in {unit}: {'; '.join(each)}."


def _spoken_orders(rows: Mapping[str, np.ndarray], starts: np.ndarray) -> str:
    touched = [
        f"{name} {len(set(np.searchsorted(starts, row[: max(1, len(row) // 10)], side='right')))} of "
        f"{len(starts) - 1} shards"
        for name, row in rows.items()
    ]
    return f"Sample against moment of reading; the first tenth of the reading touches: {', '.join(touched)}."
