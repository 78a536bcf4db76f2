"""Slopes of known power laws, counts on a logarithmic axis, coefficients that an edge wakes."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from wavelets_course.signals import piecewise_smooth
from wavelets_course.sparse import coefficients_per_scale, fit_slope, geometric_counts, n_term_error
from wavelets_course.transforms import Fourier2d, Wavelet2d


@settings(deadline=None, max_examples=60)
@given(first=st.integers(1, 300), factor=st.floats(1, 300), per_octave=st.integers(1, 8))
def test_counts_are_even_on_a_logarithmic_axis(first, factor, per_octave):
    last = int(first * factor)
    counts = geometric_counts(first, last, per_octave)
    assert counts[0] == first
    assert counts[-1] == last
    assert counts == sorted(set(counts))
    steps = torch.tensor(counts, dtype=torch.float64)
    ratios = (steps[1:] + 0.5) / (steps[:-1] - 0.5)
    assert (ratios >= 1).all()
    assert ((steps[1:] - 0.5) / (steps[:-1] + 0.5) <= 2 ** (1 / per_octave) + 1e-9).all()


@pytest.mark.parametrize("slope", [-2.0, -0.5, 0.3])
def test_slope_of_a_power_law(slope):
    counts = geometric_counts(10, 5000)
    errors = 3.7 * torch.tensor(counts, dtype=torch.float64) ** slope
    assert_close(fit_slope(counts, errors).item(), slope)
    assert_close(fit_slope(counts, errors, (100, 1500)).item(), slope)
    assert_close(
        fit_slope(counts, torch.stack([errors, errors**2])), torch.tensor([slope, 2 * slope]).double()
    )


def test_same_as_numpy_and_only_inside_the_window():
    counts = geometric_counts(1, 4096, 3)
    errors = torch.rand(len(counts), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    inside = [k for k, n in enumerate(counts) if 64 <= n <= 1000]
    theirs = np.polyfit(np.log([counts[k] for k in inside]), errors[inside].log().numpy(), 1)[0]
    assert_close(fit_slope(counts, errors, (64, 1000)).item(), float(theirs))
    outside = [k for k in range(len(counts)) if k not in inside]
    errors[outside] = 1e6
    assert_close(fit_slope(counts, errors, (64, 1000)).item(), float(theirs))
    assert abs(fit_slope(counts, errors).item() - float(theirs)) > 0.1


def test_zero_and_nan_errors_give_nan():
    assert fit_slope([1, 2, 4], [1.0, 0.0, 0.5]).isnan()
    assert fit_slope([1, 2, 4], [1.0, math.nan, 0.5]).isnan()
    assert not fit_slope([1, 2, 4], [1.0, 0.5, 0.0], (1, 2)).isnan()


def test_gradcheck():
    errors = torch.tensor([1.0, 0.4, 0.3], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda e: fit_slope([1, 2, 5], e), (errors,))


def test_fewest_coefficients_that_hold_the_share():
    row = torch.randn(4, 50, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    counts = coefficients_per_scale([row, 3 * row], 0.9, leading=1)
    assert counts.shape == (4, 2)
    assert torch.equal(counts[:, 0], counts[:, 1])  # a share has no size
    for image, count in zip(row, counts[:, 0].tolist(), strict=True):
        energy = image.square().sort(descending=True).values
        assert energy[:count].sum() >= 0.9 * energy.sum() > energy[: count - 1].sum()


def test_shares_at_their_ends():
    flat = torch.ones(100)
    assert coefficients_per_scale([flat], 1.0).tolist() == [100]
    assert coefficients_per_scale([flat], 0.01).tolist() == [1]
    assert coefficients_per_scale([torch.zeros(5)]).tolist() == [0]
    complex_scale = torch.full((10,), 1 + 1j)
    assert coefficients_per_scale([(complex_scale, flat)], 1.0).tolist() == [120]


def test_an_edge_wakes_twice_as_many_wavelets_a_scale():
    x = piecewise_smooth((256, 256), torch.Generator().manual_seed(0), dtype=torch.float64)
    counts = coefficients_per_scale(Wavelet2d("haar", J=6).analysis(x).details).double()
    ratios = counts[:3] / counts[1:4]
    assert ((ratios > 1.6) & (ratios < 2.4)).all(), ratios


def test_textbook_slopes_on_a_smooth_edge():
    """Mallat's Wavelet Tour, section 9.2 and 9.3: squared error n^-1/2 in Fourier, n^-1 in wavelets."""
    x = piecewise_smooth((256, 256), torch.Generator().manual_seed(1), dtype=torch.float64)
    counts = geometric_counts(32, 400)
    slopes = [
        fit_slope(counts, n_term_error(x, basis, counts, orthonormal=True)).item()
        for basis in (Fourier2d(), Wavelet2d("haar", mode="periodization"))
    ]
    assert abs(slopes[0] + 0.5) < 0.15
    assert abs(slopes[1] + 1.0) < 0.3


@pytest.mark.untyped
def test_errors_say_the_way_out():
    with pytest.raises(
        ValueError, match=r"fit_slope: expected as many errors as counts, got \(2,\) and \(3,\)"
    ):
        fit_slope([1, 2, 3], [1.0, 2.0])
    with pytest.raises(
        ValueError, match=r"fit_slope: expected at least two counts from 5 to 9, got 0; widen"
    ):
        fit_slope([1, 2], [1.0, 2.0], (5, 9))
    with pytest.raises(ValueError, match=r"geometric_counts: expected 1 <= first <= last"):
        geometric_counts(0, 5)
    with pytest.raises(TypeError, match=r"geometric_counts: last must be a whole number"):
        geometric_counts(1, 5.0)
    with pytest.raises(ValueError, match=r"coefficients_per_scale: expected a share .*0\.95 is 95 %"):
        coefficients_per_scale([torch.ones(3)], 95)
