"""WavPool's block of answers, with what its pooling keeps and what it drops."""

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .arrays import Array, Number, to_numpy
from .figure import Figure
from .images import value_range
from .style import INK, MUTED, WIDTH, colour_map, styled

DIRECTIONS = ("horizontal", "vertical", "diagonal")


@styled
def wavpool_block(
    block: Float[Array, "hidden 3 levels"],
    pool_size: int,
    *,
    alt: str | None = None,
    width: Number = WIDTH,
    height: Number = 4.0,
) -> Figure:
    """Draw the block that WavPool pools for one image: a panel a direction, a column a level.

    Blue is below 0, vermilion above. Lines are the borders of the pooled cubes; what no cube holds is
    hatched: pooling drops it.

    Parameters
    ----------
    block
        From ``networks.WavPool.block`` of one image; levels run from coarse to fine.
    pool_size
        Side of the cubes.
    alt
        By default the sizes, and what is dropped.
    width, height
        Inches.

    Returns
    -------
    Figure
        Three axes; the hatched rectangles of ``axes[k].patches`` are what is dropped of direction k.

    Raises
    ------
    ValueError
        If the block has not three axes and three directions, or no cube fits in.

    Examples
    --------
    >>> import numpy as np
    >>> figure = wavpool_block(np.ones((4, 3, 3)), 2)
    >>> [len(axis.patches) for axis in figure.axes]
    [1, 1, 1]
    """
    values = to_numpy(block)
    _check(values.shape, pool_size)
    figure = Figure(alt=alt or _alt(values.shape, pool_size), width=width, height=height)
    low, high = value_range(values, "signed", 0.0)
    panels = figure.subplots(1, 3, sharey=True)
    for direction, (axis, name) in enumerate(zip(panels, DIRECTIONS, strict=True)):
        axis.imshow(
            values[:, direction],
            cmap=colour_map("signed"),
            vmin=low,
            vmax=high,
            aspect="auto",
            interpolation="nearest",
        )
        _mark(axis, values.shape, pool_size, dropped=direction >= 3 // pool_size * pool_size)
        levels = values.shape[2]
        axis.set(title=name, xticks=range(levels), xticklabels=[f"{levels - 1 - k}" for k in range(levels)])
        axis.set_xlabel("level j, coarse to fine")
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0)
    panels[0].set_ylabel("place along the hidden width")
    return figure


def _mark(axis: Axes, shape: tuple[int, ...], side: int, *, dropped: bool) -> None:
    """Draw the borders of the cubes, and hatch what none holds."""
    hidden, _, levels = shape
    rows, columns = (0, 0) if dropped else (hidden // side * side, levels // side * side)
    for row in range(side, rows, side):
        axis.plot((-0.5, columns - 0.5), (row - 0.5, row - 0.5), color=MUTED, linewidth=0.5)
    for column in range(side, columns, side):
        axis.plot((column - 0.5, column - 0.5), (-0.5, rows - 0.5), color=MUTED, linewidth=0.5)
    corners = ((columns, 0, levels - columns, hidden), (0, rows, columns, hidden - rows))
    for x, y, wide, tall in corners:
        if wide and tall:
            place = (x - 0.5, y - 0.5), wide, tall
            axis.add_patch(Rectangle(*place, fill=False, hatch="///", edgecolor=INK, linewidth=0))


def _check(shape: tuple[int, ...], side: int) -> None:
    if len(shape) != 3 or shape[1] != 3:
        raise ValueError(
            f"wavpool_block: expected the block of one image, (hidden, 3, levels), got {shape}; "
            "take one of the batch: block[0]"
        )
    if not 1 <= side <= min(shape):
        raise ValueError(f"wavpool_block: cubes of side {side} do not fit {shape}; use 1 to {min(shape)}")


def _alt(shape: tuple[int, ...], side: int) -> str:
    hidden, _, levels = shape
    dropped = [f"the {name} direction" for name in DIRECTIONS[3 // side * side :]]
    dropped += [f"level {j}" for j in range(levels % side)][::-1]
    dropped += [f"the last {hidden % side} of the hidden width"] if hidden % side else []
    return (
        f"WavPool's block for one image, hidden width {hidden}, a panel for each of three directions, a "
        f"column for each of {levels} levels, coarse to fine. Cubes of side {side} are pooled; dropped: "
        f"{', '.join(dropped) or 'nothing'}."
    )
