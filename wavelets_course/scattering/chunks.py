"""Scatter a batch a few images at a time: in the cache going forward, from the image alone going back.

Filtered images are many times the image. Kept for the gradient of a whole batch they fill the memory that
a network needs; streamed through memory at once they wait for it. So the batch goes in chunks, and the
backward pass keeps the images only and filters each chunk again.
"""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from itertools import chain
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..signals import extend
from .orders import orders
from .paths import scattering_channels
from .prepared import PreparedBank
from .recomputed import pulled_back, recomputed

ROOM = {"cpu": 2**22, "cuda": 2**27}
"""Bytes of filtered images to hold at once: about the second-level caches of two cores, and what keeps a GPU
busy."""

SPECTRA = 8
"""How many times that room the spectra of a chunk of images may take."""


Padding = tuple[tuple[int, int], tuple[int, int]]


def scatter_batch(
    x: Float[Tensor, "images height width"], bank: PreparedBank, padding: Padding | None
) -> Float[Tensor, "images channels rows columns"]:
    """Scatter at least one image in bounded memory.

    Parameters
    ----------
    x
        Images, floating point.
    bank
        The filters.
    padding
        Pixels to add by reflection, None on the torus.

    Returns
    -------
    Tensor
        Channels as in `scattering_paths`, in the precision of ``x``.
    """
    S: Tensor
    if torch.compiler.is_compiling():
        S = _scatter(x, *bank.flat(), list(chain(*padding)) if padding else [])
        return S
    with _full_precision(x):
        scatter = partial(scatter_chunk, bank=bank, padding=padding)
        return recomputed(partial(_forward, scatter), x, partial(_backward, scatter))


def scatter_chunk(
    x: Float[Tensor, "images height width"],
    bank: PreparedBank,
    padding: Padding | None,
    room: int | None = None,
) -> Float[Tensor, "images channels rows columns"]:
    """Scatter all images at once, in float32 or float64.

    Each is divided by a power of two near its largest value: the squares of a modulus stay in range.
    """
    images = x.to(torch.promote_types(x.dtype, torch.float32))
    images = extend(images, padding, "reflect") if padding else images
    scale = power_of_two(images.detach().abs().amax((-2, -1), keepdim=True))
    return (orders(images / scale, bank, room) * scale[..., None]).to(x.dtype)


def power_of_two(largest: Tensor) -> Tensor:
    """The power of two below each value: 1 for 0 and NaN, none so small that a gradient times it is lost."""
    limits = torch.finfo(largest.dtype)
    power = (largest / (2 * torch.frexp(largest).mantissa)).nan_to_num(1.0)
    return power.clamp(limits.tiny / limits.eps, limits.eps / limits.tiny)


def _forward(scatter: Callable[..., Tensor], x: Tensor) -> Tensor:
    """A chunk at a time."""
    room = _room(x)
    return torch.cat([scatter(chunk, room=room) for chunk in _chunks(x, SPECTRA * room)])


def _backward(scatter: Callable[..., Tensor], x: Tensor, gradient: Tensor) -> Tensor:
    """The gradient with respect to the images, chunk by chunk, each scattered once more."""
    room = _room(x) // 4
    chunks = _chunks(x, room // 4)
    gradients = torch.split(gradient, [len(chunk) for chunk in chunks])
    with _full_precision(gradient):
        parts = zip(chunks, gradients, strict=True)
        return torch.cat([pulled_back(partial(scatter, room=room), *part) for part in parts])


@torch.library.custom_op(  # the schema in words: torch 2.6 cannot read it off the hints
    "wavelets_course::scatter",
    mutates_args=(),
    schema="(Tensor x, Tensor[] tables, int[] numbers, int[] padding) -> Tensor",
)
def _scatter(x: Tensor, tables: list[Tensor], numbers: list[int], padding: list[int]) -> Tensor:
    """`scatter_batch` for compilers, which would hold all filtered images of a batch at once."""
    with _full_precision(x):
        return _forward(_from_flat(tables, numbers, padding), x)


@torch.library.custom_op(
    "wavelets_course::scatter_backward",
    mutates_args=(),
    schema="(Tensor x, Tensor gradient, Tensor[] tables, int[] numbers, int[] padding) -> Tensor",
)
def _scatter_backward(
    x: Tensor, gradient: Tensor, tables: list[Tensor], numbers: list[int], padding: list[int]
) -> Tensor:
    """The gradient of `_scatter` with respect to the images."""
    return _backward(_from_flat(tables, numbers, padding), x, gradient)


def _from_flat(tables: list[Tensor], numbers: list[int], padding: list[int]) -> Callable[..., Tensor]:
    extra = ((padding[0], padding[1]), (padding[2], padding[3])) if padding else None
    return partial(scatter_chunk, bank=PreparedBank.from_flat(tables, numbers), padding=extra)


@_scatter.register_fake
def _shape(x: Tensor, tables: list[Tensor], numbers: list[int], padding: list[int]) -> Tensor:
    J, L, max_order, margin = numbers[:4]
    height, width = x.shape[1] + sum(padding[:2]), x.shape[2] + sum(padding[2:])
    channels = scattering_channels(J, L, max_order)
    return x.new_empty(x.shape[0], channels, (height >> J) - 2 * margin, (width >> J) - 2 * margin)


@_scatter_backward.register_fake
def _like_images(
    x: Tensor, gradient: Tensor, tables: list[Tensor], numbers: list[int], padding: list[int]
) -> Tensor:
    return x.new_empty(x.shape)


def _keep(ctx: Any, inputs: tuple[Tensor, list[Tensor], list[int], list[int]], output: Tensor) -> None:
    x, tables, ctx.numbers, ctx.padding = inputs
    ctx.save_for_backward(x, *tables)


def _slope(ctx: Any, gradient: Tensor) -> tuple[Tensor, list[None], None, None]:
    x, *tables = ctx.saved_tensors
    return _scatter_backward(x, gradient, tables, ctx.numbers, ctx.padding), [None] * len(tables), None, None


_scatter.register_autograd(_slope, setup_context=_keep)


def _room(x: Tensor) -> int:
    return ROOM.get(x.device.type, ROOM["cpu"])


def _chunks(x: Tensor, room: int) -> tuple[Tensor, ...]:
    """As many images at a time as have spectra that fit the room; one at least."""
    return torch.split(x, max(1, room // (2 * x[0].nbytes)))


def _full_precision(x: Tensor) -> Any:
    """Keep autocast from rounding the averages to half precision."""
    kind = x.device.type
    if kind in ROOM and torch.is_autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()
