"""Residual groups: a box for each block, in order, in the colour of its size; names and numbers as given."""

import pytest

from wavelets_course.figures import residual_groups

PLANS = {"whole": [(16, 1, 8), (8, 3, 16)], "hybrid": [(8, 4, 16), (4, 1, 32)]}


def test_each_block_is_a_box_in_order():
    axis = residual_groups(PLANS).axes[0]
    assert [box.get_label() for box in axis.patches] == ["16x16"] + ["8x8"] * 7 + ["4x4"]
    tops = {box.get_y() for box in axis.patches}
    assert len(tops) == 2
    for top in tops:
        starts = [box.get_x() for box in axis.patches if box.get_y() == top]
        assert starts == sorted(starts)
    colours = {box.get_label(): box.get_facecolor() for box in axis.patches}
    assert len(set(colours.values())) == 3


def test_boxes_of_one_network_do_not_overlap_and_stay_inside():
    axis = residual_groups(PLANS, width=8).axes[0]
    boxes = [box.get_bbox() for box in axis.patches]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(axis.get_xlim()[0] < box.x0 < box.x1 < axis.get_xlim()[1] for box in boxes)


def test_sizes_and_widths_are_written():
    figure = residual_groups(PLANS)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[1:] == ["whole", "16x16", "8", "8x8", "16", "hybrid", "8x8", "16", "4x4", "32"]
    assert "hybrid: 4 at 8x8, 16 wide; 1 at 4x4, 32 wide." in figure.alt
    assert residual_groups(PLANS, alt="Mine.").alt == "Mine."


@pytest.mark.untyped
@pytest.mark.parametrize("plans", [{}, {"a": []}, {"a": [(side, 1, 8) for side in range(1, 8)]}])
def test_what_cannot_be_drawn_is_refused(plans):
    with pytest.raises(ValueError, match="at least one network, at least one group in each and at most 6"):
        residual_groups(plans)
