"""Many long filters at once along one axis, as small dense matrix products.

    correlate    y[.., c, p, d] = sum_t K[c, d, t] x[.., stride p + t]
    spread       its transpose

A block of ``q`` neighbouring positions sees ``K + (q - 1) stride`` samples. All filters at all positions of
a block are one matrix, the same for every block, and matrix products are what processors do fastest: a
little more arithmetic than filtering stage by stage, and none of its many passes through memory.

No position reaches beyond the signal: boundaries are dealt with before.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Blocks:
    """Filters laid out as the matrix of one block.

    Attributes
    ----------
    matrix
        ``(span, channels, q, parts)``: Toeplitz along ``span`` and ``q``.
    stride
        Samples from one position to the next.
    """

    matrix: Float[Tensor, "span channels q parts"]
    stride: int

    def over(self, length: int) -> Iterator[tuple[slice, Tensor]]:
        """Cut a signal into overlapping blocks: where each lies, and its matrix."""
        span, _, q, _ = self.matrix.shape
        taps = span - (q - 1) * self.stride
        count = (length - taps) // self.stride + 1
        for first in range(0, count, q):
            here = min(q, count - first)
            start, reach = first * self.stride, taps + (here - 1) * self.stride
            yield slice(start, start + reach), self.matrix[:reach, :, :here]


def block_matrix(
    kernels: Float[Tensor, "channels parts taps"], stride: int
) -> Float[Tensor, "span channels q parts"]:
    """Lay filters out as the matrix of one block, about half a filter long but of 8 positions at least."""
    channels, parts, taps = kernels.shape
    q = max(8, taps // stride // 2)
    matrix = kernels.new_zeros(taps + (q - 1) * stride, channels, q, parts)
    for position in range(q):
        start = position * stride
        matrix[start : start + taps, :, position] = kernels.permute(2, 0, 1)
    return matrix


def correlate_rows(
    x: Float[Tensor, "*batch height width"], blocks: Blocks
) -> Float[Tensor, "*batch channels rows width"]:
    """Filter along axis -2; the filters have one part."""
    pieces = []
    for where, matrix in blocks.over(x.shape[-2]):
        product = matrix.flatten(1).mT @ x[..., where, :]
        pieces.append(product.reshape(*x.shape[:-2], *matrix.shape[1:3], x.shape[-1]))
    return torch.cat(pieces, dim=-2)


def correlate_columns(
    x: Float[Tensor, "*batch height width"], blocks: Blocks
) -> Float[Tensor, "*batch height channels columns parts"]:
    """Filter along axis -1."""
    pieces = []
    for where, matrix in blocks.over(x.shape[-1]):
        product = x[..., where] @ matrix.flatten(1)
        pieces.append(product.reshape(*x.shape[:-1], *matrix.shape[1:]))
    return torch.cat(pieces, dim=-2)


def spread_rows(
    y: Float[Tensor, "*batch channels rows width"], blocks: Blocks, height: int
) -> Float[Tensor, "*batch height width"]:
    """Transpose `correlate_rows` on signals of ``height`` samples."""
    x = y.new_zeros(*y.shape[:-3], height, y.shape[-1])
    first = 0
    for where, matrix in blocks.over(height):
        block = y.narrow(-2, first, matrix.shape[2])
        x[..., where, :] += matrix.flatten(1) @ block.flatten(-3, -2)
        first += matrix.shape[2]
    return x


def spread_columns(
    y: Float[Tensor, "*batch height channels columns parts"], blocks: Blocks, width: int
) -> Float[Tensor, "*batch height width"]:
    """Transpose `correlate_columns` on signals of ``width`` samples."""
    x = y.new_zeros(*y.shape[:-3], width)
    first = 0
    for where, matrix in blocks.over(width):
        block = y.narrow(-2, first, matrix.shape[2])
        x[..., where] += block.flatten(-3) @ matrix.flatten(1).mT
        first += matrix.shape[2]
    return x
