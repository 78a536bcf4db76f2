"""Where dual-tree packets are taken.

With this file you can: place the positions of an axis, and extend the signal so that no kernel reaches
beyond it.
"""

from typing import Literal, NamedTuple, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

PacketBoundary: TypeAlias = Literal["periodic", "zero"]


class AxisPlan(NamedTuple):
    """Positions along one axis, the first kernel starting ``before`` samples early.

    Attributes
    ----------
    length
        Samples of the signal.
    before, extended
        Samples added on the left, and samples in all, that the positions see.
    positions
        How many positions there are.
    period
        Of the extension; 0 for a signal that is zero outside.
    complete
        Whether every position is there from which a kernel sees the signal.
    """

    length: int
    before: int
    extended: int
    positions: int
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


def shown(plan: AxisPlan) -> slice:
    """Say which of the extended samples are the signal's own; a padding may leave out the last ones."""
    return slice(plan.before, min(plan.before + plan.length, plan.extended))


def fill_edges(y: Float[Tensor, "*shape extended"], plan: AxisPlan) -> None:
    """Write what `extend_axis` adds around the samples that are `shown`, on axis -1, in place."""
    if not plan.period:
        y[..., : plan.before] = 0
        y[..., plan.before + plan.length :] = 0
        return
    first, end, lap = plan.before, plan.before + plan.length, plan.period
    y[..., end : first + lap] = y[..., end - 1 : end]
    for start in range(first, 0, -lap):
        filled = y[..., max(0, start - lap) : start]
        filled.copy_(y[..., start + lap - filled.shape[-1] : start + lap])
    for start in range(first + lap, plan.extended, lap):
        filled = y[..., start : start + lap]
        filled.copy_(y[..., start - lap : start - lap + filled.shape[-1]])


def fold_edges(y: Float[Tensor, "*shape extended"], plan: AxisPlan) -> None:
    """Transpose `fill_edges`, in place: the samples that are `shown` get back what was copied from them."""
    if not plan.period:
        return
    first, end, lap = plan.before, plan.before + plan.length, plan.period
    for start in reversed(range(first + lap, plan.extended, lap)):
        filled = y[..., start : start + lap]
        y[..., start - lap : start - lap + filled.shape[-1]] += filled
    for start in reversed(range(first, 0, -lap)):
        filled = y[..., max(0, start - lap) : start]
        y[..., start + lap - filled.shape[-1] : start + lap] += filled
    y[..., end - 1] += y[..., end : first + lap].sum(-1)


def fold_axis(x: Float[Tensor, "*extended"], plan: AxisPlan, axis: int) -> Float[Tensor, "*shape"]:
    """Transpose `extend_axis`: give every added sample back to the one it was copied from."""
    if plan.period:
        shape = list(x.shape)
        shape[axis] = plan.length
        return x.new_zeros(shape).index_add(axis, _sources(plan, x.device), x)
    after = plan.extended - plan.before - plan.length
    return pad(x, [*(0, 0) * (-axis - 1), -plan.before, -after])


def _sources(plan: AxisPlan, device: torch.device) -> Tensor:
    position = torch.arange(plan.extended, device=device) - plan.before
    return (position % plan.period).clamp(max=plan.length - 1)
