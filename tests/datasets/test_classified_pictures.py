"""Imagenette and ImageNet: labels are the published ones, or the folder is refused."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torchvision.datasets
from PIL import Image

from wavelets_course.datasets import (
    IMAGENETTE_CLASSES,
    DamagedFileError,
    DownloadError,
    MissingFileError,
    classified_pictures,
    imagenet,
    imagenette,
)
from wavelets_course.datasets.place import VARIABLE

Write = Callable[..., Path]
WNIDS = [f"n{number:08d}" for number in range(1000)]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def folders(place: str, names: list[str], each: int = 1) -> Path:
        for k, name in enumerate(names):
            (tmp_path / place / name).mkdir(parents=True)
            for copy in range(each):
                Image.new("RGB", (6, 5), (k % 256, 0, 0)).save(tmp_path / place / name / f"{copy}.JPEG")
        return tmp_path

    return folders


def test_imagenettes_classes_are_torchvisions() -> None:
    theirs = torchvision.datasets.Imagenette._WNID_TO_CLASS
    assert {wnid: names[0] for wnid, names in theirs.items()} == IMAGENETTE_CLASSES
    assert list(IMAGENETTE_CLASSES) == sorted(IMAGENETTE_CLASSES)


def test_imagenette_opens_whole_with_names(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write("imagenette2-160/val", list(IMAGENETTE_CLASSES), each=2)
    monkeypatch.setattr(classified_pictures, "IMAGENETTE_COUNTS", {False: 20})
    pictures = imagenette(train=False, root=root)
    assert (len(pictures), pictures.classes[6], pictures.wnids[6]) == (20, "garbage truck", "n03417042")
    assert tuple(pictures[13][0].shape) == (3, 5, 6)
    assert pictures[13][1] == 6


@pytest.mark.untyped
def test_imagenette_refuses_other_classes_and_counts(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    names = list(IMAGENETTE_CLASSES)
    root = write("imagenette2-160/val", names)
    with pytest.raises(MissingFileError, match=r"holds 10 pictures, 3,925 were published: unpack"):
        imagenette(False, root)
    monkeypatch.setattr(classified_pictures, "IMAGENETTE_COUNTS", {False: 9})
    with pytest.raises(DamagedFileError, match=r"holds 10 pictures, more than the 9 published: remove"):
        imagenette(False, root)
    write("imagenette2-160/val", ["dogs"])
    with pytest.raises(
        ValueError, match=r"expected 10 class folders in .*, found 11; missing: none; foreign: dogs"
    ):
        imagenette(False, root)
    (root / "imagenette2-160/val" / names[0] / "0.JPEG").unlink()
    (root / "imagenette2-160/val" / names[0]).rmdir()
    with pytest.raises(ValueError, match=r"found 10; missing: n01440764; foreign: dogs.*restore or remove"):
        imagenette(False, root)


@pytest.mark.untyped
def test_imagenette_says_where_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        MissingFileError, match=r"no folder .*imagenette2/train; .*size='full', download=True\)"
    ):
        imagenette(root=tmp_path, size="full")
    with pytest.raises(MissingFileError, match=r"subset/train; copy it, or set WAVELETS_COURSE_DATA"):
        imagenette(root=tmp_path, size="224px-subset", download=True)
    with pytest.raises(ValueError, match="size must be one of full, 320px, 160px, 224px-subset; got 'small'"):
        imagenette(root=tmp_path, size="small")  # type: ignore[arg-type]


@pytest.mark.untyped
def test_imagenette_downloads_only_when_asked(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []

    def fake(root: str, part: str, size: str, download: bool) -> None:
        asked.append((root, part, size, download))
        if len(asked) == 1:
            raise RuntimeError("no route to host.")
        write("new/imagenette2-160/train", list(IMAGENETTE_CLASSES), each=1)

    monkeypatch.setattr(classified_pictures, "Imagenette", fake)
    monkeypatch.setattr(classified_pictures, "IMAGENETTE_COUNTS", {True: 10})
    with pytest.raises(
        DownloadError, match=r"imagenette: the download into .*new failed: no route to host\. Che"
    ):
        imagenette(root=tmp_path / "new", download=True)
    assert len(imagenette(root=tmp_path / "new", download=True)) == 10
    assert len(imagenette(root=tmp_path / "new", download=True)) == 10
    assert asked == [(str(tmp_path / "new"), "train", "160px", True)] * 2


def test_imagenet_opens_with_a_thousand_names(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write("imagenet/val", WNIDS)
    monkeypatch.setattr(classified_pictures, "IMAGENET_COUNTS", {False: 1000})
    pictures = imagenet(train=False, root=root)
    assert (len(pictures.classes), pictures.classes[0], pictures.classes[-1]) == (
        1000,
        "tench",
        "toilet tissue",
    )
    assert pictures.wnids == WNIDS
    monkeypatch.setattr(classified_pictures, "IMAGENET_COUNTS", {False: 50_000})
    with pytest.raises(MissingFileError, match="holds 1,000 pictures, 50,000 were published"):
        imagenet(train=False, root=root)


@pytest.mark.untyped
def test_imagenet_in_part_flat_or_absent(write: Write, tmp_path: Path) -> None:
    with pytest.raises(
        MissingFileError, match=r"no folder .*imagenet/train; torchvision.datasets.ImageNet\("
    ):
        imagenet(root=tmp_path)
    root = write("imagenet/train", WNIDS[:7])
    with pytest.raises(ValueError, match=r"expected 1000 class folders in .*train, found 7.*with classes=7"):
        imagenet(root=root)
    assert imagenet(root=root, classes=7).classes == WNIDS[:7]
    assert len(imagenet(root=root, classes=None)) == 7
    (tmp_path / "imagenet/val").mkdir()
    Image.new("RGB", (6, 5)).save(tmp_path / "imagenet/val/ILSVRC2012_val_00000001.JPEG")
    with pytest.raises(MissingFileError, match=r"imagenet: .*unpacks the archives into it"):
        imagenet(train=False, root=root)


@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"needs {VARIABLE}")
def test_the_real_subset_opens_whole() -> None:
    try:
        pictures = imagenette(size="224px-subset", transform=None)
    except MissingFileError:
        pytest.skip("the subset is not on this machine")
    assert len(pictures) == 800
    assert [pictures.targets.count(label) for label in range(10)] == [80] * 10
    assert {pictures[k][0].mode for k in range(0, 800, 50)} == {"RGB"}
