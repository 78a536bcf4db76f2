"""Scattering: beside kymatio, and beside the FFTs that it cannot avoid."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from wavelets_course.laws import relative_error
from wavelets_course.scattering import Scattering2D

from .case import Case, Entry, NotHereError, Setting, Target
from .limits import scattering_ffts
from .memory import elsewhere, kept_for_backward, peak
from .peers import kymatio_layer, peer
from .timing import Call

J, L = 3, 8
LARGE, WORDS = (8, 3, 224, 224), "8×3×224×224"
SMALL, SMALL_WORDS = (128, 3, 32, 32), "128×3×32×32"
ONE, ONE_WORDS = (2, 3, 224, 224), "2×3×224×224"
FFTS = "its FFTs alone"
GROUP = "Scattering"


def entries() -> Iterator[Entry]:
    """Forward passes, gradients in time and memory, constructors, small images."""
    settings = f"J = {J}, L = {L}, {WORDS}"
    first, second = (Target("peer", 5), Target("limit", 2)), (Target("peer", 6),)
    third = (Target("peer", 3),)
    for order, targets in ((1, first), (2, second)):
        title = f"Order {order}, {settings}"
        yield Entry(f"scattering-{order}", GROUP, title, partial(forward, order=order), targets)
    for order, targets in ((1, (Target("peer", 10), Target("limit", 2))), (2, second)):
        title, make = f"Order {order}, compiled, {settings}", partial(forward, order=order, compiled=True)
        yield Entry(f"scattering-{order}-compiled", GROUP, title, make, targets, compiled=True)
    yield Entry("scattering-small", GROUP, f"Order 2, J = 2, {SMALL_WORDS}", small)
    for order, shape, words in ((1, LARGE, WORDS), (2, ONE, ONE_WORDS)):
        told = f"order {order}, {words}"
        time, high, kept = (
            partial(way, order=order, shape=shape) for way in (gradient, gradient_peak, gradient_kept)
        )
        yield Entry(f"gradient-{order}", GROUP, f"Forward and gradient, {told}", time)
        yield Entry(f"gradient-{order}-memory", GROUP, f"Gradient, peak memory, {told}", high, third)
        yield Entry(f"gradient-{order}-kept", GROUP, f"Gradient, kept for backward, {told}", kept, third)
    made = f"Scattering2D({J}, (224, 224)) made"
    yield Entry("scattering-made", GROUP, made, constructor, (Target("peer", 50),))
    yield Entry("inversion-step", "Inversion", "One gradient step, order 2, J = 3, 1×256×256", inversion_step)


def layers(setting: Setting, x: Tensor, order: int, scales: int = J) -> tuple[Any, Any | None]:
    """Our layer and kymatio's (None where it is not installed), for these images."""
    shape = (x.shape[-2], x.shape[-1])
    ours = Scattering2D(scales, shape, L=L, max_order=order).to(setting.device)
    return ours, kymatio_layer(scales, shape, order, setting.device)


def forward(setting: Setting, order: int, compiled: bool = False) -> Case:
    """A frozen front end: no gradient is asked for, none is prepared."""
    return _forward(setting, LARGE, J, order, compiled)


def small(setting: Setting) -> Case:
    """Images of CIFAR-10's size, to order 2."""
    return _forward(setting, SMALL, 2, 2, compiled=False)


def _forward(setting: Setting, shape: tuple[int, ...], scales: int, order: int, compiled: bool) -> Case:
    x = setting.images(*shape)
    layer, other = layers(setting, x, order, scales)
    ours = partial(torch.compile(layer) if compiled else layer, x)
    peers: dict[str, Call] = {"kymatio": partial(other, x.float())} if other is not None else {}
    gaps = {name: _gap(partial(layer, x), call) for name, call in peers.items()}
    limits = {FFTS: scattering_ffts(x, scales, L, order)}
    return Case(_no_grad(ours), peers, limits, gaps, prepare=_no_grad(ours) if compiled else None)


