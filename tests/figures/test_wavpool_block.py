"""The picture of WavPool's block: every number in its place, and what pooling drops is hatched."""

import numpy as np
import pytest
import torch

from wavelets_course.figures import wavpool_block
from wavelets_course.networks import WavPool


def test_numbers_stand_where_they_are() -> None:
    block = torch.randn(7, 3, 4, generator=torch.Generator().manual_seed(0))
    figure = wavpool_block(block, 2)
    assert [axis.get_title() for axis in figure.axes] == ["horizontal", "vertical", "diagonal"]
    for direction, axis in enumerate(figure.axes):
        drawn = np.asarray(axis.images[0].get_array())
        np.testing.assert_allclose(drawn, block[:, direction].double().numpy())
        assert [label.get_text() for label in axis.get_xticklabels()] == ["3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("shape", "side", "hatched", "said"),
    [
        ((8, 3, 4), 2, [0, 0, 32], "dropped: the diagonal direction."),
        ((8, 3, 3), 2, [8, 8, 24], "dropped: the diagonal direction, level 0."),
        ((8, 3, 5), 3, [8 * 2 + 2 * 3] * 3, "dropped: level 1, level 0, the last 2 of the hidden width."),
        ((8, 3, 4), 1, [0, 0, 0], "dropped: nothing."),
    ],
)
def test_what_is_dropped_is_hatched(shape: tuple[int, ...], side: int, hatched: list[int], said: str) -> None:
    figure = wavpool_block(torch.ones(shape), side)
    areas = [
        round(sum(patch.get_width() * patch.get_height() for patch in axis.patches)) for axis in figure.axes
    ]
    assert areas == hatched
    assert said in figure.alt


def test_hatching_is_what_the_network_does_not_hear() -> None:
    model = WavPool((8, 8), 9, 2, "average", generator=torch.Generator().manual_seed(0))
    block = model.block(torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(1)))
    figure = wavpool_block(block[0], 2)
    drawn = sum(
        round(patch.get_width() * patch.get_height()) for axis in figure.axes for patch in axis.patches
    )
    assert drawn == block[0].numel() - 8 * 2 * 2


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("shape", "side", "text"),
    [
        ((2, 8, 3, 4), 2, r"got \(2, 8, 3, 4\); take one of the batch"),
        ((8, 4, 4), 2, r"got \(8, 4, 4\)"),
        ((8, 3, 2), 3, "cubes of side 3 do not fit"),
        ((8, 3, 2), 0, "use 1 to 2"),
    ],
)
def test_what_cannot_be_drawn_is_refused(shape: tuple[int, ...], side: int, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        wavpool_block(torch.ones(shape), side)
