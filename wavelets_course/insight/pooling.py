r"""Max pooling beside the modulus: how close, and at which frequencies.

Near a place ``u`` a band-pass filter of wave vector ``omega`` answers with a wave of constant length,
``z(u + p) = |z(u)| exp(i (alpha + omega . p))``. Max pooling takes the largest real part among a few samples
of that wave; the modulus is its crest.
"""

import math

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn.functional import max_pool2d

from ..filters.gabor import gabor_hat


def max_pooled(
    z: Complex[Tensor, "*batch rows columns"], window: int = 3, stride: int = 2
) -> Float[Tensor, "*batch pooled_rows pooled_columns"]:
    """Max pooling of the real part over windows that lie wholly inside.

    Parameters
    ----------
    z
        Answers of complex filters, ``(*batch, rows, columns)``.
    window
        Samples a side, odd, so that there is one in the middle.
    stride
        Samples from one window to the next.

    Returns
    -------
    Tensor
        ``(*batch, (rows - window) // stride + 1, (columns - window) // stride + 1)``.

    Raises
    ------
    ValueError
        If the window is even or larger than the map, or the stride is less than 1.

    Examples
    --------
    >>> max_pooled(torch.arange(25.0).reshape(5, 5) + 0j).tolist()
    [[12.0, 14.0], [22.0, 24.0]]
    """
    _check(z, window, stride)
    real = z.real.reshape(-1, 1, *z.shape[-2:])
    pooled: Tensor = max_pool2d(real, window, stride)
    return pooled.reshape(*z.shape[:-2], *pooled.shape[-2:])


def moduli(
    z: Complex[Tensor, "*batch rows columns"], window: int = 3, stride: int = 2
) -> Float[Tensor, "*batch pooled_rows pooled_columns"]:
    """Modulus in the middle of each window of `max_pooled`.

    Parameters
    ----------
    z, window, stride
        As in `max_pooled`.

    Returns
    -------
    Tensor
        Of the shape of `max_pooled`.

    Raises
    ------
    ValueError
        As `max_pooled`.

    Examples
    --------
    >>> moduli(torch.full((5, 5), 3 + 4j)).tolist()
    [[5.0, 5.0], [5.0, 5.0]]
    """
    _check(z, window, stride)
    half = window // 2
    middle = z[..., half : z.shape[-2] - half : stride, half : z.shape[-1] - half : stride]
    return middle.abs()


def pooling_gap(
    z: Complex[Tensor, "*batch rows columns"], window: int = 3, stride: int = 2
) -> Float[Tensor, "*batch"]:
    r"""Relative distance between max pooling and modulus, for each map.

    .. math:: \frac{\| \max \mathrm{Re}\, z - |z| \|}{\| \, |z| \, \|}

    Parameters
    ----------
    z, window, stride
        As in `max_pooled`.

    Returns
    -------
    Tensor
        ``(*batch)``; 0 where max pooling is the modulus, NaN for a map that is zero.

    Raises
    ------
    ValueError
        As `max_pooled`.

    References
    ----------
    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "On the shift invariance of max pooling feature maps
    in convolutional neural networks", arXiv:2209.11740, 2022.

    Examples
    --------
    >>> round(pooling_gap(torch.full((5, 5), 3 + 4j)).item(), 6)
    0.4
    """
    crest = moduli(z, window, stride)
    gap: Tensor = (max_pooled(z, window, stride) - crest).norm(dim=(-2, -1)) / crest.norm(dim=(-2, -1))
    return gap


