"""How well a network sorts images: top-1, top-5, and what it takes for what."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import nll_loss
from torchvision.transforms.v2.functional import center_crop
from torchvision.transforms.v2.functional import ten_crop as ten_crops
from tqdm import tqdm

from .batches import Plan
from .config import Precision
from .data import Samples, as_samples, check_outputs
from .loading import Batch, Feed
from .processes import autocast, join_processes
from .seeds import kept_random_states

FILLING = -100
"""Label of the repeats that fill up the last process's share: no score counts it."""


@dataclass(frozen=True)
class Scores:
    """What an evaluation found.

    Attributes
    ----------
    top1, top5 : float
        Share of the images whose class is first, or among the first five (or all, where there are fewer).
    loss : float
        Mean cross-entropy.
    confusion : Tensor
        int64, ``(classes, classes)``: in row i, column j the images of class i taken for class j.
    """

    top1: float
    top5: float
    loss: float
    confusion: Int64[Tensor, "classes classes"]


def evaluate(
    model: nn.Module,
    samples: Samples | tuple[Tensor, Tensor],
    *,
    classes: int = 10,
    batch_size: int = 256,
    crop: int | None = None,
    ten_crop: bool = False,
    precision: Precision = "no",
    channels_last: bool = False,
    workers: int = 0,
    progress: bool | None = None,
) -> Scores:
    """Score a network on labelled images, in evaluation mode and without gradients.

    Launched in many processes, each takes its share and all get the same scores; so each has to call this.

    Parameters
    ----------
    model : nn.Module
        Images ``(batch, channels, height, width)`` to scores ``(batch, classes)``. It computes where its
        parameters are, and gets its training mode back.
    samples : map-style data set, or pair of tensors
        See `Data`. Images of different sizes need `crop`, or a transform in the data set.
    classes : int
        Number of classes.
    batch_size : int
        Images at a time, all processes together.
    crop : int, optional
        Side of the square to look at: the centre of each image.
    ten_crop : bool
        Average the probabilities over ten squares of side `crop`: corners and centre, and their mirror
        images.
    precision, channels_last, workers, progress
        See `TrainingConfig`.

    Returns
    -------
    Scores

    Raises
    ------
    ValueError
        If there are no samples, or labels or outputs do not fit `classes`, or `ten_crop` has no `crop`.

    References
    ----------
    A. Krizhevsky, I. Sutskever and G. E. Hinton, "ImageNet classification with deep convolutional neural
    networks", NeurIPS 2012, for ten crops.

    Examples
    --------
    >>> images, labels = torch.eye(3), torch.tensor([0, 1, 1])
    >>> scores = evaluate(nn.Identity(), (images, labels), classes=3)
    >>> round(scores.top1, 3), scores.confusion.tolist()
    (0.667, [[1, 0, 0], [0, 1, 1], [0, 0, 0]])
    """
    samples = as_samples(samples, classes, "evaluate")
    if ten_crop and crop is None:
        raise ValueError("evaluate: ten_crop needs the side of the squares; give crop=224, say.")
    if len(samples) == 0:
        raise ValueError("evaluate: there are no samples.")
    device = next((tensor.device for tensor in model.parameters()), torch.device("cpu"))
    team = join_processes("cpu" if device.type == "cpu" else "auto")
    plan = Plan(len(samples), batch_size, shuffle=False, process=team.index, processes=team.count)
    feed = Feed(samples, plan, classes=classes, workers=workers, device=device, name="evaluate")
    hidden = None if progress is None else not progress
    look = Look(precision, channels_last, crop, ten_crop)
    with kept_random_states():
        bar = tqdm(feed.batches(0), "evaluate", plan.steps, disable=hidden)
        return score(model, iter(bar), classes, look)


@dataclass(frozen=True)
class Look:
    """How images are shown to a network.

    Attributes
    ----------
    precision, channels_last, crop, ten_crop
        See `evaluate`.
    """

    precision: Precision = "no"
    channels_last: bool = False
    crop: int | None = None
    ten_crop: bool = False

    def log_probabilities(
        self, model: nn.Module, images: Float[Tensor, "batch ..."], classes: int
    ) -> Float[Tensor, "batch classes"]:
        """Ask a network what images show."""
        if self.crop is None:
            return self._ask(model, images, classes)
        if min(images.shape[-2:]) < self.crop:
            raise ValueError(
                f"evaluate: squares of side {self.crop} do not fit into images {tuple(images.shape[-2:])}; "
                "make the images larger, or crop less."
            )
        if not self.ten_crop:
            return self._ask(model, center_crop(images, [self.crop, self.crop]), classes)
        views = [self._ask(model, view, classes) for view in ten_crops(images, [self.crop, self.crop])]
        mean: Tensor = torch.stack(views).exp().mean(0).log()
        return mean

    def _ask(self, model: nn.Module, images: Tensor, classes: int) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last) if self.channels_last else images
        with autocast(images.device, self.precision):
            outputs = model(images)
        check_outputs(outputs, len(images), classes, "evaluate")
        scores: Tensor = outputs.to(torch.promote_types(outputs.dtype, torch.float32))
        return scores.log_softmax(1)


def score(model: nn.Module, batches: Iterator[Batch], classes: int, look: Look) -> Scores:
    """Score a network on batches that `evaluate` or `fit` has prepared.

    Parameters
    ----------
    model : nn.Module
        See `evaluate`.
    batches : iterator of Batch
        At least one.
    classes : int
        Number of classes.
    look : Look
        How to show the images.

    Returns
    -------
    Scores
    """
    from torchmetrics import MetricCollection, SumMetric  # torchmetrics takes seconds to import
    from torchmetrics.classification import MulticlassAccuracy, MulticlassConfusionMatrix

    settings = {"num_classes": classes, "ignore_index": FILLING, "validate_args": False}
    kinds = MetricCollection(
        {
            "top1": MulticlassAccuracy(average="micro", **settings),
            "top5": MulticlassAccuracy(average="micro", top_k=min(5, classes), **settings),
            "confusion": MulticlassConfusionMatrix(**settings),
        },
        compute_groups=False,
    )
    sums = MetricCollection({"loss": SumMetric(), "images": SumMetric()}, compute_groups=False)
    with in_evaluation_mode(model), torch.no_grad():
        for batch in batches:
            kinds, sums = kinds.to(batch.images.device), sums.to(batch.images.device)
            guesses = look.log_probabilities(model, batch.images, classes)
            labels = batch.labels.clone()
            labels[batch.share.real :] = FILLING
            kinds.update(guesses, labels)
            sums["loss"].update(nll_loss(guesses, labels, ignore_index=FILLING, reduction="sum"))
            sums["images"].update(batch.share.real)
    found, totals = kinds.compute(), sums.compute()
    loss = float(totals["loss"] / totals["images"])
    return Scores(float(found["top1"]), float(found["top5"]), loss, found["confusion"].cpu())


@contextmanager
def in_evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Put a model in evaluation mode for a while; each of its modules gets its own mode back.

    Parameters
    ----------
    model : nn.Module
        Any.

    Yields
    ------
    None

    Examples
    --------
    >>> model = nn.Dropout()
    >>> with in_evaluation_mode(model):
    ...     model.training
    False
    >>> model.training
    True
    """
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training
