"""MNIST, Fashion-MNIST and CIFAR-10 through torchvision, checked before they are read."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jaxtyping import Float
from torch import Tensor
from torchvision.datasets import CIFAR10, MNIST, FashionMNIST
from torchvision.transforms.functional import pil_to_tensor

from .download import fetch
from .verification import DamagedFileError, verify

Transform = Callable[[Any], Any]

EIGHT_BITS = ("L", "LA", "RGB", "RGBA")
"""Pillow's modes whose bytes are brightnesses: 0 is black (or clear), 255 white (or opaque)."""


def as_tensor(picture: Any) -> Float[Tensor, "channels height width"]:
    """Turn a PIL picture of bytes into numbers between 0 and 1.

    Parameters
    ----------
    picture : PIL.Image.Image
        Grey or colour, 8 bits a channel, with or without transparency: mode L, LA, RGB or RGBA.

    Returns
    -------
    Tensor
        float32, shape ``(channels, height, width)``.

    Raises
    ------
    TypeError
        If the picture is in another mode, where a byte means something else or 255 is not white.

    Examples
    --------
    >>> from PIL import Image
    >>> as_tensor(Image.new("RGB", (4, 2), "white")).shape
    torch.Size([3, 2, 4])
    """
    mode = getattr(picture, "mode", type(picture).__name__)
    if mode not in EIGHT_BITS:
        raise TypeError(
            f"as_tensor: expected a picture in mode {', '.join(EIGHT_BITS)}, got {mode}; "
            "use picture.convert('RGB'), after scaling to 0..255 where it has more than 8 bits."
        )
    pixels: Tensor = pil_to_tensor(picture)
    return pixels.float() / 255


def mnist(
    train: bool = True,
    root: str | os.PathLike[str] | None = None,
    download: bool = False,
    transform: Transform | None = as_tensor,
    target_transform: Transform | None = None,
) -> MNIST:
    """Open MNIST: 60,000 handwritten digits to train on, 10,000 to test.

    Every raw file is compared with its published SHA-256 first (0.05 s); one that differs is not read.

    Parameters
    ----------
    train : bool
        True for the training images, False for the test images.
    root : path, optional
        The folder that holds (or will hold) ``MNIST/raw``; `data_folder` by default.
    download : bool
        Fetch what is missing or damaged first. Nothing is downloaded unless this is set.
    transform : callable, optional
        Applied to each PIL picture; by default `as_tensor`, float32 in [0, 1] and shape ``(1, 28, 28)``.
        None leaves the picture as it is.
    target_transform : callable, optional
        Applied to each label, an int.

    Returns
    -------
    torchvision.datasets.MNIST
        Pairs of picture and label; `.data` is uint8, shape ``(n, 28, 28)``, `.targets` holds the labels.

    Raises
    ------
    MissingFileError
        If files are missing, with the command that fetches them.
    DamagedFileError
        If a file is not what was published.
    DownloadError
        If the download fails.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86(11), 1998.

    Examples
    --------
    >>> image, label = mnist()[0]  # doctest: +SKIP
    >>> image.shape, label  # doctest: +SKIP
    (torch.Size([1, 28, 28]), 5)
    """
    folder = _prepare("mnist", root, download)
    _refuse_processed("mnist", folder / "MNIST" / "processed")
    return MNIST(str(folder), train=train, transform=transform, target_transform=target_transform)


def fashion_mnist(
    train: bool = True,
    root: str | os.PathLike[str] | None = None,
    download: bool = False,
    transform: Transform | None = as_tensor,
    target_transform: Transform | None = None,
) -> FashionMNIST:
    """Open Fashion-MNIST: MNIST's sizes and counts, but photographs of ten kinds of clothing.

    Every raw file is compared with its published SHA-256 first (0.05 s); one that differs is not read.

    Parameters
    ----------
    train, root, download, transform, target_transform
        As for `mnist`; the files lie in ``FashionMNIST/raw``.

    Returns
    -------
    torchvision.datasets.FashionMNIST
        Pairs of picture and label; `.classes` names the ten labels.

    Raises
    ------
    MissingFileError, DamagedFileError, DownloadError
        As for `mnist`.

    References
    ----------
    H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms", arXiv:1708.07747, 2017.

    Examples
    --------
    >>> fashion_mnist(train=False).classes[:2]  # doctest: +SKIP
    ['T-shirt/top', 'Trouser']
    """
    folder = _prepare("fashion_mnist", root, download)
    _refuse_processed("fashion_mnist", folder / "FashionMNIST" / "processed")
    return FashionMNIST(str(folder), train=train, transform=transform, target_transform=target_transform)


def cifar10(
    train: bool = True,
    root: str | os.PathLike[str] | None = None,
    download: bool = False,
    transform: Transform | None = as_tensor,
    target_transform: Transform | None = None,
) -> CIFAR10:
    """Open CIFAR-10: 50,000 small colour photographs to train on, 10,000 to test.

    Its files are Python pickles, which can run code when they are read; so each is compared with its
    published SHA-256 first (0.2 s), and one that differs is not opened.

    Parameters
    ----------
    train, root, download, target_transform
        As for `mnist`; the files lie in ``cifar-10-batches-py``.
    transform : callable, optional
        Applied to each PIL picture; by default `as_tensor`, float32 in [0, 1] and shape ``(3, 32, 32)``.

    Returns
    -------
    torchvision.datasets.CIFAR10
        Pairs of picture and label; `.data` is a uint8 NumPy array, shape ``(n, 32, 32, 3)``; `.classes`
        names the ten labels.

    Raises
    ------
    MissingFileError, DamagedFileError, DownloadError
        As for `mnist`.

    References
    ----------
    A. Krizhevsky, "Learning multiple layers of features from tiny images", University of Toronto, 2009.

    Examples
    --------
    >>> image, label = cifar10(train=False)[0]  # doctest: +SKIP
    >>> image.shape, label  # doctest: +SKIP
    (torch.Size([3, 32, 32]), 3)
    """
    folder = _prepare("cifar10", root, download)
    return CIFAR10(str(folder), train=train, transform=transform, target_transform=target_transform)


def _prepare(name: str, root: str | os.PathLike[str] | None, download: bool) -> Path:
    if download:
        fetch(name, root)
    return verify(name, root)


def _refuse_processed(name: str, processed: Path) -> None:
    """Torchvision would read these files of its own older releases instead of the checked ones."""
    if any((processed / file).exists() for file in ("training.pt", "test.pt")):
        raise DamagedFileError(
            f"{name}: {processed} was written by an old torchvision and would be read instead of the checked"
            " raw files. Delete that folder; nothing else is lost."
        )
