"""Where dual-tree packets are taken, and which of them: everything that does not depend on the image.

With this file you can: place the positions of an axis and extend the signal so that none reaches beyond it;
and split a subset of the two-dimensional packets into rectangles of one-dimensional ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, NamedTuple, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

PacketBoundary: TypeAlias = Literal["periodic", "zero"]


@dataclass(frozen=True)
class AxisPlan:
    """Positions along one axis: ``count`` of them, the first kernel starting ``before`` samples early.

    Attributes
    ----------
    length
        Samples of the signal.
    before, extended
        Samples added on the left, and samples in all, that the positions see.
    count
        Number of positions.
    period
        Of the extension; 0 for a signal that is zero outside.
    complete
        Whether every position is there from which a kernel sees the signal.
    """

    length: int
    before: int
    extended: int
    count: int
    period: int
    complete: bool


def plan_axis(
    length: int, taps: int, J: int, stride: int, boundary: PacketBoundary, padding: int | None
) -> AxisPlan:
    """Place the positions of one axis.

    "periodic": ``ceil(length / stride)`` positions; a length that is no multiple of the stride first repeats
    its last sample until it is one. Position 0 looks at the middle of the samples ``0, ..., 2**J - 1``.

    "zero": with a padding, as a convolution has it; without, all positions that see the signal.
    """
    if boundary == "periodic":
        count = -(-length // stride)
        before, period, complete = (taps - 2**J) // 2, count * stride, True
    else:
        everything = (taps - 1) // stride * stride
        before, period = everything if padding is None else padding, 0
        if padding is None:
            count = everything // stride + (length - 1) // stride + 1
        else:
            count = (length + 2 * padding - taps) // stride + 1
        last = (count - 1) * stride - before
        complete = before > taps - 1 - stride and last + stride > length - 1
    return AxisPlan(length, before, max(count - 1, 0) * stride + taps, count, period, complete)


def extend_axis(x: Float[Tensor, "*shape"], plan: AxisPlan, axis: int) -> Float[Tensor, "*extended"]:
    """Add the samples that the positions of a plan see beyond the edges of axis -1 or -2."""
    if plan.period:
        return x.index_select(axis, _sources(plan, x.device))
    after = plan.extended - plan.before - plan.length
    return pad(x, [*(0, 0) * (-axis - 1), plan.before, after])


def fold_axis(x: Float[Tensor, "*extended"], plan: AxisPlan, axis: int) -> Float[Tensor, "*shape"]:
    """Transpose `extend_axis`: give every added sample back to the one it was copied from."""
    if plan.period:
        shape = list(x.shape)
        shape[axis] = plan.length
        return x.new_zeros(shape).index_add(axis, _sources(plan, x.device), x)
    after = plan.extended - plan.before - plan.length
    return pad(x, [*(0, 0) * (-axis - 1), -plan.before, -after])


def crop_axis(x: Float[Tensor, "*extended"], plan: AxisPlan, axis: int) -> Float[Tensor, "*shape"]:
    """Undo the extension of a signal that was spread from its positions.

    A period is folded to one lap first: then what a sample was repeated into is dropped.
    """
    if not plan.period:
        return fold_axis(x, plan, axis)
    lap = AxisPlan(plan.period, plan.before, plan.extended, plan.count, plan.period, plan.complete)
    return fold_axis(x, lap, axis).narrow(axis, 0, plan.length)


def _sources(plan: AxisPlan, device: torch.device) -> Tensor:
    position = torch.arange(plan.extended, device=device) - plan.before
    return (position % plan.period).clamp(max=plan.length - 1)


class Rectangle(NamedTuple):
    """Rows times columns: packets that are computed together.

    Attributes
    ----------
    vertical, horizontal
        Nodes of the two axes, ascending.
    """

    vertical: tuple[int, ...]
    horizontal: tuple[int, ...]


@dataclass(frozen=True)
class PacketPlan:
    """Which one-dimensional packets are needed, and where each channel is found among their products.

    Attributes
    ----------
    rectangles
        Products to compute. Each gives a grid of sums and one of differences.
    order
        Place of each channel when all grids are laid end to end.
    size
        How many places there are.
    """

    rectangles: tuple[Rectangle, ...]
    order: tuple[int, ...]
    size: int

    @property
    def vertical(self) -> tuple[int, ...]:
        """Vertical nodes of all rectangles, end to end."""
        return tuple(kv for rectangle in self.rectangles for kv in rectangle.vertical)


def plan_packets(J: int, packets: Sequence[int], signs: Sequence[int]) -> PacketPlan:
    """Cover the packets with at most two rectangles: those vertically low-pass first, and high-pass first."""
    wanted = [split_index(J, k) for k in packets]
    rectangles = _rectangles(2 ** (J - 1), wanted)
    places: dict[tuple[bool, int, int], int] = {}
    for rectangle in rectangles:
        for plus in (True, False):
            for kv, kh in product(rectangle.vertical, rectangle.horizontal):
                places[plus, kv, kh] = len(places)
    # Psi_a is the sum for packets that lie at positive frequencies already, the difference for the others.
    order = tuple(places[(block == 0) == (signs[kh] > 0), kv, kh] for block, kv, kh in wanted)
    return PacketPlan(rectangles, order, len(places))


def split_index(J: int, packet: int) -> tuple[int, int, int]:
    """Read a channel index: block (0 or 1), vertical node, horizontal node.

    The base-4 digits of the index within its block are ``2 * (vertical high) + (horizontal high)``, first
    stage most significant.
    """
    block, k = divmod(packet, 4**J)
    kv = sum(((k >> (2 * j + 1)) & 1) << j for j in range(J))
    kh = sum(((k >> (2 * j)) & 1) << j for j in range(J))
    return block, kv, kh


def _rectangles(half: int, wanted: list[tuple[int, int, int]]) -> tuple[Rectangle, ...]:
    groups: dict[tuple[int, ...], list[int]] = {}
    for high in (False, True):
        inside = [(kv, kh) for _, kv, kh in wanted if (kv >= half) == high]
        columns = tuple(sorted({kh for _, kh in inside}))
        if columns:
            groups.setdefault(columns, []).extend(sorted({kv for kv, _ in inside}))
    return tuple(Rectangle(tuple(rows), columns) for columns, rows in groups.items())
