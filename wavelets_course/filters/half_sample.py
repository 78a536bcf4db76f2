"""Pairs of orthonormal filters half a sample apart: what a dual tree is made of.

Two wavelets are a Hilbert pair, one the quadrature of the other, if the low-pass filters behind them are
equal up to a delay of half a sample. No finite filters are so exactly. `half_sample_taps` designs a pair
that comes close, from its equations; `qshift_taps` holds the numbers that N. Kingsbury published.
"""

import math
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any, Literal, TypeAlias, get_args

from mpmath import mp, mpc, mpf  # type: ignore[import-untyped]

from .whole import whole

HalfSampleName: TypeAlias = Literal["half_sample", "kingsbury"]
Real: TypeAlias = Any  # a number of mpmath

HALF_SAMPLE_NAMES: tuple[HalfSampleName, ...] = get_args(HalfSampleName)

DIGITS = 60
"""Decimal digits that the design works with; float64 keeps 16 of them."""

ORTHONORMAL = 1e-10
"""How far a pair's inner products may be from 0 and 1: a thousand roundings below float32's."""

KINGSBURY_Q_SHIFT_10 = (
    0.05113040528383166,
    -0.01397537024688884,
    -0.10983605166597087,
    0.26383956105893763,
    0.7666284677930372,
    0.5636557101270515,
    0.0008736226952171,
    -0.1002312195074762,
    -0.00168968127252815,
    -0.00618188189211644,
)
"""Low-pass filter of the 10-tap Q-shift dual tree, sum sqrt(2); the other tree's is its mirror image.

Published by N. Kingsbury (ICIP 2000; ACHA 10, 2001). `tests/filters/test_half_sample.py` checks that they
are orthonormal to their even shifts, and how near to half a sample apart.
"""


@dataclass(frozen=True)
class HalfSamplePair:
    r"""The filters of two orthonormal trees, ``a`` and ``b``, whose low-pass filters differ by half a sample.

    They are correlated with the signal, and every second sample is kept:
    ``y[k] = sum_t h[t] x[2 k + t]``. The two low-pass filters have the same modulus, and

    .. math:: \hat h_b(\omega) \approx e^{+i\omega/2}\, \hat h_a(\omega), \qquad |\omega| < \pi,

    so that tree b looks half a sample to the left of tree a.

    Attributes
    ----------
    name
        Of the pair, for instance ``"kingsbury"``.
    low_a, high_a
        Filters of tree a; ``sum(low) = sqrt(2)``, ``sum(high) = 0``.
    low_b, high_b
        Filters of tree b.
    vanishing_moments
        How many powers ``1, n, n^2, ...`` both high-pass filters send to zero.

    References
    ----------
    I. W. Selesnick, "Hilbert transform pairs of wavelet bases", IEEE Signal Processing Letters 8(6),
    170-173, 2001.

    Examples
    --------
    >>> pair = half_sample_taps()
    >>> len(pair), pair.vanishing_moments, round(sum(pair.low_a) ** 2, 12)
    (10, 3, 2.0)
    """

    name: str
    low_a: tuple[float, ...]
    high_a: tuple[float, ...]
    low_b: tuple[float, ...]
    high_b: tuple[float, ...]
    vanishing_moments: int

    def __len__(self) -> int:
        """Return the number of taps in each filter."""
        return len(self.low_a)


HalfSampleTaps: TypeAlias = HalfSampleName | HalfSamplePair
"""What names a dual tree's filters: a known name, or the filters themselves."""


def dual_tree_taps(taps: HalfSampleTaps = "half_sample") -> HalfSamplePair:
    """Give the filters of a dual tree by name, or check those that are given.

    Parameters
    ----------
    taps
        ``"half_sample"``: ours, `half_sample_taps` as it stands. ``"kingsbury"``: the published 10 taps of
        `qshift_taps`. Or a `HalfSamplePair`, for instance ``half_sample_taps(4, 3)``.

    Returns
    -------
    HalfSamplePair
        The named ones have 10 taps.

    Raises
    ------
    ValueError
        If the name is neither, or a tree is not orthonormal to its even shifts: it could not be undone.

    Examples
    --------
    >>> len(dual_tree_taps("kingsbury")), len(dual_tree_taps(half_sample_taps(4, 3)))
    (10, 14)
    """
    if isinstance(taps, HalfSamplePair):
        return _orthonormal(taps)
    return half_sample_taps() if taps == "half_sample" else qshift_taps(taps)


