"""What a filter bank is: frozen Fourier transforms in float64, and the numbers of their design."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Complex, Float
from torch import Tensor

Frame = Literal["kymatio", "tight"]

KYMATIO_PI = 3.1415
"""The value that kymatio 0.3 divides its Gaussians by where the formula has pi.

Its filters are therefore larger than the formula's by ``pi / 3.1415 = 1.0000295``. Coefficients that
must agree with kymatio's to 1e-5 need the same number; ``frame="tight"`` uses pi.
"""

XI_0 = 3 * torch.pi / 4
"""Centre frequency of the finest wavelet, in radians per sample (Bruna and Mallat 2013, and kymatio)."""

SIGMA_0 = 0.8
"""Spatial standard deviation of the finest wavelet along its wave, in samples."""


@dataclass(frozen=True, eq=False)
class FilterBank1d:
    """Band-pass filters ``psi`` and one low-pass filter ``phi`` on a circle of ``length`` samples.

    Attributes
    ----------
    psi_hat
        Fourier transforms of the wavelets, finest first, ``(wavelets, length)``, real float64.
    phi_hat
        Fourier transform of the low-pass filter, ``(length,)``.
    xi
        Centre frequency of each wavelet, radians per sample, ``(wavelets,)``.
    sigma
        Standard deviation in time of each wavelet, samples, ``(wavelets,)``.
    length, J, Q
        Number of samples, logarithm of the window, and wavelets an octave: see `morlet_bank_1d`.
    """

    psi_hat: Float[Tensor, "wavelets length"]
    phi_hat: Float[Tensor, " length"]
    xi: Float[Tensor, " wavelets"]
    sigma: Float[Tensor, " wavelets"]
    length: int
    J: int
    Q: int

    def psi(self) -> Complex[Tensor, "wavelets length"]:
        """Wavelets in time, origin at index 0."""
        psi: Tensor = torch.fft.ifft(self.psi_hat)
        return psi

    def phi(self) -> Float[Tensor, " length"]:
        """Low-pass filter in time, origin at index 0."""
        phi: Tensor = torch.fft.ifft(self.phi_hat).real
        return phi


@dataclass(frozen=True, eq=False)
class FilterBank2d:
    r"""Oriented band-pass filters ``psi`` and one low-pass filter ``phi`` on a torus of ``shape`` pixels.

    Wavelet ``(j, ell)`` is a wave under a Gaussian. Its wave vector has length ``xi[j]`` and angle
    ``theta[ell]``; the Gaussian has standard deviation ``sigma[j]`` along the wave and
    ``sigma[j] / slant`` across it.

    Attributes
    ----------
    psi_hat
        Fourier transforms of the wavelets, ``(J, L, height, width)``, real float64, ``j = 0`` finest.
    phi_hat
        Fourier transform of the low-pass filter, ``(height, width)``, real float64.
    xi
        Centre frequencies ``3 pi / 4 * 2**-j``, radians per sample, ``(J,)``.
    sigma
        Standard deviations ``0.8 * 2**j`` along the wave, samples, ``(J,)``.
    theta
        Angles of the wave vectors, radians, from axis -1 (x) towards axis -2 (y), ``(L,)``.
        kymatio counts from axis -2: its angle is ``pi / 2 - theta``.
    slant
        Standard deviation along the wave over the one across it: ``4 / L``.
    shape, J, L
        Grid of the filters (height, width), number of scales, number of orientations.
    frame
        ``"kymatio"``: the filters of kymatio. ``"tight"``: the wavelets rescaled so that the
        Littlewood-Paley sum is 1. ``"bump"``: the bump-steerable filters, where ``L`` angles go around
        the whole circle, and where ``xi``, ``sigma`` and ``slant`` are as `bump_steerable_bank_2d` says.
    """

    psi_hat: Float[Tensor, "J L height width"]
    phi_hat: Float[Tensor, "height width"]
    xi: Float[Tensor, " J"]
    sigma: Float[Tensor, " J"]
    theta: Float[Tensor, " L"]
    slant: float
    shape: tuple[int, int]
    J: int
    L: int
    frame: Frame | Literal["bump"] = "kymatio"

    def psi(self) -> Complex[Tensor, "J L height width"]:
        """Wavelets in space, origin at pixel (0, 0): ``torch.fft.fftshift`` brings it to the centre."""
        psi: Tensor = torch.fft.ifft2(self.psi_hat)
        return psi

    def phi(self) -> Float[Tensor, "height width"]:
        """Low-pass filter in space, origin at pixel (0, 0)."""
        phi: Tensor = torch.fft.ifft2(self.phi_hat).real
        return phi

    def wave_vectors(self) -> Float[Tensor, "J L 2"]:
        """Centre of each wavelet in the Fourier plane: ``(y, x)``, as shapes are, in radians per sample.

        Returns
        -------
        Tensor
            ``xi[j] * (sin(theta[ell]), cos(theta[ell]))``, ``(J, L, 2)``.
        """
        direction = torch.stack([self.theta.sin(), self.theta.cos()], dim=-1)
        return self.xi[:, None, None] * direction


def frequencies(shape: tuple[int, ...]) -> tuple[Tensor, ...]:
    """Angular frequencies of a grid in FFT order, one broadcastable tensor an axis.

    Parameters
    ----------
    shape
        Sizes of the grid, for instance ``(height, width)``.

    Returns
    -------
    tuple of Tensor
        Radians per sample in ``[-pi, pi)``, float64; axis ``d`` is followed by as many
        axes of size 1 as there are axes after it.

    Examples
    --------
    >>> y, x = frequencies((4, 2))
    >>> tuple(y.shape), tuple(x.shape)
    ((4, 1), (2,))
    """
    last = len(shape) - 1
    axes = (2 * torch.pi * torch.fft.fftfreq(size, dtype=torch.float64) for size in shape)
    return tuple(axis.reshape(-1, *(1,) * (last - d)) for d, axis in enumerate(axes))
