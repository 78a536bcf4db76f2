"""Lines, bars and histograms: data, labels, references."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course.figures import bars, curves, histogram
from wavelets_course.figures.labels import spread

AXES = {"alt": "Lines.", "xlabel": "scale", "ylabel": "error"}


def labels(axis):
    return {text.get_text() for text in axis.texts}


def test_lines_are_the_data_and_carry_their_names():
    x = torch.arange(1.0, 5)
    (axis,) = curves({"Haar": (x, x**2), "db2": (x, 1 / x)}, title="Errors", **AXES).axes
    np.testing.assert_array_equal(axis.lines[0].get_ydata(), [1, 4, 9, 16])
    np.testing.assert_array_equal(axis.lines[1].get_xdata(), [1, 2, 3, 4])
    assert labels(axis) == {"Haar", "db2"}
    assert (axis.get_xlabel(), axis.get_ylabel(), axis.get_title()) == ("scale", "error", "Errors")


def test_colour_is_never_the_only_cue():
    x = range(5)
    (axis,) = curves({name: (x, [i] * 5) for i, name in enumerate("abcdef")}, **AXES).axes
    looks = [(line.get_color(), line.get_marker(), line.get_linestyle()) for line in axis.lines]
    assert len({look[0] for look in looks}) == len({look[1] for look in looks}) == 6


def test_markers_only_where_points_are_few():
    few, many = range(5), range(50)
    assert curves({"a": (few, few)}, **AXES).axes[0].lines[0].get_marker() == "o"
    assert not curves({"a": (many, many)}, **AXES).axes[0].lines[0].get_marker()
    assert curves({"a": (many, many)}, markers=True, **AXES).axes[0].lines[0].get_marker() == "o"


@pytest.mark.parametrize(
    ("log", "scales"), [("", ("linear", "linear")), ("x", ("log", "linear")), ("xy", ("log", "log"))]
)
def test_logarithmic_axes(log, scales):
    (axis,) = curves({"a": ([1, 2, 4], [1, 10, 100])}, log=log, **AXES).axes
    assert (axis.get_xscale(), axis.get_yscale()) == scales


def test_a_short_logarithmic_axis_is_labelled_in_plain_numbers():
    figure = curves({"a": ([1, 20], [0.01, 0.2])}, log="xy", **AXES)
    figure.png()
    texts = {label.get_text() for label in figure.axes[0].get_xticklabels()}
    assert {"1", "2", "5", "10", "20"} <= texts


def test_bands_levels_and_marks():
    figure = curves(
        {"a": ([0, 1], [1, 2])},
        bands={"a": ([0, 1], [2, 3])},
        levels={"bound": 1.5},
        marks={"here": 0.5},
        **AXES,
    )
    (axis,) = figure.axes
    corners = axis.collections[0].get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == (0, 3)
    assert labels(axis) == {"a", "bound", "here"}
    assert axis.lines[1].get_ydata() == [1.5, 1.5]
    assert axis.lines[2].get_xdata() == [0.5, 0.5]


def test_limits_are_kept():
    (axis,) = curves({"a": ([0, 1], [1, 2])}, xlim=(-1, 3), ylim=(0, 9), **AXES).axes
    assert (axis.get_xlim(), axis.get_ylim()) == ((-1, 3), (0, 9))


@pytest.mark.parametrize("ylim", [(0, 2), (2, 0), (4, 5)])
def test_the_name_of_a_line_that_limits_cut_off_stays_in_the_picture(ylim):
    (axis,) = curves({"a": ([0, 1], [1, 300])}, levels={"far": -50.0}, ylim=ylim, **AXES).axes
    for text in axis.texts:
        assert min(ylim) <= text.xy[1] <= max(ylim)
        assert -0.5 < text.get_position()[1] < 1.5


def test_gaps_and_a_line_without_any_number():
    y = [1.0, math.nan, 3.0, math.nan]
    figure = curves({"a": (range(4), y), "none": (range(4), [math.nan] * 4)}, **AXES)
    assert figure.png()
    assert labels(figure.axes[0]) == {"a"}


def test_a_name_stands_at_the_last_point_that_a_logarithmic_axis_can_show():
    (axis,) = curves({"a": ([1, 2, 3], [4.0, 5.0, 0.0])}, log="y", **AXES).axes
    assert axis.texts[0].xy == (2, 5)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("series", "options", "message"),
    [
        ({}, {}, "got 0 series; draw one to six"),
        ({str(i): ([0], [0]) for i in range(7)}, {}, "got 7 series"),
        ({"a": ([0, 1], [0])}, {}, "'a' has 2 x and 1 y"),
        ({"a": ([], [])}, {}, "at least one"),
        ({"a": ([0], [0])}, {"bands": {"b": ([0], [0])}}, "band 'b' names no series; it is one of a"),
    ],
)
def test_errors_say_the_way_out(series, options, message):
    with pytest.raises(ValueError, match=message):
        curves(series, **options, **AXES)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_spread_keeps_order_distance_and_centre(positions):
    placed = spread(positions, 0.1)
    in_order = np.array(placed)[np.argsort(positions, kind="stable")]
    assert (np.diff(in_order) >= 0.1 - 1e-5).all()
    assert np.mean(placed) == pytest.approx(np.mean(positions), abs=1e-5)


def test_bars_are_values_written_at_their_ends():
    (axis,) = bars(
        {"Haar": 0.125, "db2": -0.5}, xlabel="gain", text="{:+.3f}", levels={"published": 0.2}
    ).axes
    assert [patch.get_width() for patch in axis.patches] == [0.125, -0.5]
    assert labels(axis) == {"+0.125", "-0.500", "published"}
    assert axis.yaxis_inverted()


@pytest.mark.untyped
def test_bars_of_nothing_are_refused():
    with pytest.raises(ValueError, match="bars: no values"):
        bars({}, xlabel="x")


def test_histogram_shares_are_numpys_and_sum_to_one():
    values = torch.tensor([0.0, 0.1, 0.1, 0.9, math.nan])
    (axis,) = histogram({"a": values, "b": values[:2]}, xlabel="x", bins=3).axes
    shares = axis.patches[1].get_data().values
    np.testing.assert_allclose(shares, [0.75, 0, 0.25])
    np.testing.assert_allclose(axis.patches[1].get_data().edges, [0, 0.3, 0.6, 0.9])
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "b"]


@pytest.mark.untyped
@pytest.mark.parametrize("samples", [{}, {"a": []}, {"a": [math.nan]}])
def test_histogram_of_nothing_is_refused(samples):
    with pytest.raises(ValueError, match="each with at least one finite value"):
        histogram(samples, xlabel="x")
