"""Discrete wavelets: beside PyWavelets and ptwt, and beside one copy of the batch."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from wavelets_course.laws import relative_error
from wavelets_course.transforms import wavedec2, waverec2

from .case import Case, Entry, Setting, Target
from .limits import copy
from .peers import in_numpy, peer
from .timing import Call

LEVELS = 3
SHAPE = (16, 3, 256, 256)
WORDS = "16×3×256×256"
HAAR = (Target("peer", 5), Target("limit", 2))


def entries() -> Iterator[Entry]:
    """Analysis with three wavelets, synthesis with Haar."""
    for wavelet in ("haar", "db2", "db4"):
        name = wavelet.capitalize() if wavelet == "haar" else wavelet
        yield Entry(
            f"{wavelet}-analysis",
            "Wavelets",
            f"{name} analysis, {LEVELS} levels, {WORDS}",
            partial(analysis, wavelet=wavelet),
            HAAR if wavelet == "haar" else (),
        )
    yield Entry("haar-synthesis", "Wavelets", f"Haar synthesis, {LEVELS} levels, {WORDS}", synthesis)
    yield Entry(
        "haar-compiled", "Wavelets", f"Haar analysis, compiled, {WORDS}", compiled, HAAR, compiled=True
    )


def analysis(setting: Setting, wavelet: str) -> Case:
    """`wavedec2` with half-sample symmetric boundaries, the default of all three libraries."""
    x = setting.images(*SHAPE)
    ours = partial(wavedec2, x, wavelet, LEVELS)
    peers = analysis_peers(setting, wavelet)
    gaps = {name: _gap(ours, call) for name, call in peers.items()}
    return Case(ours, peers, {"one copy of the batch": copy(x)}, gaps)


def compiled(setting: Setting) -> Case:
    """The same through `torch.compile`; its compilation is timed apart."""
    x = setting.images(*SHAPE)
    ours = partial(torch.compile(partial(wavedec2, wavelet="haar", J=LEVELS)), x)
    return Case(ours, analysis_peers(setting, "haar"), {"one copy of the batch": copy(x)}, prepare=ours)


def synthesis(setting: Setting) -> Case:
    """`waverec2` of the coefficients of the same batch."""
    x = setting.images(*SHAPE)
    pyramid = wavedec2(x, "haar", LEVELS)
    peers: dict[str, Call] = {}
    wanted = x.float().cpu()
    if setting.device.type == "cpu" and (pywt := peer("pywt")):
        peers["PyWavelets"] = partial(pywt.waverec2, pywt.wavedec2(in_numpy(x), "haar", level=LEVELS), "haar")
    if ptwt := peer("ptwt"):
        bands = ptwt.wavedec2(x.float(), "haar", mode="symmetric", level=LEVELS)
        peers["ptwt"] = partial(ptwt.waverec2, bands, "haar")
    ours = partial(waverec2, pyramid, "haar")
    gaps: dict[str, Callable[[], float]] = {
        name: partial(_distance, call, wanted, ours) for name, call in peers.items()
    }
    return Case(ours, peers, {"one copy of the batch": copy(x)}, gaps)


def analysis_peers(setting: Setting, wavelet: str) -> dict[str, Call]:
    """PyWavelets on the CPU, ptwt everywhere; both in float32."""
    x = setting.images(*SHAPE)
    peers: dict[str, Call] = {}
    if setting.device.type == "cpu" and (pywt := peer("pywt")):
        peers["PyWavelets"] = partial(pywt.wavedec2, in_numpy(x), wavelet, mode="symmetric", level=LEVELS)
    if ptwt := peer("ptwt"):
        peers["ptwt"] = partial(ptwt.wavedec2, x.float(), wavelet, mode="symmetric", level=LEVELS)
    return peers


def _gap(ours: Callable[[], Any], call: Callable[[], Any]) -> Callable[[], float]:
    """Compare the coarse approximations and the finest horizontal details."""

    def gap() -> float:
        own, other = ours(), call()
        pairs = ((own.approx, other[0]), (own.details[0].horizontal, other[-1][0]))
        return max(relative_error(a.float().cpu(), _tensor(b)) for a, b in pairs)

    return gap


def _distance(call: Callable[[], Any], wanted: torch.Tensor, ours: Callable[[], torch.Tensor]) -> float:
    """How far either side's reconstruction is from the images."""
    return max(relative_error(ours().float().cpu(), wanted), relative_error(_tensor(call()), wanted))


def _tensor(part: Any) -> torch.Tensor:
    return torch.as_tensor(np.asarray(part.float().cpu() if torch.is_tensor(part) else part))
