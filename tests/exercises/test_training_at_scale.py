"""The exercises on training at scale: solutions pass on many draws, each mutant fails with a pointed hint."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from wavelets_course.exercises import check


def step_bytes(parameters: int, kept: int, batch: int, beside: int) -> int:
    return 4 * (parameters * (2 + beside) + kept * batch)


def share(count: int, batch: int, step: int, process: int, processes: int) -> list[int]:
    samples = torch.arange(count)[step * batch : (step + 1) * batch]
    return samples.tensor_split(processes)[process].tolist()


def epoch_order(count: int, seed: int, epoch: int) -> list[int]:
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(count, generator=generator).tolist()


def strided(count: int, batch: int, step: int, process: int, processes: int) -> list[int]:
    return list(range(count))[step * batch : (step + 1) * batch][process::processes]


def drops_the_rest(count: int, batch: int, step: int, process: int, processes: int) -> list[int]:
    size = batch // processes
    start = step * batch + process * size
    return list(range(start, min(start + size, count)))


def by_global_seed(count: int, seed: int, epoch: int) -> list[int]:
    torch.manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(count).tolist()


def added(count: int, seed: int, epoch: int) -> list[int]:
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed + epoch)).tolist()


SOLUTIONS: dict[str, list[Callable[..., Any]]] = {
    "training_at_scale-1": [step_bytes],
    "training_at_scale-2": [share, strided],
    "training_at_scale-3": [epoch_order, lambda n, s, e: torch.tensor(epoch_order(n, s, e))],
}
MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("training_at_scale-1", lambda p, k, b, o: 4 * (p * (1 + o) + k * b), "the gradient of each parameter"),
    ("training_at_scale-1", lambda p, k, b, o: 4 * (p * 2 + k * b), "the optimiser's numbers beside each"),
    ("training_at_scale-1", lambda p, k, b, o: 4 * (p * (2 + o) + k), "what is kept grows with the batch"),
    ("training_at_scale-1", lambda p, k, b, o: p * (2 + o) + k * b, "each takes 4 bytes"),
    ("training_at_scale-1", lambda p, k, b, o: 4 * b * (p * (2 + o) + k), "the parameters are there once"),
    (
        "training_at_scale-2",
        lambda n, b, s, p, w: list(range(s * b, (s + 1) * b)),
        "some samples are taken twice",
    ),
    ("training_at_scale-2", drops_the_rest, "should together take the batch"),
    ("training_at_scale-2", lambda n, b, s, p, w: share(10**6, b, s, p, w), "the last batch holds samples"),
    ("training_at_scale-2", lambda n, b, s, p, w: share(n, b, s, 0, 1) if p == 0 else [], "equally many"),
    ("training_at_scale-2", lambda n, b, s, p, w: share(n, b, s + 1, p, w), "alone, at step 0"),
    ("training_at_scale-2", lambda n, b, s, p, w: 3, "should be a list of whole numbers"),
    ("training_at_scale-3", lambda n, s, e: list(range(n)), "shuffle it"),
    ("training_at_scale-3", lambda n, s, e: torch.randint(n, (n,)).tolist(), "should come once"),
    ("training_at_scale-3", lambda n, s, e: torch.randperm(n).tolist(), "asked again for the same seed"),
    ("training_at_scale-3", by_global_seed, "sets or draws from the global generator"),
    ("training_at_scale-3", lambda n, s, e: epoch_order(n, s, 0), "the epoch must count too"),
    ("training_at_scale-3", added, "mix seed and epoch, do not add them"),
]


@pytest.mark.parametrize("name", SOLUTIONS)
@pytest.mark.parametrize("seed", range(4))
def test_solutions_pass(name: str, seed: int) -> None:
    for solution in SOLUTIONS[name]:
        verdict = check(name, solution, seed=seed)
        assert verdict.ok, repr(verdict)


@pytest.mark.parametrize(("name", "mutant", "hint"), MUTANTS, ids=[hint for _, _, hint in MUTANTS])
@pytest.mark.parametrize("seed", range(2))
def test_mutants_fail_with_a_hint(name: str, mutant: Callable[..., Any], hint: str, seed: int) -> None:
    verdict = check(name, mutant, seed=seed)
    assert not verdict.ok
    assert any(hint in problem for problem in verdict.problems), repr(verdict)
