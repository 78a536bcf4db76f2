"""Dual-tree packets, fast: the same numbers as `analyse`, with the passes through memory counted.

Three things cost time beside the products: memory that is new (the system clears every page of it), data
that leaves the cache between two passes, and many small operations. So a few images at a time are taken
through buffers that are used again; horizontal filters come first, so that everything after moves whole
rows; and sums and differences go straight to their channels, whole boxes of packets in one operation.

The map is linear and its transpose known: nothing is kept for the backward pass, which is `spread_and_fold`.
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from .dual_tree_bank import PacketBank, analyse, grid_boxes, parcels, spread_and_fold
from .dual_tree_channels import Box
from .dual_tree_plan import AxisPlan, extend_axis
from .packet_blocks import Blocks, block_groups

CHUNK = 2**21
"""Numbers in flight: as many images at a time as keep the products of a rectangle below it (8 MB)."""


def packets_of(
    x: Float[Tensor, "*batch height width"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch packets rows columns parts"]:
    """Compute the packets, in the way that suits: compilers see `analyse` and fuse it themselves."""
    if torch.compiler.is_compiling():
        with torch.autocast(x.device.type, enabled=False):
            return analyse(x, bank, rows, columns)
    packets: Tensor = _Packets.apply(x, bank, rows, columns)
    return packets


class _Packets(torch.autograd.Function):
    """The linear map; its derivative is itself, and its transpose `_Transpose`."""

    @staticmethod
    def forward(x: Tensor, bank: PacketBank, rows: AxisPlan, columns: AxisPlan) -> Tensor:
        images = x.reshape(-1, *x.shape[-2:])
        c = _in_chunks(images, bank, rows, columns)
        return c.reshape(*x.shape[:-2], *c.shape[1:])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.setting = inputs[1:]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return _Transpose.apply(gradient, *ctx.setting), None, None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
        product: Tensor = _Packets.apply(tangent, *ctx.setting)
        return product

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], x: Tensor, *setting: Any) -> tuple[Tensor, int]:
        return _Packets.apply(x.movedim(in_dims[0], 0), *setting), 0


class _Transpose(torch.autograd.Function):
    """The transpose of `_Packets`."""

    @staticmethod
    def forward(c: Tensor, bank: PacketBank, rows: AxisPlan, columns: AxisPlan) -> Tensor:
        return spread_and_fold(c, bank, rows, columns)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.setting = inputs[1:]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return _Packets.apply(gradient, *ctx.setting), None, None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
        product: Tensor = _Transpose.apply(tangent, *ctx.setting)
        return product

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], c: Tensor, *setting: Any) -> tuple[Tensor, int]:
        return _Transpose.apply(c.movedim(in_dims[0], 0), *setting), 0


def _in_chunks(x: Tensor, bank: PacketBank, rows: AxisPlan, columns: AxisPlan) -> Tensor:
    """Compute the packets of images ``(images, height, width)``, a few at a time."""
    x = extend_axis(x, columns, -1)
    if rows.period:
        x, top = extend_axis(x, rows, -2), 0
    else:  # rows of zeros need no filtering
        top = rows.before
        x = x[:, : rows.extended - top]
    out = x.new_empty(len(x), bank.channels, rows.positions, columns.positions, bank.parts)
    largest = max(len(rectangle.vertical) * len(rectangle.horizontal) for rectangle in bank.rectangles)
    each = largest * rows.positions * columns.positions * bank.parts
    images = max(1, min(len(x), CHUNK // (2 * each)))
    filtered = x.new_zeros(images, rows.extended, bank.columns.shape[1], columns.positions, bank.parts)
    products = x.new_empty(2, images * each)
    for first in range(0, len(x), images):
        some, into = x[first : first + images], out[first : first + images]
        tall = filtered[: len(some)]
        _filter_columns(some, Blocks(bank.columns, bank.stride), tall[:, top : top + some.shape[1]])
        _filter_rows(tall, bank, into, products)
    return out


def _filter_columns(x: Tensor, blocks: Blocks, out: Tensor) -> None:
    """Correlate along x: ``(images, height, width)`` to ``(images, height, channels, columns, parts)``."""
    lines = x.reshape(-1, x.shape[-1])
    for first, many, matrix in block_groups(blocks, out.shape[-2]):
        span, channels, q, parts = matrix.shape
        product = lines.new_empty(many, len(lines), channels * q * parts)
        for i in range(many):
            start = (first + i * q) * blocks.stride
            torch.mm(lines[:, start : start + span], matrix.flatten(1), out=product[i])
        blocks_apart = product.view(many, *x.shape[:2], channels, q, parts)
        there = out[..., first : first + many * q, :]
        there.unflatten(-2, (many, q)).copy_(blocks_apart.permute(1, 2, 3, 0, 4, 5))  # type: ignore[no-untyped-call]


def _filter_rows(x: Tensor, bank: PacketBank, out: Tensor, buffer: Tensor) -> None:
    """Correlate along y, rectangle by rectangle, and combine the two trees into channels."""
    images, _, _, columns, parts = x.shape
    width = columns * parts
    lines, half = x.flatten(-3), bank.columns.shape[1] // 2 * width
    for rectangle, first, *trees in parcels(bank):
        shape = len(rectangle.vertical), len(rectangle.horizontal)
        for (position, many, on_a), (_, _, on_b) in zip(
            *(block_groups(tree, out.shape[2]) for tree in trees), strict=True
        ):
            q = on_a.shape[2]
            size = (many, images, shape[0] * q, shape[1] * width)
            products = []
            for k, matrix in enumerate((on_a, on_b)):
                product = buffer[k, : size[0] * size[1] * size[2] * size[3]].view(size)
                offset = k * half + first * width
                _multiply(matrix, lines[..., offset : offset + size[3]], position, bank.stride, product)
                products.append(product.view(many, images, shape[0], q, shape[1], width))
            for operation, places in zip((torch.add, torch.sub), grid_boxes(rectangle), strict=True):
                for box in places:
                    _combine(operation, products, box, position, out)


def _multiply(matrix: Tensor, lines: Tensor, position: int, stride: int, out: Tensor) -> None:
    """Apply the matrix of a block to all blocks and images."""
    span, _, q, _ = matrix.shape
    weights = matrix.flatten(1).mT.contiguous().expand(lines.shape[0], -1, -1)
    for i in range(len(out)):
        start = (position + i * q) * stride
        torch.bmm(weights, lines[:, start : start + span], out=out[i])


def _combine(
    operation: Callable[..., Tensor], products: list[Tensor], box: Box, position: int, out: Tensor
) -> None:
    """Add or subtract the two products of a box of packets, into their channels."""
    many, images, _, q, _, width = products[0].shape
    by_block, by_image, by_row, by_line, by_column, _ = products[0].stride()
    bits = [2] * (len(box.row_steps) + len(box.column_steps))
    size = [images, *bits, many, q, width]
    down = [by_row << bit for bit in reversed(range(len(box.row_steps)))]
    across = [by_column << bit for bit in reversed(range(len(box.column_steps)))]
    first = box.row * by_row + box.column * by_column
    ours, theirs = (
        p.as_strided(size, [by_image, *down, *across, by_block, by_line, 1], p.storage_offset() + first)
        for p in products
    )
    step_image, step_channel, step_row, *_ = out.stride()
    steps = [step * step_channel for step in (*box.row_steps, *box.column_steps)]
    there = out.as_strided(
        size,
        [step_image, *steps, q * step_row, step_row, 1],
        out.storage_offset() + box.channel * step_channel + position * step_row,
    )
    operation(ours, theirs, out=there)
