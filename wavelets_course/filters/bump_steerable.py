r"""Bump-steerable wavelets: compactly supported in frequency, one lobe each, angles around the whole circle.

.. math::
    \hat\psi_{j,\ell}(\omega) = \frac{1}{c_r c_a} \exp\Bigl(\frac{-u^2}{1 - u^2}\Bigr) \mathbf{1}_{|u| < 1}\,
        \cos^{L-1}(\alpha)\, \mathbf{1}_{|\alpha| < \pi/2},
    \qquad u = \frac{2^j |\omega|}{\xi_0} - 1, \quad \alpha = \arg\omega - \theta_\ell
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from .bank import FilterBank2d, frequencies
from .gabor import checked_design

XI_BUMP = 0.85 * torch.pi
"""Centre frequency of the finest wavelet, in radians per sample (Mallat, Zhang and Rochette 2020)."""

RADIAL = 1.29
"""The constant c_r that brings the sum over scales near 1, as the paper prints it."""

SIGMA_LOW = 1 / (2 * 0.702 * 2**-0.55 * math.sqrt(2) * XI_BUMP)
"""Spatial standard deviation of the low-pass filter over ``2**J``, samples, as in the authors' code."""


def bump_steerable_bank_2d(shape: tuple[int, int], J: int, L: int = 8) -> FilterBank2d:
    """Bump-steerable wavelets at ``J`` scales and ``2 L`` angles around the circle.

    A bump in ``|omega|`` of one octave and a half times a power of a cosine in the angle. Each wavelet
    passes one half plane of frequencies only, so that ``x * psi`` is complex with a phase of its own and
    the wavelet at the opposite angle gives its conjugate for real images. Steerable: the wavelet at any
    angle in between is, up to the cut at ``pi / 2``, a combination of those of the bank.

    Parameters
    ----------
    shape
        Grid of the filters, (height, width). They are periodic on it; frequencies beyond pi, which the
        finest scale has, are folded back.
    J
        Number of scales, ``2**J <= min(shape)``.
    L
        Number of angles on the half circle. The bank has ``2 L``.

    Returns
    -------
    FilterBank2d
        With ``psi_hat`` of shape ``(J, 2 L, height, width)``, ``L`` set to ``2 L`` and ``frame`` to
        ``"bump"``. ``theta[ell] = pi ell / L``, ``xi[j] = 0.85 pi / 2**j``; ``sigma`` and ``slant`` are
        those of the Gaussian that touches ``psi_hat`` at its peak, ``sqrt(2) / xi`` and
        ``sqrt(2 / (L - 1))`` (infinite for ``L = 1``). It is not a tight frame: see
        `littlewood_paley_bounds`.

    Raises
    ------
    TypeError
        If a side, ``J`` or ``L`` is not an integer.
    ValueError
        If ``J`` or ``L`` is less than 1, or ``2**J`` exceeds a side of the grid.

    References
    ----------
    S. Mallat, S. Zhang and G. Rochette, Phase harmonic correlations and convolutional neural networks,
    Information and Inference 9 (2020), section 3. E. P. Simoncelli and W. T. Freeman, The steerable
    pyramid, ICIP 1995.

    Examples
    --------
    >>> bank = bump_steerable_bank_2d((32, 32), J=2, L=4)
    >>> tuple(bank.psi_hat.shape), float(bank.psi_hat[..., 0, 0].abs().max())
    ((2, 8, 32, 32), 0.0)
    """
    shape, J, L = checked_design("bump_steerable_bank_2d", shape, J, L)
    scale = 2.0 ** torch.arange(J, dtype=torch.float64)
    theta = torch.pi * torch.arange(2 * L, dtype=torch.float64) / L
    y, x = frequencies(shape)
    psi_hat = torch.zeros(J, 2 * L, *shape, dtype=torch.float64)
    phi_hat = torch.zeros(shape, dtype=torch.float64)
    for turn_y in (-1, 0, 1):  # nothing reaches further than 2 xi < 2 pi
        for turn_x in (-1, 0, 1):
            omega_y, omega_x = y + 2 * torch.pi * turn_y, x + 2 * torch.pi * turn_x
            psi_hat += _wavelets(omega_y, omega_x, XI_BUMP / scale, theta, L)
            phi_hat += torch.exp(-(omega_y**2 + omega_x**2) * (SIGMA_LOW * 2**J) ** 2 / 2)
    return FilterBank2d(
        psi_hat=psi_hat,
        phi_hat=phi_hat,
        xi=XI_BUMP / scale,
        sigma=math.sqrt(2) * scale / XI_BUMP,
        theta=theta,
        slant=math.sqrt(2 / (L - 1)) if L > 1 else math.inf,
        shape=shape,
        J=J,
        L=2 * L,
        frame="bump",
    )


def _wavelets(
    y: Tensor, x: Tensor, xi: Float[Tensor, " J"], theta: Float[Tensor, " angles"], L: int
) -> Float[Tensor, "J angles height width"]:
    """The formula above on a grid of frequencies."""
    u = torch.hypot(y, x) / xi[:, None, None] - 1
    bump = torch.where(u.abs() < 1, torch.exp(-u.square() / (1 - u.square())), 0)
    cosine = torch.cos(torch.atan2(y, x) - theta[:, None, None])
    lobe = torch.where(cosine > 1e-12, cosine ** (L - 1), 0)  # rounding is no half plane
    return bump[:, None] * lobe / (RADIAL * _angular(L))


def _angular(L: int) -> float:
    """``c_a``: the sum over the circle of angles of ``cos^(2L - 2)`` on half circles is its square."""
    return math.sqrt(L * math.comb(2 * L - 2, L - 1)) / 2.0 ** (L - 1)
