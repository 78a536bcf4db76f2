"""Training a detector: the steps of `fit`, with pictures of many sizes and four losses."""

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from .batches import Plan, Share
from .config import TrainingConfig
from .data import Data, Samples
from .detection_folder import DetectionFolder
from .detection_history import DetectionHistory, DetectionRecord
from .detection_scores import Boxes, as_lists, evaluate_detector
from .learner import Learner
from .memory import forget_peak, peak_memory
from .processes import Processes, autocast, join_processes
from .schedules import rate_multiple
from .seeds import derive_seed, kept_random_states, seed_everything

LOSSES = ("loss_classifier", "loss_box_reg", "loss_objectness", "loss_rpn_box_reg")
"""What a detector gives while it is trained."""

UNUSED = ("compile", "label_smoothing", "regularization", "patience", "tensorboard", "checkpoint_every")
"""Choices of `TrainingConfig` that mean nothing here."""

Callback: TypeAlias = Callable[[nn.Module, DetectionHistory], Any]


def fit_detector(
    model: nn.Module,
    data: Data,
    config: TrainingConfig | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    resume: bool = True,
    callback: Callback | None = None,
) -> DetectionHistory:
    """Train a detector.

    Each step lowers the sum of the detector's four losses on `config.batch_size` images. Optimiser,
    schedule, accumulation, clipping, precision, processes and seed are those of `fit`; what is drawn at
    random in a step follows from the seed and the step alone. The images of a step are cut into shares, one
    for each piece and process, and a share's losses weigh as much as it has images. They are means over
    what is drawn from these images, so shares of another size give slightly other steps.

    Boxes marked ``iscrowd`` are not shown to the detector; ``difficult`` ones are.

    Parameters
    ----------
    model : nn.Module
        ``model(images, targets)`` gives the four losses in training mode: one of `networks`' or torchvision's
        detectors. It is trained in place: moved to the device, and left there with its last weights in
        evaluation mode. Parameters that require no gradient stay as they are.
    data : Data
        Items are an image ``(3, height, width)`` and a target ``{"boxes", "labels"}``, labels from 1 to
        ``data.classes``. ``data.augment`` takes and gives such a pair, see `random_mirror`.
    config : TrainingConfig, optional
        How; its defaults where None.
    folder : path, optional
        Where checkpoints, the weights of the best epoch (``best.safetensors``) and the table ``history.csv``
        go after each epoch. None keeps nothing.
    resume : bool
        Go on from the newest good checkpoint in `folder`: on a CPU the result is the same, bit for bit, as
        without a stop.
    callback : callable, optional
        Called after each epoch with the model and the history so far; training ends if it returns True.

    Returns
    -------
    DetectionHistory

    Raises
    ------
    FloatingPointError
        If a loss is NaN or infinite; the message names step, learning rate and losses.
    CheckpointError
        If a checkpoint cannot be written, or all there are are damaged.
    TypeError, ValueError
        If images, boxes or labels are not as above, if checkpoints are of another run, or the config
        asks for what a detector does not have.

    Examples
    --------
    >>> from torchvision.models.resnet import BasicBlock, ResNet
    >>> from wavelets_course.datasets import ShapePictures
    >>> from wavelets_course.networks import faster_rcnn_resnet50
    >>> small = ResNet(BasicBlock, [1, 1, 1, 1])
    >>> detector = faster_rcnn_resnet50(2, small, anchors=(16, 32), min_size=64)
    >>> history = fit_detector(detector, Data(ShapePictures(2), classes=2), TrainingConfig(epochs=1, lr=0.01))
    >>> len(history.losses)
    1
    """
    config = config or TrainingConfig()
    default = TrainingConfig()
    if unused := [name for name in UNUSED if getattr(config, name) != getattr(default, name)]:
        raise ValueError(f"fit_detector: {unused[0]} is not for detectors; leave it at its default.")
    with kept_random_states():
        run = _Run(model, data, config, callback)
        if folder is not None:
            run.open(Path(folder), resume)
        return run.run()


