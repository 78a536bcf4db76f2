"""The identities that operators of this course must satisfy, each as one number.

With this file you can: ask of any operator whether it reconstructs, keeps energy, commutes with a
shift, contracts, is linear, or has the adjoint it claims to have.

Every law is a Python float ``>= 0``. Errors and gaps are 0 when the law holds exactly; ratios say by how
much lengths change. All sums run in float64. An operator takes and returns a tensor or nested tuples, lists
or dicts of tensors (a `Pyramid2d`, say) or NumPy arrays; None and whole numbers beside them are ignored.

A broken operator never passes: a NaN anywhere makes the result NaN, and ``nan < tolerance`` is False; a
result without any tensor, or with leaves of another kind, is refused with a TypeError. Operators get a copy
of the input, and one that edits it in place is refused with a ValueError.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Nested: TypeAlias = Tensor | NDArray[Any] | Sequence[Any] | Mapping[str, Any]
Scalar: TypeAlias = complex | float | int
Operator: TypeAlias = Callable[[Any], Any]


def relative_error(actual: Nested, expected: Nested) -> float:
    """Distance of a result from what was expected, ``||actual - expected|| / ||expected||``.

    Parameters
    ----------
    actual, expected : Tensor or nested tuples of tensors
        Same structure and shapes; dtypes may differ. Norms run over all tensors together.

    Returns
    -------
    float
        0 for equality (also when both are zero or empty), inf if only ``expected`` is zero.

    Raises
    ------
    TypeError, ValueError
        If there is no tensor to measure; if structures or shapes differ.

    Examples
    --------
    >>> import torch
    >>> relative_error(torch.tensor([3.0, 4.1]), torch.tensor([3.0, 4.0])) < 0.021
    True
    """
    return _quotient(_norm(_difference(actual, expected, "relative_error")), _norm(expected))


def reconstruction_error(analysis: Operator, synthesis: Operator, x: Nested) -> float:
    """Loss of the round trip, ``||S A x - x|| / ||x||``; 0 if the synthesis S inverts the analysis A.

    Parameters
    ----------
    analysis, synthesis : callable
        The operator and its left inverse.
    x : Tensor or nested tuples of tensors
        The signal.

    Returns
    -------
    float
        0 when nothing is lost.

    Raises
    ------
    TypeError, ValueError
        If there is no tensor to measure; if the result's shape is not that of ``x``.

    Examples
    --------
    >>> import torch
    >>> reconstruction_error(torch.fft.fft, torch.fft.ifft, torch.arange(4.0)) < 1e-6
    True
    """
    return relative_error(_apply(synthesis, _apply(analysis, x)), x)


def adjoint_gap(operator: Operator, adjoint: Operator, x: Nested, y: Nested) -> float:
    """How far two operators are from being adjoint, ``|<A x, y> - <x, A* y>|`` over the norms.

    Parameters
    ----------
    operator, adjoint : callable
        A and A*.
    x, y : Tensor or nested tuples of tensors
        One element of the space A acts on, and one of the space it maps to. Draw both at random:
        a fixed pair can hide an error.

    Returns
    -------
    float
        The gap divided by ``max(||A x|| ||y||, ||x|| ||A* y||)``.

    Raises
    ------
    TypeError, ValueError
        If there is no tensor to measure; if shapes do not match.

    Notes
    -----
    ``<u, v> = sum(u conj(v))``. Where one of the two spaces is real (all of ``x`` and ``A* y``, or all of
    ``A x`` and ``y``), the inner product is the real part: a map from real to complex numbers is linear over
    the reals only.

    Examples
    --------
    The inverse of a scaling is not its adjoint:

    >>> import torch
    >>> x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 5.0])
    >>> adjoint_gap(lambda u: 2 * u, lambda v: 2 * v, x, y)
    0.0
    >>> adjoint_gap(lambda u: 2 * u, lambda v: v / 2, x, y) > 0.7
    True
    """
    image, back = _apply(operator, x), _apply(adjoint, y)
    gap = _inner(image, y) - _inner(x, back)
    real = _all_real(x, back) or _all_real(image, y)
    size = [_norm(image) * _norm(y), _norm(x) * _norm(back)]
    return _quotient(abs(gap.real if real else gap), math.nan if any(map(math.isnan, size)) else max(size))


def energy_ratio(operator: Operator, x: Nested) -> float:
    """Energy that comes out for each unit that goes in, ``||A x||^2 / ||x||^2``; 1 for a Parseval frame.

    Parameters
    ----------
    operator : callable
        A.
    x : Tensor or nested tuples of tensors
        The signal.

    Returns
    -------
    float
        For a frame with bounds (a, b) a number in [a, b]; NaN for ``x = 0``.

    Raises
    ------
    TypeError
        If there is no tensor to measure.

    Examples
    --------
    >>> import torch
    >>> energy_ratio(lambda u: (0.6 * u, 0.8 * u), torch.ones(5))
    1.0...
    """
    out, into = _norm(_apply(operator, x)), _norm(x)
    return (out / into) ** 2 if into else math.nan


def equivariance_gap(operator: Operator, act_in: Operator, act_out: Operator, x: Nested) -> float:
    """How far an operator is from commuting with an action, ``||A(g x) - g' A(x)|| / ||A x||``.

    Parameters
    ----------
    operator : callable
        A.
    act_in, act_out : callable
        The action g on what goes in, and g' on what comes out (for an analysis that keeps every
        2nd sample, a shift by 2 becomes a shift by 1).
    x : Tensor or nested tuples of tensors
        The signal.

    Returns
    -------
    float
        0 when A is equivariant at ``x``.

    Raises
    ------
    TypeError, ValueError
        If there is no tensor to measure; if the two results differ in shape.

    Examples
    --------
    >>> import torch
    >>> equivariance_gap(torch.relu, torch.flip(torch.eye(2), (0,)).matmul,
    ...                  torch.flip(torch.eye(2), (0,)).matmul, torch.tensor([1.0, -2.0]))
    0.0
    """
    image = _apply(operator, x)
    moved = _apply(operator, _apply(act_in, x))
    return _quotient(_norm(_difference(moved, _apply(act_out, image), "equivariance_gap")), _norm(image))


def translation_gap(operator: Operator, displacement: Sequence[int], x: Tensor) -> float:
    """How much a translation of the torus changes a result, ``||A(shift x) - A x|| / ||A x||``.

    Parameters
    ----------
    operator : callable
        A.
    displacement : sequence of int
        Whole samples, one for each of the last axes: ``(dy, dx)`` for images ``(*batch, height, width)``.
    x : Tensor
        The signal, taken as periodic.

    Returns
    -------
    float
        0 for an invariant operator; about ``sqrt(2)`` when the result has become unrelated.

    Raises
    ------
    TypeError, ValueError
        If there is no tensor to measure; if there are more displacements than axes.

    Examples
    --------
    >>> import torch
    >>> translation_gap(lambda image: image.mean(), (1, 2), torch.arange(12.0).reshape(3, 4))
    0.0
    """
    steps = tuple(displacement)
    if len(steps) > x.ndim:
        raise ValueError(
            f"translation_gap: displacement {steps} has {len(steps)} entries, x only {x.ndim} axes "
            f"{tuple(x.shape)}; give one whole number for each of the last axes."
        )
    axes = tuple(range(-len(steps), 0))
    return equivariance_gap(operator, lambda u: torch.roll(u, steps, axes), lambda image: image, x)


def contraction_ratio(operator: Operator, x: Nested, y: Nested) -> float:
    """How much of a distance survives, ``||A x - A y|| / ||x - y||``; at most 1 if A is non-expansive.

    Parameters
    ----------
    operator : callable
        A, linear or not.
    x, y : Tensor or nested tuples of tensors
        Two signals.

    Returns
    -------
    float
        A lower bound of A's Lipschitz constant; NaN for ``x = y``.

    Raises
    ------
    TypeError, ValueError
        If there is no tensor to measure; if shapes differ.

    Examples
    --------
    >>> import torch
    >>> contraction_ratio(torch.abs, torch.tensor([1.0, -1.0]), torch.tensor([-1.0, -1.0]))
    0.0
    """
    apart = _norm(_difference(x, y, "contraction_ratio"))
    images = _difference(_apply(operator, x), _apply(operator, y), "contraction_ratio")
    return _norm(images) / apart if apart else math.nan


def linearity_gap(operator: Operator, x: Nested, y: Nested, a: Scalar = 2.0, b: Scalar = -3.0) -> float:
    """How far an operator is from linear, ``||A(a x + b y) - a A x - b A y|| / (||a A x|| + ||b A y||)``.

    Parameters
    ----------
    operator : callable
        A.
    x, y : Tensor or nested tuples of tensors
        Two signals of the same shape.
    a, b : float or complex
        The combination. Opposite signs tell the modulus from a linear map even where ``x`` and
        ``y`` are positive.

    Returns
    -------
    float
        0 for a linear operator, at most about 1 otherwise unless it amplifies.

    Raises
    ------
    TypeError, ValueError
        If there is no tensor to measure; if shapes differ.

    Examples
    --------
    >>> import torch
    >>> linearity_gap(torch.abs, torch.tensor([1.0, 2.0]), torch.tensor([2.0, 1.0])) > 0.1
    True
    """
    _pairs(x, y, "linearity_gap")  # refuses what cannot be added
    combined = _apply(operator, _map(lambda u, v: a * u + b * v, x, y))
    image_x, image_y = _apply(operator, x), _apply(operator, y)
    _pairs(image_x, image_y, "linearity_gap")
    expected = _map(lambda u, v: a * u + b * v, image_x, image_y)
    size = abs(a) * _norm(image_x) + abs(b) * _norm(image_y)
    return _quotient(_norm(_difference(combined, expected, "linearity_gap")), size)


def _apply(operator: Operator, x: Any) -> Any:
    """Call the operator on a copy and refuse an in-place edit: it would falsify both sides of a law."""
    originals = _tensors(x)
    copy = _map(lambda leaf: leaf.clone() if isinstance(leaf, Tensor) else leaf.copy(), x)
    result = operator(copy)
    for before, after in zip(originals, _tensors(copy), strict=True):
        unchanged = (before == after) | ((before != before) & (after != after))  # NaN equals NaN here
        if before.shape != after.shape or not bool(unchanged.all()):
            raise ValueError(
                "laws: the operator changed its input in place; "
                "an operator must leave it alone: work on x.clone() or write x = x + 1 for x += 1."
            )
    return result


def _tensors(nested: Any) -> list[Tensor]:
    """All tensors in order; where there is nothing to measure, no law can hold."""
    found, _ = _flatten(nested)
    if not found:
        raise TypeError(
            f"laws: expected a tensor or nested tuples of tensors, got {type(nested).__name__} without any; "
            "does the operator end in `return`?"
        )
    return found


def _flatten(nested: Any) -> tuple[list[Tensor], Any]:
    """All tensors, and their shapes nested as they are, where None is a part that holds no tensor."""
    if isinstance(nested, Tensor):
        return [nested], tuple(nested.shape)
    if isinstance(nested, np.ndarray):  # torch reads neither negative strides nor foreign byte orders
        native = np.array(nested, dtype=nested.dtype.newbyteorder("="), order="C")
        return [torch.from_numpy(native)], nested.shape
    if isinstance(nested, (tuple, list, Mapping)):
        keys = sorted(nested, key=str) if isinstance(nested, Mapping) else range(len(nested))
        inside = {key: _flatten(nested[key]) for key in keys}
        shapes = {key: shape for key, (_, shape) in inside.items()}
        found = [t for part, _ in inside.values() for t in part]
        return found, (shapes if isinstance(nested, Mapping) else list(shapes.values())) if found else None
    if nested is None or isinstance(nested, int):
        return [], None
    raise TypeError(
        f"laws: expected tensors or nested tuples of tensors, got {type(nested).__name__} among them; "
        "make numbers tensors (torch.as_tensor) and leave the rest out."
    )


def _map(function: Callable[..., Any], *nested: Any) -> Any:
    """Apply a function to tensors at the same places of equal structures."""
    first = nested[0]
    if isinstance(first, (Tensor, np.ndarray)):
        return function(*nested)
    if not _flatten(first)[0]:
        return first
    if isinstance(first, Mapping):
        return {key: _map(function, *(other[key] for other in nested)) for key in first}
    parts = [_map(function, *parts) for parts in zip(*nested, strict=True)]
    return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)


def _pairs(left: Any, right: Any, law: str) -> list[tuple[Tensor, Tensor]]:
    """Tensors at the same places of two results, which must have one structure."""
    tensors, shapes = (_tensors(left), _tensors(right)), (_flatten(left)[1], _flatten(right)[1])
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"{law}: both sides must have the same shapes, nested alike, got {shapes[0]} and {shapes[1]}; "
            "nothing is broadcast: crop or index first."
        )
    return list(zip(*tensors, strict=True))


def _difference(actual: Any, expected: Any, law: str) -> list[Tensor]:
    return [_wide(u) - _wide(v) for u, v in _pairs(actual, expected, law)]


def _wide(t: Tensor) -> Tensor:
    return t.detach().to(torch.complex128 if t.is_complex() else torch.float64)


def _norm(nested: Any) -> float:
    norms = [torch.linalg.vector_norm(_wide(t)).item() for t in _tensors(nested) if t.numel()]
    return math.hypot(*norms) if not any(map(math.isnan, norms)) else math.nan  # hypot(inf, nan) is inf


def _inner(u: Any, v: Any) -> complex:
    products = (_wide(s) * _wide(t).conj() for s, t in _pairs(u, v, "adjoint_gap"))
    return sum((complex(product.sum().item()) for product in products), 0j)


def _all_real(*nested: Any) -> bool:
    return not any(t.is_complex() for part in nested for t in _tensors(part))


def _quotient(part: float, whole: float) -> float:
    """``part / whole`` where 0 / 0 is 0: nothing expected, nothing wrong."""
    if whole == 0:
        return part if part == 0 or math.isnan(part) else math.inf
    return part / whole
