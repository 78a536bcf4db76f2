"""What the learner reads after a check."""

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Verdict:
    """The outcome of one check.

    Attributes
    ----------
    name : str
        The exercise.
    ok : bool
        Whether everything asked for holds; also the truth value of the verdict.
    passed : tuple of str
        What holds.
    problems : tuple of str
        What does not, each with a hint.
    seed : int
        Draws the same inputs again: ``check(name, answer, seed=...)``.
    """

    name: str
    ok: bool
    passed: tuple[str, ...]
    problems: tuple[str, ...]
    seed: int

    @property
    def messages(self) -> tuple[str, ...]:
        """What holds, then what does not."""
        return self.passed + self.problems

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        title = f"{self.name}: solved" if self.ok else f"{self.name}: not yet"
        held = [f"  ✓ {statement}" for statement in self.passed]
        broken = [f"  ✗ {problem}" for problem in self.problems]
        return "\n".join([title, *held, *broken])
