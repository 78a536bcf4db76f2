"""Boundary modes: what a finite signal is taken to be beyond its edges.

A filter that reaches past the edge of an image needs values there. The nine rules below are the
ones PyWavelets names; this file is the only place that defines them. Each extended sample is

    y[i] = weight[i] x[source[i]] + first[i] x[0] + last[i] x[n - 1],

so every mode is linear in the signal, differentiable, and right at any distance from the edge.
"""

from operator import index
from typing import Literal, NamedTuple, SupportsIndex, TypeAlias, get_args

import torch
from jaxtyping import Inexact, Int
from torch import Tensor
from torch.nn.functional import pad

from .inputs import check_images, check_numbers, check_tensor

BoundaryMode: TypeAlias = Literal[
    "zero",  #           0  0  0 | a b c d | 0  0  0
    "constant",  #       a  a  a | a b c d | d  d  d
    "symmetric",  #      c  b  a | a b c d | d  c  b
    "reflect",  #        d  c  b | a b c d | c  b  a
    "periodic",  #       b  c  d | a b c d | a  b  c
    "smooth",  #         straight lines through (b, a) and (c, d)
    "antisymmetric",  # -c -b -a | a b c d | -d -c -b
    "antireflect",  #    .. 2a-c 2a-b | a b c d | 2d-c 2d-b ..
    "periodization",  #  periodic, after an odd length has repeated its last sample
]

BOUNDARY_MODES: tuple[BoundaryMode, ...] = get_args(BoundaryMode)

_MIRRORS = {"symmetric": 0, "antisymmetric": 0, "reflect": 1, "antireflect": 1}
"""Samples at the edge that a mirror image leaves out."""

_TORCH = {"zero": "constant", "constant": "replicate", "reflect": "reflect"}
"""What torch calls the modes that it has."""

Sides: TypeAlias = tuple[SupportsIndex, SupportsIndex]
Padding: TypeAlias = SupportsIndex | tuple[Sides, Sides]


class ExtensionRule(NamedTuple):
    """The four coefficients of ``y[i] = weight x[source] + first x[0] + last x[n - 1]``."""

    source: Int[Tensor, " positions"]
    weight: Int[Tensor, " positions"]
    first: Int[Tensor, " positions"]
    last: Int[Tensor, " positions"]


def extension_rule(position: Int[Tensor, " positions"], length: int, mode: BoundaryMode) -> ExtensionRule:
    """Say how the samples at integer positions beyond ``[0, length)`` follow from the signal.

    Parameters
    ----------
    position : Tensor
        Integer positions; negative ones lie before the signal, those ``>= length`` behind it.
    length : int
        Number of samples of the signal, at least 1.
    mode : BoundaryMode
        One of the nine modes.

    Returns
    -------
    ExtensionRule
        Integer coefficients, one of each for every position.

    Raises
    ------
    TypeError, ValueError
        If ``position`` is no tensor, or the mode is unknown.

    Examples
    --------
    >>> import torch
    >>> extension_rule(torch.tensor([-2, -1, 4, 5]), 4, "symmetric").source.tolist()
    [1, 0, 3, 2]
    >>> extension_rule(torch.tensor([-2, -1, 4, 5]), 4, "antisymmetric").weight.tolist()
    [-1, -1, -1, -1]
    """
    check_tensor("extension_rule", "position", position)
    check_mode("extension_rule", mode)
    n, i = length, position
    one, none = torch.ones_like(i), torch.zeros_like(i)
    edge = i.clamp(0, n - 1)
    if mode == "zero":
        return ExtensionRule(edge, (i == edge).long(), none, none)
    if mode == "constant" or (n == 1 and mode in ("reflect", "smooth", "antireflect")):
        return ExtensionRule(edge, one, none, none)  # a lone sample has no neighbour to mirror or to aim by
    if mode == "periodic":
        return ExtensionRule(i % n, one, none, none)
    if mode == "periodization":
        return ExtensionRule((i % (n + n % 2)).clamp(max=n - 1), one, none, none)
    if mode in ("symmetric", "antisymmetric"):
        turned = i // n % 2  # 1 where the copy of the signal runs backwards
        source = torch.where(turned == 1, n - 1 - i % n, i % n)
        return ExtensionRule(source, one if mode == "symmetric" else 1 - 2 * turned, none, none)
    if mode == "smooth":
        before, after = (-i).clamp(min=0), (i - n + 1).clamp(min=0)  # distance walked along the line
        source = torch.where(before > 0, 1, torch.where(after > 0, n - 2, edge))
        inside = (i == edge).long()
        return ExtensionRule(source, inside - before - after, before + (before > 0), after + (after > 0))
    period = 2 * (n - 1)  # both whole-sample modes turn on the end samples themselves
    lap, phase = i // period, i % period
    turned = (phase >= n).long()
    source = torch.where(turned == 1, period - phase, phase)
    if mode == "reflect":
        return ExtensionRule(source, one, none, none)
    rise = 2 * lap  # antireflect climbs by 2 (x[n - 1] - x[0]) each lap
    return ExtensionRule(source, 1 - 2 * turned, -rise, rise + 2 * turned)


