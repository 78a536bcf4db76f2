"""Dual-tree packets, fast: the same numbers as `analyse`, with the passes through memory counted.

On a processor three things cost time beside the products: data that leaves the cache between two passes,
copies in short runs, and many small operations. So images pass through buffers that stay in the cache: large
ones one by one, or one for each thread, and of small ones many together. Horizontal filters come first and
leave the height last, so that the only copy on the way moves whole columns. Both trees' products are then
added and subtracted straight into their channels, whole boxes of packets in one operation.

The map is linear, and its transpose takes the same steps backwards through the same buffers: nothing is kept
for the backward pass.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch._C._functorch import is_legacy_batchedtensor

from .chunks import CHUNK
from .dual_tree_bank import PacketBank, analyse, grid_boxes, parcels, spread
from .dual_tree_channels import Box, Rectangle
from .dual_tree_plan import AxisPlan, fill_edges, fold_edges, shown
from .packet_blocks import BlockGroup, Blocks, block_groups


@dataclass(frozen=True, eq=False)
class _Setting:
    """What the maps are made with: one object, into which torch's profiler does not look."""

    bank: PacketBank
    rows: AxisPlan
    columns: AxisPlan


def _all_at_once(
    plain: Callable[..., Tensor], x: Tensor, bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Tensor:
    """Apply a plain map in the precision of what it is given, even where an autocast is on."""
    if x.device.type == "meta":  # it has no autocast
        return plain(x, bank, rows, columns)
    with torch.autocast(x.device.type, enabled=False):
        return plain(x, bank, rows, columns)


def _plainly(x: Tensor) -> bool:
    """A few large operations: what accelerators want, and all that torch's batched gradients know."""
    return x.device.type != "cpu" or is_legacy_batchedtensor(x)


def packets_of(
    x: Float[Tensor, "*batch height width"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch packets rows columns parts"]:
    """Compute the packets, in the way that suits: compilers see `analyse` and fuse it themselves."""
    if torch.compiler.is_compiling():
        return _all_at_once(analyse, x, bank, rows, columns)
    packets: Tensor = _Packets.apply(x, _Setting(bank, rows, columns))
    return packets


def images_of(
    c: Float[Tensor, "*batch packets rows columns parts"], bank: PacketBank, rows: AxisPlan, columns: AxisPlan
) -> Float[Tensor, "*batch height width"]:
    """Transpose `packets_of`; compilers see `spread`."""
    if torch.compiler.is_compiling():
        return _all_at_once(spread, c, bank, rows, columns)
    images: Tensor = _Images.apply(c, _Setting(bank, rows, columns))
    return images


class _Packets(torch.autograd.Function):
    """The linear map; its derivative is itself, and its transpose `_Images`."""

    @staticmethod
    def forward(x: Tensor, setting: _Setting) -> Tensor:
        if _plainly(x):
            return _all_at_once(analyse, x, setting.bank, setting.rows, setting.columns)
        c = _packets_in_turns(x.reshape(-1, *x.shape[-2:]), setting)
        return c.reshape(*x.shape[:-2], *c.shape[1:])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.setting = inputs[1]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return _Images.apply(gradient, ctx.setting), None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
        product: Tensor = _Packets.apply(tangent, ctx.setting)
        return product

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], x: Tensor, setting: _Setting) -> tuple[Tensor, int]:
        return _Packets.apply(x.movedim(in_dims[0], 0), setting), 0


class _Images(torch.autograd.Function):
    """The transpose of `_Packets`: coefficients to images."""

    @staticmethod
    def forward(c: Tensor, setting: _Setting) -> Tensor:
        if _plainly(c):
            return _all_at_once(spread, c, setting.bank, setting.rows, setting.columns)
        x = _images_in_turns(c.reshape(-1, *c.shape[-4:]), setting)
        return x.reshape(*c.shape[:-4], *x.shape[1:])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.setting = inputs[1]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return _Packets.apply(gradient, ctx.setting), None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
        product: Tensor = _Images.apply(tangent, ctx.setting)
        return product

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], c: Tensor, setting: _Setting) -> tuple[Tensor, int]:
        return _Images.apply(c.movedim(in_dims[0], 0), setting), 0


