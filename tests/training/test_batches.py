"""Every sample once an epoch, in the same steps whatever the number of processes and pieces."""

from itertools import chain

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course.training.batches import Plan


def steps_of(plan: Plan, epoch: int = 0) -> list[list[int]]:
    """Samples that count, step by step."""
    steps: list[list[int]] = [[]]
    for share in plan.shares(epoch):
        steps[-1] += share.indices[: share.real]
        if share.closes:
            steps.append([])
    return steps[:-1]


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, 60),
    batch_size=st.integers(1, 70),
    accumulate=st.integers(1, 5),
    processes=st.integers(1, 5),
    seed=st.integers(0, 9),
)
def test_all_processes_and_pieces_make_up_the_steps_of_one(
    count: int, batch_size: int, accumulate: int, processes: int, seed: int
) -> None:
    one = steps_of(Plan(count, batch_size, seed=seed), epoch=1)
    each = [
        Plan(count, batch_size, accumulate, seed, process=process, processes=processes)
        for process in range(processes)
    ]
    together = [
        list(chain(*parts)) for parts in zip(*(steps_of(plan, epoch=1) for plan in each), strict=True)
    ]
    assert [sorted(step) for step in together] == [sorted(step) for step in one]
    assert sorted(chain(*one)) == list(range(count))
    for shares in zip(*(plan.shares(1) for plan in each), strict=True):
        assert len({(len(share.indices), share.closes, share.fraction) for share in shares}) == 1
        assert len(shares[0].indices) > 0


@settings(deadline=None, max_examples=30)
@given(count=st.integers(1, 40), batch_size=st.integers(1, 12), first=st.integers(0, 40))
def test_an_epoch_can_be_entered_at_any_step(count: int, batch_size: int, first: int) -> None:
    plan = Plan(count, batch_size, accumulate=2)
    entered = list(plan.shares(3, first))
    whole = list(plan.shares(3))
    assert entered == whole[len(whole) - len(entered) :]
    assert sum(share.closes for share in entered) == max(0, plan.steps - first)


def test_fractions_of_a_step_sum_to_one() -> None:
    plan = Plan(10, 7, accumulate=3)
    totals, sizes = [0.0], []
    for share in plan.shares(0):
        totals[-1] += share.real * share.fraction
        if share.closes:
            totals.append(0.0)
    sizes = [plan.size(step) for step in range(plan.steps)]
    assert totals[:-1] == pytest.approx([1, 1])
    assert sizes == [7, 3]


def test_order_follows_from_seed_and_epoch() -> None:
    plan, other = Plan(100, 10, seed=1), Plan(100, 10, seed=2)
    assert torch.equal(plan.order(4), Plan(100, 7, seed=1).order(4))
    assert not torch.equal(plan.order(4), plan.order(5))
    assert not torch.equal(plan.order(4), other.order(4))
    assert Plan(5, 2, shuffle=False).order(4).tolist() == [0, 1, 2, 3, 4]


def test_drop_last_leaves_only_full_steps() -> None:
    plan = Plan(10, 4, drop_last=True)
    assert plan.steps == 2
    assert [len(step) for step in steps_of(plan)] == [4, 4]
