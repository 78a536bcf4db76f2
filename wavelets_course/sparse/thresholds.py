"""Hard and soft thresholds: keep what is large, real or complex, on one side or on both."""

from numbers import Real
from typing import Any

import torch
from jaxtyping import Inexact
from torch import Tensor

from ..signals.inputs import check_numbers


def soft_threshold(
    x: Inexact[Tensor, "*shape"], threshold: float | int | Tensor, *, one_sided: bool = False
) -> Inexact[Tensor, "*shape"]:
    r"""Move every entry towards 0 by ``threshold``, and stop there.

    .. math::
        \sigma(x) = \frac{x}{|x|} \max(|x| - \tau, 0)

    It solves ``min_y |y - x|^2 / 2 + tau |y|``, the smallest step of sparse coding. A complex number
    keeps its phase. The one-sided form ``max(x - tau, 0)`` is a ReLU with bias ``-tau``.

    Parameters
    ----------
    x
        Any shape, real or complex. NaN stays NaN, infinity above the threshold stays infinite.
    threshold
        ``tau >= 0``, a number or a real tensor that broadcasts to the shape of ``x`` (one value a channel,
        say); entries of a tensor below 0 count as 0, those that are NaN give NaN.
    one_sided
        Set negative entries to 0 as well.

    Returns
    -------
    Tensor
        Shape and dtype of ``x``, 0 wherever ``|x| <= tau``. The gradient is 0 there too, at 0 as well, and
        finite for finite numbers; a tensor of thresholds gets ``-x / |x|`` where something is left.

    Raises
    ------
    TypeError
        If ``x`` is an integer tensor or no tensor, or the threshold no real number or tensor of them.
    ValueError
        If the threshold is a negative number or NaN, or a tensor with more axes or longer ones than ``x``;
        or ``x`` is complex and one side is asked for.

    References
    ----------
    D. L. Donoho, "De-noising by soft-thresholding", IEEE Trans. Information Theory 41(3), 1995.

    Examples
    --------
    >>> import torch
    >>> soft_threshold(torch.tensor([-3.0, -1.0, 0.5, 2.0]), 1.0)
    tensor([-2., 0., 0., 1.])
    >>> soft_threshold(torch.tensor([3 + 4j]), 1.0).abs()
    tensor([4.])
    """
    tau = _threshold("soft_threshold", x, threshold, one_sided)
    if one_sided:
        return torch.where(x <= tau, 0, x - tau)
    if not x.is_complex():
        return torch.where(x.abs() <= tau, 0, x - torch.clamp(x, -tau, tau))
    small = (x.abs() <= tau) & ~x.isnan()
    large = torch.where(small, 1, x)
    parts = torch.view_as_real(large) * (1 - tau / large.abs()).unsqueeze(-1)  # infinity does not become NaN
    return torch.view_as_complex(torch.where(small.unsqueeze(-1), 0, parts))


def hard_threshold(
    x: Inexact[Tensor, "*shape"], threshold: float | int | Tensor, *, one_sided: bool = False
) -> Inexact[Tensor, "*shape"]:
    r"""Keep the entries with ``|x| > threshold`` as they are and set the others to 0.

    Parameters
    ----------
    x
        Any shape, real or complex. NaN stays NaN, infinity above the threshold stays infinite.
    threshold
        ``tau >= 0``, a number or a real tensor that broadcasts to the shape of ``x``; entries of a tensor
        below 0 count as 0, those that are NaN give NaN.
    one_sided
        Keep only ``x > threshold``.

    Returns
    -------
    Tensor
        Shape and dtype of ``x``, 0 wherever ``|x| <= tau``. The gradient is 1 where an entry is kept, else 0;
        none reaches the threshold, where the output jumps.

    Raises
    ------
    TypeError
        If ``x`` is an integer tensor or no tensor, or the threshold no real number or tensor of them.
    ValueError
        If the threshold is a negative number or NaN, or a tensor with more axes or longer ones than ``x``;
        or ``x`` is complex and one side is asked for.

    Examples
    --------
    >>> import torch
    >>> hard_threshold(torch.tensor([-3.0, -1.0, 0.5, 2.0]), 1.0)
    tensor([-3., 0., 0., 2.])
    >>> hard_threshold(torch.tensor([-3.0, -1.0, 0.5, 2.0]), 1.0, one_sided=True)
    tensor([0., 0., 0., 2.])
    """
    tau = _threshold("hard_threshold", x, threshold, one_sided)
    size = x if one_sided else x.abs()
    kept = torch.where((size <= tau) & ~x.isnan(), 0, x)
    return torch.where(tau.isnan(), torch.nan, kept)


def _threshold(operation: str, x: Any, threshold: float | int | Tensor, one_sided: bool) -> Tensor:
    """The threshold as a tensor of the precision of ``x``, at least 0."""
    check_numbers(operation, "x", x)
    if one_sided and x.is_complex():
        raise ValueError(
            f"{operation}: complex numbers have no sides, got {x.dtype} with one_sided=True; "
            "threshold x.real and x.imag, or leave one_sided out."
        )
    if isinstance(threshold, Tensor):
        _check_tensor(operation, x, threshold)
        return threshold.to(device=x.device, dtype=x.real.dtype).clamp(min=0)
    if not _is_number(threshold):
        raise TypeError(
            f"{operation}: expected a number or a real tensor as threshold, got {threshold!r}; "
            "give one value for all, or one a channel as a tensor."
        )
    if not threshold >= 0:
        raise ValueError(f"{operation}: expected threshold >= 0, got {threshold}; use 0 to keep everything.")
    return torch.as_tensor(threshold, dtype=x.real.dtype, device=x.device)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) or isinstance(value, (Real, torch.SymFloat))  # noqa: SIM101


def _check_tensor(operation: str, x: Tensor, threshold: Tensor) -> None:
    """Refuse thresholds that are complex, or more than there are numbers."""
    if threshold.is_complex():
        raise TypeError(
            f"{operation}: expected real thresholds, got {threshold.dtype}; take threshold.real or abs()."
        )
    own, theirs = tuple(x.shape), tuple(threshold.shape)
    last = own[max(0, len(own) - len(theirs)) :]
    fits = len(theirs) <= len(own) and all(
        side in (1, other) for side, other in zip(theirs, last, strict=True)
    )
    if not fits:
        raise ValueError(
            f"{operation}: thresholds of shape {theirs} do not broadcast to x of shape {own}; "
            "one a channel of (batch, channels, height, width) is threshold[:, None, None]."
        )
