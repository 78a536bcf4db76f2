"""WavPool: one pyramid for all levels beside a PyWavelets call for each, and its step beside its products."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from wavelets_course import transforms
from wavelets_course.laws import relative_error

from .case import Case, Entry, NotHereError, Setting, Target
from .limits import in_order
from .peers import in_numpy, peer
from .timing import Call

GROUP = "WavPool"
BATCH = 640  # the authors'
HIDDEN = {28: 268, 32: 224}
TARGET = (Target("peer", 20),)


def entries() -> Iterator[Entry]:
    """The details of all levels, and one step of training."""
    for side, hidden in HIDDEN.items():
        words = f"{BATCH}×1×{side}×{side}"
        title = f"Details of all levels, the peer called once a level, {words}"
        yield Entry(f"wavpool-details-{side}", GROUP, title, partial(details, side=side), TARGET)
        title = f"Forward and backward, hidden width {hidden}, {words}"
        yield Entry(f"wavpool-step-{side}", GROUP, title, partial(step, side=side))


def details(setting: Setting, side: int) -> Case:
    """`wavedec2` beside the reference design: every level's layer transforms the images anew, on the CPU."""
    x = setting.images(BATCH, 1, side, side)
    peers: dict[str, Call] = {}
    gaps: dict[str, Callable[[], float]] = {}
    if setting.device.type == "cpu" and (pywt := peer("pywt")):
        pixels, levels = in_numpy(x), range(1, transforms.max_level((side, side)) + 1)

        def a_call_a_level() -> list[Tensor]:
            return [torch.from_numpy(np.array(pywt.wavedec2(pixels, "db1")[level])) for level in levels]

        peers["PyWavelets"] = a_call_a_level
        gaps["PyWavelets"] = partial(_gap, x, a_call_a_level)
    return Case(partial(transforms.wavedec2, x, "haar"), peers, gaps=gaps)


def step(setting: Setting, side: int) -> Case:
    """Logits and all gradients, beside the matrix products that they cannot do without."""
    model = _model(side).to(setting.device, setting.dtype)
    x = setting.images(BATCH, 1, side, side)
    labels = torch.arange(len(x), device=x.device) % 10
    parameters = list(model.parameters())

    def ours() -> object:
        return torch.autograd.grad(nn.functional.cross_entropy(model(x).float(), labels), parameters)

    products: list[Call] = []
    for level in model.levels:
        _, hidden, inputs = level.weight.shape
        here, there = x.new_zeros(3, len(x), inputs), x.new_zeros(3, len(x), hidden)
        products += [partial(torch.bmm, here, level.weight.detach().mT), partial(torch.bmm, there.mT, here)]
    return Case(ours, limits={"its dense products alone": in_order(products)})


def _model(side: int) -> Any:
    """Make the network, if this version of the package has it."""
    try:
        from wavelets_course.networks import WavPool
    except ImportError as error:
        raise NotHereError("this version has no networks.WavPool") from error
    return WavPool((side, side), HIDDEN[side], 2, generator=torch.Generator().manual_seed(0))


def _gap(x: Tensor, theirs: Callable[[], list[Tensor]]) -> float:
    ours = [torch.stack(tuple(detail)) for detail in reversed(transforms.wavedec2(x, "haar").details)]
    own, others = (torch.cat([one.flatten() for one in details]) for details in (ours, theirs()))
    return relative_error(own.float().cpu(), others)
