"""Nested tensors: all leaves in order, shapes compared, one function on every leaf."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Nested: TypeAlias = Tensor | NDArray[Any] | Sequence[Any] | Mapping[str, Any]
Scalar: TypeAlias = complex | float | int


def tensors(nested: Any) -> list[Tensor]:
    """All tensors in order; where there is nothing to measure, no law can hold."""
    found, _ = flattened(nested)
    if not found:
        raise TypeError(
            f"laws: expected a tensor or nested tuples of tensors, got {type(nested).__name__} without any; "
            "does the operator end in `return`?"
        )
    return found


def flattened(nested: Any) -> tuple[list[Tensor], Any]:
    """All tensors, and their shapes nested as they are, where None is a part that holds no tensor."""
    if isinstance(nested, Tensor):
        return [nested], tuple(nested.shape)
    if isinstance(nested, np.ndarray):  # torch reads neither negative strides nor foreign byte orders
        native = np.array(nested, dtype=nested.dtype.newbyteorder("="), order="C")
        return [torch.from_numpy(native)], nested.shape
    if isinstance(nested, (tuple, list, Mapping)):
        keys = sorted(nested, key=str) if isinstance(nested, Mapping) else range(len(nested))
        inside = {key: flattened(nested[key]) for key in keys}
        shapes = {key: shape for key, (_, shape) in inside.items()}
        found = [t for part, _ in inside.values() for t in part]
        return found, (shapes if isinstance(nested, Mapping) else list(shapes.values())) if found else None
    if nested is None or isinstance(nested, int):
        return [], None
    raise TypeError(
        f"laws: expected tensors or nested tuples of tensors, got {type(nested).__name__} among them; "
        "make numbers tensors (torch.as_tensor) and leave the rest out."
    )


def mapped(function: Callable[..., Any], *nested: Any) -> Any:
    """Apply a function to tensors at the same places of equal structures."""
    first = nested[0]
    if isinstance(first, (Tensor, np.ndarray)):
        return function(*nested)
    if not flattened(first)[0]:
        return first
    if isinstance(first, Mapping):
        return {key: mapped(function, *(other[key] for other in nested)) for key in first}
    parts = [mapped(function, *parts) for parts in zip(*nested, strict=True)]
    return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)


def pairs(left: Any, right: Any, law: str) -> list[tuple[Tensor, Tensor]]:
    """Tensors at the same places of two results, which must have one structure."""
    leaves, shapes = (tensors(left), tensors(right)), (flattened(left)[1], flattened(right)[1])
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"{law}: both sides must have the same shapes, nested alike, got {shapes[0]} and {shapes[1]}; "
            "nothing is broadcast: crop or index first."
        )
    return list(zip(*leaves, strict=True))


def difference(actual: Any, expected: Any, law: str) -> list[Tensor]:
    """Differences of tensors at the same places, in double precision."""
    return [wide(u) - wide(v) for u, v in pairs(actual, expected, law)]


def wide(t: Tensor) -> Tensor:
    """The tensor in double precision, without its gradient."""
    return t.detach().to(torch.complex128 if t.is_complex() else torch.float64)
