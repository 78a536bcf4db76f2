"""The tables agree with torchvision's own, where it has the same facts."""

import re

import pytest
import torchvision.datasets

from wavelets_course.datasets import data_set, data_set_names

IDX = {"mnist": torchvision.datasets.MNIST, "fashion_mnist": torchvision.datasets.FashionMNIST}


@pytest.mark.parametrize("name", data_set_names())
def test_every_checksum_is_well_formed_and_its_own(name: str) -> None:
    entry = data_set(name)
    sums = [file.sha256 for file in entry.files]
    assert len(set(sums)) == len(sums)
    assert all(re.fullmatch(r"[0-9a-f]{64}", checksum) for checksum in sums)
    assert all(file.size > 0 for file in entry.files)
    assert all(url.startswith("http") for archive in entry.archives for url in archive.urls)


def test_no_checksum_is_shared_between_sets() -> None:
    sums = [file.sha256 for name in data_set_names() for file in data_set(name).files]
    assert len(set(sums)) == len(sums) == 27


@pytest.mark.parametrize("name", IDX)
def test_idx_archives_are_torchvisions(name: str) -> None:
    archives = {archive.urls[0].rsplit("/", 1)[-1]: archive.md5 for archive in data_set(name).archives}
    assert archives == dict(IDX[name].resources)
    for archive, file in zip(data_set(name).archives, data_set(name).files, strict=True):
        assert archive.urls[0].endswith(file.path.rsplit("/", 1)[-1] + ".gz")


@pytest.mark.parametrize("name", IDX)
def test_idx_sizes_follow_from_the_counts(name: str) -> None:
    """A header of 4 bytes and 4 more an axis, then one byte a pixel or label."""
    sizes = [file.size for file in data_set(name).files]
    assert sizes == [16 + 60_000 * 784, 8 + 60_000, 16 + 10_000 * 784, 8 + 10_000]


def test_cifar_archive_and_files_are_torchvisions() -> None:
    entry, theirs = data_set("cifar10"), torchvision.datasets.CIFAR10
    assert entry.archives[0].urls == (theirs.url,)
    assert entry.archives[0].md5 == theirs.tgz_md5
    names = [file for file, _ in theirs.train_list + theirs.test_list] + [theirs.meta["filename"]]
    assert [file.path for file in entry.files] == [f"{theirs.base_folder}/{name}" for name in names]
