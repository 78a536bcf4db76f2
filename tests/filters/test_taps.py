"""Taps: defining equations, the printed table, PyWavelets live, and filters that must be rejected."""

import math
import re
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import pywt

from wavelets_course.filters.taps import Taps, wavelet_taps

NAMES = ["haar", *(f"db{N}" for N in range(1, 39))]


def even_shift_gap(taps: Taps) -> float:
    """Distance of the bank's even shifts (low, high and across) from an orthonormal family."""
    low, high = np.array(taps.low), np.array(taps.high)

    def even_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.correlate(a, b, mode="full")[(len(a) - 1) % 2 :: 2]

    one = np.zeros(len(even_correlation(low, low)))
    one[len(one) // 2] = 1
    gaps = (even_correlation(low, low) - one, even_correlation(high, high) - one, even_correlation(low, high))
    return float(max(np.abs(gap).max() for gap in gaps))


def moment_gap(taps: Taps) -> float:
    """Largest inner product of the high-pass filter with a polynomial of degree below N, bounded by 1."""
    N = taps.vanishing_moments
    n = np.linspace(-1, 1, len(taps))
    legendre = np.polynomial.legendre.legvander(n, N - 1)
    return float(np.abs(np.array(taps.high) @ legendre).max())


@pytest.mark.parametrize("name", NAMES)
def test_defining_equations(name: str) -> None:
    taps = wavelet_taps(name)
    assert abs(math.fsum(taps.low) - math.sqrt(2)) < 1e-15
    assert abs(math.fsum(taps.high)) < 1e-15
    assert even_shift_gap(taps) < 1e-15
    assert moment_gap(taps) < 1e-15


@pytest.mark.parametrize("name", NAMES)
def test_every_tap_equals_pywavelets(name: str) -> None:
    taps, peer = wavelet_taps(name), pywt.Wavelet(name)
    for ours, theirs in zip(
        (taps.low, taps.high, taps.rec_low, taps.rec_high), peer.filter_bank, strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-16)


def test_page_of_the_literature() -> None:
    """Daubechies 1992, section 6.1: the four-tap filter in closed form."""
    root = math.sqrt(3)
    closed = [(1 + root) / 4, (3 + root) / 4, (3 - root) / 4, (1 - root) / 4]
    np.testing.assert_allclose(
        wavelet_taps("db2").rec_low, np.array(closed) / math.sqrt(2), rtol=0, atol=5e-16
    )


@pytest.mark.parametrize("N", range(1, 39))
def test_minimum_phase_puts_the_energy_first(N: int) -> None:
    energy = np.cumsum(np.square(wavelet_taps(f"db{N}").rec_low))
    backwards = np.cumsum(np.square(wavelet_taps(f"db{N}").low))
    assert np.all(energy >= backwards - 1e-15)


def test_haar_is_db1_by_another_name() -> None:
    assert replace(wavelet_taps("haar"), name="db1") == wavelet_taps("db1")


def test_taps_are_values() -> None:
    taps = wavelet_taps("db3")
    assert wavelet_taps("db3") is taps
    assert hash(taps) == hash(replace(taps))
    assert (len(taps), taps.vanishing_moments) == (6, 3)
    with pytest.raises(FrozenInstanceError):
        taps.low = (1.0,)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("sabotage", "law"),
    [
        (lambda t: replace(t, low=(*t.low[:-1], t.low[-1] * (1 + 1e-12))), even_shift_gap),
        (lambda t: replace(t, high=tuple(abs(tap) for tap in t.high)), even_shift_gap),
        (lambda t: replace(t, high=t.low), moment_gap),
        (lambda t: replace(t, high=t.high[::-1][1:] + t.high[:1]), even_shift_gap),
    ],
)
def test_laws_reject_sabotaged_taps(sabotage, law) -> None:  # type: ignore[no-untyped-def]
    good = wavelet_taps("db4")
    assert law(good) < 1e-15
    assert law(sabotage(good)) > 1e-13


@pytest.mark.untyped
@pytest.mark.parametrize("name", ["sym4", "db0", "db39", "db", "Haar", "db 2", ""])
def test_an_unknown_name_is_refused_with_a_way_out(name: str) -> None:
    text = f"wavelet_taps: expected 'haar' or 'db1' to 'db38', got {name!r}; choose one of these"
    with pytest.raises(ValueError, match=re.escape(text)):
        wavelet_taps(name)
