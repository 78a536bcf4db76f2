"""Measure several calls side by side: in turn, in one process, medians and quartiles after a warm-up."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

Call = Callable[[], object]

TURN = 0.004  # seconds: a shorter call is repeated until a turn takes about this long


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of what one call took, over `runs` turns; seconds, or bytes."""

    median: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Summarise measured values; of one value, all three are that value."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0], 1)
        low, middle, high = statistics.quantiles(values, method="inclusive")
        return cls(middle, low, high, len(values))


@dataclass(frozen=True)
class Patience:
    """How long to measure: about `seconds` in all, but at least `fewest` and at most `most` turns each."""

    seconds: float
    fewest: int
    most: int


def side_by_side(calls: Mapping[str, Call], patience: Patience, device: torch.device) -> dict[str, Spread]:
    """Time all calls in turn, so that a busy machine disturbs them alike.

    Every other round goes backwards, so that none always profits from what its neighbour left in the caches.
    """
    repeats = {name: _repeats(call, device) for name, call in calls.items()}  # also the warm-up
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    start = time.perf_counter()
    for turn in range(patience.most):
        if turn >= patience.fewest and time.perf_counter() - start > patience.seconds:
            break
        for name in calls if turn % 2 == 0 else reversed(list(calls)):
            seconds[name].append(_seconds(calls[name], repeats[name], device) / repeats[name])
    return {name: Spread.of(values) for name, values in seconds.items()}


def once(call: Call, device: torch.device) -> float:
    """Seconds of a single call."""
    return _seconds(call, 1, device)


def _repeats(call: Call, device: torch.device) -> int:
    first = _seconds(call, 1, device)
    again = _seconds(call, 1, device) if first < 2 else first
    return max(1, round(TURN / max(again, 1e-7)))


def _seconds(call: Call, repeats: int, device: torch.device) -> float:
    _finish(device)
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    _finish(device)
    return time.perf_counter() - start


def _finish(device: torch.device) -> None:
    if device.type == "cuda":  # a kernel's launch returns before the kernel ends
        torch.cuda.synchronize(device)
