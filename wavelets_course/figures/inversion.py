"""Images found again from their scattering: beside the original, and blobs with their outlines."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.patches import Ellipse
from torch import Tensor

from ..scattering import Blob
from ..signals import psnr
from .arrays import Number, to_numpy
from .figure import Figure
from .images import image_grid
from .style import PALETTE, WIDTH, styled


@styled
def reconstructions(
    original: Float[Tensor, "height width"],
    found: Mapping[str, Float[Tensor, "height width"]],
    *,
    alt: str | None = None,
    columns: int | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw an image beside what was reconstructed of it, each with its quality.

    Parameters
    ----------
    original
        ``(height, width)`` in [0, 1].
    found
        ``{name: image}``, the same size.
    alt
        By default the names and the PSNR (peak 1) in whole decibels. Give your own where these numbers may
        change from one machine to the next.
    columns
        Images a row; by default up to four.
    width
        Inches.

    Returns
    -------
    Figure
        One axes an image, the original first, all on the grey scale from 0 to 1.

    Raises
    ------
    ValueError
        If an image has another shape than the original.

    Examples
    --------
    >>> import torch
    >>> image = torch.full((8, 8), 0.5)
    >>> reconstructions(image, {"J = 2": image + 0.1}).alt
    'An image of 8 by 8 pixels and reconstructions: J = 2 with 20 dB.'
    """
    quality = {name: float(psnr(image, original)) for name, image in found.items()}
    size = " by ".join(map(str, original.shape))
    said = ", ".join(f"{name} with {_decibels(db)}" for name, db in quality.items())
    return image_grid(
        [original, *found.values()],
        ["original\n", *(f"{name}\n{_decibels(db)}" for name, db in quality.items())],
        alt=alt or f"An image of {size} pixels and reconstructions: {said}.",
        columns=columns,
        limits=(0.0, 1.0),
        width=width,
    )


@styled
def blob_outlines(
    images: Sequence[Float[Tensor, "height width"]],
    outlines: Sequence[Mapping[str, Blob]],
    *,
    titles: Sequence[str] | None = None,
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw blobs, and over each the ellipses at two standard deviations of some estimates.

    Parameters
    ----------
    images
        Of one or several sizes, each on its own grey scale.
    outlines
        For each image ``{name: blob}``; a name has the same colour and dash in all of them.
    titles
        One above each image.
    alt
        By default how many images, and the standard deviations of each first outline.
    width
        Inches.

    Returns
    -------
    Figure
        One axes an image, with a patch for each outline; the first axes carries the legend.

    Raises
    ------
    ValueError
        If there are not as many outlines as images.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.signals import spectral_blob
    >>> C = torch.tensor([[4.0, 0.0], [0.0, 9.0]])
    >>> blob = Blob(C, torch.tensor([16.0, 16.0]), torch.tensor(1.0))
    >>> blob_outlines([spectral_blob((32, 32), C)], [{"true": blob}]).alt
    'One blob with its outlines; standard deviations along its axes: 3.0 and 2.0 pixels.'
    """
    if len(images) != len(outlines):
        raise ValueError(
            f"blob_outlines: {len(images)} images, {len(outlines)} sets of outlines; give one a blob."
        )
    axes_of = [_axes(next(iter(named.values()))) for named in outlines]
    sizes = ", ".join(f"{long:.1f} and {short:.1f}" for long, short, _ in axes_of)
    count = "One blob with its" if len(images) == 1 else f"{len(images)} blobs with their"
    said = f"{count} outlines; standard deviations along its axes: {sizes} pixels."
    figure = image_grid(images, titles, alt=alt or said, limits="each", width=width)
    names = list(dict.fromkeys(name for named in outlines for name in named))
    for axis, named in zip(figure.axes, outlines, strict=True):
        for name, blob in named.items():
            index = names.index(name)
            axis.add_patch(_ellipse(blob, name, colour=PALETTE[1 - index % 2], dashed=index > 0))
    figure.axes[0].legend(loc="lower left", fontsize=9, labelcolor="white", handlelength=1.4)
    return figure


def _axes(blob: Blob) -> tuple[float, float, float]:
    """Standard deviations, the longer first, and the angle of the longer axis from x towards y, degrees."""
    variances, directions = np.linalg.eigh(to_numpy(blob.covariance))
    y, x = directions[:, 1]
    return math.sqrt(variances[1]), math.sqrt(variances[0]), math.degrees(math.atan2(y, x))


def _ellipse(blob: Blob, name: str, *, colour: str, dashed: bool) -> Ellipse:
    long, short, angle = _axes(blob)
    y, x = to_numpy(blob.centre)
    return Ellipse(
        (x, y),
        4 * long,
        4 * short,
        angle=angle,
        fill=False,
        color=colour,
        linewidth=1.6,
        linestyle=(0, (3, 2)) if dashed else "-",
        label=name,
    )


def _decibels(quality: float) -> str:
    return f"{quality:.0f} dB" if math.isfinite(quality) else "exact"
