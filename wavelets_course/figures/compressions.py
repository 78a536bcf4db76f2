"""An image and what is left of it when few coefficients are kept."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor

from ..signals import psnr
from .arrays import Number
from .figure import Figure
from .images import image_grid
from .pyramids import percent
from .style import WIDTH, styled


@styled
def compression(
    original: Float[Tensor, "height width"],
    reconstructions: Mapping[int, Float[Tensor, "height width"]],
    *,
    total: int | None = None,
    alt: str | None = None,
    columns: int | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw an image beside reconstructions from few coefficients, each with its quality.

    Parameters
    ----------
    original
        ``(height, width)`` in [0, 1].
    reconstructions
        ``{number of coefficients kept: image}``, the same size.
    total
        Number of all coefficients; by default the number of pixels.
    alt
        By default the kept numbers and the PSNR (peak 1) of each reconstruction.
    columns
        Images a row; by default three, or two for four images in all.
    width
        Inches.

    Returns
    -------
    Figure
        One axes an image, the original first, all on the grey scale from 0 to 1.

    Raises
    ------
    ValueError
        If the original is not one grey image.

    Examples
    --------
    >>> import torch
    >>> image = torch.full((8, 8), 0.5)
    >>> compression(image, {16: image + 0.1}).alt
    'An image of 8 by 8 pixels and reconstructions: 16 coefficients kept (25 %), PSNR 20.0 dB.'
    """
    if original.ndim != 2:
        raise ValueError(
            f"compression: expected one grey image (height, width), got shape {tuple(original.shape)}; "
            "draw one channel, x[0], or their mean, x.mean(0)."
        )
    count = total or original.numel()
    quality = {n: float(psnr(image, original)) for n, image in reconstructions.items()}
    kept = [f"{n:,} kept ({percent(n / count)})\nPSNR {db:.1f} dB" for n, db in quality.items()]
    said = "; ".join(
        f"{n:,} coefficients kept ({percent(n / count)}), PSNR {db:.1f} dB" for n, db in quality.items()
    )
    size = " by ".join(map(str, original.shape))
    return image_grid(
        [original, *reconstructions.values()],
        [f"original\n{count:,} numbers", *kept],
        alt=alt or f"An image of {size} pixels and reconstructions: {said}.",
        columns=columns or (2 if len(kept) == 3 else 3),
        limits=(0.0, 1.0),
        width=width,
    )
