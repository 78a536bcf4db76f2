"""What networks cost: parameters, multiply-adds, memory kept for the backward pass, time."""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from tqdm import tqdm

from .evaluating import Operator, device_of, evaluating
from .multiply_adds import multiply_adds


@dataclass(frozen=True)
class Cost:
    """What one network costs.

    Attributes
    ----------
    name : str
        As the table calls it.
    parameters : int
        Numbers that are learned; frozen ones (``requires_grad`` false) count as well.
    multiply_adds : int
        Of one forward pass, whole batch, see `multiply_adds`.
    kept_bytes : int
        Memory that a forward pass in training keeps for the backward pass, see `kept_for_backward`.
    seconds : float
        Median time of one forward pass; NaN where it was not asked for.
    """

    name: str
    parameters: int
    multiply_adds: int
    kept_bytes: int
    seconds: float = math.nan


@dataclass(frozen=True)
class CostTable:
    """Costs side by side; printed, a table; in a notebook, one too.

    Attributes
    ----------
    rows : tuple of Cost
        In the order given. Times are shown as multiples of the first.
    """

    rows: tuple[Cost, ...]

    @property
    def timed(self) -> bool:
        """Whether the rows carry times."""
        return not any(math.isnan(row.seconds) for row in self.rows)

    def relative_times(self) -> list[float]:
        """Time of each row over that of the first."""
        return [row.seconds / self.rows[0].seconds for row in self.rows]

    def cells(self) -> list[list[str]]:
        """The table as text, heading first."""
        heading = ["network", "parameters", "multiply-adds", "kept for backward"]
        lines = [
            [
                row.name,
                f"{row.parameters:,}",
                _in_thousands(row.multiply_adds),
                _in_bytes(row.kept_bytes),
            ]
            for row in self.rows
        ]
        if self.timed:
            heading.append("time / first")
            for line, ratio in zip(lines, self.relative_times(), strict=True):
                line.append(f"{ratio:.2f}")
        return [heading, *lines]

    def __str__(self) -> str:
        columns = list(zip(*self.cells(), strict=True))
        widths = [max(map(len, column)) for column in columns]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if index == 0 else cell.rjust(width)
                for index, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in self.cells()
        )

    def __repr__(self) -> str:
        return str(self)

    def markdown(self) -> str:
        """The table in Markdown."""
        heading, *lines = self.cells()
        rule = [":---"] + ["---:"] * (len(heading) - 1)
        return "\n".join("| " + " | ".join(line) + " |" for line in (heading, rule, *lines))


def cost_table(
    models: Mapping[str, Operator],
    x: Tensor,
    *,
    latency: bool = False,
    repeats: int = 10,
    progress: bool | None = None,
) -> CostTable:
    """Set networks side by side on one input.

    Parameters
    ----------
    models
        ``{name: network}``; any callables, of which modules have parameters.
    x
        One batch, ``(images, channels, height, width)``. It is moved to where each network lies.
    latency
        Measure times as well: the networks take turns, so that a machine that slows down slows all; compare
        the ratios, not the seconds.
    repeats
        Turns, after one that is not counted.
    progress
        Show a bar on stderr; None means "if stderr is a terminal".

    Returns
    -------
    CostTable

    Raises
    ------
    ValueError
        If there are no networks, or no turns to take.

    Examples
    --------
    >>> from torch import nn
    >>> print(cost_table({"3x3": nn.Conv2d(1, 4, 3), "5x5": nn.Conv2d(1, 4, 5)}, torch.zeros(8, 1, 32, 32)))
    network  parameters  multiply-adds  kept for backward
    3x3              40          259 k                  0
    5x5             104          627 k                  0
    """
    if not models:
        raise ValueError("cost_table: got no networks; give {name: network}.")
    if latency and repeats < 1:
        raise ValueError(f"cost_table: repeats must be at least 1, got {repeats}.")
    seconds = _times(models, x, repeats, progress) if latency else dict.fromkeys(models, math.nan)
    return CostTable(tuple(_cost(name, model, x, seconds[name]) for name, model in models.items()))


