"""Image grids: what is drawn is what was given, on the scale that was asked for."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course.figures import image_grid
from wavelets_course.figures.arrays import to_numpy
from wavelets_course.figures.images import value_range

SMALL = torch.arange(12.0).reshape(3, 4)


def limits(figure):
    return [axis.images[0].get_clim() for axis in figure.axes]


def test_arrays_titles_and_rows_are_as_given():
    images = [SMALL, -SMALL, SMALL.T]
    figure = image_grid(images, ["a", "b", "c"], alt="Three.", columns=2, row_labels=["top", "bottom"])
    assert [axis.get_title() for axis in figure.axes] == ["a", "b", "c"]
    assert [axis.get_ylabel() for axis in figure.axes] == ["top", "", "bottom"]
    for axis, image in zip(figure.axes, images, strict=True):
        np.testing.assert_array_equal(axis.images[0].get_array(), image)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 9])
def test_axes_keep_the_shape_of_images_and_stay_apart(count):
    figure = image_grid([SMALL] * count, [f"image {i}" for i in range(count)], alt="Some.")
    boxes = [axis.get_position().transformed(figure.transSubfigure) for axis in figure.axes]
    for index, box in enumerate(boxes):
        assert box.width / box.height == pytest.approx(4 / 3, rel=1e-2)
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert all(not box.overlaps(other) for other in boxes[index + 1 :])
    tops = sorted({round(box.y1) for box in boxes})
    assert len(tops) == math.ceil(count / 4)


def test_limits_shared_row_each_and_given():
    images = [SMALL, 2 * SMALL, 3 * SMALL]
    assert limits(image_grid(images, alt="x")) == [(0, 33)] * 3
    assert limits(image_grid(images, alt="x", columns=2, limits="row")) == [(0, 22), (0, 22), (0, 33)]
    assert limits(image_grid(images, alt="x", limits="each")) == [(0, 11), (0, 22), (0, 33)]
    assert limits(image_grid(images, alt="x", limits=(-1, 1))) == [(-1, 1)] * 3


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=30), st.sampled_from([0.0, 0.01, 0.5]))
def test_signed_limits_are_symmetric_about_zero(values, clip):
    low, high = value_range(np.array(values), "signed", clip)
    assert low == -high < 0


def test_phase_limits_are_one_turn_whatever_the_values():
    assert limits(image_grid([SMALL / 100], alt="x", colour="phase")) == [(-math.pi, math.pi)]


def test_clip_ignores_the_strongest_values():
    image = torch.ones(10, 10)
    image[0, 0] = -1000
    assert limits(image_grid([image], alt="x", colour="signed", clip=0.02)) == [(-1, 1)]


@pytest.mark.parametrize("value", [0.0, 3.0, math.nan, math.inf])
@pytest.mark.parametrize("colour", ["grey", "signed", "energy"])
def test_flat_or_missing_images_still_draw(value, colour):
    figure = image_grid([torch.full((4, 4), value)], alt="Flat.", colour=colour)
    low, high = limits(figure)[0]
    assert low < high
    assert figure.png()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64, torch.uint8, torch.bool])
def test_any_real_dtype_is_drawn(dtype):
    figure = image_grid([SMALL.to(dtype)], alt="x")
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), SMALL.to(dtype).double())


def test_gradients_strides_and_one_pixel_wide_images():
    images = [SMALL.clone().requires_grad_(), SMALL.T[::2], torch.ones(1, 5)]
    figure = image_grid(images, alt="x", limits="each")
    assert [axis.images[0].get_array().shape for axis in figure.axes] == [(3, 4), (2, 3), (1, 5)]


def test_colour_images_have_channels_last_and_no_scale():
    figure = image_grid(torch.rand(2, 3, 4, 5), alt="x")
    assert [axis.images[0].get_array().shape for axis in figure.axes] == [(4, 5, 3)] * 2


def test_colour_bar_comes_last():
    figure = image_grid([SMALL, SMALL], alt="x", colour="signed", colourbar=True)
    assert len(figure.axes) == 3
    assert figure.axes[-1].get_ylim() == (-11, 11)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        ([], {}, "image_grid: nothing to draw; give at least one image"),
        ([torch.ones(0, 3)], {}, "each with at least one pixel"),
        ([SMALL], {"titles": ["a", "b"]}, "1 images, 2 titles; give one title an image"),
        ([SMALL] * 3, {"columns": 2, "row_labels": ["a"]}, "2 rows, 1 row labels"),
        ([SMALL], {"limits": "each", "colourbar": True}, "one scale for all images; use limits='shared'"),
        ([SMALL + 0j], {}, r"an image is complex; draw its .real, .imag, .abs\(\) or .angle\(\)"),
    ],
)
def test_errors_say_the_way_out(images, options, message):
    with pytest.raises(ValueError, match=message):
        image_grid(images, alt="x", **options)


def test_to_numpy_is_a_copy_and_resolves_conjugates():
    z = torch.tensor([1 + 2j])
    array = to_numpy(z.conj())
    assert array[0] == 1 - 2j
    x = torch.zeros(2, dtype=torch.float64)
    to_numpy(x)[0] = 1
    assert x[0] == 0
