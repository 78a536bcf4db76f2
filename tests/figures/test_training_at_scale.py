"""Figures of training at scale show the numbers they were given."""

import pytest
import torch

from wavelets_course.figures import memory_parts, reading_orders, stopped_run


def test_bars_stand_end_to_end() -> None:
    figure = memory_parts({"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 0.5}}, levels={"limit": 3.2})
    [axis] = figure.axes
    spans = [(patch.get_x(), patch.get_width()) for patch in axis.patches]
    assert spans == [(0, 1), (0, 3), (1, 2), (3, 0.5)]
    assert figure.alt == "Bars in GiB: a 3 in all, most of it y (2); b 3.5 in all, most of it x (3)."


def test_points_are_the_order() -> None:
    order = torch.tensor([3, 0, 2, 1])
    figure = reading_orders({"mixed": order, "stored": range(4)}, [2, 2])
    assert figure.axes[0].lines[0].get_ydata().tolist() == [3, 0, 2, 1]
    assert "mixed 1 of 2 shards, stored 1 of 2 shards" in figure.alt


def test_a_run_that_went_elsewhere_is_said_to() -> None:
    assert stopped_run([3, 2, 1], [3, 2], [1]).alt.endswith("goes on and has the same losses.")
    other = stopped_run([3, 2, 1], [3, 2], [1.5])
    assert other.alt.endswith("goes on and has other losses.")
    assert [len(line.get_xdata()) for line in other.axes[0].lines[:3]] == [3, 2, 1]


@pytest.mark.untyped
def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="the same parts in the same order"):
        memory_parts({"a": {"x": 1}, "b": {"y": 1}})
    with pytest.raises(ValueError, match="at least one network"):
        memory_parts({})
    with pytest.raises(ValueError, match="'twice' must hold each of 4 samples once"):
        reading_orders({"twice": [0, 0, 1, 2]}, [2, 2])
    with pytest.raises(ValueError, match="needs at least one step"):
        stopped_run([1], [], [1])
