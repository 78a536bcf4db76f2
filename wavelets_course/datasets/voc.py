"""Detection sets in the layout of PASCAL VOC: one XML file a picture."""

import os
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from torchvision.datasets import VOCDetection

from .boxed_pictures import Box, BoxedPictures, Transforms
from .download import with_torchvision
from .verification import DamagedFileError, MissingFileError, resolve

VOC_CLASSES = (
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
)
"""Labels 1 to 20 of PASCAL VOC 2007 to 2012."""

BCCD_CLASSES = ("Platelets", "RBC", "WBC")
"""Labels 1 to 3 of the blood cells: platelets, red and white cells."""


def voc_folder(
    folder: str | os.PathLike[str],
    split: str,
    classes: Sequence[str],
    *,
    name: str = "voc_folder",
    from_one: bool = False,
    transforms: Transforms | None = None,
) -> BoxedPictures:
    """Open a folder with ``ImageSets/Main/SPLIT.txt``, ``JPEGImages/*.jpg`` and ``Annotations/*.xml``.

    Every annotation is read now (12,000 take 2 s), so a damaged one is named before training starts.

    Parameters
    ----------
    folder : path
        What holds the three folders.
    split : str
        Name of the list of pictures: ``"train"``, ``"val"``, ``"trainval"``, ``"test"``.
    classes : sequence of str
        Names of labels 1, 2, ...; any other name in an annotation is an error.
    name : str
        For messages.
    from_one : bool
        True where coordinates are numbers of pixels counted from 1, both ends inside, as in PASCAL VOC:
        a box from pixel a to pixel b then spans the edges a - 1 to b. False where they are edges already.
    transforms : callable, optional
        As for `BoxedPictures`.

    Returns
    -------
    BoxedPictures
        Boxes without area (an end not beyond its start, as the file gives them) are dropped and counted.

    Raises
    ------
    MissingFileError
        If a folder, the list, a picture or an annotation is missing.
    DamagedFileError
        If an annotation is no XML, or lacks what it should hold.
    ValueError
        If an object has a name that is not in `classes`.

    References
    ----------
    M. Everingham et al., "The PASCAL Visual Object Classes (VOC) Challenge", IJCV 88, 2010.

    Examples
    --------
    >>> voc_folder("/data/BCCD", "train", BCCD_CLASSES)  # doctest: +SKIP
    voc_folder train: 205 pictures, 2,804 boxes of 3 classes; 1 box without area dropped
    """
    place = Path(folder).expanduser().absolute()
    stems = _listed(name, place, split)
    pictures = [place / "JPEGImages" / f"{stem}.jpg" for stem in stems]
    annotations = [place / "Annotations" / f"{stem}.xml" for stem in stems]
    for files in (pictures, annotations):
        _require(name, files)
    labels = {label: number for number, label in enumerate(classes, start=1)}
    boxes = [_read(name, path, labels, from_one) for path in annotations]
    return BoxedPictures(f"{name} {split}", pictures, boxes, classes, transforms=transforms)


def voc_detection(
    split: str = "trainval",
    root: str | os.PathLike[str] | None = None,
    download: bool = False,
    *,
    year: str = "2007",
    transforms: Transforms | None = None,
) -> BoxedPictures:
    """Open PASCAL VOC: 20 kinds of things in everyday photographs.

    Parameters
    ----------
    split : str
        ``"train"``, ``"val"``, ``"trainval"``, or (2007 only) ``"test"``.
    root : path, optional
        The folder that holds (or will hold) ``VOCdevkit/VOC2007``; `data_folder` by default.
    download : bool
        Let torchvision fetch the archive, check its MD5 and unpack it, if the list is not there.
    year : str
        ``"2007"`` or ``"2012"``.
    transforms : callable, optional
        As for `BoxedPictures`.

    Returns
    -------
    BoxedPictures
        2007: 5,011 pictures in trainval, 4,952 in test. 2012: 11,540 in trainval.

    Raises
    ------
    MissingFileError, DamagedFileError, ValueError
        As for `voc_folder`.
    DownloadError
        If the download fails.

    Examples
    --------
    >>> len(voc_detection("test"))  # doctest: +SKIP
    4952
    """
    if year not in ("2007", "2012"):
        raise ValueError(f"voc_detection: year must be '2007' or '2012', got {year!r}.")
    folder = resolve(root) / "VOCdevkit" / f"VOC{year}"
    if download and not (folder / "ImageSets" / "Main" / f"{split}.txt").exists():
        with with_torchvision("voc_detection", resolve(root)):
            VOCDetection(str(resolve(root)), year=year, image_set=split, download=True)
    return voc_folder(
        folder, split, VOC_CLASSES, name=f"voc_detection {year}", from_one=True, transforms=transforms
    )


