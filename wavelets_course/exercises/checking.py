"""Checking an answer."""

import secrets

import torch

from . import (
    best_terms,
    detection,
    dual_tree,
    dual_tree_cnn,
    gabor_and_morlet,
    haar,
    hybrid_networks,
    inversion,
    max_or_modulus,
    scattering,
    training_at_scale,
    wavpool,
)
from .exercise import Answer, Exercise, Wrong
from .verdict import Verdict

EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise
    for exercise in (
        *best_terms.EXERCISES,
        *haar.EXERCISES,
        *wavpool.EXERCISES,
        *dual_tree.EXERCISES,
        *dual_tree_cnn.EXERCISES,
        *max_or_modulus.EXERCISES,
        *gabor_and_morlet.EXERCISES,
        *scattering.EXERCISES,
        *inversion.EXERCISES,
        *hybrid_networks.EXERCISES,
        *detection.EXERCISES,
        *training_at_scale.EXERCISES,
    )
}
"""Every exercise by name, in the order of the book."""


def names() -> list[str]:
    """Names of the exercises.

    Examples
    --------
    >>> names()[0]
    'best_terms-1'
    """
    return list(EXERCISES)


def prompt(name: str) -> str:
    """The task of an exercise, in Markdown.

    Examples
    --------
    >>> "detail" in prompt("haar-1")
    True
    """
    return _find("prompt", name).prompt


def stub(name: str) -> str:
    """Python to start an exercise from.

    Examples
    --------
    >>> print(stub("haar-4"))
    def coefficient_count(height, width, J):
        ...  # coefficients of a height x width image after J Haar levels
    """
    return _find("stub", name).stub


def check(name: str, answer: Answer | object, *, seed: int | None = None) -> Verdict:
    """Check an answer on inputs drawn now.

    An answer is a function. It never sees its own arguments again, and whatever it raises becomes part of
    the verdict.

    Parameters
    ----------
    name : str
        One of `names`.
    answer : callable
        The function that the exercise asks for.
    seed : int, optional
        Draws the inputs; the verdict carries the one used, so that a failure can be repeated.

    Returns
    -------
    Verdict
        True if solved; printed, it says what holds and what to look at.

    Raises
    ------
    ValueError
        If there is no exercise of that name.

    Examples
    --------
    >>> import math
    >>> def haar_step(signal):
    ...     a, b = signal[..., 0::2], signal[..., 1::2]
    ...     return (a + b) / math.sqrt(2), (a - b) / 2
    >>> check("haar-1", haar_step).ok
    False
    """
    exercise = _find("check", name)
    seed = secrets.randbits(31) if seed is None else seed
    if not callable(answer):
        problem = f"the answer should be a function, got {type(answer).__name__}: pass it without calling it"
        return Verdict(name, False, (), (problem,), seed)
    passed, problems = _examine(exercise, answer, seed)
    return Verdict(name, not problems, tuple(passed), tuple(problems), seed)


def _examine(exercise: Exercise, answer: Answer, seed: int) -> tuple[list[str], list[str]]:
    passed: list[str] = []
    problems: list[str] = []
    for count, prop in enumerate(exercise.properties, start=1):
        try:
            prop.test(answer, torch.Generator().manual_seed(seed))
            passed.append(prop.statement)
        except Wrong as wrong:
            if str(wrong) not in problems:
                problems.append(str(wrong))
            if count <= exercise.required:
                break
    return passed, problems


def _find(operation: str, name: str) -> Exercise:
    if name not in EXERCISES:
        raise ValueError(f"{operation}: there is no exercise {name!r}; there are {', '.join(EXERCISES)}.")
    return EXERCISES[name]
