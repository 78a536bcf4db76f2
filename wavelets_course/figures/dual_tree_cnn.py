"""First layers as they are usually shown: all kernels side by side, in colour."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from .arrays import Array, Number, to_numpy
from .figure import Figure
from .style import WIDTH, styled

Kernels = Float[Array, "kernels channels height width"]

GAP = 1  # pixels between kernels
PAPER = 1.0


@styled
def kernel_mosaic(
    kernels: Mapping[str, Kernels],
    *,
    alt: str | None = None,
    columns: int = 16,
    width: Number = WIDTH,
) -> Figure:
    """Draw all kernels of first layers, row by row: 0 is grey, and each kernel has its own contrast.

    Parameters
    ----------
    kernels
        ``{title: kernels}``, one below the other; each ``(kernels, 3, height, width)`` in colour, or
        ``(kernels, 1, height, width)``.
    alt
        By default the number and size of the kernels of each.
    columns
        Kernels in a row.
    width
        Inches.

    Returns
    -------
    Figure
        One axes for each entry, with one image ``(rows, columns, 3)`` in [0, 1].

    Raises
    ------
    ValueError
        If there is nothing to draw, or kernels have neither one channel nor three.

    Examples
    --------
    >>> import torch
    >>> figure = kernel_mosaic({"noise": torch.randn(20, 3, 7, 7)}, columns=10)
    >>> figure.alt
    'Convolution kernels side by side. noise: 20 kernels of 7x7.'
    """
    mosaics = {title: _mosaic(to_numpy(group), columns) for title, group in kernels.items()}
    if not mosaics:
        raise ValueError("kernel_mosaic: nothing to draw; give at least one set of kernels.")
    said = "; ".join(
        f"{title}: {len(group)} kernels of {group.shape[-2]}x{group.shape[-1]}"
        for title, group in kernels.items()
    )
    shares = [picture.shape[0] / picture.shape[1] for picture in mosaics.values()]
    figure = Figure(
        alt=alt or f"Convolution kernels side by side. {said}.",
        width=width,
        height=width * sum(shares) + 0.35 * len(shares),
    )
    for axis, (title, picture) in zip(
        np.atleast_1d(figure.subplots(len(mosaics), height_ratios=shares)), mosaics.items(), strict=True
    ):
        axis.imshow(picture, interpolation="nearest", vmin=0, vmax=1)
        axis.set_title(title)
        axis.set_axis_off()
    return figure


def _mosaic(kernels: npt.NDArray[np.float64], columns: int) -> npt.NDArray[np.float64]:
    """Lay kernels out on paper: ``(rows, columns, 3)``."""
    if kernels.ndim != 4 or kernels.shape[1] not in (1, 3) or len(kernels) == 0:
        raise ValueError(
            f"kernel_mosaic: expected kernels (kernels, 1 or 3, height, width), got {kernels.shape}; "
            "stack real and imaginary parts, or average channels."
        )
    count, _, height, width = kernels.shape
    across = min(columns, count)
    down = -(-count // across)
    paper = np.full((down * (height + GAP) - GAP, across * (width + GAP) - GAP, 3), PAPER)
    for place, kernel in enumerate(kernels):
        top, left = (height + GAP) * (place // across), (width + GAP) * (place % across)
        largest = np.abs(kernel).max() or 1.0
        paper[top : top + height, left : left + width] = 0.5 + np.moveaxis(kernel, 0, -1) / (2 * largest)
    return paper
