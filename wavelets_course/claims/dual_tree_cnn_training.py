"""D6: a first layer with wavelets beside the standard one and a frozen random one, all trained alike."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from ..datasets import cifar10
from ..networks import dual_tree_resnet, frozen_first_layer, poster_resnet, standard_resnet
from ..training import Data, TrainingConfig, fit
from ..training.augmentation import CIFAR10_MEAN, CIFAR10_STD
from .registry import Number

Build = Callable[[int, torch.Generator], nn.Module]
Curve = tuple[Number, ...]

TRIALS = 3
TRAINED, TESTED, DEPTH = 4_000, 4_000, 10  # on a laptop: the first images of each half of CIFAR-10

SMALL = TrainingConfig(
    epochs=6,
    batch_size=128,
    lr=0.1,
    weight_decay=5e-4,
    schedule="cosine",
    warmup_epochs=1,
    evaluate_every=2,
    progress=False,
)
WHOLE = TrainingConfig(
    epochs=90,
    batch_size=256,
    lr=0.1,
    weight_decay=1e-4,
    step_size=30,
    schedule="step",
    precision="bf16",
    workers=8,
)
"""Rate, decay, batch and steps are those of Leterme et al. on CIFAR-10, with 90 epochs for their 300."""

CONTENDERS: Mapping[str, Build] = {
    "standard": lambda depth, generator: standard_resnet(depth, classes=10, generator=generator),
    "wavelet": lambda depth, generator: dual_tree_resnet(depth, generator=generator),
    "frozen": lambda depth, generator: frozen_first_layer(
        standard_resnet(depth, classes=10, generator=generator)
    ),
}
MORE: Mapping[str, Build] = {
    "modulus": lambda depth, generator: dual_tree_resnet(depth, nonlinearity="modulus", generator=generator),
    "poster": lambda depth, generator: poster_resnet(depth=depth, classes=10, generator=generator),
}


def small(seed: int) -> dict[str, Number]:
    """Train networks of ten layers on 4,000 images, for minutes."""
    data = Data(pixels(train=True, count=TRAINED), pixels(train=False, count=TESTED))
    return summarised(errors(CONTENDERS, DEPTH, data, SMALL, seed))


def whole(seed: int) -> dict[str, Number]:
    """Train ResNet-18 and four variants on all of CIFAR-10."""
    shake = v2.Compose([v2.RandomResizedCrop(32, antialias=True), v2.RandomHorizontalFlip()])
    data = Data(pixels(train=True), pixels(train=False), augment=shake)
    return summarised(errors({**CONTENDERS, **MORE}, 18, data, WHOLE, seed))


def errors(
    contenders: Mapping[str, Build], depth: int, data: Data, config: TrainingConfig, seed: int
) -> dict[str, list[Curve]]:
    """Validation errors in per cent along training: one curve for each trial of each contender.

    All contenders of a trial start with the same weights behind their first layers, and see the same
    images in the same order.
    """
    found: dict[str, list[Curve]] = {name: [] for name in contenders}
    for trial in range(TRIALS * seed, TRIALS * (seed + 1)):
        for name, build in contenders.items():
            network = build(depth, torch.Generator().manual_seed(trial))
            history = fit(network, data, replace(config, seed=trial))
            looked = [record.top1 for record in history.records if record.top1 == record.top1]
            found[name].append(tuple(100 * (1 - top1) for top1 in looked))
    return found


def summarised(curves: Mapping[str, Sequence[Curve]]) -> dict[str, Number]:
    """Median error after the last epoch, least and most, and what separates the wavelets from the others.

    Gaps are medians over trials of differences within a trial.

    Examples
    --------
    >>> found = summarised({"standard": [(50, 30), (50, 31)], "wavelet": [(40, 29), (50, 31)],
    ...                     "frozen": [(60, 34), (60, 33)]})
    >>> found["behind_standard"], found["ahead_of_frozen"], found["wavelet_most"]
    (-0.5, 3.5, 31)
    """
    last = {name: [curve[-1] for curve in trials] for name, trials in curves.items()}
    found: dict[str, Number] = {
        "behind_standard": _median_gap(last["wavelet"], last["standard"]),
        "ahead_of_frozen": _median_gap(last["frozen"], last["wavelet"]),
    }
    for name, values in last.items():
        found[name] = statistics.median(values)
        found[f"{name}_least"], found[f"{name}_most"] = min(values), max(values)
    return found


def pixels(train: bool, count: int | None = None) -> tuple[Tensor, Tensor]:
    """Load the first images of a half of CIFAR-10, normalised, with their labels."""
    pictures = cifar10(train=train)
    x = torch.from_numpy(pictures.data[:count]).permute(0, 3, 1, 2).float() / 255
    return v2.Normalize(CIFAR10_MEAN, CIFAR10_STD)(x), torch.tensor(pictures.targets[:count])


def _median_gap(more: Sequence[Number], less: Sequence[Number]) -> float:
    return statistics.median(a - b for a, b in zip(more, less, strict=True))
