"""Small networks that come trained with the package, each with the command that made it."""

import hashlib
import inspect
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from .. import networks
from .weights import load_weights, save_weights
from .writing import write_atomically

SHELF = Path(__file__).parent / "trained_networks"
LARGEST = 1_000_000
"""Bytes of weights: these files travel with the package."""


@dataclass(frozen=True)
class TrainedNetwork:
    """What is known of a trained network.

    Attributes
    ----------
    name : str
        What `trained` knows it by.
    network : str
        The function or class of `networks` that builds it.
    settings : mapping of str to Any
        Its arguments.
    command : str
        What to type to train it anew.
    data : str
        What it was trained on, and on how much of it.
    scores : mapping of str to float
        What was measured on images it was not trained on.
    made : str
        Date, device and commit.
    sha256 : str
        Of the file of weights.
    """

    name: str
    network: str
    settings: Mapping[str, Any]
    command: str
    data: str
    scores: Mapping[str, float]
    made: str
    sha256: str = ""


def trained_names() -> tuple[str, ...]:
    """Names that `trained` knows, in alphabetical order.

    Examples
    --------
    >>> all(describe_trained(name).name == name for name in trained_names())
    True
    """
    return tuple(sorted(path.stem for path in SHELF.glob("*.json")))


def describe_trained(name: str) -> TrainedNetwork:
    """Say how a network was made and how good it is.

    Parameters
    ----------
    name : str
        One of `trained_names`.

    Returns
    -------
    TrainedNetwork

    Raises
    ------
    ValueError
        If there is no such network.

    Examples
    --------
    >>> describe_trained("resnet-152")
    Traceback (most recent call last):
    ValueError: describe_trained: no network 'resnet-152' comes with the package; there is ...
    """
    if name not in trained_names():
        known = ", ".join(trained_names()) or "none yet"
        raise ValueError(f"describe_trained: no network {name!r} comes with the package; there is {known}.")
    return TrainedNetwork(**json.loads((SHELF / f"{name}.json").read_text(encoding="utf-8")))


def trained(name: str) -> nn.Module:
    """Build a network with the weights that come with the package, in evaluation mode.

    Parameters
    ----------
    name : str
        One of `trained_names`.

    Returns
    -------
    nn.Module
        On the CPU. `describe_trained` has its scores and the command that made it.

    Raises
    ------
    ValueError
        If there is no such network, or its file is damaged.

    Examples
    --------
    >>> any(trained(name).training for name in trained_names())
    False
    """
    facts = describe_trained(name)
    model = build_network(facts.network, facts.settings)
    load_weights(model, SHELF / f"{name}.safetensors", sha256=facts.sha256)
    return model.eval()


def build_network(network: str, settings: Mapping[str, Any]) -> nn.Module:
    """Call a function or class of `networks` by its name.

    Parameters
    ----------
    network : str
        Such as ``"WavPool"``.
    settings : mapping of str to Any
        Its arguments; lists, as JSON and TOML have them, become tuples.

    Returns
    -------
    nn.Module

    Raises
    ------
    ValueError
        If `networks` has no such network, or it has no such argument.

    Examples
    --------
    >>> build_network("WavPool", {"shape": [28, 28], "height": 3})
    Traceback (most recent call last):
    ValueError: build_network: WavPool: ...
    """
    make = getattr(networks, network, None) if network in networks.__all__ else None
    if not callable(make):
        raise ValueError(f"build_network: networks has no {network!r}; see wavelets_course.networks.")
    signature = inspect.signature(make)
    try:
        signature.bind(**settings)
    except TypeError as error:
        takes = ", ".join(signature.parameters)
        raise ValueError(f"build_network: {network}: {error}; it takes {takes}.") from None
    made = make(**{name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()})
    if not isinstance(made, nn.Module):
        raise ValueError(f"build_network: {network} gives {type(made).__name__}, which is no network.")
    return made


def keep_trained(
    model: nn.Module, facts: TrainedNetwork, folder: str | os.PathLike[str] = SHELF
) -> TrainedNetwork:
    """Put a network on the shelf: weights and a sheet of facts, replacing those of the same name.

    Parameters
    ----------
    model : nn.Module
        Trained.
    facts : TrainedNetwork
        All but the checksum.
    folder : path
        By default the package's own.

    Returns
    -------
    TrainedNetwork
        With the checksum.

    Raises
    ------
    ValueError
        If the facts build another network, or the weights take more than a megabyte.

    Examples
    --------
    >>> model = networks.LinearMLP((28, 28), hidden=9)
    >>> facts = TrainedNetwork("mine", "LinearMLP", {"shape": (28, 28), "hidden": 5}, "", "", {}, "")
    >>> keep_trained(model, facts)
    Traceback (most recent call last):
    ValueError: keep_trained: LinearMLP with {'shape': (28, 28), 'hidden': 5} builds another network.
    """
    twin = build_network(facts.network, json.loads(json.dumps(dict(facts.settings))))
    shapes, found = ({k: tuple(v.shape) for k, v in m.state_dict().items()} for m in (twin, model))
    if shapes != found:
        raise ValueError(f"keep_trained: {facts.network} with {dict(facts.settings)} builds another network.")
    size = sum(value.nbytes for value in model.state_dict().values())
    if size > LARGEST:
        raise ValueError(
            f"keep_trained: the weights take {size:,} bytes, at most {LARGEST:,} fit; train fewer."
        )
    weights = Path(folder) / f"{facts.name}.safetensors"
    save_weights(model, weights, {"command": facts.command})
    kept = replace(facts, sha256=hashlib.sha256(weights.read_bytes()).hexdigest())
    sheet = json.dumps(asdict(kept), indent=2, ensure_ascii=False) + "\n"
    write_atomically(Path(folder) / f"{facts.name}.json", sheet.encode())
    return kept
