"""Coefficients of any transform as one row of real numbers, and back."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor

Nest: TypeAlias = Any
"""A tensor, or tuples, named tuples, lists and dictionaries of nests; whatever else stands there stays."""


def tensors(nest: Nest) -> Iterator[Tensor]:
    """All tensors of a nest, in order.

    Parameters
    ----------
    nest
        A tensor, or tuples, named tuples, lists or dictionaries of nests.

    Yields
    ------
    Tensor
        As they are.

    Examples
    --------
    >>> import torch
    >>> [tuple(t.shape) for t in tensors((torch.zeros(2), {"a": [torch.zeros(3)], "shape": (5, 5)}))]
    [(2,), (3,)]
    """
    if isinstance(nest, Tensor):
        yield nest
    elif isinstance(nest, dict):
        for part in nest.values():
            yield from tensors(part)
    elif isinstance(nest, (tuple, list)):
        for part in nest:
            yield from tensors(part)


def to_row(operation: str, nest: Nest, leading: int) -> Float[Tensor, "*batch count"]:
    """Write each image's coefficients in one row of real numbers, a complex one as two neighbours.

    Parameters
    ----------
    operation
        Who asks: it begins the text of the error.
    nest
        Tensors ``(*batch, ...)``, real or complex, of one precision.
    leading
        Number of batch dimensions.

    Returns
    -------
    Tensor
        ``(*batch, count)``.

    Raises
    ------
    TypeError
        If there is no tensor, or one of integers.
    ValueError
        If the tensors do not share their first ``leading`` dimensions.

    Examples
    --------
    >>> import torch
    >>> to_row("example", (torch.tensor([1.0]), torch.tensor([2 + 3j])), leading=0)
    tensor([1., 2., 3.])
    """
    found = list(tensors(nest))
    if not found or not all(part.is_floating_point() or part.is_complex() for part in found):
        raise TypeError(
            f"{operation}: expected coefficients as tensors of real or complex numbers, in tuples, lists or "
            f"dictionaries, got {type(nest).__name__} with {[str(part.dtype) for part in found]}; "
            "let analysis return tensors."
        )
    batches = {tuple(part.shape[:leading]) for part in found}
    if len(batches) > 1 or min(part.ndim for part in found) < leading:
        raise ValueError(
            f"{operation}: expected every tensor of coefficients to begin with the {leading} batch "
            f"dimensions of the images, got shapes {[tuple(part.shape) for part in found]}."
        )
    return torch.cat([_real(part).flatten(leading) for part in found], dim=-1)


def from_row(row: Float[Tensor, "*batch count"], like: Nest, leading: int) -> Nest:
    """Fold a row written by `to_row` back into a nest.

    Parameters
    ----------
    row
        ``(*batch, count)``.
    like
        The nest it came from: gives structure, shapes and dtypes.
    leading
        Number of batch dimensions.

    Returns
    -------
    Nest
        ``to_row`` of it is ``row``.

    Examples
    --------
    >>> import torch
    >>> nest = (torch.tensor([1.0]), torch.tensor([2 + 3j]))
    >>> from_row(2 * to_row("example", nest, 0), nest, 0)
    (tensor([2.]), tensor([4.+6.j]))
    """
    sizes = [_real(part).flatten(leading).shape[-1] for part in tensors(like)]
    return _fold(like, iter(torch.split(row, sizes, dim=-1)))


def _fold(like: Nest, rows: Iterator[Tensor]) -> Nest:
    if isinstance(like, Tensor):
        part = next(rows).reshape(_real(like).shape).to(like.real.dtype)
        return torch.complex(part[..., 0], part[..., 1]) if like.is_complex() else part
    if isinstance(like, dict):
        return {name: _fold(part, rows) for name, part in like.items()}
    if isinstance(like, (tuple, list)):
        parts = [_fold(part, rows) for part in like]
        return like._make(parts) if hasattr(like, "_make") else type(like)(parts)
    return like


def _real(part: Tensor) -> Tensor:
    """Real and imaginary parts on one more axis, ``(..., 2)``."""
    if not part.is_complex():
        return part
    return torch.stack([part.real, part.imag], -1)  # the gradient of a view asks for even offsets
