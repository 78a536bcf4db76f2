"""Kill a training run at random moments, again and again, and see whether it ends with the same bits.

``python -m tests.training.kill --kills 50`` from the repository's root. Each attempt is a process of its own
that trains in the same folder, a checkpoint after every step, until it is killed (SIGKILL: nothing can be
tidied up). Every other kill comes at a random time; the rest in the middle of writing a random file, half of
it on the disk. When there have been enough kills the run may finish; then weights, optimiser, losses and best
weights are compared with those of a run in peace.
"""

import argparse
import hashlib
import itertools
import multiprocessing
import multiprocessing.context
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from wavelets_course.training import Data, TrainingConfig, fit
from wavelets_course.training.checkpoints import BEST, Checkpoints

CLASSES = 3
WIDTH = 256
"""Hidden numbers: sets how large a checkpoint is, about 2 MB."""


@dataclass
class Tally:
    """What the kills met."""

    kills: int = 0
    half_written: int = 0
    before_the_first: int = 0
    steps: int = 0
    same: bool = False

    def __str__(self) -> str:
        verdict = "the same bits" if self.same else "DIFFERENT BITS"
        return (
            f"{self.kills} kills ({self.half_written} in the middle of writing a file, "
            f"{self.before_the_first} before the first checkpoint), {self.steps} steps in the end: {verdict}"
        )


def pictures() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(4)
    labels = torch.arange(60) % CLASSES
    return torch.randn(60, 64, generator=generator) + labels[:, None] / 4, labels


def jitter(x: Tensor) -> Tensor:
    return x + 0.1 * torch.randn(x.shape)


def die_writing(number: int) -> None:
    """Have this process killed at the n-th time that it brings something to the disk, half of it there."""
    calls = itertools.count(1)

    def deadly(handle: int) -> None:
        if next(calls) == number:
            with suppress(OSError):  # a folder cannot be cut
                os.ftruncate(handle, os.fstat(handle).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    os.fsync = deadly  # type: ignore[assignment]


def train(folder: Path, epochs: int, dies_writing: int) -> None:
    """Train to the end, or until killed."""
    if dies_writing:
        die_writing(dies_writing)
    torch.set_num_threads(1)
    torch.manual_seed(3)
    model = nn.Sequential(
        nn.Linear(64, WIDTH), nn.BatchNorm1d(WIDTH), nn.ReLU(), nn.Dropout(0.2), nn.Linear(WIDTH, WIDTH),
        nn.ReLU(), nn.Linear(WIDTH, CLASSES),
    )  # fmt: skip
    data = Data(pictures(), pictures(), CLASSES, augment=jitter)
    config = TrainingConfig(
        epochs=epochs, batch_size=10, lr=0.02, optimizer="adamw", schedule="cosine", checkpoint_every=1,
        device="cpu",
    )  # fmt: skip
    fit(model, data, config, folder=folder)


def attempt(
    context: multiprocessing.context.ForkServerContext,
    folder: Path,
    epochs: int,
    patience: float | None = None,
    dies_writing: int = 0,
) -> bool:
    """Train in a process that is killed after so many seconds or writes; whether it got to the end before."""
    process = context.Process(target=train, args=(folder, epochs, dies_writing))
    process.start()
    process.join(patience)
    if process.exitcode is None:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    if process.exitcode not in (0, -signal.SIGKILL):
        sys.exit(f"an attempt failed by itself: exit code {process.exitcode}")
    return process.exitcode == 0


def digest(folder: Path) -> tuple[str, list[float], str]:
    """Everything that must be the same: last weights and optimiser, losses, best weights."""
    last = Checkpoints(folder).newest()
    assert last is not None
    sums = hashlib.sha256()
    for name, value in sorted(last.tensors.items()):
        sums.update(name.encode() + value.numpy().tobytes())
    best = hashlib.sha256((folder / BEST).read_bytes()).hexdigest()
    return sums.hexdigest(), last.tensors["history/losses"].tolist(), best


def kill(kills: int, seed: int, root: Path, epochs: int = 8) -> Tally:
    """Kill so often, then compare.

    The moments are drawn evenly from the time that a run in peace takes, so early and late ones are as
    likely; a run that finishes before its time starts anew, and then counts for nothing.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["wavelets_course.training", "torchmetrics.classification"])
    attempt(context, root / "warm", 1)
    began = time.perf_counter()
    attempt(context, root / "peace", epochs)
    whole = time.perf_counter() - began
    draw, tally, folder = random.Random(seed), Tally(), root / "war-0"
    while tally.kills < kills:
        inside = draw.randrange(1, 40, 2) if tally.kills % 2 else 0
        if attempt(context, folder, epochs, None if inside else draw.uniform(0, whole), inside):
            if digest(folder) != digest(root / "peace"):
                return tally
            folder = root / f"war-{tally.kills}"
            continue
        tally.kills += 1
        tally.half_written += any(folder.glob(".*"))
        tally.before_the_first += not Checkpoints(folder).paths()
    attempt(context, folder, epochs)
    tally.same = digest(folder) == digest(root / "peace")
    tally.steps = len(digest(folder)[1])
    return tally


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        result = kill(arguments.kills, arguments.seed, Path(place))
    sys.stdout.write(f"{result}\n")
    sys.exit(not result.same)
