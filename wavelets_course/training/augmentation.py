"""The standard ways to cut, flip and scale photographs, for training and for judging.

Each function gives a callable that takes one picture (PIL, or a tensor ``(channels, height, width)``, uint8
or float in [0, 1]) and returns float32. What is random is drawn from torch's global generator: `fit` sets it
from the seed, the epoch and the sample's index, so a run that resumes draws the same; elsewhere call
``torch.manual_seed`` before.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor
from torchvision.transforms import v2

View: TypeAlias = Callable[[Any], Tensor]
Channels: TypeAlias = Sequence[float]

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of red, green and blue over ImageNet's training photographs, as torchvision's models expect them."""

CIFAR10_MEAN, CIFAR10_STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
"""Of all pixels of CIFAR-10's training set, measured from the checked files."""

MNIST_MEAN, MNIST_STD = (0.1307,), (0.3081,)
FASHION_MNIST_MEAN, FASHION_MNIST_STD = (0.2860,), (0.3530,)


def random_resized_crop(
    size: int = 224,
    *,
    mean: Channels = IMAGENET_MEAN,
    std: Channels = IMAGENET_STD,
    scale: tuple[float, float] = (0.08, 1.0),
    flip: float = 0.5,
) -> View:
    """Training view of a photograph: a random part of it, scaled to a square, in a mirror half of the time.

    The part covers a share of the area drawn from `scale`, and its sides have a ratio of 3/4 to 4/3.

    Parameters
    ----------
    size : int
        Pixels on a side of the result.
    mean, std : sequence of float
        Taken off, and divided by, each channel.
    scale : tuple of float
        Smallest and largest share of the area.
    flip : float
        Probability of the mirror.

    Returns
    -------
    callable
        Picture to float32 ``(channels, size, size)``.

    Raises
    ------
    ValueError
        If a size is below 1, a share or probability outside [0, 1], or a standard deviation not positive.

    References
    ----------
    C. Szegedy et al., "Going deeper with convolutions", CVPR 2015.

    Examples
    --------
    >>> picture = torch.zeros(3, 40, 50, dtype=torch.uint8)
    >>> random_resized_crop(32)(picture).shape
    torch.Size([3, 32, 32])
    """
    _check("random_resized_crop", mean, std, size)
    if not 0 < scale[0] <= scale[1] <= 1 or not 0 <= flip <= 1:
        raise ValueError(
            f"random_resized_crop: scale must be shares of the area, 0 < low <= high <= 1, and flip a "
            f"probability; got scale = {scale}, flip = {flip}."
        )
    moved = [v2.RandomResizedCrop(size, scale=scale, antialias=True), v2.RandomHorizontalFlip(flip)]
    return _pipeline(moved, mean, std)


def crop_and_flip(
    size: int = 32,
    *,
    padding: int = 4,
    mean: Channels = CIFAR10_MEAN,
    std: Channels = CIFAR10_STD,
    flip: float = 0.5,
) -> View:
    """Training view of a small picture: moved by a few pixels, black beyond its edge, perhaps mirrored.

    Parameters
    ----------
    size : int
        Pixels on a side of the result.
    padding : int
        How far the picture can move.
    mean, std, flip
        As for `random_resized_crop`.

    Returns
    -------
    callable
        Picture to float32 ``(channels, size, size)``.

    References
    ----------
    K. He et al., "Deep residual learning for image recognition", CVPR 2016, section 4.2.

    Examples
    --------
    >>> crop_and_flip()(torch.zeros(3, 32, 32)).shape
    torch.Size([3, 32, 32])
    """
    _check("crop_and_flip", mean, std, size)
    return _pipeline([v2.RandomCrop(size, padding=padding), v2.RandomHorizontalFlip(flip)], mean, std)


def one_crop(
    size: int = 224,
    *,
    resize: int | None = None,
    mean: Channels = IMAGENET_MEAN,
    std: Channels = IMAGENET_STD,
) -> View:
    """Evaluation view: scale the shorter side, keep the centre.

    Parameters
    ----------
    size : int
        Pixels on a side of the result.
    resize : int, optional
        Pixels of the shorter side before; by default 8/7 of `size`, 256 for 224.
    mean, std
        As for `random_resized_crop`.

    Returns
    -------
    callable
        Picture to float32 ``(channels, size, size)``.

    Raises
    ------
    ValueError
        If `resize` is less than `size`.

    Examples
    --------
    >>> one_crop(28)(torch.zeros(3, 40, 50)).shape
    torch.Size([3, 28, 28])
    """
    return _pipeline([*_shorter_side("one_crop", size, resize, mean, std), v2.CenterCrop(size)], mean, std)


