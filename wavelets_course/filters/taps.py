"""Haar and Daubechies filters, computed from their definition."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from mpmath import mp, mpc, mpf  # type: ignore[import-untyped]

MOST_MOMENTS = 38
"""Highest Daubechies order offered. Up to here the defining equations hold to 1e-15, tested one by one."""


@dataclass(frozen=True)
class Taps:
    """The four filters of an orthonormal two-channel filter bank, in PyWavelets' order and signs.

    Attributes
    ----------
    name
        ``"haar"`` or ``"db1"`` to ``"db38"``.
    low, high
        Decomposition (analysis) filters: a signal is convolved with them and every second sample is kept.
        ``sum(low) = sqrt(2)``, ``sum(high) = 0``.
    rec_low, rec_high
        Reconstruction (synthesis) filters: the two others read backwards.

    References
    ----------
    I. Daubechies, Ten Lectures on Wavelets, SIAM, 1992, chapter 6.

    Examples
    --------
    >>> taps = wavelet_taps("haar")
    >>> [round(tap, 4) for tap in taps.low], [round(tap, 4) for tap in taps.high]
    ([0.7071, 0.7071], [-0.7071, 0.7071])
    """

    name: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    rec_low: tuple[float, ...]
    rec_high: tuple[float, ...]

    def __len__(self) -> int:
        """Return the number of taps in each filter: twice the number of vanishing moments."""
        return len(self.low)

    @property
    def vanishing_moments(self) -> int:
        """How many powers ``1, n, n^2, ...`` the high-pass filter sends to zero."""
        return len(self.low) // 2


def wavelet_taps(name: str) -> Taps:
    r"""Design the filters of a Haar or Daubechies wavelet.

    The shortest filter ``h`` with ``N`` vanishing moments that is orthonormal to its even shifts has

    .. math:: |\hat h|^2 = 2\,(1-y)^N \sum_{k<N} \binom{N-1+k}{k} y^k, \qquad y = \sin^2(\omega/2).

    Each root of that polynomial gives two reciprocal roots in ``z``; keeping those inside the unit circle
    gives the filter of minimum phase, Daubechies' choice. The roots are refined in multiple precision,
    so the taps are exact to float64 rounding: in plain float64 the twentieth order keeps 11 digits only.

    Parameters
    ----------
    name
        ``"haar"``, or ``"dbN"`` with ``N`` vanishing moments, 1 to 38. ``"haar"`` and ``"db1"`` are the same.

    Returns
    -------
    Taps
        Filters of ``2 N`` taps. The result is remembered: the second call costs nothing.

    Raises
    ------
    ValueError
        If the name is not one of these.

    References
    ----------
    I. Daubechies, Ten Lectures on Wavelets, SIAM, 1992, section 6.1 and table 6.1.

    Examples
    --------
    >>> [round(tap, 4) for tap in wavelet_taps("db2").rec_low]
    [0.483, 0.8365, 0.2241, -0.1294]
    """
    return named_taps("wavelet_taps", name)


def named_taps(operation: str, name: str) -> Taps:
    """Find the filters of a name (`wavelet_taps`); a refusal names the operation that was called."""
    moments = {"haar": 1, **{f"db{N}": N for N in range(1, MOST_MOMENTS + 1)}}
    if name not in moments:
        raise ValueError(
            f"{operation}: expected 'haar' or 'db1' to 'db{MOST_MOMENTS}', got {name!r}; "
            f"choose one of these, for instance 'db2'."
        )
    return _designed(name, moments[name])


@cache
def _designed(name: str, N: int) -> Taps:
    rec_low = _minimum_phase(N)
    rec_high = tuple(tap if n % 2 == 0 else -tap for n, tap in enumerate(reversed(rec_low)))
    return Taps(name, low=rec_low[::-1], high=rec_high[::-1], rec_low=rec_low, rec_high=rec_high)


def _minimum_phase(N: int) -> tuple[float, ...]:
    """Factor the half-band polynomial: ``h(z) = c (1 + 1/z)^N prod (1 - z_k / z)`` with ``|z_k| < 1``."""
    with mp.workdps(40 + N // 2):
        h = [mpf(1)]
        for y in _half_band_roots(N):
            b = 1 - 2 * y  # z + 1/z = 2 b
            split = mp.sqrt(b * b - 1)
            z = b + split if abs(b + split) < 1 else b - split
            h = [tap - z * before for tap, before in zip([*h, 0], [0, *h], strict=True)]
        for _ in range(N):  # the zeros at the Nyquist frequency
            h = [tap + before for tap, before in zip([*h, 0], [0, *h], strict=True)]
        scale = mp.sqrt(2) / mp.fsum(h)
        return tuple(float(mp.re(tap * scale)) for tap in h)


def _half_band_roots(N: int) -> list[mpc]:
    """Roots ``y`` of ``sum_k binom(N - 1 + k, k) y^k``: float64 companion roots, refined by Newton."""
    # In u = 4 y the coefficients are balanced, and float64 starts close to every root.
    powers = [mpf(math.comb(N - 1 + k, k)) / 4**k for k in reversed(range(N))]
    roots = []
    for start in np.roots([float(power) for power in powers]):
        u = mpc(start)
        for _ in range(6):
            value, slope = mp.polyval(powers, u, derivative=1)
            u -= value / slope
        roots.append(u / 4)
    return roots
