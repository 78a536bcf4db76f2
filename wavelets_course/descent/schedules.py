"""Schedules: how the learning rate changes from step to step."""

from collections.abc import Callable
from typing import TypeAlias

Schedule: TypeAlias = Callable[[int], float | int]


def step_decay(every: int, factor: float | int = 0.1) -> Schedule:
    """Multiply the learning rate by a factor each so many steps.

    Parameters
    ----------
    every : int
        Steps between two changes, at least 1.
    factor : float
        Positive; below 1 the rate falls.

    Returns
    -------
    callable
        Takes the step, counted from 0, and gives the multiple of the first learning rate.

    Raises
    ------
    ValueError
        If one of them is not positive.

    Examples
    --------
    >>> rate = step_decay(200, 0.5)
    >>> [rate(0), rate(199), rate(200), rate(400)]
    [1.0, 1.0, 0.5, 0.25]
    """
    if every < 1 or factor <= 0:
        raise ValueError(
            f"step_decay: expected every >= 1 and factor > 0, got {every} and {factor}; "
            "leave the schedule out for a constant rate."
        )
    return lambda step: float(factor ** (step // every))
