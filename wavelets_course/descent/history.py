"""History: what a descent did."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class History:
    """Record of one descent.

    Attributes
    ----------
    losses : tuple of float
        ``losses[0]`` is the start's loss, ``losses[k]`` the loss after step k.
    reason : str
        Why it ended: ``"stop"`` (the stop rule was met), ``"stationary"`` (a step of positive
        rate left every number unchanged, as where the gradient is zero, or the line search found
        nothing lower) or ``"steps"`` (no steps left).
    seconds : float
        Wall-clock time.

    Examples
    --------
    >>> history = History(losses=(4.0, 1.0, 2.0), reason="steps", seconds=0.1)
    >>> history.steps, history.best, history.best_step, history.converged
    (2, 1.0, 1, False)
    """

    losses: tuple[float, ...]
    reason: Literal["stop", "stationary", "steps"]
    seconds: float

    @property
    def steps(self) -> int:
        """Number of steps taken."""
        return len(self.losses) - 1

    @property
    def converged(self) -> bool:
        """Whether it ended for a better reason than having no steps left."""
        return self.reason != "steps"

    @property
    def best(self) -> float:
        """The lowest loss, that of the returned iterate."""
        return min(self.losses)

    @property
    def best_step(self) -> int:
        """The step that reached it first."""
        return self.losses.index(self.best)
