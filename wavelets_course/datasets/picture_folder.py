"""A folder of pictures on disk, one subfolder for each class."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torchvision.datasets import ImageFolder
from torchvision.datasets.folder import pil_loader

from .torchvision_sets import as_tensor
from .verification import DamagedFileError, MissingFileError

_LAYOUT = "expected one subfolder for each class with pictures in it, such as {folder}/cats/1.jpg"


def image_folder(
    root: str | os.PathLike[str],
    transform: Callable[[Any], Any] | None = as_tensor,
    target_transform: Callable[[Any], Any] | None = None,
) -> ImageFolder:
    """Open a folder of pictures: each subfolder is a class, named after it, in alphabetical order.

    Parameters
    ----------
    root : path
        The folder whose subfolders are the classes. For one that lies among the other data sets write
        ``image_folder(data_folder() / "imagenette2" / "train")``.
    transform : callable, optional
        Applied to each RGB picture; by default `as_tensor`, float32 in [0, 1] and shape
        ``(3, height, width)``, each picture with its own size.
    target_transform : callable, optional
        Applied to each label, an int.

    Returns
    -------
    torchvision.datasets.ImageFolder
        Pairs of picture and label; `.classes` names the labels. Pictures are read when asked for; one
        that is truncated or is no picture then raises `DamagedFileError` with its path.

    Raises
    ------
    MissingFileError
        If there is no such folder, or a class has no pictures.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("cats", "dogs"):
    ...         Path(folder, name).mkdir()
    ...         Image.new("L", (6, 4)).save(Path(folder, name, "1.png"))
    ...     pictures = image_folder(folder)
    ...     pictures.classes, pictures[1][0].shape
    (['cats', 'dogs'], torch.Size([3, 4, 6]))
    """
    folder = Path(root).expanduser().absolute()
    layout = _LAYOUT.format(folder=folder)
    if not folder.is_dir():
        raise MissingFileError(f"image_folder: there is no folder {folder}; {layout}.")
    try:
        return ImageFolder(str(folder), transform, target_transform, loader=read_colour)
    except FileNotFoundError as error:
        raise MissingFileError(f"image_folder: {str(error).splitlines()[0]} {layout}.") from error


def read_colour(path: str) -> Any:
    """Read a picture whole and in colour, or name the file that cannot be."""
    try:
        return pil_loader(path)
    except (FileNotFoundError, PermissionError):
        raise  # these name the path and the reason themselves
    except (OSError, SyntaxError, EOFError) as error:  # what Pillow raises, by format
        raise DamagedFileError(
            f"image_folder: {path} cannot be read to its end as a picture ({error}). Replace it or delete it."
        ) from error
