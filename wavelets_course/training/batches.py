"""Which samples make up each step, and which of them each process takes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

from .seeds import derive_seed


@dataclass(frozen=True)
class Share:
    """One process's part of one piece of one optimiser step.

    Attributes
    ----------
    indices : list of int
        Of samples.
    real : int
        So many of them count; those after are repeats that fill up the last process's share, weight 0.
    fraction : float
        What each real sample weighs: 1 over the samples of the whole step.
    closes : bool
        Whether it is the step's last piece.
    """

    indices: list[int]
    real: int
    fraction: float
    closes: bool


@dataclass(frozen=True)
class Plan:
    """Cut an epoch into optimiser steps, those into pieces, those into one share for each process.

    The steps depend on nothing but `count`, `batch_size`, `seed`, `shuffle` and `drop_last`.

    Parameters
    ----------
    count : int
        Samples there are.
    batch_size : int
        Samples of one step.
    accumulate : int
        Pieces of one step.
    seed : int
        Of the order.
    shuffle, drop_last : bool
        See `TrainingConfig`.
    process, processes : int
        Which of how many.

    Examples
    --------
    >>> plan = Plan(count=5, batch_size=4, shuffle=False, process=1, processes=2)
    >>> [(share.indices, share.real) for share in plan.shares(epoch=0)]
    [([2, 3], 2), ([4], 0)]
    """

    count: int
    batch_size: int
    accumulate: int = 1
    seed: int = 0
    shuffle: bool = True
    drop_last: bool = False
    process: int = 0
    processes: int = 1

    @property
    def steps(self) -> int:
        """Optimiser steps of one epoch."""
        if self.drop_last:
            return self.count // self.batch_size
        return math.ceil(self.count / self.batch_size)

    def size(self, step: int) -> int:
        """Samples of a step, counted from 0 within its epoch."""
        return min(self.batch_size, self.count - step * self.batch_size)

    def order(self, epoch: int) -> Int64[Tensor, " count"]:
        """Give the order of all samples in an epoch."""
        if not self.shuffle:
            return torch.arange(self.count)
        generator = torch.Generator().manual_seed(derive_seed(self.seed, epoch))
        return torch.randperm(self.count, generator=generator)

    def shares(self, epoch: int, first: int = 0) -> Iterator[Share]:
        """Go through an epoch, from its step `first` on."""
        order = self.order(epoch)
        for step in range(first, self.steps):
            chosen = order[step * self.batch_size :][: self.batch_size]
            pieces = chosen.tensor_split(min(self.accumulate, len(chosen)))
            for number, piece in enumerate(pieces, start=1):
                yield self._share(piece.tolist(), 1 / len(chosen), number == len(pieces))

    def _share(self, piece: list[int], fraction: float, closes: bool) -> Share:
        size = math.ceil(len(piece) / self.processes)
        mine = piece[self.process * size : (self.process + 1) * size]
        filling = [piece[-1]] * (size - len(mine))
        return Share(mine + filling, len(mine), fraction, closes)