def parameter_count(model: Operator) -> int:
    """How many numbers a network learns, or could; shared ones count once.

    Examples
    --------
    >>> parameter_count(nn.Linear(3, 2)), parameter_count(torch.relu)
    (8, 0)
    """
    return sum(p.numel() for p in model.parameters()) if isinstance(model, nn.Module) else 0


def kept_for_backward(model: Operator, x: Tensor) -> int:
    """Bytes that one forward pass in training keeps alive for the backward pass.

    What autograd saves, each piece of memory once, without parameters, buffers and the input, which are there
    anyway.
    This is what limits the batch of a training step; a peak measured on a GPU adds workspaces to it. Network
    and input may lie on torch's meta device, where nothing is computed.

    Parameters
    ----------
    model
        Any callable. A module is run in training mode, and put back afterwards: modes, running averages
        (batch norms), and the state of torch's random numbers on the CPU.
    x
        Its input, a whole batch.

    Returns
    -------
    int

    Examples
    --------
    >>> kept_for_backward(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)), torch.zeros(2, 4))
    64
    """
    there = {_storage(tensor) for tensor in _held(model)} | {_storage(x)}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        if _storage(tensor) not in there:
            kept[_storage(tensor)] = tensor.untyped_storage().nbytes()
            alive.append(tensor)
        return tensor

    alive: list[
        Tensor
    ] = []  # memory that is given back could be handed out again, and be counted once for two
    with _as_in_training(model), torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        alive.append(model(x))
    return sum(kept.values())


@contextmanager
def _as_in_training(model: Operator) -> Iterator[None]:
    """Training mode with gradients; modes, buffers and random numbers as they were afterwards."""
    parts = list(model.modules()) if isinstance(model, nn.Module) else []
    buffers = list(model.buffers()) if isinstance(model, nn.Module) else []
    modes, values, random = (
        [part.training for part in parts],
        [buffer.clone() for buffer in buffers],
        torch.get_rng_state(),
    )
    try:
        for part in parts:
            part.training = True
        with torch.enable_grad():
            yield
    finally:
        torch.set_rng_state(random)
        for part, mode in zip(parts, modes, strict=True):
            part.training = mode
        with torch.no_grad():
            for buffer, value in zip(buffers, values, strict=True):
                buffer.copy_(value)


def _held(model: Operator) -> list[Tensor]:
    return [*model.parameters(), *model.buffers()] if isinstance(model, nn.Module) else []


def _storage(tensor: Tensor) -> int:
    """Which memory a tensor lies in; on the meta device, too, where there are no addresses."""
    identity: int = tensor.untyped_storage()._cdata
    return identity


def _cost(name: str, model: Operator, x: Tensor, seconds: float) -> Cost:
    here = x.to(device_of(model) or x.device)
    counts = parameter_count(model), multiply_adds(model, here), kept_for_backward(model, here)
    return Cost(name, *counts, seconds)


def _times(
    models: Mapping[str, Operator], x: Tensor, repeats: int, progress: bool | None
) -> dict[str, float]:
    """Median seconds of a forward pass; networks take turns."""
    taken: dict[str, list[float]] = {name: [] for name in models}
    silent = None if progress is None else not progress
    for turn in tqdm(range(repeats + 1), desc="cost_table", unit="turn", disable=silent):
        for name, model in models.items():
            here = x.to(device_of(model) or x.device)
            with evaluating(model):
                spent = _timed(lambda model=model, here=here: model(here), here.device)  # type: ignore[misc]
            if turn:
                taken[name].append(spent)
    return {name: statistics.median(times) for name, times in taken.items()}


def _timed(action: Callable[[], object], device: torch.device) -> float:
    _wait(device)
    began = time.perf_counter()
    action()
    _wait(device)
    return time.perf_counter() - began


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _in_thousands(count: int) -> str:
    """Write a count with a unit: 1,500,000 is 1.50 M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)


def _in_bytes(count: int) -> str:
    """Write an amount of memory with its unit: 1,572,864 is 1.50 MiB."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)
