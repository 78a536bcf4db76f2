"""What is compared: the same work by this package and by a peer, on the same data, and the answers' gap."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import ptwt
import pywt
import torch
from kymatio import Scattering2D as KymatioScattering2D
from torch import Tensor

from wavelets_course.laws import relative_error
from wavelets_course.scattering import Scattering2D
from wavelets_course.transforms import wavedec2


@dataclass(frozen=True)
class Case:
    """One comparison; `gap` is the relative difference of the two answers, None where nothing compares."""

    name: str
    peer_name: str
    ours: Callable[[], Any]
    peer: Callable[[], Any]
    gap: Callable[[], float] | None = None


def cases(device: torch.device, *, quick: bool) -> Iterator[Case]:
    """Yield the comparisons: wavelets, then scattering, then the making of a scattering layer."""
    generator = torch.Generator().manual_seed(0)
    batch, side = (2, 64) if quick else (16, 256)
    images = torch.rand(batch, side, side, generator=generator).to(device)
    for wavelet in ("haar", "db2", "db4"):
        yield from wavelet_cases(images, wavelet)
    batch, side = (2, 32) if quick else (8, 128)
    images = torch.rand(batch, side, side, generator=generator).to(device)
    for max_order in (1, 2):
        yield scattering_case(images, max_order)
    yield gradient_case(images)
    for side in (32,) if quick else (32, 224):
        yield constructor_case(side)


def wavelet_cases(images: Tensor, wavelet: str, levels: int = 3) -> Iterator[Case]:
    """Yield `wavedec2` beside PyWavelets (CPU only) and beside ptwt."""
    ours = partial(wavedec2, images, wavelet, levels)
    name = f"wavedec2 {wavelet} J={levels} {tuple(images.shape)}"
    in_torch = partial(ptwt.wavedec2, images, wavelet, mode="symmetric", level=levels)
    if images.device.type == "cpu":
        in_numpy = partial(pywt.wavedec2, images.numpy(), wavelet, mode="symmetric", level=levels)
        yield Case(name, "PyWavelets", ours, in_numpy, lambda: approximation_gap(ours(), in_numpy()))
    yield Case(name, "ptwt", ours, in_torch, lambda: approximation_gap(ours(), in_torch()))


def approximation_gap(ours: Any, peer: Any) -> float:
    """Compare the coarse approximations and the finest horizontal details."""
    theirs = [
        torch.as_tensor(np.asarray(part.cpu() if torch.is_tensor(part) else part))
        for part in (peer[0], peer[-1][0])
    ]
    return max(
        relative_error(own.cpu(), other)
        for own, other in zip((ours.approx, ours.details[0].horizontal), theirs, strict=True)
    )


def scattering_case(images: Tensor, max_order: int, scales: int = 3) -> Case:
    """Scatter a batch beside kymatio."""
    ours, peer = layers(images, max_order, scales)
    name = f"Scattering2D J={scales} order {max_order} {tuple(images.shape)}"
    gap = lambda: relative_error(ours(images), peer(images))  # noqa: E731
    return Case(name, "kymatio", partial(ours, images), partial(peer, images), gap)


def gradient_case(images: Tensor, scales: int = 3) -> Case:
    """Scatter and differentiate beside kymatio: what a training step pays."""
    ours, peer = layers(images, 2, scales)

    def gradient(layer: Callable[[Tensor], Tensor]) -> Tensor:
        x = images.clone().requires_grad_()
        return torch.autograd.grad(layer(x).square().sum(), x)[0]

    name = f"Scattering2D J={scales} gradient {tuple(images.shape)}"
    gap = lambda: relative_error(gradient(ours), gradient(peer))  # noqa: E731
    return Case(name, "kymatio", partial(gradient, ours), partial(gradient, peer), gap)


def constructor_case(side: int, scales: int = 3) -> Case:
    """Make a layer beside kymatio: the design of its filters."""
    shape = (side, side)
    peer = partial(KymatioScattering2D, scales, shape, frontend="torch")
    return Case(
        f"Scattering2D({scales}, {shape}) made", "kymatio", partial(Scattering2D, scales, shape), peer
    )


def layers(images: Tensor, max_order: int, scales: int) -> tuple[Any, Any]:
    """Make our layer and kymatio's, both where the images are."""
    shape = (images.shape[-2], images.shape[-1])
    ours = Scattering2D(scales, shape, max_order=max_order).to(images.device)
    return ours, KymatioScattering2D(scales, shape, max_order=max_order, frontend="torch").to(images.device)
