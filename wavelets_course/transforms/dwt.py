"""The two-dimensional discrete wavelet transform: Mallat's pyramid, its inverse and its transpose."""

import torch
from jaxtyping import Inexact
from torch import Tensor

from ..filters.taps import Taps, named_taps
from ..filters.whole import whole
from ..signals import BoundaryMode, check_mode
from ..signals.inputs import check_images, check_pixels
from .coefficients import Detail2d, Pyramid2d, check_bands
from .one_scale import merge_scale, split_scale, spread_scale
from .precision import working_dtype


def max_level(shape: tuple[int, ...], wavelet: str = "haar") -> int:
    """Say how many scales an image has: the last one at which its smaller side still spans the filter.

    Parameters
    ----------
    shape : tuple of int
        ``(*batch, height, width)``, or ``(height, width)``.
    wavelet : str
        ``"haar"`` or ``"db1"`` to ``"db38"``.

    Returns
    -------
    int
        The largest ``J`` with ``(taps - 1) 2^J <= min(height, width)``, as ``pywt.dwtn_max_level``; or 0.

    Raises
    ------
    ValueError
        If the wavelet is unknown.

    Examples
    --------
    >>> max_level((28, 28), "haar"), max_level((512, 300), "db4")
    (4, 5)
    """
    return _deepest(shape, _taps("max_level", wavelet))


def wavedec2(
    x: Inexact[Tensor, "*batch height width"],
    wavelet: str = "haar",
    J: int | None = None,
    *,
    mode: BoundaryMode = "symmetric",
) -> Pyramid2d:
    r"""Analyse images into wavelet coefficients (discrete wavelet transform).

    Along each axis, at every scale,

    .. math:: a_{j+1}[k] = \sum_t h[t]\, a_j[2k + 1 - t], \qquad d_{j+1}[k] = \sum_t g[t]\, a_j[2k + 1 - t].

    Parameters
    ----------
    x : Tensor
        ``(*batch, height, width)``, real or complex; any size from 1x1. bfloat16 and float16 are computed
        in float32 and returned as they came.
    wavelet : str
        ``"haar"`` or ``"db1"`` to ``"db38"`` (`filters.wavelet_taps`).
    J : int, optional
        Number of scales, 0 to ``max_level(x.shape, wavelet)``; None takes them all.
    mode : BoundaryMode
        What the image is beyond its edges. "periodization" keeps the number of pixels when ``2^J`` divides
        both sides, and is then orthonormal; so does every mode with Haar.

    Returns
    -------
    Pyramid2d
        ``approx`` and ``details`` (finest first) of about ``height / 2^(j+1)`` rows, and ``shape``.
        NaN and infinity spread to the coefficients whose filters reach them.

    Raises
    ------
    TypeError
        If ``x`` is no tensor or holds integers, or ``J`` is not an integer.
    ValueError
        If ``J`` is negative or too deep, the image empty, or the wavelet or mode unknown.

    References
    ----------
    S. Mallat, "A theory for multiresolution signal decomposition: the wavelet representation",
    IEEE Trans. PAMI 11(7), 674-693, 1989.

    Examples
    --------
    >>> import torch
    >>> pyramid = wavedec2(torch.ones(2, 3, 28, 28), "haar", J=2)
    >>> pyramid.approx.shape, pyramid.details[0].horizontal.shape
    (torch.Size([2, 3, 7, 7]), torch.Size([2, 3, 14, 14]))
    """
    check_mode("wavedec2", mode)
    check_images("wavedec2", x)
    check_pixels("wavedec2", x)
    taps = _taps("wavedec2", wavelet)
    height, width = x.shape[-2:]
    scales = _checked_scales((height, width), taps, J)
    approx = x.to(working_dtype(x.dtype)) if scales else x.clone()
    details = []
    for _ in range(scales):
        approx, detail = split_scale(approx, taps, mode)
        details.append(detail)
    return _cast(Pyramid2d(approx, tuple(details), (height, width)), x.dtype)