def random_mirror(sample: tuple[Tensor, Boxes]) -> tuple[Tensor, Boxes]:
    """Mirror a picture and its boxes half of the time, left to right.

    It draws from torch's own generator, which `fit_detector` sets for each sample.

    Parameters
    ----------
    sample
        An image ``(3, height, width)``, and a target with ``boxes``; all else in it is kept.

    Returns
    -------
    tuple
        Image and target, the same ones or new ones.

    Examples
    --------
    >>> image, boxes = torch.arange(3.0).expand(3, 1, 3), torch.tensor([[0.0, 0.0, 1.0, 1.0]])
    >>> seen = {tuple(random_mirror((image, {"boxes": boxes}))[1]["boxes"][0].tolist()) for _ in range(40)}
    >>> sorted(seen)
    [(0.0, 0.0, 1.0, 1.0), (2.0, 0.0, 3.0, 1.0)]
    """
    if torch.rand(()) < 0.5:
        return sample
    image, target = sample
    left, top, right, bottom = target["boxes"].unbind(1)
    width = image.shape[-1]
    mirrored = torch.stack([width - right, top, width - left, bottom], dim=1)
    return image.flip(-1), dict(target) | {"boxes": mirrored}


class _Run:
    """One training run, in one of its processes."""

    def __init__(
        self, model: nn.Module, data: Data, config: TrainingConfig, callback: Callback | None
    ) -> None:
        self.model, self.data, self.config, self.callback = model, data, config, callback
        self.team = join_processes(config.device)
        self.learner = _BoxLearner(model, config, self.team, data.classes)
        self.plan = _plan(data.train, config, self.team)
        if self.plan.steps == 0:
            raise ValueError(
                f"fit_detector: drop_last leaves none of {self.plan.count} images in batches of "
                f"{config.batch_size}; take smaller batches."
            )
        self.keys = _Keys(self.plan)
        self.loader: DataLoader[Any] = DataLoader(
            _Seeded(data.train, data.augment),  # type: ignore[arg-type]
            batch_sampler=self.keys,
            num_workers=config.workers,
            persistent_workers=config.workers > 0,
            collate_fn=as_lists,
        )
        self.history = DetectionHistory()
        self.folder: DetectionFolder | None = None

    def open(self, folder: Path, resume: bool) -> None:
        """Keep checkpoints in a folder, and go on from what it holds."""
        self.folder = DetectionFolder(folder, self.learner, self.config, self.plan.count, self.team)
        self.history = self.folder.open(resume)

    def run(self) -> DetectionHistory:
        hidden = None if self.config.progress is None else not self.config.progress
        self.model.train()
        done, images = len(self.history.records), self.plan.count
        hidden = hidden if self.team.main else True
        with tqdm(
            total=self.config.epochs * images, initial=done * images, unit="image", disable=hidden
        ) as self.bar:
            for epoch in range(done, self.config.epochs):
                self.bar.set_description(f"epoch {epoch + 1} of {self.config.epochs}", refresh=False)
                self._epoch(epoch)
                if self.folder is not None:
                    self.folder.close_epoch(self.history)
                if self.callback is not None and self.callback(self.model, self.history) is True:
                    break
        self.model.eval()
        return self.history

    def _epoch(self, epoch: int) -> None:
        """Train an epoch, judge it and write it down."""
        began = time.perf_counter()
        forget_peak(self.team.device)
        steps = self._train(epoch)
        trained = time.perf_counter() - began
        sizes = torch.tensor([self.plan.size(step) for step in range(len(steps))], dtype=torch.float64)
        means = (steps.double() * sizes[:, None]).sum(0) / sizes.sum()
        scores = self._judge(epoch)
        step = (epoch + 1) * self.plan.steps
        record = DetectionRecord(
            epoch=epoch + 1,
            step=step,
            lr=self._lr(step - 1),
            train_loss=means.sum().item(),
            **dict(zip(LOSSES, means.tolist(), strict=True)),
            **scores,
            samples_per_second=sizes.sum().item() / trained,
            seconds=time.perf_counter() - began,
            peak_memory=peak_memory(self.team.device),
        )
        losses = tuple(steps.double().sum(1).tolist())
        self.history = DetectionHistory((*self.history.records, record), self.history.losses + losses)

    def _train(self, epoch: int) -> Float[Tensor, "steps 4"]:
        """All steps of an epoch; their losses, summed over pieces and processes."""
        self.keys.epoch = epoch
        steps: list[Tensor] = []
        pieces: list[Tensor] = []
        for share, (images, targets) in zip(self.plan.shares(epoch), self.loader, strict=True):
            step = epoch * self.plan.steps + len(steps)
            pieces.append(self.learner.learn_boxes(share, images, targets, step, len(pieces)))
            if share.closes:
                losses = self.team.total(torch.stack(pieces).sum(0)).cpu()
                self._check(losses, step)
                self.learner.move(self._lr(step))
                steps.append(losses)
                pieces = []
                self.bar.update(self.plan.size(len(steps) - 1))
                self.bar.set_postfix_str(f"loss {losses.sum():.3f}", refresh=False)
        return torch.stack(steps)

    def _judge(self, epoch: int) -> Mapping[str, float]:
        due = (epoch + 1) % self.config.evaluate_every == 0 or epoch + 1 == self.config.epochs
        if self.data.validation is None or not due:
            return {}
        scores = evaluate_detector(
            self.model,
            self.data.validation,
            classes=self.data.classes,
            batch_size=self.config.batch_size,
            precision=self.config.precision,
            workers=self.config.workers,
            progress=False,
        )
        return {"mean_ap": scores.mean_ap, "mean_ap_50": scores.mean_ap_50}

    def _check(self, losses: Tensor, step: int) -> None:
        if not math.isfinite(losses.sum().item()):
            named = ", ".join(
                f"{name} {value:g}" for name, value in zip(LOSSES, losses.tolist(), strict=True)
            )
            total = self.config.epochs * self.plan.steps
            raise FloatingPointError(
                f"fit_detector: a loss is no number at step {step + 1} of {total} "
                f"({named}; lr = {self._lr(step):.3g}); lower lr, warm up for longer, or set clip_norm."
            )

    def _lr(self, step: int) -> float:
        return self.config.lr * rate_multiple(self.config, step, self.plan.steps)


