"""Growth: the data, the fitted slopes, names that do not overlap, errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course.figures import growth
from wavelets_course.figures.growth import slope

SIZES = [64**2, 128**2, 256**2, 512**2]
LINEAR, QUADRATIC = [1e-6 * n for n in SIZES], [1e-10 * n**2 for n in SIZES]


def test_lines_are_the_data_on_logarithmic_axes():
    panels = {"seconds": {"a": (SIZES, LINEAR), "b": (SIZES, QUADRATIC)}, "megabytes": {"b": (SIZES, LINEAR)}}
    figure = growth(panels, xlabel="pixels")
    seconds, megabytes = figure.axes
    np.testing.assert_array_equal(seconds.lines[0].get_xdata(), SIZES)
    np.testing.assert_array_equal(seconds.lines[1].get_ydata(), QUADRATIC)
    assert (seconds.get_xscale(), megabytes.get_yscale()) == ("log", "log")
    assert (seconds.get_ylabel(), megabytes.get_ylabel()) == ("seconds", "megabytes")
    assert megabytes.get_xlabel() == "pixels"
    assert seconds.lines[1].get_color() == megabytes.lines[0].get_color()


def test_slopes_are_written_and_said():
    figure = growth({"seconds": {"a": (SIZES, LINEAR), "b": (SIZES, QUADRATIC)}}, xlabel="pixels")
    assert [text.get_text() for text in figure.axes[0].texts] == ["a (1.00)", "b (2.00)"]
    assert figure.alt == (
        "Cost against pixels, from 4,096 to 262,144, on logarithmic axes. Slopes, seconds: a 1.00, b 2.00."
    )


def test_names_do_not_overlap():
    panels = {"seconds": dict.fromkeys("abcdef", (SIZES, LINEAR))}
    figure = growth(panels, xlabel="pixels")
    figure.png()
    (axis,) = figure.axes
    lines = sorted(text.get_position()[1] * axis.bbox.height for text in axis.texts)
    assert (np.diff(lines) > 14).all()


@settings(deadline=None, max_examples=40)
@given(st.floats(-2, 3), st.floats(1e-9, 1e3), st.integers(2, 8))
def test_a_power_has_its_exponent_as_slope(exponent, factor, count):
    sizes = [4.0**k for k in range(1, count + 1)]
    assert slope(sizes, [factor * n**exponent for n in sizes]) == pytest.approx(exponent, abs=1e-9)


def test_a_wrong_exponent_is_seen():
    assert slope(SIZES, QUADRATIC) != pytest.approx(1, abs=0.5)


def test_small_sizes_can_be_left_out():
    costs = [1.0, 1.0, 4.0, 16.0]
    assert slope(SIZES, costs, fit_from=SIZES[1]) == pytest.approx(1)
    assert math.isnan(slope(SIZES, costs, fit_from=SIZES[-1]))
    figure = growth({"seconds": {"a": (SIZES[:1], [1.0])}}, xlabel="pixels")
    assert [text.get_text() for text in figure.axes[0].texts] == ["a"]
    assert figure.alt.endswith("Too few sizes for slopes: 1.")


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ({}, "got 0 series; draw one to six"),
        ({str(i): ([1], [1]) for i in range(7)}, "got 7 series"),
        ({"a": ([1, 2], [1])}, "'a' has 2 sizes and 1 costs"),
        ({"a": ([], [])}, "at least one"),
        ({"a": ([1, 2], [0, 1])}, "not positive; leave that point out"),
    ],
)
def test_errors_say_the_way_out(lines, message):
    with pytest.raises(ValueError, match=message):
        growth({"seconds": lines}, xlabel="pixels")
