r"""Scattering of a Gaussian blob in closed form (Proposition 2), and the blob from its scattering.

A blob of covariance C and a Gabor filter whose envelope has covariance E and whose wave vector is omega
(:math:`\hat\psi(w) = e^{-(w - \omega)^T E (w - \omega) / 2}`) multiply to a Gaussian in the Fourier plane.
Completing the square,

.. math::
    |x * \psi| = \gamma\; x * |\psi|, \qquad
    \gamma = \exp\bigl(-\tfrac12\, \omega^T (C^{-1} + E^{-1})^{-1}\, \omega\bigr),

and, with F the covariance of the low-pass filter, everything in sight is a Gaussian bump about the
blob's centre c,

.. math::
    S_1(u) = \gamma\, \sqrt{\tfrac{\det C}{\det (C + E + F)}}\;
        e^{-\frac12 (u - c)^T (C + E + F)^{-1} (u - c)} .

Matrices and vectors are in the order of the axes, ``(y, x)``. In the paper's letters :math:`C = 2 \Sigma`
and :math:`E = 2 \Gamma^T \Gamma`.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..descent import minimise
from ..filters import KYMATIO_PI, FilterBank2d
from ..filters.bank import SIGMA_0
from .paths import scattering_channels


class Blob(NamedTuple):
    """A Gaussian blob, ``height * exp(-(u - centre)^T covariance^(-1) (u - centre) / 2)``.

    Attributes
    ----------
    covariance
        Pixels squared, in the order (y, x), ``(2, 2)``.
    centre
        (y, x) in pixels, ``(2,)``.
    height
        Its peak, a tensor without axes.
    """

    covariance: Float[Tensor, "2 2"]
    centre: Float[Tensor, "2"]
    height: Float[Tensor, ""]


def envelope_covariance(bank: FilterBank2d) -> Float[Tensor, "J L 2 2"]:
    """Covariances of the Gaussians under the waves of a bank.

    Parameters
    ----------
    bank
        From `filters.gabor_bank_2d`.

    Returns
    -------
    Tensor
        ``(J, L, 2, 2)`` in pixels squared: ``sigma**2`` along the wave, ``(sigma / slant)**2`` across it.

    Examples
    --------
    >>> from wavelets_course.filters import gabor_bank_2d
    >>> envelope_covariance(gabor_bank_2d((32, 32), J=1))[0, 7].round(decimals=2).tolist()  # wave along x
    [[2.56, 0.0], [0.0, 0.64]]
    """
    along = torch.stack([bank.theta.sin(), bank.theta.cos()], dim=-1)
    outer = along[:, :, None] * along[:, None, :]
    across = torch.eye(2, dtype=torch.float64) - outer
    return bank.sigma[:, None, None, None] ** 2 * (outer + across / bank.slant**2)


def blob_attenuation(covariance: Float[Tensor, "2 2"], bank: FilterBank2d) -> Float[Tensor, "J L"]:
    r"""The constant of Proposition 2, ``|x * psi| = attenuation * (x * |psi|)`` for a blob x.

    Parameters
    ----------
    covariance
        Of the blob, pixels squared, (y, x), positive definite.
    bank
        From `filters.gabor_bank_2d`.

    Returns
    -------
    Tensor
        ``(J, L)``, in (0, 1]: near 1 for a point, near ``exp(-(xi sigma)**2 / 2) = 0.17`` for a blob much
        wider than the filter. It does not depend on where the blob is.

    Notes
    -----
    On the grid it holds up to the aliasing of the filter: to 1e-4 for ``j >= 1`` and blobs of standard
    deviation 0.7 pixels or more; not for ``j = 0``, and not for Morlet wavelets.

    References
    ----------
    E. Oyallon et al., Compressing the input for CNNs with the first-order scattering transform, ECCV
    2018, Proposition 2, which leaves the constant out.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.filters import gabor_bank_2d
    >>> bank = gabor_bank_2d((32, 32), J=2)
    >>> gamma = blob_attenuation(torch.tensor([[100.0, 0.0], [0.0, 1.0]]), bank)  # an upright line
    >>> gamma[1].argmax().item(), bank.theta[7].item() / torch.pi  # the wave across it answers best
    (7, 1.0)
    """
    C = _checked_covariance(covariance)
    parallel = torch.linalg.inv(torch.linalg.inv(C) + torch.linalg.inv(envelope_covariance(bank)))
    omega = bank.wave_vectors()
    return torch.exp(-torch.einsum("jla,jlab,jlb->jl", omega, parallel, omega) / 2)


def scatter_blob(
    blob: Blob, bank: FilterBank2d, *, finest: int = 0
) -> Float[Tensor, "channels rows columns"]:
    """Orders 0 and 1 of a blob in closed form, without filtering.

    Parameters
    ----------
    blob
        It must fade before the edge of the bank's grid: periods are not summed.
    bank
        From `filters.gabor_bank_2d`.
    finest
        Leave out the scales below this one.

    Returns
    -------
    Tensor
        ``(1 + (J - finest) L, rows, columns)``, float64, order 0 first: what
        ``scattering_2d(image, bank, max_order=1)`` gives for these scales.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.filters import gabor_bank_2d
    >>> round_one = 4 * torch.eye(2, dtype=torch.float64)
    >>> blob = Blob(round_one, torch.tensor([32.0, 32.0], dtype=torch.float64), torch.tensor(1.0))
    >>> tuple(scatter_blob(blob, gabor_bank_2d((64, 64), J=3)).shape)
    (25, 8, 8)
    """
    C = _checked_covariance(blob.covariance)
    low = (SIGMA_0 * 2 ** (bank.J - 1)) ** 2 * torch.eye(2, dtype=torch.float64)
    envelopes = envelope_covariance(bank)[finest:].flatten(0, 1)
    gamma = blob_attenuation(C, bank)[finest:].flatten()
    wider = torch.cat([(C + low)[None], C + envelopes + low])
    unit = torch.pi / KYMATIO_PI  # a filter of the bank sums to this, not to 1
    gain = unit * torch.cat([torch.ones_like(gamma[:1]), unit * gamma])
    peak = blob.height * gain * (torch.linalg.det(C) / torch.linalg.det(wider)).sqrt()
    u = _samples(bank) - blob.centre
    distance = torch.einsum("rca,kab,rcb->krc", u, torch.linalg.inv(wider), u)
    bumps: Tensor = peak[:, None, None] * torch.exp(-distance / 2)
    return bumps


def fit_blob(
    coefficients: Float[Tensor, "channels rows columns"], bank: FilterBank2d, *, finest: int = 1
) -> Blob:
    """Read a blob's shape, place and height off its scattering coefficients.

    Six numbers are fitted to all coefficients by least squares against `scatter_blob`. Order 0 alone
    would have to undo its blur; the moduli of the fine scales know the shape.

    Parameters
    ----------
    coefficients
        Orders 0 and 1 of one blob on black on the torus, ``(1 + J L, rows, columns)``, from
        ``scattering_2d(image, bank)``; what follows order 1 is not read.
    bank
        The Gabor bank they were computed with.
    finest
        Scales below this one are not used: ``j = 0`` aliases.

    Returns
    -------
    Blob
        float64. Right to about 1e-4 for standard deviations from 0.7 pixels to an eighth of the image.

    Raises
    ------
    ValueError
        If there are too few channels, the grid is not that of the bank, or order 0 is not positive.

    Examples
    --------
    >>> from wavelets_course.filters import gabor_bank_2d
    >>> from wavelets_course.scattering import scattering_2d
    >>> from wavelets_course.signals import gaussian_blob
    >>> import torch
    >>> bank = gabor_bank_2d((64, 64), J=3)
    >>> x = gaussian_blob((64, 64), covariance=[[9, 2], [2, 4]], dtype=torch.float64)
    >>> fit_blob(scattering_2d(x, bank, max_order=1), bank).covariance.round(decimals=2).tolist()
    [[9.0, 2.0], [2.0, 4.0]]
    """
    S = _checked_coefficients(coefficients, bank, finest)
    start = _moments(S[0], bank)
    scale = S.square().sum()

    def gap(parameters: Tensor) -> Tensor:
        return (scatter_blob(_blob(parameters), bank, finest=finest) - S).square().sum() / scale

    found, _ = minimise(gap, start, steps=300, stop=1e-26, progress=False)
    return _blob(found)


def _blob(parameters: Float[Tensor, "6"]) -> Blob:
    """From a Cholesky factor with the logarithms of its diagonal, the centre, and the log height."""
    a, b, c, y, x, height = parameters.unbind()
    factor = torch.stack([torch.stack([a.exp(), torch.zeros_like(a)]), torch.stack([b, c.exp()])])
    return Blob(factor @ factor.T, torch.stack([y, x]), height.exp())


def _moments(S0: Tensor, bank: FilterBank2d) -> Float[Tensor, "6"]:
    """Parameters from mean, spread and sum of order 0: a blob blurred by the low-pass filter."""
    weights = S0.clamp(min=0) / S0.clamp(min=0).sum()
    u = _samples(bank)
    centre = torch.einsum("rc,rca->a", weights, u)
    spread = torch.einsum("rc,rca,rcb->ab", weights, u - centre, u - centre)
    C = spread - (SIGMA_0 * 2 ** (bank.J - 1)) ** 2 * torch.eye(2, dtype=torch.float64)
    size, axes = torch.linalg.eigh(C)
    C = axes @ size.clamp(min=0.5).diag() @ axes.T
    factor = torch.linalg.cholesky(C)
    mass = S0.sum() * 4**bank.J
    height = mass / (2 * torch.pi * torch.linalg.det(C).sqrt())
    return torch.stack([factor[0, 0].log(), factor[1, 0], factor[1, 1].log(), *centre.unbind(), height.log()])


def _samples(bank: FilterBank2d) -> Float[Tensor, "rows columns 2"]:
    """Where the coefficients sit: every ``2**J``-th pixel."""
    axes = (torch.arange(0, size, 2**bank.J, dtype=torch.float64) for size in bank.shape)
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)


def _checked_covariance(covariance: Tensor) -> Float[Tensor, "2 2"]:
    C = covariance.to(torch.float64)
    if C.shape != (2, 2) or not bool(torch.linalg.eigvalsh(C.detach())[0] > 0):
        raise ValueError(
            f"blob: expected a 2 x 2 covariance, symmetric and positive definite, got {C.tolist()}; "
            "build it as R @ diag(sigma_y^2, sigma_x^2) @ R.T."
        )
    return C


def _checked_coefficients(coefficients: Tensor, bank: FilterBank2d, finest: int) -> Tensor:
    channels = scattering_channels(bank.J, bank.L, 1)
    rows, columns = (size >> bank.J for size in bank.shape)
    if coefficients.shape[-2:] != (rows, columns) or len(coefficients) < channels:
        raise ValueError(
            f"fit_blob: expected coefficients ({channels}, {rows}, {columns}) of one image on the bank's "
            f"torus, got {tuple(coefficients.shape)}; compute them with scattering_2d(image, bank)."
        )
    S = coefficients.double().cpu()
    if not bool(S.isfinite().all()) or not bool(S[0].sum() > 0):
        raise ValueError("fit_blob: expected a bright blob on black, got an order 0 that is not positive.")
    return torch.cat([S[:1], S[1 + finest * bank.L : channels]])
