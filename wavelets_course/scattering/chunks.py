"""Scatter a batch a few images at a time: in the cache going forward, from the image alone going back.

Filtered images are many times the image. Kept for the gradient of a whole batch they fill the memory that
a network needs; streamed through memory at once they wait for it. So the batch goes in chunks, and the
backward pass keeps the images only and filters each chunk again.
"""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..signals import extend
from .orders import orders
from .prepared import PreparedBank

ROOM = {"cpu": 2**21, "cuda": 2**28}
"""Bytes of filtered images to hold at once: about the second-level cache of a core, and what keeps a GPU
busy."""


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
    scatter = partial(scatter_chunk, bank=bank, padding=padding)
    with _full_precision(x):
        if torch.compiler.is_compiling():  # the compiler plans memory by itself
            return scatter(x)
        S: Tensor = _InChunks.apply(x, scatter)
        return S


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
    largest = images.detach().abs().amax((-2, -1), keepdim=True)
    scale = torch.ldexp(torch.ones_like(largest), torch.frexp(largest).exponent.clamp(-100, 100))
    return (orders(images / scale, bank, room) * scale[..., None]).to(x.dtype)


class _InChunks(torch.autograd.Function):
    """A function of images chunk by chunk; backward derivatives, of any degree, do each chunk again."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, scatter: Callable[..., Tensor]) -> Tensor:
        return torch.cat([scatter(chunk, room=_room(x)) for chunk in _chunks(x)])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Callable[..., Tensor]], output: Tensor) -> None:
        ctx.scatter = inputs[1]
        ctx.save_for_backward(inputs[0])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        chunks = _chunks(ctx.saved_tensors[0], filters=8)
        gradients = torch.split(gradient, [len(chunk) for chunk in chunks])
        with _full_precision(gradient):
            pulls = (torch.func.vjp(ctx.scatter, chunk)[1] for chunk in chunks)
            slopes = [pull(part)[0] for pull, part in zip(pulls, gradients, strict=True)]
        return torch.cat(slopes), None


def _room(x: Tensor) -> int:
    return ROOM.get(x.device.type, ROOM["cpu"])


def _chunks(x: Tensor, filters: int = 2) -> tuple[Tensor, ...]:
    """As many images at a time as fill the room when each is filtered by so many complex filters."""
    return torch.split(x, max(1, _room(x) // (2 * filters * x[0].nbytes)))


def _full_precision(x: Tensor) -> Any:
    """Keep autocast from rounding the averages to half precision."""
    kind = x.device.type
    if kind in ROOM and torch.is_autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()
