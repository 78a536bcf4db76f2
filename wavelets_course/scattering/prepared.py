r"""A filter bank made ready to scatter real images, two of them in each complex Fourier transform.

The wavelets' transforms are real, so the even part of ``psi_hat`` is the transform of the real part of
``psi`` and the odd part is ``i`` times that of its imaginary part. Both parts of ``x * psi`` are real
images, and a complex transform carries two real images: one in its real, one in its imaginary part.
Order 1 pairs two angles ``a`` and ``b`` of one image, in a pair of filters:

.. math::
    \hat c = \hat\psi_a^{even} + i\,\hat\psi_b^{even}, \qquad
    \hat s = -i\,(\hat\psi_a^{odd} + i\,\hat\psi_b^{odd}), \qquad
    |x * \psi_a| + i\,|x * \psi_b| = \sqrt{(x * c)^2 + (x * s)^2}

where square and root act on real and imaginary parts apart. Order 2 filters such a pair of envelopes with
one angle at a time, ``c = Re psi`` and ``s = Im psi``, and finds the next envelopes paired alike.
"""

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import FilterBank2d

Parts = tuple[Float[Tensor, "filters height width"], Float[Tensor, "filters height width"]]


class Band(nn.Module):
    """The filters ``c`` and ``s`` of one scale, laid out to fold spectra to a grid ``step`` times coarser.

    Sampling at every ``step``-th pixel takes the mean over ``step**2`` aliases. The spectrum falls into as
    many blocks; a block in which no filter reaches `reach` of the largest value is left out.

    Parameters
    ----------
    cosine, sine
        Real and imaginary parts of the filters' transforms, each ``(filters, height, width)``, in the
        precision to be kept.
    step
        Subsampling; it divides both sides.
    """

    folding: Tensor

    def __init__(self, cosine: Parts, sine: Parts, step: int) -> None:
        super().__init__()
        self.step = step
        both = torch.stack([torch.stack([_blocks(part, step) for part in f], -1) for f in (cosine, sine)], 1)
        folding = both.div_(step**2)
        largest = torch.maximum(folding.amax((1, 2, 3, 4, 5)), -folding.amin((1, 2, 3, 4, 5)))
        kept = largest > reach(folding.dtype) * largest.max()
        self.aliases = [divmod(block, step) for block in kept.nonzero().flatten().tolist()]
        self.register_buffer("folding", folding if kept.all() else folding[kept], persistent=False)


class Averaging(nn.Module):
    """``u * phi`` at every ``step``-th pixel, as two matrices where the filter is a product, else in Fourier.

    The Gaussians of this package are products of a function of the row and one of the column. Then the
    periodic convolution, sampled, is ``rows @ u @ columns``, exactly, at a cost that shrinks with the output.

    Parameters
    ----------
    phi_hat
        Transform of the filter, ``(height, width)``, real float64.
    step
        Subsampling; it divides both sides.
    margin
        Samples to leave out at each border of the output.
    dtype
        Precision of the buffers.
    """

    rows: Tensor
    columns: Tensor
    phi_hat: Tensor

    def __init__(
        self, phi_hat: Float[Tensor, "height width"], step: int, margin: int, dtype: torch.dtype
    ) -> None:
        super().__init__()
        self.step, self.margin = step, margin
        even = (phi_hat + mirrored(phi_hat)) / 2  # real images see the real part of phi
        centre = even[0, 0]
        factors = (even[:, 0], even[0] / centre)
        gap = (even - factors[0][:, None] * factors[1]).abs().max()
        self.separable = bool(gap <= 64 * torch.finfo(even.dtype).eps * even.abs().max())
        if self.separable:
            tables = {
                "rows": _sampled_circulant(factors[0], step, margin),
                "columns": _sampled_circulant(factors[1], step, margin).mT,
            }
        else:
            tables = {"phi_hat": even}
        for name, table in tables.items():
            self.register_buffer(name, table.to(dtype).contiguous(), persistent=False)


