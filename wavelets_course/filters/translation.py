r"""How little the modulus of a filtered image moves when the image is translated (Proposition 1).

With ``L_a x(u) = x(u - a)``, a wave vector ``omega_0`` and an integer displacement ``a``,

.. math::
    \bigl\| |L_a x * \psi| - |x * \psi| \bigr\|
    \le \bigl\| L_a x * \psi - e^{-i \omega_0 \cdot a}\, x * \psi \bigr\|
    \le \|x\| \sup_\omega \bigl| e^{-i \omega \cdot a} - e^{-i \omega_0 \cdot a} \bigr| |\hat\psi(\omega)|
    \le \|x\| \bigl(\eta_0(\varepsilon) \|a\| \sup|\hat\psi| + 2 \varepsilon\bigr)

where ``eta_0(eps)`` is the radius about ``omega_0`` of what ``psi_hat`` passes above ``eps``.
Vectors are in the order of the axes, ``(y, x)``, as shapes and displacements are.

References
----------
E. Oyallon, E. Belilovsky, S. Zagoruyko and M. Valko, Compressing the input for CNNs with the
first-order scattering transform, ECCV 2018, Proposition 1 (the middle constant is ours).
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from .bank import frequencies
from .whole import whole

Vector = Sequence[float] | Float[Tensor, "2"]


def spread(psi_hat: Float[Tensor, "height width"], omega_0: Vector, eps: float) -> float:
    """Radius ``eta_0(eps)``: how far from ``omega_0`` the filter still passes more than ``eps``.

    Parameters
    ----------
    psi_hat
        Fourier transform of one filter, ``(height, width)``.
    omega_0
        Wave vector ``(y, x)``, radians per sample: a row of `FilterBank2d.wave_vectors`.
    eps
        What counts as nothing.

    Returns
    -------
    float
        ``max |omega - omega_0|`` on the torus of frequencies over ``|psi_hat(omega)| > eps``, radians
        per sample; 0.0 if nothing passes.

    Examples
    --------
    >>> from wavelets_course.filters import gabor_bank_2d
    >>> bank = gabor_bank_2d((64, 64), J=3)
    >>> fine, coarse = (spread(bank.psi_hat[j, 0], bank.wave_vectors()[j, 0], 0.01) for j in (0, 2))
    >>> coarse < fine
    True
    """
    y, x = (
        _wrap(axis - float(w)) for axis, w in zip(frequencies(tuple(psi_hat.shape)), omega_0, strict=True)
    )
    distance = torch.hypot(y, x).to(psi_hat.device)
    passed = distance[psi_hat.abs() > eps]
    return passed.max().item() if passed.numel() else 0.0


def translation_bound(
    psi_hat: Float[Tensor, "height width"], omega_0: Vector, displacement: Sequence[int], eps: float
) -> float:
    """Bound of Proposition 1 for ``||x|| = 1``: ``eta_0(eps) ||a|| sup|psi_hat| + 2 eps``.

    Parameters
    ----------
    psi_hat, omega_0, eps
        As in `spread`.
    displacement
        Integer displacement ``(dy, dx)``, samples.

    Returns
    -------
    float
        What ``|| |L_a x * psi| - |x * psi| || / ||x||`` cannot exceed.

    Raises
    ------
    TypeError
        If the displacement is not made of integers.

    Examples
    --------
    >>> from wavelets_course.filters import gabor_bank_2d
    >>> bank = gabor_bank_2d((64, 64), J=3)
    >>> psi_hat, omega_0 = bank.psi_hat[2, 0], bank.wave_vectors()[2, 0]
    >>> translation_constant(psi_hat, omega_0, (0, 1)) <= translation_bound(psi_hat, omega_0, (0, 1), 0.01)
    True
    """
    length = math.hypot(*_pixels("translation_bound", displacement))
    return spread(psi_hat, omega_0, eps) * length * psi_hat.abs().max().item() + 2 * eps


def translation_constant(
    psi_hat: Float[Tensor, "height width"], omega_0: Vector, displacement: Sequence[int]
) -> float:
    r"""The sharp constant ``sup |e^(-i omega.a) - e^(-i omega_0.a)| |psi_hat(omega)|``.

    It is the norm of ``x -> L_a x * psi - e^(-i omega_0.a) x * psi``, reached by the plane wave at the
    frequency where the supremum is.

    Parameters
    ----------
    psi_hat, omega_0
        As in `spread`.
    displacement
        Integer displacement ``(dy, dx)``, samples.

    Returns
    -------
    float
        The largest ``||L_a x * psi - e^(-i omega_0.a) x * psi|| / ||x||``.

    Examples
    --------
    >>> from wavelets_course.filters import gabor_bank_2d
    >>> bank = gabor_bank_2d((64, 64), J=3)
    >>> translation_constant(bank.psi_hat[0, 0], bank.wave_vectors()[0, 0], (0, 0))
    0.0
    """
    return translation_gain(psi_hat, omega_0, displacement).max().item()


def translation_gain(
    psi_hat: Float[Tensor, "height width"], omega_0: Vector, displacement: Sequence[int]
) -> Float[Tensor, "height width"]:
    """The quantity whose maximum is `translation_constant`, at each frequency of the grid.

    Parameters
    ----------
    psi_hat, omega_0, displacement
        As in `translation_constant`.

    Returns
    -------
    Tensor
        ``(height, width)``, FFT order: where it peaks lies the frequency of the worst plane wave.

    Examples
    --------
    >>> from wavelets_course.filters import gabor_bank_2d
    >>> bank = gabor_bank_2d((64, 64), J=3)
    >>> tuple(translation_gain(bank.psi_hat[0, 0], bank.wave_vectors()[0, 0], (0, 1)).shape)
    (64, 64)
    """
    y, x = frequencies(tuple(psi_hat.shape))
    dy, dx = _pixels("translation_gain", displacement)
    phase = (y - float(omega_0[0])) * dy + (x - float(omega_0[1])) * dx
    return 2 * (phase / 2).sin().abs().to(psi_hat) * psi_hat.abs()  # |1 - e^(-i t)| = 2 |sin(t / 2)|


def _pixels(operation: str, displacement: Sequence[int]) -> tuple[int, int]:
    """Whole pixels: between them there is no one way to move an image."""
    dy, dx = displacement
    return whole(operation, "dy", dy), whole(operation, "dx", dx)


def _wrap(angle: Tensor) -> Tensor:
    """The representative in ``[-pi, pi)``."""
    return torch.remainder(angle + torch.pi, 2 * torch.pi) - torch.pi
