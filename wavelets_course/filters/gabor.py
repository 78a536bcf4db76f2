r"""Gabor filters: a wave under a Gaussian, summed over the periods of the grid.

.. math::
    g(y, x) = \frac{\mathrm{slant}}{2 \pi \sigma^2}
        \exp\Bigl(-\frac{a^2 + \mathrm{slant}^2 b^2}{2 \sigma^2}\Bigr) e^{i \xi a},
    \qquad a = x \cos\theta + y \sin\theta, \quad b = y \cos\theta - x \sin\theta
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple, get_args

import torch
from jaxtyping import Complex, Float, Int
from torch import Tensor

from .bank import KYMATIO_PI, SIGMA_0, XI_0, FilterBank2d, Frame
from .whole import whole

NEGLIGIBLE = 8.5
"""Standard deviations beyond which a Gaussian (2e-16) is lost in the rounding of float64."""


def gabor_bank_2d(shape: tuple[int, int], J: int, L: int = 8) -> FilterBank2d:
    """Gabor filters at ``J`` scales and ``L`` angles, with a Gaussian low-pass filter.

    A Gabor filter answers a constant image a little: its transform at zero frequency is
    ``exp(-(xi sigma)**2 / 2) = 0.17``. `morlet_bank_2d` removes that answer. Normalisation and low-pass
    filter are those of ``morlet_bank_2d(..., frame="kymatio")``.

    Parameters
    ----------
    shape
        Grid of the filters, (height, width). They are periodic on it.
    J
        Number of scales, ``2**J <= min(shape)``.
    L
        Number of angles on the half circle.

    Returns
    -------
    FilterBank2d
        With ``psi_hat`` of shape ``(J, L, height, width)``.

    Raises
    ------
    TypeError
        If a side, ``J`` or ``L`` is not an integer.
    ValueError
        If ``J`` or ``L`` is less than 1, or ``2**J`` exceeds a side of the grid.

    References
    ----------
    D. Gabor, Theory of communication, J. IEE 93 (1946). J. Bruna and S. Mallat, Invariant scattering
    convolution networks, IEEE PAMI 35 (2013).

    Examples
    --------
    >>> bank = gabor_bank_2d((32, 32), J=2)
    >>> f"{bank.psi_hat[0, 0, 0, 0]:.2f}"
    '0.17'
    """
    shape, J, L = checked_design("gabor_bank_2d", shape, J, L)
    psi_hat = wavelet_hats(shape, range(J), L, KYMATIO_PI, zero_mean=False)
    return assemble(psi_hat, shape, J, L, "kymatio")


def angles(L: int) -> Float[Tensor, " L"]:
    """Angles of the wave vectors, radians from x towards y, in kymatio's order of filters.

    kymatio's ``(int(L - L / 2 - 1) - ell) * pi / L``, counted from y; ours is ``pi / 2`` minus that,
    ``(ell + 1) pi / L`` for even ``L``.

    Examples
    --------
    >>> [round(angle / torch.pi, 3) for angle in angles(4).tolist()]
    [0.25, 0.5, 0.75, 1.0]
    """
    from_y = (int(L - L / 2 - 1) - torch.arange(L, dtype=torch.float64)) * torch.pi / L
    return torch.pi / 2 - from_y


def wavelet_hats(
    shape: tuple[int, int], scales: Iterable[int], L: int, pi: float, *, zero_mean: bool
) -> Iterator[Float[Tensor, "height width"]]:
    """Fourier transforms of Gabor wavelets, ``j``-major; of Morlet wavelets if their mean is to be zero.

    A short filter is sampled in space and transformed; a long one has a narrow spectrum, which is written
    down at once. Both are exact to the rounding of float64 (Poisson's formula), and each is dear where the
    other is cheap.
    """
    for j, theta in product(scales, angles(L).tolist()):
        yield _wavelet_hat(shape, SIGMA_0 * 2**j, 4 / L, theta, XI_0 / 2**j, pi, zero_mean)


def _wavelet_hat(
    shape: tuple[int, int], sigma: float, slant: float, theta: float, xi: float, pi: float, zero_mean: bool
) -> Float[Tensor, "height width"]:
    if _narrow(shape, sigma):
        g_hat = gabor_hat(shape, sigma, slant, theta, xi, pi)
        if not zero_mean:
            return g_hat
        g_0_hat = gabor_hat(shape, sigma, slant, theta, 0.0, pi)
        return g_hat - g_hat[0, 0] / g_0_hat[0, 0] * g_0_hat
    envelope, wave, y, x = sampled_gabor(sigma, slant, theta, xi, pi)
    beta = (envelope * wave).sum() / envelope.sum() if zero_mean else 0.0  # (sum of g_xi) / (sum of g_0)
    return periodic_hat(envelope * (wave - beta), y, x, shape)


def _narrow(shape: tuple[int, int], sigma: float) -> bool:
    """True where the Gaussian covers fewer points in frequency than in space: ``N / 2 pi sigma < sigma``."""
    return 2 * torch.pi * sigma**2 > math.sqrt(shape[0] * shape[1])


def gabor_hat(
    shape: tuple[int, int], sigma: float, slant: float, theta: float, xi: float, pi: float = KYMATIO_PI
) -> Float[Tensor, "height width"]:
    r"""Fourier transform of a periodic Gabor filter, written down: a Gaussian about its wave vector.

    .. math:: \hat g(\omega) = \frac{\pi}{\mathrm{pi}} \sum_{k} \exp\Bigl(
        -\tfrac{\sigma^2}{2} \bigl((a - \xi)^2 + b^2 / \mathrm{slant}^2\bigr)\Bigr)

    with ``a`` and ``b`` the parts of ``omega + 2 pi k`` along and across the wave. Only frequencies where
    it can be told from zero are visited.

    Parameters
    ----------
    shape
        The torus, (height, width).
    sigma, slant, theta, xi, pi
        As in `sampled_gabor`.

    Returns
    -------
    Tensor
        Real, float64, ``(height, width)``, FFT order.

    Examples
    --------
    >>> g_hat = gabor_hat((8, 8), sigma=3.2, slant=0.5, theta=0.0, xi=torch.pi / 2, pi=torch.pi)
    >>> divmod(int(g_hat.argmax()), 8), round(float(g_hat.max()), 6)
    ((0, 2), 1.0)
    """
    cos, sin = math.cos(theta), math.sin(theta)
    reach_x = NEGLIGIBLE / sigma * math.hypot(cos, sin * slant)
    reach_y = NEGLIGIBLE / sigma * math.hypot(sin, cos * slant)
    y, x = (
        torch.arange(math.ceil((centre - reach) * step), math.floor((centre + reach) * step) + 1)
        for centre, reach, step in (
            (xi * sin, reach_y, shape[0] / (2 * torch.pi)),
            (xi * cos, reach_x, shape[1] / (2 * torch.pi)),
        )
    )
    rows = y.double()[:, None] * (2 * torch.pi / shape[0]) - xi * sin
    columns = x.double() * (2 * torch.pi / shape[1]) - xi * cos
    a, b = columns * cos + rows * sin, rows * cos - columns * sin
    g_hat = torch.exp(-(sigma**2) / 2 * (a.square() + (b / slant).square())) * (torch.pi / pi)
    return _folded(g_hat, y, x, shape)


class SampledGabor(NamedTuple):
    """A Gabor filter before it is made periodic: its two factors on a box that holds all of it."""

    envelope: Float[Tensor, "rows columns"]
    wave: Complex[Tensor, "rows columns"]
    y: Int[Tensor, " rows"]
    x: Int[Tensor, " columns"]


def sampled_gabor(
    sigma: float, slant: float, theta: float, xi: float, pi: float = KYMATIO_PI
) -> SampledGabor:
    """Sample a Gabor filter wherever its Gaussian can be told from zero.

    Parameters
    ----------
    sigma
        Standard deviation along the wave, samples; across it, ``sigma / slant``.
    slant
        Ratio of the two.
    theta
        Angle of the wave vector, radians from x towards y.
    xi
        Length of the wave vector, radians per sample; 0 gives a Gaussian.
    pi
        The number in the normalisation ``slant / (2 pi sigma**2)``: see `KYMATIO_PI`.

    Returns
    -------
    SampledGabor
        Envelope and wave (the filter is their product), and the positions of rows and columns.

    Examples
    --------
    >>> envelope, wave, y, x = sampled_gabor(sigma=0.8, slant=0.5, theta=0.0, xi=2.0)
    >>> f"{envelope.sum():.4f}"
    '1.0000'
    """
    cos, sin = math.cos(theta), math.sin(theta)
    reach_x = math.ceil(NEGLIGIBLE * sigma * math.hypot(cos, sin / slant))
    reach_y = math.ceil(NEGLIGIBLE * sigma * math.hypot(sin, cos / slant))
    y, x = torch.arange(-reach_y, reach_y + 1), torch.arange(-reach_x, reach_x + 1)
    rows, columns = y.double()[:, None], x.double()
    a, b = columns * cos + rows * sin, rows * cos - columns * sin
    envelope = torch.exp(-(a.square() + (slant * b).square()) / (2 * sigma**2))
    envelope *= slant / (2 * pi * sigma**2)
    return SampledGabor(envelope, torch.exp(1j * xi * a), y, x)


def periodic_hat(
    g: Complex[Tensor, "rows columns"], y: Tensor, x: Tensor, shape: tuple[int, int]
) -> Float[Tensor, "height width"]:
    """Fourier transform of a Hermitian filter on the torus: sum its periods, then transform.

    Parameters
    ----------
    g
        Samples of the filter, ``(rows, columns)``, with ``g(-u)`` the conjugate of ``g(u)``.
    y, x
        Positions of its rows and columns.
    shape
        The torus, (height, width).

    Returns
    -------
    Tensor
        Real, float64, ``(height, width)``.
    """
    g_hat: Tensor = torch.fft.fft2(_folded(g, y, x, shape)).real
    return g_hat.contiguous()


def _folded(g: Tensor, y: Tensor, x: Tensor, shape: tuple[int, int]) -> Tensor:
    """Add up the periods: position ``(y, x)`` counts modulo the shape."""
    height, width = shape
    rows = g.new_zeros(len(y), width).index_add_(1, x % width, g)
    return g.new_zeros(height, width).index_add_(0, y % height, rows)


def low_pass_hat(shape: tuple[int, int], J: int, pi: float = KYMATIO_PI) -> Float[Tensor, "height width"]:
    """Fourier transform of the isotropic Gaussian of standard deviation ``0.8 * 2**(J - 1)`` samples."""
    return _wavelet_hat(shape, SIGMA_0 * 2 ** (J - 1), 1.0, 0.0, 0.0, pi, zero_mean=False)


def assemble(
    wavelets: Iterable[Tensor], shape: tuple[int, int], J: int, L: int, frame: Frame
) -> FilterBank2d:
    """Put wavelets (j-major), their low-pass filter and the numbers of the design together."""
    scale = 2.0 ** torch.arange(J, dtype=torch.float64)
    return FilterBank2d(
        psi_hat=stacked(wavelets, J * L, shape).view(J, L, *shape),
        phi_hat=low_pass_hat(shape, J, torch.pi if frame == "tight" else KYMATIO_PI),
        xi=XI_0 / scale,
        sigma=SIGMA_0 * scale,
        theta=angles(L),
        slant=4 / L,
        shape=shape,
        J=J,
        L=L,
        frame=frame,
    )


def stacked(
    wavelets: Iterable[Tensor], count: int, shape: tuple[int, int], dtype: torch.dtype = torch.float64
) -> Float[Tensor, "count height width"]:
    """Stack filters as they come, so that no two copies of all of them are held."""
    stack = torch.empty(count, *shape, dtype=dtype)
    for place, wavelet in zip(stack, wavelets, strict=True):
        place.copy_(wavelet)
    return stack


def checked_design(
    operation: str, shape: tuple[int, int], J: int, L: int, frame: str = "kymatio"
) -> tuple[tuple[int, int], int, int]:
    """Shape, J and L as plain ints, once a bank of that design can be made; refuse all others."""
    if frame not in get_args(Frame):
        raise ValueError(f"{operation}: expected frame = 'kymatio' or 'tight', got {frame!r}.")
    height, width = _checked_shape(operation, shape)
    J, L = checked_counts(operation, J, L)
    if min(height, width) < 2**J:
        deepest = min(height, width).bit_length() - 1
        raise ValueError(
            f"{operation}: J = {J} is too deep for a {height}x{width} image "
            f"(2**J = {2**J} pixels must fit); use J <= {deepest} or enlarge it with signals.extend."
        )
    return (height, width), J, L


def checked_counts(operation: str, J: int, L: int) -> tuple[int, int]:
    """Numbers of scales and of angles as plain ints, at least one of each."""
    J, L = whole(operation, "J", J), whole(operation, "L", L)
    if J < 1 or L < 1:
        raise ValueError(f"{operation}: expected J >= 1 and L >= 1, got J = {J} and L = {L}.")
    return J, L


def _checked_shape(operation: str, shape: tuple[int, int]) -> tuple[int, int]:
    if not isinstance(shape, Sequence):
        raise TypeError(f"{operation}: expected shape = (height, width), got {shape!r}.")
    if len(shape) != 2:
        raise ValueError(f"{operation}: expected shape = (height, width), got {tuple(shape)}.")
    height, width = whole(operation, "height", shape[0]), whole(operation, "width", shape[1])
    if min(height, width) < 1:
        raise ValueError(f"{operation}: expected a grid of at least one pixel, got {height}x{width}.")
    return height, width