def extend_axis(
    x: Inexact[Tensor, "*shape"], before: int, after: int, axis: int = -1, mode: BoundaryMode = "symmetric"
) -> Inexact[Tensor, "*extended"]:
    """Extend one axis of a signal past both of its edges.

    Parameters
    ----------
    x : Tensor
        Real or complex, any shape.
    before, after : int
        Number of samples to add on either side, as many as wished.
    axis : int
        The axis to extend.
    mode : BoundaryMode
        How the signal goes on; ``"periodization"`` first makes an odd length even by repeating the
        last sample, so the result is then one longer.

    Returns
    -------
    Tensor
        The same shape as ``x`` but ``before + n + after`` samples along ``axis``. The samples of
        ``x`` come through untouched; NaN spreads to those new samples that are computed from it.

    Raises
    ------
    TypeError
        If ``x`` is no tensor of real or complex numbers.
    ValueError
        If the mode is unknown, a width negative, the axis absent, or the axis empty.

    References
    ----------
    G. R. Lee et al., "PyWavelets: A Python package for wavelet analysis", JOSS 4(36), 1237, 2019;
    the modes are listed in its documentation under "Signal extension modes".

    Examples
    --------
    >>> import torch
    >>> extend_axis(torch.tensor([1.0, 2.0, 4.0]), 2, 2, mode="antireflect").tolist()
    [-2.0, 0.0, 1.0, 2.0, 4.0, 6.0, 7.0]
    """
    check_numbers("extend_axis", "x", x)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(
            f"extend_axis: axis {axis} is not one of the {x.ndim} axes of shape {tuple(x.shape)}; "
            "count from 0, or back from -1."
        )
    return _extended("extend_axis", x, before, after, axis, mode)


def extend(
    x: Inexact[Tensor, "*batch height width"], padding: Padding, mode: BoundaryMode = "symmetric"
) -> Inexact[Tensor, "*batch taller wider"]:
    """Extend images past their four edges.

    Parameters
    ----------
    x : Tensor
        ``(*batch, height, width)``, real or complex.
    padding : int or ((top, bottom), (left, right))
        Number of samples to add at each edge; one integer means all four. It may exceed the image.
    mode : BoundaryMode
        How the image goes on, see `extend_axis`.

    Returns
    -------
    Tensor
        ``(*batch, top + height + bottom, left + width + right)``; one more where
        ``"periodization"`` meets an odd size.

    Raises
    ------
    TypeError, ValueError
        As `extend_axis`; also if ``x`` has fewer than two axes, or the padding another form.

    Examples
    --------
    >>> import torch
    >>> extend(torch.tensor([[1.0, 2.0]]), ((0, 1), (1, 1)), "periodic").tolist()
    [[2.0, 1.0, 2.0, 1.0], [2.0, 1.0, 2.0, 1.0]]
    """
    check_images("extend", x)
    rows, columns = _four_sides(padding)
    for axis, (before, after) in ((-1, columns), (-2, rows)):
        _check("extend", x, before, after, axis, mode)
    if _torch_pads(x, rows, columns, mode):
        longer: Tensor = pad(x.reshape(-1, *x.shape[-2:]), (*columns, *rows), _TORCH[mode])
        return longer.reshape(*x.shape[:-2], *longer.shape[-2:])
    wider = _extended("extend", x, *columns, -1, mode)
    return _extended("extend", wider, *rows, -2, mode)


def check_mode(operation: str, mode: str) -> None:
    """Refuse a boundary mode that does not exist, in the name of the operation that was asked for it."""
    if mode not in BOUNDARY_MODES:
        raise ValueError(
            f"{operation}: mode must be one of {', '.join(BOUNDARY_MODES)}, got {mode!r}; "
            "signals.extend shows what each does."
        )


