"""Seeds: spread well, the same everywhere, and the caller's generators come back."""

import random

import numpy as np
import torch

from wavelets_course.training.seeds import derive_seed, kept_random_states, seed_everything


def draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.rand()), float(torch.rand(()))  # noqa: NPY002


def test_seeds_do_not_meet() -> None:
    seeds = {
        derive_seed(seed, epoch, index) for seed in range(3) for epoch in range(30) for index in range(300)
    }
    assert len(seeds) == 3 * 30 * 300
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert derive_seed(1, 23) != derive_seed(12, 3)


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert derive_seed(0, 1, 2) == 1772749440416956875


def test_all_generators_are_set() -> None:
    with kept_random_states():
        seed_everything(5, 6)
        first = draws()
        seed_everything(5, 6)
        assert draws() == first
        seed_everything(5, 7)
        assert not set(draws()) & set(first)


def test_the_callers_generators_come_back_after_an_error_too() -> None:
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.random.get_rng_state()  # type: ignore[index]  # noqa: NPY002
    try:
        with kept_random_states():
            seed_everything(1)
            raise KeyError
    except KeyError:
        pass
    assert random.getstate() == states[0]
    assert np.random.get_state()[1].tolist() == states[1]  # type: ignore[index]  # noqa: NPY002
    assert torch.equal(torch.random.get_rng_state(), states[2])
