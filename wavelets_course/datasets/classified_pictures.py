"""Imagenette and ImageNet: folders of photographs whose classes are known beforehand."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeAlias

from torchvision.datasets import ImageFolder, Imagenette
from torchvision.models import ResNet18_Weights

from .download import with_torchvision
from .picture_folder import image_folder
from .torchvision_sets import as_tensor
from .verification import DamagedFileError, MissingFileError, resolve

Size: TypeAlias = Literal["full", "320px", "160px", "224px-subset"]
Transform: TypeAlias = Callable[[Any], Any]

IMAGENETTE_CLASSES = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}
"""WordNet's number of each class, and a name; labels count them in this order."""

IMAGENETTE_FOLDERS: dict[str, str] = {
    "full": "imagenette2",
    "320px": "imagenette2-320",
    "160px": "imagenette2-160",
    "224px-subset": "imagenette2-224-subset",
}
IMAGENETTE_COUNTS = {True: 9_469, False: 3_925}
SUBSET_COUNTS = {True: 800, False: 200}
IMAGENET_COUNTS = {True: 1_281_167, False: 50_000}


def imagenette(
    train: bool = True,
    root: str | os.PathLike[str] | None = None,
    download: bool = False,
    transform: Transform | None = as_tensor,
    target_transform: Transform | None = None,
    *,
    size: Size = "160px",
) -> ImageFolder:
    """Open Imagenette: photographs of ten easily told classes of ImageNet.

    Parameters
    ----------
    train : bool
        True for the 9,469 training photographs, False for the 3,925 of the validation set.
    root : path, optional
        The folder that holds (or will hold) ``imagenette2-160/train`` and ``val``; `data_folder` by default.
    download : bool
        Let torchvision fetch the archive, check its MD5 and unpack it, if the folder is not there.
    transform, target_transform : callable, optional
        As for `image_folder`: by default float32 in [0, 1], ``(3, height, width)``, each its own size.
    size : str
        ``"full"``; ``"320px"`` or ``"160px"``, the shorter side; or ``"224px-subset"``, 80 + 20 photographs
        a class of 224 x 224 pixels, which some machines have for experiments.

    Returns
    -------
    torchvision.datasets.ImageFolder
        Pairs of picture and label; `.classes` holds names, `.wnids` WordNet's numbers.

    Raises
    ------
    MissingFileError
        If the folder, a class or pictures are missing.
    ValueError
        If there are folders of other classes, or no such size.
    DownloadError
        If the download fails.

    References
    ----------
    J. Howard, "Imagenette", https://github.com/fastai/imagenette (lists: Apache 2.0; photographs:
    ImageNet's terms).

    Examples
    --------
    >>> imagenette(train=False).classes[0]  # doctest: +SKIP
    'tench'
    """
    if size not in IMAGENETTE_FOLDERS:
        raise ValueError(f"imagenette: size must be one of {', '.join(IMAGENETTE_FOLDERS)}; got {size!r}.")
    folder = resolve(root) / IMAGENETTE_FOLDERS[size]
    part = "train" if train else "val"
    if download and size != "224px-subset" and not folder.exists():
        with with_torchvision("imagenette", folder.parent):
            Imagenette(str(folder.parent), part, size, download=True)
    if not (folder / part).is_dir():
        way_out = (
            f"imagenette(size={size!r}, download=True) fetches it" if size != "224px-subset" else "copy it"
        )
        raise MissingFileError(
            f"imagenette: there is no folder {folder / part}; {way_out}, "
            "or set WAVELETS_COURSE_DATA to the folder that has it."
        )
    pictures = image_folder(folder / part, transform, target_transform)
    check_class_folders("imagenette", pictures, tuple(IMAGENETTE_CLASSES))
    counts = SUBSET_COUNTS if size == "224px-subset" else IMAGENETTE_COUNTS
    _check_count("imagenette", pictures, counts[train], folder)
    return _named(pictures, tuple(IMAGENETTE_CLASSES.values()))


