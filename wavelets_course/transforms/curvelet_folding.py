r"""From the spectrum of an image to the folded spectra of its curvelets, and back.

.. math::
    \hat c[s] = w[s]\, \hat x[f(s)], \qquad \hat y[k] = \sum_{s:\, f(s) = k} w[s]\, \hat c[s]

where frequency ``f(s)`` of the image falls on place ``s`` of a band. The two are adjoint, and each is the
other's gradient. Folding moves rectangles: all places of a wedge whose frequencies lie at one displacement
from them. A processor reads rectangles several times faster than single places.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from ..filters.curvelet import CurveletBank

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
    """

    band: int
    wedge: int
    rows: Span
    columns: Span
    source_rows: Span
    source_columns: Span

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.rows[1] - self.rows[0], self.columns[1] - self.columns[0]


class Plan(NamedTuple):
    """What folding needs beside the weights: all pieces, sizes of the bands, and of the image."""

    pieces: tuple[Piece, ...]
    bands: tuple[tuple[int, ...], ...]
    shape: tuple[int, int]


def folding(bank: CurveletBank) -> tuple[Plan, Float[Tensor, " weights"]]:
    """Cut the windows of a bank into pieces.

    Returns
    -------
    Plan
        Hashable.
    Tensor
        The windows of all pieces, one after another, row by row; float64.

    Examples
    --------
    >>> from wavelets_course.filters import curvelet_bank
    >>> plan, weight = folding(curvelet_bank((64, 64), J=1))
    >>> plan.bands
    ((1, 39, 39), (3, 20, 30), (3, 30, 20))
    """
    pieces: list[Piece] = []
    weights: list[Tensor] = []
    for number, band in enumerate(bank.bands):
        for wedge, (window, source) in enumerate(zip(band.window_hat, band.source, strict=True)):
            for piece, weight in _cut(window, source, bank.shape):
                pieces.append(Piece(number, wedge, *piece))
                weights.append(weight.flatten())
    sizes = tuple(tuple(band.window_hat.shape) for band in bank.bands)
    return Plan(tuple(pieces), sizes, bank.shape), torch.cat(weights)


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


def fold(
    x_hat: Complex[Tensor, "batch height width"], weight: Float[Tensor, " weights"], plan: Plan
) -> tuple[Complex[Tensor, "batch wedges rows columns"], ...]:
    """Weigh the frequencies of images and bring each to its places: one tensor a band."""
    c_hat: tuple[Tensor, ...] = _Fold.apply(x_hat, weight.to(x_hat.dtype), plan)
    return c_hat


def unfold(
    c_hat: tuple[Complex[Tensor, "batch wedges rows columns"], ...],
    weight: Float[Tensor, " weights"],
    plan: Plan,
) -> Complex[Tensor, "batch height width"]:
    """Weigh the places and sum what belongs to each frequency: the transpose of `fold`."""
    x_hat: Tensor = _Unfold.apply(weight.to(c_hat[0].dtype), plan, *c_hat)
    return x_hat


class _Fold(torch.autograd.Function):
    @staticmethod
    def forward(x_hat: Tensor, weight: Tensor, plan: Plan) -> tuple[Tensor, ...]:
        c_hat = tuple(x_hat.new_zeros(len(x_hat), *size) for size in plan.bands)
        for piece, window in _weighed(weight, plan):
            _places(c_hat, piece).addcmul_(_frequencies(x_hat, piece), window)
        return c_hat

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        _, weight, ctx.plan = inputs
        ctx.save_for_backward(weight)

    @staticmethod
    def backward(ctx: Any, *grad: Tensor) -> tuple[Tensor, None, None]:
        return _Unfold.apply(*ctx.saved_tensors, ctx.plan, *grad), None, None


class _Unfold(torch.autograd.Function):
    @staticmethod
    def forward(weight: Tensor, plan: Plan, *c_hat: Tensor) -> Tensor:
        x_hat = c_hat[0].new_zeros(len(c_hat[0]), *plan.shape)
        for piece, window in _weighed(weight, plan):
            _frequencies(x_hat, piece).addcmul_(_places(c_hat, piece), window)
        return x_hat

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        weight, ctx.plan, *_ = inputs
        ctx.save_for_backward(weight)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        return None, None, *_Fold.apply(grad, *ctx.saved_tensors, ctx.plan)


def _weighed(weight: Tensor, plan: Plan) -> Iterator[tuple[Piece, Tensor]]:
    """Each piece with its part of the weights."""
    start = 0
    for piece in plan.pieces:
        height, width = piece.size
        yield piece, weight[start : start + height * width].view(height, width)
        start += height * width


def _places(c_hat: tuple[Tensor, ...], piece: Piece) -> Tensor:
    return c_hat[piece.band][:, piece.wedge, slice(*piece.rows), slice(*piece.columns)]


def _frequencies(x_hat: Tensor, piece: Piece) -> Tensor:
    return x_hat[:, slice(*piece.source_rows), slice(*piece.source_columns)]
