"""Wavelet coefficients of images: how they are named, ordered, counted, exchanged and selected."""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Inexact
from numpy.typing import NDArray
from torch import Tensor

from ..filters.whole import whole

ARRAYS = "torch.from_numpy(array) makes a tensor of a NumPy array"


class Detail2d(NamedTuple):
    """The three detail bands of one scale, each ``(*batch, rows, columns)``.

    Attributes
    ----------
    horizontal
        Low-pass along x, high-pass along y: answers horizontal lines. PyWavelets' ``cH``.
    vertical
        High-pass along x, low-pass along y: answers vertical lines. PyWavelets' ``cV``.
    diagonal
        High-pass along both: answers corners and textures. PyWavelets' ``cD``.

    Examples
    --------
    One bright row is seen by ``horizontal`` alone:

    >>> import torch
    >>> from wavelets_course.transforms import wavedec2
    >>> image = torch.zeros(4, 4)
    >>> image[1] = 1
    >>> [round(float(band.abs().sum())) for band in wavedec2(image, "haar", J=1).details[0]]
    [2, 0, 0]
    """

    horizontal: Tensor
    vertical: Tensor
    diagonal: Tensor


class Pyramid2d(NamedTuple):
    """The wavelet coefficients of an image (or a batch of images).

    Attributes
    ----------
    approx
        The coarsest low-pass band ``(*batch, rows, columns)``.
    details
        One `Detail2d` a scale; ``details[0]`` is the finest, ``details[-1]`` the coarsest.
        PyWavelets orders them the other way round: see `to_pywt`.
    shape
        Height and width of the image that was analysed, so that `waverec2` returns exactly that size.
        None where it is unknown: the result may then be one row or column larger.
    """

    approx: Tensor
    details: tuple[Detail2d, ...]
    shape: tuple[int, int] | None = None


def coefficient_count(pyramid: Pyramid2d) -> int:
    """Count the coefficients of one image.

    Parameters
    ----------
    pyramid : Pyramid2d
        Leading batch dimensions are not counted.

    Returns
    -------
    int
        Equal to the number of pixels when ``2^J`` divides both sides (Haar); more otherwise.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.transforms import wavedec2
    >>> coefficient_count(wavedec2(torch.zeros(32, 32), "haar", J=4))
    1024
    >>> coefficient_count(wavedec2(torch.zeros(28, 28), "haar", J=4))
    799
    """
    return sum(prod(band.shape[-2:]) for band in _bands(pyramid))


def flatten(pyramid: Pyramid2d) -> Inexact[Tensor, "*batch count"]:
    """Write the coefficients of each image in one row.

    Parameters
    ----------
    pyramid : Pyramid2d
        Any number of scales.

    Returns
    -------
    Tensor
        ``(*batch, count)``: the approximation, then the scales from coarse to fine, each
        horizontal, vertical, diagonal, row by row.

    Raises
    ------
    ValueError
        If the bands differ in batch or dtype.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.transforms import wavedec2
    >>> flatten(wavedec2(torch.ones(5, 2, 2), "haar")).shape
    torch.Size([5, 4])
    """
    check_bands("flatten", pyramid)
    batch, dtype = pyramid.approx.shape[:-2], pyramid.approx.dtype
    for band in _bands(pyramid):
        if band.shape[:-2] != batch or band.dtype != dtype:
            raise ValueError(
                f"flatten: expected every band of batch {tuple(batch)} and {dtype}, as the approximation, "
                f"got {tuple(band.shape[:-2])} and {band.dtype}; analyse the images together, in one dtype."
            )
    return torch.cat([band.flatten(-2) for band in _bands(pyramid)], dim=-1)


def unflatten(coefficients: Inexact[Tensor, "*batch count"], like: Pyramid2d) -> Pyramid2d:
    """Fold rows written by `flatten` back into a pyramid.

    Parameters
    ----------
    coefficients : Tensor
        ``(*batch, count)``; the batch need not be that of ``like``.
    like : Pyramid2d
        Gives the sizes of the bands.

    Returns
    -------
    Pyramid2d
        ``flatten`` of it is ``coefficients``. The bands are views: editing one edits ``coefficients``.

    Raises
    ------
    ValueError
        If ``count`` is not ``coefficient_count(like)``.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.transforms import wavedec2
    >>> pyramid = wavedec2(torch.ones(4, 4), "haar")
    >>> unflatten(2 * flatten(pyramid), like=pyramid).approx.round(decimals=4)
    tensor([[8.]])
    """
    count = coefficient_count(like)
    if coefficients.shape[-1] != count:
        raise ValueError(
            f"unflatten: expected rows of {count} coefficients for this pyramid, "
            f"got shape {tuple(coefficients.shape)}; pass what flatten returned, or the pyramid it came from."
        )
    sizes = [tuple(band.shape[-2:]) for band in _bands(like)]
    rows = torch.split(coefficients, [prod(size) for size in sizes], dim=-1)
    approx, *bands = (row.reshape(*row.shape[:-1], *size) for row, size in zip(rows, sizes, strict=True))
    details = [Detail2d(*bands[k : k + 3]) for k in range(0, len(bands), 3)]
    return Pyramid2d(approx, tuple(reversed(details)), like.shape)


