r"""Morlet wavelets: Gabor filters made blind to constants, ``psi = g_xi - beta g_0``.

``g_xi`` is the Gabor filter, ``g_0`` its Gaussian, and ``beta`` makes the sum of ``psi`` zero.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from .bank import KYMATIO_PI, SIGMA_0, XI_0, FilterBank1d, FilterBank2d, Frame
from .gabor import assemble, checked_design, wavelet_hats
from .littlewood_paley import half_sum
from .whole import whole


def morlet_bank_2d(shape: tuple[int, int], J: int, L: int = 8, frame: Frame = "kymatio") -> FilterBank2d:
    r"""Morlet wavelets at ``J`` scales and ``L`` angles, with a Gaussian low-pass filter.

    Wavelet ``(j, ell)`` has ``sigma = 0.8 * 2**j`` samples, ``xi = 3 pi / 4 * 2**-j`` radians per sample
    and ``slant = 4 / L``; the low-pass filter has ``sigma = 0.8 * 2**(J - 1)``. The sum over the periods
    of the grid runs as far as float64 can see it; kymatio's stops after two, which differs by more than
    1e-5 only for ``L >= 12`` on an image hardly larger than ``2**J``.

    Parameters
    ----------
    shape
        Grid of the filters, (height, width). They are periodic on it.
    J
        Number of scales, ``2**J <= min(shape)``.
    L
        Number of angles on the half circle.
    frame
        ``"kymatio"`` follows kymatio's formula, its 3.1415 included (`KYMATIO_PI`). ``"tight"`` uses pi
        and multiplies each ``psi_hat`` by ``sqrt((1 - |phi_hat|**2) / half-sum)``, 0 at zero frequency:
        the Littlewood-Paley sum becomes 1 and the transform keeps the energy of a real image.

    Returns
    -------
    FilterBank2d
        With ``psi_hat`` of shape ``(J, L, height, width)``.

    Raises
    ------
    TypeError
        If a side, ``J`` or ``L`` is not an integer.
    ValueError
        If ``J`` or ``L`` is less than 1, ``2**J`` exceeds a side of the grid, or the frame is unknown.

    References
    ----------
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE PAMI 35 (2013).
    M. Andreux et al., Kymatio: scattering transforms in Python, JMLR 21 (2020).

    Examples
    --------
    >>> bank = morlet_bank_2d((64, 64), J=3, frame="tight")
    >>> tuple(bank.psi_hat.shape)
    (3, 8, 64, 64)
    >>> bool(bank.psi_hat[..., 0, 0].abs().max() < 1e-12)
    True
    """
    shape, J, L = checked_design("morlet_bank_2d", shape, J, L, frame)
    pi = torch.pi if frame == "tight" else KYMATIO_PI
    psi_hat = wavelet_hats(shape, range(J), L, pi, zero_mean=True)
    bank = assemble(psi_hat, shape, J, L, frame)
    if frame == "tight":
        bank.psi_hat.mul_(_tightening(bank.psi_hat, bank.phi_hat))
    return bank


def morlet_bank_1d(length: int, J: int, Q: int = 1) -> FilterBank1d:
    r"""Morlet wavelets in time: ``Q`` an octave, none longer than the Gaussian low-pass filter.

    With ``r = 2**(1 / Q)``, wavelet ``k`` has centre and length

    .. math:: \xi_k = \tfrac{\pi}{2} (1 + 1/r)\, r^{-k}, \qquad
              \sigma_k = \frac{\pi}{5} \frac{r + 1}{r - 1} \frac{1}{\xi_k} \text{ samples}:

    neighbours cross at one height for every ``Q``, and the first one crosses its own mirror image there, at
    frequency pi. They stop at the length ``0.8 * 2**(J - 1)`` of the low-pass filter. Between the last of
    them and zero frequency lie ``Q - 1`` wavelets of that length, equally spaced: what is slower than the
    window cannot be told apart any finer. ``Q = 1`` has none of those, and the radial profile of
    `morlet_bank_2d`. The Littlewood-Paley sum lies in [0.37, 1] while ``Q <= 2**J``, and never below.

    Parameters
    ----------
    length
        Number of samples of the periodic grid.
    J
        Logarithm of the window, ``2**J <= length``.
    Q
        Wavelets an octave, down to where they are as long as the window.

    Returns
    -------
    FilterBank1d
        With ``psi_hat`` of shape ``(wavelets, length)``, ``J`` of them for ``Q = 1``.

    Raises
    ------
    TypeError
        If one of the three is not an integer.
    ValueError
        If ``J`` or ``Q`` is less than 1, or ``2**J`` exceeds ``length``.

    References
    ----------
    J. Anden and S. Mallat, Deep scattering spectrum, IEEE Trans. Signal Processing 62 (2014), section 2.

    Examples
    --------
    >>> bank = morlet_bank_1d(256, J=5, Q=2)
    >>> [round(float(xi), 2) for xi in bank.xi]
    [2.68, 1.9, 1.34, 0.95, 0.67, 0.47, 0.34, 0.17]
    """
    numbers = {"length": length, "J": J, "Q": Q}
    length, J, Q = (whole("morlet_bank_1d", name, number) for name, number in numbers.items())
    if J < 1 or Q < 1:
        raise ValueError(f"morlet_bank_1d: expected J >= 1 and Q >= 1, got J = {J} and Q = {Q}.")
    if length < 2**J:
        raise ValueError(
            f"morlet_bank_1d: J = {J} is too deep for {length} samples (2**J = {2**J} must fit); "
            f"use J <= {max(length, 1).bit_length() - 1} or a longer grid."
        )
    xi, sigma = _centres_and_lengths(J, Q)
    g_0 = _gaussian_hat(length, sigma, torch.zeros_like(xi))
    g_xi = _gaussian_hat(length, sigma, xi)
    return FilterBank1d(
        psi_hat=g_xi - g_xi[:, :1] / g_0[:, :1] * g_0,
        phi_hat=_gaussian_hat(length, xi.new_tensor([SIGMA_0 * 2 ** (J - 1)]), xi.new_zeros(1))[0],
        xi=xi,
        sigma=sigma,
        length=length,
        J=J,
        Q=Q,
    )


def _centres_and_lengths(J: int, Q: int) -> tuple[Float[Tensor, " wavelets"], Float[Tensor, " wavelets"]]:
    """A geometric sequence while it is shorter than the window, then an arithmetic one of its length."""
    ratio, longest = 2 ** (1 / Q), SIGMA_0 * 2 ** (J - 1)
    first = torch.pi / 2 * (1 + 1 / ratio)
    xi = first * ratio ** -torch.arange(J * Q, dtype=torch.float64)
    sigma = XI_0 * SIGMA_0 / 3 * (ratio + 1) / (ratio - 1) / xi
    count = max(1, int((sigma <= longest * (1 + 1e-9)).sum()))
    slow = xi[count - 1] * (1 - torch.arange(1, Q, dtype=torch.float64) / Q)
    return torch.cat([xi[:count], slow]), torch.cat([sigma[:count], slow.new_full((Q - 1,), longest)]).clamp(
        max=longest
    )


def _tightening(psi_hat: Tensor, phi_hat: Tensor) -> Float[Tensor, "height width"]:
    """The factor that makes half-sum + |phi_hat|^2 equal 1, 0 at zero frequency."""
    missing = (1 - phi_hat.square()).clamp(min=0)  # phi_hat(0) exceeds 1 by 1e-5 at J = 1: it aliases
    heard = half_sum(psi_hat, dims=2)
    gain = torch.where(heard > 0, missing / heard, torch.zeros_like(heard)).sqrt()
    gain[0, 0] = 0
    return gain


def _gaussian_hat(length: int, sigma: Tensor, xi: Tensor) -> Float[Tensor, "wavelets length"]:
    """Gaussians ``exp(-sigma^2 (omega - xi)^2 / 2)``, summed over the periods of the spectrum."""
    omega = 2 * torch.pi * torch.fft.fftfreq(length, dtype=torch.float64)
    copies = 2 * torch.pi * torch.arange(-3, 4, dtype=torch.float64)
    distance = omega[:, None] + copies - xi[:, None, None]
    return torch.exp(-(sigma[:, None, None] * distance).square() / 2).sum(-1)
