"""What an exercise is: a prompt, a stub, and the properties a right answer has.

With this file you can: write an exercise as a list of properties. Each is a sentence for the learner and a
function ``(answer, generator) -> None`` that raises `Wrong` with a hint.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

Answer: TypeAlias = Callable[..., Any]
Test: TypeAlias = Callable[[Answer, torch.Generator], None]


class Wrong(Exception):  # noqa: N818  (not an error of the program: a finding about an answer)
    """A property does not hold; the text says how it fails and what to look at."""


@dataclass(frozen=True)
class Property:
    """One thing that must be true of an answer.

    Attributes
    ----------
    statement : str
        What holds, as a learner reads it.
    test : callable
        Draws its inputs from the generator and raises `Wrong` if the answer lacks the property.
    """

    statement: str
    test: Test


@dataclass(frozen=True)
class Exercise:
    """A task with its public checks.

    Attributes
    ----------
    name : str
        Chapter and number, ``"haar-1"``.
    title : str
        A few words.
    prompt : str
        The task in Markdown.
    stub : str
        Python to start from.
    properties : tuple of Property
        Checked in this order. The first ones say whether the others can be asked at all: checking stops
        at the first that fails among the ``required`` first ones.
    required : int
        How many.
    """

    name: str
    title: str
    prompt: str
    stub: str
    properties: tuple[Property, ...]
    required: int = 1


def call(answer: Answer, *arguments: Any) -> Any:
    """Call the learner's function on copies, and turn whatever goes wrong into a hint.

    Raises
    ------
    Wrong
        If the answer raises or exits, or edits a tensor it was given.
    """
    given = [argument.clone() if isinstance(argument, Tensor) else argument for argument in arguments]
    try:
        result = answer(*given)
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise Wrong(f"your function raised {what} for {describe(arguments)}") from error
    for before, after in zip(arguments, given, strict=True):
        if isinstance(before, Tensor) and not _same(before, after):
            raise Wrong("your function changes its input; work on a copy, or build a new tensor")
    return result


def tensor(value: Any, shape: Sequence[int], what: str, given: Sequence[Any]) -> Tensor:
    """Read a result as a float64 tensor of a known shape.

    Raises
    ------
    Wrong
        If it is no array of numbers, has another shape, or holds NaN or infinity.
    """
    if value is None:
        raise Wrong(f"{what} is None: does the function end in `return`?")
    try:
        result = torch.as_tensor(value if isinstance(value, Tensor) else np.asarray(value))
    except (TypeError, ValueError, RuntimeError) as error:
        raise Wrong(f"{what} should be a tensor, got {type(value).__name__}") from error
    if tuple(result.shape) != tuple(shape):
        raise Wrong(
            f"{what} should have shape {tuple(shape)} for {describe(given)}, got {tuple(result.shape)}"
        )
    if result.is_complex():
        raise Wrong(
            f"{what} should be real, got {result.dtype}: take `.real` or `.abs()`, whichever is meant"
        )
    if not result.isfinite().all():
        raise Wrong(f"{what} holds NaN or infinity for {describe(given)}: is something divided by zero?")
    return result.detach().double()


def number(value: Any, what: str, given: Sequence[Any]) -> float:
    """Read a result as one finite number.

    Raises
    ------
    Wrong
        If it is none.
    """
    return tensor(value, (), what, given).item()


def whole(value: Any, what: str, given: Sequence[Any]) -> int:
    """Read a result as an integer.

    Raises
    ------
    Wrong
        If it is none.
    """
    result = number(value, what, given)
    if result != int(result):
        raise Wrong(
            f"{what} should be a whole number for {describe(given)}, got {result:g}; use `//` to divide"
        )
    return int(result)


def close(a: Tensor, b: Tensor, tolerance: float = 1e-8) -> bool:
    """Whether two tensors of one shape agree, relative to the second one's size (NaN never agrees)."""
    return bool((a - b).norm() <= tolerance * (b.norm() + 1e-30))


def describe(arguments: Sequence[Any]) -> str:
    """Inputs in words: shapes of tensors, other values as they are."""
    words = [_describe(argument) for argument in arguments]
    return "an input " + " and ".join(words) if words else "no input"


def _describe(argument: Any) -> str:
    if isinstance(argument, Tensor):
        return f"of shape {tuple(argument.shape)}" if argument.ndim else f"{argument.item():.4g}"
    return f"{argument:.4g}" if isinstance(argument, float) else f"{argument!r}"


def _same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.equal(torch.nan_to_num(a), torch.nan_to_num(b))
