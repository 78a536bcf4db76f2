"""Counts: integers of any kind pass, everything else is refused with the name of what was asked."""

import numpy as np
import pytest
import torch

from wavelets_course.filters.whole import whole


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), torch.tensor(3)])
def test_integers_of_any_kind_become_ints(value: object) -> None:
    number = whole("op", "J", value)
    assert (number, type(number)) == (3, int)


@pytest.mark.parametrize("value", [2.0, 2.5, True, np.float64(2), torch.tensor(2.0), "2", None])
def test_everything_else_is_refused(value: object) -> None:
    with pytest.raises(
        TypeError, match=r"op: J must be a whole number, got .*; give an int, for instance J = 2"
    ):
        whole("op", "J", value)
