"""Where it was measured: without it the numbers mean nothing."""

import os
import platform
import statistics
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from wavelets_course.claims import provenance

from .peers import versions
from .timing import once

SAME = ("device", "cores", "threads", "versions")  # results of machines that differ in these do not mix
COPIED = 256 * 2**20  # bytes, far beyond any cache


def machine(device: torch.device, *, measured: bool = True) -> dict[str, Any]:
    """Say what the machine is, and how fast it copies memory (if `measured`)."""
    found: dict[str, Any] = {
        "device": device_name(device),
        "type": device.type,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_bytes": memory(device),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": versions() | {"python": platform.python_version()},
        "date": today(),
        "commit": provenance.commit(),
        "load": round(os.getloadavg()[0], 2),
    }
    if measured:
        found["copy_bytes_per_second"] = copy_speed(device)
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether results of the two may stand in one table."""
    return all(one.get(key) == other.get(key) for key in SAME)


def today() -> str:
    """The date in UTC, ``"2026-11-21"``."""
    return datetime.now(UTC).date().isoformat()


def device_name(device: torch.device) -> str:
    """The GPU's name, or the processor's."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def memory(device: torch.device) -> int:
    """Bytes of memory in all."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def copy_speed(device: torch.device) -> float:
    """Bytes moved a second by one large copy: read once, written once."""
    source = torch.zeros(COPIED, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    seconds = [once(lambda: target.copy_(source), device) for _ in range(7)]
    return 2 * COPIED / statistics.median(seconds[2:])
