"""What `DualTreeWaveletPacket2d` asks of its settings and of what it is given."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import torch
from torch import Tensor

from ..filters.whole import whole
from ..signals.inputs import check_pixels, check_real_images
from .dual_tree_plan import AxisPlan, PacketBoundary

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
    try:
        several = tuple(packets)
    except TypeError:
        raise TypeError(
            "DualTreeWaveletPacket2d: packets must be channel indices in a list or tuple, "
            f"got {packets!r}; one channel is packets=[3], None takes all."
        ) from None
    chosen = tuple(
        whole("DualTreeWaveletPacket2d", f"packets[{i}]", packet) for i, packet in enumerate(several)
    )
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


def checked_shape(operation: str, shape: tuple[int, int]) -> tuple[int, int]:
    """Read the size of an image; under a compiler it may be made of symbols, and stays as it is."""
    if torch.compiler.is_compiling():
        return shape
    if not isinstance(shape, Sequence) or isinstance(shape, str):
        raise TypeError(f"{operation}: expected shape = (height, width), got {shape!r}; pass x.shape[-2:].")
    if len(shape) != 2:
        raise ValueError(
            f"{operation}: expected shape = (height, width), got {tuple(shape)}; pass x.shape[-2:]."
        )
    height, width = whole(operation, "height", shape[0]), whole(operation, "width", shape[1])
    if min(height, width) < 1:
        raise ValueError(
            f"{operation}: expected an image of at least one pixel, got shape {tuple(shape)}; "
            "pass (height, width), both from 1 on."
        )
    return height, width


def check_room(
    operation: str, axes: tuple[AxisPlan, AxisPlan], taps: int, J: int, padding: int | None
) -> None:
    """Refuse an image into which not even one kernel fits."""
    if min(axis.positions for axis in axes) < 1:
        height, width = (axis.length for axis in axes)
        raise ValueError(
            f"{operation}: a {height}x{width} image with {padding} zeros around it is smaller than "
            f"the {taps}x{taps} kernels of J = {J}; use padding=None, or at least "
            f"{-(-(taps - min(height, width)) // 2)}."
        )


def check_image(x: Tensor) -> None:
    """Refuse what is no tensor of real images."""
    operation = "DualTreeWaveletPacket2d"
    check_real_images(operation, x, "transform x.real and x.imag, and add the second times 1j")
    check_pixels(operation, x)


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


def implied_shape(operation: str, coefficients: Tensor, stride: int, boundary: str) -> tuple[int, int]:
    """Say what image coefficients are of, where they tell."""
    if boundary != "periodic":
        raise ValueError(
            f"{operation}: with boundary={boundary!r} the size of an image does not follow "
            "from its coefficients; pass shape=(height, width)."
        )
    return coefficients.shape[-2] * stride, coefficients.shape[-1] * stride


def check_sizes(operation: str, coefficients: Tensor, packets: int, axes: tuple[AxisPlan, AxisPlan]) -> None:
    """Refuse coefficients that are not as many as the image's."""
    rows, columns = axes
    expected = (packets, rows.positions, columns.positions)
    if tuple(coefficients.shape[-3:]) != expected:
        raise ValueError(
            f"{operation}: a {rows.length}x{columns.length} image has coefficients "
            f"(*batch, {expected[0]}, {expected[1]}, {expected[2]}), got {tuple(coefficients.shape)}; "
            "pass the shape of the image."
        )


def check_invertible(
    J: int, packets: tuple[int, ...], axes: tuple[AxisPlan, AxisPlan], padding: int | None
) -> None:
    """Refuse to build images back from coefficients that do not determine them."""
    if len(packets) < 2 * 4**J:
        raise ValueError(
            f"synthesis: needs all {2 * 4**J} packets once, this layer has {len(packets)}; "
            "make the layer with packets=None, or use adjoint."
        )
    if not all(axis.complete for axis in axes):
        raise ValueError(
            f"synthesis: padding={padding} leaves out positions from which kernels see the image; "
            "make the layer with padding=None, or use adjoint."
        )


def real_dtype(dtype: torch.dtype) -> torch.dtype:
    """Dtype of the images that belong to coefficients of a dtype."""
    return dtype.to_real() if dtype.is_complex else dtype
