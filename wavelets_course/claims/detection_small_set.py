"""S9: a hybrid and a plain detector of blood cells, trained alike from random weights."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torchvision.models import resnet50
from torchvision.models.resnet import BasicBlock, ResNet

from ..datasets import BCCD_CLASSES, bccd
from ..networks import Detector, ScatResNet, faster_rcnn_resnet50, scatresnet50, scattering_faster_rcnn
from ..training import Data, DetectionScores, TrainingConfig, evaluate_detector, fit_detector, random_mirror
from .registry import Number

CLASSES = BCCD_CLASSES
TRIALS, MANY_TRIALS = 1, 3

SMALL_SIDE, EPOCHS = 160, 8
"""On a laptop: the shorter side in pixels, and passes over 205 pictures."""

LARGE_SIDE, MANY_EPOCHS = 600, 60
"""On a GPU."""

COMMON: Mapping[str, Any] = {
    "freeze_batch_norm": False,
    "rpn_pre_nms_top_n_train": 600,
    "rpn_post_nms_top_n_train": 200,
    "rpn_pre_nms_top_n_test": 600,
    "rpn_post_nms_top_n_test": 100,
    "box_nms_thresh": 0.5,
}


@dataclass(frozen=True)
class Protocol:
    """How both detectors are trained.

    Attributes
    ----------
    hybrid, plain : callable
        The networks.
    settings : mapping
        Of both detectors.
    config : TrainingConfig
        Its seed is replaced by the trial's.
    """

    hybrid: Callable[[], ScatResNet]
    plain: Callable[[], ResNet]
    settings: Mapping[str, Any]
    config: TrainingConfig


def _small_hybrid() -> ScatResNet:
    """Four basic blocks as wide as `_small_plain`'s last three groups, without its first."""
    return ScatResNet((SMALL_SIDE, SMALL_SIDE), 3, (128, 256, 512), (2, 1, 1), block="basic", classes=1)


def _small_plain() -> ResNet:
    return ResNet(BasicBlock, [1, 1, 1, 1], num_classes=1)


LAPTOP = Protocol(
    _small_hybrid,
    _small_plain,
    {
        **COMMON, "min_size": SMALL_SIDE, "max_size": 2 * SMALL_SIDE, "anchors": (10, 24, 48),
        "box_batch_size_per_image": 32,
    },
    TrainingConfig(
        epochs=EPOCHS, batch_size=4, optimizer="adamw", lr=5e-4, weight_decay=1e-4, schedule="cosine",
        warmup_epochs=0.5, clip_norm=10.0, progress=False,
    ),
)  # fmt: skip

GPU = Protocol(
    lambda: scatresnet50((64, 64)),
    lambda: resnet50(weights=None),
    {**COMMON, "min_size": LARGE_SIDE, "max_size": 2 * LARGE_SIDE, "anchors": (32, 90, 180)},
    TrainingConfig(
        epochs=MANY_EPOCHS, batch_size=8, optimizer="adamw", lr=5e-4, weight_decay=1e-4, schedule="cosine",
        warmup_epochs=2, clip_norm=10.0, precision="bf16", workers=8, progress=False,
    ),
)  # fmt: skip


def on_a_laptop(seed: int) -> dict[str, Number]:
    """Small networks, small pictures, few passes, once."""
    return _compare(LAPTOP, TRIALS, seed)


def on_a_gpu(seed: int) -> dict[str, Number]:
    """ScatResNet-50 and ResNet-50, larger pictures, many passes, three times."""
    return _compare(GPU, MANY_TRIALS, seed)


def _compare(protocol: Protocol, trials: int, seed: int) -> dict[str, Number]:
    found: dict[str, list[DetectionScores]] = {"hybrid": [], "plain": []}
    seconds = {"hybrid": 0.0, "plain": 0.0}
    for trial in range(seed, seed + trials):
        for name, scores in found.items():
            start = time.perf_counter()
            detector = _trained(protocol, name, trial)
            seconds[name] += time.perf_counter() - start
            scores.append(
                evaluate_detector(detector, bccd("test"), classes=len(CLASSES), batch_size=4, progress=False)
            )
    values: dict[str, Number] = {"time": seconds["hybrid"] / seconds["plain"]}
    for name, scores in found.items():
        values |= _summary(name, scores)
    return values | {"lead": values["hybrid_50"] - values["plain_50"]}


def _trained(protocol: Protocol, name: str, seed: int) -> Detector:
    torch.manual_seed(seed)
    detector = (
        scattering_faster_rcnn(len(CLASSES), protocol.hybrid(), **protocol.settings)
        if name == "hybrid"
        else faster_rcnn_resnet50(len(CLASSES), protocol.plain(), **protocol.settings)
    )
    settings = {**protocol.config.__dict__, "seed": seed}
    data = Data(bccd("train"), classes=len(CLASSES), augment=random_mirror)
    fit_detector(detector, data, TrainingConfig(**settings))
    return detector


def _summary(name: str, scores: list[DetectionScores]) -> dict[str, Number]:
    """In per cent: medians over the trials, and the extremes of the one that is judged."""
    loose = [100 * score.mean_ap_50 for score in scores]
    values = {
        f"{name}_50": statistics.median(loose),
        f"{name}_50_least": min(loose),
        f"{name}_50_most": max(loose),
        name: statistics.median(100 * score.mean_ap for score in scores),
    }
    for place, kind in enumerate(CLASSES):
        values[f"{name}_{kind.lower()}"] = statistics.median(100 * score.ap_50[place] for score in scores)
    return values
