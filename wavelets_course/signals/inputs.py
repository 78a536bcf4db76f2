"""What functions of signals and images ask of their inputs; errors name the function that was called."""

import math
from collections.abc import Sequence
from typing import Any

from torch import Tensor


def check_tensor(operation: str, name: str, value: Any) -> None:
    """Refuse arrays and lists, which have no device and no gradient."""
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{operation}: expected a tensor, got {name} = {type(value).__name__}; "
            f"convert it: torch.as_tensor({name})."
        )


def check_numbers(operation: str, name: str, value: Any) -> None:
    """Refuse what is no tensor of real or complex numbers, any shape."""
    check_tensor(operation, name, value)
    if not (value.is_floating_point() or value.is_complex()):
        raise TypeError(
            f"{operation}: expected real or complex values, got {value.dtype}; convert it: {name}.float()."
        )


def check_axes(operation: str, x: Tensor, wanted: str = "images (*batch, height, width)") -> None:
    """Refuse a tensor with fewer than the two axes of an image."""
    if x.ndim < 2:
        raise ValueError(
            f"{operation}: expected {wanted}, got shape {tuple(x.shape)}; "
            "make a signal an image of one row: x[None, :]."
        )


def check_images(operation: str, x: Any) -> None:
    """Refuse what is no tensor of real or complex images."""
    check_numbers(operation, "x", x)
    check_axes(operation, x)


def check_real_images(operation: str, x: Any, instead: str) -> None:
    """Refuse what is no tensor of real images; ``instead`` says what to do with complex ones."""
    if not isinstance(x, Tensor):
        raise TypeError(
            f"{operation}: expected a tensor, got a {type(x).__name__}; convert it: torch.from_numpy(x)."
        )
    if x.is_complex():
        raise TypeError(f"{operation}: expected a real image, got {x.dtype}; {instead}.")
    if not x.is_floating_point():
        raise TypeError(
            f"{operation}: expected a floating-point image, got {x.dtype}; convert it: x.float()."
        )
    check_axes(operation, x)


def check_pixels(operation: str, x: Tensor) -> None:
    """Refuse images without a pixel."""
    if 0 in x.shape[-2:]:
        raise ValueError(
            f"{operation}: expected images of at least one pixel, got shape {tuple(x.shape)}; "
            "look at the slice that made it."
        )


def check_finite(operation: str, **arguments: float | int | Sequence[float | int]) -> None:
    """Refuse NaN and infinity among the numbers that describe a picture."""
    for name, value in arguments.items():
        numbers = value if isinstance(value, Sequence) else (value,)
        if not all(map(math.isfinite, numbers)):
            raise ValueError(
                f"{operation}: {name} must be finite, got {value}; "
                "look for a division by 0 where it comes from."
            )
