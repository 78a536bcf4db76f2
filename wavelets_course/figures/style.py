"""One look for every figure: a light card, colours that everyone can tell apart, text that stays legible.

The figures carry their own light card, so they read the same on a light and on a dark page. Lines use
six colours after Okabe and Ito, the paler ones darkened until each has a contrast of at least 3:1
against the card (WCAG 2.2, 1.4.11); a series also has its own marker and dash, so colour is never the
only cue. Signed values use a diverging map with zero at its pale centre, phases a cyclic map, energies
a map whose lightness grows with the value.

References
----------
.. [1] M. Okabe, K. Ito, "Color Universal Design", 2008.
.. [2] W3C, "Web Content Accessibility Guidelines 2.2", success criterion 1.4.11, 2023.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, Literal, ParamSpec, TypeVar

import matplotlib
import matplotlib.style
from matplotlib.colors import Colormap, LinearSegmentedColormap

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
ColourScale = Literal["grey", "signed", "phase", "energy"]

DPI: Final = 96
WIDTH: Final = 6.5  # inches: 624 pixels, the text column of the book

CARD: Final = "#fcfcfa"
INK: Final = "#1f2328"
MUTED: Final = "#5b6470"
GRID: Final = "#dfe2e6"
MISSING: Final = "#e8c6dc"

PALETTE: Final = ("#0068a8", "#d55e00", "#009e73", "#1f2328", "#c56fa0", "#6b4a00")
MARKERS: Final = ("o", "s", "^", "D", "v", "P")
DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))

# Blue to vermilion through a pale centre: nine anchors equally spaced in CIELAB on each arm, both ends
# with the same lightness, so that equal magnitudes of either sign look equally strong.
SIGNED_ANCHORS: Final = (
    *("#144d90", "#5c73a9", "#909cc1", "#c3c8da"),
    "#f6f5f3",
    *("#e2c1b2", "#ca9074", "#ad603a", "#8b2f00"),
)

SIGNED_COLOURS: Final = 65  # odd, so that 0 has a colour of its own; few, so that the files stay small
NAMED_MAPS: Final = {"grey": "gray", "phase": "twilight_shifted", "energy": "viridis"}

STYLE: Final[dict[str, Any]] = {
    "figure.dpi": DPI,
    "figure.facecolor": CARD,
    "figure.edgecolor": CARD,
    "savefig.dpi": DPI,
    "savefig.facecolor": CARD,
    "axes.facecolor": CARD,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 11,
    "axes.titlepad": 6,
    "axes.titleweight": "normal",
    "axes.labelsize": 11,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "mathtext.fontset": "dejavusans",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "lines.markersize": 5.5,
    "image.cmap": "gray",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.06,
    "figure.constrained_layout.h_pad": 0.06,
}


def styled(draw: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run `draw` in the course's style, whatever the reader's own settings are, and put those back."""

    @wraps(draw)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with matplotlib.style.context(STYLE, after_reset=True):
            return draw(*args, **kwargs)

    return wrapped


def colour_map(scale: ColourScale) -> Colormap:
    """Give the colour map of a kind of value; missing values (NaN) are drawn in a pale pink.

    Parameters
    ----------
    scale
        ``"grey"`` (black to white, images), ``"signed"`` (blue, pale at 0, vermilion), ``"phase"``
        (cyclic, radians) or ``"energy"`` (dark to light, non-negative values).

    Returns
    -------
    matplotlib.colors.Colormap
        A map from [0, 1] to colours.

    Examples
    --------
    >>> red, green, blue, _ = colour_map("signed")(0.5)
    >>> bool(min(red, green, blue) > 0.9)  # zero is pale
    True
    """
    if scale == "signed":
        chosen: Colormap = LinearSegmentedColormap.from_list("signed", SIGNED_ANCHORS, N=SIGNED_COLOURS)
    else:
        chosen = matplotlib.colormaps[NAMED_MAPS[scale]]
    return chosen.with_extremes(bad=MISSING)