class _BoxLearner(Learner):
    """A detector with what moves it."""

    def learn_boxes(
        self, share: Share, images: list[Tensor], targets: list[Boxes], step: int, piece: int
    ) -> Float[Tensor, "4"]:
        """Add one share's gradient; a share of repeats has weight 0."""
        seed_everything(self.config.seed, step, piece, self.team.index)
        device, kept = self.team.device, max(share.real, 1)
        shown = [image.to(device, non_blocking=True) for image in images[:kept]]
        with self._syncing(share.closes):
            with autocast(device, self.config.precision):
                losses = self.runner(shown, [_taught(target, device) for target in targets[:kept]])
            found = torch.stack([losses[name].float() for name in LOSSES]) * (share.real * share.fraction)
            total: Tensor = self.scaler.scale(found.sum() * self.team.count)
            total.backward()  # type: ignore[no-untyped-call]
        return found.detach()


def _plan(samples: Any, config: TrainingConfig, team: Processes) -> Plan:
    return Plan(
        len(samples),
        config.batch_size,
        config.accumulate,
        config.seed,
        shuffle=config.shuffle,
        drop_last=config.drop_last,
        process=team.index,
        processes=team.count,
    )


class _Keys:
    """For each share the samples' indices, each with the seed of what is drawn for it."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.epoch = plan, 0

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        for share in self.plan.shares(self.epoch):
            yield [(index, derive_seed(self.plan.seed, self.epoch, index)) for index in share.indices]


class _Seeded:
    """Samples whose random draws follow from their key."""

    def __init__(self, samples: Samples | Any, augment: Callable[..., Any] | None) -> None:
        self.samples, self.augment = samples, augment

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Boxes]:
        index, seed = key
        seed_everything(seed)
        sample = self.samples[index]
        image, target = sample if self.augment is None else self.augment(sample)
        return image, target


def _taught(target: Boxes, device: torch.device) -> dict[str, Tensor]:
    """Boxes and labels of what is to be found."""
    boxes, labels = target["boxes"], target["labels"]
    if "iscrowd" in target:
        single = ~target["iscrowd"].bool()
        boxes, labels = boxes[single], labels[single]
    return {"boxes": boxes.to(device, non_blocking=True), "labels": labels.to(device, non_blocking=True)}
