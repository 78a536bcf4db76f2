"""Checkpoints: everything a run needs to go on, in files that are whole or not there.

One file each, ``step-000001200-6f1d0c3a52b8e947.safetensors``: the step, and the first digits of the file's
SHA-256, so that a file can be checked by its name. It holds tensors (weights, optimiser) and, as JSON in its
header, plain facts. Nothing is pickled.
"""

import hashlib
import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from .weights import Tensors, pack, unpack
from .writing import write_atomically

FORMAT = "wavelets_course checkpoint 1"
NAME = re.compile(r"step-(\d{9,})-([0-9a-f]{16})\.safetensors")
BEST = "best.safetensors"

Facts: TypeAlias = dict[str, Any]


class CheckpointError(RuntimeError):
    """A checkpoint cannot be written, or none can be read; the message says what is left."""


class CheckpointWarning(UserWarning):
    """A checkpoint is damaged and an older one is taken."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds.

    Attributes
    ----------
    step : int
        Optimiser steps done.
    tensors : dict of str to Tensor
        Weights and the optimiser's state, on the CPU.
    facts : dict
        Anything that JSON can hold.
    """

    step: int
    tensors: Tensors
    facts: Facts


class Checkpoints:
    """The checkpoints in a folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    keep_last : int
        How many to keep, at least 1.

    Examples
    --------
    >>> import tempfile, torch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = Checkpoints(Path(folder), keep_last=2)
    ...     for step in (1, 2, 3):
    ...         path = store.save(Checkpoint(step, {"model/w": torch.zeros(1)}, {"lr": 0.1}))
    ...     len(store.paths()), store.newest().step
    (2, 3)
    """

    def __init__(self, folder: Path, keep_last: int = 2) -> None:
        self.folder, self.keep_last = folder, keep_last

    def paths(self) -> list[Path]:
        """Checkpoints there are, newest first."""
        found = [path for path in self.folder.glob("step-*.safetensors") if NAME.fullmatch(path.name)]
        return sorted(found, key=lambda path: _step(path), reverse=True)

    def save(self, checkpoint: Checkpoint) -> Path:
        """Write a checkpoint, then remove those that are too old.

        Raises
        ------
        CheckpointError
            If it cannot be written, because the disk is full, say. Earlier ones are intact.
        """
        header = {"format": FORMAT, "step": str(checkpoint.step), "facts": json.dumps(checkpoint.facts)}
        content = pack(checkpoint.tensors, header)
        digest = hashlib.sha256(content).hexdigest()[:16]
        path = self.folder / f"step-{checkpoint.step:09d}-{digest}.safetensors"
        self._write(path, content, f"the checkpoint of step {checkpoint.step}")
        for old in self.paths()[self.keep_last :]:
            old.unlink()
        return path

    def save_best(self, tensors: Tensors, facts: dict[str, str]) -> None:
        """Write the weights that did best, in place of those before.

        Raises
        ------
        CheckpointError
            As `save`.
        """
        self._write(self.folder / BEST, pack(tensors, facts), "the best weights")

    def newest(self) -> Checkpoint | None:
        """Read the newest checkpoint that is intact; None if there is none at all.

        A damaged one is renamed, to ``damaged-...``, and a `CheckpointWarning` names it and the one taken
        instead.

        Raises
        ------
        CheckpointError
            If there are some and all are damaged.
        """
        found, damaged = self.paths(), []
        for path in found:
            try:
                checkpoint = _read(path)
            except ValueError as error:
                damaged.append(str(error))
                path.rename(path.with_name(f"damaged-{path.name}"))
                continue
            for reason in damaged:
                warnings.warn(
                    f"{reason} Going on from the one before it, of step {checkpoint.step}.",
                    CheckpointWarning,
                    stacklevel=2,
                )
            return checkpoint
        if damaged:
            raise CheckpointError(
                f"{' '.join(damaged)} No checkpoint is left in {self.folder}; start anew in another folder."
            )
        return None

    def clean(self) -> None:
        """Remove what a killed process left half written."""
        for name in ("step-*", BEST, "history.csv"):
            for path in self.folder.glob(f".{name}-*"):
                path.unlink(missing_ok=True)

    def _write(self, path: Path, content: bytes, what: str) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
        except OSError as error:
            rest = self.paths()
            left = f"that of step {_step(rest[0])} is intact" if rest else "there is no earlier one"
            raise CheckpointError(
                f"fit: {what} could not be written to {path} ({len(content) / 1e6:.1f} MB): "
                f"{error.strerror or error}; {left}. Make room and run again to go on."
            ) from error


def _step(path: Path) -> int:
    match = NAME.fullmatch(path.name)
    assert match is not None
    return int(match[1])


def _read(path: Path) -> Checkpoint:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest()[:16] != path.stem[-16:]:
        raise ValueError(f"fit: the checkpoint {path} is damaged: its checksum is not the one in its name.")
    tensors, header = unpack(content, f"fit: the checkpoint {path}")
    if header.get("format") != FORMAT:
        raise ValueError(f"fit: the checkpoint {path} is not of this format, {FORMAT!r}.")
    return Checkpoint(int(header["step"]), tensors, json.loads(header["facts"]))
