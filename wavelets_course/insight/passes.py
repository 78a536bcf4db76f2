"""Going through images batch by batch, in the network's place, with a progress bar."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from .evaluating import Operator, check_batch, evaluating
from .warping import Family, unit_fields


@contextmanager
def batches(
    operation: str,
    model: Operator,
    images: Tensor,
    family: Family,
    batch_size: int,
    generator: torch.Generator | None,
    progress: bool | None,
) -> Iterator[Iterator[tuple[Tensor, Tensor | None]]]:
    """Hand out each batch, where the network lies, with its displacement fields if the family needs them.

    While the block lasts the network is in evaluation mode and no gradient is kept.

    Parameters
    ----------
    operation
        In whose name errors speak; also the title of the bar.
    model, images, family, batch_size, generator, progress
        As in `flips`.

    Yields
    ------
    iterator of (Tensor, Tensor or None)

    Examples
    --------
    >>> with batches("look", torch.relu, torch.zeros(5, 1, 4, 4), "shift", 2, None, False) as parts:
    ...     [len(batch) for batch, fields in parts]
    [2, 2, 1]
    """
    check_batch(operation, images)
    if batch_size < 1:
        raise ValueError(f"{operation}: batch_size must be at least 1, got {batch_size}.")
    silent = None if progress is None else not progress
    with (
        evaluating(model) as device,
        tqdm(total=len(images), desc=operation, unit="image", disable=silent) as bar,
    ):
        parts = [images[start : start + batch_size] for start in range(0, len(images), batch_size)]
        yield _each(parts, device, family, generator, bar)


def _each(
    parts: Sequence[Tensor],
    device: torch.device | None,
    family: Family,
    generator: torch.Generator | None,
    bar: Any,
) -> Iterator[tuple[Tensor, Tensor | None]]:
    for part in parts:
        batch, fields = part.to(device or part.device), None
        if family == "deformation":
            fields = unit_fields(len(batch), (batch.shape[-2], batch.shape[-1]), generator, like=batch)
        yield batch, fields
        bar.update(len(batch))
