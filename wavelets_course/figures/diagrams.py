"""Block diagrams of two layers of a network: what goes in, what each step does, what comes out."""

from typing import Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from .arrays import Number
from .figure import Figure
from .pyramids import SUBSCRIPTS
from .style import CARD, INK, MUTED, PALETTE, WIDTH, styled

Point = tuple[float, float]

# Inches at the default width, y downwards; wider figures are the same drawing, enlarged.
MARGIN: Final = 0.1
BOX: Final = 0.46
ROW: Final = 0.72
POINTS: Final = 10
PLAIN: Final = "#eef0f3"
DETAILS: Final = {"H": "horizontal", "V": "vertical", "D": "diagonal"}
TINTS: Final = ("#dcebf5", "#fae3d3", "#d8f0e8")


class Block(NamedTuple):
    """One step: its text and its place."""

    text: str
    x: float
    y: float
    width: float
    height: float = BOX
    fill: str = PLAIN
    edge: str = MUTED

    def side(self, name: str, at: float | None = None) -> Point:
        """Give the middle of a side, or its point at height `at`."""
        middle = self.x + self.width / 2, self.y + self.height / 2 if at is None else at
        return {
            "left": (self.x, middle[1]),
            "right": (self.x + self.width, middle[1]),
            "top": (middle[0], self.y),
            "bottom": (middle[0], self.y + self.height),
        }[name]


@styled
def microwav(*, alt: str | None = None, width: Number = WIDTH) -> Figure:
    """Draw MicroWav: the three details of one Haar level, a dense layer for each, their results stacked.

    Parameters
    ----------
    alt
        By default the steps, in order.
    width
        Inches, at least 6.5; the whole drawing grows with it.

    Returns
    -------
    Figure
        One axes. Its patches are the boxes, each labelled with its text, and the arrows between them.

    Raises
    ------
    ValueError
        If the figure is too narrow for its text.

    References
    ----------
    .. [1] S. D. McDermott, M. Voetberg, B. Nord, "WavPool: A New Block for Deep Neural Networks",
       arXiv:2306.08734, 2023.

    Examples
    --------
    >>> figure = microwav()
    >>> figure.axes[0].patches[0].get_label()
    'Haar level j'
    """
    said = (
        "MicroWav, from left to right: one Haar level j gives its 3 details, horizontal, vertical and "
        "diagonal; each goes into a dense layer of its own, without shared weights and without activation; "
        "their results are stacked to shape (batch, hidden, 3)."
    )
    figure, axis = _canvas("microwav", alt or said, width, 3 * ROW + 0.36)
    tall = 2 * ROW + BOX
    level = Block("Haar level j", MARGIN, MARGIN, 1.15, tall)
    stack = Block("stack\n\n(batch,\nhidden, 3)", 5.3, MARGIN, 1.1, tall)
    _draw(axis, level)
    _draw(axis, stack)
    for row, (letter, name) in enumerate(DETAILS.items()):
        top, colours = MARGIN + row * ROW, (TINTS[row], PALETTE[row])
        detail = Block(f"{name} {letter}", 1.65, top, 1.3, BOX, *colours)
        dense = Block(f"dense layer {letter}", 3.45, top, 1.35, BOX, *colours)
        for block in (detail, dense):
            _draw(axis, block)
        middle = top + BOX / 2
        _arrow(axis, level.side("right", middle), detail.side("left"))
        _arrow(axis, detail.side("right"), dense.side("left"))
        _arrow(axis, dense.side("right"), stack.side("left", middle))
    note = "no weights shared, no activation"
    _write(axis, note, (4.125, 3 * ROW + 0.06), color=MUTED)
    return figure


@styled
def wavpool(levels: int = 4, *, alt: str | None = None, width: Number = WIDTH) -> Figure:
    r"""Draw WavPool: one MicroWav a level of a Haar pyramid, padded, stacked, pooled, then a dense layer.

    Level ``j = 0`` is the finest; MicroWav j has the hidden width ``h / (j + 1)``, rounded down, and
    zeros put in front of it make it ``h`` wide again. In the stack each bar shows this share of ``h``.

    Parameters
    ----------
    levels
        Levels of the pyramid.
    alt
        By default the steps, in order.
    width
        Inches, at least 6.5; the whole drawing grows with it.

    Returns
    -------
    Figure
        One axes. Its patches are the boxes, each labelled with its text, the bars of the stack, labelled
        ``"width 0"``, ``"width 1"``, ..., and the arrows.

    Raises
    ------
    ValueError
        If there is no level, or the figure is too narrow for its text.

    References
    ----------
    .. [1] S. D. McDermott, M. Voetberg, B. Nord, "WavPool: A New Block for Deep Neural Networks",
       arXiv:2306.08734, 2023.

    Examples
    --------
    >>> figure = wavpool(3)
    >>> [patch.get_label() for patch in figure.axes[0].patches if "MicroWav" in patch.get_label()][1:]
    ['MicroWav 1\nhidden width h/2', 'MicroWav 2\nhidden width h/3']
    """
    if levels < 1:
        raise ValueError(f"wavpool: levels must be at least 1, got {levels}; a 28x28 image has up to 4")
    tall = max(levels, 3) * ROW + BOX
    figure, axis = _canvas("wavpool", alt or _wavpool_alt(levels), width, tall + 2 * MARGIN)
    image = Block("image", MARGIN, MARGIN, 1.3, fill=CARD)
    stack = Block("", 3.3, MARGIN, 1.25, levels * ROW + BOX)
    _draw(axis, image)
    _draw(axis, stack)
    _write(axis, "pad with zeros,\nstack", (stack.side("top")[0], MARGIN + BOX / 2))
    above = image
    for j in range(levels):
        above = _level(axis, j, levels, above, stack)
    _classify(axis, stack, tall)
    return figure