@cache
def qshift_taps(name: str = "kingsbury") -> HalfSamplePair:
    """Give a published pair of Q-shift filters: each low-pass filter is the other one's mirror image.

    A filter of even length whose delay is a quarter of a sample off the middle lies half a sample from its
    own mirror image.

    Parameters
    ----------
    name
        ``"kingsbury"``: the 10 taps `KINGSBURY_Q_SHIFT_10`.

    Returns
    -------
    HalfSamplePair
        Two vanishing moments, to the seven digits that the published numbers allow.

    Raises
    ------
    ValueError
        If the name is another.

    References
    ----------
    N. Kingsbury, "A dual-tree complex wavelet transform with improved orthogonality and symmetry
    properties", Proc. ICIP, 375-378, 2000.

    N. Kingsbury, "Complex wavelets for shift invariant analysis and filtering of signals", Applied and
    Computational Harmonic Analysis 10(3), 234-253, 2001.

    Examples
    --------
    >>> pair = qshift_taps("kingsbury")
    >>> pair.low_b == pair.low_a[::-1]
    True
    """
    if name != "kingsbury":
        raise ValueError(
            f"dual_tree_taps: expected one of {', '.join(map(repr, HALF_SAMPLE_NAMES))}, got {name!r}; "
            "or a HalfSamplePair: half_sample_taps(4, 3) designs one."
        )
    return _pair(name, KINGSBURY_Q_SHIFT_10[::-1], KINGSBURY_Q_SHIFT_10, vanishing_moments=2)


def half_sample_taps(vanishing_moments: int = 3, delay_degree: int = 2) -> HalfSamplePair:
    r"""Design two orthonormal filters half a sample apart, by Selesnick's common factor.

    .. math:: H_a(z) = F(z)\, z^{-L} D(1/z), \qquad H_b(z) = F(z)\, D(z), \qquad
              F(z) = Q(z)\, (1 + z^{-1})^K.

    The quotient of the two is an all-pass filter. Thiran's polynomial ``D`` of degree ``L`` makes its delay
    half a sample, maximally flat at frequency 0. The common factor ``F`` gives both filters ``K`` vanishing
    moments, and ``Q`` makes both orthonormal to their even shifts: ``Q(z) Q(1/z)`` solves a linear system,
    and ``Q`` is one of its spectral factors. They share all moduli; of them we take the one for which
    ``H_b`` comes nearest to the mirror image of ``H_a``, so that the wavelets look the same from both sides.

    Parameters
    ----------
    vanishing_moments
        ``K``, 1 to 6.
    delay_degree
        ``L``, 1 to 6: the larger, the nearer to half a sample at high frequencies.

    Returns
    -------
    HalfSamplePair
        Filters of ``2 (K + L)`` taps, exact to float64 rounding. Remembered: the second call costs nothing.

    Raises
    ------
    TypeError, ValueError
        If a number is not whole, or out of range.

    References
    ----------
    I. W. Selesnick, "The design of approximate Hilbert transform pairs of wavelet bases", IEEE Trans.
    Signal Processing 50(5), 1144-1152, 2002.

    Examples
    --------
    >>> [round(tap, 3) for tap in half_sample_taps(1, 1).low_a]
    [-0.043, 0.049, 0.75, 0.658]
    """
    return _designed(_checked("vanishing_moments", vanishing_moments), _checked("delay_degree", delay_degree))


def thiran_polynomial(degree: int) -> list[Real]:
    r"""Give the coefficients of the all-pass filter of maximally flat delay of half a sample.

    .. math:: d_n = \binom{L}{n} \prod_{k<n} \frac{L - k - 1/2}{k + 3/2}

    Parameters
    ----------
    degree
        ``L``, at least 1.

    Returns
    -------
    list of mpmath.mpf
        ``d_0 = 1, ..., d_L``, in mpmath's working precision.

    References
    ----------
    J.-P. Thiran, "Recursive digital filters with maximally flat group delay", IEEE Trans. Circuit Theory
    18(6), 659-664, 1971.

    Examples
    --------
    >>> [str(d) for d in thiran_polynomial(2)]
    ['1.0', '2.0', '0.2']
    """
    half = mpf(1) / 2
    d = [mpf(1)]
    for n in range(degree):
        d.append(d[-1] * (degree - n) * (degree - n - half) / ((n + 1) * (n + 1 + half)))
    return d