class _Product(NamedTuple):
    """Matrices and what they are multiplied by, block by block: ``torch.bmm(weights, seen, out=out)``."""

    weights: Tensor
    seen: Tensor
    out: Tensor


class _Sum(NamedTuple):
    """A box of packets, ``P + unit R``; ``channels`` is where it goes, turn by turn."""

    P: Tensor
    R: Tensor
    unit: complex
    channels: tuple[Tensor, ...]


class _Steps:
    """Buffers that a few images pass through together, and every step as views of them, made once."""

    def __init__(self, c: Tensor, together: int, height: int, setting: _Setting) -> None:
        bank, rows, columns = setting.bank, setting.rows, setting.columns
        nodes = bank.columns.shape[0] // 2
        self.wide = c.new_zeros(together, height, columns.extended)
        self.tall = c.new_zeros(nodes, together, columns.positions, 2, rows.extended)
        self.own = self.wide[..., shown(columns)]
        filtered = self.tall[..., shown(rows)]
        self.horizontal = list(_horizontal(self.wide, Blocks(bank.columns, bank.stride), filtered))
        self.vertical = list(_vertical(self.tall, bank, _as_numbers(c)))


class _Turn(NamedTuple):
    """Images that pass together: which of all, the steps that they take, and their turn there."""

    images: slice
    steps: _Steps
    turn: int


def _turns(c: Tensor, height: int, setting: _Setting) -> Iterator[_Turn]:
    """Let as many images pass together as the caches of all threads hold; fewer may be left for the last."""
    filtered = setting.bank.columns.shape[0] * setting.columns.positions * setting.rows.extended
    together = max(1, round(CHUNK * torch.get_num_threads() / filtered))
    rest = len(c) % together
    for first, last, count in ((0, len(c) - rest, together), (len(c) - rest, len(c), rest)):
        if first < last:
            steps = _Steps(c[first:last], count, height, setting)
            for turn, start in enumerate(range(first, last, count)):
                yield _Turn(slice(start, start + count), steps, turn)


def _packets_in_turns(x: Tensor, setting: _Setting) -> Tensor:
    """Compute the packets of images ``(images, height, width)``."""
    bank, rows, columns = setting.bank, setting.rows, setting.columns
    out = x.new_empty(len(x), bank.channels, rows.positions, columns.positions, bank.parts)
    for images, steps, turn in _turns(out, x.shape[1], setting):
        steps.own.copy_(x[images, :, : steps.own.shape[-1]])
        fill_edges(steps.wide, columns)
        for product, filtered, there in steps.horizontal:
            torch.bmm(product.weights, product.seen, out=product.out)
            there.copy_(filtered)
        fill_edges(steps.tall, rows)
        for products, sums in steps.vertical:
            for product in products:
                torch.bmm(product.weights, product.seen, out=product.out)
            for P, R, unit, channels in sums:
                torch.add(P, R, alpha=unit, out=channels[turn])
    return out


def _images_in_turns(c: Tensor, setting: _Setting) -> Tensor:
    """Take the steps of `_packets_in_turns` backwards, each transposed."""
    rows, columns = setting.rows, setting.columns
    c = c.contiguous()
    x = c.new_zeros(len(c), rows.length, columns.length)
    for images, steps, turn in _turns(c, rows.length, setting):
        steps.tall.zero_()
        for products, sums in steps.vertical:
            for product in products:
                product.out.zero_()
            for P, R, unit, channels in sums:
                P.add_(channels[turn])
                R.add_(channels[turn], alpha=unit.conjugate())
            for product in products:
                _give_back(product)
        fold_edges(steps.tall, rows)
        steps.wide.zero_()
        for product, filtered, there in steps.horizontal:
            filtered.copy_(there)
            _give_back(product)
        fold_edges(steps.wide, columns)
        x[images, :, : steps.own.shape[-1]] = steps.own
    return x


def _give_back(product: _Product) -> None:
    """Transpose a product: add to the samples of every block what came of them; blocks overlap."""
    for weights, seen, out in zip(*product, strict=True):
        seen.addmm_(weights.mT, out)


