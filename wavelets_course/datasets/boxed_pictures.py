"""Pictures with labelled boxes, in the form that torchvision's detectors take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.tv_tensors import BoundingBoxes

from .picture_folder import read_colour
from .torchvision_sets import as_tensor

Target: TypeAlias = dict[str, Any]
Transforms: TypeAlias = Callable[[Any, Target], tuple[Any, Target]]


class Box(NamedTuple):
    """One object of one picture.

    Attributes
    ----------
    label : int
        From 1; 0 is the background.
    corners : tuple of float
        Left, top, right and bottom edge in pixels.
    area : float
        Square pixels.
    crowd : bool
        COCO's mark for many objects in one box: no detection is asked for there.
    difficult : bool
        VOC's mark for objects that do not count in the evaluation.
    """

    label: int
    corners: tuple[float, float, float, float]
    area: float
    crowd: bool = False
    difficult: bool = False


@dataclass(frozen=True)
class DroppedBox:
    """A box that encloses nothing, and was left out."""

    picture: str
    class_name: str
    corners: tuple[float, float, float, float]


class BoxedPictures(Dataset[tuple[Any, Target]]):
    """Pictures and the boxes of their objects; a map-style data set.

    Item ``k`` is a pair: the picture, float32 in [0, 1], ``(3, height, width)``, and a dict of ``boxes``
    ``(n, 4)`` (float32: left, top, right, bottom edge in pixels), ``labels`` ``(n,)`` (int64, from 1),
    ``area`` ``(n,)``, ``iscrowd`` ``(n,)`` (int64), ``difficult`` ``(n,)`` (bool) and ``image_id`` (int).
    A picture without objects has n = 0. All boxes together are five tensors, however many pictures there
    are, so worker processes share them.

    A box without area (right <= left or bottom <= top) teaches a detector nothing and makes its loss NaN:
    such boxes are left out, listed in `dropped` and counted by ``repr``.

    Parameters
    ----------
    name : str
        What it is, for `repr` and messages.
    pictures : sequence of Path
        The files.
    boxes : sequence of sequence of Box
        Those of each picture.
    classes : sequence of str
        Name of label 1, 2, ...
    image_ids : sequence of int, optional
        By default 0, 1, ...
    transforms : callable, optional
        ``(picture, target) -> (picture, target)``, given a PIL picture and boxes as torchvision's
        ``BoundingBoxes``: every transform of ``torchvision.transforms.v2`` moves both. After a random
        crop add ``v2.SanitizeBoundingBoxes()``, for it can cut a box to nothing.
    category_ids : sequence of int, optional
        What the annotations' author calls label 1, 2, ...; by default the same.

    Raises
    ------
    ValueError
        If pictures and boxes differ in number.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "1.png")
    ...     Image.new("RGB", (40, 30)).save(path)
    ...     boxes = [Box(1, (2.0, 3.0, 8.0, 9.0), 36.0), Box(1, (5.0, 5.0, 5.0, 5.0), 0.0)]
    ...     pictures = BoxedPictures("mine", [path], [boxes], ["cell"])
    ...     image, target = pictures[0]
    >>> image.shape, target["boxes"].tolist()
    (torch.Size([3, 30, 40]), [[2.0, 3.0, 8.0, 9.0]])
    >>> pictures
    mine: 1 picture, 1 box of 1 class; 1 box without area dropped
    """

    def __init__(
        self,
        name: str,
        pictures: Sequence[Path],
        boxes: Sequence[Sequence[Box]],
        classes: Sequence[str],
        image_ids: Sequence[int] | None = None,
        transforms: Transforms | None = None,
        category_ids: Sequence[int] | None = None,
    ) -> None:
        if len(pictures) != len(boxes):
            raise ValueError(f"{name}: got {len(pictures)} pictures and boxes of {len(boxes)}; give as many.")
        self.name, self.pictures, self.classes = name, tuple(pictures), tuple(classes)
        self.image_ids = range(len(pictures)) if image_ids is None else tuple(image_ids)
        self.transforms = transforms
        self.category_ids = tuple(category_ids or range(1, len(self.classes) + 1))
        kept = [[box for box in row if not empty(box)] for row in boxes]
        self.dropped = tuple(
            DroppedBox(picture.name, self.classes[box.label - 1], box.corners)
            for picture, row in zip(pictures, boxes, strict=True)
            for box in row
            if empty(box)
        )
        every = [box for row in kept for box in row]
        self._ends = torch.tensor([0, *map(len, kept)]).cumsum(0)
        self._corners = torch.tensor([box.corners for box in every]).reshape(-1, 4).float()
        self._labels = torch.tensor([box.label for box in every], dtype=torch.int64)
        self._area = torch.tensor([box.area for box in every], dtype=torch.float32)
        self._flags = torch.tensor([[box.crowd, box.difficult] for box in every], dtype=torch.bool).reshape(
            -1, 2
        )

    def __len__(self) -> int:
        return len(self.pictures)

    def target(self, index: int) -> Target:
        """The boxes of a picture, without reading the picture.

        Parameters
        ----------
        index : int
            Of the picture.

        Returns
        -------
        dict
            As described above.
        """
        row = slice(int(self._ends[index]), int(self._ends[index + 1]))
        crowd, difficult = self._flags[row].T
        return {
            "boxes": self._corners[row].clone(),
            "labels": self._labels[row].clone(),
            "area": self._area[row].clone(),
            "iscrowd": crowd.long(),
            "difficult": difficult.clone(),
            "image_id": int(self.image_ids[index]),
        }

    def __getitem__(self, index: int) -> tuple[Tensor, Target]:
        index = range(len(self))[index]
        picture, target = read_colour(str(self.pictures[index])), self.target(index)
        if self.transforms is not None:
            size = (picture.height, picture.width)
            target["boxes"] = BoundingBoxes(target["boxes"], format="XYXY", canvas_size=size)
            picture, target = self.transforms(picture, target)
            target["boxes"] = target["boxes"].as_subclass(Tensor)
        return (picture if isinstance(picture, Tensor) else as_tensor(picture)), target

    def count_classes(self) -> Mapping[str, int]:
        """How many boxes of each class there are.

        Returns
        -------
        dict
            Name to number, in the order of the labels.
        """
        counts = torch.bincount(self._labels, minlength=len(self.classes) + 1)[1:].tolist()
        return dict(zip(self.classes, counts, strict=True))

    def __repr__(self) -> str:
        pictures, boxes = _many(len(self), "picture"), _many(len(self._labels), "box")
        lost = f"; {_many(len(self.dropped), 'box')} without area dropped" if self.dropped else ""
        return f"{self.name}: {pictures}, {boxes} of {_many(len(self.classes), 'class')}{lost}"


def empty(box: Box) -> bool:
    """Whether a box encloses nothing."""
    left, top, right, bottom = box.corners
    return not (right > left and bottom > top)  # NaN encloses nothing either


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "es" if what[-1] in "sx" else "s")
