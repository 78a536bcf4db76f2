"""How much memory a call takes: its peak above what was there before, what it keeps for backward."""

import ctypes
import gc
import multiprocessing
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor

from .timing import Call

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def kept_for_backward(call: Callable[[], Tensor]) -> int:
    """Bytes that autograd keeps between a forward pass and its backward pass, each storage counted once."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = call()  # its graph keeps the storages alive, so that no address is used twice
    del result
    return sum(kept.values())


def peak(call: Call, device: torch.device) -> int:
    """Bytes by which a call raises the memory of this process, or of the GPU, at its highest."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        call()
        torch.cuda.synchronize(device)
        return int(torch.cuda.max_memory_allocated(device) - before)
    _give_back()
    with suppress(OSError):
        RESET.write_text("5", encoding="ascii")  # Linux: the peak starts again from here
    before = resident()
    call()
    return max(0, highest() - before)


def resident() -> int:
    """Bytes of this process that are in memory now (elsewhere than on Linux: the most there ever were)."""
    return _status("VmRSS") or highest()


def highest() -> int:
    """The most bytes of this process that were in memory, since the last reset or the start."""
    unit = 1 if sys.platform == "darwin" else 1024
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def available() -> int:
    """Bytes that a new process may take without anything being pushed out."""
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 4 * 2**30


def elsewhere(function: Callable[..., float], *arguments: object) -> float:
    """Call a function in a fresh process, whose memory nothing else has touched."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(function, arguments)


def _status(name: str) -> int:
    with suppress(OSError):
        for line in STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


def _give_back() -> None:
    """Ask the C library for the memory that is free but kept, so that it is not counted as there before."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
