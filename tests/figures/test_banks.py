"""Banks: the drawn filters, contours and sums are those of the bank, in the picture's orientation."""

import math

import numpy as np
import pytest
import torch

from wavelets_course import figures, filters
from wavelets_course.figures.banks import angle_text

BANK = filters.morlet_bank_2d((48, 40), J=3, L=4)


def test_grid_shows_the_real_parts_about_the_centre():
    figure = figures.filter_grid(BANK, crop=5)
    assert len(figure.axes) == 12
    psi = BANK.psi().real.roll((5, 5), (-2, -1))[..., :11, :11].flatten(0, 1)
    for axis, filter_ in zip(figure.axes, psi, strict=True):
        np.testing.assert_allclose(axis.images[0].get_array(), filter_)
        low, high = axis.images[0].get_clim()
        assert low == -high
    assert [axis.get_title() for axis in figure.axes[:4]] == ["π/4", "π/2", "3π/4", "π"]
    assert [axis.get_ylabel() for axis in figure.axes[::4]] == ["j = 0", "j = 1", "j = 2"]


def test_a_wave_of_angle_half_pi_is_drawn_as_horizontal_stripes():
    stripes = figures.filter_grid(BANK).axes[9].images[0].get_array()  # j = 2, theta = pi / 2
    down, across = np.abs(np.diff(stripes, axis=0)).sum(), np.abs(np.diff(stripes, axis=1)).sum()
    assert down > 2 * across


def test_plane_marks_the_centres_and_surrounds_them():
    axis = figures.frequency_plane(BANK).axes[0]
    for j in range(3):
        expected = BANK.xi[j] * torch.stack([BANK.theta.cos(), BANK.theta.sin()])
        np.testing.assert_allclose(np.array(axis.lines[j].get_data()), expected, atol=1e-12)
    contours = [item for item in axis.collections if len(item.get_paths()) == 1]
    centre = np.array(axis.lines[2].get_data()).T
    inside = [any(contour.get_paths()[0].contains_point(point) for contour in contours) for point in centre]
    assert all(inside)
    assert (
        len(axis.collections) == 2 + 2 * 12
    )  # the low-pass, filled and outlined; each wavelet and its conjugate


def test_plane_has_y_downwards_and_the_circle_of_radius_pi():
    axis = figures.frequency_plane(BANK).axes[0]
    assert axis.get_ylim() == (math.pi, -math.pi)
    assert axis.patches[0].get_radius() == math.pi
    legend = [text.get_text() for text in axis.get_legend().get_texts()]
    assert legend == ["j = 0, ξ = 2.36", "j = 1, ξ = 1.18", "j = 2, ξ = 0.59", "low-pass φ", "|ω| = π"]


def test_littlewood_paley_is_the_banks_sum():
    figure = figures.littlewood_paley(BANK)
    gain = filters.littlewood_paley(BANK)
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), torch.fft.fftshift(gain))
    mean = figure.axes[1].lines[0].get_ydata()
    assert mean[0] == pytest.approx(float(gain[0, 0]))
    assert min(mean) >= float(gain.min())
    assert max(mean) <= float(gain.max())


def test_alt_gives_the_bounds_that_filters_gives():
    bank = filters.morlet_bank_2d((64, 64), J=3)
    low, high = filters.littlewood_paley_bounds(bank)
    assert f"from {low:.3f} to {high:.3f} inside" in figures.littlewood_paley(bank).alt


def test_a_tight_bank_is_flat():
    figure = figures.littlewood_paley(filters.morlet_bank_2d((32, 32), J=2, frame="tight"))
    assert "from 1.000 to 1.000 inside" in figure.alt


@pytest.mark.parametrize(
    "bank", [filters.gabor_bank_2d((33, 24), J=2, L=3), filters.morlet_bank_2d((16, 16), J=1, L=1)]
)
@pytest.mark.parametrize("draw", [figures.filter_grid, figures.frequency_plane, figures.littlewood_paley])
def test_odd_oblong_and_tiny_banks_draw(bank, draw):
    assert draw(bank).png()


@pytest.mark.parametrize(
    ("theta", "text"), [(0, "0"), (math.pi / 3, "π/3"), (-math.pi / 2, "−π/2"), (2, "114.6°")]
)
def test_angles_are_written_as_fractions_of_pi(theta, text):
    assert angle_text(theta) == text
