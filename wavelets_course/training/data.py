"""What a network learns from: training samples, validation samples, and how many classes they have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from torch import Tensor
from torch.utils.data import TensorDataset


@runtime_checkable
class Samples(Protocol):
    """A map-style data set: `len`, and an image with its label for each index."""

    def __len__(self) -> int:
        """Number of samples."""

    def __getitem__(self, index: int) -> Any:
        """An image, ``(channels, height, width)``, and its label, an int."""


Augment: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True)
class Data:
    """Training data, and validation data to judge by.

    Parameters
    ----------
    train : map-style data set, or pair of tensors
        Items are an image and a label, as torchvision's data sets give them; or all at once:
        images ``(samples, channels, height, width)`` and labels ``(samples,)``, int64. What the items are
        (flat vectors, say) is between the data and the model.
    validation : the same, optional
        Never trained on.
    classes : int
        Labels go from 0 to ``classes - 1``.
    augment : callable, optional
        Applied to each training image when it is drawn, one at a time, such as a torchvision v2 transform.
        What it draws at random (from torch, NumPy or Python) follows from the seed, the epoch and the
        sample's index alone, whoever loads it.

    Raises
    ------
    TypeError
        If the data are neither of the two.
    ValueError
        If there are no training samples, as many images as labels are missing, or a label is out of range.

    Examples
    --------
    >>> import torch
    >>> data = Data((torch.rand(6, 1, 8, 8), torch.arange(6) % 3), classes=3)
    >>> len(data.train), data.validation is None
    (6, True)
    """

    train: Samples | tuple[Tensor, Tensor]
    validation: Samples | tuple[Tensor, Tensor] | None = None
    classes: int = 10
    augment: Augment | None = None

    def __post_init__(self) -> None:
        for part in ("train", "validation"):
            given = getattr(self, part)
            if given is not None:
                object.__setattr__(self, part, as_samples(given, self.classes, f"Data: {part}"))
        if len(self.train) == 0:
            raise ValueError("Data: there are no training samples; is the data folder complete?")


def as_samples(given: Any, classes: int, name: str) -> Samples:
    """Make a data set of a pair of tensors; check what can be checked without reading files.

    Parameters
    ----------
    given : map-style data set, or pair of tensors
        See `Data`.
    classes : int
        Number of classes.
    name : str
        Who asks, for error messages.

    Returns
    -------
    map-style data set

    Raises
    ------
    TypeError, ValueError
        See `Data`.

    Examples
    --------
    >>> import torch
    >>> as_samples((torch.rand(2, 4), torch.tensor([0, 1])), 2, "mine")[1][1]
    tensor(1)
    """
    if (
        isinstance(given, tuple | list)
        and len(given) == 2
        and all(isinstance(part, Tensor) for part in given)
    ):
        images, labels = given
        if labels.ndim != 1 or len(images) != len(labels):
            raise ValueError(
                f"{name}: expected as many labels as images, got images {tuple(images.shape)} and "
                f"labels {tuple(labels.shape)}."
            )
        given = TensorDataset(images, labels)
    if not isinstance(given, Samples):
        raise TypeError(
            f"{name}: expected a data set with len() and [index], or a pair of tensors, "
            f"got {type(given).__name__}."
        )
    if isinstance(given, TensorDataset) and len(given.tensors) == 2:
        check_labels(given.tensors[1], classes, name)
    samples: Samples = given
    return samples


def check_labels(labels: Tensor, classes: int, name: str) -> None:
    """Refuse labels that are no class.

    Parameters
    ----------
    labels : Tensor
        ``(batch,)``.
    classes : int
        Number of classes.
    name : str
        Who asks, for error messages.

    Raises
    ------
    TypeError
        If they are no whole numbers.
    ValueError
        If one is outside 0 to ``classes - 1``.

    Examples
    --------
    >>> import torch
    >>> check_labels(torch.tensor([0, 9]), 10, "mine")
    """
    if labels.is_floating_point() or labels.is_complex():
        raise TypeError(f"{name}: labels must be whole numbers (int64), got {labels.dtype}.")
    if labels.numel():
        low, high = (int(end) for end in labels.aminmax())
        if low < 0 or high >= classes:
            raise ValueError(
                f"{name}: labels go from {low} to {high}, but classes = {classes} allows 0 to {classes - 1}; "
                "set Data(classes=...) and the model's number of classes to what the data have."
            )


def check_outputs(outputs: Any, count: int, classes: int, name: str) -> None:
    """Refuse what is not one score for each image and class.

    Parameters
    ----------
    outputs : Any
        What the model gave.
    count, classes : int
        Images it was given, classes there are.
    name : str
        Who asks, for error messages.

    Raises
    ------
    ValueError
        If it is anything but a tensor ``(count, classes)``.

    Examples
    --------
    >>> import torch
    >>> check_outputs(torch.zeros(2, 10), 2, 10, "mine")
    """
    shape = tuple(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__
    if shape != (count, classes):
        raise ValueError(
            f"{name}: expected the model to give one score for each of {count} images and {classes} classes, "
            f"({count}, {classes}), got {shape}; make its last layer {classes} wide, or change classes."
        )
