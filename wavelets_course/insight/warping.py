"""Families of warps, each with one size: what a picture may go through before a network sees it again."""

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from ..signals import BoundaryMode, deform, deformation_size, dilate, extend, rotate, smooth_field
from .evaluating import check_batch

Family: TypeAlias = Literal["shift", "rotation", "dilation", "deformation"]
Size: TypeAlias = float | int | tuple[float | int, float | int]

FAMILIES: tuple[Family, ...] = get_args(Family)
SMALLEST_DILATION = -0.9
"""Images shrunk to less than a tenth show next to nothing but what lies beyond their edges."""


def warped(
    images: Float[Tensor, "images channels height width"],
    size: Size,
    *,
    family: Family = "shift",
    boundary: BoundaryMode = "reflect",
    fields: Float[Tensor, "images 2 height width"] | None = None,
) -> Float[Tensor, "images channels height width"]:
    """Warp each image by one member of a family; size 0 leaves it as it is.

    Parameters
    ----------
    images
        ``(images, channels, height, width)``.
    size
        ``"shift"``: pixels to the right, or a pair (down, right); whole numbers move the pixels exactly,
        fractions read a cubic spline. ``"rotation"``: radians, from x towards y. ``"dilation"``: 0.1 enlarges
        by 10 %. ``"deformation"``: the largest stretch of the displacement field, ``sup |grad tau|``; below 1
        nothing is folded.
    family
        Which kind of warp.
    boundary
        What comes in from outside, one of `signals.BOUNDARY_MODES`. Rotations and dilations take place about
        the middle.
    fields
        For deformations: one displacement field an image, of size 1, as `unit_fields` draws them.

    Returns
    -------
    Tensor
        Like ``images``.

    Raises
    ------
    TypeError, ValueError
        If there is no batch of images, the family is unknown, the size does not fit it, or deformations
        come without their fields.

    Examples
    --------
    >>> row = torch.tensor([[[[1.0, 2.0, 3.0, 4.0]]]])
    >>> warped(row, 1).flatten().tolist(), warped(row, 1, boundary="periodic").flatten().tolist()
    ([2.0, 1.0, 2.0, 3.0], [4.0, 1.0, 2.0, 3.0])
    """
    check_batch("warped", images)
    check_family("warped", family, [size])
    if family == "shift":
        return _shifted(images, pair(size), boundary)
    assert not isinstance(size, tuple)
    if size == 0:
        return images.clone()
    if family == "rotation":
        return rotate(images, size, boundary)
    if family == "dilation":
        return dilate(images, 1 + size, boundary)
    if fields is None:
        raise ValueError(
            "warped: a deformation needs a displacement field for each image; draw them: "
            "unit_fields(len(images), (height, width), generator)."
        )
    return deform(images, (size * fields)[:, None], boundary)


def unit_fields(
    count: int,
    shape: tuple[int, int],
    generator: torch.Generator | None = None,
    *,
    like: Tensor | None = None,
) -> Float[Tensor, "count 2 height width"]:
    """Draw smooth displacement fields whose largest stretch ``sup |grad tau|`` is 1.

    Parameters
    ----------
    count
        How many, drawn one after the other.
    shape
        Height and width, in pixels.
    generator
        Source of randomness; None takes torch's own.
    like
        Device and dtype of the result; by default the CPU and float32.

    Returns
    -------
    Tensor
        ``(count, 2, height, width)``, pixels, first down, then right.

    Examples
    --------
    >>> fields = unit_fields(2, (16, 16), torch.Generator().manual_seed(0))
    >>> [round(size, 4) for size in deformation_size(fields).tolist()]
    [1.0, 1.0]
    """
    drawn = [smooth_field(shape, 1.0, generator, dtype=torch.float64) for _ in range(count)]
    fields = torch.stack([field / deformation_size(field) for field in drawn])
    return fields.float() if like is None else fields.to(like)


def check_family(operation: str, family: str, sizes: Sequence[Size]) -> None:
    """Refuse an unknown family, and sizes that it has not."""
    if family not in FAMILIES:
        raise ValueError(f"{operation}: family must be one of {', '.join(FAMILIES)}; got {family!r}.")
    for size in sizes:
        numbers = size if isinstance(size, tuple) else (size,)
        if isinstance(size, tuple) and (family != "shift" or len(size) != 2):
            raise ValueError(
                f"{operation}: a {family} has one size, got {size}; a pair (down, right) is for shifts."
            )
        if not all(map(math.isfinite, numbers)):
            raise ValueError(f"{operation}: sizes must be finite, got {size}.")
        if family == "dilation" and numbers[0] < SMALLEST_DILATION:
            raise ValueError(
                f"{operation}: a dilation is at least {SMALLEST_DILATION}, got {size}; "
                "0.1 enlarges by 10 %, -0.1 shrinks by 10 %."
            )


def pair(size: Size) -> tuple[float, float]:
    """A shift's size as (down, right)."""
    down, right = size if isinstance(size, tuple) else (0, size)
    return float(down), float(right)


def _shifted(images: Tensor, displacement: tuple[float, float], boundary: BoundaryMode) -> Tensor:
    if not all(d.is_integer() for d in displacement):
        field = torch.tensor(displacement, dtype=images.dtype, device=images.device)
        return deform(images, field[:, None, None].expand(2, *images.shape[-2:]), boundary)
    down, right = (int(d) for d in displacement)
    if boundary == "periodic":
        return torch.roll(images, (down, right), (-2, -1))
    height, width = images.shape[-2:]
    wider = extend(images, ((max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0))), boundary)
    top, left = max(-down, 0), max(-right, 0)
    return wider[..., top : top + height, left : left + width].clone()
