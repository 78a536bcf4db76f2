"""What a signal is taken to be beyond its edges: one picture for each boundary mode."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from torch import Tensor

from ..signals import BOUNDARY_MODES, BoundaryMode, extend_axis
from .arrays import Number, to_numpy
from .figure import Figure
from .style import GRID, MUTED, PALETTE, WIDTH, styled


@styled
def boundary_modes(
    signal: Float[Tensor, " time"],
    padding: int = 8,
    *,
    modes: Sequence[BoundaryMode] = BOUNDARY_MODES,
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw a short signal and what each mode puts beyond its edges.

    Parameters
    ----------
    signal
        ``(time,)``, about ten samples.
    padding
        Samples added on each side.
    modes
        By default all nine, three a row.
    alt
        By default the first samples that each mode puts behind the signal.
    width
        Inches.

    Returns
    -------
    Figure
        One axes a mode: ``lines[0]`` is the zero line, ``lines[1]`` the whole extended signal,
        ``lines[2]`` the signal itself; the
        added samples have open markers.

    Examples
    --------
    >>> import torch
    >>> figure = boundary_modes(torch.tensor([1.0, 3.0, 2.0]), padding=2, modes=["symmetric", "zero"])
    >>> figure.axes[0].lines[1].get_ydata().tolist()
    [3.0, 1.0, 1.0, 3.0, 2.0, 2.0, 3.0]
    """
    extended = {mode: to_numpy(extend_axis(signal, padding, padding, mode=mode)) for mode in modes}
    inside = to_numpy(signal)
    tails = [
        f"{mode} {', '.join(f'{value:.3g}' for value in values[padding + inside.size :][:3])}"
        for mode, values in extended.items()
    ]
    said = (
        f"A signal of {inside.size} samples ending in {inside[-1]:.3g}, continued in {len(modes)} ways; "
        f"behind it come: {'; '.join(tails)}."
    )
    columns = min(3, len(modes))
    rows = -(-len(modes) // columns)
    figure = Figure(alt=alt or said, width=width, height=1.45 * rows + 0.1)
    axes = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
    for axis, (mode, values) in zip(axes, extended.items(), strict=False):
        _draw(axis, values, inside, padding)
        axis.set_title(mode)
    for axis in axes[len(modes) :]:
        axis.set_axis_off()
    return figure


def _draw(axis: Axes, values: np.ndarray, inside: np.ndarray, padding: int) -> None:
    time = np.arange(values.size) - padding
    axis.axvspan(-0.5, inside.size - 0.5, color=GRID, alpha=0.6, linewidth=0)
    axis.axhline(0, color=MUTED, linewidth=0.7)
    added = np.flatnonzero((time < 0) | (time >= inside.size)).tolist()
    around = axis.plot(time, values, color=PALETTE[1], linewidth=1.2, markevery=added)[0]
    around.set(marker="s", markersize=4, markerfacecolor="none")
    axis.plot(np.arange(inside.size), inside, color=PALETTE[0], linewidth=1.8, marker="o", markersize=4)
    axis.set(xticks=[], yticks=[])
    axis.margins(y=0.15)
    axis.spines[:].set_visible(False)
