"""The plane of trade-offs: each point where its numbers are, its name beside it, and in words."""

import pytest

from wavelets_course.figures import trade_offs

POINTS = {"Fourier": (1.0, 0.0), "wavelets": (1.0, 0.195), "curvelets": (4.05, 0.13)}


def test_points_stand_where_their_numbers_are() -> None:
    (axes,) = trade_offs(POINTS).axes
    drawn = [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in axes.lines]
    assert drawn == list(POINTS.values())
    assert [text.get_text() for text in axes.texts] == list(POINTS)
    low, high = axes.get_xlim()
    assert low == 0 < 4.05 < high


def test_the_alt_text_says_all_numbers() -> None:
    assert "wavelets at 1, 0.195; curvelets at 4.05, 0.13." in trade_offs(POINTS).alt
    assert trade_offs(POINTS, alt="Three points.").alt == "Three points."


def test_a_name_at_the_right_edge_stays_inside() -> None:
    figure = trade_offs(POINTS)
    figure.canvas.draw()
    (axes,) = figure.axes
    box = axes.texts[2].get_window_extent()
    assert box.x1 <= figure.bbox.x1


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="trade_offs: expected at least one point, got none; give"):
        trade_offs({})