def waverec2(
    pyramid: Pyramid2d, wavelet: str = "haar", *, mode: BoundaryMode = "symmetric"
) -> Inexact[Tensor, "*batch height width"]:
    r"""Build images back from wavelet coefficients: the inverse of `wavedec2`.

    .. math:: a_j[m] = \sum_k h'[m - 2k + d]\, a_{j+1}[k] + g'[m - 2k + d]\, d_{j+1}[k].

    Parameters
    ----------
    pyramid : Pyramid2d
        Coefficients, as `wavedec2` returns them or edited; left as they are.
    wavelet, mode
        Those of the analysis.

    Returns
    -------
    Tensor
        ``(*batch, *pyramid.shape)``. Without ``pyramid.shape`` both sides are even, so that an odd image
        comes back with one more row or column, as from ``pywt.waverec2``.

    Raises
    ------
    TypeError
        If the bands are no tensors or hold integers, or a scale is no `Detail2d`.
    ValueError
        If the sizes of the bands do not fit each other, or the wavelet or mode is unknown.

    References
    ----------
    S. Mallat, "A theory for multiresolution signal decomposition: the wavelet representation",
    IEEE Trans. PAMI 11(7), 674-693, 1989.

    Examples
    --------
    >>> import torch
    >>> x = torch.arange(77.0).reshape(7, 11)
    >>> torch.testing.assert_close(waverec2(wavedec2(x, "db2", J=1), "db2"), x)
    """
    taps = _taps("waverec2", wavelet)
    sizes = _checked_sizes("waverec2", pyramid, taps, mode)
    work = _cast(pyramid, working_dtype(pyramid.approx.dtype))
    approx = work.approx
    for detail, (rows, columns) in zip(reversed(work.details), reversed(sizes), strict=True):
        approx = merge_scale(approx, detail, taps, mode)[..., :rows, :columns]
    return approx.to(pyramid.approx.dtype) if work.details else approx.clone()


def wavedec2_adjoint(
    pyramid: Pyramid2d, wavelet: str = "haar", *, mode: BoundaryMode = "symmetric"
) -> Inexact[Tensor, "*batch height width"]:
    """Apply the transpose of `wavedec2`, exact in every mode: what a gradient needs.

    ``<wavedec2(x), p> = <x, wavedec2_adjoint(p)>``. It equals `waverec2` where the analysis keeps
    every length: in mode "zero" always, with Haar or "periodization" where ``2^J`` divides both sides.
    Elsewhere the two differ, and the adjoint is not the inverse.

    Parameters
    ----------
    pyramid : Pyramid2d
        Coefficients in the sizes that `wavedec2` gives. ``pyramid.shape`` None means even sides.
    wavelet, mode
        Those of the analysis.

    Returns
    -------
    Tensor
        ``(*batch, *pyramid.shape)``.

    Raises
    ------
    TypeError, ValueError
        As `waverec2`.

    References
    ----------
    S. Mallat, A Wavelet Tour of Signal Processing, 3rd ed., Academic Press, 2009, section 5.1.

    Examples
    --------
    >>> import torch
    >>> pyramid = wavedec2(torch.ones(6, 8), "db2", J=1)
    >>> energy = sum(float((band**2).sum()) for band in (pyramid.approx, *pyramid.details[0]))
    >>> abs(float(wavedec2_adjoint(pyramid, "db2").sum()) - energy) < 1e-3
    True
    """
    taps = _taps("wavedec2_adjoint", wavelet)
    sizes = _checked_sizes("wavedec2_adjoint", pyramid, taps, mode)
    work = _cast(pyramid, working_dtype(pyramid.approx.dtype))
    spread = work.approx
    for detail, size in zip(reversed(work.details), reversed(sizes), strict=True):
        spread = spread_scale(spread, detail, taps, mode, size)
    return spread.to(pyramid.approx.dtype) if work.details else spread.clone()


def checked_count(operation: str, J: int | None) -> int | None:
    """A number of scales as a plain int, None left as it is."""
    if J is None:
        return None
    J = whole(operation, "J", J)
    if J < 0:
        raise ValueError(f"{operation}: J must be a number of scales >= 0, got {J}; J=None takes them all.")
    return J


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _taps(operation: str, wavelet: str) -> Taps:
    """Design the filters once, outside any compiled graph."""
    return named_taps(operation, wavelet)


