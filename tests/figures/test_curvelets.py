"""Curvelet pictures: colours follow the windows, atoms lie in the middle, roses show the energies."""

import numpy as np
import pytest
import torch
from matplotlib.patches import Wedge

from wavelets_course import figures, laws
from wavelets_course.figures.curvelets import wedge_energies
from wavelets_course.filters import curvelet_bank
from wavelets_course.signals import disk
from wavelets_course.transforms import Curvelet2d

TRANSFORM = Curvelet2d((96, 80), J=2)


def test_tiling_colours_neighbours_differently_and_the_middle_grey() -> None:
    picture = np.asarray(figures.curvelet_tiling(TRANSFORM.bank).axes[0].images[0].get_array())
    assert picture.shape == (96, 80, 3)
    red, green, blue = picture[48, 40]
    assert max(red, green, blue) - min(red, green, blue) < 0.1  # the low-pass
    ring = [picture[48 + down, 40 + 25] for down in (0, 16, -16)]  # on the outer square
    assert np.abs(ring[0] - ring[1]).max() > 0.3
    assert np.abs(ring[0] - ring[2]).max() > 0.3


def test_tiling_says_its_wedges() -> None:
    figure = figures.curvelet_tiling(curvelet_bank((64, 64), 3))
    assert "12, 6 and 6 wedges" in figure.alt
    assert [text.get_text() for text in figure.axes[0].texts] == ["12", "6", "6"]
    round_finest = figures.curvelet_tiling(curvelet_bank((64, 64), 2, finest="wavelet"))
    assert [text.get_text() for text in round_finest.axes[0].texts] == ["6"]


def test_atoms_lie_in_the_middle_and_turn() -> None:
    figure = figures.curvelet_atoms(TRANSFORM, columns=2)
    assert len(figure.axes) == 4
    assert [axis.get_title() for axis in figure.axes[:2]][1].endswith("°")
    for axis in figure.axes:
        power = np.asarray(axis.images[0].get_array()) ** 2
        middle = [(power.sum(1 - k) * np.arange(power.shape[k])).sum() / power.sum() for k in (0, 1)]
        np.testing.assert_allclose(middle, [side / 2 for side in power.shape], atol=2)


def test_atoms_of_a_frame_without_wedges_are_refused() -> None:
    with pytest.raises(ValueError, match="curvelet_atoms: this frame has no wedges"):
        figures.curvelet_atoms(Curvelet2d((16, 16), 0))


def test_rose_shows_the_energies() -> None:
    image = disk((96, 80))
    coefficients = TRANSFORM(image)
    energies = wedge_energies(coefficients, TRANSFORM.bank)
    assert [len(energy) for energy in energies] == list(TRANSFORM.bank.angles)
    total = sum(float(energy.sum()) for energy in energies) + float(coefficients.coarse.square().sum())
    assert laws.relative_error(torch.tensor(total), image.double().square().sum()) < 1e-6
    figure = figures.curvelet_energies(coefficients, TRANSFORM.bank)
    assert len(figure.axes[0].patches) == 2 * sum(TRANSFORM.bank.angles)
    wedges = [patch for patch in figure.axes[0].patches if isinstance(patch, Wedge)]
    spans = [wedge.theta2 - wedge.theta1 for wedge in wedges]
    assert sum(spans) == pytest.approx(360 * len(TRANSFORM.bank.angles))
    assert figure.alt.startswith("Energy of the wedges of 2 scales: scale 0 ")


def test_rose_of_nothing_draws() -> None:
    assert figures.curvelet_energies(TRANSFORM(torch.zeros(96, 80)), TRANSFORM.bank).alt.endswith("none.")
