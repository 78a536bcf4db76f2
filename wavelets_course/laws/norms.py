"""Norms, inner products and quotients over all tensors of a nest, in float64; NaN stays NaN."""

import math
from typing import Any

import torch

from .nested import pairs, tensors, wide


def norm(nested: Any) -> float:
    """Euclidean norm over all tensors together."""
    norms = [torch.linalg.vector_norm(wide(t)).item() for t in tensors(nested) if t.numel()]
    return math.hypot(*norms) if not any(map(math.isnan, norms)) else math.nan  # hypot(inf, nan) is inf


def inner(u: Any, v: Any) -> complex:
    """``sum(u conj(v))`` over all tensors."""
    products = (wide(s) * wide(t).conj() for s, t in pairs(u, v, "adjoint_gap"))
    return sum((complex(product.sum().item()) for product in products), 0j)


def all_real(*nested: Any) -> bool:
    """True where none of the tensors is complex."""
    return not any(t.is_complex() for part in nested for t in tensors(part))


def quotient(part: float, whole: float) -> float:
    """``part / whole`` where 0 / 0 is 0: nothing expected, nothing wrong."""
    if whole == 0:
        return part if part == 0 or math.isnan(part) else math.inf
    return part / whole
