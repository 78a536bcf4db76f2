"""Rectangles and disks with their boxes: a detection set that needs no download and is never wrong."""

from operator import index as whole
from typing import SupportsIndex

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.utils.data import Dataset

SHAPE_CLASSES = ("rectangle", "disk")
"""Labels 1 and 2."""

SMALLEST, LARGEST = 0.16, 0.45
"""Sides of a shape as fractions of the picture's shorter side."""

TRIES = 40
STRIDE = 1_000_003
"""Between the first pictures of two seeds: torch takes only 32 bits of one."""

GAP = 2


class ShapePictures(Dataset[tuple[Tensor, dict[str, Tensor]]]):
    """Pictures of coloured rectangles and disks on a noisy ground, with exact boxes.

    Item ``k`` follows from ``seed`` and ``k`` alone: a picture ``(3, height, width)`` in [0, 1], and a dict
    of ``boxes`` ``(n, 4)`` (float32: left, top, right and bottom edge in pixels) and ``labels`` ``(n,)``
    (int64: 1 rectangle, 2 disk), in the form that torchvision's detectors take. Shapes keep two pixels from
    each other; each touches all four edges of its box.

    Parameters
    ----------
    length
        Number of pictures.
    seed
        Another seed, other pictures.
    sizes
        (height, width) of the pictures; each takes one of them.
    most
        Largest number of shapes; where they find no room there are fewer.
    least
        Smallest number that is tried; 0 leaves some pictures empty.
    noise
        Standard deviation of the noise on each colour.

    Raises
    ------
    TypeError
        If ``length``, ``most`` or ``least`` is not an integer.
    ValueError
        If ``length`` is negative, a picture is under 16 pixels, or not ``0 <= least <= most``.
    IndexError
        If an item is asked for that is not there.

    Examples
    --------
    >>> pictures = ShapePictures(100, sizes=((48, 64),))
    >>> picture, target = pictures[7]
    >>> tuple(picture.shape), target["boxes"].shape[1], len(pictures)
    ((3, 48, 64), 4, 100)
    """

    classes = SHAPE_CLASSES

    def __init__(
        self,
        length: SupportsIndex,
        seed: int = 0,
        *,
        sizes: tuple[tuple[int, int], ...] = ((96, 96),),
        most: SupportsIndex = 3,
        least: SupportsIndex = 1,
        noise: float = 0.04,
    ) -> None:
        self.length, self.most, self.least = whole(length), whole(most), whole(least)
        self.seed, self.sizes, self.noise = seed, sizes, noise
        if self.length < 0 or not 0 <= self.least <= self.most:
            raise ValueError(
                f"ShapePictures: expected length >= 0 and 0 <= least <= most, got length = {length}, "
                f"least = {least}, most = {most}."
            )
        if not sizes or min(map(min, sizes)) < 16:
            raise ValueError(f"ShapePictures: expected pictures of at least 16x16 pixels, got {sizes}.")

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, dict[str, Tensor]]:
        if not -self.length <= index < self.length:
            raise IndexError(f"ShapePictures: there are {self.length} pictures, there is no number {index}.")
        generator = torch.Generator().manual_seed(STRIDE * self.seed + index % self.length)
        height, width = self.sizes[_draw(0, len(self.sizes), generator)]
        ground = 0.25 + 0.5 * torch.rand(3, 1, 1, generator=generator)
        picture = ground.expand(3, height, width)
        boxes: list[list[int]] = []
        labels: list[int] = []
        for _ in range(_draw(self.least, self.most + 1, generator)):
            box = _free_place(boxes, height, width, generator)
            if box is not None:
                labels.append(label := _draw(1, 3, generator))
                boxes.append(_square(box) if label == 2 else box)
                picture = torch.where(
                    _mask(boxes[-1], label, height, width), _colour(ground, generator), picture
                )
        picture = picture + self.noise * torch.randn(picture.shape, generator=generator)
        return picture.clamp(0, 1), {
            "boxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
            "labels": torch.tensor(labels, dtype=torch.int64),
        }


def _draw(low: int, high: int, generator: torch.Generator) -> int:
    """A whole number from ``low`` to ``high - 1``."""
    return int(torch.randint(low, high, (), generator=generator))


def _free_place(
    boxes: list[list[int]], height: int, width: int, generator: torch.Generator
) -> list[int] | None:
    """An even-sided box away from all others; None if none was found."""
    shorter = min(height, width)
    low, high = round(SMALLEST * shorter / 2), round(LARGEST * shorter / 2) + 1
    for _ in range(TRIES):
        tall, wide = (2 * _draw(low, high, generator) for _ in range(2))
        top, left = _draw(0, height - tall + 1, generator), _draw(0, width - wide + 1, generator)
        box = [left, top, left + wide, top + tall]
        if not any(_near(box, other) for other in boxes):
            return box
    return None


def _near(a: list[int], b: list[int]) -> bool:
    return all(a[i] - GAP < b[i + 2] and b[i] - GAP < a[i + 2] for i in (0, 1))


def _square(box: list[int]) -> list[int]:
    """The square in the upper left of a box, of its shorter side."""
    left, top, right, bottom = box
    side = min(right - left, bottom - top)
    return [left, top, left + side, top + side]


def _mask(box: list[int], label: int, height: int, width: int) -> Bool[Tensor, "height width"]:
    """Pixels whose centre is inside."""
    left, top, right, bottom = box
    y, x = torch.arange(height)[:, None] + 0.5, torch.arange(width) + 0.5
    if label == 2:
        u, v = 2 * (x - left) / (right - left) - 1, 2 * (y - top) / (bottom - top) - 1
        return u**2 + v**2 <= 1
    return (x > left) & (x < right) & (y > top) & (y < bottom)


def _colour(ground: Float[Tensor, "3 1 1"], generator: torch.Generator) -> Float[Tensor, "3 1 1"]:
    """A colour that stands out: at least 0.3 from the ground in each of red, green and blue."""
    shift = 0.3 + 0.2 * torch.rand(3, 1, 1, generator=generator)
    return torch.where(ground > 0.5, ground - shift, ground + shift)
