"""What is compared: one piece of work done by this package, by its peers, and by whatever bounds it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from .timing import Call

Kind = Literal["peer", "limit"]
Unit = Literal["s", "B"]


class NotHereError(Exception):
    """Something that a case needs is missing; the message says what."""


@dataclass(frozen=True)
class Setting:
    """Where and how to measure."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32
    quick: bool = False

    @property
    def dtype_name(self) -> str:
        """``"float32"``."""
        return str(self.dtype).removeprefix("torch.")

    def images(self, *shape: int, seed: int = 0) -> Tensor:
        """Uniform random images, the same for every run; quick settings shrink the batch and the sides."""
        if self.quick:
            *batch, height, width = shape
            shape = (*(min(size, 2) for size in batch), min(height, 64), min(width, 64))
        generator = torch.Generator().manual_seed(seed)
        return torch.rand(shape, generator=generator).to(self.device, self.dtype)


@dataclass(frozen=True)
class Target:
    """A promise: at least `bound` times as good as the best peer, or at most `bound` times the limit."""

    kind: Kind
    bound: float


@dataclass(frozen=True)
class Case:
    """The calls of one comparison.

    `gaps` holds relative differences between our answer and a peer's, empty where their answers are not
    comparable. With ``unit="B"`` a call returns bytes instead of being timed. `prepare` is what `ours` needs
    once (compilation), timed apart.
    """

    ours: Call
    peers: Mapping[str, Call] = field(default_factory=dict)
    limits: Mapping[str, Call] = field(default_factory=dict)
    gaps: Mapping[str, Callable[[], float]] = field(default_factory=dict)
    unit: Unit = "s"
    prepare: Call | None = None
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """A case before anything is built: its name, its place on the page, and how to make it."""

    name: str
    group: str
    title: str
    make: Callable[[Setting], Case]
    targets: tuple[Target, ...] = ()
    compiled: bool = False
