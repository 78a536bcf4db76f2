"""Polygons against scikit-image's point-in-polygon test, and known areas."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import points_in_poly

from wavelets_course.signals import polygon, random_polygons

corner = st.tuples(st.floats(-5, 25).map(lambda v: v + 0.0137), st.floats(-5, 25).map(lambda v: v + 0.0071))


@given(vertices=st.lists(corner, min_size=3, max_size=7))
@settings(max_examples=40, deadline=None)
def test_filling_equals_scikit_image(vertices: list[tuple[float, float]]) -> None:
    points = torch.cartesian_prod(torch.arange(16.0), torch.arange(19.0)).double()
    expected = torch.from_numpy(points_in_poly(points.numpy(), vertices)).reshape(16, 19)
    disagree = (polygon((16, 19), vertices).bool() != expected).sum()
    assert disagree <= 2  # pixels within rounding of an edge


def test_neighbours_share_no_pixel_and_leave_none_out() -> None:
    corners = [(0.0, 0.0), (0.0, 8.0), (8.0, 8.0), (8.0, 0.0)]
    for middle in ((4.0, 4.0), (3.0, 5.0), (2.5, 1.25)):
        parts = [
            polygon((8, 8), [a, b, middle]) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
        ]
        torch.testing.assert_close(sum(parts, torch.zeros(8, 8)), torch.ones(8, 8))


def test_even_odd_leaves_a_hole_where_a_polygon_overlaps_itself() -> None:
    twice = [(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (4.0, 0.0)] * 2
    assert polygon((6, 6), twice).sum() == 0


def test_random_polygons_are_a_cartoon() -> None:
    image = random_polygons((64, 48), 6, torch.Generator().manual_seed(1))
    assert image.shape == (64, 48)
    assert 3 <= len(image.unique()) <= 7
    assert 0 <= image.min() <= image.max() <= 1
    again = random_polygons((64, 48), 6, torch.Generator().manual_seed(1))
    torch.testing.assert_close(image, again, rtol=0, atol=0)
    assert len(random_polygons((8, 8), 0).unique()) == 1


@pytest.mark.untyped
def test_errors_say_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"at least 3 corners \(y, x\), got an array of shape \(2, 2\)"):
        polygon((4, 4), [(0, 0), (1, 1)])
    with pytest.raises(ValueError, match="count must be >= 0, got -1"):
        random_polygons((4, 4), -1)
    with pytest.raises(ValueError, match=r"polygon: corners must be finite, got \[\[nan"):
        polygon((4, 4), [(float("nan"), 0), (1, 1), (2, 0)])
