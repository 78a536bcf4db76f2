r"""Curvelet windows: a tight, parabolic tiling of the plane of frequencies.

With ``s_j(w)`` a Meyer low-pass of edge ``pi / 2**j`` along one axis (periodic, ``s_0 = 1``), the windows are

.. math::
    \hat\phi = s_J(\omega_x) s_J(\omega_y), \qquad
    \hat\psi_{j,\ell}(\omega) =
    \sqrt{s_j^2(\omega_x) s_j^2(\omega_y) - s_{j+1}^2(\omega_x) s_{j+1}^2(\omega_y)}
    \; a_{j,\ell}(\arg \omega)

on concentric squares, cut into wedges by smooth functions ``a`` of the angle. Their squares add up to 1 at
every frequency. From the coarsest scale on, the number of wedges doubles every other scale: while its
length shrinks by 4, a curvelet's direction is twice as sharp, so that width = length squared.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .bank import frequencies
from .whole import whole
from .wrapping import Wrapped, wrapped

Finest = Literal["curvelet", "wavelet"]

RADIAL_OVERLAP = 0.2
"""Half width of the transition of ``s_j``, as a part of its edge ``pi / 2**j``; at most 1/3."""

ANGULAR_OVERLAP = 0.5
"""Width of the transition between two wedges, as a part of the distance of their centres; at most 1."""

DIAGONAL = 0.2
"""How much narrower wedges are at the diagonals, where the squares are longer: 0 spaces angles equally."""

SMALLEST_COARSE = 4
"""Pixels that must remain of each side, ``side / 2**J``, for the coarsest wedges to hold frequencies."""

COARSE = 32
"""Pixels of the shorter side, ``side / 2**J``, that the default number of scales leaves."""


@dataclass(frozen=True, eq=False)
class CurveletBand:
    """Windows that are sampled on one grid: half of the wedges of a scale, or one round window.

    Attributes
    ----------
    window_hat
        The windows, folded to the grid they are sampled on, ``(wedges, rows, columns)``, real float64.
        Wedges carry the factor ``sqrt(2)`` for the opposite wedge, which a real image need not be asked.
    source
        Which frequency of the image, in FFT order and row by row, falls on each place of that grid;
        0, with a window of 0, where none does.
    theta
        Directions of the centres, radians from axis -1 (x) towards axis -2 (y), increasing,
        ``(wedges,)``; empty for a round window, whose coefficients are real.
    """

    window_hat: Float[Tensor, "wedges rows columns"]
    source: Int[Tensor, "wedges rows columns"]
    theta: Float[Tensor, " angles"]

    @property
    def directional(self) -> bool:
        """Whether the coefficients are those of wedges, hence complex."""
        return len(self.theta) > 0

    @property
    def count(self) -> int:
        """Real numbers in the coefficients of one image."""
        return self.window_hat.numel() * (2 if self.directional else 1)


@dataclass(frozen=True, eq=False)
class CurveletBank:
    """All windows of a curvelet frame on the FFT grid of ``shape``.

    Attributes
    ----------
    coarse
        The low-pass window.
    scales
        The bands of each scale, finest first: wedges whose waves run along x, ``|theta| <= pi / 4``, then
        those along y; or one round window.
    shape, J
        Image (height, width) and number of scales.
    angles
        Wedges on a half turn at each scale, finest first; 0 for a round window.
    """

    coarse: CurveletBand
    scales: tuple[tuple[CurveletBand, ...], ...]
    shape: tuple[int, int]
    J: int
    angles: tuple[int, ...]

    @property
    def bands(self) -> tuple[CurveletBand, ...]:
        """The low-pass, then all bands from coarse to fine."""
        return (self.coarse, *(band for scale in reversed(self.scales) for band in scale))

    @property
    def count(self) -> int:
        """Real numbers in the coefficients of one image."""
        return sum(band.count for band in self.bands)

    @property
    def redundancy(self) -> float:
        """Real coefficients for each pixel."""
        return self.count / math.prod(self.shape)

    def windows(self, band: CurveletBand) -> Float[Tensor, "wedges height width"]:
        """Unfold the windows of a band to the whole grid of frequencies, FFT order."""
        whole_grid = torch.zeros(len(band.window_hat), math.prod(self.shape), dtype=torch.float64)
        whole_grid.scatter_add_(1, band.source.flatten(1), band.window_hat.flatten(1))
        return whole_grid.view(-1, *self.shape)


def curvelet_bank(
    shape: tuple[int, int], J: int | None = None, *, angles: int = 6, finest: Finest = "curvelet"
) -> CurveletBank:
    """Design the windows of a tight curvelet frame.

    Parameters
    ----------
    shape
        Images, (height, width), any sizes.
    J
        Number of scales, ``2**J <= min(shape) / 4``. By default so many that 32 to 63 pixels remain of the
        shorter side, and at least one where that is possible.
    angles
        Wedges on a half turn at the two coarsest scales, even and at least 4; twice as many at the next
        two scales, and so on.
    finest
        What the finest scale, whose frequencies are the hardest to give a direction, is made of: wedges,
        or one round window (a wavelet), at half the number of coefficients.

    Returns
    -------
    CurveletBank
        float64, on the CPU. Its windows' squares, with those of the opposite wedges, add up to 1 at every
        frequency.

    Raises
    ------
    TypeError
        If a side, ``J`` or ``angles`` is not an integer.
    ValueError
        If ``J`` is negative or too deep, ``angles`` odd or below 4, or ``finest`` unknown.

    Notes
    -----
    A wedge at the finest scale reaches beyond the frequency pi and returns at the other side, so that it
    stays smooth and local. Each window is folded to a grid so small that no two of its frequencies meet:
    nothing aliases and the frame stays tight. Windows of one scale have nearly the same energy on grids
    of the same size, so their atoms have nearly the same norm.

    References
    ----------
    E. Candes and D. Donoho, New tight frames of curvelets and optimal representations of objects with
    piecewise C2 singularities, Comm. Pure Appl. Math. 57 (2004). E. Candes, L. Demanet, D. Donoho and
    L. Ying, Fast discrete curvelet transforms, Multiscale Model. Simul. 5 (2006). T. Nguyen and
    H. Chauris, Uniform discrete curvelet transform, IEEE Trans. Signal Process. 58 (2010).

    Examples
    --------
    >>> bank = curvelet_bank((128, 128), J=4)
    >>> bank.angles
    (12, 12, 6, 6)
    """
    shape = _checked_shape(shape)
    J = default_scales(shape) if J is None else _checked_scales(J, shape)
    angles = _checked_angles(angles)
    if finest not in ("curvelet", "wavelet"):
        raise ValueError(f"curvelet_bank: expected finest = 'curvelet' or 'wavelet', got {finest!r}.")
    counts = tuple(angles * 2 ** ((J - 1 - j) // 2) for j in range(J))
    round_finest = finest == "wavelet" and J > 0
    if round_finest:
        counts = (0, *counts[1:])
    scales = tuple(
        tuple(_wedges(shape, j, K, across) for across in (False, True)) if K else (_round(shape, j),)
        for j, K in enumerate(counts)
    )
    return CurveletBank(_coarse(shape, J), scales, shape, J, counts)


def deepest(shape: tuple[int, int]) -> int:
    """Largest number of scales for an image; 0 where a side is shorter than 8 pixels."""
    return max(0, (min(shape) // SMALLEST_COARSE).bit_length() - 1)


def default_scales(shape: tuple[int, int]) -> int:
    """Scales that leave 32 to 63 pixels of the shorter side; at least one if it has 8 pixels."""
    return min(deepest(shape), max(1, (min(shape) // COARSE).bit_length() - 1))


def _checked_shape(shape: tuple[int, int]) -> tuple[int, int]:
    if len(shape) != 2 or min(sides := [whole("curvelet_bank", "each side", side) for side in shape]) < 1:
        raise ValueError(
            f"curvelet_bank: expected shape = (height, width), both at least 1, got {tuple(shape)}; "
            "pass the last two sizes of the images, x.shape[-2:]."
        )
    return sides[0], sides[1]


def _checked_scales(J: int, shape: tuple[int, int]) -> int:
    J, limit = whole("curvelet_bank", "J", J), deepest(shape)
    if J < 0:
        raise ValueError(f"curvelet_bank: expected J >= 0, got {J}; J = 0 keeps the image as it is.")
    if limit < J:
        raise ValueError(
            f"curvelet_bank: J = {J} is too deep for a {shape[0]}x{shape[1]} image (at most {limit}); "
            f"use J <= {limit} or enlarge it with signals.extend."
        )
    return J


def _checked_angles(angles: int) -> int:
    angles = whole("curvelet_bank", "angles", angles)
    if angles < 4 or angles % 2:
        raise ValueError(
            f"curvelet_bank: expected an even number of angles, at least 4, got {angles}; "
            f"use angles = {max(4, angles + 1)}."
        )
    return angles


def _rise(t: Tensor) -> Tensor:
    """Smooth step from 0 to 1 with ``rise(t) + rise(1 - t) = 1``, exactly 0 and 1 outside (0, 1)."""
    t = t.clamp(0, 1)
    return t * t * (3 - 2 * t)


def _fall(t: Tensor) -> Tensor:
    """From 1 at ``t <= 0`` to exactly 0 at ``t >= 1``; ``fall(t)^2 + fall(1 - t)^2 = 1``."""
    return torch.where(t < 1, torch.cos(math.pi / 2 * _rise(t)), 0.0)


def _lowpass(omega: Tensor, j: int) -> Tensor:
    """The low-pass ``s_j`` on the line of frequencies, not periodised."""
    reach = omega.abs() * 2**j / math.pi
    return _fall((reach - 1 + RADIAL_OVERLAP) / (2 * RADIAL_OVERLAP))


def _plane(shape: tuple[int, int], j: int) -> tuple[Tensor, Tensor]:
    """Whole-number frequencies ``(k_y, k_x)`` that scale ``j`` can reach; at ``j = 0`` beyond Nyquist."""
    reach = [math.floor((1 + RADIAL_OVERLAP) * side / 2 / 2**j) for side in shape]
    k_y, k_x = (torch.arange(-r, r + 1) for r in reach)
    return k_y[:, None], k_x[None, :]


def _radians(k_y: Tensor, k_x: Tensor, shape: tuple[int, int]) -> tuple[Tensor, Tensor]:
    return 2 * math.pi * k_y.double() / shape[0], 2 * math.pi * k_x.double() / shape[1]


def _ring(omega_y: Tensor, omega_x: Tensor, j: int) -> Tensor:
    outer, inner = (_lowpass(omega_y, i) * _lowpass(omega_x, i) for i in (j, j + 1))
    return (outer**2 - inner**2).clamp(min=0).sqrt()


def _centres(K: int) -> list[float]:
    """Where ``K`` wedges on the half turn from -pi / 4 to 3 pi / 4 stand, on the warped circle."""
    turns = [ell - K if 4 * ell > 3 * K else ell for ell in range(K)]
    return [math.pi * turn / K for turn in sorted(turns)]


def _warped(theta: Tensor) -> Tensor:
    return theta - DIAGONAL / 4 * torch.sin(4 * theta)


def _unwarped(angle: float) -> float:
    """The direction whose warped angle is given, by Newton's method."""
    theta = angle
    for _ in range(50):
        theta -= (theta - DIAGONAL / 4 * math.sin(4 * theta) - angle) / (1 - DIAGONAL * math.cos(4 * theta))
    return theta


