"""Asking a network questions without changing it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

Operator: TypeAlias = Callable[[Tensor], Tensor]


@contextmanager
def evaluating(model: Operator) -> Iterator[torch.device | None]:
    """Put a network into evaluation mode without gradients, and every part of it back afterwards.

    Parameters
    ----------
    model
        A module, or any other callable, which is left alone.

    Yields
    ------
    torch.device or None
        Where the network's parameters or buffers lie; None for what has none.

    Examples
    --------
    >>> network = nn.Sequential(nn.Linear(2, 2), nn.Dropout().eval())
    >>> with evaluating(network) as device:
    ...     print(network.training, device)
    False cpu
    >>> network.training, network[1].training
    (True, False)
    """
    modes = [(part, part.training) for part in model.modules()] if isinstance(model, nn.Module) else []
    try:
        for part, _ in modes:
            part.training = False
        with torch.no_grad():
            yield device_of(model)
    finally:
        for part, mode in modes:
            part.training = mode


def device_of(model: Operator) -> torch.device | None:
    """Say where a network lies; None for what has neither parameters nor buffers.

    Examples
    --------
    >>> device_of(nn.Linear(2, 2)), device_of(torch.relu)
    (device(type='cpu'), None)
    """
    if not isinstance(model, nn.Module):
        return None
    first = next(chain(model.parameters(), model.buffers()), None)
    return None if first is None else first.device


def check_batch(operation: str, images: Any) -> None:
    """Refuse what is no batch of real images ``(images, channels, height, width)``."""
    if not isinstance(images, Tensor):
        raise TypeError(
            f"{operation}: expected a tensor of images, got {type(images).__name__}; "
            "stack them: torch.stack(list)."
        )
    if not images.is_floating_point():
        raise TypeError(
            f"{operation}: expected floating-point images, got {images.dtype}; convert them: images.float()."
        )
    if images.ndim != 4 or len(images) == 0:
        raise ValueError(
            f"{operation}: expected at least one image (images, channels, height, width), "
            f"got shape {tuple(images.shape)}; a grey image needs an axis for its one channel."
        )
