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
one angle at a time, ``c = Re psi`` and ``s = Im psi``, and finds the next envelopes paired alike; it
multiplies the pair by the even part and ``-i`` times the pair by the odd part, both real numbers.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import FilterBank2d

Parts = tuple[Float[Tensor, "filters height width"], Float[Tensor, "filters height width"]]


class Band(nn.Module):
    """The filters ``c`` and ``s`` of one scale, laid out to fold spectra to a grid ``step`` times coarser.

    Sampling at every ``step``-th pixel takes the mean over ``step**2`` aliases: the blocks of the spectrum.

    Parameters
    ----------
    folding
        ``(blocks, 2, filters, rows, columns, 2)``: both filters over ``step**2``, real and imaginary parts.
    reached
        Numbers of the blocks that each filter reaches, row by row; the table holds those that any reaches.
    step
        Subsampling; it divides both sides.
    real
        Whether real and imaginary parts of a spectrum are multiplied apart, each by its number of the table:
        quicker than complex numbers.
    """

    folding: Tensor

    def __init__(
        self, folding: Tensor, reached: Sequence[Sequence[int]], step: int, real: bool = False
    ) -> None:
        super().__init__()
        self.step, self.reached, self.real = step, [list(blocks) for blocks in reached], real
        self.places = {block: place for place, block in enumerate(_union(self.reached))}
        self.register_buffer("folding", folding, persistent=False)

    def terms(self, filters: range) -> Iterator[tuple[int, int, Float[Tensor, "2 filters rows columns 2"]]]:
        """Row and column of each block that some of these filters reach, and its part of the table."""
        table = self.folding[:, :, filters.start : filters.stop]
        for block in _union(self.reached[f] for f in filters):
            yield *divmod(block, self.step), table[self.places[block]]

    def numbers(self, parts: Float[Tensor, "*shape 2"]) -> Tensor:
        """Real and imaginary parts as what is multiplied: as they are, or as complex numbers."""
        return parts if self.real else torch.view_as_complex(parts)


