"""Schedules on paper."""

import pytest

from wavelets_course.descent import step_decay


def test_step_decay_falls_every_so_many_steps() -> None:
    rate = step_decay(3)
    assert [rate(k) for k in range(7)] == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.01])


@pytest.mark.untyped
@pytest.mark.parametrize(("every", "factor"), [(0, 0.1), (3, 0.0), (3, -1.0)])
def test_step_decay_refuses_what_never_moves(every: int, factor: float) -> None:
    with pytest.raises(ValueError, match=rf"got {every} and {factor}; leave the schedule out"):
        step_decay(every, factor)
