"""Half-sample pairs: the equations that define them, and the numbers Kingsbury published."""

import math
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from wavelets_course.filters import HalfSamplePair, dual_tree_taps, half_sample_taps, qshift_taps
from wavelets_course.filters.half_sample import thiran_polynomial

PAIRS = [half_sample_taps(K, L) for K, L in product((1, 2, 3, 4), (1, 2, 3))] + [qshift_taps()]
pairs = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)


def transform(taps: tuple[float, ...], omega: np.ndarray) -> np.ndarray:
    return np.exp(-1j * np.outer(omega, np.arange(len(taps)))) @ np.array(taps)


def even_shift_gap(u: tuple[float, ...], v: tuple[float, ...]) -> float:
    """Largest inner product of u with v shifted by an even number, u with itself unshifted less 1."""
    lags = np.correlate(u, v, "full")
    lags[len(v) - 1] -= u == v
    return float(np.abs(lags[(len(v) - 1) % 2 :: 2]).max())


def phase_error(pair: HalfSamplePair, omega: np.ndarray) -> np.ndarray:
    """Phase of the pair less half a sample, in radians."""
    quotient = transform(pair.low_b, omega) / transform(pair.low_a, omega)
    return np.angle(quotient * np.exp(-0.5j * omega))


def thirans_error(L: int, omega: np.ndarray) -> np.ndarray:
    r"""Phase error of Thiran's half sample, in closed form.

    With ``s = exp(-i w / 2)`` his polynomial is the odd part of ``(1 + s)^(2 L + 1)`` over ``(2 L + 1) s``,
    and mirrored it is the even part. So their quotient is ``(1 - r) / (1 + r) / s``, where
    ``r = ((1 - s) / (1 + s))^(2 L + 1) = (i tan(w / 4))^(2 L + 1)``.
    """
    return (-1) ** (L + 1) * 2 * np.arctan(np.tan(omega / 4) ** (2 * L + 1))


@pairs
def test_each_tree_is_orthonormal(pair: HalfSamplePair) -> None:
    for low, high in ((pair.low_a, pair.high_a), (pair.low_b, pair.high_b)):
        assert abs(sum(low) - math.sqrt(2)) < 1e-14
        assert even_shift_gap(low, low) < 1e-14
        assert even_shift_gap(high, high) < 1e-14
        assert even_shift_gap(low, high) < 1e-14


def test_a_changed_tap_is_not_orthonormal() -> None:
    low = half_sample_taps().low_a
    assert even_shift_gap((low[0] + 1e-6, *low[1:]), low) > 1e-7


@pairs
def test_both_filters_have_one_modulus(pair: HalfSamplePair) -> None:
    omega = np.linspace(0, math.pi, 101)
    a, b = np.abs(transform(pair.low_a, omega)), np.abs(transform(pair.low_b, omega))
    np.testing.assert_allclose(a, b, atol=1e-13)


@pairs
def test_moments_vanish(pair: HalfSamplePair) -> None:
    tolerance = 1e-6 if pair.name == "kingsbury" else 1e-13  # the published digits carry no more
    n = np.arange(len(pair)) - (len(pair) - 1) / 2
    for high in (pair.high_a, pair.high_b):
        for power in range(pair.vanishing_moments):
            assert abs(np.dot(high, n**power)) < tolerance
        assert abs(np.dot(high, n**pair.vanishing_moments)) > 0.1


@pytest.mark.parametrize("L", [1, 2, 3, 4, 5, 6])
def test_thirans_polynomial_is_half_of_a_binomial(L: int) -> None:
    expected = [math.comb(2 * L + 1, 2 * n + 1) / (2 * L + 1) for n in range(L + 1)]
    np.testing.assert_allclose(np.array(thiran_polynomial(L), dtype=float), expected, rtol=1e-15)


