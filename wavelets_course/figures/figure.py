"""A figure that can be read aloud: every picture carries the text that replaces it."""

import io
from base64 import b64encode
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as MatplotlibFigure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .arrays import Number
from .style import DPI, WIDTH, styled

NEAR, NEAR_ON_AVERAGE = 40, 0.5  # of 255


class Figure(MatplotlibFigure):
    """A matplotlib figure with its text alternative, shown as one PNG at 96 dots an inch.

    A notebook shows it by itself when it is the last line of a cell: the picture, with `alt` as
    ``text/plain`` (what a test of the notebook compares) and as metadata of the picture (what the
    book turns into the ``alt`` attribute of the page). Its bytes hold no date and no version, and what
    the functions of this folder draw ignores the reader's own matplotlib settings, so the same data give
    the same file. `pyplot` is never needed.

    Parameters
    ----------
    alt
        What the figure shows, in a sentence or two with the numbers that matter.
    width, height
        Size in inches; the default width is the text column of the book, 624 pixels.

    Raises
    ------
    ValueError
        If `alt` is empty.

    Examples
    --------
    >>> figure = Figure(alt="An empty pair of axes.", height=2.0)
    >>> axes = figure.subplots()
    >>> figure.alt
    'An empty pair of axes.'
    >>> figure.png()[1:4]
    b'PNG'
    """

    @styled
    def __init__(self, *, alt: str, width: Number = WIDTH, height: Number = 4.0) -> None:
        self.alt = spoken(alt)
        super().__init__(figsize=(round(width * DPI) / DPI, round(height * DPI) / DPI), dpi=DPI)

    def __repr__(self) -> str:
        return self.alt

    @styled
    def png(self) -> bytes:
        """Draw the figure as a small PNG; `alt` goes in as its description.

        Returns
        -------
        bytes
            The file, 96 dots an inch; greys, a palette of 256 colours or full colour, as the picture needs.
        """
        canvas = FigureCanvasAgg(self)
        canvas.draw()
        note = PngInfo()
        note.add_text("Description", self.alt)
        file = io.BytesIO()
        small = _fewest_channels(np.asarray(canvas.buffer_rgba())[..., :3])
        small.save(file, format="PNG", dpi=(DPI, DPI), pnginfo=note, optimize=True)
        return file.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write the PNG to `path` (parent folders are made) and return where it went.

        Raises
        ------
        ValueError
            If `path` does not end in ``.png``.
        """
        target = Path(path)
        if target.suffix.lower() != ".png":
            raise ValueError(f"Figure.save: writes PNG only, got {target.name!r}; end the name in .png")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.png())
        return target

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        data = {"image/png": b64encode(self.png()).decode("ascii"), "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt}}

    def _ipython_display_(self) -> None:
        """Go first: once pyplot is loaded, IPython prefers its own printer of figures, without `alt`."""
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]


def spoken(alt: str) -> str:
    r"""Give `alt` on one line, single-spaced; refuse an empty one.

    Raises
    ------
    ValueError
        If nothing is left.

    Examples
    --------
    >>> spoken("Two lines,  \n one sentence.")
    'Two lines, one sentence.'
    """
    text = " ".join(alt.split())
    if not text:
        raise ValueError(
            "Figure: alt is empty; say what the figure shows in a sentence, with the numbers that matter"
        )
    return text


def _fewest_channels(pixels: np.ndarray) -> Image.Image:
    """Store a picture as greys where all pixels are grey, else with 256 colours where these are enough.

    Enough means that only rare colours move, and little: the blurred rims of lines and letters. So lines,
    text and maps of coefficients take a third of the bytes, and a colour photograph stays as it is.
    """
    if (pixels == pixels[..., :1]).all():
        return Image.fromarray(np.ascontiguousarray(pixels[..., 0]))
    image = Image.fromarray(np.ascontiguousarray(pixels))
    few = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    moved = np.abs(np.asarray(few.convert("RGB")).astype(int) - pixels)
    return few if moved.max() <= NEAR and moved.mean() <= NEAR_ON_AVERAGE else image
