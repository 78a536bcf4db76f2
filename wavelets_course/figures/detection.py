"""What a detector found, drawn on the pictures, and how precise it stays as it finds more."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Shaped
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from .arrays import Array, Number, to_numpy
from .curves import curves
from .figure import Figure
from .images import image_grid
from .style import DASHES, PALETTE, WIDTH, styled

Boxes: TypeAlias = Mapping[str, Tensor]

LIGHT = "#ffffff"


@styled
def detections(
    images: Sequence[Shaped[Array, "3 _ _"] | Shaped[Array, "_ _"]],
    found: Sequence[Boxes],
    *,
    classes: Sequence[str],
    truth: Sequence[Boxes] | None = None,
    least: Number = 0.5,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw boxes on pictures, each with its class and score; a class has its colour and its dash.

    Parameters
    ----------
    images
        ``(3, height, width)`` in [0, 1], or grey ``(height, width)``.
    found
        For each image ``boxes`` ``(n, 4)`` (left, top, right, bottom in pixels), ``labels`` ``(n,)`` and,
        for detections, ``scores`` ``(n,)``.
    classes
        Name of label 1, 2, ...; at most six.
    truth
        For each image the boxes that are true: thin white frames under the others.
    least
        Detections of lower score are left out.
    titles
        One above each image.
    columns
        Images a row; by default up to four.
    alt
        By default how many boxes of each class are drawn.
    width
        Inches.

    Returns
    -------
    Figure
        One axes an image; its patches are the true boxes, then the drawn ones in the order of ``found``.

    Raises
    ------
    ValueError
        If there are not as many sets of boxes as images, or a label has no name.

    Examples
    --------
    >>> import torch
    >>> image, box = torch.zeros(3, 20, 30), torch.tensor([[2.0, 3.0, 12.0, 9.0]])
    >>> found = {"boxes": box, "labels": torch.tensor([1]), "scores": torch.tensor([0.875])}
    >>> detections([image], [found], classes=["disk"]).alt
    '1 picture with 1 box framed: 1 disk.'
    """
    _check(images, found, classes, truth)
    kept = [_kept(boxes, least) for boxes in found]
    counted = Counter(classes[label - 1] for boxes in kept for _, label, _ in boxes)
    figure = image_grid(
        images, titles, alt=alt or _said(len(images), counted, least), columns=columns, width=width
    )
    for index, (axis, boxes) in enumerate(zip(figure.axes, kept, strict=True)):
        for corners in to_numpy(truth[index]["boxes"]) if truth else ():
            _frame(axis, corners, LIGHT, "-", 3.2)
        for corners, label, score in boxes:
            colour = PALETTE[label - 1]
            _frame(axis, corners, colour, DASHES[label - 1], 1.6)
            name = classes[label - 1] if score is None else f"{classes[label - 1]} {score:.2f}"
            _name(axis, corners, name, colour)
    return figure


def precision_recall(
    series: Mapping[str, Shaped[Array, "101"]],
    *,
    alt: str | None = None,
    title: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw precision against recall, one curve a class; the area under it is its average precision.

    Parameters
    ----------
    series
        ``{name: precision}`` at recall 0, 0.01, ..., 1, as in `training.DetectionScores.precision_50`.
    alt
        By default the average precision of each.
    title
        Above the axes.
    width
        Inches.

    Returns
    -------
    Figure
        One axes, one line a name.

    Examples
    --------
    >>> import torch
    >>> half = torch.cat([torch.ones(51), torch.zeros(50)])
    >>> precision_recall({"disk": half}).alt
    'Precision against recall, with the area under each curve: disk 0.50.'
    """
    recall = np.linspace(0, 1, 101)
    areas = ", ".join(f"{name} {to_numpy(values).mean():.2f}" for name, values in series.items())
    return curves(
        {name: (recall, values) for name, values in series.items()},
        alt=alt or f"Precision against recall, with the area under each curve: {areas}.",
        xlabel="recall: share of the objects that are found",
        ylabel="precision: share that is right",
        title=title,
        markers=False,
        xlim=(0, 1),
        ylim=(0, 1.05),
        width=width,
    )


def _kept(boxes: Boxes, least: Number) -> list[tuple[np.ndarray, int, float | None]]:
    """Corners, label and score of what is drawn."""
    corners, labels = to_numpy(boxes["boxes"]), to_numpy(boxes["labels"]).astype(int).tolist()
    if "scores" not in boxes:
        return [(box, label, None) for box, label in zip(corners, labels, strict=True)]
    scored = zip(corners, labels, to_numpy(boxes["scores"]).tolist(), strict=True)
    return [entry for entry in scored if entry[2] >= least]


def _frame(axis: Axes, corners: np.ndarray, colour: str, dash: object, thickness: float) -> None:
    left, top, right, bottom = corners - 0.5  # pixel 0 is drawn from -0.5 to 0.5
    axis.add_patch(
        Rectangle(
            (left, top),
            right - left,
            bottom - top,
            fill=False,
            edgecolor=colour,
            linewidth=thickness,
            linestyle=dash,
        )
    )


def _name(axis: Axes, corners: np.ndarray, name: str, colour: str) -> None:
    """Write beside the upper edge, towards the middle of the picture, so that nothing leaves it."""
    left, top, right, _ = corners - 0.5
    low, high = sorted(axis.get_xlim())
    leftish = left + right < low + high
    axis.text(
        left if leftish else right,
        top,
        name,
        ha="left" if leftish else "right",
        va="bottom" if top > 0.12 * max(axis.get_ylim()) else "top",
        color=LIGHT,
        fontsize=9,
        bbox={"facecolor": colour, "edgecolor": "none", "pad": 1.0},
    )


def _said(images: int, counted: Counter[str], least: Number) -> str:
    total = sum(counted.values())
    start = f"{images} picture{'s' * (images != 1)} with {total} box{'es' * (total != 1)} framed"
    listed = ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
    return f"{start}{f': {listed}' if listed else f' of score {least:g} or more'}."


def _check(
    images: Sequence[Array], found: Sequence[Boxes], classes: Sequence[str], truth: Sequence[Boxes] | None
) -> None:
    for boxes in (found, truth):
        if boxes is not None and len(boxes) != len(images):
            raise ValueError(
                f"detections: {len(images)} images, {len(boxes)} sets of boxes; give one an image, without "
                "boxes where there are none."
            )
    labels = {label for boxes in found for label in to_numpy(boxes["labels"]).astype(int).tolist()}
    if not 1 <= len(classes) <= len(PALETTE) or not labels <= set(range(1, len(classes) + 1)):
        raise ValueError(
            f"detections: {len(classes)} names for labels {sorted(labels)}; name labels 1 to "
            f"{max(labels, default=1)}, at most {len(PALETTE)}."
        )
