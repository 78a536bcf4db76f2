"""Detection sets in COCO's format: one JSON file for all pictures, read by pycocotools."""

import contextlib
import io
import os
from pathlib import Path
from typing import Any

from torchvision.datasets import CocoDetection

from .boxed_pictures import Box, BoxedPictures, Transforms
from .verification import DamagedFileError, MissingFileError, resolve

COCO_CLASS_COUNT = 80


def coco_folder(
    pictures: str | os.PathLike[str],
    annotations: str | os.PathLike[str],
    *,
    name: str = "coco_folder",
    classes: int | None = None,
    transforms: Transforms | None = None,
) -> BoxedPictures:
    """Open pictures with boxes in COCO's format, through torchvision's ``CocoDetection``.

    COCO numbers its categories with gaps (1 to 90 for 80 classes); labels here count them from 1 in the order
    of those numbers, as a detector with ``classes + 1`` outputs needs them. `category_ids` of the result
    leads back: label ``k`` is category ``category_ids[k - 1]``.

    Parameters
    ----------
    pictures : path
        Folder of the pictures.
    annotations : path
        The JSON file: ``images``, ``annotations`` (``bbox``: left, top, width, height) and ``categories``.
    name : str
        For messages.
    classes : int, optional
        How many categories there must be; any number by default.
    transforms : callable, optional
        As for `BoxedPictures`.

    Returns
    -------
    BoxedPictures
        Pictures in the order of their ids. Boxes without area are dropped and counted; crowds are kept,
        with ``iscrowd`` 1. ``area`` is that of the segment where the file gives it, as COCO evaluates.

    Raises
    ------
    MissingFileError
        If the folder, the file or a picture is missing.
    DamagedFileError
        If the file is not what COCO's format asks for.
    ValueError
        If the number of classes is another.
    ImportError
        If pycocotools is not installed.

    References
    ----------
    T.-Y. Lin et al., "Microsoft COCO: common objects in context", ECCV 2014.

    Examples
    --------
    >>> coco_folder("/data/mine", "/data/mine.json")  # doctest: +SKIP
    coco_folder: 2 pictures, 3 boxes of 2 classes
    """
    folder, file = (Path(path).expanduser().absolute() for path in (pictures, annotations))
    if not folder.is_dir():
        raise MissingFileError(f"{name}: there is no folder of pictures {folder}; unpack the archive there.")
    if not file.is_file():
        raise MissingFileError(f"{name}: there is no file {file}; unpack the archive of annotations.")
    opened, categories = _open(name, folder, file)
    if classes is not None and len(categories) != classes:
        raise ValueError(
            f"{name}: expected {classes} categories in {file}, found {len(categories)}; "
            "take the file that belongs to these pictures, or give classes=None."
        )
    labels = {number: label for label, number in enumerate(categories, start=1)}
    try:
        boxes = [[_box(entry, labels) for entry in opened.coco.imgToAnns[key]] for key in opened.ids]
        paths = [folder / opened.coco.imgs[key]["file_name"] for key in opened.ids]
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedFileError(_not_coco(name, file, error)) from error
    _require(name, folder, paths)
    return BoxedPictures(
        name, paths, boxes, tuple(categories.values()), opened.ids, transforms, tuple(categories)
    )


def coco_detection(
    train: bool = True,
    root: str | os.PathLike[str] | None = None,
    *,
    year: str = "2017",
    transforms: Transforms | None = None,
) -> BoxedPictures:
    """Open COCO: 80 kinds of things, 118,287 pictures to train on and 5,000 to validate (2017).

    Parameters
    ----------
    train : bool
        True for the training pictures, False for the validation set.
    root : path, optional
        The folder that holds ``coco/train2017``, ``coco/val2017`` and
        ``coco/annotations/instances_train2017.json``; `data_folder` by default.
    year : str
        ``"2017"`` or ``"2014"``.
    transforms : callable, optional
        As for `BoxedPictures`.

    Returns
    -------
    BoxedPictures

    Raises
    ------
    MissingFileError, DamagedFileError, ValueError, ImportError
        As for `coco_folder`.

    Examples
    --------
    >>> len(coco_detection(train=False))  # doctest: +SKIP
    5000
    """
    home, part = resolve(root) / "coco", f"{'train' if train else 'val'}{year}"
    if not home.is_dir():
        raise MissingFileError(
            f"coco_detection: there is no folder {home}; unpack {part}.zip "
            f"and annotations_trainval{year}.zip of "
            "https://cocodataset.org there, or set WAVELETS_COURSE_DATA to the folder that has it."
        )
    return coco_folder(
        home / part,
        home / "annotations" / f"instances_{part}.json",
        name="coco_detection",
        classes=COCO_CLASS_COUNT,
        transforms=transforms,
    )


def _open(name: str, folder: Path, file: Path) -> tuple[Any, dict[int, str]]:
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its progress by print
            opened = CocoDetection(str(folder), str(file))
        if not (opened.coco.cats and opened.coco.imgs):
            raise ValueError("no images or no categories")
        categories = dict(sorted((number, entry["name"]) for number, entry in opened.coco.cats.items()))
    except ModuleNotFoundError as error:
        raise ImportError(
            f"{name}: pycocotools reads this format and is not installed; "
            "run: pip install 'wavelets-course[training]'."
        ) from error
    except (AssertionError, KeyError, TypeError, ValueError) as error:  # JSONDecodeError is a ValueError
        raise DamagedFileError(_not_coco(name, file, error)) from error
    return opened, categories


def _not_coco(name: str, file: Path, error: Exception) -> str:
    return f"{name}: {file} is not in COCO's format ({type(error).__name__}: {error}); download it again."


def _box(entry: dict[str, Any], labels: dict[int, int]) -> Box:
    left, top, width, height = (float(value) for value in entry["bbox"])
    area = float(entry.get("area", width * height))
    corners = (left, top, left + width, top + height)
    return Box(labels[entry["category_id"]], corners, area, crowd=bool(entry.get("iscrowd", 0)))


def _require(name: str, folder: Path, paths: list[Path]) -> None:
    there = {entry.name for entry in os.scandir(folder)}
    missing = [path for path in paths if path.parent != folder and not path.is_file()]
    missing += [path for path in paths if path.parent == folder and path.name not in there]
    if missing:
        raise MissingFileError(
            f"{name}: {len(missing):,} of {len(paths):,} pictures are missing, the first is {missing[0]}; "
            "unpack the archive again."
        )
