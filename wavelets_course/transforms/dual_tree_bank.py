"""What dual-tree packets are computed with: matrices, and the two linear maps made of them.

With a and b the trees of the vertical filter, and ``z = a' + i s b'`` the horizontal packet, conjugated
(s = -1) where it lies at negative frequencies,

    sum         P + i R  =  (a + i b) z        P = a z
    difference  P - i R  =  (a - i b) z        R = b z

are the two complex packets of a pair of nodes; their energy lies at positive horizontal frequency, above
and below the axis. Their real parts are ``a a' - b (s b')`` and ``a a' + b (s b')``: where no more is wanted,
tree a is never multiplied by tree b.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..filters.half_sample import HalfSampleTaps
from ..filters.packet_kernels import conjugation_signs, packet_trees_1d
from .dual_tree_channels import Box, Grid, Rectangle, boxes, rectangles
from .dual_tree_plan import AxisPlan, extend_axis, fold_axis
from .packet_blocks import (
    Blocks,
    block_matrix,
    correlate_columns,
    correlate_rows,
    spread_columns,
    spread_rows,
)


class PacketBank(NamedTuple):
    """Matrices of a set of packets.

    Attributes
    ----------
    rectangles
        What is computed together.
    channels
        Number of packets.
    stride
        Samples from one position to the next, on both axes.
    parts
        2 for real and imaginary part, 1 for the real part alone.
    columns
        Horizontal filters: ``a'`` rectangle by rectangle, then ``s b'``.
    rows
        Vertical filters of each rectangle: its nodes of tree a, then those of tree b.
    """

    rectangles: tuple[Rectangle, ...]
    channels: int
    stride: int
    parts: int
    columns: Float[Tensor, "_ _ _"]
    rows: tuple[Float[Tensor, "_ _ _"], ...]

    def tensors(self) -> dict[str, Tensor]:
        """Give the matrices by name."""
        return {"columns": self.columns, **{f"rows_{i}": rows for i, rows in enumerate(self.rows)}}

    def with_tensors(self, tensors: dict[str, Tensor]) -> "PacketBank":
        """Put others in their place."""
        rows = tuple(tensors[f"rows_{i}"] for i in range(len(self.rows)))
        return PacketBank(self.rectangles, self.channels, self.stride, self.parts, tensors["columns"], rows)


class Parcel(NamedTuple):
    """One rectangle of a bank, with its filters.

    Attributes
    ----------
    rectangle
        Its nodes and channels.
    nodes
        Where its horizontal filters stand among those of the bank.
    trees
        Its vertical filters in tree a and in tree b.
    """

    rectangle: Rectangle
    nodes: slice
    trees: tuple[Blocks, Blocks]


def parcels(bank: PacketBank) -> list[Parcel]:
    """Take a bank apart, rectangle by rectangle."""
    found, first = [], 0
    for rectangle, rows in zip(bank.rectangles, bank.rows, strict=True):
        tree_a, tree_b = (Blocks(half, bank.stride) for half in rows.chunk(2))
        end = first + len(rectangle.horizontal)
        found.append(Parcel(rectangle, slice(first, end), (tree_a, tree_b)))
        first = end
    return found


@lru_cache(maxsize=32)
def packet_bank(
    J: int, taps: HalfSampleTaps, packets: tuple[int, ...], stride: int, real: bool
) -> PacketBank:
    """Lay out the matrices of a set of packets, float64 on the processor."""
    with torch.device("cpu"):
        signs = conjugation_signs(J, taps)
        a, b = packet_trees_1d(J, taps)
        covers = rectangles(J, packets, signs.tolist())
        nodes = [kh for rectangle in covers for kh in rectangle.horizontal]
        columns = block_matrix(torch.cat([a[nodes], (signs[:, None] * b)[nodes]]), stride)
        rows = [
            block_matrix(torch.cat([tree[list(rectangle.vertical)] for tree in (a, b)]), stride)
            for rectangle in covers
        ]
        return PacketBank(covers, len(packets), stride, 1 if real else 2, columns, tuple(rows))


@lru_cache(maxsize=256)
def _boxes(channels: tuple[tuple[tuple[int, int], int], ...], height: int, width: int) -> tuple[Box, ...]:
    return tuple(boxes(dict(channels), range(height), range(width)))


def grid_boxes(rectangle: Rectangle) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """Give the boxes of a rectangle's sums and of its differences."""
    size = len(rectangle.vertical), len(rectangle.horizontal)
    sums, differences = (tuple(grid.items()) for grid in (rectangle.sums, rectangle.differences))
    return _boxes(sums, *size), _boxes(differences, *size)


