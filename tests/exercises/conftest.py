"""What the tests of exercises share: every solution passes, every mutant fails with its hint.

A test module lists ``SOLUTIONS = {name: answer}`` and ``MUTANTS = [(name, answer, hint), ...]``, and asks for
the fixtures ``solved`` and ``misled``. ``SEEDS = (for a solution, for a mutant)`` changes how many seeds are
tried.
"""

from typing import NamedTuple

import pytest

from wavelets_course.exercises import Verdict, check

SEEDS = (10, 5)


class Misled(NamedTuple):
    """What a wrong answer was told, seed by seed, and the hint that belongs in it."""

    verdicts: list[Verdict]
    hint: str


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    module = metafunc.module
    for_solutions, for_mutants = getattr(module, "SEEDS", SEEDS)
    if "solved" in metafunc.fixturenames:
        cases = [(name, seed) for name in module.SOLUTIONS for seed in range(for_solutions)]
        metafunc.parametrize("solved", cases, indirect=True, ids=[f"{name}-{seed}" for name, seed in cases])
    if "misled" in metafunc.fixturenames:
        mutants = [(*mutant, for_mutants) for mutant in module.MUTANTS]
        ids = [f"{name}-{hint}" for name, _, hint, _ in mutants]
        metafunc.parametrize("misled", mutants, indirect=True, ids=ids)


@pytest.fixture
def solved(request: pytest.FixtureRequest) -> Verdict:
    name, seed = request.param
    return check(name, request.module.SOLUTIONS[name], seed=seed)


@pytest.fixture
def misled(request: pytest.FixtureRequest) -> Misled:
    name, mutant, hint, seeds = request.param
    return Misled([check(name, mutant, seed=seed) for seed in range(seeds)], hint)
