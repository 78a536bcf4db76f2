"""Reconstructions say how good they are; outlines stand where the blob is, as long and as turned."""

import math

import numpy as np
import pytest
import torch

from wavelets_course.figures import blob_outlines, reconstructions
from wavelets_course.scattering import Blob
from wavelets_course.signals import spectral_blob

IMAGE = torch.full((6, 8), 0.5)


def blob(long: float, short: float, theta: float) -> Blob:
    axis = torch.tensor([math.sin(theta), math.cos(theta)]).double()
    outer = torch.outer(axis, axis)
    covariance = long**2 * outer + short**2 * (torch.eye(2).double() - outer)
    return Blob(covariance, torch.tensor([20.0, 12.0]).double(), torch.tensor(1.0))


def test_each_reconstruction_has_its_name_and_quality():
    figure = reconstructions(IMAGE, {"J = 2": IMAGE + 0.1, "same": IMAGE})
    assert [axis.get_title() for axis in figure.axes] == ["original\n", "J = 2\n20 dB", "same\nexact"]
    np.testing.assert_allclose(figure.axes[1].images[0].get_array(), 0.6, rtol=1e-6)
    assert {axis.images[0].get_clim() for axis in figure.axes} == {(0.0, 1.0)}
    assert reconstructions(IMAGE, {"a": IMAGE}, alt="Mine.").alt == "Mine."


@pytest.mark.untyped
def test_another_shape_is_refused():
    with pytest.raises(ValueError, match="two images"):
        reconstructions(IMAGE, {"a": IMAGE[:4]})


def test_outlines_are_the_ellipses_of_the_covariance():
    theta = 0.4
    true, wider = blob(5, 2, theta), blob(6, 3, theta)
    image = spectral_blob((40, 32), true.covariance, centre=(20, 12))
    figure = blob_outlines([image], [{"true": true, "found": wider}], titles=["a blob"])
    first, second = figure.axes[0].patches
    assert first.get_center() == (12, 20)
    assert (first.get_width(), first.get_height()) == pytest.approx((20, 8))
    assert (second.get_width(), second.get_height()) == pytest.approx((24, 12))
    turned = math.radians(first.get_angle())
    assert math.cos(2 * (turned - theta)) == pytest.approx(1)
    assert first.get_edgecolor() != second.get_edgecolor()
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["true", "found"]
    # The image is bright along the long axis: four pixels along it, against four across.
    along = image[round(20 + 4 * math.sin(theta)), round(12 + 4 * math.cos(theta))]
    across = image[round(20 + 4 * math.cos(theta)), round(12 - 4 * math.sin(theta))]
    assert along > 2 * across


@pytest.mark.untyped
def test_outlines_go_with_images():
    with pytest.raises(ValueError, match="2 images, 1 sets of outlines; give one a blob"):
        blob_outlines([IMAGE, IMAGE], [{"a": blob(2, 1, 0)}])
