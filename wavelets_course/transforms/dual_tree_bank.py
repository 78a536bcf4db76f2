"""What dual-tree packets are computed with: matrices, and the two linear maps made of them.

With a and b the trees of the vertical filter, and ``z = a' + i s b'`` the horizontal packet, conjugated
(s = -1) where it lies at negative frequencies,

    sum         a (a' + i s b') + b (i a' - s b')  =  (a + i b) z
    difference  a (a' + i s b') - b (i a' - s b')  =  (a - i b) z

are the two complex packets of a pair of nodes; their energy lies at positive horizontal frequency, above
and below the axis. The imaginary part is never computed where only the real part is wanted.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..filters.half_sample import HalfSampleName
from ..filters.packet_kernels import conjugation_signs, packet_trees_1d
from .dual_tree_channels import Box, Grid, Rectangle, boxes, rectangles
from .dual_tree_plan import AxisPlan, crop_axis, extend_axis, fold_axis
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
    columns
        Horizontal filters: those that go with tree a, rectangle by rectangle, then those that go with tree b.
    rows
        Vertical filters of each rectangle, tree a and tree b in turn.
    """

    rectangles: tuple[Rectangle, ...]
    channels: int
    stride: int
    columns: Float[Tensor, "_ _ _ parts"]
    rows: tuple[Float[Tensor, "_ _ _ 1"], ...]

    def tensors(self) -> dict[str, Tensor]:
        """Give the matrices by name."""
        return {"columns": self.columns, **{f"rows_{i}": rows for i, rows in enumerate(self.rows)}}

    def with_tensors(self, tensors: dict[str, Tensor]) -> "PacketBank":
        """Put others in their place."""
        rows = tuple(tensors[f"rows_{i}"] for i in range(len(self.rows)))
        return self._replace(columns=tensors["columns"], rows=rows)

    @property
    def parts(self) -> int:
        """2 for real and imaginary part, 1 for the real part alone."""
        return self.columns.shape[-1]


def parcels(bank: PacketBank) -> list[tuple[Rectangle, int, Blocks, Blocks]]:
    """Give each rectangle, its first horizontal channel, and its vertical filters in either tree."""
    found, first = [], 0
    for i, rectangle in enumerate(bank.rectangles):
        tree_a, tree_b = (Blocks(rows, bank.stride) for rows in bank.rows[2 * i : 2 * i + 2])
        found.append((rectangle, first, tree_a, tree_b))
        first += len(rectangle.horizontal)
    return found


@lru_cache(maxsize=32)
def packet_bank(
    J: int, taps: HalfSampleName, packets: tuple[int, ...], stride: int, real: bool
) -> PacketBank:
    """Lay out the matrices of a set of packets, float64 on the processor."""
    with torch.device("cpu"):
        signs = conjugation_signs(J, taps)
        a, b = packet_trees_1d(J, taps)
        turned = signs[:, None] * b
        covers = rectangles(J, packets, signs.tolist())
        nodes = [kh for rectangle in covers for kh in rectangle.horizontal]
        with_a = torch.stack([a, turned][: 1 if real else 2], dim=1)[nodes]
        with_b = torch.stack([-turned, a][: 1 if real else 2], dim=1)[nodes]
        columns = block_matrix(torch.cat([with_a, with_b]), stride)
        rows = [
            block_matrix(tree[list(rectangle.vertical), None], stride)
            for rectangle in covers
            for tree in (a, b)
        ]
        return PacketBank(covers, len(packets), stride, columns, tuple(rows))


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
    half = both.shape[-3] // 2
    channels: list[Tensor] = [x] * bank.channels
    for rectangle, first, *trees in parcels(bank):
        width = len(rectangle.horizontal)
        products = []
        for start, tree in zip((first, half + first), trees, strict=True):
            part = both[..., start : start + width, :, :]
            product = correlate_rows(part.flatten(-3), tree, rows.positions)
            products.append(product.reshape(*product.shape[:-1], *part.shape[-3:]))
        sums, differences = products[0] + products[1], products[0] - products[1]
        for grid, places in ((sums, rectangle.sums), (differences, rectangle.differences)):
            for (i, j), channel in places.items():
                channels[channel] = grid[..., i, :, j, :, :]
    return torch.stack(channels, dim=-4)


def spread(
    c: Float[Tensor, "*batch packets rows columns parts"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch taller wider"]:
    """Transpose `analyse`, short of its extension."""
    halves: tuple[list[Tensor], list[Tensor]] = ([], [])
    for rectangle, _, *trees in parcels(bank):
        sums, differences = (_grid(c, rectangle, grid) for grid in (rectangle.sums, rectangle.differences))
        for half, tree, grid in zip(halves, trees, (sums + differences, sums - differences), strict=True):
            part = spread_rows(grid.flatten(-3), tree, rows.extended)
            half.append(part.reshape(*part.shape[:-1], *grid.shape[-3:]))
    both = torch.cat([*halves[0], *halves[1]], dim=-3)
    return spread_columns(both, Blocks(bank.columns, bank.stride), columns.extended)


def spread_and_fold(
    c: Float[Tensor, "*batch packets rows columns parts"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch height width"]:
    """Transpose `analyse`, in the precision of ``c`` even where an autocast is on."""
    with torch.autocast(c.device.type, enabled=False):
        return fold_axis(fold_axis(spread(c, bank, rows, columns), columns, -1), rows, -2)


def spread_and_crop(
    c: Float[Tensor, "*batch packets rows columns parts"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch height width"]:
    """Invert `analyse` up to the frame bound, where all packets are there, and as precisely."""
    with torch.autocast(c.device.type, enabled=False):
        return crop_axis(crop_axis(spread(c, bank, rows, columns), columns, -1), rows, -2)


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
