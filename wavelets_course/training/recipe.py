"""A recipe: which network, on which data, trained how; as a TOML file or on the command line.

A file has three tables::

    [network]
    name = "WavPool"        # a function or class of wavelets_course.networks
    hidden = 100            # and its arguments; shape, classes and channels follow from the data
    # frozen_first_layer = true

    [data]
    name = "mnist"          # see known_data
    # size = 224
    # augment = false

    [training]              # what TrainingConfig takes
    epochs = 5
    lr = 0.05
    schedule = "cosine"
"""

import inspect
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import nn

from .. import networks
from .config import TrainingConfig
from .history import History
from .known_data import KnownData, known_data
from .loop import fit
from .trained_network import build_network

Table: TypeAlias = dict[str, Any]
TABLES = ("network", "data", "training")


@dataclass(frozen=True)
class Recipe:
    """Which network, on which data, trained how.

    Attributes
    ----------
    network, data : dict
        ``name`` and arguments; see this file's head.
    training : TrainingConfig
        How.
    """

    network: Table
    data: Table
    training: TrainingConfig = field(default_factory=TrainingConfig)


def read_recipe(path: str | os.PathLike[str] | None = None, settings: Iterable[str] = ()) -> Recipe:
    """Read a recipe from a TOML file, and change it setting by setting.

    Parameters
    ----------
    path : path, optional
        The file; without it all comes from `settings`.
    settings : iterable of str
        Each like ``"training.lr=0.1"``: table, key and value. A value is TOML; what is none is a word.

    Returns
    -------
    Recipe

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no recipe; the message says where.

    Examples
    --------
    >>> recipe = read_recipe(settings=["network.name=WavPool", "data.name=digits", "training.lr=0.05"])
    >>> recipe.network["name"], recipe.training.lr
    ('WavPool', 0.05)
    """
    tables: dict[str, Table] = {} if path is None else _parse(Path(path))
    for name, table in tables.items():
        if name not in TABLES or not isinstance(table, dict):
            raise ValueError(f"recipe: {path}: there is no table [{name}]; a recipe has {_listed(TABLES)}.")
    tables = {name: dict(tables.get(name, {})) for name in TABLES}
    for setting in settings:
        where, key, value = _split(setting)
        tables[where][key] = value
    for name in ("network", "data"):
        if not isinstance(tables[name].get("name"), str):
            raise ValueError(f"recipe: it does not say which {name}; set {name}.name.")
    return Recipe(tables["network"], tables["data"], _training(tables["training"]))


def follow(
    recipe: Recipe,
    *,
    folder: str | os.PathLike[str] | None = None,
    resume: bool = True,
    root: str | os.PathLike[str] | None = None,
) -> tuple[nn.Module, History]:
    """Open the data, build the network with weights drawn from the seed, and train it.

    Parameters
    ----------
    recipe : Recipe
        What to do.
    folder, resume
        As for `fit`.
    root : path, optional
        The data folder; by default ``WAVELETS_COURSE_DATA``, else the system's cache.

    Returns
    -------
    model : nn.Module
        With its last weights, in evaluation mode.
    history : History

    Raises
    ------
    ValueError
        If network, data and settings do not fit each other; also all that `fit` and `known_data` raise.

    Examples
    --------
    >>> settings = ["network.name=LinearMLP", "network.hidden=16", "data.name=digits", "training.epochs=1"]
    >>> model, history = follow(read_recipe(settings=settings))
    >>> history.last.epoch
    1
    """
    options = {key: value for key, value in recipe.data.items() if key != "name"}
    unknown = options.keys() - {"size", "augment"}
    if unknown:
        raise ValueError(
            f"recipe: [data] has no setting {_listed(sorted(unknown))}; it takes name, size, augment."
        )
    found = known_data(recipe.data["name"], root=root, **options)
    model = _network(recipe, found)
    return model, fit(model, found.data, recipe.training, folder=folder, resume=resume)


def _network(recipe: Recipe, found: KnownData) -> nn.Module:
    """Build it, with what the data say filled in."""
    settings = dict(recipe.network)
    name, frozen = settings.pop("name"), settings.pop("frozen_first_layer", False)
    takes = _arguments(name)
    known = {
        "shape": found.shape,
        "classes": found.data.classes,
        "in_channels": found.channels,
        "mean": (0.0,) * found.channels,  # the data are normalised already
        "std": (1.0,) * found.channels,
        "generator": torch.Generator().manual_seed(recipe.training.seed),
    }
    filled = {key: value for key, value in known.items() if key in takes} | settings
    model = build_network(name, filled)
    return networks.frozen_first_layer(model) if frozen else model


def _arguments(name: str) -> Iterable[str]:
    make = getattr(networks, name, None) if name in networks.__all__ else None
    return inspect.signature(make).parameters if callable(make) else ()


def _parse(path: Path) -> dict[str, Table]:
    if not path.is_file():
        raise FileNotFoundError(f"recipe: there is no file {path}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # TOML's and Unicode's errors are both
        raise ValueError(f"recipe: {path} is not TOML: {error}") from error


def _split(setting: str) -> tuple[str, str, Any]:
    where, equals, text = setting.partition("=")
    table, dot, key = where.strip().partition(".")
    if not (equals and dot and key) or table not in TABLES:
        raise ValueError(
            f"recipe: expected TABLE.KEY=VALUE with the table one of {_listed(TABLES)}, got {setting!r}."
        )
    try:
        return table, key, tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return table, key, text.strip()


def _training(table: Mapping[str, Any]) -> TrainingConfig:
    known = {entry.name for entry in fields(TrainingConfig)}
    unknown = sorted(table.keys() - known)
    if unknown:
        raise ValueError(
            f"recipe: [training] has no setting {_listed(unknown)}; it takes {_listed(sorted(known))}."
        )
    values: Table = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    try:
        return TrainingConfig(**values)
    except TypeError as error:  # a word where a number belongs
        raise ValueError(f"recipe: [training] {dict(table)}: {error}") from error


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
