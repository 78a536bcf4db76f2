"""PASCAL VOC's layout: boxes where the annotations say, errors that name the file."""

from pathlib import Path

import pytest
from PIL import Image
from torchvision.datasets import VOCDetection

from wavelets_course.datasets import (
    VOC_CLASSES,
    DamagedFileError,
    DownloadError,
    MissingFileError,
    bccd,
    voc,
    voc_detection,
    voc_folder,
)

OBJECT = """<object><name>{name}</name><difficult>{difficult}</difficult><bndbox>
<xmin>{box[0]}</xmin><ymin>{box[1]}</ymin><xmax>{box[2]}</xmax><ymax>{box[3]}</ymax></bndbox>{part}</object>"""
PART = (
    "<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>"
)


@pytest.fixture
def devkit(tmp_path: Path) -> Path:
    """Three pictures in VOC 2007's folders; the last one has no object."""
    home = tmp_path / "VOCdevkit" / "VOC2007"
    for folder in ("ImageSets/Main", "JPEGImages", "Annotations"):
        (home / folder).mkdir(parents=True)
    objects = {
        "000005": [("chair", 0, (263, 211, 324, 339), ""), ("person", 1, ("1.5", 1, 100, 120), PART)],
        "000007": [("car", 0, (141, 50, 500, 330), ""), ("car", 0, (9, 9, 9, 30), "")],
        "000009": [],
    }
    for stem, row in objects.items():
        Image.new("RGB", (500, 375)).save(home / "JPEGImages" / f"{stem}.jpg")
        text = "".join(OBJECT.format(name=n, difficult=d, box=b, part=p) for n, d, b, p in row)
        (home / "Annotations" / f"{stem}.xml").write_text(
            f"<annotation><folder>VOC2007</folder>{text}</annotation>"
        )
    (home / "ImageSets/Main/trainval.txt").write_text("000005\n000007\n000009\n")
    (home / "ImageSets/Main/test.txt").write_text("000007  1\n\n")
    return home


def test_boxes_are_edges_of_pixels_counted_from_one(devkit: Path) -> None:
    pictures = voc_detection("trainval", devkit.parents[1])
    target = pictures[0][1]
    assert target["boxes"].tolist() == [[262, 210, 324, 339], [0.5, 0, 100, 120]]
    assert [VOC_CLASSES[label - 1] for label in target["labels"]] == ["chair", "person"]
    assert target["difficult"].tolist() == [False, True]
    assert target["area"].tolist() == [62 * 129, 99.5 * 120]
    assert tuple(pictures[2][1]["boxes"].shape) == (0, 4)
    assert repr(pictures).endswith("3 pictures, 3 boxes of 20 classes; 1 box without area dropped")
    raw = voc_folder(devkit, "test", ["car"])
    assert raw[0][1]["boxes"].tolist() == [[141, 50, 500, 330]]


def test_same_objects_as_torchvisions_reader(devkit: Path) -> None:
    theirs = VOCDetection(str(devkit.parents[1]), year="2007", image_set="trainval")
    ours = voc_detection("trainval", devkit.parents[1])
    for k in range(3):
        names = [entry["name"] for entry in theirs[k][1]["annotation"]["object"]]
        found = [VOC_CLASSES[label - 1] for label in ours[k][1]["labels"]]
        assert found + [drop.class_name for drop in ours.dropped] * (k == 1) == names


@pytest.mark.untyped
def test_what_is_missing_is_named(devkit: Path, tmp_path: Path) -> None:
    with pytest.raises(
        MissingFileError, match=r"no list .*VOC2012/ImageSets/Main/train.txt; .*as in VOCdevkit"
    ):
        voc_detection("train", tmp_path, year="2012")
    with pytest.raises(MissingFileError, match=r"Its splits are: test, trainval\."):
        voc_detection("val", tmp_path)
    with pytest.raises(MissingFileError, match=r"bccd: there is no folder .*BCCD; copy the folder"):
        bccd(root=tmp_path)
    (devkit / "JPEGImages/000007.jpg").unlink()
    with pytest.raises(
        MissingFileError, match=r"1 of 3 files are missing, the first is .*000007\.jpg; unpack"
    ):
        voc_detection("trainval", tmp_path)
    with pytest.raises(ValueError, match="year must be '2007' or '2012', got '2010'"):
        voc_detection(year="2010")


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<annotation><object>", "no element found"),
        ("", "no element found"),
        ("<annotation><object><name>car</name></object></annotation>", "an object without name or"),
        (OBJECT.format(name="car", difficult=0, box=("x", 1, 2, 3), part=""), "could not convert"),
        (OBJECT.format(name="", difficult=0, box=(1, 1, 2, 3), part=""), "an object without name or"),
    ],
)
def test_a_damaged_annotation_is_named_at_once(text: str, said: str, devkit: Path) -> None:
    wrapped = f"<annotation>{text}</annotation>" if text.startswith("<object>") else text
    (devkit / "Annotations/000007.xml").write_text(wrapped)
    with pytest.raises(
        DamagedFileError, match=rf"000007\.xml is no annotation in VOC's form \({said}.*; replace it"
    ):
        voc_detection("trainval", devkit.parents[1])


@pytest.mark.untyped
def test_a_strange_class_is_refused(devkit: Path) -> None:
    with pytest.raises(
        ValueError, match=r"holds an object 'chair'; expected one of 1 classes: car. Give the"
    ):
        voc_folder(devkit, "trainval", ["car"])


@pytest.mark.untyped
def test_a_damaged_picture_is_named_when_read(devkit: Path) -> None:
    (devkit / "JPEGImages/000005.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(DamagedFileError, match=r"000005\.jpg cannot be read to its end"):
        voc_detection("trainval", devkit.parents[1])[0]


@pytest.mark.untyped
def test_download_goes_through_torchvision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(root: str, year: str, image_set: str, download: bool) -> None:
        raise RuntimeError(f"{year} {image_set} not found")

    monkeypatch.setattr(voc, "VOCDetection", fail)
    with pytest.raises(
        DownloadError, match=r"voc_detection: the download .* failed: 2007 test not found\. C"
    ):
        voc_detection("test", tmp_path, download=True)
