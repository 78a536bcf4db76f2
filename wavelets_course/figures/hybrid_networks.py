"""Where residual networks spend their blocks: group by group, at which size, beside one another."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .arrays import Number
from .figure import Figure
from .style import INK, MUTED, PALETTE, WIDTH, styled

ROW, BAR, LEFT, TOP, RIGHT = 0.95, 0.5, 1.3, 0.45, 0.2  # inches
TINTS = ("#dcebf5", "#fae3d3", "#d8f0e8", "#eef0f3", "#f2dfea", "#ece6da")


class ResidualGroup(NamedTuple):
    """Residual blocks of one width on maps of one size.

    Attributes
    ----------
    side
        Of the maps, in places.
    blocks
        How many.
    width
        Channels inside a block.
    """

    side: int
    blocks: int
    width: int


@styled
def residual_groups(
    networks: Mapping[str, Sequence[ResidualGroup | tuple[int, int, int]]],
    *,
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw each network as a row of blocks, one square a block, one colour a size of the maps.

    Parameters
    ----------
    networks
        ``{name: groups}``, from top to bottom; a group is (side, blocks, width), in the order of the network.
    alt
        By default the groups, in words.
    width
        Inches.

    Returns
    -------
    Figure
        One axes; its patches are the blocks, network by network, each labelled ``"28x28"``.

    Raises
    ------
    ValueError
        If there is no network, a network has no group, or there are more than six sizes.

    Examples
    --------
    >>> figure = residual_groups({"small": [(8, 2, 64), (4, 1, 128)]})
    >>> [patch.get_label() for patch in figure.axes[0].patches]
    ['8x8', '8x8', '4x4']
    >>> figure.alt
    'Residual blocks of each network. small: 2 at 8x8, 64 wide; 1 at 4x4, 128 wide.'
    """
    rows = {name: [ResidualGroup(*group) for group in groups] for name, groups in networks.items()}
    sides = sorted({group.side for groups in rows.values() for group in groups}, reverse=True)
    if not rows or not all(rows.values()) or len(sides) > len(PALETTE):
        raise ValueError(
            "residual_groups: expected at least one network, at least one group in each and at most "
            f"{len(PALETTE)} sizes of maps, got {[len(groups) for groups in rows.values()]} groups and "
            f"{len(sides)} sizes; draw fewer networks in a figure."
        )
    most = max(sum(group.blocks for group in groups) for groups in rows.values())
    height = TOP + ROW * len(rows)
    figure = Figure(alt=alt or _alt(rows), width=width, height=height * width / WIDTH)
    figure.set_layout_engine("none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, WIDTH), ylim=(height, 0))
    axis.set_axis_off()
    axis.text(LEFT, TOP / 2, "one box a block; above its maps, below its width", color=MUTED, va="center")
    for place, (name, groups) in enumerate(rows.items()):
        _row(axis, name, groups, TOP + place * ROW + 0.22, (WIDTH - LEFT - RIGHT) / most, sides)
    return figure


def _row(
    axis: Axes, name: str, groups: list[ResidualGroup], top: float, step: float, sides: list[int]
) -> None:
    axis.text(LEFT - 0.1, top + BAR / 2, name, ha="right", va="center", color=INK, fontsize=10)
    start = LEFT
    for group in groups:
        rank, size = sides.index(group.side), f"{group.side}x{group.side}"
        for block in range(group.blocks):
            box = Rectangle(
                (start + block * step, top), 0.86 * step, BAR, facecolor=TINTS[rank], edgecolor=PALETTE[rank]
            )
            box.set_label(size)
            axis.add_patch(box)
        middle = start + (group.blocks * step - 0.14 * step) / 2
        axis.text(middle, top - 0.1, size, ha="center", va="center", color=INK, fontsize=9)
        axis.text(
            middle, top + BAR + 0.11, f"{group.width}", ha="center", va="center", color=MUTED, fontsize=9
        )
        start += group.blocks * step


def _alt(rows: Mapping[str, list[ResidualGroup]]) -> str:
    told = [
        f"{name}: " + "; ".join(f"{g.blocks} at {g.side}x{g.side}, {g.width} wide" for g in groups) + "."
        for name, groups in rows.items()
    ]
    return "Residual blocks of each network. " + " ".join(told)