def ten_crop(
    size: int = 224,
    *,
    resize: int | None = None,
    mean: Channels = IMAGENET_MEAN,
    std: Channels = IMAGENET_STD,
) -> View:
    """Ten evaluation views: four corners and the centre, each as it is and mirrored.

    Show all ten to the network and average what it says.

    Parameters
    ----------
    size, resize, mean, std
        As for `one_crop`.

    Returns
    -------
    callable
        Picture to float32 ``(10, channels, size, size)``; view 4 is `one_crop`'s.

    References
    ----------
    A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep convolutional neural
    networks", NeurIPS 2012, section 4.1.

    Examples
    --------
    >>> ten_crop(28)(torch.zeros(3, 40, 50)).shape
    torch.Size([10, 3, 28, 28])
    """
    return _Ten(_pipeline(_shorter_side("ten_crop", size, resize, mean, std), mean, std), v2.TenCrop(size))


def normalize(*, mean: Channels = IMAGENET_MEAN, std: Channels = IMAGENET_STD) -> View:
    """Evaluation view of a picture that has its size already.

    Parameters
    ----------
    mean, std
        As for `random_resized_crop`.

    Returns
    -------
    callable
        Picture to float32 of the same size.

    Examples
    --------
    >>> normalize(mean=(0.5,), std=(0.5,))(torch.ones(1, 2, 2)).tolist()
    [[[1.0, 1.0], [1.0, 1.0]]]
    """
    _check("normalize", mean, std, 1)
    return _pipeline([], mean, std)


def denormalize(
    x: Float[Tensor, "*batch channels height width"],
    *,
    mean: Channels = IMAGENET_MEAN,
    std: Channels = IMAGENET_STD,
) -> Float[Tensor, "*batch channels height width"]:
    """Undo the mean and the standard deviation, to look at what a network is shown.

    Parameters
    ----------
    x : Tensor
        What one of the views gave.
    mean, std
        As they were given there.

    Returns
    -------
    Tensor
        Between 0 and 1.

    Examples
    --------
    >>> view = normalize()(torch.full((3, 1, 1), 0.5))
    >>> [round(value, 6) for value in denormalize(view).flatten().tolist()]
    [0.5, 0.5, 0.5]
    """
    return x * x.new_tensor(std)[:, None, None] + x.new_tensor(mean)[:, None, None]


class _Ten:
    """Ten views in one tensor; a class, so that worker processes can be sent it."""

    def __init__(self, whole: View, cut: Callable[[Tensor], tuple[Tensor, ...]]) -> None:
        self.whole, self.cut = whole, cut

    def __call__(self, picture: Any) -> Tensor:
        return torch.stack(self.cut(self.whole(picture)))


def _pipeline(steps: list[Any], mean: Channels, std: Channels) -> View:
    # Cut first, as bytes: scaling to floats the whole photograph would cost more than all the rest.
    begin, end = [v2.ToImage()], [v2.ToDtype(torch.float32, scale=True), v2.Normalize(list(mean), list(std))]
    return v2.Compose([*begin, *steps, *end, v2.ToPureTensor()])  # type: ignore[no-any-return]


def _shorter_side(operation: str, size: int, resize: int | None, mean: Channels, std: Channels) -> list[Any]:
    _check(operation, mean, std, size)
    shorter = round(size * 8 / 7) if resize is None else resize
    if shorter < size:
        raise ValueError(
            f"{operation}: the shorter side ({shorter}) must be at least size = {size}; give a larger resize."
        )
    return [v2.Resize(shorter, antialias=True)]


def _check(operation: str, mean: Channels, std: Channels, size: int) -> None:
    if size < 1:
        raise ValueError(f"{operation}: size must be at least 1 pixel, got {size}.")
    if len(mean) != len(std) or not all(value > 0 for value in std):
        raise ValueError(
            f"{operation}: expected one mean and one positive standard deviation for each channel, "
            f"got mean = {tuple(mean)}, std = {tuple(std)}."
        )
