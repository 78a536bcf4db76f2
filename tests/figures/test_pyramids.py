"""Pyramids: every band in its place, signed scales centred on 0, energies in the text."""

import math

import numpy as np
import pytest
import torch

from wavelets_course.figures import pyramid, subbands
from wavelets_course.figures.pyramids import nested
from wavelets_course.transforms import Detail2d, Pyramid2d


def bands(sizes, approx=(2, 3), seed=0):
    """Random bands, finest size first."""
    draw = torch.Generator().manual_seed(seed)
    details = tuple(Detail2d(*(torch.randn(*size, generator=draw) for _ in range(3))) for size in sizes)
    return Pyramid2d(torch.randn(*approx, generator=draw), details)


EVEN = bands([(8, 12), (4, 6), (2, 3)])
LONG_FILTERS = bands([(10, 13), (7, 9), (6, 7)], approx=(6, 7))


def test_haar_bands_tile_the_image():
    places = {tile.label: (tile.row, tile.column) for tile in nested(EVEN)}
    assert places["A"] == (0, 0)
    assert places["H₀"], places["V₀"] == ((8, 0), (0, 12))
    assert places["D₀"] == (8, 12)
    assert places["H₂"], places["V₂"] == ((2, 0), (0, 3))


@pytest.mark.parametrize(
    "coefficients", [EVEN, LONG_FILTERS, bands([], approx=(4, 4)), bands([(1, 3)], approx=(1, 3))]
)
def test_no_two_bands_overlap(coefficients):
    tiles = nested(coefficients)
    rows = max(tile.row + tile.band.shape[0] for tile in tiles)
    columns = max(tile.column + tile.band.shape[1] for tile in tiles)
    hits = np.zeros((rows, columns), dtype=int)
    for tile in tiles:
        hits[tile.row : tile.row + tile.band.shape[0], tile.column : tile.column + tile.band.shape[1]] += 1
    assert hits.max() == 1
    if coefficients is EVEN:
        assert hits.min() == 1


def test_drawn_bands_are_the_coefficients_coarse_to_fine():
    figure = pyramid(EVEN, title="Haar")
    images = figure.axes[0].images
    expected = [EVEN.approx, *(band for level in reversed(EVEN.details) for band in level)]
    assert len(images) == len(expected) == 10
    for image, band in zip(images, expected, strict=True):
        np.testing.assert_array_equal(image.get_array(), band.double())
    for image in images[1:]:
        low, high = image.get_clim()
        assert low == -high
    assert figure.axes[0].get_title() == "Haar"


def test_a_bright_row_answers_in_the_horizontal_band_below():
    details = (Detail2d(torch.ones(4, 4), torch.zeros(4, 4), torch.zeros(4, 4)),)
    figure = pyramid(Pyramid2d(torch.zeros(4, 4), details))
    assert "horizontal 100 %, vertical 0 %, diagonal 0 %" in figure.alt
    strong = [
        tuple(image.get_extent()) for image in figure.axes[0].images if np.abs(image.get_array()).max() > 0
    ]
    assert strong == [(0, 4, 8, 4)]


def test_names_stand_on_bands_with_room_for_them():
    texts = {text.get_text() for text in pyramid(bands([(64, 64), (2, 2)], approx=(2, 2))).axes[0].texts}
    assert texts == {"H₀", "V₀", "D₀"}


def test_table_has_a_row_a_scale_and_shares_of_energy():
    figure = subbands(EVEN)
    total = sum(float((band.double() ** 2).sum()) for level in EVEN.details for band in level)
    total += float((EVEN.approx.double() ** 2).sum())
    share = float((EVEN.details[0].vertical.double() ** 2).sum()) / total
    assert len(figure.axes) == 9
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), EVEN.details[0].vertical.double())
    assert figure.axes[1].get_title() == f"vertical, {100 * share:.0f} %"
    assert [axis.get_ylabel() for axis in figure.axes[::3]] == ["j = 0", "j = 1", "j = 2"]


def test_zero_coefficients_draw():
    flat = Pyramid2d(torch.zeros(2, 2), (Detail2d(*torch.zeros(3, 2, 2)),))
    assert pyramid(flat).png()
    assert pyramid(flat).alt.endswith("No finite coefficient differs from 0.")


@pytest.mark.parametrize("draw", [pyramid, subbands])
def test_what_is_not_finite_is_told_and_left_out(draw):
    lost = Pyramid2d(torch.full((2, 2), math.nan), (Detail2d(*torch.full((3, 2, 2), math.inf)),))
    assert draw(lost).png()
    assert draw(lost).alt.endswith(
        "No finite coefficient differs from 0. NaN or infinite, and left out: 16 coefficients."
    )
    some = Pyramid2d(torch.tensor([[3.0, math.nan]]), (Detail2d(*torch.tensor([[[1.0, 0.0]]] * 3)),))
    assert "approximation 75 %; scale 0: horizontal 8.3 %" in draw(some).alt
    assert draw(some).alt.endswith("left out: 1 coefficients.")


@pytest.mark.untyped
@pytest.mark.parametrize("draw", [pyramid, subbands])
def test_errors_say_the_way_out(draw):
    batch = Pyramid2d(torch.zeros(5, 2, 2), (Detail2d(*torch.zeros(3, 5, 2, 2)),))
    with pytest.raises(ValueError, match=r"one image, an approximation \(rows, columns\), got \(5, 2, 2\)"):
        draw(batch)
    complex_one = Pyramid2d(torch.zeros(2, 2) + 0j, (Detail2d(*torch.zeros(3, 2, 2)),))
    with pytest.raises(ValueError, match="coefficients are complex"):
        draw(complex_one)
