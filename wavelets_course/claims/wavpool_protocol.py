"""How the authors of WavPool trained and judged, for W4, W5 and W7.

With this file you can: repeat one cell of their table, with the settings that their stored logs hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

import torch
from torch import Tensor, nn

from ..datasets import as_tensor, cifar10, fashion_mnist, mnist
from ..networks import LinearMLP, VanillaCNN, WavPool
from ..training import Data, History, TrainingConfig, fit

Network: TypeAlias = Literal["wavpool", "mlp", "cnn"]
Pictures: TypeAlias = Literal["mnist", "fashion_mnist", "cifar10"]

TRAINED, VALIDATED = 10_000, 4_000
"""The first images of the training files, and those after them."""

EPOCHS, BATCH, RUNS = 120, 640, 3
RISES, SETTLED = 5, 5
"""Training ends once the validation loss has risen after so many epochs, the first ones not counted."""


@dataclass(frozen=True)
class Setting:
    """One network for one data set: how to make it, and its learning rate."""

    make: Callable[[torch.Generator], nn.Module]
    lr: float


SETTINGS: Final[dict[tuple[Network, Pictures], Setting]] = {
    ("wavpool", "mnist"): Setting(lambda g: WavPool((28, 28), 268, 2, generator=g), 0.658),
    ("wavpool", "fashion_mnist"): Setting(lambda g: WavPool((28, 28), 268, 2, generator=g), 0.378),
    ("wavpool", "cifar10"): Setting(lambda g: WavPool((32, 32), 224, 2, generator=g), 0.730),
    ("mlp", "mnist"): Setting(lambda g: LinearMLP((28, 28), 272, generator=g), 0.0739),
    ("mlp", "fashion_mnist"): Setting(lambda g: LinearMLP((28, 28), 273, generator=g), 0.0489),
    ("mlp", "cifar10"): Setting(lambda g: LinearMLP((32, 32), 208, generator=g), 0.1248),
    ("cnn", "mnist"): Setting(lambda g: VanillaCNN((28, 28), (19, 12), 3, generator=g), 0.0488),
    ("cnn", "fashion_mnist"): Setting(lambda g: VanillaCNN((28, 28), (15, 17), 2, generator=g), 0.0409),
    ("cnn", "cifar10"): Setting(lambda g: VanillaCNN((32, 32), (19, 12), 3, generator=g), 0.0488),
}
"""The optimised settings of the authors' stored logs; the CNNs are those of May 2023."""

READERS: Final[dict[Pictures, Callable[..., Any]]] = {
    "mnist": mnist,
    "fashion_mnist": fashion_mnist,
    "cifar10": cifar10,
}


@cache
def accuracies(network: Network, pictures: Pictures, seed: int) -> tuple[float, ...]:
    """Train three times and say the validation accuracies after the last epoch.

    Parameters
    ----------
    network, pictures
        One of `SETTINGS`.
    seed : int
        The three runs draw their weights from ``3 seed``, ``3 seed + 1`` and ``3 seed + 2``; nothing else is
        drawn.

    Returns
    -------
    tuple of float
        Shares of the 4,000 validation images. The same question twice is trained once.
    """
    return tuple(train(network, pictures, RUNS * seed + run).last.top1 for run in range(RUNS))


def train(network: Network, pictures: Pictures, seed: int, epochs: int = EPOCHS) -> History:
    """Train one network: plain gradient descent on batches of 640, every epoch in the order of the file."""
    setting = SETTINGS[network, pictures]
    model = setting.make(torch.Generator().manual_seed(seed))
    config = TrainingConfig(
        epochs=epochs, batch_size=BATCH, lr=setting.lr, momentum=0.0, shuffle=False, device="cpu"
    )
    return fit(model, read(pictures), config, callbacks=[risen_often])


@cache
def read(pictures: Pictures) -> Data:
    """The first 14,000 training images in grey, as numbers between 0 and 1."""
    found = READERS[pictures](transform=lambda picture: as_tensor(picture.convert("L")))
    samples = [found[index] for index in range(TRAINED + VALIDATED)]
    images, labels = torch.stack([image for image, _ in samples]), torch.tensor([y for _, y in samples])
    return Data(_pair(images, labels, 0, TRAINED), _pair(images, labels, TRAINED, TRAINED + VALIDATED))


def risen_often(model: nn.Module, history: History) -> bool:
    """Whether the validation loss has risen five times since the fifth epoch, in a row or not."""
    losses = [record.validation_loss for record in history.records]
    return sum(later > before for before, later in pairwise(losses[SETTLED - 1 :])) >= RISES


def _pair(images: Tensor, labels: Tensor, start: int, end: int) -> tuple[Tensor, Tensor]:
    return images[start:end], labels[start:end]
