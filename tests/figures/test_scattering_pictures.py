"""Scattering: channels land at their scale and angle."""

import math

import numpy as np
import pytest
import torch

from wavelets_course.figures import scattering_maps, scattering_rose, shift_comparison

J, L = 2, 4
COEFFICIENTS = torch.arange(1.0, 1 + 12)[:, None, None] * torch.rand(
    12, 3, 5, generator=torch.Generator().manual_seed(0)
)


def test_maps_are_the_channels_of_order_one():
    figure = scattering_maps(COEFFICIENTS, J, L)
    assert len(figure.axes) == J * L
    for index, axis in enumerate(figure.axes):
        np.testing.assert_array_equal(axis.images[0].get_array(), COEFFICIENTS[1 + index].double())
    clims = [axis.images[0].get_clim() for axis in figure.axes]
    assert len(set(clims[:L])) == len(set(clims[L:])) == 1
    assert [axis.get_title() for axis in figure.axes[:L]] == ["π/4", "π/2", "3π/4", "π"]


def test_rose_puts_fine_scales_outside_and_angles_where_they_point():
    figure = scattering_rose(COEFFICIENTS, J, L)
    patches = figure.axes[0].patches
    assert len(patches) == 2 * J * L
    centres = [patch.get_x() + patch.get_width() / 2 for patch in patches]
    for ell in range(L):
        assert centres[2 * ell] == pytest.approx((ell + 1) * math.pi / L)
        assert centres[2 * ell + 1] == pytest.approx((ell + 1) * math.pi / L + math.pi)
    assert [patches[2 * L * j].get_y() for j in range(J)] == [1.5, 0.5]
    assert figure.axes[0].get_theta_direction() == -1  # y points down, as in images


def test_rose_colours_grow_with_the_energy():
    patches = scattering_rose(COEFFICIENTS, J, L).axes[0].patches[::2]
    energy = COEFFICIENTS[1:9].square().mean((-2, -1))
    light = torch.tensor([sum(patch.get_facecolor()[:3]) for patch in patches])
    assert light.argsort().tolist() == energy.argsort().tolist()


def test_alt_names_the_strongest():
    spike = torch.zeros(1 + J * L)
    spike[1 + 1 * L + 2] = 5.0
    said = "Strongest: scale j = 1 at angle 3π/4, with 100 % of the energy."
    assert scattering_rose(spike, J, L).alt.endswith(said)
    assert scattering_maps(spike[:, None, None], J, L).alt.endswith(said)


def test_given_angles_are_used():
    figure = scattering_maps(COEFFICIENTS, J, L, theta=torch.tensor([0.0, 0.5, 1.0, 1.5]))
    assert [axis.get_title() for axis in figure.axes[:L]] == ["0", "28.6°", "57.3°", "85.9°"]


@pytest.mark.parametrize("draw", [scattering_maps, scattering_rose])
def test_a_black_image_draws(draw):
    assert draw(torch.zeros(9, 2, 2), J, L).png()


@pytest.mark.parametrize("draw", [scattering_maps, scattering_rose])
def test_alt_says_nothing_false_of_nothing(draw):
    nothing = torch.full((9, 2, 2), math.nan)
    assert draw(nothing, J, L).png()
    assert draw(nothing, J, L).alt.endswith(". 8 of 8 hold NaN or infinity and are left out.")
    assert "Strongest" not in draw(nothing, J, L).alt
    assert draw(torch.zeros(9, 2, 2), J, L).alt.endswith(" All are 0.")
    some = torch.zeros(9, 2, 2)
    some[3], some[6] = math.nan, 2.0
    assert draw(some, J, L).png()
    assert draw(some, J, L).alt.endswith(
        "scale j = 1 at angle π/2, with 100 % of the energy. 1 of 8 hold NaN or infinity and are left out."
    )


@pytest.mark.untyped
@pytest.mark.parametrize("draw", [scattering_maps, scattering_rose])
def test_too_few_channels_are_refused(draw):
    with pytest.raises(ValueError, match="J = 2, L = 4 need at least 9 channels, got 8"):
        draw(torch.zeros(8, 2, 2), J, L)


def test_shift_comparison_is_lines_with_the_largest_shift_told():
    figure = shift_comparison(
        torch.tensor([0, 1, 2]), {"a": [0, 0.1, 0.25], "b": [0, 1, 2]}, marks={"here": 1}
    )
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), [0, 0.1, 0.25])
    assert figure.alt.endswith("at the largest: a 0.25, b 2.")
    assert "here" in {text.get_text() for text in figure.axes[0].texts}
