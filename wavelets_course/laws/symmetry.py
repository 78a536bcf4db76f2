"""Does an operator commute with what it should: an action, a translation, adding and scaling?"""

from collections.abc import Sequence

import torch
from torch import Tensor

from .applying import Operator, applied
from .nested import Nested, Scalar, difference, mapped, pairs
from .norms import norm, quotient


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
    image = applied(operator, x)
    moved = applied(operator, applied(act_in, x))
    return quotient(norm(difference(moved, applied(act_out, image), "equivariance_gap")), norm(image))


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
    pairs(x, y, "linearity_gap")  # refuses what cannot be added
    combined = applied(operator, mapped(lambda u, v: a * u + b * v, x, y))
    image_x, image_y = applied(operator, x), applied(operator, y)
    pairs(image_x, image_y, "linearity_gap")
    expected = mapped(lambda u, v: a * u + b * v, image_x, image_y)
    size = abs(a) * norm(image_x) + abs(b) * norm(image_y)
    return quotient(norm(difference(combined, expected, "linearity_gap")), size)
