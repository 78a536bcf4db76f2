r"""How much of each frequency a bank keeps, before and after subsampling.

For real images a wavelet and its conjugate see the same thing, so a half circle of angles is enough if
each wavelet counts half at ``omega`` and half at ``-omega``:

.. math::
    A(\omega) = \tfrac12 \sum_{j, \ell} \bigl(|\hat\psi_{j,\ell}(\omega)|^2
        + |\hat\psi_{j,\ell}(-\omega)|^2\bigr) + |\hat\phi(\omega)|^2
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from .bank import FilterBank1d, FilterBank2d, frequencies


class Bounds(NamedTuple):
    """Frame bounds: ``low * ||x||**2 <= ||analysis of x||**2 <= high * ||x||**2``."""

    low: float
    high: float


def littlewood_paley(bank: FilterBank1d | FilterBank2d) -> Float[Tensor, "*grid"]:
    """Gain in energy of the undecimated transform at each frequency, for real signals.

    Parameters
    ----------
    bank
        A bank in one or two dimensions.

    Returns
    -------
    Tensor
        ``A(omega)`` on the grid of the bank, FFT order, float64: ``(height, width)`` or ``(length,)``.

    References
    ----------
    S. Mallat, A Wavelet Tour of Signal Processing, 3rd ed., section 5.1.

    Examples
    --------
    >>> from wavelets_course.filters import morlet_bank_2d
    >>> gain = littlewood_paley(morlet_bank_2d((64, 64), J=3, frame="tight"))
    >>> bool((gain - 1).abs().max() < 1e-4)
    True
    """
    return half_sum(bank.psi_hat, dims=bank.phi_hat.ndim) + bank.phi_hat.square()


def littlewood_paley_bounds(bank: FilterBank1d | FilterBank2d, disc: bool = True) -> Bounds:
    """Smallest and largest value of `littlewood_paley`.

    Parameters
    ----------
    bank
        A bank in one or two dimensions.
    disc
        Look only where ``|omega| < pi``. The corners of the square of frequencies lie outside the disc,
        and isotropic designs leave them to the finest scale's tail.

    Returns
    -------
    Bounds
        ``(low, high)``.

    Examples
    --------
    >>> from wavelets_course.filters import morlet_bank_2d
    >>> low, high = littlewood_paley_bounds(morlet_bank_2d((64, 64), J=3))
    >>> f"{low:.4f} {high:.4f}"
    '0.3475 1.0136'
    """
    gain = littlewood_paley(bank)
    if disc:
        radius = sum((axis.square() for axis in frequencies(tuple(gain.shape))), gain.new_zeros(())).sqrt()
        gain = gain[radius < torch.pi]
    return Bounds(gain.min().item(), gain.max().item())


def subsampled_bounds(bank: FilterBank2d) -> Bounds:
    r"""Frame bounds once ``x * psi_j`` is kept at step ``2**j`` and ``x * phi`` at step ``2**J``.

    A coefficient at step ``s`` stands for a cell of ``s**2`` pixels and is counted with that weight, so
    without aliasing the bounds would be those of `littlewood_paley` over the whole square. Subsampling
    by ``s`` mixes the frequencies that differ by multiples of ``2 pi / s``: the transform splits into
    one small symmetric matrix for each coset of ``(2 pi / 2**J) Z^2``, and the bounds are the extreme
    eigenvalues of them all. They are exact, for real images on the torus.

    Parameters
    ----------
    bank
        A bank whose grid is a multiple of ``2**J`` in both directions.

    Returns
    -------
    Bounds
        ``(low, high)`` with ``low ||x||^2 <= sum_j 4^j ||(x * psi_j) at step 2^j||^2
        + 4^J ||(x * phi) at step 2^J||^2 <= high ||x||^2``.

    Raises
    ------
    TypeError
        If the bank is one-dimensional.
    ValueError
        If ``2**J`` does not divide both sides of the grid.

    Examples
    --------
    >>> from wavelets_course.filters import morlet_bank_2d
    >>> low, high = subsampled_bounds(morlet_bank_2d((32, 32), J=2, frame="tight"))
    >>> low < 0.999 < 1.001 < high
    True
    """
    if not isinstance(bank, FilterBank2d):
        raise TypeError(
            f"subsampled_bounds: expected a FilterBank2d, got a {type(bank).__name__}; "
            "littlewood_paley_bounds takes banks of one dimension too."
        )
    step = 2**bank.J
    height, width = bank.shape
    if height % step or width % step:
        raise ValueError(
            f"subsampled_bounds: expected a grid that 2**J = {step} divides, got {height}x{width}; "
            f"design the bank on {-(-height // step) * step}x{-(-width // step) * step}."
        )
    phi = _cosets(bank.phi_hat[None], step)
    gram = phi.transpose(-1, -2) @ phi
    for j, psi_hat in enumerate(bank.psi_hat):
        both = torch.cat([psi_hat, _opposite(psi_hat, dims=2)])
        psi = _cosets(both, step)
        gram = gram + (psi.transpose(-1, -2) @ psi) / 2 * _mixes(step, 2**j)
    eigenvalues = torch.linalg.eigvalsh(gram)
    return Bounds(eigenvalues.min().item(), eigenvalues.max().item())


def half_sum(psi_hat: Tensor, dims: int) -> Float[Tensor, "*grid"]:
    """Half the sum of ``|psi_hat(omega)|^2 + |psi_hat(-omega)|^2``; the grid is the last ``dims`` axes."""
    energy = psi_hat.square().flatten(0, -dims - 1).sum(0)
    return (energy + _opposite(energy, dims)) / 2


def _opposite(x_hat: Tensor, dims: int) -> Tensor:
    """The value at -omega, on the last ``dims`` axes in FFT order."""
    axes = tuple(range(-dims, 0))
    return x_hat.flip(axes).roll((1,) * dims, axes)


def _cosets(x_hat: Float[Tensor, "n height width"], step: int) -> Float[Tensor, "cosets n members"]:
    """Values grouped by frequency modulo ``2 pi / step``: ``step**2`` members a coset."""
    n, height, width = x_hat.shape
    x_hat = x_hat.reshape(n, step, height // step, step, width // step)
    return x_hat.permute(2, 4, 0, 1, 3).reshape(-1, n, step**2)


def _mixes(step: int, decimation: int) -> Float[Tensor, "members members"]:
    """1 where two members of a coset alias onto each other after decimation, else 0."""
    residue = torch.arange(step) % (step // decimation)
    same = (residue[:, None] == residue).double()
    return torch.kron(same, same)
