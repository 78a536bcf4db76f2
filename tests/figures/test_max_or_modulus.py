"""The pictures show the numbers they are given, at the frequencies they belong to."""

import math

import numpy as np
import pytest
import torch

from wavelets_course.figures import gap_planes, pooled_wave

WAVE = torch.polar(
    torch.ones(40, dtype=torch.float64), 2 * math.pi / 7 * torch.arange(40, dtype=torch.float64)
)


def test_lines_are_the_real_part_the_window_and_the_modulus():
    figure = pooled_wave(WAVE, 3, title="A wave")
    real, seen, modulus = (line.get_ydata() for line in figure.axes[0].lines[:3])
    np.testing.assert_allclose(real, WAVE.real)
    np.testing.assert_allclose(modulus, 1)
    by_hand = [WAVE.real[n - 1 : n + 2].max() for n in range(1, 39)]
    np.testing.assert_allclose(seen, by_hand)
    assert figure.axes[0].lines[1].get_xdata().tolist() == list(range(1, 39))
    worst = 1 - min(by_hand)
    assert f"at least {1 - worst:.2f}." in figure.alt


def test_a_window_of_a_wave_finds_its_crest():
    figure = pooled_wave(WAVE, 7)
    assert figure.axes[0].lines[1].get_ydata().min() > 0.9


@pytest.mark.parametrize("rows", [5, 17])
def test_every_frequency_has_its_cell(rows):
    values = np.zeros((rows, (rows + 1) // 2))
    values[0, -1] = 1.0  # the corner (-pi, pi)
    figure = gap_planes({"measured": values, "expected": 0 * values}, label="gap")
    axis, other, bar = figure.axes
    image = axis.images[0]
    np.testing.assert_array_equal(np.asarray(image.get_array()), values)
    left, right, bottom, top = image.get_extent()
    assert (left + right) / 2 == pytest.approx(math.pi / 2)
    assert bottom == pytest.approx(-top)
    cell = (right - left) / values.shape[1]
    assert left + cell / 2 == pytest.approx(0)  # the first column is frequency 0
    assert top + (bottom - top) / rows / 2 == pytest.approx(-math.pi)  # the first row, above, is -pi
    assert image.get_clim() == other.images[0].get_clim() == (0.0, 1.0)
    assert [axis.get_title(), other.get_title(), bar.get_ylabel()] == ["measured", "expected", "gap"]
    assert "measured: from 0.00 to 1.00, largest at frequency (−π, π)" in figure.alt


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("draw", "text"),
    [
        (lambda: pooled_wave(WAVE, 2), "must be odd, so that it has a middle, and at most 40 samples, got 2"),
        (lambda: pooled_wave(WAVE, 41), "got 41"),
        (lambda: gap_planes({}), "got 0 planes"),
        (lambda: gap_planes({str(k): np.zeros((3, 2)) for k in range(5)}), "got 5 planes"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, text):
    with pytest.raises(ValueError, match=text):
        draw()
