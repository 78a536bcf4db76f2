"""What `DualTreeWaveletPacket2d` asks of its settings and of what it is given."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import torch
from torch import Tensor

from ..filters.whole import whole
from .dual_tree_plan import PacketBoundary

PacketPart: TypeAlias = Literal["complex", "real"]


def checked_stride(J: int, stride: int | None) -> int:
    """Read a stride: a power of 2 up to ``2**J``."""
    number = 2**J if stride is None else whole("DualTreeWaveletPacket2d", "stride", stride)
    if number < 1 or number > 2**J or number & (number - 1):
        raise ValueError(
            f"DualTreeWaveletPacket2d: stride must be a power of 2 from 1 to 2**J = {2**J}, got {number}; "
            "None decimates fully, 2**(J - 1) leaves the last stage undecimated."
        )
    return number


def checked_packets(J: int, packets: Sequence[int] | None) -> tuple[int, ...]:
    """Read channel indices."""
    if packets is None:
        return tuple(range(2 * 4**J))
    chosen = tuple(whole("DualTreeWaveletPacket2d", "packets", packet) for packet in packets)
    if not chosen or min(chosen) < 0 or max(chosen) >= 2 * 4**J or len(set(chosen)) < len(chosen):
        raise ValueError(
            f"DualTreeWaveletPacket2d: packets must be channel indices from 0 to {2 * 4**J - 1} for J = {J}, "
            f"at least one and none twice, got {list(packets)}; None takes all."
        )
    return chosen


def checked_padding(boundary: str, padding: int | None) -> int | None:
    """Read a boundary and its padding."""
    one_of("boundary", boundary, get_args(PacketBoundary))
    if padding is None:
        return None
    number = whole("DualTreeWaveletPacket2d", "padding", padding)
    if boundary != "zero" or number < 0:
        raise ValueError(
            f"DualTreeWaveletPacket2d: padding must be a number of zeros >= 0 with boundary='zero', "
            f"got {number} with {boundary!r}; leave it out."
        )
    return number


def one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    """Refuse a setting that is not among the known ones."""
    if value not in known:
        raise ValueError(
            f"DualTreeWaveletPacket2d: {name} must be one of {', '.join(map(repr, known))}, got {value!r}."
        )
    return value


def check_image(x: Tensor) -> None:
    """Refuse what is no tensor of real images."""
    if not isinstance(x, Tensor):
        raise TypeError(
            f"DualTreeWaveletPacket2d: expected a tensor, got a {type(x).__name__}; "
            "convert it: torch.from_numpy(x)."
        )
    if x.is_complex():
        raise TypeError(
            "DualTreeWaveletPacket2d: expected real images, got a complex tensor; "
            "transform x.real and x.imag, and add the second times 1j."
        )
    if not x.is_floating_point():
        raise TypeError(
            f"DualTreeWaveletPacket2d: expected real images, got {x.dtype}; convert it: x.float()."
        )
    if x.ndim < 2 or 0 in x.shape[-2:]:
        raise ValueError(
            "DualTreeWaveletPacket2d: expected images (*batch, height, width) of at least one pixel, "
            f"got shape {tuple(x.shape)}; give a signal a height of one: x[None]."
        )


def check_coefficients(operation: str, coefficients: Tensor, part: str) -> None:
    """Refuse what cannot be coefficients of this layer."""
    if not isinstance(coefficients, Tensor):
        raise TypeError(f"{operation}: expected a tensor, got a {type(coefficients).__name__}.")
    if coefficients.is_complex() != (part == "complex") or not (
        coefficients.is_complex() or coefficients.is_floating_point()
    ):
        raise TypeError(
            f"{operation}: a layer with part={part!r} takes {part} coefficients, got {coefficients.dtype}; "
            "pass what analysis gave."
        )
    if coefficients.ndim < 3:
        raise ValueError(
            f"{operation}: expected coefficients (*batch, packets, rows, columns), "
            f"got shape {tuple(coefficients.shape)}."
        )


def real_dtype(dtype: torch.dtype) -> torch.dtype:
    """Dtype of the images that belong to coefficients of a dtype."""
    return dtype.to_real() if dtype.is_complex else dtype
