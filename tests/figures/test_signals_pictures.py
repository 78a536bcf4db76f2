"""Boundary modes and compression: the drawn numbers are those of `signals`."""

import numpy as np
import pytest
import torch

from wavelets_course import signals
from wavelets_course.figures import boundary_modes, compression


@pytest.mark.parametrize("length", [1, 4, 5])
def test_every_mode_is_drawn_as_signals_extends_it(length):
    signal = torch.arange(1.0, length + 1) ** 2
    figure = boundary_modes(signal, padding=3)
    assert [axis.get_title() for axis in figure.axes] == list(signals.BOUNDARY_MODES)
    for axis in figure.axes:
        extended = signals.extend_axis(signal, 3, 3, mode=axis.get_title())
        np.testing.assert_allclose(axis.lines[1].get_ydata(), extended)
        np.testing.assert_allclose(axis.lines[1].get_xdata(), np.arange(len(extended)) - 3)
        np.testing.assert_allclose(axis.lines[2].get_ydata(), signal)


def test_alt_lists_what_comes_next():
    alt = boundary_modes(torch.tensor([1.0, 3.0, 2.0]), padding=2).alt
    assert "zero 0, 0" in alt
    assert "symmetric 2, 3" in alt
    assert "reflect 3, 1" in alt


def test_compression_shows_the_images_on_one_scale_with_their_quality():
    image = torch.rand(6, 8, generator=torch.Generator().manual_seed(0))
    kept = {24: image + 0.01, 6: image + 0.1}
    figure = compression(image, kept)
    for axis, picture in zip(figure.axes, [image, *kept.values()], strict=True):
        np.testing.assert_allclose(axis.images[0].get_array(), picture.double())
        assert axis.images[0].get_clim() == (0, 1)
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == ["original\n48 numbers", "24 kept (50 %)\nPSNR 40.0 dB", "6 kept (12 %)\nPSNR 20.0 dB"]
    assert "6 coefficients kept (12 %), PSNR 20.0 dB" in figure.alt


def test_total_counts_coefficients_where_they_are_not_pixels():
    image = torch.zeros(28, 28)
    assert "79 kept (9.9 %)" in compression(image, {79: image + 0.1}, total=799).axes[1].get_title()


@pytest.mark.untyped
def test_compression_wants_a_grey_image():
    colour = torch.rand(3, 8, 8)
    with pytest.raises(
        ValueError, match=r"one grey image \(height, width\), got shape \(3, 8, 8\); draw one"
    ):
        compression(colour, {10: colour})
