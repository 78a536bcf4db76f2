"""Boxes stand where they are said to, with names and scores; curves are what they are given."""

import numpy as np
import pytest
import torch

from wavelets_course.datasets import ShapePictures
from wavelets_course.figures import detections, precision_recall

IMAGE = torch.rand(3, 40, 60, generator=torch.Generator().manual_seed(0))
FOUND = {
    "boxes": torch.tensor([[4.0, 10.0, 20.0, 30.0], [40.0, 2.0, 58.0, 20.0], [1.0, 1.0, 3.0, 3.0]]),
    "labels": torch.tensor([1, 2, 1]),
    "scores": torch.tensor([0.91, 0.75, 0.2]),
}
TRUE = {"boxes": torch.tensor([[5.0, 10.0, 21.0, 31.0]]), "labels": torch.tensor([1])}


def test_boxes_names_and_scores() -> None:
    figure = detections([IMAGE], [FOUND], classes=["rectangle", "disk"], truth=[TRUE])
    true, first, second = figure.axes[0].patches
    assert first.get_bbox().bounds == pytest.approx((3.5, 9.5, 16, 20))
    assert second.get_bbox().bounds == pytest.approx((39.5, 1.5, 18, 18))
    assert true.get_bbox().bounds == pytest.approx((4.5, 9.5, 16, 21))
    assert true.get_zorder() == first.get_zorder()  # under it, because it comes first
    assert len({patch.get_edgecolor() for patch in (true, first, second)}) == 3
    assert [text.get_text() for text in figure.axes[0].texts] == ["rectangle 0.91", "disk 0.75"]
    assert [text.get_ha() for text in figure.axes[0].texts] == ["left", "right"]
    assert figure.alt == "1 picture with 2 boxes framed: 1 disk, 1 rectangle."


def test_a_frame_lies_on_the_edges_of_its_shape() -> None:
    """The four pixels just inside a frame are the shape's, those just outside are not."""
    picture, target = ShapePictures(1, seed=4, most=1, noise=0.0)[0]
    [patch] = detections([picture], [target], classes=["rectangle", "disk"]).axes[0].patches
    x, y, width, height = patch.get_bbox().bounds
    colour = picture[:, round(y + height / 2), round(x + width / 2)]
    middle = round(y + height / 2)
    assert torch.equal(picture[:, middle, int(np.ceil(x))], colour)
    assert torch.equal(picture[:, middle, int(np.floor(x + width))], colour)
    for outside in (int(np.ceil(x)) - 1, int(np.floor(x + width)) + 1):
        if 0 <= outside < picture.shape[2]:
            assert not torch.equal(picture[:, middle, outside], colour)


def test_the_score_decides_what_is_drawn() -> None:
    assert len(detections([IMAGE], [FOUND], classes=["a", "b"], least=0.1).axes[0].patches) == 3
    nothing = detections([IMAGE], [FOUND], classes=["a", "b"], least=0.99)
    assert not nothing.axes[0].patches
    assert nothing.alt == "1 picture with 0 boxes framed of score 0.99 or more."
    unscored = detections([IMAGE], [TRUE], classes=["a"])
    assert [text.get_text() for text in unscored.axes[0].texts] == ["a"]
    assert detections([IMAGE], [TRUE], classes=["a"], alt="Mine.").alt == "Mine."


@pytest.mark.untyped
def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="2 images, 1 sets of boxes"):
        detections([IMAGE, IMAGE], [FOUND], classes=["a", "b"])
    with pytest.raises(ValueError, match="1 images, 0 sets of boxes"):
        detections([IMAGE], [FOUND], classes=["a", "b"], truth=[])
    with pytest.raises(ValueError, match=r"1 names for labels \[1, 2\]; name labels 1 to 2"):
        detections([IMAGE], [FOUND], classes=["a"])


def test_curves_are_what_they_are_given() -> None:
    falling = torch.linspace(1, 0, 101)
    figure = precision_recall({"a": falling, "b": falling**2}, title="At overlap 0.5")
    first, second = figure.axes[0].lines
    np.testing.assert_allclose(first.get_xdata(), np.linspace(0, 1, 101))
    np.testing.assert_allclose(first.get_ydata(), falling, atol=1e-6)
    np.testing.assert_allclose(second.get_ydata(), falling**2, atol=1e-6)
    assert "a 0.50, b 0.34" in figure.alt