def analyse(
    x: Float[Tensor, "*batch height width"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch packets rows columns parts"]:
    """Compute the packets; the last axis is (real, imaginary), or the real part alone."""
    x = extend_axis(extend_axis(x, rows, -2), columns, -1)
    both = correlate_columns(x, Blocks(bank.columns, bank.stride), columns.positions)
    real, imaginary = both.chunk(2, dim=-2)
    channels: list[Tensor] = [x] * bank.channels
    for rectangle, nodes, (a, b) in parcels(bank):
        z = [tree.narrow(-2, nodes.start, nodes.stop - nodes.start) for tree in (real, imaginary)]
        P = [_rows(part, a, rows.positions) for part in z[: bank.parts]]
        R = [_rows(part, b, rows.positions) for part in z[-bank.parts :]]
        iR = [-R[-1], R[0]][: bank.parts]
        sums = torch.stack([p + r for p, r in zip(P, iR, strict=True)], dim=-1)
        differences = torch.stack([p - r for p, r in zip(P, iR, strict=True)], dim=-1)
        for grid, places in ((sums, rectangle.sums), (differences, rectangle.differences)):
            for (i, j), channel in places.items():
                channels[channel] = grid[..., i, :, j, :, :]
    return torch.stack(channels, dim=-4)


def _rows(part: Tensor, tree: Blocks, count: int) -> Tensor:
    """Filter ``(*batch, height, nodes, columns)`` to ``(*batch, vertical, rows, nodes, columns)``."""
    *batch, height, nodes, columns = part.shape
    filtered = correlate_rows(part.reshape(*batch, height, nodes * columns), tree, count)
    return filtered.reshape(*filtered.shape[:-1], *part.shape[-2:])


def spread(
    c: Float[Tensor, "*batch packets rows columns parts"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch height width"]:
    """Transpose `analyse`."""
    real, imaginary = [], []
    for rectangle, _, (a, b) in parcels(bank):
        sums, differences = (_grid(c, rectangle, grid) for grid in (rectangle.sums, rectangle.differences))
        P, R = sums + differences, sums - differences
        re, im = (_spread_rows(y, tree, rows.extended) for y, tree in ((P[..., 0], a), (-R[..., 0], b)))
        if bank.parts == 2:  # the transpose of i is -i
            re = re + _spread_rows(R[..., 1], b, rows.extended)
            im = im + _spread_rows(P[..., 1], a, rows.extended)
        real.append(re)
        imaginary.append(im)
    both = torch.cat([*real, *imaginary], dim=-2)
    x = spread_columns(both, Blocks(bank.columns, bank.stride), columns.extended)
    return fold_axis(fold_axis(x, columns, -1), rows, -2)


def _spread_rows(y: Tensor, tree: Blocks, height: int) -> Tensor:
    """Transpose `_rows`."""
    *batch, nodes, columns = y.shape
    x = spread_rows(y.reshape(*batch, nodes * columns), tree, height)
    return x.reshape(*x.shape[:-1], *y.shape[-2:])


def _grid(c: Tensor, rectangle: Rectangle, places: Grid) -> Tensor:
    """Lay channels out as ``(vertical, rows, horizontal, columns, parts)``, zero where none is wanted."""
    nothing = torch.zeros_like(c[..., 0, :, :, :])
    lines = []
    for i in range(len(rectangle.vertical)):
        line = [
            c[..., places[i, j], :, :, :] if (i, j) in places else nothing
            for j in range(len(rectangle.horizontal))
        ]
        lines.append(torch.stack(line, dim=-3))
    return torch.stack(lines, dim=-5)
