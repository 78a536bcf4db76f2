"""How fast an error falls with the number of terms, and how many coefficients an edge wakes at each scale."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..filters.whole import whole
from .nests import Nest, to_row


def geometric_counts(first: int, last: int, per_octave: int = 4) -> list[int]:
    """Whole numbers from ``first`` to ``last``, evenly spaced on a logarithmic axis.

    Parameters
    ----------
    first, last
        Both belong to the list; ``1 <= first <= last``.
    per_octave
        How many to a factor of two. Doubles that rounding makes among small numbers are left out.

    Returns
    -------
    list of int
        Increasing.

    Raises
    ------
    TypeError
        If an argument is no integer.
    ValueError
        If they are not in order, or ``per_octave`` is less than 1.

    Examples
    --------
    >>> geometric_counts(1, 16, per_octave=2)
    [1, 2, 3, 4, 6, 8, 11, 16]
    """
    first, last, per_octave = (
        whole("geometric_counts", name, value)
        for name, value in (("first", first), ("last", last), ("per_octave", per_octave))
    )
    if not 1 <= first <= last or per_octave < 1:
        raise ValueError(
            "geometric_counts: expected 1 <= first <= last and per_octave >= 1, "
            f"got {first}, {last} and {per_octave}."
        )
    steps = math.ceil(per_octave * math.log2(last / first))
    ratio = math.log(last / first) / max(steps, 1)
    return sorted({round(first * math.exp(ratio * k)) for k in range(steps + 1)})


def fit_slope(
    counts: Sequence[int] | Int[Tensor, " counts"],
    errors: Sequence[float | int] | Float[Tensor, "*batch counts"],
    window: tuple[float | int, float | int] | None = None,
) -> Float[Tensor, "*batch"]:
    """Exponent ``s`` of ``error ~ n^s``: the least-squares line through the logarithms.

    Choose the window before you look. Every count in it weighs the same, so give them evenly spaced on a
    logarithmic axis (`geometric_counts`); else the many large ones decide.

    Parameters
    ----------
    counts
        Positive numbers ``n``.
    errors
        ``(*batch, counts)``, positive.
    window
        Only counts from its first to its second number, both included; None takes all.

    Returns
    -------
    Tensor
        ``(*batch)``, float64. NaN if an error in the window is 0, negative or NaN.

    Raises
    ------
    ValueError
        If counts and errors differ in length, or fewer than two counts lie in the window.

    Examples
    --------
    >>> counts = [1, 10, 100, 1000]
    >>> round(float(fit_slope(counts, [7 / n for n in counts])), 6)
    -1.0
    """
    n = torch.as_tensor(counts, dtype=torch.float64)
    values = torch.as_tensor(errors, dtype=torch.float64)
    n = n.to(values.device)
    if n.ndim != 1 or values.ndim < 1 or values.shape[-1] != n.shape[0]:
        raise ValueError(
            f"fit_slope: expected as many errors as counts, got {tuple(values.shape)} and {tuple(n.shape)}."
        )
    low, high = window or (0.0, math.inf)
    inside = (n >= low) & (n <= high) & (n > 0)
    if int(inside.sum()) < 2:
        raise ValueError(
            f"fit_slope: expected at least two counts from {low:g} to {high:g}, got {int(inside.sum())}; "
            "widen the window or give more counts."
        )
    x = n[inside].log()
    y = torch.where(values > 0, values, math.nan)[..., inside].log()
    x = x - x.mean()
    slope: Tensor = (y * x).sum(-1) / x.square().sum()
    return slope


def coefficients_per_scale(
    scales: Sequence[Nest], share: float = 0.95, *, leading: int = 0
) -> Int[Tensor, "*batch scales"]:
    """Smallest number of coefficients that hold a share of each scale's energy.

    Parameters
    ----------
    scales
        One nest of tensors a scale: ``pyramid.details``, or the wedges of a curvelet transform.
    share
        Of the energy of that scale, above 0 and at most 1.
    leading
        Number of batch dimensions that every tensor begins with.

    Returns
    -------
    Tensor
        ``(*batch, scales)``: real numbers counted, as in `n_term_error`. A scale without energy needs 0.

    Raises
    ------
    ValueError
        If the share lies outside (0, 1], or the tensors do not share their batch.

    Examples
    --------
    >>> import torch
    >>> coefficients_per_scale([torch.tensor([3.0, 0.1, 4.0]), torch.ones(100)], share=0.95).tolist()
    [2, 95]
    """
    if not 0 < share <= 1:
        raise ValueError(
            f"coefficients_per_scale: expected a share above 0 and at most 1, got {share}; 0.95 is 95 %."
        )
    counts = []
    for scale in scales:
        row = to_row("coefficients_per_scale", scale, leading).double()
        sums = row.square().sort(dim=-1, descending=True).values.cumsum(-1)
        wanted = share * (1 - 1e-12) * sums[..., -1:]  # rounding must not ask for one more
        counts.append(((sums < wanted).sum(-1) + (sums[..., -1] > 0)).clamp(max=row.shape[-1]))
    return torch.stack(counts, dim=-1)
