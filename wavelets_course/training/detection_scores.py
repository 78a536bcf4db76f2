"""How well a detector finds boxes: average precision, as COCO counts it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from .batches import Plan
from .config import Precision
from .data import Samples
from .evaluation import in_evaluation_mode
from .processes import Processes, autocast, gather_object, join_processes

Boxes: TypeAlias = Mapping[str, Tensor]

LOOSE = 0
"""Place of the overlap 0.5 among 0.5, 0.55, ..., 0.95."""

ALL_AREAS, MOST_DETECTIONS = 0, -1


@dataclass(frozen=True)
class DetectionScores:
    """What an evaluation of a detector found.

    A detection is right where it has the class of an object, overlaps it enough (intersection over union),
    and no better detection of that class has claimed that object. Average precision is the mean of the
    precision at 101 levels of recall; its mean over the classes that occur is "mAP".

    Attributes
    ----------
    mean_ap : float
        Mean over the overlaps 0.5, 0.55, ..., 0.95 too, as on COCO; NaN where there is no object at all.
    mean_ap_50, mean_ap_75 : float
        At overlaps of 0.5 (as on PASCAL VOC) and 0.75.
    ap_50 : tuple of float
        At 0.5, class by class, from class 1; NaN where a class does not occur.
    precision_50 : Tensor
        ``(classes, 101)``: precision at recall 0, 0.01, ..., 1, at 0.5; NaN likewise.
    """

    mean_ap: float
    mean_ap_50: float
    mean_ap_75: float
    ap_50: tuple[float, ...]
    precision_50: Float[Tensor, "classes recalls"]


def evaluate_detector(
    model: nn.Module,
    samples: Samples,
    *,
    classes: int,
    batch_size: int = 4,
    precision: Precision = "no",
    workers: int = 0,
    progress: bool | None = None,
) -> DetectionScores:
    """Score a detector on pictures with boxes, in evaluation mode and without gradients.

    Boxes marked ``iscrowd`` or ``difficult`` are neither asked for nor held against the detector. Launched
    in many processes, each takes its share and all get the same scores; so each has to call this.

    Parameters
    ----------
    model : nn.Module
        A list of images to a list of ``{"boxes", "labels", "scores"}``: one of `networks`' or torchvision's
        detectors. It gets its training mode back.
    samples : map-style data set
        Items are an image ``(3, height, width)`` and a target with ``boxes`` and ``labels``.
    classes : int
        Labels are 1 to this.
    batch_size : int
        Images at a time, all processes together.
    precision, workers, progress
        See `TrainingConfig`.

    Returns
    -------
    DetectionScores

    Raises
    ------
    ValueError
        If there are no samples.

    References
    ----------
    T.-Y. Lin et al., Microsoft COCO: common objects in context, ECCV (2014); computed by pycocotools
    through torchmetrics.

    Examples
    --------
    >>> class Knows(nn.Module):  # returns the box it has been told
    ...     def forward(self, images, targets=None):
    ...         box = torch.tensor([[1.0, 2.0, 8.0, 9.0]])
    ...         return [{"boxes": box, "labels": torch.tensor([1]), "scores": torch.ones(1)} for _ in images]
    >>> image = torch.zeros(3, 16, 16)
    >>> target = {"boxes": torch.tensor([[1.0, 2.0, 8.0, 9.0]]), "labels": torch.tensor([1])}
    >>> evaluate_detector(Knows(), [(image, target)], classes=1).mean_ap
    1.0
    """
    from torchmetrics.detection import MeanAveragePrecision  # torchmetrics takes seconds to import

    if len(samples) == 0:
        raise ValueError("evaluate_detector: there are no samples.")
    device = next((tensor.device for tensor in model.parameters()), torch.device("cpu"))
    team = join_processes("cpu" if device.type == "cpu" else "auto")
    hidden = None if progress is None else not progress
    batches = tqdm(_batches(samples, batch_size, workers, team), "evaluate", disable=hidden)
    pairs: list[tuple[dict[str, Tensor], dict[str, Tensor]]] = []
    with in_evaluation_mode(model), torch.no_grad():
        for images, targets in batches:
            with autocast(device, precision):
                found = model([image.to(device) for image in images])
            pairs += zip(map(_plain, found), map(_asked, targets), strict=True)
    # Shares may differ in length, which torchmetrics cannot gather: it gets all pairs in every process.
    pairs = gather_object(pairs) if team.count > 1 else pairs
    metric = MeanAveragePrecision(backend="pycocotools", extended_summary=True, sync_on_compute=False)
    metric.update([given for given, _ in pairs], [asked for _, asked in pairs])
    return _scores(metric.compute(), classes)


def as_lists(pairs: Sequence[tuple[Tensor, Boxes]]) -> tuple[list[Tensor], list[Boxes]]:
    """Make a batch of pictures of different sizes: a list of images, a list of targets."""
    images, targets = zip(*pairs, strict=True)
    return list(images), list(targets)


def _batches(
    samples: Samples, batch_size: int, workers: int, team: Processes
) -> Iterator[tuple[list[Tensor], list[Boxes]]]:
    plan = Plan(len(samples), batch_size, shuffle=False, process=team.index, processes=team.count)
    mine = [share.indices[: share.real] for share in plan.shares(0)]
    return iter(
        DataLoader(
            samples,  # type: ignore[arg-type]
            batch_sampler=[indices for indices in mine if indices],
            num_workers=workers,
            collate_fn=as_lists,
        )
    )


def _plain(boxes: Boxes) -> dict[str, Tensor]:
    return {
        name: value.detach().float().cpu() if name != "labels" else value.cpu()
        for name, value in boxes.items()
    }


def _asked(target: Boxes) -> dict[str, Tensor]:
    """Boxes and labels, with a mark on those that do not count."""
    ignored = torch.zeros(len(target["labels"]), dtype=torch.bool)
    for mark in ("iscrowd", "difficult"):
        if mark in target:
            ignored |= target[mark].cpu().bool()
    return {"boxes": target["boxes"].cpu(), "labels": target["labels"].cpu(), "iscrowd": ignored.int()}


def _scores(found: Mapping[str, Any], classes: int) -> DetectionScores:
    """Read torchmetrics' results; -1 is its word for a class without objects."""
    precision_50 = torch.full((classes, 101), torch.nan)
    for place, label in enumerate(found["classes"].reshape(-1).tolist()):
        curve = found["precision"][LOOSE, :, place, ALL_AREAS, MOST_DETECTIONS].float()
        if curve.min() >= 0:
            precision_50[label - 1] = curve
    means = {
        f"mean_ap{name}": float(found[f"map{name}"]) if found[f"map{name}"] >= 0 else math.nan
        for name in ("", "_50", "_75")
    }
    return DetectionScores(**means, ap_50=tuple(precision_50.mean(1).tolist()), precision_50=precision_50)