def gradient(setting: Setting, order: int, shape: tuple[int, ...]) -> Case:
    """What a training step pays whose images need a gradient."""
    x = setting.images(*shape)
    layer, other = layers(setting, x, order)
    ours = partial(differentiate, layer, x)
    peers: dict[str, Call] = (
        {"kymatio": partial(differentiate, other, x.float())} if other is not None else {}
    )
    gaps = {name: _gap(ours, call) for name, call in peers.items()}
    return Case(ours, peers, {FFTS: scattering_ffts(x, J, L, order)}, gaps)


def inversion_step(setting: Setting) -> Case:
    """Half the squared distance of two scattering vectors and its gradient, as in `scattering.invert`."""
    x, start = setting.images(1, 256, 256), setting.images(1, 256, 256, seed=1)
    layer, other = layers(setting, x, 2)
    ours = partial(step, layer, start, layer(x))
    peers: dict[str, Call] = {}
    if other is not None:
        peers["kymatio"] = partial(step, other, start.float(), other(x.float()))
    gaps = {name: _gap(ours, call) for name, call in peers.items()}
    return Case(ours, peers, {FFTS: scattering_ffts(x, J, L, 2)}, gaps)


def gradient_peak(setting: Setting, order: int, shape: tuple[int, ...]) -> Case:
    """The peak of forward and backward, each in a process of its own."""
    call = partial(peak_of_gradient, setting, order, shape)
    if not setting.quick:
        call = partial(elsewhere, peak_of_gradient, setting, order, shape)
    peers: dict[str, Call] = {"kymatio": partial(call, True)} if peer("kymatio") else {}
    return Case(partial(call, False), peers, unit="B")


def peak_of_gradient(setting: Setting, order: int, shape: tuple[int, ...], of_peer: bool) -> float:
    """What `gradient_peak` does in that process."""
    torch.set_num_threads(torch.get_num_threads())  # start the threads before the count does
    x = setting.images(*shape)
    ours, other = layers(setting, x, order)
    layer, x = (other, x.float()) if of_peer else (ours, x)
    assert layer is not None
    differentiate(layer, x[:1, :1])  # what is loaded at the first call is no part of the gradient's memory
    return float(peak(partial(differentiate, layer, x), setting.device))


def gradient_kept(setting: Setting, order: int, shape: tuple[int, ...]) -> Case:
    """What autograd keeps between forward and backward, beside the network that follows."""
    x = setting.images(*shape).requires_grad_()
    layer, other = layers(setting, x, order)
    peers: dict[str, Call] = {}
    if other is not None:
        wide = x.detach().float().requires_grad_()
        peers["kymatio"] = partial(kept_for_backward, partial(other, wide))
    return Case(partial(kept_for_backward, partial(layer, x)), peers, unit="B")


def constructor(setting: Setting) -> Case:
    """The design of a layer's filters."""
    shape = (32, 32) if setting.quick else (224, 224)
    module = peer("kymatio")
    if module is None:
        raise NotHereError("kymatio is not installed")
    peers: dict[str, Call] = {"kymatio": partial(module.Scattering2D, J, shape, frontend="torch")}
    return Case(partial(Scattering2D, J, shape), peers)


def differentiate(layer: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Gradient of the squared norm of the coefficients in the images."""
    x = images.clone().requires_grad_()
    return torch.autograd.grad(layer(x).square().sum(), x)[0]


def step(layer: Callable[[Tensor], Tensor], start: Tensor, target: Tensor) -> Tensor:
    """Gradient of half the squared distance to `target`."""
    x = start.clone().requires_grad_()
    return torch.autograd.grad(0.5 * (layer(x) - target).square().sum(), x)[0]


def _gap(ours: Callable[[], Tensor], call: Callable[[], Any]) -> Callable[[], float]:
    return lambda: relative_error(ours().detach().float(), call().detach().float())


def _no_grad(call: Callable[[], object]) -> Call:
    def run() -> object:
        with torch.no_grad():
            return call()

    return run
