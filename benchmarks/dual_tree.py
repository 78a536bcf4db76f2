"""Dual-tree packets as a first layer: beside the convolution of RGB that they replace there.

No peer of this transform installs today (see `peers.ABSENT`); the convolution is the bound.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch

from wavelets_course import transforms

from .case import Case, Entry, NotHereError, Setting, Target
from .limits import copy, replaced_convolution

GROUP = "Dual-tree packets"
SHAPE, WORDS = (16, 1, 224, 224), "16×1×224×224"
CONVOLUTION = "the convolution it replaces"
AS_FAST = (Target("limit", 1),)

# The packets that the networks of Leterme et al. keep, of the 4**J of each of the two blocks.
ALEXNET = tuple(k for k in range(128) if k not in (0, 64) and not 48 <= k % 64 < 64)
RESNET = (1, 2, 19, 17, 18, 3, 5, 23, 10, 27, 31, 7, 21, 11, 26, 15)
STEMS = {
    3: ("AlexNet's first layer: J = 3, stride 4", 4, 11, ALEXNET),
    2: ("ResNet's first layer: J = 2, stride 2", 2, 7, RESNET),
}


def entries() -> Iterator[Entry]:
    """All packets, the packets that a network keeps, and their real parts alone."""
    for J, (words, *_, kept) in STEMS.items():
        whole, parts = f"all {2 * 4**J} packets", f"the {len(kept)} packets it keeps"
        yield Entry(f"packets-{J}", GROUP, f"{words}, {whole}, {WORDS}", partial(stem, J=J), AS_FAST)
        for part in ("complex", "real"):
            make = partial(stem, J=J, part=part, packets=kept)
            title = f"{words}, {parts}, {part}, {WORDS}"
            yield Entry(f"packets-{J}-kept-{part}", GROUP, title, make, AS_FAST)
        make = partial(stem, J=J, part="real", packets=kept, compiled=True)
        title = f"{words}, {parts}, real, compiled, {WORDS}"
        yield Entry(f"packets-{J}-compiled", GROUP, title, make, AS_FAST, compiled=True)
    yield Entry("packets-decimated", GROUP, f"J = 3, decimated, {WORDS}", decimated)


def stem(
    setting: Setting,
    J: int,
    part: str = "complex",
    packets: tuple[int, ...] | None = None,
    compiled: bool = False,
) -> Case:
    """Packets of a grey image against the convolution of an RGB image, no gradient asked for."""
    _, stride, size, _ = STEMS[J]
    x = setting.images(*SHAPE)
    layer = packet_layer(setting, J, stride=stride, part=part, packets=packets)
    ours = partial(torch.compile(layer) if compiled else layer, x)
    limit = replaced_convolution(len(x), size, stride, x)
    return Case(ours, limits={CONVOLUTION: limit}, prepare=ours if compiled else None)


def decimated(setting: Setting) -> Case:
    """The orthonormal-like transform: four times the pixels, no more."""
    x = setting.images(*SHAPE)
    return Case(partial(packet_layer(setting, 3), x), limits={"one copy of the batch": copy(x)})


def packet_layer(setting: Setting, J: int, **options: Any) -> Any:
    """Make the layer, if this version of the package has it."""
    if not hasattr(transforms, "DualTreeWaveletPacket2d"):
        raise NotHereError("this version has no transforms.DualTreeWaveletPacket2d")
    return transforms.DualTreeWaveletPacket2d(J, **options).to(setting.device)
