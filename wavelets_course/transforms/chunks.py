"""Work through a batch piece by piece, so that what one step writes is still in the cache for the next."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch._C._functorch import is_legacy_batchedtensor
from torch.autograd.forward_ad import unpack_dual
from torch.nn import Parameter

CHUNK = 2**18
"""Numbers that one thread works on at a time: 1 MiB in float32.

Half of that is a tenth faster on an idle core, but has threads wait for each other twice as often.
"""


def unwatched(*tensors: Tensor) -> bool:
    """Say whether nothing records what is done with tensors, so that results may be written in place.

    Parameters
    ----------
    tensors : Tensor
        What the work starts from.

    Returns
    -------
    bool
        False where a gradient (in either direction) is wanted, under ``torch.vmap`` and its like, in the
        batched gradients of ``torch.autograd``, and while a graph is traced, for ``torch.compile`` or
        ``torch.export``.

    Examples
    --------
    >>> x = torch.ones(2, requires_grad=True)
    >>> unwatched(x), unwatched(x.detach())
    (False, True)
    """
    if torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active():
        return False
    return all(
        type(t) in (Tensor, Parameter)
        and not (t.requires_grad and torch.is_grad_enabled())
        and not is_legacy_batchedtensor(t)
        and unpack_dual(t).tangent is None  # type: ignore[no-untyped-call]
        for t in tensors
    )


def pieces(count: int, size: int, device: torch.device) -> Iterator[slice]:
    """Cut ``count`` things of ``size`` numbers each into runs that fit the caches; one run on a GPU."""
    room = CHUNK * torch.get_num_threads() if device.type == "cpu" else count * max(1, size)
    step = max(1, room // max(1, size))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def in_chunks(step: Callable[..., tuple[Tensor, ...]], *images: Tensor) -> tuple[Tensor, ...]:
    """Apply a step that treats each image alone, ``(*batch, rows, columns)`` each, a few images at a time.

    Parameters
    ----------
    step : callable
        Takes as many tensors as are given and returns a tuple of them, batch first.
    images : Tensor
        Tensors of one batch.

    Returns
    -------
    tuple of Tensor
        ``step(*images)``: at once where something records it or there is little to do, else in chunks.
    """
    if not unwatched(*images) or images[0].device.type != "cpu":
        return step(*images)
    batch, size = images[0].shape[:-2], images[0].shape[-2:].numel()
    whole = batch.numel()
    if whole < 2:
        return step(*images)
    rows = [image.reshape(whole, *image.shape[-2:]) for image in images]
    results: list[Tensor] = []
    for piece in pieces(whole, size, images[0].device):
        parts = step(*(row[piece] for row in rows))
        results = results or [part.new_empty(whole, *part.shape[1:]) for part in parts]
        for result, part in zip(results, parts, strict=True):
            result[piece] = part
    return tuple(result.view(*batch, *result.shape[1:]) for result in results)