@cache
def _designed(K: int, L: int) -> HalfSamplePair:
    with mp.workdps(DIGITS):
        D = thiran_polynomial(L)
        zeros = [mpf(1)]
        for _ in range(K):
            zeros = _product(zeros, [mpf(1), mpf(1)])
        pairs = []
        for Q in _spectral_factors(_orthonormal_remainder(_product(D, zeros))):
            F = _product(Q, zeros)
            pairs.append((_unit_sum(_product(F, D[::-1])), _unit_sum(_product(F, D))))
        low_a, low_b = max(pairs, key=lambda pair: mp.fdot(pair[0], pair[1][::-1]))
    return _pair(f"half_sample_{K}_{L}", tuple(map(float, low_a)), tuple(map(float, low_b)), K)


def _orthonormal_remainder(known: list[Real]) -> list[Real]:
    """Solve for the symmetric ``R`` that makes ``R(z) known(z) known(1/z)`` half-band: zero at even lags."""
    S, n = _product(known, known[::-1]), len(known) - 1
    system = mp.matrix(n, n)
    for m in range(n):
        for k in range(-(n - 1), n):
            if 0 <= n + 2 * m - k < len(S):
                system[m, abs(k)] += S[n + 2 * m - k]
    right = mp.matrix([1, *[0] * (n - 1)])
    r = mp.lu_solve(system, right)
    return [r[abs(k)] for k in range(-(n - 1), n)]


def _spectral_factors(R: list[Real]) -> list[list[Real]]:
    """Give all real ``Q`` with ``Q(z) Q(1/z) = R(z)``, up to scale and mirror images."""
    inside = [root for root in mp.polyroots(R, maxsteps=500, extraprec=400) if abs(root) < 1]
    groups = [[root, mp.conj(root)] if root.imag else [root] for root in inside if root.imag >= 0]
    factors = []
    for count in range(len(groups) + 1):
        for moved in combinations(range(len(groups)), count):
            Q = [mpc(1)]
            for index, group in enumerate(groups):
                for root in group:
                    Q = _product(Q, [mpf(1), -1 / root if index in moved else -root])
            factors.append([mp.re(tap) for tap in Q])
    return factors


def _pair(
    name: str, low_a: tuple[float, ...], low_b: tuple[float, ...], vanishing_moments: int
) -> HalfSamplePair:
    """Complete a pair: each high-pass filter is its low-pass mirrored, every second sign changed."""
    high_a = tuple(tap if n % 2 else -tap for n, tap in enumerate(reversed(low_a)))
    high_b = tuple(-tap if n % 2 else tap for n, tap in enumerate(reversed(low_b)))
    return HalfSamplePair(name, low_a, high_a, low_b, high_b, vanishing_moments)


def _product(p: list[Real], q: list[Real]) -> list[Real]:
    """Multiply two polynomials given by their coefficients."""
    product = [mpf(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            product[i + j] += a * b
    return product


@cache
def _orthonormal(pair: HalfSamplePair) -> HalfSamplePair:
    """Refuse a pair of which a tree is no orthonormal basis."""
    trees = ((pair.low_a, pair.high_a), (pair.low_b, pair.high_b))
    lengths = {len(taps) for tree in trees for taps in tree}
    if len(lengths) > 1 or len(pair) % 2:
        raise ValueError(
            f"dual_tree_taps: the filters of {pair.name!r} must have one even length, got {sorted(lengths)}; "
            "append zeros."
        )
    gap = max(_even_shift_gap(u, v, u is v) for tree in trees for u in tree for v in tree)
    if not gap < ORTHONORMAL:
        raise ValueError(
            f"dual_tree_taps: the trees of {pair.name!r} must be orthonormal to their even shifts, they miss "
            f"it by {gap:.1e}; half_sample_taps designs pairs that are."
        )
    return pair


def _even_shift_gap(u: tuple[float, ...], v: tuple[float, ...], same: bool) -> float:
    """Largest inner product of ``u`` with ``v`` moved by an even number; less 1 where it is ``u`` itself."""
    lags = range(2 - len(u), len(u) - 1, 2)
    products = [math.fsum(u[n] * v[n - lag] for n in range(len(u)) if 0 <= n - lag < len(v)) for lag in lags]
    return max(abs(product - (same and lag == 0)) for lag, product in zip(lags, products, strict=True))


def _unit_sum(taps: list[Real]) -> list[Real]:
    scale = mp.sqrt(2) / mp.fsum(taps)
    return [tap * scale for tap in taps]


def _checked(name: str, value: int) -> int:
    number = whole("half_sample_taps", name, value)
    if not 1 <= number <= 6:
        raise ValueError(
            f"half_sample_taps: {name} must be from 1 to 6, got {number}; "
            "3 and 2 give the 10 taps of the default."
        )
    return number
