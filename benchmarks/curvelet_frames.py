"""Curvelets: beside the uniform discrete curvelet transform of `curvelets`, and beside the FFTs alone."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from torch import Tensor

from wavelets_course import transforms
from wavelets_course.laws import relative_error

from .case import Case, Entry, NotHereError, Setting, Target
from .limits import inverse_ffts
from .peers import in_numpy, peer
from .timing import Call

GROUP = "Curvelets"
SHAPE, WORDS = (16, 256, 256), "16×256×256"
J = 3  # scales with wedges; the peer counts the coarse one too
FFTS = "its FFTs alone"
TARGET = (Target("peer", 3),)


def entries() -> Iterator[Entry]:
    """Analysis, synthesis, and the design of the frame."""
    yield Entry("curvelets-analysis", GROUP, f"Analysis, {J} scales, {WORDS}", analysis, TARGET)
    yield Entry("curvelets-synthesis", GROUP, f"Synthesis, {J} scales, {WORDS}", synthesis, TARGET)
    yield Entry("curvelets-made", GROUP, f"Frame made, {J} scales, 256×256", made)


def analysis(setting: Setting) -> Case:
    """Coefficients of a batch; the peer takes one image at a time."""
    x = setting.images(*SHAPE)
    ours = partial(frame(setting, x).analysis, x)
    others = peers_of(setting, x)
    coefficients = list(_tensors(ours()))
    counts = {"ours": count(coefficients) // len(x)}
    counts |= {name: count(_tensors(one.analysis()[:1])) for name, one in others.items()}
    said = ", ".join(f"{name} {number:,}" for name, number in counts.items())
    note = f"The frames differ. Real numbers an image becomes, a complex one counting twice: {said}."
    peers = {name: one.analysis for name, one in others.items()}
    return Case(ours, peers, {FFTS: inverse_ffts(x, coefficients)}, note=note)


def synthesis(setting: Setting) -> Case:
    """The images again; gaps are the errors of the reconstructions."""
    x = setting.images(*SHAPE)
    transform = frame(setting, x)
    coefficients = transform.analysis(x)
    ours = partial(transform.synthesis, coefficients)
    others = peers_of(setting, x)
    peers = {name: partial(one.synthesis, one.analysis()) for name, one in others.items()}
    gaps: dict[str, Callable[[], float]] = {
        name: partial(_error, one, x, ours) for name, one in others.items()
    }
    return Case(ours, peers, {FFTS: inverse_ffts(x, list(_tensors(coefficients)))}, gaps)


def made(setting: Setting) -> Case:
    """The windows of one shape."""
    x = setting.images(*SHAPE)
    peers: dict[str, Call] = {}
    for name, module in _modules(setting).items():
        peers[name] = partial(module.UDCT, shape=_shape(x), num_scales=_scales(setting) + 1)
    return Case(partial(frame, setting, x), peers)


def frame(setting: Setting, x: Tensor) -> Any:
    """Make our frame, if this version of the package has it."""
    if not hasattr(transforms, "Curvelet2d"):
        raise NotHereError("this version has no transforms.Curvelet2d")
    return transforms.Curvelet2d(_shape(x), _scales(setting)).to(setting.device)


class OneByOne:
    """A peer that transforms single images, over a batch."""

    def __init__(self, module: Any, images: list[Any], scales: int) -> None:
        self.images = images
        self.transform = module.UDCT(
            shape=tuple(images[0].shape), num_scales=scales + 1, wedges_per_direction=3
        )
        if isinstance(images[0], Tensor) and images[0].is_cuda:
            self.transform.apply_to_tensors(lambda tensor: tensor.to(images[0].device))

    def analysis(self) -> list[Any]:
        return [self.transform.forward(image) for image in self.images]

    def synthesis(self, coefficients: list[Any]) -> list[Any]:
        return [self.transform.backward(one) for one in coefficients]


def peers_of(setting: Setting, x: Tensor) -> dict[str, OneByOne]:
    """The peer's two versions, NumPy's on the CPU only."""
    images: dict[str, list[Any]] = {"torch": list(x.float()), "NumPy": list(in_numpy(x))}
    return {
        name: OneByOne(module, images[name.split(", ")[1]], _scales(setting))
        for name, module in _modules(setting).items()
    }


def _modules(setting: Setting) -> dict[str, Any]:
    wanted = {"curvelets, torch": "curvelets.torch"}
    if setting.device.type == "cpu":
        wanted["curvelets, NumPy"] = "curvelets.numpy"
    return {name: found for name, module in wanted.items() if (found := peer(module))}


def _error(one: OneByOne, x: Tensor, ours: Callable[[], Tensor]) -> float:
    theirs = [
        Tensor.cpu(part) if isinstance(part, Tensor) else part for part in one.synthesis(one.analysis())
    ]
    wanted = x.float().cpu()
    gaps = [
        relative_error(wanted.new_tensor(part), image) for part, image in zip(theirs, wanted, strict=True)
    ]
    return max(relative_error(ours().float().cpu(), wanted), *gaps)


def count(coefficients: Iterable[Any]) -> int:
    """How many real numbers tensors or arrays hold."""
    return sum(math.prod(part.shape) * (2 if "complex" in str(part.dtype) else 1) for part in coefficients)


def _tensors(nest: Any) -> Iterator[Any]:
    """The tensors or arrays of nested tuples, in order."""
    if hasattr(nest, "dtype"):
        yield nest
    elif isinstance(nest, tuple | list):
        for part in nest:
            yield from _tensors(part)


def _shape(x: Tensor) -> tuple[int, int]:
    return x.shape[-2], x.shape[-1]


def _scales(setting: Setting) -> int:
    return 2 if setting.quick else J
