"""Folding a window of compact support to the smallest grid on which no two of its frequencies meet."""

from itertools import count
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


class Wrapped(NamedTuple):
    """Windows on their small grid, and the frequency of the image that falls on each of its places."""

    window_hat: Float[Tensor, "windows rows columns"]
    source: Int[Tensor, "windows rows columns"]


def wrapped(
    windows: Float[Tensor, "windows tall wide"],
    k_y: Int[Tensor, "tall 1"],
    k_x: Int[Tensor, "1 wide"],
    shape: tuple[int, int],
) -> Wrapped:
    """Fold windows to one grid ``(rows, columns)``: frequency ``k`` goes to ``k mod (rows, columns)``.

    A curvelet then is sampled at the points ``(height / rows, width / columns)`` apart. Since no two
    frequencies of a window meet, its samples keep all of it.

    Parameters
    ----------
    windows
        Real windows on a box of frequencies, zero outside their supports, ``(windows, tall, wide)``.
    k_y, k_x
        Whole-number frequencies of the box, of either sign.
    shape
        Image (height, width): frequencies that differ by these are one.

    Returns
    -------
    Wrapped
        ``(windows, rows, columns)`` each.

    References
    ----------
    E. Candes, L. Demanet, D. Donoho and L. Ying, Fast discrete curvelet transforms, Multiscale Model.
    Simul. 5 (2006), section 3.3.

    Examples
    --------
    A window over the frequencies 3, 4 and 5 of 16 needs three places; 4 stands on 4 mod 3 = 1:

    >>> window = torch.tensor([[[0.5, 1.0, 0.5]]])
    >>> small = wrapped(window, torch.tensor([[0]]), torch.tensor([[3, 4, 5]]), (1, 16))
    >>> small.source.tolist(), small.window_hat.tolist()
    ([[[3, 4, 5]]], [[[0.5, 1.0, 0.5]]])
    """
    support = windows > 0
    rows, columns = _grid(support)
    place = (k_y % rows) * columns + k_x % columns
    frequency = (k_y % shape[0]) * shape[1] + k_x % shape[1]
    window_hat = torch.zeros(len(windows), rows * columns, dtype=windows.dtype)
    source = torch.zeros(len(windows), rows * columns, dtype=torch.int64)
    for window, held, values, origin in zip(windows, support, window_hat, source, strict=True):
        values[place[held]] = window[held]
        origin[place[held]] = frequency[held]
    size = (len(windows), rows, columns)
    return Wrapped(window_hat.view(size), source.view(size))


def _grid(support: Bool[Tensor, "windows tall wide"]) -> tuple[int, int]:
    """Choose the smaller of two grids on which every support fits.

    Lines along one axis are laid side by side over the whole extent along the other.
    """
    tall, wide = _longest(support.any(2)), _longest(support.any(1))
    upright = fast_length(_longest(support.transpose(1, 2).flatten(0, 1))), fast_length(wide)
    lying = fast_length(tall), fast_length(_longest(support.flatten(0, 1)))
    return min(upright, lying, key=lambda grid: grid[0] * grid[1])


def _longest(lines: Bool[Tensor, "lines length"]) -> int:
    """Distance from the first to the last frequency held, in the longest line; at least 1."""
    length = lines.shape[1]
    first = lines.to(torch.uint8).argmax(1)
    last = length - 1 - lines.flip(1).to(torch.uint8).argmax(1)
    extent = torch.where(lines.any(1), last - first + 1, 1)
    return int(extent.max())


def fast_length(least: int) -> int:
    """The smallest length from ``least`` up that has no prime factor above 5, which FFTs like.

    Examples
    --------
    >>> fast_length(43), fast_length(64)
    (45, 64)
    """
    return next(n for n in count(least) if _smooth(n))


def _smooth(n: int) -> bool:
    for prime in (2, 3, 5):
        while n % prime == 0:
            n //= prime
    return n == 1
