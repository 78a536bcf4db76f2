"""What dual-tree packets are computed with: the plan, the matrices, and the two maps made of them.

With a and b the trees of the vertical filter, and ``z = a' + i s b'`` the horizontal packet, conjugated
(s = -1) where it lies at negative frequencies,

    sum         a (a' + i s b') + b (i a' - s b')  =  (a + i b) z
    difference  a (a' + i s b') - b (i a' - s b')  =  (a - i b) z

are the two complex packets of a pair of nodes; their energy lies at positive horizontal frequency, above
and below the axis.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..filters.half_sample import HalfSampleName
from ..filters.packet_kernels import conjugation_signs, packet_trees_1d
from .dual_tree_plan import AxisPlan, PacketPlan, crop_axis, extend_axis, fold_axis, plan_packets
from .packet_blocks import (
    Blocks,
    block_matrix,
    correlate_columns,
    correlate_rows,
    spread_columns,
    spread_rows,
)


@dataclass(frozen=True, eq=False)
class PacketBank:
    """Matrices of a set of packets.

    Attributes
    ----------
    plan
        Rectangles of packets, and the order of channels.
    stride
        Samples from one position to the next, on both axes.
    rows
        Vertical filters: tree a of all rectangles, then tree b.
    columns
        Horizontal filters, two for each rectangle: those applied to tree a, then those applied to tree b.
    order
        ``plan.order`` as a tensor.
    """

    plan: PacketPlan
    stride: int
    rows: Float[Tensor, "_ _ _ 1"]
    columns: tuple[Float[Tensor, "_ _ _ parts"], ...]
    order: Int[Tensor, " packets"]

    def tensors(self) -> dict[str, Tensor]:
        """Give the tensors by name."""
        return {
            "rows": self.rows,
            **{f"columns_{i}": c for i, c in enumerate(self.columns)},
            "order": self.order,
        }

    def with_tensors(self, tensors: dict[str, Tensor]) -> "PacketBank":
        """Put others in their place."""
        columns = tuple(tensors[f"columns_{i}"] for i in range(len(self.columns)))
        return replace(self, rows=tensors["rows"], columns=columns, order=tensors["order"])

    def to(self, device: torch.device, dtype: torch.dtype) -> "PacketBank":
        """Move and cast the matrices."""
        matrices = self.tensors()
        order = matrices.pop("order").to(device)
        return self.with_tensors({**{n: m.to(device, dtype) for n, m in matrices.items()}, "order": order})

    def rectangles(self) -> Iterator[tuple[slice, tuple[int, int], Blocks, Blocks]]:
        """Give each rectangle's vertical channels, its shape, and its horizontal filters for either tree."""
        first = 0
        for i, (vertical, horizontal) in enumerate(self.plan.rectangles):
            shape = len(vertical), len(horizontal)
            to_a, to_b = (Blocks(matrix, self.stride) for matrix in self.columns[2 * i : 2 * i + 2])
            yield slice(first, first + shape[0]), shape, to_a, to_b
            first += shape[0]


@lru_cache(maxsize=32)
def packet_bank(J: int, taps: HalfSampleName, packets: Sequence[int], stride: int, real: bool) -> PacketBank:
    """Lay out the matrices of a set of packets, float64 on the processor."""
    with torch.device("cpu"):
        signs = conjugation_signs(J, taps)
        a, b = packet_trees_1d(J, taps)
        turned = signs[:, None] * b
        plan = plan_packets(J, packets, signs.tolist())
        vertical = torch.cat([tree[list(plan.vertical)] for tree in (a, b)])
        columns = []
        for rectangle in plan.rectangles:
            nodes = list(rectangle.horizontal)
            for real_part, imaginary in ((a[nodes], turned[nodes]), (-turned[nodes], a[nodes])):
                parts = [real_part] if real else [real_part, imaginary]
                columns.append(block_matrix(torch.stack(parts, dim=1), stride))
        rows = block_matrix(vertical[:, None], stride)
        return PacketBank(plan, stride, rows, tuple(columns), torch.tensor(plan.order))


def analyse(
    x: Float[Tensor, "*batch height width"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch packets rows columns parts"]:
    """Compute the packets; the last axis is (real, imaginary), or the real part alone."""
    x = extend_axis(extend_axis(x, rows, -2), columns, -1)
    trees = correlate_rows(x, Blocks(bank.rows, bank.stride))
    half = trees.shape[-3] // 2
    grids = []
    for vertical, _, to_a, to_b in bank.rectangles():
        on_a = correlate_columns(trees[..., :half, :, :][..., vertical, :, :], to_a)
        on_b = correlate_columns(trees[..., half:, :, :][..., vertical, :, :], to_b)
        grids += [_channels_first(on_a + on_b), _channels_first(on_a - on_b)]
    return torch.cat(grids, dim=-4).index_select(-4, bank.order)


def spread(
    c: Float[Tensor, "*batch packets rows columns parts"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch taller wider"]:
    """Transpose `analyse`, short of its extension."""
    grids = c.new_zeros(*c.shape[:-4], bank.plan.size, *c.shape[-3:]).index_add(-4, bank.order, c)
    trees = []
    first = 0
    for _, shape, to_a, to_b in bank.rectangles():
        size = shape[0] * shape[1]
        plus, minus = (_channels_last(grids.narrow(-4, first + k * size, size), shape) for k in (0, 1))
        first += 2 * size
        trees.append(
            torch.stack(
                [
                    spread_columns(plus + minus, to_a, columns.extended),
                    spread_columns(plus - minus, to_b, columns.extended),
                ],
                dim=-4,
            )
        )
    together = torch.cat(trees, dim=-3).flatten(-4, -3)
    return spread_rows(together, Blocks(bank.rows, bank.stride), rows.extended)


def spread_and_fold(
    c: Float[Tensor, "*batch packets rows columns parts"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch height width"]:
    """Transpose `analyse`."""
    return fold_axis(fold_axis(spread(c, bank, rows, columns), columns, -1), rows, -2)


def spread_and_crop(
    c: Float[Tensor, "*batch packets rows columns parts"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch height width"]:
    """Invert `analyse` up to the frame bound, where all packets are there."""
    return crop_axis(crop_axis(spread(c, bank, rows, columns), columns, -1), rows, -2)


def _channels_first(grid: Tensor) -> Tensor:
    """Lay ``(vertical, rows, horizontal, columns, parts)`` out as ``(packets, rows, columns, parts)``."""
    return grid.transpose(-4, -3).flatten(-5, -4)


def _channels_last(grid: Tensor, shape: tuple[int, int]) -> Tensor:
    """Undo `_channels_first`."""
    return grid.reshape(*grid.shape[:-4], *shape, *grid.shape[-3:]).transpose(-4, -3)
