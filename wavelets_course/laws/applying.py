"""An operator, and how a law calls it: on a copy, watching for edits in place."""

from collections.abc import Callable
from typing import Any, TypeAlias

from torch import Tensor

from .nested import mapped, tensors

Operator: TypeAlias = Callable[[Any], Any]


def applied(operator: Operator, x: Any) -> Any:
    """Call the operator on a copy and refuse an in-place edit: it would falsify both sides of a law."""
    originals = tensors(x)
    copy = mapped(lambda leaf: leaf.clone() if isinstance(leaf, Tensor) else leaf.copy(), x)
    result = operator(copy)
    for before, after in zip(originals, tensors(copy), strict=True):
        unchanged = (before == after) | ((before != before) & (after != after))  # NaN equals NaN here
        if before.shape != after.shape or not bool(unchanged.all()):
            raise ValueError(
                "laws: the operator changed its input in place; "
                "an operator must leave it alone: work on x.clone() or write x = x + 1 for x += 1."
            )
    return result
