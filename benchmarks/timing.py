"""Time two functions side by side: alternating, in one process, medians of several rounds after a warm-up."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

Call = Callable[[], object]


@dataclass(frozen=True)
class Comparison:
    """Median seconds of a call of ours and of the peer's; ``ratio`` says how many times faster we are."""

    ours: float
    peer: float

    @property
    def ratio(self) -> float:
        return self.peer / self.ours


def side_by_side(ours: Call, peer: Call, *, rounds: int, least: float, device: torch.device) -> Comparison:
    """Time both in turn, so that a busy machine disturbs both alike; a turn lasts `least` seconds."""
    repeats = [_repeats(call, least, device) for call in (ours, peer)]  # also the warm-up
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            call = (ours, peer)[which]
            seconds[which].append(_seconds(call, repeats[which], device) / repeats[which])
    return Comparison(*map(statistics.median, seconds))


def _repeats(call: Call, least: float, device: torch.device) -> int:
    first = _seconds(call, 1, device)
    again = _seconds(call, 1, device) if first < 1 else first
    return max(1, round(least / max(again, 1e-7)))


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
