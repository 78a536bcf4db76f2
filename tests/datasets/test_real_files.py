"""The real MNIST, Fashion-MNIST, CIFAR-10 and Kodak photographs, where this machine has them."""

import os
from collections.abc import Callable
from typing import Any

import pytest
import torch

from wavelets_course.datasets import check_files, cifar10, data_set_names, fashion_mnist, kodak, mnist
from wavelets_course.datasets.place import VARIABLE

OPEN: dict[str, Callable[..., Any]] = {"mnist": mnist, "fashion_mnist": fashion_mnist, "cifar10": cifar10}

# Mean grey level of the training images in [0, 1]. MNIST: the 0.1307 of PyTorch's own example;
# Fashion-MNIST and CIFAR-10 (here over all channels): measured once from the checked files.
MEAN = {"mnist": 0.1307, "fashion_mnist": 0.2860, "cifar10": 0.4734}


@pytest.fixture(params=data_set_names())
def real(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if not os.environ.get(VARIABLE):
        pytest.skip(f"set {VARIABLE} to a folder with the real files (`wavelets-course data fetch {name}`)")
    if any(report.state == "missing" for report in check_files(name)):
        pytest.skip(f"{name} is not in {VARIABLE}: `wavelets-course data fetch {name}`")
    return name


def test_real_files_are_what_was_published(real: str) -> None:
    assert {report.state for report in check_files(real)} == {"intact"}
    assert all(report.size == report.expected.size for report in check_files(real))


def test_real_counts_classes_and_mean(real: str) -> None:
    if real == "kodak":
        assert [tuple(image.shape) for image in kodak()].count((512, 768)) == 9
        return
    training, testing = OPEN[real](train=True), OPEN[real](train=False)
    assert len(training) == (50_000 if real == "cifar10" else 60_000)
    assert len(testing) == 10_000
    assert len(training.classes) == 10
    labels = torch.as_tensor(testing.targets)
    assert labels.bincount().shape == (10,)
    mean = torch.as_tensor(training.data).float().mean().item() / 255
    assert mean == pytest.approx(MEAN[real], abs=5e-5)
    image, label = testing[0]
    assert 0 <= image.min() <= image.max() <= 1
    assert label == {"mnist": 7, "fashion_mnist": 9, "cifar10": 3}[real]
