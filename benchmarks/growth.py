"""How cost grows: seconds and peak memory of each transform against image size and against batch size.

Each series runs in a process of its own, smallest first, and says a line of JSON after every point; so a
series that exhausts the memory loses its last points only. An image whose predicted memory exceeds what is
there is cut into bands of rows, each overlapping its neighbours by the reach of the filters, and done band
after band.
"""

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from wavelets_course import transforms
from wavelets_course.scattering import Scattering2D

from . import memory
from .case import NotHereError, Setting
from .results import compact
from .timing import once

Axis = Literal["side", "batch"]

SIDES, BATCHES = (64, 128, 256, 512, 1024, 2048, 4096), (1, 2, 4, 8, 16, 32, 64)
QUICK_SIDES, QUICK_BATCHES = (64, 128), (1, 2)
SIDE = 256  # pixels, of the images of a batch
OVERLAP = 64  # rows
SHARE = 0.6  # of the memory that is free, at most, for one point
ENOUGH = 0.5  # seconds a point: short calls are repeated until then
STREAM = "point: "


@dataclass(frozen=True)
class Point:
    """What one call took: an image (or a batch) of `pixels` in all, in `bands` bands of rows."""

    pixels: int
    seconds: float
    bytes: int
    bands: int = 1


def haar(shape: tuple[int, int], device: torch.device) -> Callable[[Tensor], Any]:
    """Haar analysis over three levels."""
    del shape, device
    return partial(transforms.wavedec2, wavelet="haar", J=3)


def scattering(shape: tuple[int, int], device: torch.device, order: int) -> Callable[[Tensor], Any]:
    """Scattering with J = 3 and L = 8."""
    layer: Callable[[Tensor], Any] = Scattering2D(3, shape, max_order=order).to(device)
    return layer


def packets(shape: tuple[int, int], device: torch.device) -> Callable[[Tensor], Any]:
    """Dual-tree packets with J = 3, stride 4."""
    del shape
    if not hasattr(transforms, "DualTreeWaveletPacket2d"):
        raise NotHereError("this version has no transforms.DualTreeWaveletPacket2d")
    layer: Callable[[Tensor], Any] = transforms.DualTreeWaveletPacket2d(3, stride=4).to(device)
    return layer


def curvelets(shape: tuple[int, int], device: torch.device) -> Callable[[Tensor], Any]:
    """Curvelet analysis over three scales."""
    if not hasattr(transforms, "Curvelet2d"):
        raise NotHereError("this version has no transforms.Curvelet2d")
    analysis: Callable[[Tensor], Any] = transforms.Curvelet2d(shape, 3).to(device).analysis
    return analysis


Make = Callable[[tuple[int, int], torch.device], Callable[[Tensor], Any]]
TRANSFORMS: dict[str, Make] = {
    "Haar": haar,
    "packets": packets,
    "curvelets": curvelets,
    "order 1 scattering": partial(scattering, order=1),
    "order 2 scattering": partial(scattering, order=2),
}


def grow(setting: Setting, tell: Callable[[str], None]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Measure every series; ``{axis: {transform: points}}``, as JSON holds it."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {"side": {}, "batch": {}}
    for axis, series in found.items():
        for name in TRANSFORMS:
            start = time.perf_counter()
            points = list(in_own_process(name, axis, setting))
            if points:
                series[name] = points
            tell(f"{name}, by {axis}: {len(points)} points in {time.perf_counter() - start:.0f} s")
    return found


def as_json(machine: Mapping[str, Any], found: Mapping[str, Mapping[str, Sequence[Any]]]) -> str:
    """Write series as JSON, one point a line."""
    return compact({"machine": machine, "series": found})


def in_own_process(name: str, axis: str, setting: Setting) -> Iterator[dict[str, Any]]:
    """Run one series in a fresh process and yield its points as they come."""
    command = [sys.executable, "-m", "benchmarks.growth", name, axis, str(setting.device), str(setting.quick)]
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if line.startswith(STREAM):
                yield json.loads(line.removeprefix(STREAM))


def series(name: str, axis: Axis, setting: Setting) -> Iterator[Point]:
    """Measure one series in this process, smallest first."""
    make, seen = TRANSFORMS[name], list[Point]()
    for shape in shapes(axis, quick=setting.quick):
        bands = bands_needed(seen, math.prod(shape), memory.available())
        point = measured(make, shape, min(bands, shape[-2] // (2 * OVERLAP) or 1), setting)
        seen.append(point)
        yield point


def shapes(axis: Axis, *, quick: bool) -> list[tuple[int, int, int]]:
    """Shapes of a series: one ever larger image, or ever more images."""
    if axis == "side":
        return [(1, side, side) for side in (QUICK_SIDES if quick else SIDES)]
    side = 64 if quick else SIDE
    return [(batch, side, side) for batch in (QUICK_BATCHES if quick else BATCHES)]


def bands_needed(seen: Sequence[Point], pixels: int, free: int) -> int:
    """How many bands keep the memory of a call below its share of what is free, going by the last point."""
    if not seen:
        return 1
    last = seen[-1]
    predicted = last.bytes * last.bands * pixels / last.pixels
    return max(1, math.ceil(predicted / (SHARE * free)))


def measured(make: Make, shape: tuple[int, int, int], bands: int, setting: Setting) -> Point:
    """Peak memory of the first call and the least time of all; building the filters is not counted."""
    x = setting.images(1, 1, 1).new_zeros(shape) + torch.linspace(0, 1, shape[-1], device=setting.device)
    height = max(len(range(*rows.indices(shape[-2]))) for rows in cut(shape[-2], bands))
    transform = make((height, shape[-1]), setting.device)
    call = partial(over_bands, transform, x, bands, height)
    if min(shape[-2:]) <= 64:
        call()  # what is loaded at the first call of all is no part of the transform
    seconds: list[float] = []
    highest = memory.peak(lambda: seconds.append(once(call, setting.device)), setting.device)
    while sum(seconds) < ENOUGH and len(seconds) < 50 and not setting.quick:
        seconds.append(once(call, setting.device))
    return Point(math.prod(shape), min(seconds), highest, bands)


def over_bands(transform: Callable[[Tensor], Any], x: Tensor, bands: int, height: int) -> None:
    """Transform an image band by band; each band's coefficients are dropped before the next."""
    with torch.no_grad():
        for rows in cut(x.shape[-2], bands):
            band = x[..., rows, :]
            if band.shape[-2] < height:  # the first and the last have one neighbour only
                start = min(rows.start, x.shape[-2] - height)
                band = x[..., start : start + height, :]
            transform(band)


def cut(height: int, bands: int) -> list[slice]:
    """Bands of rows that overlap by `OVERLAP` rows on either side; one band is the image itself."""
    if bands == 1:
        return [slice(0, height)]
    edges = [height * k // bands for k in range(bands + 1)]
    return [slice(max(0, low - OVERLAP), min(height, high + OVERLAP)) for low, high in pairwise(edges)]


def main(arguments: Sequence[str]) -> int:
    """Print the points of one series: NAME AXIS DEVICE QUICK."""
    name, axis, device, quick = arguments
    assert axis in ("side", "batch")
    setting = Setting(torch.device(device), quick=quick == "True")
    try:
        for point in series(name, "side" if axis == "side" else "batch", setting):
            print(STREAM + json.dumps(asdict(point)), flush=True)
    except (NotHereError, RuntimeError, MemoryError) as failure:  # torch's word for no memory is RuntimeError
        print(f"growth: {name} by {axis} stops: {failure}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
