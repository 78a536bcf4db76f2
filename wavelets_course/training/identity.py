"""Checksums of what a stored result depends on: a frozen network, and a data set."""

import hashlib
import os
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import ConcatDataset, Subset, TensorDataset
from torchvision.datasets import CIFAR10, MNIST, DatasetFolder

from .shard_reader import Shards

SIMPLE = (bool, int, float, complex, str, bytes, type(None), torch.dtype)


def stem_identity(stem: nn.Module) -> str:
    """Checksum of a module: its classes, its settings, and every number in it.

    Two modules with equal sums compute the same. Parameters and buffers count bit by bit, also those that
    ``state_dict`` leaves out, as the filters of a scattering layer; settings are the modules' plain
    attributes. What is not in the sum is code: after a change of a module's ``forward``, remove what was
    stored.

    Parameters
    ----------
    stem : nn.Module
        On any device.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.

    Examples
    --------
    >>> [stem_identity(nn.ReLU()) == stem_identity(other) for other in (nn.ReLU(), nn.ELU())]
    [True, False]
    """
    digest = hashlib.sha256()
    for name, module in stem.named_modules():
        kind = type(module)
        digest.update(f"module {name} {kind.__module__}.{kind.__qualname__}\n".encode())
        for key, value in sorted(vars(module).items()):
            if not key.startswith("_") and key != "training" and _plain(value):
                digest.update(f"{key} = {value!r}\n".encode())
        digest.update(module.extra_repr().encode())
    for name, tensor in [*stem.named_parameters(), *stem.named_buffers()]:
        digest.update(f"tensor {name}\n".encode())
        _add_tensor(digest, tensor)
    return digest.hexdigest()


def data_identity(samples: Any) -> str:
    """Checksum of a data set: what it holds, in its order, and how it is transformed.

    Tensors count bit by bit; so do torchvision's MNIST, Fashion-MNIST and CIFAR-10. Of folders of pictures
    names, sizes and times of change count, not every byte. Of shards, their own sums.

    Parameters
    ----------
    samples : map-style data set
        A ``TensorDataset``, ``Subset``, ``ConcatDataset``, ``ImageFolder``, one of torchvision's sets above,
        `Shards`, or anything with an attribute ``identity`` (a str).

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.

    Raises
    ------
    TypeError
        If it is of another kind; then name it yourself.

    Examples
    --------
    >>> ones, zeros = TensorDataset(torch.ones(3)), TensorDataset(torch.zeros(3))
    >>> data_identity(ones) == data_identity(zeros)
    False
    """
    digest = hashlib.sha256(type(samples).__qualname__.encode())
    for part in _describe_data(samples):
        if isinstance(part, Tensor):
            _add_tensor(digest, part)
        else:
            digest.update(f"{part}\n".encode())
    return digest.hexdigest()


def _describe_data(samples: Any) -> Iterator[Any]:
    if isinstance(getattr(samples, "identity", None), str):
        yield samples.identity
    elif isinstance(samples, Shards):
        yield samples.index.identity
        yield f"{samples.mode} {_describe_callable(samples.transform)}"
    elif isinstance(samples, TensorDataset):
        yield from samples.tensors
    elif isinstance(samples, Subset):
        yield data_identity(samples.dataset)
        yield torch.as_tensor(np.asarray(samples.indices, dtype=np.int64))
    elif isinstance(samples, ConcatDataset):
        yield from map(data_identity, samples.datasets)
    elif isinstance(samples, MNIST | CIFAR10):
        yield from (torch.as_tensor(samples.data), torch.as_tensor(samples.targets))
        yield f"{_describe_callable(samples.transform)} {_describe_callable(samples.target_transform)}"
    elif isinstance(samples, DatasetFolder):
        yield from (_describe_file(path, samples.root, label) for path, label in samples.samples)
        yield f"{_describe_callable(samples.transform)} {_describe_callable(samples.target_transform)}"
    else:
        raise TypeError(
            f"data_identity: a {type(samples).__name__} can be anything; name it: give it an attribute "
            "`identity`, a text that changes whenever an item does."
        )


def _describe_file(path: str, root: str | Path, label: int) -> str:
    found = Path(path).stat()
    return f"{os.path.relpath(path, root)} {label} {found.st_size} {found.st_mtime_ns}"


def _describe_callable(transform: Callable[..., Any] | None) -> str:
    """Name a transform: by its ``repr``, or where that holds an address, by where it is defined."""
    if isinstance(transform, types.FunctionType) and transform.__name__ == "<lambda>":
        code = transform.__code__
        return f"lambda {code.co_code.hex()} {code.co_consts!r} {code.co_names!r}"
    if transform is None or " at 0x" not in repr(transform):
        return repr(transform)
    named = transform if isinstance(transform, types.FunctionType) else type(transform)
    return f"{named.__module__}.{named.__qualname__}"


def _plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_plain, value))
    return isinstance(value, SIMPLE)


def _add_tensor(digest: Any, tensor: Tensor) -> None:
    held = tensor.detach().cpu().contiguous()
    digest.update(f"{tuple(held.shape)} {held.dtype}\n".encode())
    digest.update(held.flatten().view(torch.uint8).numpy().data if held.numel() else b"")
