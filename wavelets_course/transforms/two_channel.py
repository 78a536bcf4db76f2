"""One step of a two-channel filter bank along one axis: split, merge, and the exact transpose of split.

    split    low[k]  = sum_t h[t] x[2 k + c - t]           high the same with g
    merge    x[m]    = sum_k low[k] h'[m - 2 k + d] + high[k] g'[m - 2 k + d]

with decomposition taps ``h, g``, reconstruction taps ``h', g'`` and the boundary mode saying what ``x`` is
beyond its edges. The centre is ``c = 1``, or half a filter in the mode "periodization", which is what keeps
the transform of an even length orthonormal there.

The sums run over taps, one whole-image operation each: no image is copied per tap, every dtype and device
takes the same path, and no reduced-precision convolution can slip in.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Inexact
from torch import Tensor

from ..filters.taps import Taps
from ..signals import BoundaryMode, extend_axis, extension_rule
from .chunks import unwatched


def split(
    x: Inexact[Tensor, "*shape"], taps: Taps, axis: int, mode: BoundaryMode
) -> tuple[Inexact[Tensor, "*half"], Inexact[Tensor, "*half"]]:
    """Filter one axis (-1 or -2) and keep every second sample: low-pass and high-pass."""
    x = extended(x, taps, axis, mode)
    phases = [_every_second(x, parity, axis) for parity in (0, 1)]
    count = phases[0].shape[axis] - len(taps.low) // 2 + 1
    pieces = [phases[s % 2].narrow(axis, s // 2, count) for s in range(len(taps.low))]
    return _weighted_sum(taps.low[::-1], pieces), _weighted_sum(taps.high[::-1], pieces)


def extended(
    x: Inexact[Tensor, "*shape"], taps: Taps, axis: int, mode: BoundaryMode
) -> Inexact[Tensor, "*longer"]:
    """Add the samples beyond the edges that `split` needs; an even number of them in all."""
    before, after = _reach(x.shape[axis], taps, mode)
    if before or after or (mode == "periodization" and x.shape[axis] % 2):
        return extend_axis(x, before, after, axis, mode)
    return x


def merge(
    low: Inexact[Tensor, "*half"], high: Inexact[Tensor, "*half"], taps: Taps, axis: int, mode: BoundaryMode
) -> Inexact[Tensor, "*shape"]:
    """Undo `split`; where the length was odd, the result is one sample longer."""
    if mode != "periodization":
        return _interpolate(low, high, taps, axis, start=len(taps.low) - 2)
    lap = len(taps.low) // 4
    if lap:
        low, high = (extend_axis(band, lap, lap, axis, "periodic") for band in (low, high))
    return _interpolate(low, high, taps, axis, start=len(taps.low) // 2 - 1 + 2 * lap)


def split_adjoint(
    low: Inexact[Tensor, "*half"],
    high: Inexact[Tensor, "*half"],
    taps: Taps,
    axis: int,
    mode: BoundaryMode,
    length: int,
) -> Inexact[Tensor, "*shape"]:
    """Transpose `split` on signals of ``length`` samples: spread every coefficient, then fold the edges."""
    margin = len(taps.low) // 2 - 1
    if margin:
        low, high = (extend_axis(band, margin, margin, axis, "zero") for band in (low, high))
    spread = _interpolate(low, high, taps, axis, start=len(taps.low) - 2)
    return _fold(spread, _reach(length, taps, mode)[0], length, axis, mode)


def _reach(length: int, taps: Taps, mode: BoundaryMode) -> tuple[int, int]:
    """Samples needed beyond either edge; "periodization" first makes the length even."""
    if mode == "periodization":
        return len(taps.low) // 2 - 1, len(taps.low) // 2 - 1
    return len(taps.low) - 2, len(taps.low) - 2 + length % 2


def _every_second(x: Tensor, parity: int, axis: int) -> Tensor:
    # Along x a copy pays: each tap then reads contiguous memory.
    return x[..., parity::2].contiguous() if axis == -1 else x[..., parity::2, :]


def _weighted_sum(weights: Sequence[float], pieces: Sequence[Tensor]) -> Tensor:
    total = pieces[0] * weights[0]
    for weight, piece in zip(weights[1:], pieces[1:], strict=True):
        total.add_(piece, alpha=weight)  # in place, in memory of our own: half the traffic
    return total


def _interpolate(low: Tensor, high: Tensor, taps: Taps, axis: int, start: int) -> Tensor:
    """Evaluate ``x[m] = sum_k low[k] h'[m - 2 k] + high[k] g'[m - 2 k]`` ``start`` from either end."""
    half, full = len(taps.low) // 2, 2 * (low.shape[axis] - 1) + len(taps.low)
    count = (full - 2 * start) // 2
    phases = []
    for m in (start, start + 1):
        parity, k = m % 2, m // 2
        weights = [*taps.rec_low[parity::2], *taps.rec_high[parity::2]]
        pieces = [band.narrow(axis, k - j, count) for band in (low, high) for j in range(half)]
        phases.append(_weighted_sum(weights, pieces))
    return _interleaved(phases[0], phases[1], axis)


def _interleaved(even: Tensor, odd: Tensor, axis: int) -> Tensor:
    if not unwatched(even, odd):
        return torch.stack((even, odd), dim=axis).flatten(axis - 1, axis)
    shape = list(even.shape)
    shape[axis] *= 2
    both = even.new_empty(shape)
    for parity, phase in enumerate((even, odd)):  # several times faster than stack, which joins pair by pair
        both.movedim(axis, -1)[..., parity::2] = phase.movedim(axis, -1)
    return both


def _fold(extended: Tensor, before: int, length: int, axis: int, mode: BoundaryMode) -> Tensor:
    """Transpose the extension: give every sample beyond the edges back to those it was computed from."""
    total = extended.shape[axis]
    position = torch.arange(total, device=extended.device) - before
    outside = torch.cat((position[:before], position[before + length :]))
    image = extended.narrow(axis, before, length)
    if not len(outside):
        return image
    rule = extension_rule(outside, length, mode)
    beyond = extended.index_select(axis, outside + before)
    image = image.index_add(axis, rule.source, _share(beyond, rule.weight, axis))
    if mode in ("smooth", "antireflect"):
        ends = torch.tensor([0, length - 1], device=extended.device)
        sums = [_share(beyond, end, axis).sum(axis, keepdim=True) for end in (rule.first, rule.last)]
        image = image.index_add(axis, ends, torch.cat(sums, dim=axis))
    return image


def _share(beyond: Tensor, coefficient: Tensor, axis: int) -> Tensor:
    c = coefficient.view(-1, *[1] * (-axis - 1))
    return torch.where(c == 0, torch.zeros_like(beyond), c * beyond)  # 0 means independent, even of NaN