def bccd(
    split: str = "train",
    root: str | os.PathLike[str] | None = None,
    *,
    transforms: Transforms | None = None,
) -> BoxedPictures:
    """Open BCCD: 364 microscope pictures of blood, with boxes around red cells, white cells and platelets.

    Small enough to try a detector on a laptop. Two of its 4,888 boxes have no area, one in ``"train"`` and
    one in ``"val"``; they are dropped and counted.

    Parameters
    ----------
    split : str
        ``"train"`` (205 pictures), ``"val"`` (87), ``"trainval"`` (292) or ``"test"`` (72).
    root : path, optional
        The folder that holds ``BCCD/Annotations``; `data_folder` by default.
    transforms : callable, optional
        As for `BoxedPictures`.

    Returns
    -------
    BoxedPictures

    Raises
    ------
    MissingFileError, DamagedFileError, ValueError
        As for `voc_folder`.

    References
    ----------
    Shenggan and co-authors, "BCCD Dataset", https://github.com/Shenggan/BCCD_Dataset (MIT licence).

    Examples
    --------
    >>> bccd("val")  # doctest: +SKIP
    bccd val: 87 pictures, 1,137 boxes of 3 classes; 1 box without area dropped
    """
    folder = resolve(root) / "BCCD"
    if not folder.is_dir():
        raise MissingFileError(
            f"bccd: there is no folder {folder}; copy the folder BCCD of "
            "https://github.com/Shenggan/BCCD_Dataset there, or set WAVELETS_COURSE_DATA to the folder that "
            "has it."
        )
    return voc_folder(folder, split, BCCD_CLASSES, name="bccd", transforms=transforms)


def _listed(name: str, folder: Path, split: str) -> list[str]:
    path = folder / "ImageSets" / "Main" / f"{split}.txt"
    if not path.is_file():
        others = ", ".join(sorted(other.stem for other in path.parent.glob("*.txt") if "_" not in other.stem))
        raise MissingFileError(
            f"{name}: there is no list {path}; expected a folder with ImageSets/Main, JPEGImages and "
            f"Annotations{f'. Its splits are: {others}.' if others else ', as in VOCdevkit/VOC2007.'}"
        )
    return [line.split()[0] for line in path.read_text().splitlines() if line.strip()]


def _require(name: str, files: Sequence[Path]) -> None:
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise MissingFileError(
            f"{name}: {len(missing):,} of {len(files):,} files are missing, the first is {missing[0]}; "
            "unpack the archive again."
        )


def _read(name: str, path: Path, labels: dict[str, int], from_one: bool) -> list[Box]:
    try:
        root = ET.parse(path).getroot()  # noqa: S314
        found = [_object(entry) for entry in root.findall("object")]
    except (ET.ParseError, UnicodeDecodeError, AttributeError, TypeError, ValueError) as error:
        raise DamagedFileError(
            f"{name}: {path} is no annotation in VOC's form ({error}); replace it, or take its "
            "picture off the list."
        ) from error
    strangers = sorted({label for label, _, _ in found} - set(labels))
    if strangers:
        raise ValueError(
            f"{name}: {path} holds an object {strangers[0]!r}; expected one of {len(labels)} classes: "
            f"{', '.join(labels)}. Give the classes of this data set."
        )
    return [_box(labels[label], corners, difficult, from_one) for label, corners, difficult in found]


Corners = tuple[float, float, float, float]


def _object(entry: ET.Element) -> tuple[str, Corners, bool]:
    frame = entry.find("bndbox")
    label = entry.findtext("name")
    if frame is None or not label:
        raise ValueError("an object without name or bndbox")
    left, top, right, bottom = (
        float(frame.findtext(key) or "none") for key in ("xmin", "ymin", "xmax", "ymax")
    )
    return label.strip(), (left, top, right, bottom), (entry.findtext("difficult") or "0").strip() == "1"


def _box(label: int, corners: Corners, difficult: bool, from_one: bool) -> Box:
    left, top, right, bottom = corners
    if from_one and right > left and bottom > top:
        left, top = left - 1, top - 1
    return Box(label, (left, top, right, bottom), (right - left) * (bottom - top), difficult=difficult)
