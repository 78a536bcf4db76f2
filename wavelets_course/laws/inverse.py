"""Does one operator undo another, and is one the adjoint of another?"""

import math

from .applying import Operator, applied
from .nested import Nested, difference
from .norms import all_real, inner, norm, quotient


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
    return quotient(norm(difference(actual, expected, "relative_error")), norm(expected))


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
    return relative_error(applied(synthesis, applied(analysis, x)), x)


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
    image, back = applied(operator, x), applied(adjoint, y)
    gap = inner(image, y) - inner(x, back)
    real = all_real(x, back) or all_real(image, y)
    size = [norm(image) * norm(y), norm(x) * norm(back)]
    return quotient(abs(gap.real if real else gap), math.nan if any(map(math.isnan, size)) else max(size))