def expected_pooling_gap(frequency: Float[Tensor, "*batch 2"], window: int = 3) -> Float[Tensor, "*batch"]:
    r"""Gap between max pooling and modulus of a wave whose phase may be anything.

    The samples ``p`` of a window see the wave at phases ``omega . p``. Sort them round the circle, with
    distances ``delta_i`` between neighbours. A phase that falls between two of them is at most half a
    distance away from the nearer, so

    .. math:: \gamma^2 = \frac{1}{2\pi} \sum_i \int_{-\delta_i/2}^{\delta_i/2} (1 - \cos h)^2 \, dh
              = \frac32 + \frac{1}{4\pi} \sum_i (\sin\delta_i - 8 \sin(\delta_i / 2)).

    Parameters
    ----------
    frequency
        Wave vectors ``(*batch, 2)``, radians from one *sample* of the map to the next: radians a pixel times
        the stride of the convolution.
    window
        Samples a side, odd.

    Returns
    -------
    Tensor
        ``(*batch)``, from 0 to ``sqrt(3/2)``, which frequency 0 reaches: there the window sees one phase.

    Raises
    ------
    ValueError
        If the window is even or less than 1.

    References
    ----------
    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "On the shift invariance of max pooling feature maps
    in convolutional neural networks", arXiv:2209.11740, 2022.

    Examples
    --------
    >>> frequencies = torch.tensor([[0.0, 0.0], [0.0, torch.pi / 2], [2.0, 1.0]])
    >>> [round(gap, 3) for gap in expected_pooling_gap(frequencies).tolist()]
    [1.225, 0.35, 0.054]
    """
    _check_window("expected_pooling_gap", window)
    steps = torch.arange(window, device=frequency.device, dtype=torch.float64) - window // 2
    down, right = frequency.double().unbind(-1)
    phases = (down[..., None, None] * steps[:, None] + right[..., None, None] * steps).flatten(-2)
    around = torch.remainder(phases, 2 * torch.pi).sort(-1).values
    delta = torch.diff(around, append=around[..., :1] + 2 * torch.pi, dim=-1)
    square = 1.5 + (delta.sin() - 8 * (delta / 2).sin()).sum(-1) / (4 * torch.pi)
    gap: Tensor = square.clamp_min(0).sqrt()
    return gap


def gabor_pooling_gaps(
    images: Float[Tensor, "*batch height width"],
    frequencies: Float[Tensor, "frequencies 2"],
    *,
    sigma: float | int = 8,
    window: int = 3,
    stride: int = 2,
) -> Float[Tensor, "*batch frequencies"]:
    """Gap between max pooling and modulus behind Gabor filters, one filter at each wave vector.

    The filters are round and run over every pixel of the torus, so the window sees steps of one pixel.

    Parameters
    ----------
    images
        ``(*batch, height, width)``, real.
    frequencies
        Wave vectors ``(frequencies, 2)``, (y, x), radians per pixel.
    sigma
        Standard deviation of the envelope in pixels. The wider it is against the window, the truer is the
        formula, which takes the modulus for constant.
    window, stride
        As in `max_pooled`.

    Returns
    -------
    Tensor
        ``(*batch, frequencies)``, the `pooling_gap` of each image behind each filter.

    Raises
    ------
    ValueError
        As `max_pooled`.

    Examples
    --------
    >>> x = torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    >>> frequencies = torch.tensor([[1.5, 1.0], [0.0, 0.2]], dtype=torch.float64)
    >>> [round(gap, 1) for gap in gabor_pooling_gaps(x, frequencies).tolist()]
    [0.1, 1.2]
    >>> [round(gap, 1) for gap in expected_pooling_gap(frequencies).tolist()]
    [0.1, 1.1]
    """
    transform, shape = torch.fft.fft2(images), (images.shape[-2], images.shape[-1])
    gaps = []
    for down, across in frequencies.tolist():
        xi, theta = math.hypot(down, across), math.atan2(down, across)
        g_hat = gabor_hat(shape, float(sigma), 1.0, theta, xi, math.pi)
        gaps.append(pooling_gap(torch.fft.ifft2(transform * g_hat.to(images)), window, stride))
    return torch.stack(gaps, -1)


def _check(z: Tensor, window: int, stride: int) -> None:
    _check_window("max pooling", window)
    if stride < 1 or min(z.shape[-2:]) < window:
        raise ValueError(
            f"max pooling: a {z.shape[-2]}x{z.shape[-1]} map needs a window of at most {min(z.shape[-2:])} "
            f"and a stride of at least 1, got {window} and {stride}."
        )


def _check_window(operation: str, window: int) -> None:
    if window < 1 or window % 2 == 0:
        raise ValueError(
            f"{operation}: the window must be odd, so that it has a middle, got {window}; use 3 or 5."
        )