def _wedges(shape: tuple[int, int], j: int, K: int, across: bool) -> CurveletBand:
    """The half of the wedges of scale ``j`` whose waves run along x, or ``across``, along y."""
    k_y, k_x = _plane(shape, j)
    omega_y, omega_x = _radians(k_y, k_x, shape)
    ring, angle = _ring(omega_y, omega_x, j), _warped(torch.atan2(omega_y, omega_x))
    # wedges on the diagonal itself count as along x at pi / 4, along y at 3 pi / 4
    centres = [centre for centre in _centres(K) if (centre > math.pi / 4 + 1e-9) == across]
    apart = [(angle - centre).remainder(2 * math.pi) for centre in centres]
    steps = [torch.minimum(d, 2 * math.pi - d) * K / math.pi for d in apart]
    windows = torch.stack([ring * _fall((d - (1 - ANGULAR_OVERLAP) / 2) / ANGULAR_OVERLAP) for d in steps])
    folded: Wrapped = wrapped(math.sqrt(2) * windows, k_y, k_x, shape)
    theta = torch.tensor([_unwarped(centre) for centre in centres], dtype=torch.float64)
    return CurveletBand(folded.window_hat, folded.source, theta)


def _coarse(shape: tuple[int, int], J: int) -> CurveletBand:
    if J == 0:
        return _on_the_whole_grid(torch.ones(shape, dtype=torch.float64))
    k_y, k_x = _plane(shape, J)
    omega_y, omega_x = _radians(k_y, k_x, shape)
    low = _lowpass(omega_y, J) * _lowpass(omega_x, J)
    folded = wrapped(low[None], k_y, k_x, shape)
    return CurveletBand(folded.window_hat, folded.source, torch.empty(0, dtype=torch.float64))


def _round(shape: tuple[int, int], j: int) -> CurveletBand:
    """The finest scale as one window; there is no room to fold it."""
    omega_y, omega_x = frequencies(shape)
    low = _lowpass(omega_y, j + 1) * _lowpass(omega_x, j + 1)
    return _on_the_whole_grid((1 - low**2).sqrt())


def _on_the_whole_grid(window: Tensor) -> CurveletBand:
    source = torch.arange(window.numel()).view(window.shape)
    return CurveletBand(window[None], source[None], torch.empty(0, dtype=torch.float64))
