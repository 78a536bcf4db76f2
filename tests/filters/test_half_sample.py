"""Half-sample pairs: the equations that define them, and the numbers Kingsbury published."""

import math
from itertools import product

import numpy as np
import pytest

from wavelets_course.filters import HalfSamplePair, dual_tree_taps, half_sample_taps, qshift_taps

PAIRS = [half_sample_taps(K, L) for K, L in product((1, 2, 3, 4), (1, 2, 3))] + [qshift_taps()]
pairs = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)


def transform(taps: tuple[float, ...], omega: np.ndarray) -> np.ndarray:
    return np.exp(-1j * np.outer(omega, np.arange(len(taps)))) @ np.array(taps)


def even_shift_gap(u: tuple[float, ...], v: tuple[float, ...]) -> float:
    """Largest inner product of u with v shifted by an even number, u with itself unshifted less 1."""
    lags = np.correlate(u, v, "full")
    lags[len(v) - 1] -= u == v
    return float(np.abs(lags[(len(v) - 1) % 2 :: 2]).max())


def phase_error(pair: HalfSamplePair, omega: np.ndarray) -> float:
    """Distance of the pair's phase from half a sample, in radians."""
    quotient = transform(pair.low_b, omega) / transform(pair.low_a, omega)
    return float(np.abs(np.angle(quotient * np.exp(-0.5j * omega))).max())


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


@pytest.mark.parametrize("K", [1, 2, 3, 4])
def test_the_delay_is_half_a_sample_and_flatter_for_higher_degrees(K: int) -> None:
    omega = np.linspace(0.01, math.pi / 2, 60)
    errors = [phase_error(half_sample_taps(K, L), omega) for L in (1, 2, 3, 4)]
    assert errors == sorted(errors, reverse=True)
    assert errors[1] < 0.03
    assert errors[3] < 1e-3


def test_thirans_delay_is_flat_to_order_2_l() -> None:
    """Thiran 1971: the delay is flat to order 2 L at frequency 0; the phase error falls as w^(2L+1)."""
    for L in (1, 2):
        errors = [phase_error(half_sample_taps(3, L), np.array([w])) for w in (0.2, 0.4)]
        assert abs(math.log2(errors[1] / errors[0]) - (2 * L + 1)) < 0.2


def test_exchanged_trees_are_a_sample_off() -> None:
    pair = half_sample_taps()
    exchanged = HalfSamplePair("exchanged", pair.low_b, pair.high_b, pair.low_a, pair.high_a, 3)
    assert phase_error(exchanged, np.array([1.0])) > 0.9


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


@pytest.mark.untyped
def test_errors_name_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"dual_tree_taps: expected one of 'half_sample', 'kingsbury', got"):
        dual_tree_taps("db2")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="half_sample_taps: vanishing_moments must be from 1 to 6, got 0"):
        half_sample_taps(0)
    with pytest.raises(TypeError, match=r"half_sample_taps: delay_degree must be a whole number, got 2\.0"):
        half_sample_taps(3, 2.0)  # type: ignore[arg-type]