def _four_sides(padding: Padding) -> tuple[tuple[int, int], tuple[int, int]]:
    try:
        sides = padding if isinstance(padding, (tuple, list)) else ((padding, padding), (padding, padding))
        (top, bottom), (left, right) = sides
        return (index(top), index(bottom)), (index(left), index(right))
    except (TypeError, ValueError):
        raise TypeError(
            "extend: padding must be a whole number or ((top, bottom), (left, right)), "
            f"got {padding!r}; write ((1, 1), (2, 2)) for 1 above and below, 2 on either side."
        ) from None


def _extended(operation: str, x: Tensor, before: int, after: int, axis: int, mode: BoundaryMode) -> Tensor:
    _check(operation, x, before, after, axis, mode)
    length = x.shape[axis]
    if mode == "periodization":
        after += length % 2
    if mode == "zero":
        return _with_zeros(x, before, after, axis)
    parts = [
        _near(x, before, axis, mode, at_end=False) if before else None,
        x,
        _near(x, after, axis, mode, at_end=True) if after else None,
    ]
    given = [part for part in parts if part is not None]
    return torch.cat(given, dim=axis) if len(given) > 1 else x.clone()


def _torch_pads(x: Tensor, rows: tuple[int, int], columns: tuple[int, int], mode: BoundaryMode) -> bool:
    """True where torch does all four sides at once, and as we do: on a CPU its gradient is exact too."""
    if mode not in _TORCH or not x.numel() or x.is_complex() or x.device.type != "cpu":
        return False
    height, width = x.shape[-2:]
    return mode != "reflect" or (max(rows) < height and max(columns) < width)


def _with_zeros(x: Tensor, before: int, after: int, axis: int) -> Tensor:
    """One copy of the signal into zeros; `pad` counts axes from the last."""
    beside = 2 * (x.ndim - 1 - axis % x.ndim)
    return pad(x, [*[0] * beside, before, after]) if before or after else x.clone()


def _near(x: Tensor, count: int, axis: int, mode: BoundaryMode, at_end: bool) -> Tensor:
    """The samples beyond one edge: a slice of the signal while that is long enough, else the rule."""
    n = x.shape[axis]
    if mode == "constant":
        shape = [count if k == axis % x.ndim else -1 for k in range(x.ndim)]
        return x.narrow(axis, n - 1 if at_end else 0, 1).expand(shape)
    if mode == "periodic" or (mode == "periodization" and n % 2 == 0):
        if count <= n:
            return x.narrow(axis, 0 if at_end else n - count, count)
    elif mode in _MIRRORS:
        skip = _MIRRORS[mode]
        if count <= n - skip:
            image = x.narrow(axis, n - skip - count if at_end else skip, count).flip(axis)
            if mode == "antireflect":
                return 2 * x.narrow(axis, n - 1 if at_end else 0, 1) - image
            return -image if mode == "antisymmetric" else image
    positions = (
        torch.arange(n, n + count, device=x.device) if at_end else torch.arange(-count, 0, device=x.device)
    )
    return _outside(x, positions, axis, mode)


def _outside(x: Tensor, position: Tensor, axis: int, mode: BoundaryMode) -> Tensor:
    """Evaluate the rule at positions outside the signal."""
    rule = extension_rule(position, x.shape[axis], mode)
    gathered = x.index_select(axis, rule.source)
    if mode in ("smooth", "antireflect"):
        first, last = x.narrow(axis, 0, 1), x.narrow(axis, x.shape[axis] - 1, 1)
        ends = _times(rule.first, first, axis) + _times(rule.last, last, axis)
        return _times(rule.weight, gathered, axis) + ends
    return _times(rule.weight, gathered, axis) if mode == "antisymmetric" else gathered


def _times(coefficient: Tensor, values: Tensor, axis: int) -> Tensor:
    """Multiply along an axis. A coefficient 0 means "does not depend on": 0 * NaN must not spread."""
    c = coefficient.to(values.real.dtype).view(
        [-1 if k == axis % values.ndim else 1 for k in range(values.ndim)]
    )
    return torch.where(c == 0, torch.zeros((), dtype=values.dtype, device=values.device), c * values)


def _check(operation: str, x: Tensor, before: int, after: int, axis: int, mode: str) -> None:
    check_mode(operation, mode)
    if before < 0 or after < 0:
        raise ValueError(
            f"{operation}: padding must be >= 0, got ({before}, {after}); crop by slicing, x[..., 1:-1]."
        )
    if x.shape[axis] == 0 and mode != "zero" and (before or after):
        raise ValueError(
            f"{operation}: mode {mode!r} needs at least one sample along axis {axis}, "
            f"got shape {tuple(x.shape)}; use mode='zero'."
        )