class PreparedBank(nn.Module):
    """All that a cascade multiplies with: bands of order 1 and 2, and the averages after each.

    Attributes
    ----------
    first
        One `Band` a scale ``j1``, pairs of angles.
    second
        ``second[j1][j2 - j1 - 1]``, one `Band` each, single angles; empty below order 2.
    averages
        One `Averaging` a scale, from step ``2**j`` to step ``2**J``.

    Parameters
    ----------
    bank
        The design, in float64.
    max_order
        0, 1 or 2.
    margin
        Coefficients to drop at each border.
    dtype
        Precision, float32 or float64.
    """

    first: Sequence[Band]
    second: Sequence[Sequence[Band]]
    averages: Sequence[Averaging]

    def __init__(
        self, bank: FilterBank2d, max_order: int, *, margin: int, dtype: torch.dtype = torch.float32
    ) -> None:
        super().__init__()
        self.J, self.L, self.max_order, self.margin = bank.J, bank.L, max_order, margin
        psi_hat, phi_hat = bank.psi_hat.detach(), bank.phi_hat.detach()
        scales = range(self.J if max_order >= 1 else 0)
        first = [Band(*pairs(*parities(psi_hat[j].to(dtype))), 2**j) for j in scales]
        second = [
            [
                Band(*singles(*parities(coarser(psi_hat[j2], j1).to(dtype))), 2 ** (j2 - j1))
                for j2 in range(j1 + 1, self.J if max_order == 2 else 0)
            ]
            for j1 in scales
        ]
        averages = [
            Averaging(coarser(phi_hat, j), 2 ** (self.J - j), margin, dtype) for j in scales or range(1)
        ]
        self.first, self.averages = _modules(first), _modules(averages)
        self.second = _modules([_modules(finer) for finer in second])

    def __repr__(self) -> str:
        """Say in one line what the bank is ready for."""
        return f"PreparedBank(J={self.J}, L={self.L}, max_order={self.max_order})"


def prepared(bank: FilterBank2d, max_order: int, margin: int, like: Tensor) -> PreparedBank:
    """A `PreparedBank` on the device and in the precision of an image, kept until the bank changes."""
    dtype = torch.promote_types(like.dtype, torch.float32)
    if torch.compiler.is_compiling() or bank.psi_hat.is_inference() or bank.phi_hat.is_inference():
        return PreparedBank(bank, max_order, margin=margin, dtype=dtype).to(like.device)
    versions = (bank.psi_hat._version, bank.phi_hat._version)
    key = (max_order, margin, dtype, like.device, versions)
    if bank not in _KEPT or _KEPT[bank][0] != key:
        _KEPT[bank] = key, PreparedBank(bank, max_order, margin=margin, dtype=dtype).to(like.device)
    return _KEPT[bank][1]


_KEPT: WeakKeyDictionary[FilterBank2d, tuple[object, PreparedBank]] = WeakKeyDictionary()


def parities(psi_hat: Float[Tensor, "L height width"]) -> Parts:
    """Even and odd part of each transform."""
    mirror = mirrored(psi_hat)
    return (psi_hat + mirror).div_(2), (psi_hat - mirror).div_(2)


def pairs(even: Tensor, odd: Tensor) -> tuple[Parts, Parts]:
    """Filters ``c`` and ``s`` of each two angles; an odd last one stands beside zeros."""
    if len(even) % 2:
        even, odd = (torch.cat([part, torch.zeros_like(part[:1])]) for part in (even, odd))
    return (even[::2], even[1::2]), (odd[1::2], -odd[::2])


def singles(even: Tensor, odd: Tensor) -> tuple[Parts, Parts]:
    """Filters ``c`` and ``s`` of each angle."""
    return (even, torch.zeros_like(even)), (torch.zeros_like(odd), -odd)


def mirrored(f_hat: Float[Tensor, "*filters height width"]) -> Float[Tensor, "*filters height width"]:
    """The transform at minus each frequency."""
    rows, columns = (-torch.arange(size, device=f_hat.device) % size for size in f_hat.shape[-2:])
    return f_hat.index_select(-2, rows).index_select(-1, columns)


def coarser(f_hat: Float[Tensor, "*filters height width"], j: int) -> Float[Tensor, "*filters rows columns"]:
    """The same filter on a grid ``2**j`` times coarser: its lowest frequencies."""
    for axis in (-2, -1):
        size = f_hat.shape[axis] >> j
        head, tail = (
            f_hat.narrow(axis, 0, size // 2),
            f_hat.narrow(axis, -(size - size // 2), size - size // 2),
        )
        f_hat = torch.cat([head, tail], dim=axis) if j else f_hat
    return f_hat


def _modules(parts: list[Any]) -> Any:
    return nn.ModuleList(parts)


def reach(dtype: torch.dtype) -> float:
    """What is smaller than this, relative to the largest, is lost in rounding."""
    return torch.finfo(dtype).eps / 2


def _blocks(f_hat: Tensor, step: int) -> Tensor:
    """``(filters, height, width)`` -> ``(step**2, filters, height / step, width / step)``."""
    filters, height, width = f_hat.shape
    blocks = f_hat.reshape(filters, step, height // step, step, width // step)
    return blocks.permute(1, 3, 0, 2, 4).flatten(0, 1)


def _sampled_circulant(
    a_hat: Float[Tensor, " size"], step: int, margin: int
) -> Float[Tensor, "samples size"]:
    """The matrix ``a[step p - r]`` for the samples ``p`` that are kept."""
    a: Tensor = torch.fft.ifft(a_hat).real
    size = len(a)
    sample = torch.arange(margin, size // step - margin, device=a.device)
    return a[(step * sample[:, None] - torch.arange(size, device=a.device)) % size]
