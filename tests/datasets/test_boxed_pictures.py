"""Pictures with boxes: the form that torchvision's detectors take, empty boxes counted."""

import os
import pickle
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch.testing import assert_close
from torchvision.transforms import v2

from wavelets_course.datasets import Box, BoxedPictures, MissingFileError, bccd
from wavelets_course.datasets.place import VARIABLE

BOXES = [[Box(1, (1.0, 2.0, 5.0, 6.0), 16.0), Box(2, (3.0, 3.0, 3.0, 3.0), 0.0, difficult=True)], []]


@pytest.fixture
def boxed(tmp_path: Path) -> BoxedPictures:
    paths = [tmp_path / "1.png", tmp_path / "2.png"]
    for k, path in enumerate(paths):
        Image.new("RGB", (12, 8 + k), (51, 0, 0)).save(path)
    return BoxedPictures("two", paths, BOXES, ["cat", "dog"])


def test_items_have_torchvisions_form(boxed: BoxedPictures) -> None:
    image, target = boxed[0]
    assert (image.shape, image.dtype) == ((3, 8, 12), torch.float32)
    assert_close(image[0], torch.full((8, 12), 0.2))
    assert target["boxes"].tolist() == [[1, 2, 5, 6]]
    types = {key: value.dtype for key, value in target.items() if isinstance(value, torch.Tensor)}
    assert types == {
        "boxes": torch.float32,
        "labels": torch.int64,
        "area": torch.float32,
        "iscrowd": torch.int64,
        "difficult": torch.bool,
    }
    image, target = boxed[-1]
    assert (tuple(image.shape), target["image_id"]) == ((3, 9, 12), 1)
    assert [tuple(target[key].shape) for key in types] == [(0, 4), (0,), (0,), (0,), (0,)]
    with pytest.raises(IndexError):
        boxed[2]


def test_empty_boxes_are_dropped_and_counted(boxed: BoxedPictures) -> None:
    assert [(drop.picture, drop.class_name, drop.corners) for drop in boxed.dropped] == [
        ("1.png", "dog", (3, 3, 3, 3))
    ]
    assert repr(boxed) == "two: 2 pictures, 1 box of 2 classes; 1 box without area dropped"
    assert boxed.count_classes() == {"cat": 1, "dog": 0}
    inside_out = [[Box(1, (5.0, 2.0, 1.0, 6.0), 16.0), Box(1, (1.0, 2.0, float("nan"), 6.0), 1.0)], []]
    assert len(BoxedPictures("none", boxed.pictures, inside_out, ["cat"]).dropped) == 2


def test_a_detector_takes_what_comes_out(boxed: BoxedPictures) -> None:
    from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

    detector = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None, num_classes=3)
    images, targets = zip(boxed[0], boxed[1], strict=True)
    losses = detector.train()(list(images), list(targets))
    assert all(torch.isfinite(loss) for loss in losses.values())


def test_a_flip_moves_picture_and_boxes(boxed: BoxedPictures) -> None:
    pictures = BoxedPictures(
        "flipped", boxed.pictures, BOXES, ["cat", "dog"], transforms=v2.RandomHorizontalFlip(p=1)
    )
    _, target = pictures[0]
    assert target["boxes"].tolist() == [[7, 2, 11, 6]]
    assert type(target["boxes"]) is torch.Tensor
    assert boxed[0][1]["boxes"].tolist() == [[1, 2, 5, 6]]


def test_targets_are_copies_and_sets_can_be_sent_to_workers(boxed: BoxedPictures) -> None:
    boxed[0][1]["boxes"].zero_()
    again = pickle.loads(pickle.dumps(boxed))
    assert again[0][1]["boxes"].tolist() == [[1, 2, 5, 6]]


@pytest.mark.untyped
def test_unequal_numbers_are_refused(boxed: BoxedPictures) -> None:
    with pytest.raises(ValueError, match="odd: got 2 pictures and boxes of 1; give as many"):
        BoxedPictures("odd", boxed.pictures, BOXES[:1], ["cat"])


@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"needs {VARIABLE}")
def test_the_real_blood_cells() -> None:
    try:
        splits = {split: bccd(split) for split in ("train", "val", "trainval", "test")}
    except MissingFileError:
        pytest.skip("BCCD is not on this machine")
    assert [len(pictures) for pictures in splits.values()] == [205, 87, 292, 72]
    assert [len(pictures.dropped) for pictures in splits.values()] == [1, 1, 2, 0]
    assert {drop.corners for drop in splits["trainval"].dropped} == {
        (504, 337, 504, 337),
        (181, 329, 181, 329),
    }
    counts = [splits[split].count_classes() for split in ("trainval", "test")]
    assert {name: sum(count[name] for count in counts) for name in counts[0]} == {
        "Platelets": 361,
        "RBC": 4155 - 2,
        "WBC": 372,
    }
    image, target = splits["test"][0]
    assert tuple(image.shape) == (3, 480, 640)
    assert bool((target["boxes"][:, 2:] > target["boxes"][:, :2]).all())
