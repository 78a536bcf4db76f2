r"""From the spectrum of an image to the folded spectra of its curvelets, and back.

.. math::
    \hat c[s] = w[s]\, \hat x[f(s)], \qquad \hat y[k] = \sum_{s:\, f(s) = k} w[s]\, \hat c[s]

where frequency ``f(s)`` of the image falls on place ``s`` of a band. The two are adjoint, and each is the
other's gradient. On a CPU, folding moves rectangles: all places of a wedge whose frequencies lie at one
displacement from them. It reads rectangles several times faster than single places.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Complex, Float, Int
from torch import Tensor

from ..filters.curvelet import CurveletBank
from .chunks import unwatched

Span = tuple[int, int]


class Piece(NamedTuple):
    """A rectangle of frequencies that falls on a rectangle of places, undistorted.

    Attributes
    ----------
    band, wedge
        Where it goes: position in `CurveletBank.bands`, and window of that band.
    rows, columns
        First and last (exclusive) place.
    source_rows, source_columns
        First and last (exclusive) frequency, in FFT order.
    shares
        Whether its places overlap those of an earlier piece, the weight of one being 0 where the other's
        is not.
    """

    band: int
    wedge: int
    rows: Span
    columns: Span
    source_rows: Span
    source_columns: Span
    shares: bool

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.rows[1] - self.rows[0], self.columns[1] - self.columns[0]


class Plan(NamedTuple):
    """What folding needs beside the weights: all pieces, sizes of the bands, and of the image."""

    pieces: tuple[Piece, ...]
    bands: tuple[tuple[int, ...], ...]
    shape: tuple[int, int]


class Layout(NamedTuple):
    """A plan and its numbers.

    Attributes
    ----------
    plan
        The pieces; hashable.
    weight
        The windows of all pieces, one after another, row by row.
    window, source
        The same place by place, all bands one after another: weight, and frequency in FFT order.
    """

    plan: Plan
    weight: Float[Tensor, " weights"]
    window: Float[Tensor, " places"]
    source: Int[Tensor, " places"]

    def to(self, x: Tensor) -> "Layout":
        """On the device of ``x``, float64 for float64 and complex128, else float32."""
        dtype = torch.float64 if x.dtype in (torch.float64, torch.complex128) else torch.float32
        weight, window = (number.to(dtype).to(x.device) for number in (self.weight, self.window))
        return Layout(self.plan, weight, window, self.source.to(x.device))


def folding(bank: CurveletBank) -> Layout:
    """Cut the windows of a bank into pieces; float64.

    Examples
    --------
    >>> from wavelets_course.filters import curvelet_bank
    >>> folding(curvelet_bank((64, 64), J=1)).plan.bands
    ((1, 40, 40), (3, 36, 30), (3, 30, 36))
    """
    pieces: list[Piece] = []
    weights: list[Tensor] = []
    for number, band in enumerate(bank.bands):
        for wedge, (window, source) in enumerate(zip(band.window_hat, band.source, strict=True)):
            taken = torch.zeros_like(window, dtype=torch.bool)
            for spans, weight in _cut(window, source, bank.shape):
                here = taken[slice(*spans[0]), slice(*spans[1])]
                pieces.append(Piece(number, wedge, *spans, shares=bool(here.any())))
                weights.append(weight.flatten())
                here.fill_(True)
    sizes = tuple(tuple(band.window_hat.shape) for band in bank.bands)
    window = torch.cat([band.window_hat.flatten() for band in bank.bands])
    source = torch.cat([band.source.flatten() for band in bank.bands])
    return Layout(Plan(tuple(pieces), sizes, bank.shape), torch.cat(weights), window, source)


def _cut(
    window: Tensor, source: Tensor, shape: tuple[int, int]
) -> Iterator[tuple[tuple[Span, Span, Span, Span], Tensor]]:
    """Group the places of one window by the displacement of their frequencies; box each group."""
    place = torch.nonzero(window)
    frequency = source[window != 0]
    away = torch.stack([frequency // shape[1], frequency % shape[1]], dim=1) - place
    for shift in torch.unique(away, dim=0):
        members = place[(away == shift).all(dim=1)]
        first, last = members.amin(0), members.amax(0) + 1
        weight = torch.zeros((last - first).tolist(), dtype=window.dtype)
        weight[tuple((members - first).T)] = window[tuple(members.T)]
        rows, columns, far_rows, far_columns = (
            (int(a), int(b))
            for start in (0 * shift, shift)
            for a, b in torch.stack([first + start, last + start], dim=1)
        )
        yield (rows, columns, far_rows, far_columns), weight


def fold(x_hat: Complex[Tensor, "batch height width"], layout: Layout) -> Iterable[Tensor]:
    """Weigh the frequencies of images and bring each to its places.

    Returns
    -------
    iterable of Tensor
        One ``(batch, wedges, rows, columns)`` a band; made when asked for where no gradient is wanted, so
        that one after another can use the same memory.
    """
    plan = layout.plan
    if not _by_places(x_hat):
        if unwatched(x_hat):
            return _folded(x_hat, layout.weight, plan)
        c_hat: tuple[Tensor, ...] = _Fold.apply(x_hat, *layout[1:], plan)
        return c_hat
    places = _row(x_hat).index_select(1, layout.source) * layout.window
    bands = torch.split(places, [math.prod(size) for size in plan.bands], dim=1)
    return tuple(band.reshape(-1, *size) for band, size in zip(bands, plan.bands, strict=True))


def unfold(c_hat: Iterable[Tensor], layout: Layout) -> Complex[Tensor, "batch height width"]:
    """Weigh the places and sum what belongs to each frequency: the transpose of `fold`.

    Bands that come from an iterator are let go one by one, without gradient; a tuple or list has one.
    """
    height, width = layout.plan.shape
    if isinstance(c_hat, Iterator):
        return _unfolded(c_hat, layout.weight, layout.plan)
    c_hat = tuple(c_hat)
    if not any(map(_by_places, c_hat)):
        x_hat: Tensor = _Unfold.apply(*layout[1:], layout.plan, *c_hat)
        return x_hat
    places = torch.cat([_row(band) for band in c_hat], dim=1) * layout.window
    nothing = places.new_zeros(places.shape[0], height * width)
    return nothing.index_add(1, layout.source, places).reshape(-1, height, width)


def _by_places(x: Tensor) -> bool:
    """Place by place: few large steps, which graphics processors and compilers prefer to many small ones.

    They are also plain operations, which `torch.vmap` and forward-mode derivatives know.
    """
    with torch.no_grad():  # an ordinary gradient has its own rule
        return x.is_cuda or not unwatched(x)


def _row(x: Tensor) -> Tensor:
    """Flatten all but the batch; torch's batched gradients know `reshape` alone."""
    return x.reshape(x.shape[0], x.shape[1:].numel())