def _horizontal(x: Tensor, blocks: Blocks, out: Tensor) -> Iterator[tuple[_Product, Tensor, Tensor]]:
    """Correlate along x: ``(images, height, width)`` to ``(nodes, images, columns, trees, height)``.

    The height comes last, so that whole columns move. Gives each product, and what is copied where.
    """
    together, height = len(x), out.shape[-1]
    lines = x.flatten(0, 1)
    for group in block_groups(blocks, out.shape[2]):
        product = _product(group, lines, blocks.stride, x.new_empty(group.numbers(len(lines))))
        filtered = product.out.view(group.many, 2, -1, group.q, together, x.shape[1])[..., :height]
        there = torch.unflatten(out[:, :, group.positions], 2, (group.many, group.q))
        yield product, filtered.permute(2, 4, 0, 3, 1, 5), there


def _vertical(x: Tensor, bank: PacketBank, out: Tensor) -> Iterator[tuple[list[_Product], list[_Sum]]]:
    """Correlate along y, rectangle by rectangle, and combine the two trees into packets."""
    for rectangle, nodes, trees in parcels(bank):
        z = x[nodes]
        if bank.parts == 2:  # both trees see a' and s b'
            lines = z.flatten(0, 3), z.flatten(0, 3)
        else:  # tree a sees a', tree b sees s b'
            lines = z[..., 0, :].flatten(0, 2), z[..., 1, :].flatten(0, 2)
        for groups in zip(*(block_groups(tree, out.shape[2]) for tree in trees), strict=True):
            group = groups[0]
            buffers = x.new_empty(2, group.numbers(len(lines[0])))
            products = [
                _product(group, seen, bank.stride, buffer)
                for group, seen, buffer in zip(groups, lines, buffers, strict=True)
            ]
            shape = group.many, -1, group.q, *z.shape[:3], bank.parts
            P, R = (_as_numbers(product.out.view(shape)) for product in products)
            yield products, _sums(P, R, rectangle, out[:, :, group.positions])


def _product(group: BlockGroup, lines: Tensor, stride: int, buffer: Tensor) -> _Product:
    """Multiply the matrix of a block by what each block sees of lines ``(count, length)``; no copy."""
    channels, q, span = group.matrix.shape
    across, along = lines.stride()
    start = lines.storage_offset() + group.first * stride * along
    seen = lines.as_strided((group.many, span, len(lines)), (q * stride * along, along, across), start)
    weights = group.matrix.flatten(0, 1).expand(group.many, -1, -1)
    return _Product(weights, seen, buffer.view(group.many, channels * q, len(lines)))


def _sums(P: Tensor, R: Tensor, rectangle: Rectangle, out: Tensor) -> list[_Sum]:
    """Say where ``P + i R`` and ``P - i R`` go, or the real parts: there R is its imaginary part."""
    unit: complex = 1j if out.is_complex() else -1
    found = []
    for sign, places in zip((1, -1), grid_boxes(rectangle), strict=True):
        for box in places:
            there = torch.split(_channels(out, box, P.shape), P.shape[-2])
            found.append(_Sum(_part(P, box), _part(R, box), sign * unit, there))
    return found


def _part(product: Tensor, box: Box) -> Tensor:
    """Take a box out of products: images, one axis for each bit of its rows and columns, the positions."""
    many, _, q, _, together, width = product.shape
    by_block, by_row, by_line, by_column, by_image, _ = product.stride()
    down = [by_row << bit for bit in reversed(range(len(box.row_steps)))]
    across = [by_column << bit for bit in reversed(range(len(box.column_steps)))]
    return product.as_strided(
        (together, *(2 for _ in (*down, *across)), many, q, width),
        (by_image, *down, *across, by_block, by_line, 1),
        product.storage_offset() + box.row * by_row + box.column * by_column,
    )


def _channels(out: Tensor, box: Box, shape: torch.Size) -> Tensor:
    """Take the channels of a box out of ``(images, packets, rows, columns)``, in the order of `_part`."""
    many, _, q, *_, width = shape
    by_image, by_channel, by_row, _ = out.stride()
    steps = [step * by_channel for step in (*box.row_steps, *box.column_steps)]
    return out.as_strided(
        (len(out), *(2 for _ in steps), many, q, width),
        (by_image, *steps, q * by_row, by_row, 1),
        out.storage_offset() + box.channel * by_channel,
    )


def _as_numbers(c: Tensor) -> Tensor:
    """Read the last axis, (real, imaginary) or the real part alone, as one number."""
    return torch.view_as_complex(c) if c.shape[-1] == 2 else c.squeeze(-1)