def _deepest(shape: tuple[int, ...], taps: Taps) -> int:
    return max(0, (min(shape[-2:]) // (len(taps.low) - 1)).bit_length() - 1)


def _checked_scales(shape: tuple[int, int], taps: Taps, J: int | None) -> int:
    deepest, J = _deepest(shape, taps), checked_count("wavedec2", J)
    if J is None:
        return deepest
    if deepest < J:
        raise ValueError(
            f"wavedec2: J = {J} is too deep for a {shape[0]}x{shape[1]} image with {taps.name!r} "
            f"(at most {deepest}); use J <= {deepest} or enlarge it with signals.extend."
        )
    return J


def _checked_sizes(operation: str, pyramid: Pyramid2d, taps: Taps, mode: str) -> list[tuple[int, int]]:
    """Size of the image that each scale was computed from, finest first, once all bands agree."""
    check_mode(operation, mode)
    _check_sizes(operation, pyramid)
    _check_shape(operation, pyramid.shape)
    bands = [_size(detail.horizontal) for detail in pyramid.details]
    rebuilt = [_merged_size(size, taps, mode) for size in bands]
    if not bands:
        _check_untouched(operation, pyramid)
        return []
    needed = [pyramid.shape or rebuilt[0], *bands[:-1]]
    for j, (most, size) in enumerate(zip(rebuilt, needed, strict=True)):
        if any(large - side not in (0, 1) for large, side in zip(most, size, strict=True)):
            raise ValueError(
                f"{operation}: details[{j}] of {bands[j][0]}x{bands[j][1]} rebuild {most[0]}x{most[1]} "
                f"with {taps.name!r} in mode {mode!r}, but {size[0]}x{size[1]} or one more is needed; "
                "pass the wavelet, the mode and the shape of the analysis."
            )
    return needed


def _check_shape(operation: str, shape: tuple[int, int] | None) -> None:
    if shape is not None and len(shape) != 2:
        raise ValueError(
            f"{operation}: expected pyramid.shape = (height, width), got {tuple(shape)}; "
            "None if the size of the image is not known."
        )


def _check_untouched(operation: str, pyramid: Pyramid2d) -> None:
    rows, columns = size = _size(pyramid.approx)
    if pyramid.shape not in (None, size):
        raise ValueError(
            f"{operation}: the approximation is {rows}x{columns}, but the shape is "
            f"{pyramid.shape[0]}x{pyramid.shape[1]} and no details are given; "
            "give the details, or shape=None for the approximation alone."
        )


def _check_sizes(operation: str, pyramid: Pyramid2d) -> None:
    check_bands(operation, pyramid)
    approx = pyramid.approx
    if not (approx.is_floating_point() or approx.is_complex()):
        raise TypeError(
            f"{operation}: expected real or complex coefficients, got {approx.dtype}; "
            "convert them: band.float()."
        )
    batch = approx.shape[:-2]
    for j, detail in enumerate(pyramid.details):
        for name, band in zip(Detail2d._fields, detail, strict=True):
            expected = (*batch, *_size(approx if j == len(pyramid.details) - 1 else detail.horizontal))
            if tuple(band.shape) != expected or band.dtype != approx.dtype:
                raise ValueError(
                    f"{operation}: expected details[{j}].{name} of shape {expected} and {approx.dtype}, "
                    f"got {tuple(band.shape)} and {band.dtype}; "
                    "details run from fine to coarse: from_pywt reads PyWavelets' order."
                )


def _size(band: Tensor) -> tuple[int, int]:
    return band.shape[-2], band.shape[-1]


def _merged_size(size: tuple[int, int], taps: Taps, mode: str) -> tuple[int, int]:
    overlap = 0 if mode == "periodization" else len(taps.low) - 2
    return 2 * size[0] - overlap, 2 * size[1] - overlap


def _cast(pyramid: Pyramid2d, dtype: torch.dtype) -> Pyramid2d:
    if pyramid.approx.dtype == dtype:
        return pyramid
    details = tuple(Detail2d(*(band.to(dtype) for band in detail)) for detail in pyramid.details)
    return Pyramid2d(pyramid.approx.to(dtype), details, pyramid.shape)