def _folded(x_hat: Tensor, weight: Tensor, plan: Plan) -> Iterator[Tensor]:
    for size, pieces in zip(plan.bands, _by_band(weight, plan), strict=True):
        c_hat = x_hat.new_zeros(len(x_hat), *size)
        for piece, window in pieces:
            frequencies, places = _frequencies(x_hat, piece), _places(c_hat, piece)
            if piece.shares:
                places.add_(frequencies * window)
            else:
                torch.mul(frequencies, window, out=places)
        yield c_hat


def _unfolded(c_hat: Iterable[Tensor], weight: Tensor, plan: Plan) -> Tensor:
    x_hat = torch.empty(0)
    for number, (band, pieces) in enumerate(zip(c_hat, _by_band(weight, plan), strict=True)):
        if number == 0:
            x_hat = band.new_zeros(len(band), *plan.shape)
        for piece, window in pieces:
            _frequencies(x_hat, piece).addcmul_(_places(band, piece), window.to(band.dtype))
    return x_hat


class _Fold(torch.autograd.Function):
    @staticmethod
    def forward(
        x_hat: Tensor, weight: Tensor, window: Tensor, source: Tensor, plan: Plan
    ) -> tuple[Tensor, ...]:
        return tuple(_folded(x_hat, weight, plan))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.plan = inputs[4]
        ctx.save_for_backward(*inputs[1:4])

    @staticmethod
    def backward(ctx: Any, *grad: Tensor) -> tuple[Any, ...]:
        return unfold(grad, Layout(ctx.plan, *ctx.saved_tensors)), None, None, None, None


class _Unfold(torch.autograd.Function):
    @staticmethod
    def forward(weight: Tensor, window: Tensor, source: Tensor, plan: Plan, *c_hat: Tensor) -> Tensor:
        return _unfolded(c_hat, weight, plan)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.plan = inputs[3]
        ctx.save_for_backward(*inputs[:3])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        return None, None, None, None, *fold(grad, Layout(ctx.plan, *ctx.saved_tensors))


def _by_band(weight: Tensor, plan: Plan) -> list[list[tuple[Piece, Tensor]]]:
    """Each piece with its part of the weights, one list a band."""
    bands: list[list[tuple[Piece, Tensor]]] = [[] for _ in plan.bands]
    windows = torch.split(weight, [piece.size[0] * piece.size[1] for piece in plan.pieces])
    for piece, window in zip(plan.pieces, windows, strict=True):
        bands[piece.band].append((piece, window.view(piece.size)))
    return bands


def _places(c_hat: Tensor, piece: Piece) -> Tensor:
    return c_hat[:, piece.wedge, slice(*piece.rows), slice(*piece.columns)]


def _frequencies(x_hat: Tensor, piece: Piece) -> Tensor:
    return x_hat[:, slice(*piece.source_rows), slice(*piece.source_columns)]
