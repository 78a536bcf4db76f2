"""Train the same thing in one, two and four processes; the tests compare what comes out.

Run as ``python tests/training/many.py FOLDER``: it forks the processes itself, which is quicker than
launching them anew. Or launched, ``torchrun --nproc-per-node 2 tests/training/many.py FOLDER --launched``.
"""

import json
import multiprocessing
import os
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

import torch
import torchmetrics.classification  # noqa: F401  (imported once, before the processes part)
from torch import Tensor, nn

from wavelets_course.training import Data, TrainingConfig, evaluate, fit

CLASSES, COUNT = 3, 22
SETTINGS: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 9,  # of four processes the last has nothing to do, so that this is tested too
    "lr": 0.05,
    "label_smoothing": 0.1,
    "clip_norm": 1.0,
    "weight_decay": 0.01,
    "regularization": 0.01,
    "device": "cpu",
}
# name: processes, settings, run folder
RUNS: dict[str, tuple[int, dict[str, Any], str | None]] = {
    "one": (1, {}, None),
    "two": (2, {}, None),
    "four": (4, {}, None),
    "two in pieces": (2, {"accumulate": 3}, None),
    "four with AdamW": (4, {"optimizer": "adamw", "lr": 0.01}, None),
    "one with AdamW": (1, {"optimizer": "adamw", "lr": 0.01}, None),
    "two, first part": (2, {"epochs": 1}, "a"),
    "two, second part": (2, {}, "a"),
    "one, first part": (1, {"epochs": 1}, "b"),
    "four, second part": (4, {}, "b"),
    "two with batch norms": (2, {"norms": 1}, None),
    "two, broken": (2, {"spoil": 1, "clip_norm": None}, "c"),
}


def pictures(count: int = COUNT) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(4)
    labels = torch.arange(count) % CLASSES
    return torch.randn(count, 1, 6, 6, generator=generator) + labels[:, None, None, None] / 2, labels


class Fourier(nn.Module):
    """A filter that is no weight: complex, and not saved, as those of the wavelet networks."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("psi_hat", torch.full((6, 6), 0.6 + 0.8j), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        filtered: Tensor = torch.fft.ifft2(torch.fft.fft2(x) * self.psi_hat).real
        return filtered


def network() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(Fourier(), nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, CLASSES))


def squares(model: nn.Module) -> Tensor:
    return sum((parameter.square().sum() for parameter in model.parameters()), torch.zeros(()))


def jitter(x: Tensor) -> Tensor:
    return x + 0.1 * torch.randn(x.shape)


def train(settings: dict[str, Any], folder: Path | None) -> dict[str, Any]:
    """What a run came to, as this process sees it."""
    images, labels = pictures()
    settings = SETTINGS | settings
    if settings.pop("spoil", None):
        images[5] = float("inf")
    model, judge = network(), pictures(11)
    if settings.pop("norms", None):
        model.insert(2, nn.BatchNorm2d(4))  # type: ignore[operator]
    data = Data((images, labels), judge, CLASSES, augment=jitter)
    try:
        history = fit(model, data, TrainingConfig(**settings), folder=folder, regularizer=squares)
    except FloatingPointError as error:
        return {"error": str(error)}
    scores = evaluate(model, judge, classes=CLASSES, batch_size=4)
    return {
        "losses": history.losses,
        "penalties": history.penalties,
        "top1": [record.top1 for record in history.records],
        "confusion": scores.confusion.tolist(),
        "loss": scores.loss,
        "weights": torch.cat([value.flatten() for value in model.state_dict().values()]).tolist(),
    }


def run(rank: int, count: int, port: int, name: str, folder: Path) -> None:
    """One of several processes."""
    where = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count}
    if count > 1:
        os.environ |= {key: str(value) for key, value in where.items()}
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    _, settings, keep = RUNS[name]
    try:
        found = train(settings, folder / keep if keep else None)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    (folder / f"{name}-{rank}.json").write_text(json.dumps(found))
    os._exit(0)  # as they are forked, there is nothing of theirs to tidy up


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def main(folder: Path) -> None:
    context = multiprocessing.get_context("fork")
    for name, (count, _, _) in RUNS.items():
        port = free_port()
        parts = [context.Process(target=run, args=(rank, count, port, name, folder)) for rank in range(count)]
        for part in parts:
            part.start()
        for part in parts:
            part.join(60)
        if any(part.exitcode for part in parts):
            sys.exit(f"{name}: exit codes {[part.exitcode for part in parts]}")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    if sys.argv[2:] == ["--launched"]:
        found = train({}, None)
        (place / f"launched-{os.environ.get('RANK', 0)}.json").write_text(json.dumps(found))
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
    else:
        main(place)