def largest(pyramid: Pyramid2d, count: int) -> Pyramid2d:
    """Keep the largest coefficients of each image and set the others to zero.

    Parameters
    ----------
    pyramid : Pyramid2d
        Real or complex; left as it is.
    count : int
        How many coefficients to keep of each image, from the whole pyramid, approximation included.
        Of equal magnitudes the one that comes first in `flatten` is kept, so the count is exact.
        A NaN ranks above every number.

    Returns
    -------
    Pyramid2d
        The same sizes. With an orthonormal transform the image rebuilt from it is the best one that
        ``count`` coefficients can give, in the sense of squared error.

    Raises
    ------
    TypeError
        If ``count`` is not an integer.
    ValueError
        If ``count`` is negative or exceeds `coefficient_count`, or the bands differ in batch or dtype.

    References
    ----------
    S. Mallat, A Wavelet Tour of Signal Processing, 3rd ed., Academic Press, 2009, section 9.2.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.transforms import wavedec2
    >>> kept = largest(wavedec2(torch.tensor([[9.0, 1.0], [8.0, 0.0]]), "haar"), count=2)
    >>> flatten(kept)
    tensor([9., 0., 8., 0.])
    """
    check_bands("largest", pyramid)
    count, total = whole("largest", "count", count), coefficient_count(pyramid)
    if not 0 <= count <= total:
        raise ValueError(
            f"largest: count must lie in 0 to {total}, the coefficients of one image; got {count}."
        )
    row = flatten(pyramid)
    order = row.detach().abs().argsort(dim=-1, descending=True, stable=True)
    keep = torch.zeros_like(row, dtype=torch.bool).scatter(-1, order[..., :count], True)
    return unflatten(torch.where(keep, row, torch.zeros_like(row)), like=pyramid)


def to_pywt(pyramid: Pyramid2d, *, numpy: bool = True) -> list[Any]:
    """Write a pyramid as PyWavelets' nested list.

    Parameters
    ----------
    pyramid : Pyramid2d
        Any batch; PyWavelets then wants ``axes=(-2, -1)``, its default.
    numpy : bool
        True gives NumPy arrays (copies, on the CPU, bfloat16 as float32), False the tensors themselves.

    Returns
    -------
    list
        ``[cA, (cH, cV, cD), ..., (cH, cV, cD)]`` from coarse to fine, as ``pywt.wavedec2`` returns it.

    Examples
    --------
    >>> import pywt, torch
    >>> from wavelets_course.transforms import wavedec2
    >>> pywt.waverec2(to_pywt(wavedec2(torch.eye(2), "haar")), "haar").round(6).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    convert: Callable[[Tensor], Any] = _array if numpy else lambda band: band
    details = [tuple(convert(band) for band in detail) for detail in reversed(pyramid.details)]
    return [convert(pyramid.approx), *details]


def from_pywt(coefficients: Sequence[Any], shape: tuple[int, int] | None = None) -> Pyramid2d:
    """Read PyWavelets' nested list into a pyramid.

    Parameters
    ----------
    coefficients : list
        ``[cA, (cH, cV, cD), ..., (cH, cV, cD)]`` from coarse to fine; arrays (copied) or tensors (kept).
    shape : tuple of int, optional
        Height and width of the image, which PyWavelets does not record.

    Returns
    -------
    Pyramid2d
        Finest scale first.

    Raises
    ------
    ValueError
        If the list is empty, or an entry after the first is not a triple of arrays.

    Examples
    --------
    >>> import numpy, pywt
    >>> pyramid = from_pywt(pywt.wavedec2(numpy.ones((8, 8)), "haar", level=2), shape=(8, 8))
    >>> [tuple(detail.horizontal.shape) for detail in pyramid.details]
    [(4, 4), (2, 2)]
    """
    if not len(coefficients):
        raise ValueError(
            "from_pywt: expected [cA, (cH, cV, cD), ...], got an empty list; pass what pywt.wavedec2 gave."
        )
    approx, *details = coefficients
    for level, detail in enumerate(details, start=1):
        if not isinstance(detail, (tuple, list)) or len(detail) != 3 or any(band is None for band in detail):
            raise ValueError(
                f"from_pywt: expected (cH, cV, cD) at position {level}, got {_brief(detail)}; "
                "give arrays of zeros where a band is absent."
            )
    scales = tuple(Detail2d(*map(_tensor, detail)) for detail in reversed(details))
    return Pyramid2d(_tensor(approx), scales, shape)


def check_bands(operation: str, pyramid: Pyramid2d) -> None:
    """Refuse what only looks like a pyramid, PyWavelets' own list among it."""
    if not isinstance(pyramid, Pyramid2d):
        raise TypeError(
            f"{operation}: expected a Pyramid2d, got {_brief(pyramid)}; from_pywt reads PyWavelets' lists."
        )
    if not isinstance(pyramid.approx, Tensor):
        raise TypeError(
            f"{operation}: expected approx to be a tensor, got {_brief(pyramid.approx)}; {ARRAYS}."
        )
    for j, detail in enumerate(pyramid.details):
        if not isinstance(detail, Detail2d) or not all(isinstance(band, Tensor) for band in detail):
            raise TypeError(
                f"{operation}: expected details[{j}] to be a Detail2d of tensors, got {_brief(detail)}; "
                f"write Detail2d(horizontal, vertical, diagonal), zeros where a band is absent; {ARRAYS}."
            )


def _bands(pyramid: Pyramid2d) -> Iterator[Tensor]:
    """All bands in PyWavelets' order: approximation, then coarse to fine."""
    yield pyramid.approx
    for detail in reversed(pyramid.details):
        yield from detail


def _array(band: Tensor) -> NDArray[Any]:
    band = band.detach().resolve_conj().resolve_neg().cpu()
    return np.array((band.float() if band.dtype == torch.bfloat16 else band).numpy())


def _tensor(band: Any) -> Tensor:
    if isinstance(band, Tensor):
        return band
    array = np.asarray(band)
    # torch reads neither negative strides nor another machine's byte order.
    return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))


def _brief(entry: Any) -> str:
    if isinstance(entry, (tuple, list)):
        return f"a {type(entry).__name__} of {', '.join(type(part).__name__ for part in entry)}"
    return f"a {type(entry).__name__}"
