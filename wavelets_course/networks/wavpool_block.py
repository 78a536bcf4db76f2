"""The block of all levels' answers, and its pooling along hidden width, direction and level."""

from typing import Literal, TypeAlias, get_args

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

Pooling: TypeAlias = Literal["max", "average"]


def stack_levels(
    answers: list[Float[Tensor, "batch _ 3"]], hidden: int
) -> Float[Tensor, "batch {hidden} 3 levels"]:
    """Pad each answer with zeros in front of its hidden axis, and stack them along a last axis.

    Examples
    --------
    >>> block = stack_levels([torch.ones(1, 1, 3), torch.ones(1, 2, 3)], hidden=2)
    >>> block[0, :, 0].tolist()
    [[0.0, 1.0], [1.0, 1.0]]
    """
    rows = [functional.pad(one.permute(2, 0, 1), (hidden - one.shape[1], 0)) for one in answers]
    return torch.stack(rows).permute(2, 3, 1, 0)


def pool_block(
    block: Float[Tensor, "batch hidden 3 levels"], side: int, pooling: Pooling = "max"
) -> Float[Tensor, "batch hidden//{side} 3//{side} levels//{side}"]:
    """Pool cubes of ``side`` places along hidden width, direction and level, one after the other.

    What does not fill a cube at the far end of an axis is dropped. The same as ``torch``'s three-dimensional
    pooling, but with a gradient that is the same at every run on a GPU too.

    Examples
    --------
    >>> pool_block(torch.arange(24.0).reshape(1, 2, 3, 4), 2).tolist()
    [[[[17.0, 19.0]]]]
    """
    # Width last in memory, so that the two other axes are pooled in whole vectors.
    parts = block.permute(3, 2, 0, 1)
    for axis in (0, 1, 3):
        parts = parts.narrow(axis, 0, parts.shape[axis] // side * side)
    for axis in (3, 1, 0):
        parts = torch.unflatten(parts, axis, (-1, side))
    pooled = parts.mean((1, 3, 6)) if pooling == "average" else parts.amax((1, 3)).amax(-1)
    return pooled.permute(2, 3, 1, 0)


def known_pooling(pooling: str) -> Pooling:
    """Refuse a pooling that does not exist."""
    if pooling not in get_args(Pooling):
        raise ValueError(f"WavPool: pooling is 'max' or 'average', got {pooling!r}.")
    return pooling  # type: ignore[return-value]