def _level(axis: Axes, j: int, levels: int, above: Block, stack: Block) -> Block:
    """Draw level j under `above`, its MicroWav and its bar in the stack; return the level's block."""
    top, share = MARGIN + (j + 1) * ROW, f"h/{j + 1}" if j else "h"
    rank = {0: ", finest", levels - 1: ", coarsest"}.get(j, "") if levels > 1 else ""
    bands = "  ".join(f"{letter}{j}".translate(SUBSCRIPTS) for letter in DETAILS)
    level = Block(f"j = {j}{rank}\n{bands}", MARGIN, top, 1.3, BOX, TINTS[0], PALETTE[0])
    micro = Block(f"MicroWav {j}\nhidden width {share}", 1.7, top, 1.3, BOX, TINTS[1], PALETTE[1])
    for block in (level, micro):
        _draw(axis, block)
    _arrow(axis, above.side("bottom"), level.side("top"))
    _arrow(axis, level.side("right"), micro.side("left"))
    _arrow(axis, micro.side("right"), stack.side("left", top + BOX / 2))
    if j == 1:
        _write(axis, "approximation", (0.82, top - (ROW - BOX) / 2), color=MUTED, ha="left")
    full = stack.width - 0.24
    kept = full / (j + 1)
    start, y, thick = stack.x + 0.12, top + BOX / 2 - 0.09, 0.18
    axis.add_patch(Rectangle((start, y), full, thick, fill=False, edgecolor=MUTED, linestyle=":"))
    bar = Rectangle((start + full - kept, y), kept, thick, color=PALETTE[1], label=f"width {j}")
    axis.add_patch(bar)
    return level


def _classify(axis: Axes, stack: Block, tall: float) -> None:
    """Draw what follows the stack, from top to bottom: pooling, a dense layer, the classes."""
    pooled, gap = 0.86, 0.36
    top = MARGIN + (tall - pooled - 2 * (BOX + gap)) / 2
    pool = Block("3-D max pooling\nover hidden width,\ndirection and level", 4.9, top, 1.5, pooled)
    dense = Block("dense layer", 4.9, top + pooled + gap, 1.5)
    classes = Block("classes", 4.9, dense.y + BOX + gap, 1.5, fill=CARD)
    for block in (pool, dense, classes):
        _draw(axis, block)
    _arrow(axis, stack.side("right", pool.side("left")[1]), pool.side("left"))
    _arrow(axis, pool.side("bottom"), dense.side("top"))
    _arrow(axis, dense.side("bottom"), classes.side("top"))


def _canvas(name: str, alt: str, width: Number, height: float) -> tuple[Figure, Axes]:
    """Make one axes that fills the figure, in inches of the default width, y downwards."""
    if not width >= WIDTH:
        raise ValueError(
            f"{name}: a width of {width} inches is too narrow for the text; use {WIDTH} or more, "
            "and make the saved picture smaller where you show it"
        )
    figure = Figure(alt=alt, width=width, height=height * width / WIDTH)
    figure.set_layout_engine("none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, WIDTH), ylim=(height, 0))
    axis.set_axis_off()
    return figure, axis


def _draw(axis: Axes, block: Block) -> None:
    place = (block.x, block.y), block.width, block.height
    style = "round,pad=0,rounding_size=0.06"
    axis.add_patch(
        FancyBboxPatch(
            *place,
            boxstyle=style,
            facecolor=block.fill,
            edgecolor=block.edge,
            linewidth=1.4,
            label=block.text,
        )
    )
    if block.text:
        _write(axis, block.text, (block.x + block.width / 2, block.y + block.height / 2))


def _write(axis: Axes, text: str, place: Point, *, color: str = INK, ha: str = "center") -> None:
    scale = _enlarged(axis)
    axis.text(*place, text, ha=ha, va="center", color=color, fontsize=POINTS * scale, linespacing=1.25)


def _arrow(axis: Axes, start: Point, end: Point) -> None:
    scale = _enlarged(axis)
    head = f"-|>,head_length={4 * scale:g},head_width={2.2 * scale:g}"
    axis.add_patch(
        FancyArrowPatch(start, end, arrowstyle=head, color=MUTED, linewidth=1.4, shrinkA=0, shrinkB=0)
    )


def _enlarged(axis: Axes) -> float:
    """How much larger than its default the drawing is."""
    return float(axis.get_window_extent().width / axis.figure.dpi / WIDTH)


def _wavpool_alt(levels: int) -> str:
    many = f"each of its {levels} levels" if levels > 1 else "its 1 level"
    narrower = ", narrower the coarser the level" if levels > 1 else ""
    return (
        f"WavPool: an image goes into a Haar pyramid; the details of {many}, j = 0 the finest, go into "
        f"a MicroWav{narrower}; the results are padded with zeros to one width and stacked to shape "
        f"(batch, h, 3, {levels}); 3-D max pooling over hidden width, direction and level follows, then "
        "a dense layer, then the classes."
    )
