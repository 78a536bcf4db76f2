"""Rectangles and boxes: every wanted channel exactly once."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course.transforms.dual_tree_channels import Box, boxes, rectangles, split_index

ALEXNET = [k for k in range(128) if k not in (0, 64) and not 48 <= k < 64 and not 112 <= k < 128]
SIGNS = {1: [-1, -1], 2: [-1, 1, -1, 1], 3: [-1, 1, 1, 1, -1, 1, 1, 1]}


def places(box: Box) -> dict[tuple[int, int], int]:
    """Channel of every place of a box."""
    found = {}
    for down in product((0, 1), repeat=len(box.row_steps)):
        for across in product((0, 1), repeat=len(box.column_steps)):
            row = box.row + int("0" + "".join(map(str, down)), 2)
            column = box.column + int("0" + "".join(map(str, across)), 2)
            steps = zip((*box.row_steps, *box.column_steps), (*down, *across), strict=True)
            found[row, column] = box.channel + sum(step * bit for step, bit in steps)
    return found


def covered(J: int, packets: list[int]) -> list[int]:
    """Channels written, with repetitions, from boxes."""
    written = []
    for rectangle in rectangles(J, packets, SIGNS[J]):
        for is_sum, grid in ((True, rectangle.sums), (False, rectangle.differences)):
            for box in boxes(grid, range(len(rectangle.vertical)), range(len(rectangle.horizontal))):
                for (i, j), channel in places(box).items():
                    block, kv, kh = split_index(J, packets[channel])
                    assert (rectangle.vertical[i], rectangle.horizontal[j]) == (kv, kh)
                    assert is_sum == ((block == 0) == (SIGNS[J][kh] > 0))
                    written.append(channel)
    return written


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_every_channel_is_written_once(data: st.DataObject) -> None:
    J = data.draw(st.integers(1, 3))
    packets = data.draw(st.lists(st.integers(0, 2 * 4**J - 1), min_size=1, unique=True))
    assert sorted(covered(J, packets)) == list(range(len(packets)))


@pytest.mark.parametrize("J", [1, 2, 3])
def test_all_packets_are_few_boxes(J: int) -> None:
    assert sorted(covered(J, list(range(2 * 4**J)))) == list(range(2 * 4**J))


def test_alexnet_leaves_a_quarter_out() -> None:
    covers = rectangles(3, ALEXNET, SIGNS[3])
    assert [(len(r.vertical), len(r.horizontal)) for r in covers] == [(8, 4), (4, 4)]
    count = sum(
        len(list(boxes(grid, range(len(r.vertical)), range(4))))
        for r in covers
        for grid in (r.sums, r.differences)
    )
    assert count < 20


def test_the_index_is_read_stage_by_stage() -> None:
    """Digits 2, 1, 3 of 4**3: vertical high, low, high; horizontal low, high, high."""
    assert split_index(3, 2 * 16 + 1 * 4 + 3) == (0, 0b101, 0b011)
    assert split_index(3, 64 + 48) == (1, 0b100, 0b100)
