"""Best n-term approximations: how the error falls, what the images look like, and why edges cost so many."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from torch import Tensor

from ..signals import psnr
from ..sparse import fit_slope
from .arrays import Number, to_numpy
from .curves import curves
from .figure import Figure
from .images import image_grid
from .style import PALETTE, WIDTH, styled


@styled
def error_decay(
    counts: Sequence[int],
    errors: Mapping[str, Float[Tensor, " counts"]],
    windows: Mapping[str, tuple[Number, Number]],
    *,
    alt: str | None = None,
    title: str | None = None,
    width: Number = WIDTH,
    height: Number = 4.2,
) -> Figure:
    """Draw errors against the number of terms, both axes logarithmic, with the line fitted in each window.

    Parameters
    ----------
    counts
        Numbers of terms, increasing.
    errors
        ``{name: squared relative errors}``, ``(counts,)`` each, at most six; 0 is drawn as 1e-16.
    windows
        ``{name: (first, last)}``: where a line is fitted to that series. It is drawn wide and pale under
        the series; the slope stands in brackets behind the name.
    alt
        By default the slopes and windows.
    title
        Above the axes.
    width, height
        Inches.

    Returns
    -------
    Figure
        One axes; ``lines[i]`` is series ``i``, the fitted lines follow in the order of ``windows``.

    Raises
    ------
    ValueError
        If a window names no series, or holds fewer than two counts.

    Examples
    --------
    >>> import torch
    >>> n = [1, 10, 100, 1000]
    >>> figure = error_decay(n, {"db2": 1 / torch.tensor(n)}, {"db2": (1, 1000)})
    >>> figure.alt[-40:]
    'Slopes: db2 -1.00 for n from 1 to 1,000.'
    """
    if strangers := [name for name in windows if name not in errors]:
        raise ValueError(
            f"error_decay: window {strangers[0]!r} names no series; it is one of {', '.join(errors)}."
        )
    slopes = {name: float(fit_slope(counts, errors[name], window)) for name, window in windows.items()}
    said = "; ".join(
        f"{name} {slopes[name]:.2f} for n from {low:,} to {high:,}" for name, (low, high) in windows.items()
    )
    series = {
        (f"{name} ({slopes[name]:.2f})" if name in slopes else name): (
            list(counts),
            values.clamp(min=1e-16),
        )
        for name, values in errors.items()
    }
    alt = alt or f"Relative squared error against the number of terms, both logarithmic. Slopes: {said}."
    figure = curves(
        series,
        alt=alt,
        title=title,
        xlabel="number of terms n",
        ylabel="relative squared error",
        log="xy",
        markers=False,
        width=width,
        height=height,
    )
    for name, (low, high) in windows.items():
        inside = [(n, float(e)) for n, e in zip(counts, errors[name], strict=True) if low <= n <= high]
        n, error = np.array(inside).T
        level = np.exp(np.mean(np.log(error)) - slopes[name] * np.mean(np.log(n)))
        colour = PALETTE[list(errors).index(name)]
        figure.axes[0].plot(
            n, level * n ** slopes[name], color=colour, linewidth=9, alpha=0.25, solid_capstyle="butt"
        )
    return figure


@styled
def n_term_gallery(
    original: Float[Tensor, "height width"],
    approximations: Mapping[str, Mapping[int, Float[Tensor, "height width"]]],
    *,
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw images rebuilt from n terms: a row for each transform, a column for each n, with their PSNR.

    Parameters
    ----------
    original
        ``(height, width)`` in [0, 1].
    approximations
        ``{transform: {n: image}}``, the same ``n`` in every row.
    alt
        By default all values of PSNR.
    width
        Inches.

    Returns
    -------
    Figure
        One axes an image, row by row, all on the grey scale from 0 to 1.

    Raises
    ------
    ValueError
        If the rows have different ``n``.

    Examples
    --------
    >>> import torch
    >>> x = torch.full((8, 8), 0.5)
    >>> n_term_gallery(x, {"haar": {5: x + 0.1, 9: x + 0.01}}).alt
    'An image of 8 by 8 pixels from n terms. haar: n = 5, 20.0 dB; n = 9, 40.0 dB.'
    """
    rows = [list(images) for images in approximations.values()]
    if any(row != rows[0] for row in rows):
        raise ValueError(f"n_term_gallery: expected the same n in every row, got {rows}.")
    quality = {
        name: {n: float(psnr(image, original)) for n, image in images.items()}
        for name, images in approximations.items()
    }
    said = ". ".join(
        f"{name}: " + "; ".join(f"n = {n:,}, {db:.1f} dB" for n, db in values.items())
        for name, values in quality.items()
    )
    size = " by ".join(map(str, original.shape))
    return image_grid(
        [image for images in approximations.values() for image in images.values()],
        [
            (f"n = {n:,}\n" if not row else "") + f"{db:.1f} dB"
            for row, values in enumerate(quality.values())
            for n, db in values.items()
        ],
        alt=alt or f"An image of {size} pixels from n terms. {said}.",
        columns=len(rows[0]),
        limits=(0.0, 1.0),
        row_labels=list(approximations),
        width=width,
    )


@styled
def kept_frequencies(
    coefficients: Float[Tensor, "height width"],
    counts: Sequence[int],
    *,
    reach: Number = np.pi,
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw which Fourier coefficients are the n largest, zero frequency in the middle.

    A pair of opposite frequencies is white where both its cosine and its sine are kept, grey where one is.

    Parameters
    ----------
    coefficients
        ``(height, width)`` in the order of the FFT, from ``transforms.fourier_coefficients``.
    counts
        Numbers of coefficients.
    reach
        Draw only the frequencies up to about this one along each axis, radians per sample.
    alt
        By default the share of the kept ones that is drawn.
    width
        Inches.

    Returns
    -------
    Figure
        One axes a count, images of 0, 1/2 and 1.

    Examples
    --------
    >>> import torch
    >>> float(kept_frequencies(torch.eye(4), [4]).axes[0].images[0].get_array().sum())
    4.0
    """
    values = np.abs(to_numpy(coefficients))
    order = np.argsort(-values, axis=None, kind="stable")
    masks, said = [], []
    rows, columns = values.shape
    margins = [round(size * (1 - reach / np.pi) / 2) for size in values.shape]
    shown = tuple(slice(cut, size - cut) for cut, size in zip(margins, values.shape, strict=True))
    for n in counts:
        mask = np.zeros(values.shape)
        mask.flat[order[:n]] = 1.0
        pair = (mask + np.roll(mask[::-1, ::-1], (1, 1), (0, 1))) / 2
        masks.append(np.fft.fftshift(pair)[shown])
        said.append(f"of {n:,} kept, {masks[-1].sum() / max(n, 1):.0%} lie here")
    return image_grid(
        masks,
        [f"n = {n:,}" for n in counts],
        alt=alt or f"The plane of {rows} by {columns} frequencies up to {reach:.2f}: {'; '.join(said)}.",
        limits=(0.0, 1.0),
        width=width,
    )
