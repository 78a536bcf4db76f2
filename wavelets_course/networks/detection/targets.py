"""What a detector is given, checked before it is trained on: images, and boxes with labels."""

from collections.abc import Mapping, Sequence

from torch import Tensor

BOXES = "boxes (n, 4) as (left, top, right, bottom) in pixels"


def check_images(images: Sequence[Tensor]) -> None:
    """Refuse what is not a list of colour images with values of floating point.

    Raises
    ------
    TypeError
        If it is no list or tuple of floating-point tensors.
    ValueError
        If it is empty, or an image is not ``(3, height, width)``.
    """
    if not isinstance(images, (list, tuple)):
        raise TypeError(
            f"detector: expected a list of images, got {type(images).__name__}; their sizes may differ, so "
            "they come as a list: list(batch)."
        )
    if not images:
        raise ValueError("detector: expected at least one image, got none; leave out empty batches.")
    for index, image in enumerate(images):
        if not isinstance(image, Tensor) or not image.is_floating_point():
            kind = image.dtype if isinstance(image, Tensor) else type(image).__name__
            raise TypeError(
                f"detector: expected images of floating point in [0, 1], got {kind} for image {index}; "
                "datasets.as_tensor makes one from a picture."
            )
        if image.ndim != 3 or image.shape[0] != 3 or not image.numel():
            raise ValueError(
                f"detector: expected images (3, height, width), got {tuple(image.shape)} for image {index}; "
                "repeat a grey one: image.expand(3, -1, -1)."
            )


def check_targets(targets: Sequence[Mapping[str, Tensor]] | None, count: int, classes: int) -> None:
    """Refuse targets that a detector cannot learn from; an image without any object is right.

    Parameters
    ----------
    targets
        One ``{"boxes": (n, 4), "labels": (n,)}`` an image, ``n`` may be 0.
    count
        Number of images.
    classes
        Labels run from 1 to this.

    Raises
    ------
    TypeError
        If labels are no whole numbers of 64 bits, or boxes no floating-point tensors.
    ValueError
        If targets are missing, or too few or many, or boxes and labels have other shapes, if a box is empty
        or not finite, or if a label is out of range.
    """
    if targets is None:
        raise ValueError(
            "detector: expected targets while training, got none; give one "
            "{'boxes': ..., 'labels': ...} an image, or call .eval() to detect."
        )
    if len(targets) != count:
        raise ValueError(
            f"detector: expected one target an image, got {len(targets)} targets for {count} images."
        )
    for index, target in enumerate(targets):
        if missing := {"boxes", "labels"} - set(target):
            raise ValueError(
                f"detector: target {index} has no {' and no '.join(sorted(missing))}; an image without "
                "objects has boxes of shape (0, 4) and labels of shape (0,)."
            )
        check_boxes(target["boxes"], index)
        check_labels(target["labels"], len(target["boxes"]), index, classes)


def check_boxes(boxes: Tensor, index: int) -> None:
    """Refuse boxes of another shape, without area, or with NaN."""
    if not isinstance(boxes, Tensor) or not boxes.is_floating_point():
        raise TypeError(f"detector: expected {BOXES}, floating point, got {_kind(boxes)} in target {index}.")
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(
            f"detector: expected {BOXES}, got shape {tuple(boxes.shape)} in target {index}; "
            "where there is no object it is (0, 4)."
        )
    wrong = ~boxes.isfinite().all(1) | (boxes[:, 2:] <= boxes[:, :2]).any(1)
    if wrong.any():
        first = int(wrong.int().argmax())
        raise ValueError(
            f"detector: box {first} of target {index} is {boxes[first].tolist()} and has no area; expected "
            "left < right and top < bottom, finite; leave such boxes out, or swap their corners."
        )


def check_labels(labels: Tensor, count: int, index: int, classes: int) -> None:
    """Refuse labels that are not one whole number from 1 to ``classes`` for each box."""
    if not isinstance(labels, Tensor) or str(labels.dtype) != "torch.int64":
        raise TypeError(
            f"detector: expected labels of torch.int64, got {_kind(labels)} in target {index}; "
            "use labels.long()."
        )
    if tuple(labels.shape) != (count,):
        raise ValueError(
            f"detector: expected {count} labels for {count} boxes, got shape {tuple(labels.shape)} in "
            f"target {index}."
        )
    outside = labels[(labels < 1) | (labels > classes)]
    if len(outside):
        raise ValueError(
            f"detector: expected labels from 1 to {classes}, got {int(outside[0])} in target {index}; "
            "0 is the background, so the first class is 1."
        )


def _kind(value: object) -> str:
    return str(value.dtype) if isinstance(value, Tensor) else type(value).__name__
