"""Many long filters at once along one axis, as small dense matrix products.

    correlate    y[.., c, p] = sum_t K[c, t] x[.., stride p + t]
    spread       its transpose

A block of ``q`` neighbouring positions sees ``taps + (q - 1) stride`` samples. All filters at all positions
of a block are one matrix, the same for every block, and matrix products are what processors do fastest: a
little more arithmetic than filtering stage by stage, and none of its many passes through memory.

No position reaches beyond the signal: boundaries are dealt with before. The functions here use operations
that the batched gradients of `torch.autograd` know: `narrow` and `reshape`, no slices and no `flatten`.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

LONGEST_BLOCK = 7
"""Positions in a block. Longer ones spend more of their products on zeros, shorter ones are slow to start."""


class Blocks(NamedTuple):
    """Filters laid out as the matrix of one block.

    Attributes
    ----------
    matrix
        ``(channels, q, span)``: Toeplitz along ``q`` and ``span``.
    stride
        Samples from one position to the next.
    """

    matrix: Float[Tensor, "channels q span"]
    stride: int


class BlockGroup(NamedTuple):
    """Blocks of one length.

    Attributes
    ----------
    first
        Their first position.
    many
        How many blocks.
    matrix
        Of each of them, ``(channels, q, span)``.
    """

    first: int
    many: int
    matrix: Float[Tensor, "channels q span"]

    @property
    def q(self) -> int:
        """Positions in each block."""
        return self.matrix.shape[1]

    @property
    def positions(self) -> slice:
        """Positions of all of them."""
        return slice(self.first, self.first + self.many * self.q)

    def numbers(self, lines: int) -> int:
        """Say how many numbers the blocks make of so many lines."""
        return self.many * self.matrix.shape[0] * self.q * lines


def block_groups(blocks: Blocks, count: int) -> list[BlockGroup]:
    """Cut ``count`` positions into equal blocks, as few as can be, and a shorter last one."""
    fewest = -(-count // blocks.matrix.shape[1])
    q = -(-count // fewest)
    many, rest = divmod(count, q)
    groups = [BlockGroup(0, many, _shorter(blocks, q)), BlockGroup(many * q, 1, _shorter(blocks, rest))]
    return groups[: 2 if rest else 1]


def _shorter(blocks: Blocks, q: int) -> Tensor:
    """Matrix of the first ``q`` positions of a block."""
    _, most, span = blocks.matrix.shape
    return blocks.matrix[:, :q, : span - (most - q) * blocks.stride]


class Place(NamedTuple):
    """One block.

    Attributes
    ----------
    positions, seen
        First position, and first sample that it sees, each with how many.
    matrix
        ``(channels, q, span)``.
    """

    positions: tuple[int, int]
    seen: tuple[int, int]
    matrix: Float[Tensor, "channels q span"]


def each_block(blocks: Blocks, count: int) -> list[Place]:
    """Give the blocks of ``count`` positions."""
    found = []
    for first, many, matrix in block_groups(blocks, count):
        _, q, span = matrix.shape
        for position in range(first, first + many * q, q):
            start = position * blocks.stride
            found.append(Place((position, q), (start, span), matrix))
    return found


def block_matrix(kernels: Float[Tensor, "channels taps"], stride: int) -> Float[Tensor, "channels q span"]:
    """Lay filters out as the matrix of one block, at most half as long again as a filter."""
    channels, taps = kernels.shape
    q = min(LONGEST_BLOCK, max(1, taps // (2 * stride)))
    matrix = kernels.new_zeros(channels, q, taps + (q - 1) * stride)
    for position in range(q):
        start = position * stride
        matrix[:, position, start : start + taps] = kernels
    return matrix


def correlate_columns(
    x: Float[Tensor, "*batch height width"], blocks: Blocks, count: int
) -> Float[Tensor, "*batch height channels columns"]:
    """Filter along axis -1, at ``count`` positions."""
    pieces = []
    for _, seen, matrix in each_block(blocks, count):
        block = x.narrow(-1, *seen) @ matrix.flatten(0, 1).mT
        pieces.append(block.reshape(*x.shape[:-1], *matrix.shape[:2]))
    return torch.cat(pieces, dim=-1)


def correlate_rows(
    x: Float[Tensor, "*batch height width"], blocks: Blocks, count: int
) -> Float[Tensor, "*batch channels rows width"]:
    """Filter along axis -2, at ``count`` positions."""
    pieces = []
    for _, seen, matrix in each_block(blocks, count):
        block = matrix.flatten(0, 1) @ x.narrow(-2, *seen)
        pieces.append(block.reshape(*x.shape[:-2], *matrix.shape[:2], x.shape[-1]))
    return torch.cat(pieces, dim=-2)


def spread_columns(
    y: Float[Tensor, "*batch height channels columns"], blocks: Blocks, width: int
) -> Float[Tensor, "*batch height width"]:
    """Transpose `correlate_columns` on signals of ``width`` samples."""
    x = y.new_zeros(*y.shape[:-2], width)
    for positions, seen, matrix in each_block(blocks, y.shape[-1]):
        weights = matrix.flatten(0, 1)
        block = y.narrow(-1, *positions).reshape(*y.shape[:-2], len(weights))
        x.narrow(-1, *seen).add_(block @ weights)
    return x


def spread_rows(
    y: Float[Tensor, "*batch channels rows width"], blocks: Blocks, height: int
) -> Float[Tensor, "*batch height width"]:
    """Transpose `correlate_rows` on signals of ``height`` samples."""
    x = y.new_zeros(*y.shape[:-3], height, y.shape[-1])
    for positions, seen, matrix in each_block(blocks, y.shape[-2]):
        weights = matrix.flatten(0, 1)
        block = y.narrow(-2, *positions).reshape(*y.shape[:-3], len(weights), y.shape[-1])
        x.narrow(-2, *seen).add_(weights.mT @ block)
    return x