@pytest.mark.parametrize(("K", "L"), list(product((1, 2, 3, 4), (1, 2, 3, 4))))
def test_the_delay_is_thirans(K: int, L: int) -> None:
    """A quotient of sums of taps is as exact as its divisor is large: 1 / |h| roundings."""
    pair, omega = half_sample_taps(K, L), np.linspace(0, 0.9 * math.pi, 200)
    rounding = 100 * np.finfo(float).eps / np.abs(transform(pair.low_a, omega)).min()
    np.testing.assert_allclose(phase_error(pair, omega), thirans_error(L, omega), atol=rounding, rtol=0)
    other = thirans_error(L + 1, omega)
    assert np.abs(phase_error(pair, omega) - other).max() > 1000 * rounding


@pytest.mark.parametrize("L", [1, 2, 3, 4])
def test_thirans_delay_is_flat_to_order_2_l(L: int) -> None:
    """Thiran 1971: the phase error falls as w^(2L+1); its slope at 0, with 60 digits."""
    with mp.workdps(60):
        d = thiran_polynomial(L)
        w = mpf(10) ** -6

        def error(w: Any) -> Any:
            z = mp.expj(-w)
            D, mirrored = mp.polyval(d[::-1], z), mp.polyval(d, z)
            return mp.arg(D / mirrored * mp.expj(-w / 2))

        assert abs(mp.log(error(2 * w) / error(w), 2) - (2 * L + 1)) < w
        assert abs(abs(error(w)) * 2 ** (4 * L + 1) / w ** (2 * L + 1) - 1) < w


def test_exchanged_trees_are_a_sample_off() -> None:
    pair = half_sample_taps()
    exchanged = HalfSamplePair("exchanged", pair.low_b, pair.high_b, pair.low_a, pair.high_a, 3)
    omega = np.array([1.0])
    np.testing.assert_allclose(phase_error(exchanged, omega), -thirans_error(2, omega) - 1.0, atol=1e-12)


def test_the_published_filter_is_a_mirror_image() -> None:
    """N. Kingsbury, ACHA 10, 2001: 10 taps; the largest are .76663 and .56366, and tree b mirrors tree a."""
    pair = qshift_taps("kingsbury")
    assert len(pair) == 10
    assert pair.low_a == pair.low_b[::-1]
    assert pair.high_a == pair.high_b[::-1]
    assert [round(tap, 5) for tap in pair.low_b[4:6]] == [0.76663, 0.56366]


def test_ours_is_nearly_a_mirror_image() -> None:
    pair = half_sample_taps()
    assert np.dot(pair.low_a, pair.low_b[::-1]) > 0.98


def test_names() -> None:
    assert dual_tree_taps() is half_sample_taps()
    assert dual_tree_taps("kingsbury") == qshift_taps()


def test_a_pair_of_ones_own_is_taken_as_it_is() -> None:
    for pair in (half_sample_taps(4, 3), replace(qshift_taps(), name="mine")):
        assert dual_tree_taps(pair) is pair


@pytest.mark.untyped
def test_errors_name_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"dual_tree_taps: expected one of 'half_sample', 'kingsbury', got"):
        dual_tree_taps("db2")  # type: ignore[arg-type]
    pair = half_sample_taps()
    bent = replace(pair, low_b=(pair.low_b[0] + 1e-6, *pair.low_b[1:]))
    with pytest.raises(ValueError, match=r"the trees of 'half_sample_3_2' must be orthonormal .* miss it by"):
        dual_tree_taps(bent)
    with pytest.raises(ValueError, match=r"must have one even length, got \[10, 12\]; append zeros"):
        dual_tree_taps(replace(pair, low_a=(*pair.low_a, 0.0, 0.0)))
    with pytest.raises(ValueError, match="half_sample_taps: vanishing_moments must be from 1 to 6, got 0"):
        half_sample_taps(0)
    with pytest.raises(TypeError, match=r"half_sample_taps: delay_degree must be a whole number, got 2\.0"):
        half_sample_taps(3, 2.0)  # type: ignore[arg-type]
