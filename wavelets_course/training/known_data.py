"""Data sets by name, ready to train on: cut, scaled and normalised as is usual for each."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .. import datasets
from .augmentation import (
    CIFAR10_MEAN,
    CIFAR10_STD,
    FASHION_MNIST_MEAN,
    FASHION_MNIST_STD,
    MNIST_MEAN,
    MNIST_STD,
    crop_and_flip,
    normalize,
    one_crop,
    random_resized_crop,
)
from .data import Data
from .shard_reader import Shards

Root = str | os.PathLike[str] | None


@dataclass(frozen=True)
class KnownData:
    """A data set and what a network has to know of it.

    Attributes
    ----------
    data : Data
        Training and validation part.
    shape : tuple of int
        Height and width of an image.
    channels : int
        1 for grey, 3 for colour.
    """

    data: Data
    shape: tuple[int, int]
    channels: int


def known_data(name: str, *, root: Root = None, size: int = 224, augment: bool = True) -> KnownData:
    """Open a data set by its name.

    Parameters
    ----------
    name : str
        ``digits`` (comes with scikit-learn), ``mnist``, ``fashion_mnist``, ``cifar10``, ``imagenette`` (160
        pixels), ``imagenette_subset``, ``imagenet``; or ``folder:PATH`` with a subfolder for each class in
        ``train`` and ``val``; or ``shards:PATH`` with shards in ``train`` and ``val``.
    root : path, optional
        The data folder; by default ``WAVELETS_COURSE_DATA``, else the system's cache.
    size : int
        Side of the squares that photographs are cut to; those of fixed size keep theirs.
    augment : bool
        Whether training images are cut at random and mirrored (photographs), or moved and mirrored
        (CIFAR-10).

    Returns
    -------
    KnownData
        The validation part is the data set's test or validation set.

    Raises
    ------
    MissingFileError, DamagedFileError
        If files are missing, with the command that fetches them, or are not what was published.
    ValueError
        If there is no such data set.

    Examples
    --------
    >>> digits = known_data("digits")
    >>> len(digits.data.train), digits.shape, digits.channels
    (1347, (8, 8), 1)
    """
    kind, _, place = name.partition(":")
    makers: dict[str, Callable[[], KnownData]] = {
        "digits": _digits,
        "mnist": partial(_grey, datasets.mnist, MNIST_MEAN, MNIST_STD, root),
        "fashion_mnist": partial(_grey, datasets.fashion_mnist, FASHION_MNIST_MEAN, FASHION_MNIST_STD, root),
        "cifar10": partial(_cifar10, root, augment),
        "imagenette": partial(_photographs, partial(datasets.imagenette, root=root), size, augment),
        "imagenette_subset": partial(
            _photographs, partial(datasets.imagenette, root=root, size="224px-subset"), size, augment
        ),
        "imagenet": partial(_photographs, partial(datasets.imagenet, root=root), size, augment),
        "folder": partial(_photographs, partial(_folder, place), size, augment),
        "shards": partial(_photographs, partial(_shards, place), size, augment),
    }
    if kind not in makers or bool(place) != (kind in ("folder", "shards")):
        known = ", ".join([*list(makers)[:-2], "folder:PATH", "shards:PATH"])
        raise ValueError(f"known_data: there is no data set {name!r}; choose one of {known}.")
    return makers[kind]()


def _digits() -> KnownData:
    parts = [datasets.digits(train) for train in (True, False)]
    train, validation = ((images.unsqueeze(1), labels) for images, labels in parts)
    return KnownData(Data(train, validation, classes=10), (8, 8), 1)


def _grey(open_set: Callable[..., Any], mean: Any, std: Any, root: Root) -> KnownData:
    """All of it in memory, normalised once."""
    scale = normalize(mean=mean, std=std)
    parts = [open_set(train, root) for train in (True, False)]
    train, validation = ((scale(part.data.unsqueeze(1)), part.targets) for part in parts)
    return KnownData(Data(train, validation, classes=10), (28, 28), 1)


def _cifar10(root: Root, augment: bool) -> KnownData:
    parts = [datasets.cifar10(train, root) for train in (True, False)]
    train, validation = (
        (torch.from_numpy(part.data).permute(0, 3, 1, 2).contiguous(), torch.tensor(part.targets))
        for part in parts
    )
    scale = normalize(mean=CIFAR10_MEAN, std=CIFAR10_STD)
    judge = _in_parts(scale, validation[0]), validation[1]
    if augment:
        return KnownData(Data(train, judge, classes=10, augment=crop_and_flip(32)), (32, 32), 3)
    return KnownData(Data((_in_parts(scale, train[0]), train[1]), judge, classes=10), (32, 32), 3)


def _in_parts(scale: Callable[[Any], Tensor], images: Tensor) -> Tensor:
    """Normalise, without twice the memory at once."""
    return torch.cat([scale(images[first : first + 5000]) for first in range(0, len(images), 5000)])


def _photographs(open_set: Callable[..., Any], size: int, augment: bool) -> KnownData:
    train = open_set(True, transform=random_resized_crop(size) if augment else one_crop(size))
    validation = open_set(False, transform=one_crop(size))
    names = tuple(train.classes)
    if names != tuple(validation.classes):
        raise ValueError(
            f"known_data: {len(names)} classes to train on and {len(validation.classes)} to judge by, or "
            "other names; give both parts the same subfolders."
        )
    return KnownData(Data(train, validation, classes=len(names)), (size, size), 3)


def _folder(place: str, train: bool, transform: Callable[[Any], Any]) -> Any:
    return datasets.image_folder(Path(place, "train" if train else "val"), transform)


def _shards(place: str, train: bool, transform: Callable[[Any], Any]) -> Any:
    return Shards(Path(place, "train" if train else "val"), transform)
