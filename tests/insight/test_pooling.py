"""Max pooling beside the modulus: waves, the formula against an integral, and what spoils it."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from wavelets_course.insight import (
    expected_pooling_gap,
    gabor_pooling_gaps,
    max_pooled,
    moduli,
    pooling_gap,
)
from wavelets_course.signals import plane_wave

angle = st.floats(-math.pi, math.pi)


def integral(frequency: tuple[float, float], window: int, points: int = 20_000) -> float:
    """Root mean square of 1 - max cos over all phases, sampled."""
    phase = torch.arange(points, dtype=torch.float64) * 2 * math.pi / points
    steps = range(-(window // 2), window // 2 + 1)
    seen = [(phase + frequency[0] * a + frequency[1] * b).cos() for a in steps for b in steps]
    return (1 - torch.stack(seen).amax(0)).square().mean().sqrt().item()


@given(down=angle, right=angle, window=st.sampled_from([1, 3, 5]))
@settings(max_examples=30, deadline=None)
def test_formula_is_the_integral(down, right, window):
    gap = expected_pooling_gap(torch.tensor([down, right], dtype=torch.float64), window)
    assert gap.item() == pytest.approx(integral((down, right), window), abs=2e-3)


def test_one_phase_is_the_worst_and_nothing_is_worse():
    assert expected_pooling_gap(torch.zeros(2)).item() == pytest.approx(math.sqrt(1.5))
    many = torch.rand(500, 2, generator=torch.Generator().manual_seed(0)) * 2 * math.pi
    gaps = expected_pooling_gap(many)
    assert gaps.shape == (500,)
    assert (gaps <= math.sqrt(1.5)).all()
    assert (gaps >= 0).all()


def test_symmetric_in_sign_order_and_whole_turns():
    frequency = torch.tensor([0.7, 1.9], dtype=torch.float64)
    gap = expected_pooling_gap(frequency)
    for same in (-frequency, frequency.flip(0), frequency * torch.tensor([1, -1]), frequency + 2 * math.pi):
        torch.testing.assert_close(expected_pooling_gap(same), gap)


@pytest.mark.parametrize("frequency", [(0.0, 2 * math.pi / 3), (1.1, 2.3), (0.2, 0.1)])
def test_measured_on_waves_of_every_phase(frequency):
    """Waves of constant modulus are what the formula assumes."""
    wave = plane_wave((9, 9), frequency, dtype=torch.complex128)
    turns = torch.exp(1j * 2 * math.pi * torch.arange(2000, dtype=torch.float64) / 2000)
    gaps = pooling_gap(turns[:, None, None] * wave)
    measured = gaps.square().mean().sqrt()
    torch.testing.assert_close(measured, expected_pooling_gap(torch.tensor(frequency)), rtol=0, atol=1e-3)


def test_pooled_and_modulus_have_one_shape_and_the_middle_is_the_middle():
    z = torch.randn(2, 3, 11, 8, dtype=torch.complex64, generator=torch.Generator().manual_seed(0))
    for window, stride in ((3, 2), (3, 1), (5, 3), (1, 2)):
        pooled, crest = max_pooled(z, window, stride), moduli(z, window, stride)
        assert pooled.shape == crest.shape
        half = window // 2
        torch.testing.assert_close(crest[..., 0, 0], z[..., half, half].abs())
        torch.testing.assert_close(pooled[..., 0, 0], z.real[..., :window, :window].amax((-2, -1)))


def test_window_of_one_is_the_real_part():
    z = torch.tensor([[3 + 4j, -2 + 0j]])
    assert max_pooled(z, 1, 1).tolist() == [[3.0, -2.0]]
    assert pooling_gap(z, 1, 1).item() == pytest.approx(math.sqrt((2**2 + 4**2) / (25 + 4)))


def test_formula_for_another_window_fails():
    """The check can fail: a window of 5 sees more phases than one of 3."""
    frequency = torch.tensor([0.3, 0.4])
    assert expected_pooling_gap(frequency, 5) < 0.6 * expected_pooling_gap(frequency, 3)


def test_gradients_and_any_batch():
    z = torch.randn(2, 2, 7, 7, dtype=torch.complex128, generator=torch.Generator().manual_seed(0))
    z.requires_grad_()

    def both(z: Tensor) -> tuple[Tensor, Tensor]:
        return max_pooled(z), moduli(z)

    assert torch.autograd.gradcheck(both, (z,))
    assert pooling_gap(torch.zeros(0, 5, 5, dtype=torch.complex64)).shape == (0,)
    assert pooling_gap(torch.zeros(5, 5, dtype=torch.complex64)).isnan()


def test_narrow_filters_on_noise_follow_the_formula():
    """Noise has a random phase at every frequency; the wider the envelope, the truer the formula."""
    noise = torch.randn(2, 96, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    frequencies = torch.tensor([[0.0, 0.8], [1.1, 2.3], [-0.9, 1.7]], dtype=torch.float64)
    errors = {
        sigma: (gabor_pooling_gaps(noise, frequencies, sigma=sigma) - expected_pooling_gap(frequencies)).abs()
        for sigma in (2, 8.0)
    }
    assert errors[8.0].shape == (2, 3)
    assert errors[8.0].max() < 0.1
    assert errors[8.0].mean() < 0.3 * errors[2].mean()


def test_a_wave_meets_its_own_filter():
    wave = plane_wave((64, 64), (2 * math.pi * 12 / 64, 2 * math.pi * 20 / 64), dtype=torch.complex128)
    own = torch.tensor([[2 * math.pi * 12 / 64, 2 * math.pi * 20 / 64]], dtype=torch.float64)
    z_gap = pooling_gap(wave)
    torch.testing.assert_close(gabor_pooling_gaps(wave.real, own)[0], z_gap, rtol=0, atol=1e-6)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda z: max_pooled(z, 2), "must be odd"),
        (lambda z: moduli(z, 7), "a window of at most 5"),
        (lambda z: pooling_gap(z, 3, 0), "got 3 and 0"),
        (lambda z: expected_pooling_gap(torch.zeros(2), 4), "got 4"),
    ],
)
def test_windows_without_a_middle_are_refused(ask, text):
    with pytest.raises(ValueError, match=text):
        ask(torch.zeros(5, 5, dtype=torch.complex64))
