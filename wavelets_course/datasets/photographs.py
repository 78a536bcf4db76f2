"""Photographs that scikit-image carries inside its package: nothing is ever downloaded."""

import operator
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import interpolate

from .luminance import luminance


@dataclass(frozen=True)
class Photograph:
    """What is known of one embedded picture: what it shows, whose it is, how scikit-image calls it."""

    description: str
    credit: str
    loader: str | None = None


# Each file is part of the scikit-image wheel at 0.24, 0.25 and 0.26. Pictures whose licence
# scikit-image does not state (moon, page) are left out.
PHOTOGRAPHS: dict[str, Photograph] = {
    "astronaut": Photograph(
        "The astronaut Eileen Collins in an orange space suit, smiling, between a flag and a model shuttle.",
        "NASA, public domain",
    ),
    "brick": Photograph(
        "A wall of long grey bricks with pale joints, running nearly straight down the picture.",
        "CC0Textures, CC0",
    ),
    "camera": Photograph(
        "A man in a dark coat bends to look through a camera on a tripod, on a lawn before a pale skyline.",
        "Lav Varshney, CC0",
    ),
    "cell": Photograph(
        "One round bright cell on a dark, faintly banded background, seen through a phase microscope.",
        "Paul Müller and co-authors, CC0",
    ),
    "chelsea": Photograph(
        "Close-up of the face of a ginger tabby cat with green eyes, striped fur and long whiskers.",
        "Stefan van der Walt, CC0",
    ),
    "coffee": Photograph(
        "A red espresso cup on its saucer with a spoon, seen from above on a table of grained wood.",
        "Rachel Michetti, CC0",
    ),
    "coins": Photograph(
        "Twenty-four ancient coins laid in four rows on a dark, unevenly lit background.",
        "Brooklyn Museum, no known copyright restrictions",
    ),
    "grass": Photograph(
        "A lawn from above: thin bright blades of grass in every direction, edge to edge.",
        "linolafett, CC0",
    ),
    "gravel": Photograph(
        "Small angular pebbles of gravel seen from above, edge to edge.",
        "CC0Textures, CC0",
    ),
    "hubble": Photograph(
        "The deep sky: hundreds of small coloured galaxies on black.",
        "NASA and ESA, public domain",
        "hubble_deep_field",
    ),
    "retina": Photograph(
        "The back of a human eye: an orange disk crossed by branching red vessels.",
        "Mikael Häggström, CC0",
    ),
    "rocket": Photograph(
        "A white rocket on its pad between dark lattice towers at dusk, with lights at its foot.",
        "SpaceX, public domain",
    ),
    "tissue": Photograph(
        "Stained tissue under the microscope: brown ring-shaped glands among small blue cells.",
        "Center for Microscopy and Molecular Imaging, no known copyright restrictions",
        "immunohistochemistry",
    ),
}


def photograph_names() -> tuple[str, ...]:
    """List the photographs that `photograph` can load, in alphabetical order.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> photograph_names()[:4]
    ('astronaut', 'brick', 'camera', 'cell')
    """
    return tuple(sorted(PHOTOGRAPHS))


def describe_photograph(name: str) -> str:
    """Say in one sentence what a photograph shows: text for those who cannot see it.

    Parameters
    ----------
    name : str
        One of `photograph_names`.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no photograph of that name.

    Examples
    --------
    >>> describe_photograph("gravel")
    'Small angular pebbles of gravel seen from above, edge to edge.'
    """
    return _look_up("describe_photograph", name).description


def credit_photograph(name: str) -> str:
    """Say whose a photograph is and under which licence it may be used, as scikit-image states it.

    Parameters
    ----------
    name : str
        One of `photograph_names`.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no photograph of that name.

    Examples
    --------
    >>> credit_photograph("camera")
    'Lav Varshney, CC0'
    """
    return _look_up("credit_photograph", name).credit


def photograph(
    name: str = "camera", *, grey: bool = True, size: int | tuple[int, int] | None = None
) -> Float[Tensor, "*channels height width"]:
    """Load an embedded photograph as numbers between 0 (black) and 1 (white).

    Grey is the luminance ``0.2125 R + 0.7154 G + 0.0721 B`` of the stored (gamma-encoded) values,
    as scikit-image computes it.

    Parameters
    ----------
    name : str
        One of `photograph_names`.
    grey : bool
        True for one channel without a channel axis; False for red, green and blue (a photograph that
        is grey to begin with then has three equal channels).
    size : int or (int, int), optional
        Height and width in pixels wanted (one number: a square). The largest centred window of that
        aspect ratio is cut out, then resized with an antialiasing bilinear filter. By default the
        photograph keeps its own size.

    Returns
    -------
    Tensor
        float32, shape ``(height, width)``, or ``(3, height, width)`` if not `grey`.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If there is no photograph of that name, or a size is below 1.

    References
    ----------
    The data of scikit-image, https://scikit-image.org/docs/stable/api/skimage.data.html;
    `credit_photograph` names each author.

    Examples
    --------
    >>> photograph("chelsea").shape
    torch.Size([300, 451])
    >>> photograph("chelsea", grey=False, size=64).shape
    torch.Size([3, 64, 64])
    """
    pixels = _load(name)
    image = luminance(pixels.double() / 255) if grey else pixels.float() / 255
    return image if size is None else _resize(image, size)


def _look_up(operation: str, name: str) -> Photograph:
    if name not in PHOTOGRAPHS:
        raise ValueError(
            f"{operation}: there is no photograph {name!r}; choose one of {', '.join(photograph_names())}."
        )
    return PHOTOGRAPHS[name]


def _load(name: str) -> UInt8[Tensor, "3 height width"]:
    """Read red, green and blue; a grey file is repeated."""
    import skimage.data  # imports in half a second, wanted by few

    entry = _look_up("photograph", name)
    pixels = torch.from_numpy(getattr(skimage.data, entry.loader or name)().copy())
    return pixels.movedim(-1, 0).contiguous() if pixels.ndim == 3 else pixels.expand(3, -1, -1)


def _resize(
    image: Float[Tensor, "*channels height width"], size: int | tuple[int, int]
) -> Float[Tensor, "*channels new_height new_width"]:
    height, width = _sides(size)
    if min(height, width) < 1:
        raise ValueError(f"photograph: size must be at least 1x1, got {height}x{width}.")
    # The largest window with height : width as asked for.
    rows, columns = image.shape[-2:]
    window_rows = min(rows, max(1, round(columns * height / width)))
    window_columns = min(columns, max(1, round(rows * width / height)))
    top, left = (rows - window_rows) // 2, (columns - window_columns) // 2
    window = image[..., top : top + window_rows, left : left + window_columns]
    resized = interpolate(
        window.reshape(1, -1, window_rows, window_columns),
        (height, width),
        mode="bilinear",
        antialias=True,
        align_corners=False,
    )
    return resized.reshape(*image.shape[:-2], height, width)


def _sides(size: object) -> tuple[int, int]:
    """Height and width, from one integer of any kind or from two."""
    sides = size if isinstance(size, (tuple, list)) else (size, size)
    try:
        height, width = map(operator.index, sides)
    except (TypeError, ValueError):
        raise TypeError(
            f"photograph: size must be a whole number or (height, width), got {size!r}; give size=64, say."
        ) from None
    return height, width
