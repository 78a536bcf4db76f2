"""How much lengths and distances change: energy, and contraction."""

import math

from .applying import Operator, applied
from .nested import Nested, difference
from .norms import norm


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
    out, into = norm(applied(operator, x)), norm(x)
    return (out / into) ** 2 if into else math.nan


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
    apart = norm(difference(x, y, "contraction_ratio"))
    images = difference(applied(operator, x), applied(operator, y), "contraction_ratio")
    return norm(images) / apart if apart else math.nan
