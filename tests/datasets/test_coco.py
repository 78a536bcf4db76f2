"""COCO's format: boxes and categories as the file gives them, errors that name it."""

import builtins
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from torchvision.datasets import CocoDetection, wrap_dataset_for_transforms_v2

from wavelets_course.datasets import DamagedFileError, MissingFileError, coco_detection, coco_folder

ENTRY = {"id": 1, "image_id": 139, "category_id": 18, "bbox": [2.5, 3, 4, 5], "area": 11.5, "iscrowd": 0}


@pytest.fixture
def tables() -> dict[str, Any]:
    return {
        "images": [
            {"id": 285, "file_name": "b.jpg", "height": 20, "width": 30},
            {"id": 139, "file_name": "a.jpg", "height": 20, "width": 30},
            {"id": 632, "file_name": "c.jpg", "height": 20, "width": 30},
        ],
        "annotations": [
            ENTRY,
            ENTRY | {"id": 2, "category_id": 90, "bbox": [0, 0, 30, 20], "iscrowd": 1},
            ENTRY | {"id": 3, "image_id": 285, "bbox": [7, 7, 0, 3]},
        ],
        "categories": [{"id": 90, "name": "toothbrush"}, {"id": 18, "name": "dog"}],
    }


@pytest.fixture
def home(tmp_path: Path, tables: dict[str, Any]) -> Path:
    (tmp_path / "coco/val2017").mkdir(parents=True)
    (tmp_path / "coco/annotations").mkdir()
    for name in "abc":
        Image.new("RGB", (30, 20)).save(tmp_path / f"coco/val2017/{name}.jpg")
    return write(tmp_path, tables)


def write(root: Path, content: Any) -> Path:
    (root / "coco/annotations/instances_val2017.json").write_text(
        content if isinstance(content, str) else json.dumps(content)
    )
    return root


def open_small(root: Path, **settings: Any) -> Any:
    return coco_folder(root / "coco/val2017", root / "coco/annotations/instances_val2017.json", **settings)


def test_boxes_labels_and_ids(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = open_small(home)
    assert capsys.readouterr().out == ""
    assert (pictures.classes, pictures.category_ids) == (("dog", "toothbrush"), (18, 90))
    image, target = pictures[0]
    assert (tuple(image.shape), target["image_id"]) == ((3, 20, 30), 139)
    assert target["boxes"].tolist() == [[2.5, 3, 6.5, 8], [0, 0, 30, 20]]
    assert (target["labels"].tolist(), target["iscrowd"].tolist()) == ([1, 2], [0, 1])
    assert target["area"].tolist() == [11.5, 11.5]
    assert repr(pictures) == "coco_folder: 3 pictures, 2 boxes of 2 classes; 1 box without area dropped"


def test_same_boxes_as_torchvisions_wrapper(home: Path) -> None:
    file = str(home / "coco/annotations/instances_val2017.json")
    theirs = wrap_dataset_for_transforms_v2(
        CocoDetection(str(home / "coco/val2017"), file), target_keys=("boxes", "labels", "image_id")
    )
    ours, (_, wrapped) = open_small(home)[0][1], theirs[0]
    assert ours["boxes"].tolist() == wrapped["boxes"].tolist()
    assert [(18, 90)[label - 1] for label in ours["labels"]] == wrapped["labels"].tolist()
    assert ours["image_id"] == wrapped["image_id"]


@pytest.mark.untyped
def test_the_real_one_needs_eighty_classes(home: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"coco_detection: expected 80 categories in .*val2017.json, found 2"
    ):
        coco_detection(train=False, root=home)
    with pytest.raises(MissingFileError, match=r"no folder of pictures .*train2017; unpack"):
        coco_detection(root=home)
    with pytest.raises(MissingFileError, match=r"unpack train2014.zip and annotations_trainval2014.zip of"):
        coco_detection(root=tmp_path / "nowhere", year="2014")


@pytest.mark.untyped
def test_what_is_missing_is_named(home: Path) -> None:
    (home / "coco/val2017/b.jpg").unlink()
    with pytest.raises(MissingFileError, match=r"1 of 3 pictures are missing, the first is .*b\.jpg; unpack"):
        open_small(home)
    (home / "coco/annotations/instances_val2017.json").unlink()
    with pytest.raises(MissingFileError, match=r"no file .*instances_val2017\.json; unpack the archive of"):
        open_small(home)


@pytest.mark.untyped
@pytest.mark.parametrize(
    "content",
    ["", '{"images": [', "[]", "{}", '{"images": [{"id": 1}], "categories": [{"id": 1}], "annotations": []}'],
)
def test_a_damaged_file_is_named(content: str, home: Path) -> None:
    with pytest.raises(
        (DamagedFileError), match=r"instances_val2017\.json is not in COCO's format \(.*download it"
    ):
        open_small(write(home, content))


@pytest.mark.untyped
@pytest.mark.parametrize("change", [{"bbox": [1, 2, 3]}, {"category_id": 5}, {"bbox": None}])
def test_a_damaged_entry_is_refused(change: dict[str, Any], home: Path, tables: dict[str, Any]) -> None:
    tables["annotations"][0].update(change)
    with pytest.raises(DamagedFileError, match="is not in COCO's format"):
        open_small(write(home, tables))


@pytest.mark.untyped
def test_without_pycocotools_it_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.startswith("pycocotools"):
            raise ModuleNotFoundError("No module named 'pycocotools'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(
        ImportError, match=r"is not installed; run: pip install 'wavelets-course\[training\]'"
    ):
        open_small(home)
