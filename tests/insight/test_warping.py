"""Warps with one size: 0 is no warp, whole shifts are exact, each family moves its own way."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course.insight import FAMILIES, unit_fields, warped
from wavelets_course.signals import deformation_size, extend, gaussian_blob

IMAGES = torch.rand(3, 2, 12, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
FIELDS = unit_fields(3, (12, 10), torch.Generator().manual_seed(1), like=IMAGES)


@pytest.mark.parametrize("family", FAMILIES)
def test_size_zero_changes_nothing_and_copies(family):
    moved = warped(IMAGES, 0, family=family, fields=FIELDS)
    torch.testing.assert_close(moved, IMAGES, rtol=0, atol=0)
    assert moved.data_ptr() != IMAGES.data_ptr()


@pytest.mark.parametrize("family", FAMILIES)
def test_input_is_left_alone_and_dtype_kept(family):
    before = IMAGES.clone()
    for dtype in (torch.float32, torch.float64):
        assert warped(IMAGES.to(dtype), 0.3, family=family, fields=FIELDS.to(dtype)).dtype == dtype
    torch.testing.assert_close(IMAGES, before, rtol=0, atol=0)


@given(
    down=st.integers(-7, 7),
    right=st.integers(-7, 7),
    boundary=st.sampled_from(["reflect", "zero", "periodic"]),
)
@settings(max_examples=25, deadline=None)
def test_whole_shifts_read_the_extended_image(down, right, boundary):
    wide = extend(IMAGES, 8, boundary)
    wanted = wide[..., 8 - down : 20 - down, 8 - right : 18 - right]
    torch.testing.assert_close(warped(IMAGES, (down, right), boundary=boundary), wanted, rtol=0, atol=0)


def test_fractional_shifts_lie_between_and_agree_at_whole_ones():
    almost = warped(IMAGES, 2 - 1e-9)
    torch.testing.assert_close(almost, warped(IMAGES, 2), rtol=0, atol=1e-6)
    blob = gaussian_blob((33, 33), 4.0).double()[None, None]
    moved = warped(blob, 1.5)
    columns = torch.arange(33, dtype=torch.float64)
    centre = (moved * columns).sum() / moved.sum() - (blob * columns).sum() / blob.sum()
    assert centre.item() == pytest.approx(1.5, abs=0.02)


def test_rotation_by_a_quarter_turn_and_dilation_by_two():
    square = IMAGES[..., :9, :9]
    turned = warped(square, math.pi / 2, family="rotation")
    torch.testing.assert_close(turned, square.rot90(-1, (-2, -1)), rtol=0, atol=1e-9)
    grown = warped(square, 1.0, family="dilation")
    torch.testing.assert_close(grown[..., ::2, ::2], square[..., 2:7, 2:7], rtol=0, atol=1e-9)


def test_deformation_moves_by_its_own_field():
    fields = torch.zeros_like(FIELDS)
    fields[1, 1] = 3.0  # the second image, three pixels to the right at size 1
    moved = warped(IMAGES, 1, family="deformation", fields=fields)
    torch.testing.assert_close(moved[1], warped(IMAGES, 3)[1], rtol=0, atol=1e-9)
    torch.testing.assert_close(moved[::2], IMAGES[::2], rtol=0, atol=1e-9)


def test_unit_fields_have_size_one_and_repeat_with_the_seed():
    again = unit_fields(3, (12, 10), torch.Generator().manual_seed(1), like=IMAGES)
    torch.testing.assert_close(deformation_size(FIELDS), torch.ones(3, dtype=torch.float64))
    torch.testing.assert_close(again, FIELDS, rtol=0, atol=0)
    assert not torch.equal(FIELDS[0], FIELDS[1])


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (([1.0], 1), TypeError, "expected a tensor of images, got list"),
        ((IMAGES.int(), 1), TypeError, "floating-point images, got torch.int32"),
        ((IMAGES[0], 1), ValueError, r"got shape \(2, 12, 10\)"),
        ((IMAGES[:0], 1), ValueError, "at least one image"),
        ((IMAGES, math.nan), ValueError, "sizes must be finite, got nan"),
    ],
)
def test_what_cannot_be_warped_is_refused(arguments, error, text):
    with pytest.raises(error, match=text):
        warped(*arguments)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("size", "family", "text"),
    [
        (1, "shear", "one of shift, rotation, dilation, deformation; got 'shear'"),
        ((1, 2), "rotation", "a rotation has one size"),
        (-1, "dilation", "a dilation is at least -0.9"),
        (0.1, "deformation", "draw them: unit_fields"),
        (1, "shift", "'mirror'"),
    ],
)
def test_sizes_that_a_family_has_not_are_refused(size, family, text):
    with pytest.raises(ValueError, match=text):
        warped(IMAGES, size, family=family, boundary="mirror" if family == "shift" else "reflect")
