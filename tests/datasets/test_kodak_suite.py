"""Kodak's photographs: checked, in order, grey or in colour."""

from collections.abc import Callable

import pytest
import torch
from torch.testing import assert_close

from wavelets_course.datasets import DamagedFileError, MissingFileError, data_folder, kodak

from .conftest import TinySet


@pytest.fixture
def tiny(make_tiny: Callable[[str], TinySet]) -> TinySet:
    return make_tiny("kodak")


def test_photographs_come_in_order_grey_or_in_colour(tiny: TinySet) -> None:
    tiny.write(data_folder())
    colour = kodak(grey=False)
    assert [tuple(image.shape) for image in colour] == [(3, 4, 6), (3, 6, 4), (3, 4, 6)]
    weights = torch.tensor([0.2125, 0.7154, 0.0721])
    for image, grey in zip(colour, kodak(), strict=True):
        assert 0 <= image.min() < image.max() <= 1
        assert_close(grey, (weights[:, None, None] * image).sum(0))


def test_absent_photographs_are_named_with_the_way_out(tiny: TinySet) -> None:
    with pytest.raises(MissingFileError, match=r"kodak: 3 of 3 files .*wavelets-course data fetch kodak"):
        kodak()


def test_a_damaged_photograph_is_not_read(tiny: TinySet) -> None:
    tiny.write(data_folder())
    (data_folder() / "kodak" / "kodim02.png").write_bytes(b"not it")
    with pytest.raises(DamagedFileError, match=r"kodim02\.png is damaged and was not read"):
        kodak()
