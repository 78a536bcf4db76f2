"""History: what can be read off the losses."""

import dataclasses

import pytest

from wavelets_course.descent import History


def test_history_counts_steps_and_finds_the_best() -> None:
    history = History((5.0, 2.0, 1.0, 1.0, 4.0), "steps", 0.5)
    assert (history.steps, history.best, history.best_step, history.converged) == (4, 1.0, 2, False)
    assert History((1.0,), "stop", 0.0).converged
    assert History((1.0, 1.0), "stationary", 0.0).converged


def test_history_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        History((1.0,), "stop", 0.0).seconds = 1.0  # type: ignore[misc]
