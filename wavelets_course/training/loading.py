"""From the plan of an epoch to its tensors, in this process or through workers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from .batches import Plan, Share
from .data import Augment, Samples, check_labels
from .seeds import derive_seed, seed_everything


class UnreadableSampleError(RuntimeError):
    """A sample that cannot be loaded; the message says which and why."""


class DeadWorkerError(RuntimeError):
    """A process that loads data has died."""


@dataclass(frozen=True)
class Batch:
    """Images and labels of a share, on the training device."""

    images: Tensor
    labels: Tensor
    share: Share


class Feed:
    """Batches of a data set, epoch by epoch, for one process.

    Parameters
    ----------
    samples : map-style data set
        See `Data`.
    plan : Plan
        Which samples, when.
    classes : int
        Number of classes.
    augment : callable, optional
        See `Data`.
    workers : int
        Loading processes.
    device : torch.device
        Where batches go.
    name : str
        Of the data, for error messages.

    Examples
    --------
    >>> samples = TensorDataset(torch.rand(3, 4), torch.tensor([0, 1, 0]))
    >>> feed = Feed(samples, Plan(3, 2, shuffle=False), classes=2)
    >>> [batch.labels.tolist() for batch in feed.batches(epoch=0)]
    [[0, 1], [0]]
    """

    def __init__(
        self,
        samples: Samples,
        plan: Plan,
        *,
        classes: int,
        augment: Augment | None = None,
        workers: int = 0,
        device: torch.device | None = None,
        name: str = "data",
    ) -> None:
        self.plan, self.classes, self.name = plan, classes, name
        self.device = torch.device("cpu") if device is None else device
        self.samples, self.augment = samples, augment
        self._keys = _Keys(plan)
        self._loader = None if self._in_memory() else self._make_loader(workers)

    def batches(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """Go through an epoch, from its step `first` on.

        Parameters
        ----------
        epoch : int
            Chooses the order and what augmentation draws.
        first : int
            Steps of this epoch to leave out; they are not loaded.

        Yields
        ------
        Batch
            One for each share.
        """
        shares = self.plan.shares(epoch, first)
        for share, (images, labels) in zip(shares, self._pairs(epoch, first), strict=True):
            if self._loader is not None:  # those in memory were checked all at once
                check_labels(labels, self.classes, self.name)
            yield Batch(
                images.to(self.device, non_blocking=True), labels.to(self.device, non_blocking=True), share
            )

    def _in_memory(self) -> bool:
        return (
            isinstance(self.samples, TensorDataset)
            and len(self.samples.tensors) == 2
            and self.augment is None
        )

    def _pairs(self, epoch: int, first: int) -> Iterator[tuple[Tensor, Tensor]]:
        if self._loader is None:
            images, labels = self.samples.tensors  # type: ignore[attr-defined]
            for share in self.plan.shares(epoch, first):
                yield images[share.indices], labels[share.indices]
            return
        self._keys.epoch, self._keys.first = epoch, first
        try:
            yield from self._loader
        except RuntimeError as error:
            if isinstance(error, UnreadableSampleError) or "DataLoader worker" not in str(error):
                raise
            raise DeadWorkerError(
                f"{self.name}: a process that loads data has died ({error}); often memory ran out: take "
                "fewer workers or a smaller batch, and run again to go on from the last checkpoint."
            ) from error

    def _make_loader(self, workers: int) -> "DataLoader[Any]":
        return DataLoader(
            _Seeded(self.samples, self.augment, self.name),  # type: ignore[arg-type]
            batch_sampler=self._keys,
            num_workers=workers,
            persistent_workers=workers > 0,
            pin_memory=self.device.type == "cuda",
        )


class _Keys:
    """For each batch the samples' indices, each with the seed of what is drawn for it."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.epoch, self.first = plan, 0, 0

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        for share in self.plan.shares(self.epoch, self.first):
            yield [(index, derive_seed(self.plan.seed, self.epoch, index)) for index in share.indices]


class _Seeded:
    """Samples whose random draws follow from their key."""

    def __init__(self, samples: Samples, augment: Augment | None, name: str) -> None:
        self.samples, self.augment, self.name = samples, augment, name

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, key: tuple[int, int]) -> tuple[Any, int]:
        index, seed = key
        seed_everything(seed)
        try:
            image, label = self.samples[index]
            return image if self.augment is None else self.augment(image), int(label)
        except Exception as error:
            kind = type(error).__name__
            raise UnreadableSampleError(
                f"{self.name}: sample {index} cannot be read: {kind}: {error}"
            ) from error
