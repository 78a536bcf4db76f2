"""Weights in files: safetensors, which holds numbers and cannot run code."""

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from .writing import write_atomically

Tensors: TypeAlias = dict[str, Tensor]
PREFIX = "model/"
"""What a model's tensors are called in a checkpoint: this, then their name."""
SHOWN = 4
"""Most names that an error lists."""


def save_weights(
    model: nn.Module, path: str | os.PathLike[str], facts: Mapping[str, str] | None = None
) -> None:
    """Write a model's parameters and buffers to a file, whole or not at all.

    Parameters
    ----------
    model : nn.Module
        Any.
    path : path
        By custom ``*.safetensors``; what lay there is replaced.
    facts : mapping, optional
        Kept beside the numbers, such as the command that made them.

    Raises
    ------
    OSError
        If it cannot be written; what lay there is untouched.

    Examples
    --------
    >>> import tempfile
    >>> model, twin = nn.Linear(3, 2), nn.Linear(3, 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(model, f"{folder}/linear.safetensors")
    ...     load_weights(twin, f"{folder}/linear.safetensors")
    >>> torch.equal(model.weight, twin.weight)
    True
    """
    write_atomically(Path(path), pack(copies(model.state_dict()), dict(facts or {})))


def load_weights(model: nn.Module, path: str | os.PathLike[str], *, sha256: str | None = None) -> None:
    """Read a model's parameters and buffers from a safetensors file, ours or another's, or from a checkpoint.

    Parameters
    ----------
    model : nn.Module
        Gets the numbers in its own dtype and on its own device. It stays as it is if anything does not fit.
    path : path
        A file that `save_weights`, a checkpoint of `fit` or any other program wrote. Pickles (``.pt``,
        ``.pth``) are not read: they can run code.
    sha256 : str, optional
        What the file's SHA-256 must be.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, a pickle, or of another model: names or shapes that differ are listed.

    Examples
    --------
    >>> load_weights(nn.Linear(3, 2), "nowhere.safetensors")
    Traceback (most recent call last):
    FileNotFoundError: load_weights: there is no file nowhere.safetensors
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"load_weights: there is no file {path}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if sha256 is not None and found != sha256:
        raise ValueError(f"load_weights: {path} has SHA-256 {found}, not {sha256}; fetch or make it again.")
    tensors, _ = unpack(content, f"load_weights: {path}")
    ours = {name.removeprefix(PREFIX): value for name, value in tensors.items() if name.startswith(PREFIX)}
    put_weights(model, ours or tensors, f"load_weights: {path}")


def put_weights(model: nn.Module, tensors: Tensors, name: str) -> None:
    """Copy tensors into a model, if all of them fit.

    Parameters
    ----------
    model : nn.Module
        See `load_weights`.
    tensors : dict of str to Tensor
        By the names of ``model.state_dict()``.
    name : str
        Where they come from, for error messages.

    Raises
    ------
    ValueError
        If names or shapes differ.

    Examples
    --------
    >>> model = nn.Linear(2, 1, bias=False)
    >>> put_weights(model, {"weight": torch.ones(1, 3)}, "mine")
    Traceback (most recent call last):
    ValueError: mine does not fit the model: weight has shape (1, 3), not (1, 2).
    """
    own = model.state_dict()
    missing, extra = [key for key in own if key not in tensors], sorted(tensors.keys() - own.keys())
    shapes = [
        f"{key} has shape {tuple(tensors[key].shape)}, not {tuple(value.shape)}"
        for key, value in own.items()
        if key in tensors and tensors[key].shape != value.shape
    ]
    problems = [
        f"{label} {_some(keys)}" for label, keys in (("missing", missing), ("unknown", extra)) if keys
    ]
    if problems or shapes:
        raise ValueError(f"{name} does not fit the model: {'; '.join([*problems, *shapes[:SHOWN]])}.")
    model.load_state_dict(tensors)


def pack(tensors: Tensors, facts: Mapping[str, str]) -> bytes:
    """Make the bytes of a safetensors file: the same bytes for the same numbers and facts.

    Parameters
    ----------
    tensors : dict of str to Tensor
        See `copies`.
    facts : mapping of str to str
        Kept beside them.

    Returns
    -------
    bytes

    Examples
    --------
    >>> content = pack({"a": torch.zeros(1)}, {"c": "d", "b": "e"})
    >>> unpack(content, "mine")
    ({'a': tensor([0.])}, {'b': 'e', 'c': 'd'})
    """
    content: bytes = safetensors.torch.save(tensors, dict(facts))
    (length,) = struct.unpack_from("<Q", content)
    # The library keeps facts in an order that changes from process to process.
    header = json.dumps(json.loads(content[8 : 8 + length]), sort_keys=True).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + content[8 + length :]


def unpack(content: bytes, name: str) -> tuple[Tensors, dict[str, str]]:
    """Read the bytes of a safetensors file.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        Where they come from, for error messages.

    Returns
    -------
    tensors : dict of str to Tensor
        On the CPU.
    facts : dict of str to str
        What was kept beside them.

    Raises
    ------
    ValueError
        If it is no safetensors file, or a damaged one.

    Examples
    --------
    >>> unpack(safetensors.torch.save({"a": torch.zeros(1)}, {"b": "c"}), "mine")
    ({'a': tensor([0.])}, {'b': 'c'})
    """
    try:
        tensors = safetensors.torch.load(content)
        (length,) = struct.unpack_from("<Q", content)
        facts: dict[str, str] = json.loads(content[8 : 8 + length]).get("__metadata__", {})
    except (safetensors.SafetensorError, ValueError, struct.error) as error:
        if content[:2] == b"PK" or content[:1] == b"\x80":  # a zip, as torch.save makes now, or as it made
            raise ValueError(
                f"{name} is a pickle, which can run code, and was not read; convert it where it can be "
                "trusted: safetensors.torch.save_file(torch.load(path, weights_only=True), 'x.safetensors')."
            ) from error
        raise ValueError(f"{name} is damaged, or no safetensors file: {error}.") from error
    return tensors, facts


def copies(tensors: Mapping[str, Tensor]) -> Tensors:
    """Copy tensors to the CPU, each with storage of its own, as safetensors wants them.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        Anywhere, in any layout; some may share memory.

    Returns
    -------
    dict of str to Tensor

    Examples
    --------
    >>> one = torch.zeros(3)
    >>> two = copies({"a": one, "b": one})
    >>> two["a"].data_ptr() == two["b"].data_ptr()
    False
    """
    return {
        name: torch.empty(value.shape, dtype=value.dtype).copy_(value.detach())
        for name, value in tensors.items()
    }


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