def imagenet(
    train: bool = True,
    root: str | os.PathLike[str] | None = None,
    transform: Transform | None = as_tensor,
    target_transform: Transform | None = None,
    *,
    classes: int | None = 1000,
) -> ImageFolder:
    """Open ImageNet (ILSVRC 2012): 1,281,167 photographs to train on, 50,000 to validate, 1,000 classes.

    It cannot be downloaded freely. ``torchvision.datasets.ImageNet(folder, "train")``, then ``"val"``,
    unpacks the three archives that its owners hand out into the layout that is read here.

    Parameters
    ----------
    train : bool
        True for the training photographs, False for the validation set.
    root : path, optional
        The folder that holds ``imagenet/train/n01440764/...`` and ``imagenet/val/n01440764/...``;
        `data_folder` by default.
    transform, target_transform : callable, optional
        As for `image_folder`.
    classes : int, optional
        How many class folders must be there. With 1000 also the numbers of photographs are checked, and
        labels are those of all published weights. Another number, or None for any, opens a part of
        ImageNet, its labels counted among the classes that are there.

    Returns
    -------
    torchvision.datasets.ImageFolder
        Pairs of picture and label; `.wnids` holds WordNet's numbers, `.classes` the names of the thousand
        (of a part, the numbers).

    Raises
    ------
    MissingFileError
        If there is no such folder, if classes lack pictures, or if some pictures are missing.
    ValueError
        If the number of classes is another.

    References
    ----------
    O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 115, 2015.

    Examples
    --------
    >>> imagenet(train=False).classes[:2]  # doctest: +SKIP
    ['tench', 'goldfish']
    """
    home = resolve(root) / "imagenet"
    folder = home / ("train" if train else "val")
    unpack = f"torchvision.datasets.ImageNet({str(home)!r}, {folder.name!r}) unpacks the archives into it"
    if not folder.is_dir():
        raise MissingFileError(f"imagenet: there is no folder {folder}; {unpack}.")
    try:
        pictures = image_folder(folder, transform, target_transform)
    except MissingFileError as error:
        raise MissingFileError(f"imagenet: {str(error).removeprefix('image_folder: ')} {unpack}.") from error
    found = len(pictures.classes)
    if classes is not None and found != classes:
        raise ValueError(
            f"imagenet: expected {classes} class folders in {folder}, found {found}; "
            f"{unpack}, or open a part of ImageNet with classes={found}."
        )
    if classes != 1000:
        return _named(pictures, tuple(pictures.classes))
    _check_count("imagenet", pictures, IMAGENET_COUNTS[train], folder)
    return _named(pictures, tuple(ResNet18_Weights.IMAGENET1K_V1.meta["categories"]))


def check_class_folders(operation: str, pictures: ImageFolder, expected: tuple[str, ...]) -> None:
    """Refuse folders that are not exactly the classes expected: every label would shift.

    Parameters
    ----------
    operation : str
        Who asks, for the message.
    pictures : ImageFolder
        What was opened.
    expected : tuple of str
        Names of the class folders, sorted.

    Raises
    ------
    ValueError
        Naming what is missing and what is foreign.
    """
    missing = sorted(set(expected) - set(pictures.classes))
    foreign = sorted(set(pictures.classes) - set(expected))
    if missing or foreign:
        raise ValueError(
            f"{operation}: expected {len(expected)} class folders in {pictures.root}, found "
            f"{len(pictures.classes)}; missing: {_some(missing)}; foreign: {_some(foreign)}. Labels count "
            "the folders in alphabetical order, so each would be wrong: restore or remove these folders."
        )


def _check_count(operation: str, pictures: ImageFolder, expected: int, folder: Path) -> None:
    if len(pictures) < expected:
        raise MissingFileError(
            f"{operation}: {folder} holds {len(pictures):,} pictures, {expected:,} were published: unpack "
            "the archive again, or open what is there with image_folder."
        )
    if len(pictures) > expected:
        raise DamagedFileError(
            f"{operation}: {folder} holds {len(pictures):,} pictures, more than the {expected:,} published: "
            "remove what was added, or open the folder with image_folder."
        )


def _some(names: list[str]) -> str:
    return (", ".join(names[:3]) + (", ..." if len(names) > 3 else "")) or "none"


def _named(pictures: ImageFolder, names: tuple[str, ...]) -> ImageFolder:
    pictures.wnids, pictures.classes = pictures.classes, list(names)
    return pictures
