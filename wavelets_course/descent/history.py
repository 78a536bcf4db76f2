"""History: what a descent did."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Reason: TypeAlias = Literal["stop", "stationary", "steps"]


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
    parts : tuple of History
        Where many problems were solved side by side, each one's own record; else empty.

    Examples
    --------
    >>> history = History(losses=(4.0, 1.0, 2.0), reason="steps", seconds=0.1)
    >>> history.steps, history.best, history.best_step, history.converged
    (2, 1.0, 1, False)
    """

    losses: tuple[float, ...]
    reason: Reason
    seconds: float
    parts: tuple["History", ...] = ()

    @classmethod
    def of(cls, parts: tuple["History", ...], seconds: float) -> "History":
        """Sum up many problems: mean losses, and the least favourable end.

        Parameters
        ----------
        parts : tuple of History
            One for each problem. Those that ended early count as they ended.
        seconds : float
            Wall-clock time of all together.

        Returns
        -------
        History
            Of no problem at all: one loss, 0, and ``"stationary"``.

        Examples
        --------
        >>> parts = History((4.0, 2.0), "steps", 0.1), History((1.0,), "stop", 0.1)
        >>> History.of(parts, 0.1).losses, History.of(parts, 0.1).reason
        ((2.5, 1.5), 'steps')
        """
        length = max((len(part.losses) for part in parts), default=1)
        rows = [part.losses + part.losses[-1:] * (length - len(part.losses)) for part in parts]
        means = tuple(sum(column) / len(rows) for column in zip(*rows, strict=True)) if rows else (0.0,)
        ends: tuple[Reason, ...] = ("steps", "stationary", "stop")
        found = [reason for reason in ends if any(part.reason == reason for part in parts)]
        return cls(means, found[0] if found else "stationary", seconds, parts)

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
