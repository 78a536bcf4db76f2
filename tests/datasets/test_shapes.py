"""Boxes are exact, shapes stay apart, items follow from seed and number alone."""

import pytest
import torch
from torchvision.ops import box_iou

from wavelets_course.datasets.shapes import SHAPE_CLASSES, ShapePictures

CLEAN = ShapePictures(60, seed=3, sizes=((96, 96), (48, 80)), most=4, least=0, noise=0.0)


def foreground(picture: torch.Tensor) -> torch.Tensor:
    """Pixels that are not the ground's colour, which is the commonest."""
    colours, counts = picture.flatten(1).unique(dim=1, return_counts=True)
    return (picture != colours[:, counts.argmax(), None, None]).any(0)


def test_each_shape_fills_its_box_to_all_four_edges() -> None:
    seen = set()
    for picture, target in CLEAN:
        inside = foreground(picture)
        everywhere = torch.zeros_like(inside)
        for box, label in zip(target["boxes"], target["labels"].tolist(), strict=True):
            left, top, right, bottom = box.int().tolist()
            part = inside[top:bottom, left:right]
            assert part.any(1).all()
            assert part.any(0).all()
            share = part.float().mean().item()
            assert share == 1 if label == 1 else abs(share - torch.pi / 4) < 0.06
            everywhere[top:bottom, left:right] = True
            seen.add(label)
        assert not (inside & ~everywhere).any()
        assert not box_iou(target["boxes"], target["boxes"]).fill_diagonal_(0).any()
    assert seen == {1, 2}
    assert len(SHAPE_CLASSES) == 2


def test_sizes_and_numbers_are_all_met() -> None:
    assert {tuple(picture.shape) for picture, _ in CLEAN} == {(3, 96, 96), (3, 48, 80)}
    assert {len(target["labels"]) for _, target in CLEAN} == {0, 1, 2, 3, 4}
    empty = next(target for _, target in CLEAN if not len(target["labels"]))
    assert empty["boxes"].shape == (0, 4)
    assert empty["labels"].dtype == torch.int64


def test_items_follow_from_seed_and_number() -> None:
    again, other = ShapePictures(5, seed=1), ShapePictures(5, seed=2)
    first = ShapePictures(3, seed=1)
    for k in (2, 0):
        assert torch.equal(first[k][0], again[k][0])
        assert torch.equal(first[k][1]["boxes"], again[k][1]["boxes"])
        assert not torch.equal(first[k][0], other[k][0])
    assert torch.equal(first[-1][0], first[2][0])
    assert first[0][0].min() >= 0
    assert first[0][0].max() <= 1


@pytest.mark.untyped
def test_what_is_refused() -> None:
    with pytest.raises(IndexError, match="there are 3 pictures, there is no number 3"):
        ShapePictures(3)[3]
    with pytest.raises(ValueError, match="0 <= least <= most, got length = 3, least = 2, most = 1"):
        ShapePictures(3, most=1, least=2)
    with pytest.raises(ValueError, match="at least 16x16 pixels"):
        ShapePictures(3, sizes=((15, 40),))
    with pytest.raises(TypeError):
        ShapePictures(3.5)  # type: ignore[arg-type]
