"""One scale of the two-dimensional transform: down (split), up (merge), the transpose of down (spread)."""

from functools import partial

from torch import Tensor

from ..filters.taps import Taps
from ..signals import BoundaryMode
from .chunks import in_chunks
from .coefficients import Detail2d
from .haar import merge_blocks, split_blocks
from .two_channel import extended, merge, split, split_adjoint


def split_scale(x: Tensor, taps: Taps, mode: BoundaryMode) -> tuple[Tensor, Detail2d]:
    """Approximation and details of images ``(*batch, height, width)``."""
    if len(taps.low) == 2:
        even = extended(extended(x, taps, -2, mode), taps, -1, mode)
        approx, horizontal, vertical, diagonal = split_blocks(even)
    else:
        step = partial(_split_both, taps=taps, mode=mode)
        approx, vertical, horizontal, diagonal = in_chunks(step, x)
    return approx, Detail2d(horizontal, vertical, diagonal)


def merge_scale(approx: Tensor, detail: Detail2d, taps: Taps, mode: BoundaryMode) -> Tensor:
    """Images of the sizes that `split_scale` needed; one longer where a side was odd."""
    if len(taps.low) == 2:
        return merge_blocks(approx, *detail)
    return in_chunks(partial(_merge_both, taps=taps, mode=mode), approx, *detail)[0]


def spread_scale(
    approx: Tensor, detail: Detail2d, taps: Taps, mode: BoundaryMode, size: tuple[int, int]
) -> Tensor:
    """Transpose of `split_scale` on images of ``size``."""
    if len(taps.low) == 2 and size[0] % 2 == size[1] % 2 == 0:
        return merge_blocks(approx, *detail)
    return in_chunks(partial(_spread_both, taps=taps, mode=mode, size=size), approx, *detail)[0]


def _split_both(x: Tensor, taps: Taps, mode: BoundaryMode) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    low, high = split(x, taps, -2, mode)
    approx, vertical = split(low, taps, -1, mode)
    horizontal, diagonal = split(high, taps, -1, mode)
    return approx, vertical, horizontal, diagonal


def _merge_both(
    approx: Tensor, horizontal: Tensor, vertical: Tensor, diagonal: Tensor, taps: Taps, mode: BoundaryMode
) -> tuple[Tensor]:
    low = merge(approx, vertical, taps, -1, mode)
    high = merge(horizontal, diagonal, taps, -1, mode)
    return (merge(low, high, taps, -2, mode),)


def _spread_both(
    approx: Tensor,
    horizontal: Tensor,
    vertical: Tensor,
    diagonal: Tensor,
    taps: Taps,
    mode: BoundaryMode,
    size: tuple[int, int],
) -> tuple[Tensor]:
    rows, columns = size
    low = split_adjoint(approx, vertical, taps, -1, mode, columns)
    high = split_adjoint(horizontal, diagonal, taps, -1, mode, columns)
    return (split_adjoint(low, high, taps, -2, mode, rows),)
