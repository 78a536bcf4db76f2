"""What WavPool costs, for W6 and W8: multiply-adds as they are counted, seconds as they are measured.

With this file you can: count the work of any network or transform, and time two calls fairly.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np
import pywt
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from ..networks import MicroWav, WavPool
from ..transforms import Detail2d, max_level, wavedec2
from .registry import Number

MADE: Final = {
    "naive_28": (28, 264, 3),
    "naive_32": (32, 264, 3),
    "optimised_28": (28, 268, 2),
    "optimised_32": (32, 224, 2),
}
"""Side of the images, hidden width and side of the pooled cubes of the four published networks."""

BATCH, TURNS = 640, 31


class ElementwiseCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the numbers that sums, differences and products of tensors write."""

    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if str(func).split(".")[1].rstrip("_") in ("add", "sub", "mul", "div"):
            self.count += result.numel()
        return result


def costs(seed: int) -> dict[str, Number]:
    """Count multiply-adds as the networks run, and compare them with the formulas."""
    sides = torch.tensor([64.0, 128.0, 256.0, 512.0], dtype=torch.float64)
    haar = torch.tensor([float(haar_operations(int(n))) for n in sides], dtype=torch.float64)
    x, y = sides.log2(), haar.log2()
    slope = ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()
    return {
        "dense_gap": max(abs(counted - said) for counted, said in _dense_counts()),
        "convolution_gap": max(abs(counted - said) for counted, said in _convolution_counts()),
        "haar_exponent": slope.item(),
        "haar_per_pixel": (haar / sides.square()).max().item(),
        "cube_gap": max(abs(_microwav(n, n) - 3 * n**3) for n in (4, 8, 16)),
        "whole_kernel_gap": max(abs(_convolution(2, 3, n, n) - 6 * n**4) for n in (3, 7, 11)),
    }


def multiply_adds(call: Callable[[], object]) -> int:
    """Multiplications with additions in matrix products and convolutions, as torch counts them."""
    with FlopCounterMode(display=False) as counter:
        call()
    return int(counter.get_total_flops()) // 2


def haar_operations(n: int) -> int:
    """Additions, subtractions and halvings of the full Haar transform of an n x n image."""
    x = torch.zeros(n, n)
    with ElementwiseCounter() as counter:  # type: ignore[no-untyped-call]
        wavedec2(x, "haar")
    return int(counter.count)


def _dense_counts() -> Iterator[tuple[int, int]]:
    for side, hidden, pool_size in MADE.values():
        model = WavPool((side, side), hidden, pool_size)
        layers = sum(3 * (-(-side >> j)) ** 2 * h for j, h in enumerate(model.hidden_sizes, start=1))
        readout = model.readout.in_features * model.readout.out_features
        x, pooled = torch.zeros(1, 1, side, side), torch.zeros(1, model.readout.in_features)
        counted = multiply_adds(partial(model.block, x)) + multiply_adds(partial(model.readout, pooled))
        yield counted, layers + readout


def _convolution_counts() -> Iterator[tuple[int, int]]:
    for inputs, outputs, k, n in ((1, 19, 3, 28), (19, 12, 3, 28), (3, 64, 7, 32), (8, 8, 5, 17)):
        yield _convolution(inputs, outputs, k, n), inputs * outputs * k**2 * n**2


def _convolution(inputs: int, outputs: int, k: int, n: int) -> int:
    layer = nn.Conv2d(inputs, outputs, k, padding=k // 2, bias=False)
    return multiply_adds(partial(layer, torch.zeros(1, inputs, n, n)))


def _microwav(side: int, hidden: int) -> int:
    detail = Detail2d(*torch.zeros(3, 1, 1, side, side))
    return multiply_adds(partial(MicroWav(side, hidden), detail))


def speed(seed: int) -> dict[str, Number]:
    """Time one pyramid for all levels beside one PyWavelets call for each, in turn."""
    generator = torch.Generator().manual_seed(seed)
    values: dict[str, Number] = {}
    for side in (28, 32):
        x = torch.rand(BATCH, 1, side, side, generator=generator)
        theirs, ours = side_by_side(partial(a_call_a_level, x), partial(wavedec2, x, "haar"))
        values |= {f"ratio_{side}": theirs / ours, f"ours_{side}": ours, f"theirs_{side}": theirs}
    return values


def a_call_a_level(x: Tensor) -> list[Tensor]:
    """The details of all levels, coarsest first, as the reference code gets them: each level calls anew."""
    pixels = x.numpy()
    levels = range(1, max_level(tuple(x.shape)) + 1)
    return [torch.from_numpy(np.array(pywt.wavedec2(pixels, "db1")[level])) for level in levels]


def side_by_side(*calls: Callable[[], object]) -> list[float]:
    """Median seconds of each call, taken in turn after a warm-up."""
    seconds: list[list[float]] = [[] for _ in calls]
    for turn in range(TURNS + 1):
        for call, taken in zip(calls, seconds, strict=True):
            start = time.perf_counter()
            call()
            if turn:
                taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in seconds]
