"""Checks of exercises: the verdict's text, and answers that misbehave."""

import re
import sys
from typing import Any

import pytest
import torch

from wavelets_course import exercises
from wavelets_course.exercises import Verdict, check


def halves(signal: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return (signal[..., ::2] + signal[..., 1::2]) / 2**0.5, (signal[..., ::2] - signal[..., 1::2]) / 2**0.5


def test_every_chapter_has_two_to_four_exercises_in_order() -> None:
    chapters: dict[str, list[int]] = {}
    for name in exercises.names():
        chapter, _, number = name.rpartition("-")
        chapters.setdefault(chapter, []).append(int(number))
    assert set(chapters) == {
        "best_terms",
        "haar",
        "dual_tree",
        "max_or_modulus",
        "gabor_and_morlet",
        "scattering",
        "inversion",
        "hybrid_networks",
        "detection",
        "training_at_scale",
        "wavpool",
        "dual_tree_cnn",
    }
    assert all(2 <= len(n) <= 4 and n == list(range(1, len(n) + 1)) for n in chapters.values())


@pytest.mark.parametrize("name", exercises.names())
def test_stub_is_python_and_prompt_names_its_function(name: str) -> None:
    text = exercises.stub(name)
    compile(text, name, "exec")
    function = re.match(r"def (\w+)\(", text)
    assert function is not None
    assert f"`{function[1]}(" in exercises.prompt(name)


@pytest.mark.parametrize("name", exercises.names())
def test_an_untouched_stub_is_not_solved_and_always_reads_the_same(name: str) -> None:
    scope: dict[str, Any] = {}
    exec(exercises.stub(name), scope)
    answer = scope[exercises.stub(name).removeprefix("def ").partition("(")[0]]
    texts = {repr(check(name, answer, seed=seed)) for seed in range(3)}
    assert len(texts) == 1  # notebooks are compared with what they printed
    assert "None: does" in texts.pop()


def test_verdict_reads_well() -> None:
    assert repr(check("haar-1", halves)).splitlines() == [
        "haar-1: solved",
        "  ✓ two bands, each half as long",
        "  ✓ a constant has no detail",
        "  ✓ energy is kept",
        "  ✓ perfect reconstruction holds",
    ]
    broken = check("haar-1", lambda x: tuple(2**0.5 * band for band in halves(x)))
    assert repr(broken).startswith("haar-1: not yet\n  ✓ two bands")
    assert "  ✗ energy is off by a factor 2: did you forget 1/sqrt(2)?" in repr(broken)
    assert broken.messages == broken.passed + broken.problems


def test_inputs_are_drawn_anew_and_the_seed_repeats_them() -> None:
    seen: list[torch.Tensor] = []

    def spy(signal: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen.append(signal)
        return halves(signal)

    first = check("haar-1", spy)
    check("haar-1", spy)
    check("haar-1", spy, seed=first.seed)
    calls = len(seen) // 3
    assert not (seen[0].shape == seen[calls].shape and torch.equal(seen[0], seen[calls]))
    torch.testing.assert_close(seen[2 * calls], seen[0], rtol=0, atol=0)


def test_an_exception_is_shown_with_the_shape_that_raised_it() -> None:
    def broken(signal: torch.Tensor) -> None:
        raise IndexError("pair 3 is missing")

    [problem] = check("haar-1", broken, seed=1).problems
    assert problem.startswith("your function raised IndexError: pair 3 is missing for an input of shape (3, ")


def test_recursion_and_wrong_arity_are_answers_too() -> None:
    def endless(signal: torch.Tensor) -> object:
        return endless(signal)

    assert "RecursionError" in repr(check("haar-1", endless))
    assert "TypeError" in repr(check("haar-1", lambda: None))


def test_an_answer_that_exits_does_not_end_the_notebook() -> None:
    assert "your function raised SystemExit: 3" in repr(check("haar-1", lambda signal: sys.exit(3)))


def test_editing_the_input_is_refused() -> None:
    def edits(signal: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        signal /= 2**0.5
        return signal[..., ::2] + signal[..., 1::2], signal[..., ::2] - signal[..., 1::2]

    assert "changes its input" in repr(check("haar-1", edits))


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda x: tuple(torch.complex(b, b) for b in halves(x)), "should be real"),
        (lambda x: tuple(b / 0 for b in halves(x)), "holds NaN or infinity"),
        (lambda x: ("approx", "detail"), "should be a tensor, got str"),
        (lambda x: halves(x)[0], "a tuple of 2, got Tensor"),
        (lambda x: (*halves(x), x), "got 3 things"),
        (lambda x: (x, x), "approx should have shape"),
        (halves(torch.ones(4)), "pass it without calling it"),
    ],
)
def test_results_of_the_wrong_kind_get_a_hint(answer: object, text: str) -> None:
    verdict = check("haar-1", answer, seed=3)
    assert not verdict.ok
    assert text in repr(verdict)


def test_numpy_and_lists_are_welcome() -> None:
    assert check("haar-1", lambda x: [band.numpy() for band in halves(x)]).ok


def test_the_learner_s_gradient_does_not_disturb() -> None:
    assert check("haar-1", lambda x: halves(x.requires_grad_())).ok


@pytest.mark.untyped
@pytest.mark.parametrize("operation", ["check", "stub", "prompt"])
def test_unknown_name_lists_the_names(operation: str) -> None:
    arguments = ("haar-9", halves) if operation == "check" else ("haar-9",)
    with pytest.raises(
        ValueError, match=rf"{operation}: there is no exercise 'haar-9'; there are best_terms-1, "
    ):
        getattr(exercises, operation)(*arguments)


def test_verdict_is_its_truth_value() -> None:
    assert Verdict("x", True, (), (), 0)
    assert not Verdict("x", False, (), (), 0)
