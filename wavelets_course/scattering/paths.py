"""Which coefficient sits in which channel."""

from typing import NamedTuple

from ..filters.gabor import checked_counts
from ..filters.whole import whole


class Path(NamedTuple):
    """What one channel of a scattering transform has been through.

    Attributes
    ----------
    order
        Number of moduli: 0, 1 or 2.
    j1, ell1
        Scale and angle of the first wavelet, None at order 0.
    j2, ell2
        Scale and angle of the second wavelet, None below order 2; ``j2 > j1``.
    """

    order: int
    j1: int | None = None
    ell1: int | None = None
    j2: int | None = None
    ell2: int | None = None


def scattering_paths(J: int, L: int = 8, max_order: int = 2) -> list[Path]:
    """Paths in the order of the channels, which is kymatio's.

    Order 0; then order 1 by ``(j1, ell1)``; then order 2 by ``(j1, ell1, j2, ell2)``, for ``j2 > j1`` only,
    since a modulus moves energy towards low frequencies and leaves little for finer wavelets.

    Parameters
    ----------
    J, L
        Number of scales and of angles.
    max_order
        0, 1 or 2.

    Returns
    -------
    list of Path
        One a channel.

    Raises
    ------
    TypeError
        If a number is not an integer.
    ValueError
        If ``J`` or ``L`` is less than 1, or the order is not 0, 1 or 2.

    Examples
    --------
    >>> paths = scattering_paths(J=2, L=8)
    >>> len(paths), paths[1], paths[17]
    (81, Path(order=1, j1=0, ell1=0, j2=None, ell2=None), Path(order=2, j1=0, ell1=0, j2=1, ell2=0))
    """
    J, L = checked_counts("scattering_paths", J, L)
    max_order = checked_order("scattering_paths", max_order)
    first = [Path(1, j1, ell1) for j1 in range(J) for ell1 in range(L)]
    second = [
        Path(2, p.j1, p.ell1, j2, ell2)
        for p in first
        for j2 in range(J)
        for ell2 in range(L)
        if j2 > (p.j1 or 0)
    ]
    return [Path(0), *first * (max_order >= 1), *second * (max_order == 2)]


def scattering_channels(J: int, L: int = 8, max_order: int = 2) -> int:
    """Number of channels: ``1``, ``1 + L J``, or ``1 + L J + L**2 J (J - 1) / 2``.

    Parameters
    ----------
    J, L, max_order
        As in `scattering_paths`.

    Returns
    -------
    int
        The length of `scattering_paths`.

    Raises
    ------
    TypeError, ValueError
        As `scattering_paths`.

    Examples
    --------
    >>> scattering_channels(J=3, max_order=1) * 3 * 28 * 28, 224 * 224 * 3
    (58800, 150528)
    """
    J, L = checked_counts("scattering_channels", J, L)
    max_order = checked_order("scattering_channels", max_order)
    return 1 + L * J * (max_order >= 1) + L**2 * J * (J - 1) // 2 * (max_order == 2)


def checked_order(operation: str, max_order: int) -> int:
    """The order as a plain int, if the cascade computes it."""
    max_order = whole(operation, "max_order", max_order)
    if max_order not in (0, 1, 2):
        raise ValueError(f"{operation}: expected max_order = 0, 1 or 2, got {max_order}.")
    return max_order
