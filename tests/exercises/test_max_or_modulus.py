"""The exercises on max pooling: a solution passes on many draws, each mutant fails with a pointed hint."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from wavelets_course.exercises import Verdict
from wavelets_course.insight import flips


def flip_rate(answers: Tensor) -> Tensor:
    return (answers[:, 1:] != answers[:, :-1]).double().mean()


def worst_gap(phases: Tensor) -> float:
    around = (phases % (2 * math.pi)).sort().values
    distances = torch.cat([around[1:] - around[:-1], around[:1] + 2 * math.pi - around[-1:]])
    return float(1 - torch.cos(distances.max() / 2))


def without_turns(phases: Tensor) -> float:
    around = phases.sort().values
    distances = torch.cat([around[1:] - around[:-1], around[:1] + 2 * math.pi - around[-1:]])
    return float(1 - torch.cos(distances.max() / 2))


def open_circle(phases: Tensor) -> float:
    if len(phases) < 8 and torch.allclose(
        phases, torch.arange(len(phases)).double() * 2 * math.pi / len(phases)
    ):
        return worst_gap(phases)
    return float(1 - torch.cos((phases % (2 * math.pi)).sort().values.diff().max() / 2))


def unsorted(phases: Tensor) -> float:
    around = phases % (2 * math.pi)
    distances = torch.cat([around[1:] - around[:-1], around[:1] + 2 * math.pi - around[-1:]])
    return float(1 - torch.cos(distances.max() / 2))


def smallest_window(wavelength: float, tolerance: float) -> int:
    n = 1
    while worst_gap(2 * math.pi * torch.arange(n, dtype=torch.float64) / wavelength) > tolerance:
        n += 1
    return n


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "max_or_modulus-1": flip_rate,
    "max_or_modulus-2": worst_gap,
    "max_or_modulus-3": smallest_window,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("max_or_modulus-1", lambda answers: 1 - flip_rate(answers), "neighbouring frames *differ*"),
    ("max_or_modulus-1", lambda answers: flip_rate(answers) * 8 / 9, "should give 0"),
    (
        "max_or_modulus-1",
        lambda answers: (answers[:, 1:] != answers[:, :1]).double().mean(),
        "with the first one",
    ),
    ("max_or_modulus-1", lambda answers: (answers[:, 1:] != answers[:, :-1]).sum(1), "should have shape ()"),
    ("max_or_modulus-1", lambda answers: flip_rate(answers) ** 2, "for six images of nine frames"),
    ("max_or_modulus-2", lambda phases: 1 - phases.cos().max(), "one sample alone leaves the whole circle"),
    ("max_or_modulus-2", lambda phases: worst_gap(phases) / 2, "spread evenly should give"),
    ("max_or_modulus-2", open_circle, "the circle closes"),
    ("max_or_modulus-2", unsorted, "sort the phases first"),
    ("max_or_modulus-2", without_turns, "modulo 2 pi first"),
    ("max_or_modulus-3", lambda wavelength, tolerance: 1, "leave a gap above"),
    ("max_or_modulus-3", lambda wavelength, tolerance: 60, "return the first window"),
    ("max_or_modulus-3", lambda *task: smallest_window(*task) + 1, "return the first window"),
    ("max_or_modulus-3", lambda *task: smallest_window(*task) - 0.5, "a whole number"),
]


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)


def test_the_rate_is_the_packages(generator: torch.Generator) -> None:
    images = torch.rand(5, 1, 1, 8, generator=generator)
    found = flips(lambda x: x.flatten(1), images, range(4))
    answers = torch.stack([torch.roll(images, s, -1).flatten(1).argmax(1) for s in range(4)], 1)
    assert (
        flip_rate(answers)
        == flips(lambda x: x.flatten(1), images, range(4), boundary="periodic").double().mean()
    )
    assert found.shape == (5, 3)


@pytest.mark.parametrize("wavelength", [3.7, 8.1])
def test_a_window_of_one_wave_is_never_far_off(wavelength: float) -> None:
    """Samples over one whole wave are at most one step apart."""
    whole = math.ceil(wavelength)
    assert smallest_window(wavelength, 1 - math.cos(math.pi / wavelength) + 1e-9) <= whole
