"""Nests of tensors: any structure becomes a row of real numbers and comes back."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course.sparse.nests import from_row, tensors, to_row
from wavelets_course.transforms import wavedec2


class Wedges(NamedTuple):
    coarse: torch.Tensor
    fine: tuple[torch.Tensor, ...]


LEAVES = st.sampled_from([torch.float64, torch.complex128, "shape"])
NESTS = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=3),
        st.tuples(part, part),
        st.dictionaries(st.sampled_from("abc"), part, min_size=1),
    ),
    max_leaves=8,
)


def grown(plan, generator: torch.Generator):
    """The plan with tensors for its dtypes."""
    if isinstance(plan, torch.dtype):
        sizes = [int(torch.randint(1, 4, (), generator=generator)) for _ in range(2)]
        return torch.randn(2, *sizes, generator=generator, dtype=plan)
    if isinstance(plan, dict):
        return {name: grown(part, generator) for name, part in plan.items()}
    if isinstance(plan, (tuple, list)):
        return type(plan)(grown(part, generator) for part in plan)
    return (5, 7)


@settings(deadline=None, max_examples=60)
@given(plan=NESTS, seed=st.integers(0, 9))
def test_there_and_back(plan, seed):
    nest = (torch.ones(2, 1, dtype=torch.float64), grown(plan, torch.Generator().manual_seed(seed)))
    row = to_row("test", nest, leading=1)
    back = from_row(row, nest, leading=1)
    assert type(back[1]) is type(nest[1])
    for before, after in zip(tensors(nest), tensors(back), strict=True):
        assert torch.equal(before, after)
        assert before.dtype == after.dtype
    numbers = sum(part.numel() * (1 + part.is_complex()) for part in tensors(nest))
    assert row.numel() == numbers


def test_named_tuples_and_what_is_no_tensor_stay():
    nest = Wedges(torch.ones(3), (torch.ones(2, dtype=torch.complex64),))
    back = from_row(2 * to_row("test", nest, 0), nest, 0)
    assert isinstance(back, Wedges)
    assert back.fine[0].tolist() == [2, 2]
    pyramid = wavedec2(torch.ones(2, 5, 7), "haar", J=2)
    again = from_row(to_row("test", pyramid, 1), pyramid, 1)
    assert again.shape == (5, 7)


@pytest.mark.untyped
def test_errors_say_the_way_out():
    with pytest.raises(
        TypeError, match=r"test: expected coefficients as tensors.*let analysis return tensors"
    ):
        to_row("test", "nothing", 0)
    with pytest.raises(TypeError, match=r"test: expected coefficients .*int64"):
        to_row("test", [torch.arange(3)], 0)
    with pytest.raises(ValueError, match=r"test: expected every tensor .* begin with the 1 batch"):
        to_row("test", (torch.ones(2, 3), torch.ones(3, 2)), 1)
