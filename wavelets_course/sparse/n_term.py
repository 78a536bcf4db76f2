r"""Keep the n largest coefficients: one way of counting for Fourier, wavelets and curvelets.

With the coefficients :math:`c_k = \langle x, e_k\rangle` of a tight frame with bound 1, sorted by magnitude,

.. math::
    x_n = \sum_{k \le n} c_{(k)}\, e_{(k)}, \qquad
    \|x - x_n\|^2 = \sum_{k > n} |c_{(k)}|^2 \quad\text{if the frame is an orthonormal basis.}

**What counts as a term.** One real number. A complex coefficient is two of them, its real and its
imaginary part, which are kept or dropped each on its own: for real images and a complex frame with one
wedge or one frequency of each conjugate pair, these are the coefficients of a real frame.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeAlias, runtime_checkable

import torch
from jaxtyping import Float, Inexact, Int
from torch import Tensor

from ..filters.whole import whole
from ..signals.inputs import check_images
from .nests import Nest, from_row, to_row


@runtime_checkable
class Analysing(Protocol):
    """What has an ``analysis`` and a ``synthesis``: the transforms of this course as layers."""

    def analysis(self, x: Tensor, /) -> Any:
        """Coefficients of images."""

    def synthesis(self, coefficients: Any, /) -> Tensor:
        """Images from coefficients."""


Transform: TypeAlias = Analysing | tuple[Callable[[Tensor], Nest], Callable[[Nest], Tensor]]


def n_term_approximation(
    x: Inexact[Tensor, "*batch height width"], transform: Transform, n: int
) -> Inexact[Tensor, "*batch height width"]:
    """Rebuild each image from its ``n`` largest coefficients.

    Parameters
    ----------
    x
        ``(*batch, height, width)``.
    transform
        A layer with ``analysis`` and ``synthesis``, or these two functions. Coefficients may be any nest of
        tensors that begin with the batch dimensions.
    n
        How many real numbers to keep of each image, from all coefficients together. Of equal magnitudes
        the first is kept; NaN ranks above every number.

    Returns
    -------
    Tensor
        ``(*batch, height, width)``. In an orthonormal basis the best image that ``n`` coefficients can
        give; in a redundant frame a good one, for which other ``n`` might do better.

    Raises
    ------
    TypeError
        If ``x`` holds integers, ``n`` is no integer, or the transform is none.
    ValueError
        If ``n`` is negative or larger than the number of coefficients.

    References
    ----------
    S. Mallat, A Wavelet Tour of Signal Processing, 3rd ed., Academic Press, 2009, chapter 9.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.transforms import Wavelet2d
    >>> n_term_approximation(torch.tensor([[9.0, 1.0], [8.0, 0.0]]), Wavelet2d("haar"), 2)
    tensor([[8.5000, 0.5000],
            [8.5000, 0.5000]])
    """
    analysis, synthesis = _pair("n_term_approximation", x, transform)
    nest, leading = analysis(x), x.ndim - 2
    row = to_row("n_term_approximation", nest, leading)
    [count] = _counts("n_term_approximation", [n], row.shape[-1])
    return synthesis(from_row(torch.where(_rank(row) < count, row, 0), nest, leading))


def n_term_error(
    x: Inexact[Tensor, "*batch height width"],
    transform: Transform,
    counts: int | Iterable[int] | Int[Tensor, "*counts"],
    *,
    relative: bool = True,
    orthonormal: bool = False,
) -> Float[Tensor, "*batch counts"] | Float[Tensor, "*batch"]:
    r"""Squared error of the approximation from ``n`` coefficients, for one or several ``n``.

    Each image is first multiplied by a power of two that brings its largest number near 1: that is exact,
    and a picture of 1e-200 or of 1e300 has the relative errors of the same picture in other units.

    Parameters
    ----------
    x
        ``(*batch, height, width)``.
    transform
        As in `n_term_approximation`.
    counts
        Numbers ``n`` of real coefficients to keep, or one number.
    relative
        ``||x - x_n||^2 / ||x||^2`` (0 for an image of zeros), or, with False, ``||x - x_n||^2``: that is 0
        or infinite where float64 cannot hold it.
    orthonormal
        The transform is an orthonormal basis: the error is then the energy of what was dropped, and no
        image is built. Checked on ``x``: as many real numbers, and the same energy.

    Returns
    -------
    Tensor
        ``(*batch, counts)``, or ``(*batch)`` for one number; float64. NaN in an image gives NaN.

    Raises
    ------
    TypeError
        If ``x`` or a count is not of numbers of the right kind, or the transform is none.
    ValueError
        If a count is negative or too large, or the transform is said to be orthonormal and is not.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.transforms import Wavelet2d
    >>> x = torch.tensor([[9.0, 1.0], [8.0, 0.0]])
    >>> [round(e, 4) for e in n_term_error(x, Wavelet2d("haar"), [0, 1, 2, 4], orthonormal=True).tolist()]
    [1.0, 0.4452, 0.0068, 0.0]
    """
    analysis, synthesis = _pair("n_term_error", x, transform)
    unit = _unit(x)
    x = x * unit
    nest, leading = analysis(x), x.ndim - 2
    row = to_row("n_term_error", nest, leading)
    one = isinstance(counts, Tensor) and counts.ndim == 0
    several = counts if isinstance(counts, Iterable) and not one else (counts,)
    kept = _counts("n_term_error", several, row.shape[-1])
    energy = _energy(x)
    if orthonormal:
        _check_orthonormal(row, x, energy)
        errors = _tails(row, kept)
    else:
        rank = _rank(row)
        images = (synthesis(from_row(torch.where(rank < n, row, 0), nest, leading)) for n in kept)
        differences = [_energy(image.to(x.dtype) - x) for image in images]
        errors = torch.stack(differences, -1) if kept else energy.new_zeros(*energy.shape, 0)
    if relative:
        errors = errors / torch.where(energy == 0, 1, energy).unsqueeze(-1)
    else:
        errors = errors / unit.squeeze(-1).double() / unit.squeeze(-1).double()
    return errors if several is counts else errors.squeeze(-1)


def _unit(x: Inexact[Tensor, "*batch height width"]) -> Float[Tensor, "*batch 1 1"]:
    """Give the power of two that brings the largest number of each image to 1/2 to 1, where it exists."""
    numbers = torch.view_as_real(x.detach().resolve_conj()) if x.is_complex() else x.detach()[..., None]
    smallest = torch.finfo(numbers.dtype).tiny
    if not numbers.numel():
        return numbers.new_ones(*x.shape[:-2], 1, 1)
    peak = numbers.abs().amax((-3, -2, -1)).double()
    peak = torch.where(peak.isfinite(), peak, 1).clamp(smallest, 0.25 / smallest)[..., None, None]
    unit: Tensor = peak.frexp().mantissa / peak
    return unit.to(numbers.dtype)


def _tails(row: Float[Tensor, "*batch count"], kept: list[int]) -> Float[Tensor, "*batch counts"]:
    """Energy beyond the n largest: summed from the smallest up, so that nothing cancels."""
    energies = row.double().square().sort(dim=-1).values.cumsum(-1)
    sums = torch.cat([torch.zeros_like(energies[..., :1]), energies], dim=-1)
    return sums[..., [row.shape[-1] - n for n in kept]]


def _rank(row: Float[Tensor, "*batch count"]) -> Int[Tensor, "*batch count"]:
    """Place of each number among all, 0 for the largest magnitude; ties in order."""
    order = row.detach().abs().argsort(dim=-1, descending=True, stable=True)
    places = torch.arange(row.shape[-1], device=row.device).expand_as(order)
    return torch.empty_like(order).scatter_(-1, order, places)


def _energy(x: Inexact[Tensor, "*batch height width"]) -> Float[Tensor, "*batch"]:
    real = torch.view_as_real(x.resolve_conj()) if x.is_complex() else x[..., None]
    return real.double().square().sum((-3, -2, -1))


def _pair(
    operation: str, x: Any, transform: Any
) -> tuple[Callable[[Tensor], Nest], Callable[[Nest], Tensor]]:
    check_images(operation, x)
    if isinstance(transform, Analysing):
        return transform.analysis, transform.synthesis
    if isinstance(transform, tuple) and len(transform) == 2 and all(map(callable, transform)):
        return transform
    raise TypeError(
        f"{operation}: expected a transform with analysis and synthesis, or a tuple of these two functions, "
        f"got {type(transform).__name__}; for instance transforms.Wavelet2d('db4', mode='periodization')."
    )


def _counts(operation: str, counts: Iterable[Any] | Tensor, total: int) -> list[int]:
    kept = [whole(operation, "n", n) for n in (counts.tolist() if isinstance(counts, Tensor) else counts)]
    for n in kept:
        if not 0 <= n <= total:
            raise ValueError(
                f"{operation}: n must lie in 0 to {total}, the real coefficients of one image; got {n}."
            )
    return kept


def _check_orthonormal(row: Tensor, x: Tensor, energy: Tensor) -> None:
    pixels = x.shape[-2] * x.shape[-1] * (2 if x.is_complex() else 1)
    tolerance = 1e3 * max(torch.finfo(row.dtype).eps, torch.finfo(x.dtype).eps)
    gap = (row.double().square().sum(-1) - energy).abs() > tolerance * energy
    if row.shape[-1] != pixels or bool(gap.any()):
        raise ValueError(
            f"n_term_error: orthonormal=True needs as many numbers as pixels, {pixels}, and their energy, "
            f"got {row.shape[-1]} numbers{' of another energy' if row.shape[-1] == pixels else ''}; "
            "leave it out, or use mode='periodization' at sizes that 2^J divides."
        )
