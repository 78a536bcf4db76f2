"""Many long filters at once along one axis, as small dense matrix products.

    correlate    y[.., c, p, d] = sum_t K[c, d, t] x[.., stride p + t]
    spread       its transpose

A block of ``q`` neighbouring positions sees ``taps + (q - 1) stride`` samples. All filters at all positions
of a block are one matrix, the same for every block, and matrix products are what processors do fastest: a
little more arithmetic than filtering stage by stage, and none of its many passes through memory.

No position reaches beyond the signal: boundaries are dealt with before.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

LONGEST_BLOCK = 6
"""Positions in a block. Longer ones spend more of their products on zeros, shorter ones are slow to start."""


class Blocks(NamedTuple):
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


def block_groups(blocks: Blocks, count: int) -> list[tuple[int, int, Tensor]]:
    """Cut ``count`` positions into whole blocks and a shorter last one: first, how many, and matrix."""
    span, _, q, _ = blocks.matrix.shape
    many, rest = divmod(count, q)
    whole = [(0, many, blocks.matrix)] if many else []
    if not rest:
        return whole
    return [*whole, (many * q, 1, blocks.matrix[: span - (q - rest) * blocks.stride, :, :rest])]


def each_block(blocks: Blocks, count: int) -> list[tuple[slice, slice, Tensor]]:
    """Give each block's positions, the samples that they see, and its matrix."""
    found = []
    for first, many, matrix in block_groups(blocks, count):
        span, _, q, _ = matrix.shape
        for position in range(first, first + many * q, q):
            start = position * blocks.stride
            found.append((slice(position, position + q), slice(start, start + span), matrix))
    return found


def block_matrix(
    kernels: Float[Tensor, "channels parts taps"], stride: int
) -> Float[Tensor, "span channels q parts"]:
    """Lay filters out as the matrix of one block, at most half as long again as a filter."""
    channels, parts, taps = kernels.shape
    q = min(LONGEST_BLOCK, max(1, taps // (2 * stride)))
    matrix = kernels.new_zeros(taps + (q - 1) * stride, channels, q, parts)
    for position in range(q):
        start = position * stride
        matrix[start : start + taps, :, position] = kernels.permute(2, 0, 1)
    return matrix


def correlate_columns(
    x: Float[Tensor, "*batch height width"], blocks: Blocks, count: int
) -> Float[Tensor, "*batch height channels columns parts"]:
    """Filter along axis -1, at ``count`` positions."""
    pieces = []
    for _, seen, matrix in each_block(blocks, count):
        pieces.append((x[..., seen] @ matrix.flatten(1)).reshape(*x.shape[:-1], *matrix.shape[1:]))
    return torch.cat(pieces, dim=-2)


def correlate_rows(
    x: Float[Tensor, "*batch height width"], blocks: Blocks, count: int
) -> Float[Tensor, "*batch channels rows width"]:
    """Filter along axis -2, at ``count`` positions; the filters have one part."""
    pieces = []
    for _, seen, matrix in each_block(blocks, count):
        block = matrix.flatten(1).mT @ x[..., seen, :]
        pieces.append(block.reshape(*x.shape[:-2], *matrix.shape[1:3], x.shape[-1]))
    return torch.cat(pieces, dim=-2)


def spread_columns(
    y: Float[Tensor, "*batch height channels columns parts"], blocks: Blocks, width: int
) -> Float[Tensor, "*batch height width"]:
    """Transpose `correlate_columns` on signals of ``width`` samples."""
    x = y.new_zeros(*y.shape[:-3], width)
    for positions, seen, matrix in each_block(blocks, y.shape[-2]):
        x[..., seen] += y[..., positions, :].flatten(-3) @ matrix.flatten(1).mT
    return x


def spread_rows(
    y: Float[Tensor, "*batch channels rows width"], blocks: Blocks, height: int
) -> Float[Tensor, "*batch height width"]:
    """Transpose `correlate_rows` on signals of ``height`` samples."""
    x = y.new_zeros(*y.shape[:-3], height, y.shape[-1])
    for positions, seen, matrix in each_block(blocks, y.shape[-2]):
        x[..., seen, :] += matrix.flatten(1) @ y[..., positions, :].flatten(-3, -2)
    return x
