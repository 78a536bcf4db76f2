r"""Haar, where both sides are even: every block of 2x2 pixels is turned into four coefficients.

.. math::
    \begin{pmatrix} a & b \\ c & d \end{pmatrix} \mapsto \tfrac12
    \begin{pmatrix} a + b + c + d & a - b + c - d \\ a + b - c - d & a - b - c + d \end{pmatrix}
    = \begin{pmatrix} \text{approx} & \text{vertical} \\ \text{horizontal} & \text{diagonal} \end{pmatrix}

The matrix is symmetric and orthogonal, so the inverse has the same form. Nothing is padded and nothing is
multiplied but by 1/2, which is exact. Pairs of rows are summed first: there the processor reads whole lines
of memory. Where nothing is recorded, a run of rows at a time is brought through both steps while it is in
the cache, and the results are written to their place at once.
"""

import torch
from jaxtyping import Inexact
from torch import Tensor

from .chunks import pieces, unwatched

Bands = tuple[Tensor, Tensor, Tensor, Tensor]


def split_blocks(x: Inexact[Tensor, "*batch height width"]) -> Bands:
    """Turn 2x2 blocks into coefficients.

    Parameters
    ----------
    x : Tensor
        ``(*batch, height, width)``, both sides even.

    Returns
    -------
    approx, horizontal, vertical, diagonal : Tensor
        ``(*batch, height / 2, width / 2)``.

    Examples
    --------
    >>> [float(band) for band in split_blocks(torch.tensor([[9.0, 7.0], [3.0, 5.0]]))]
    [12.0, 4.0, 0.0, 2.0]
    """
    if unwatched(x):
        return _split_in_place(x)
    low, high = _sum_and_difference(x, -2)
    (approx, vertical), (horizontal, diagonal) = (_sum_and_difference(b / 2, -1) for b in (low, high))
    return approx, horizontal, vertical, diagonal


def merge_blocks(
    approx: Inexact[Tensor, "*batch rows columns"],
    horizontal: Inexact[Tensor, "*batch rows columns"],
    vertical: Inexact[Tensor, "*batch rows columns"],
    diagonal: Inexact[Tensor, "*batch rows columns"],
) -> Inexact[Tensor, "*batch height width"]:
    """Turn coefficients back into 2x2 blocks: the inverse of `split_blocks`, and its transpose.

    Parameters
    ----------
    approx, horizontal, vertical, diagonal : Tensor
        ``(*batch, rows, columns)``.

    Returns
    -------
    Tensor
        ``(*batch, 2 rows, 2 columns)``.

    Examples
    --------
    >>> merge_blocks(*(torch.tensor([[band]]) for band in (12.0, 4.0, 0.0, 2.0))).tolist()
    [[9.0, 7.0], [3.0, 5.0]]
    """
    if unwatched(approx, horizontal, vertical, diagonal):
        return _merge_in_place(approx, horizontal, vertical, diagonal)
    rows = [
        torch.stack((low + high, low - high), dim=-2) / 2
        for low, high in ((approx, horizontal), (vertical, diagonal))
    ]
    left, right = (row.flatten(-3, -2) for row in rows)
    return torch.stack((left + right, left - right), dim=-1).flatten(-2)


def _sum_and_difference(x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    first, second = torch.unflatten(x, axis, (-1, 2)).unbind(axis)
    return first + second, first - second


def _split_in_place(x: Tensor) -> Bands:
    *batch, height, width = x.shape
    pairs = x.reshape(-1, 2, width) if x.numel() else x.new_empty(0, 2, width)
    count = len(pairs)
    sums, differences = (x.new_empty(2, count, width // 2) for _ in range(2))  # along x, of (low, high)
    runs = list(pieces(count, 2 * width, x.device))
    room = x.new_empty(2, len(pairs[runs[0]]) if runs else 0, width)  # one for all: fresh memory costs more
    for run in runs:
        top, bottom = pairs[run].unbind(1)
        rows = room[:, : len(top)]
        torch.add(top, bottom, out=rows[0])
        torch.sub(top, bottom, out=rows[1])
        rows *= 0.5
        torch.add(rows[..., 0::2], rows[..., 1::2], out=sums[:, run])
        torch.sub(rows[..., 0::2], rows[..., 1::2], out=differences[:, run])
    size = (2, *batch, height // 2, width // 2)
    (approx, horizontal), (vertical, diagonal) = sums.view(size), differences.view(size)
    return approx, horizontal, vertical, diagonal


def _merge_in_place(*bands: Tensor) -> Tensor:
    *batch, height, width = bands[0].shape
    approx, horizontal, vertical, diagonal = (
        band.reshape(-1, width) if band.numel() else band.new_empty(0, width) for band in bands
    )
    count = len(approx)
    pairs = approx.new_empty(count, 2, width, 2)
    runs = list(pieces(count, 4 * width, approx.device))
    room = approx.new_empty(2, 2, len(approx[runs[0]]) if runs else 0, width)
    for run in runs:
        left, right = room[:, :, : len(approx[run])]  # of (top, bottom)
        for rows, low, high in ((left, approx, horizontal), (right, vertical, diagonal)):
            torch.add(low[run], high[run], out=rows[0])
            torch.sub(low[run], high[run], out=rows[1])
            rows *= 0.5
        torch.add(left, right, out=pairs[run, ..., 0].transpose(0, 1))
        torch.sub(left, right, out=pairs[run, ..., 1].transpose(0, 1))
    return pairs.view(*batch, 2 * height, 2 * width)
