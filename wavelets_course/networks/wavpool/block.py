"""The block of all levels' answers, and its pooling along hidden width, direction and level."""

from typing import Literal, TypeAlias, get_args

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

Pooling: TypeAlias = Literal["max", "average"]


def stack_levels(
    answers: list[Float[Tensor, "batch _ directions"]], hidden: int
) -> Float[Tensor, "batch {hidden} directions levels"]:
    """Pad each answer with zeros in front of its hidden axis, and stack them along a last axis.

    Examples
    --------
    >>> block = stack_levels([torch.ones(1, 1, 3), torch.ones(1, 2, 3)], hidden=2)
    >>> block[0, :, 0].tolist()
    [[0.0, 1.0], [1.0, 1.0]]
    """
    rows = [functional.pad(one.permute(2, 0, 1), (hidden - one.shape[1], 0)) for one in answers]
    return torch.stack(rows).permute(2, 3, 1, 0)


def pool_levels(
    answers: list[Float[Tensor, "batch _ directions"]], hidden: int, side: int, pooling: Pooling = "max"
) -> Float[Tensor, "batch {hidden}//{side} directions//{side} levels"]:
    """Pool the block of `stack_levels` by cubes, without making it: direction, then level, then width.

    What does not fill a cube at the far end of an axis must not be among the answers, but for the width,
    where it is dropped. The same as ``torch``'s three-dimensional pooling, and with a gradient that is the
    same at every run on a GPU too.

    Examples
    --------
    >>> pool_levels([torch.ones(1, 1, 2), torch.arange(8.0).reshape(1, 4, 2)], 5, 2).tolist()
    [[[[1.0]], [[5.0]]]]
    """
    rows = []
    for answer in answers:
        directions = _pool(answer.permute(2, 0, 1), 0, side, pooling)  # (directions / side, batch, width)
        rows.append(functional.pad(directions, (hidden - directions.shape[-1], 0)))
    levels = _pool(torch.stack(rows), 0, side, pooling)
    return _pool(levels[..., : hidden // side * side], -1, side, pooling).permute(2, 3, 1, 0)


def _pool(x: Tensor, axis: int, side: int, pooling: Pooling) -> Tensor:
    """Pool runs along one axis; of equal runs, the mean of means is the mean."""
    runs = torch.unflatten(x, axis, (-1, side))
    within = axis + 1 if axis >= 0 else axis
    if pooling == "average":
        return runs.mean(within)
    # With its place the gradient of the largest number is one scatter; alone it is found sooner.
    return runs.max(within).values if runs.requires_grad else runs.amax(within)


def known_pooling(pooling: str) -> Pooling:
    """Refuse a pooling that does not exist."""
    if pooling not in get_args(Pooling):
        raise ValueError(f"WavPool: pooling is 'max' or 'average', got {pooling!r}.")
    return pooling  # type: ignore[return-value]
