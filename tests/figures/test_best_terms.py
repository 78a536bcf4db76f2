"""Figures on n-term approximation: the fitted lines, the kept frequencies, and the counts of the covers."""

import math

import numpy as np
import pytest
import torch

from wavelets_course import figures
from wavelets_course.figures.edge_covers import edge_curve, needles_on, squares_on

COUNTS = [1, 10, 100, 1000]


def power(s: float) -> torch.Tensor:
    return torch.tensor(COUNTS, dtype=torch.float64) ** s


def test_fitted_line_lies_on_a_power_law_inside_its_window():
    figure = figures.error_decay(COUNTS, {"a": power(-1), "b": power(-0.5)}, {"b": (10, 1000)})
    line = figure.axes[0].lines[-1]
    assert line.get_xdata().tolist() == [10, 100, 1000]
    np.testing.assert_allclose(line.get_ydata(), np.array([10.0, 100, 1000]) ** -0.5)
    assert "b -0.50 for n from 10 to 1,000" in figure.alt
    assert any(text.get_text() == "b (-0.50)" for text in figure.axes[0].texts)


def test_an_error_of_zero_is_drawn_at_the_bottom():
    errors = torch.tensor([1.0, 0.1, 0.0, 0.0], dtype=torch.float64)
    figure = figures.error_decay(COUNTS, {"a": errors}, {})
    assert figure.axes[0].lines[0].get_ydata().min() == 1e-16


def test_a_window_needs_its_series():
    with pytest.raises(ValueError, match=r"error_decay: window 'c' names no series; it is one of a"):
        figures.error_decay(COUNTS, {"a": power(-1)}, {"c": (1, 10)})


def test_gallery_has_a_row_for_each_transform():
    x = torch.full((8, 8), 0.5)
    rows = {name: {4: x + 0.1, 16: x + 0.01} for name in ("Fourier", "db2", "curvelets")}
    figure = figures.n_term_gallery(x, rows)
    assert len(figure.axes) == 6
    assert [axis.get_ylabel() for axis in figure.axes[::2]] == list(rows)
    assert figure.axes[0].get_title() == "n = 4\n20.0 dB"
    assert figure.axes[3].get_title() == "40.0 dB"
    with pytest.raises(ValueError, match=r"n_term_gallery: expected the same n in every row"):
        figures.n_term_gallery(x, {"a": {1: x}, "b": {2: x}})


def test_kept_frequencies_are_the_largest_and_symmetric():
    coefficients = torch.zeros(8, 8)
    coefficients[0, 0], coefficients[1, 2], coefficients[-1, -2], coefficients[3, 0] = 9, 5, 4, 3
    figure = figures.kept_frequencies(coefficients, [2, 4])
    two, four = (np.fft.ifftshift(np.asarray(axis.images[0].get_array())) for axis in figure.axes)
    assert (two[0, 0], two[1, 2], two[-1, -2], two[3, 0]) == (1, 0.5, 0.5, 0)
    assert (four[1, 2], four[-1, -2], four[3, 0], four[-3, 0]) == (1, 1, 0.5, 0.5)
    assert "of 4 kept, 100% lie here" in figure.alt
    inner = figures.kept_frequencies(coefficients, [4], reach=math.pi / 2)
    assert inner.axes[0].images[0].get_array().shape == (4, 4)
    assert "of 4 kept, 50% lie here" in inner.alt


@pytest.mark.parametrize("j", [3, 5, 7])
def test_covers_cover_the_curve_and_their_counts_grow_as_they_should(j):
    curve = edge_curve()
    squares = squares_on(curve, j)
    cells = {(int(y * 2**j), min(int(x * 2**j), 2**j - 1)) for y, x in curve}
    assert set(squares) == cells
    arc = np.hypot(*np.diff(curve, axis=0).T).sum()
    assert arc * 2**j <= len(squares) <= 2 * arc * 2**j + 2
    needles = needles_on(curve, j)
    assert len(needles) == math.ceil(arc * 2 ** (j / 2))
    assert len(squares_on(curve, j + 2)) / len(squares) == pytest.approx(4, rel=0.15)
    assert len(needles_on(curve, j + 2)) / len(needles) == pytest.approx(2, rel=0.35)


def test_needles_hold_the_curve_up_to_their_width():
    """The curve leaves its chord by curvature times length squared, which is of the order of the width."""
    curve = edge_curve()
    for j in (4, 6, 8):
        for corners in needles_on(curve, j):
            a, b = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
            along = (b - a) / np.hypot(*(b - a))
            relative = curve[:, ::-1] - a
            position, offset = relative @ along, relative @ np.array([-along[1], along[0]])
            inside = (position > 0) & (position < np.hypot(*(b - a))) & (abs(offset) < 0.1)
            assert abs(offset[inside]).max() < 0.75 * 2.0**-j


def test_edge_covers_draws_what_it_counts():
    figure = figures.edge_covers((3, 5))
    curve = edge_curve()
    assert [len(axis.patches) for axis in figure.axes] == [
        *(len(squares_on(curve, j)) for j in (3, 5)),
        *(len(needles_on(curve, j)) for j in (3, 5)),
    ]
    assert f"{len(squares_on(curve, 5))} of side 1/32" in figure.alt
