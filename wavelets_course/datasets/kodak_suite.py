"""Photographs of the Kodak suite, on which the literature compares reconstructions."""

import os

from jaxtyping import Float
from PIL import Image
from torch import Tensor

from .download import fetch
from .known_files import data_set
from .luminance import luminance
from .torchvision_sets import as_tensor
from .verification import verify


def kodak(
    root: str | os.PathLike[str] | None = None, download: bool = False, *, grey: bool = True
) -> tuple[Float[Tensor, "*channels height width"], ...]:
    """Load the first twelve photographs of the Kodak lossless true colour image suite.

    Every file is compared with its SHA-256 first; one that differs is not read.

    Parameters
    ----------
    root : path, optional
        The folder that holds (or will hold) ``kodak/kodim01.png`` to ``kodim12.png``; `data_folder` by
        default.
    download : bool
        Fetch what is missing or damaged first (7.6 MB). Nothing is downloaded unless this is set.
    grey : bool
        True for the luminance, as `photograph` takes it; False for red, green and blue.

    Returns
    -------
    tuple of Tensor
        Twelve images between 0 and 1, float32, ``(512, 768)`` or ``(768, 512)``, or three channels of it.

    Raises
    ------
    MissingFileError
        If files are missing, with the command that fetches them.
    DamagedFileError
        If a file is not what was published.
    DownloadError
        If the download fails.

    References
    ----------
    Eastman Kodak Company, PhotoCD PCD0992, https://r0k.us/graphics/kodak/.

    Examples
    --------
    >>> kodak()[0].shape  # doctest: +SKIP
    torch.Size([512, 768])
    """
    folder = fetch("kodak", root) if download else verify("kodak", root)
    images = []
    for file in data_set("kodak").files:
        with Image.open(folder / file.path) as picture:
            pixels = as_tensor(picture)
        images.append(luminance(pixels) if grey else pixels)
    return tuple(images)
