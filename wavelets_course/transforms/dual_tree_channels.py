"""Which one-dimensional packets a set of channels needs, and where their products go.

Channels are products of a vertical and a horizontal packet. Those wanted are covered by at most two
rectangles, nodes times nodes, so that what is not wanted is hardly computed. Each rectangle gives a grid of
sums and a grid of differences; boxes say which part of a grid becomes which channels.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple, TypeAlias

Grid: TypeAlias = Mapping[tuple[int, int], int]


class Box(NamedTuple):
    """Part of a grid that goes to channels in regular steps, so that one strided operation moves it.

    Its rows and columns are ``2**len(steps)`` each: bit by bit, most significant first, one step a bit.

    Attributes
    ----------
    row, column
        First place in the grid.
    channel
        Channel of that place.
    row_steps, column_steps
        Channels from one place to the next, for each bit of the row and of the column.
    """

    row: int
    column: int
    channel: int
    row_steps: tuple[int, ...]
    column_steps: tuple[int, ...]


class Rectangle(NamedTuple):
    """Packets that are computed together.

    Attributes
    ----------
    vertical, horizontal
        Nodes of the two axes, ascending.
    sums, differences
        Channel of each place (row, column) of either grid, for the places that are wanted.
    """

    vertical: tuple[int, ...]
    horizontal: tuple[int, ...]
    sums: Grid
    differences: Grid


def split_index(J: int, packet: int) -> tuple[int, int, int]:
    """Read a channel index: block (0 or 1), vertical node, horizontal node.

    The base-4 digits of the index within its block are ``2 * (vertical high) + (horizontal high)``, first
    stage most significant.
    """
    block, k = divmod(packet, 4**J)
    kv = sum(((k >> (2 * j + 1)) & 1) << j for j in range(J))
    kh = sum(((k >> (2 * j)) & 1) << j for j in range(J))
    return block, kv, kh


def rectangles(J: int, packets: Sequence[int], signs: Sequence[int]) -> tuple[Rectangle, ...]:
    """Cover channels: those horizontally low-pass first, then those high-pass first.

    Psi_a is the sum of the two products for horizontal packets that lie at positive frequencies already, and
    the difference for the others; Psi_b the other way round.
    """
    wanted: dict[tuple[bool, int, int], int] = {}
    for channel, packet in enumerate(packets):
        block, kv, kh = split_index(J, packet)
        wanted[(block == 0) == (signs[kh] > 0), kv, kh] = channel
    groups: dict[tuple[int, ...], list[int]] = {}
    for high in (False, True):
        inside = [(kv, kh) for _, kv, kh in wanted if (kh >= 2 ** (J - 1)) == high]
        if inside:
            rows = tuple(sorted({kv for kv, _ in inside}))
            groups.setdefault(rows, []).extend(sorted({kh for _, kh in inside}))
    return tuple(_rectangle(rows, tuple(columns), wanted) for rows, columns in groups.items())


def _rectangle(
    vertical: tuple[int, ...], horizontal: tuple[int, ...], wanted: Mapping[tuple[bool, int, int], int]
) -> Rectangle:
    grids: tuple[dict[tuple[int, int], int], ...] = ({}, {})
    for grid, is_sum in zip(grids, (True, False), strict=True):
        for (i, kv), (j, kh) in product(enumerate(vertical), enumerate(horizontal)):
            if (is_sum, kv, kh) in wanted:
                grid[i, j] = wanted[is_sum, kv, kh]
    return Rectangle(vertical, horizontal, *grids)


def boxes(grid: Grid, rows: range, columns: range) -> Iterator[Box]:
    """Cut a grid into boxes: a part that is no box is halved."""
    if not any(place in grid for place in product(rows, columns)):
        return
    box = _as_box(grid, rows, columns)
    if box:
        yield box
    elif len(columns) > 1:
        half = len(columns) // 2
        yield from boxes(grid, rows, columns[:half])
        yield from boxes(grid, rows, columns[half:])
    else:
        half = len(rows) // 2
        yield from boxes(grid, rows[:half], columns)
        yield from boxes(grid, rows[half:], columns)


def _as_box(grid: Grid, rows: range, columns: range) -> Box | None:
    """Read a part as a box, if its sides are powers of 2 and every bit adds its own positive step."""
    if len(rows) & (len(rows) - 1) or len(columns) & (len(columns) - 1):
        return None
    if not all(place in grid for place in product(rows, columns)):
        return None
    first = grid[rows[0], columns[0]]
    down = [grid[rows[0] + (1 << bit), columns[0]] - first for bit in range(len(rows).bit_length() - 1)]
    across = [grid[rows[0], columns[0] + (1 << bit)] - first for bit in range(len(columns).bit_length() - 1)]
    regular = all(
        grid[rows[i], columns[j]] == first + _steps(down, i) + _steps(across, j)
        for i, j in product(range(len(rows)), range(len(columns)))
    )
    if not regular or min([1, *down, *across]) < 1:
        return None
    return Box(rows[0], columns[0], first, tuple(reversed(down)), tuple(reversed(across)))


def _steps(steps: Sequence[int], index: int) -> int:
    return sum(step for bit, step in enumerate(steps) if index >> bit & 1)
