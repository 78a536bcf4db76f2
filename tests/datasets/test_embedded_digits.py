"""The embedded digits: scikit-learn's numbers, cut once."""

import numpy as np
import pytest
import torch

from wavelets_course.datasets import digits


def test_parts_are_scikit_learns_images_in_order() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    original = datasets.load_digits()
    parts = [digits(train=True), digits(train=False)]
    images = torch.cat([images for images, _ in parts])
    labels = torch.cat([labels for _, labels in parts])
    np.testing.assert_array_equal((16 * images).numpy(), original.images)
    np.testing.assert_array_equal(labels.numpy(), original.target)


@pytest.mark.parametrize(("train", "count"), [(True, 1347), (False, 450)])
def test_shapes_ranges_and_classes(train: bool, count: int) -> None:
    images, labels = digits(train)
    assert images.shape == (count, 8, 8)
    assert images.dtype == torch.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.dtype == torch.int64
    assert (labels.bincount(minlength=10) > count / 12).all()