class Averaging(nn.Module):
    """``u * phi`` at every ``step``-th pixel, as two matrices where the filter is a product, else in Fourier.

    The Gaussians of this package are products of a function of the row and one of the column. Then the
    periodic convolution, sampled, is ``rows @ u @ columns``, exactly, at a cost that shrinks with the output.

    Parameters
    ----------
    tables
        ``rows`` and ``columns``, or ``phi_hat`` alone.
    step
        Subsampling; it divides both sides.
    margin
        Samples to leave out at each border of the output.
    """

    rows: Tensor
    columns: Tensor
    phi_hat: Tensor

    def __init__(self, tables: Sequence[Tensor], step: int, margin: int) -> None:
        super().__init__()
        self.step, self.margin, self.separable = step, margin, len(tables) == 2
        names = ("rows", "columns") if self.separable else ("phi_hat",)
        for name, table in zip(names, tables, strict=True):
            self.register_buffer(name, table, persistent=False)


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
    J, L
        Number of scales and of angles.
    max_order
        0, 1 or 2.
    margin
        Coefficients to drop at each border.
    bands
        Those of ``first``, then those of ``second``.
    averages
        As above.
    """

    first: Sequence[Band]
    second: Sequence[Sequence[Band]]
    averages: Sequence[Averaging]

    def __init__(
        self,
        J: int,
        L: int,
        max_order: int,
        margin: int,
        bands: Iterable[Band],
        averages: Iterable[Averaging],
    ) -> None:
        super().__init__()
        self.J, self.L, self.max_order, self.margin = J, L, max_order, margin
        rest = iter(bands)
        self.first = _modules(islice(rest, len(steps(J, max_order)[0])))
        self.second = _modules(_modules(islice(rest, len(finer))) for finer in steps(J, max_order)[1])
        self.averages = _modules(averages)

    @classmethod
    def of(
        cls, bank: FilterBank2d, max_order: int, *, margin: int, dtype: torch.dtype = torch.float32
    ) -> "PreparedBank":
        """Lay out a design for one precision, float32 or float64."""
        psi_hat, phi_hat = bank.psi_hat.detach(), bank.phi_hat.detach()
        return cls.of_scales(psi_hat, phi_hat, bank.J, bank.L, max_order, margin=margin, dtype=dtype)

    @classmethod
    def of_scales(
        cls,
        psi_hat: Iterable[Float[Tensor, "L height width"]],
        phi_hat: Float[Tensor, "height width"],
        J: int,
        L: int,
        max_order: int,
        *,
        margin: int,
        dtype: torch.dtype = torch.float32,
    ) -> "PreparedBank":
        """Lay out wavelets that come scale after scale: no more than one scale need be there at once."""
        first: list[Band] = []
        second: list[list[Band]] = [[] for _ in steps(J, max_order)[0]]
        for j2, at_scale in enumerate(psi_hat if max_order else ()):
            even, odd = parities(at_scale.to(dtype))
            first.append(band(*pairs(even, odd), 2**j2))
            for j1 in range(j2 if max_order == 2 else 0):
                kept = parities(coarser(at_scale, j1).to(dtype))
                second[j1].append(band(*singles(*kept), 2 ** (j2 - j1), real=True))
        averages = [
            averaging(coarser(phi_hat, j), 2 ** (J - j), margin, dtype) for j in range(len(first) or 1)
        ]
        return cls(J, L, max_order, margin, chain(first, *second), averages)

    def flat(self) -> tuple[list[Tensor], list[int]]:
        """Tables and numbers from which `from_flat` makes the bank again."""
        bands = [*self.first, *chain.from_iterable(self.second)]
        tables = [
            [average.rows, average.columns] if average.separable else [average.phi_hat]
            for average in self.averages
        ]
        numbers = [self.J, self.L, self.max_order, self.margin, *map(len, tables)]
        return (
            [*(band.folding for band in bands), *chain.from_iterable(tables)],
            [*numbers, *chain.from_iterable((len(r), *r) for band in bands for r in band.reached)],
        )

    @classmethod
    def from_flat(cls, tables: Sequence[Tensor], numbers: Sequence[int]) -> "PreparedBank":
        """The bank whose `flat` is given."""
        left, counts = iter(tables), iter(numbers)
        J, L, max_order, margin = islice(counts, 4)
        first, second = steps(J, max_order)
        sizes = list(islice(counts, len(first) or 1))
        foldings = [(next(left), step, False) for step in first]
        foldings += [(next(left), step, True) for step in chain(*second)]
        bands = [
            Band(folding, [list(islice(counts, next(counts))) for _ in range(folding.shape[2])], step, real)
            for folding, step, real in foldings
        ]
        averages = [Averaging(list(islice(left, size)), 2 ** (J - j), margin) for j, size in enumerate(sizes)]
        return cls(J, L, max_order, margin, bands, averages)

    def __repr__(self) -> str:
        """Say in one line what the bank is ready for."""
        return f"PreparedBank(J={self.J}, L={self.L}, max_order={self.max_order})"


def prepared(bank: FilterBank2d, max_order: int, margin: int, like: Tensor) -> PreparedBank:
    """A `PreparedBank` on the device and in the precision of an image, kept until the bank changes."""
    dtype = torch.promote_types(like.dtype, torch.float32)
    if torch.compiler.is_compiling() or bank.psi_hat.is_inference() or bank.phi_hat.is_inference():
        return PreparedBank.of(bank, max_order, margin=margin, dtype=dtype).to(like.device)
    versions = (bank.psi_hat._version, bank.phi_hat._version)
    key = (max_order, margin, dtype, like.device, versions)
    kept = _KEPT.get(bank)
    if kept is None or kept[0] != key:
        kept = key, PreparedBank.of(bank, max_order, margin=margin, dtype=dtype).to(like.device)
        _KEPT[bank] = kept
    return kept[1]


_KEPT: WeakKeyDictionary[FilterBank2d, tuple[object, PreparedBank]] = WeakKeyDictionary()


def steps(J: int, max_order: int) -> tuple[list[int], list[list[int]]]:
    """Subsampling by the bands of order 1, one a scale, and of order 2, one a pair of scales."""
    first = [2**j for j in range(J if max_order >= 1 else 0)]
    return first, [
        [2 ** (j2 - j1) for j2 in range(j1 + 1, J)] if max_order == 2 else [] for j1 in range(len(first))
    ]


def band(cosine: Parts, sine: Parts, step: int, real: bool = False) -> Band:
    """Fold the real and the imaginary part of both filters; drop the blocks that none of them reaches.

    Each part is ``(filters, height, width)``. What is below `reach` of the largest value is not reached.
    """
    filters, height, width = cosine[0].shape
    folding = cosine[0].new_empty(step**2, 2, filters, height // step, width // step, 2)
    for place, parts in zip(folding.unbind(1), (cosine, sine), strict=True):
        for half, part in zip(place.unbind(-1), parts, strict=True):
            half.view(step, step, *half.shape[1:]).copy_(_blocks(part, step))
    folding /= step**2
    largest = torch.maximum(folding.amax((1, 3, 4, 5)), -folding.amin((1, 3, 4, 5)))
    kept = (largest > reach(folding.dtype) * largest.max()).T.tolist()
    reached = [[block for block, keep in enumerate(row) if keep] or [0] for row in kept]
    blocks = _union(reached)
    return Band(folding if len(blocks) == step**2 else folding[blocks], reached, step, real)


def averaging(
    phi_hat: Float[Tensor, "height width"], step: int, margin: int, dtype: torch.dtype
) -> Averaging:
    """Sample ``x * phi``, given the transform of the filter in float64; tables in ``dtype``."""
    even = (phi_hat + mirrored(phi_hat)) / 2  # real images see the real part of phi
    row, column = even[:, 0], even[0] / even[0, 0]
    gap = (even - row[:, None] * column).abs().max()
    if gap <= 64 * torch.finfo(even.dtype).eps * even.abs().max():
        tables = [_sampled_circulant(row, step, margin), _sampled_circulant(column, step, margin).mT]
    else:
        tables = [even]
    return Averaging([table.to(dtype).contiguous() for table in tables], step, margin)


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
    """Filters ``c`` and ``i s`` of each angle, real, once for each part of a spectrum."""
    return (even, even), (odd, odd)


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


def _union(reached: Iterable[Sequence[int]]) -> list[int]:
    return sorted(set(chain.from_iterable(reached)))


def _modules(parts: Iterable[Any]) -> Any:
    return nn.ModuleList(parts)


def reach(dtype: torch.dtype) -> float:
    """What is smaller than this, relative to the largest, is lost in rounding."""
    return torch.finfo(dtype).eps / 2


def _blocks(f_hat: Tensor, step: int) -> Tensor:
    """``(filters, height, width)`` -> ``(step, step, filters, height / step, width / step)``, a view."""
    filters, height, width = f_hat.shape
    blocks = f_hat.reshape(filters, step, height // step, step, width // step)
    return blocks.permute(1, 3, 0, 2, 4)


def _sampled_circulant(
    a_hat: Float[Tensor, " size"], step: int, margin: int
) -> Float[Tensor, "samples size"]:
    """The matrix ``a[step p - r]`` for the samples ``p`` that are kept."""
    a: Tensor = torch.fft.ifft(a_hat).real
    size = len(a)
    sample = torch.arange(margin, size // step - margin, device=a.device)
    return a[(step * sample[:, None] - torch.arange(size, device=a.device)) % size]
