"""Curvelet windows: squares add up to one everywhere, wedges point where they say and get narrower."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from wavelets_course.filters import CurveletBank, curvelet_bank, frequencies
from wavelets_course.filters.curvelet import deepest, default_scales

SHAPES = [(64, 64), (65, 65), (64, 47), (31, 90), (8, 8), (101, 103), (5, 6), (1, 40)]


def energy(bank: CurveletBank) -> torch.Tensor:
    """Sum of the windows' squares and their mirror images' squares: what a real image feels."""
    squares = sum(bank.windows(band).square().sum(0) for band in bank.bands)
    assert isinstance(squares, torch.Tensor)
    return (squares + squares.flip(0, 1).roll((1, 1), (0, 1))) / 2


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("finest", ["curvelet", "wavelet"])
def test_squares_add_up_to_one_corners_and_nyquist_included(shape: tuple[int, int], finest: str) -> None:
    bank = curvelet_bank(shape, deepest(shape), finest=finest)  # type: ignore[arg-type]
    assert_close(energy(bank), torch.ones(shape, dtype=torch.float64), rtol=0, atol=1e-13)


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(2, 6), st.sampled_from(["curvelet", "wavelet"]))
def test_squares_add_up_to_one_whatever_the_shape(height: int, width: int, half: int, finest: str) -> None:
    shape = height, width
    bank = curvelet_bank(shape, deepest(shape), angles=2 * half, finest=finest)  # type: ignore[arg-type]
    assert_close(energy(bank), torch.ones(shape, dtype=torch.float64), rtol=0, atol=1e-13)


def test_a_sum_without_one_wedge_is_seen() -> None:
    bank = curvelet_bank((64, 64), 2)
    bank.scales[0][0].window_hat[1] = 0
    assert float(energy(bank).min()) < 0.6


def test_wedges_double_every_other_scale() -> None:
    assert curvelet_bank((512, 512), 6, angles=4).angles == (16, 16, 8, 8, 4, 4)
    assert curvelet_bank((512, 512), 5, angles=6).angles == (24, 12, 12, 6, 6)
    assert curvelet_bank((64, 64), 3, angles=10, finest="wavelet").angles == (0, 10, 10)
    for scale, K in zip((bank := curvelet_bank((128, 128), 5)).scales, bank.angles, strict=True):
        assert [len(band.window_hat) for band in scale] == [K // 2, K // 2]


@pytest.mark.parametrize("shape", [(128, 128), (90, 128)])
def test_theta_is_the_direction_of_the_windows_centre(shape: tuple[int, int]) -> None:
    bank = curvelet_bank(shape, 3)
    omega_y, omega_x = frequencies(shape)
    for band in bank.scales[1] + bank.scales[2]:
        weight = bank.windows(band).square()
        centre = torch.atan2((weight * omega_y).sum((1, 2)), (weight * omega_x).sum((1, 2)))
        assert_close(centre, band.theta, rtol=0, atol=0.06)  # the square ring pulls towards its corners


def test_directions_cover_a_half_turn_in_order() -> None:
    bank = curvelet_bank((64, 64), 2, angles=8)
    for scale in bank.scales:
        theta = torch.cat([band.theta for band in scale])
        assert float(theta.diff().min()) > 0
        assert -math.pi / 4 < theta[0] < theta[3] <= math.pi / 4 + 1e-9 < theta[4]
        assert theta[-1] <= 3 * math.pi / 4 + 1e-9
        for axis in (0.0, math.pi / 4, math.pi / 2, 3 * math.pi / 4):
            assert float((theta - axis).abs().min()) < 1e-12


def test_norms_of_one_scale_are_nearly_equal() -> None:
    for scale in curvelet_bank((256, 256), 4).scales:
        places = scale[0].window_hat[0].numel()
        norms = torch.cat([band.window_hat.square().sum((1, 2)) / places for band in scale]).sqrt()
        assert float(norms.max() / norms.min()) < 1.15
        assert 0.6 < float(norms.min()) < float(norms.max()) < 1


@pytest.mark.parametrize(("finest", "low", "high"), [("curvelet", 4.0, 4.9), ("wavelet", 1.8, 2.3)])
def test_redundancy(finest: str, low: float, high: float) -> None:
    for shape in ((256, 256), (128, 256), (300, 300)):
        bank = curvelet_bank(shape, finest=finest)  # type: ignore[arg-type]
        assert low < bank.redundancy < high
        assert bank.count == round(bank.redundancy * shape[0] * shape[1])


@pytest.mark.parametrize(
    ("shape", "most", "default"),
    [
        ((1, 90), 0, 0),
        ((7, 7), 0, 0),
        ((8, 8), 1, 1),
        ((64, 64), 4, 1),
        ((256, 300), 6, 3),
        ((512, 512), 7, 4),
    ],
)
def test_number_of_scales(shape: tuple[int, int], most: int, default: int) -> None:
    assert deepest(shape) == most
    assert default_scales(shape) == default
    assert default == curvelet_bank(shape).J


def test_without_scales_the_image_is_left_as_it_is() -> None:
    bank = curvelet_bank((5, 7), 0)
    assert bank.scales == ()
    assert torch.equal(bank.coarse.window_hat, torch.ones(1, 5, 7, dtype=torch.float64))


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("shape", "arguments", "text"),
    [
        ((28, 28), {"J": 3}, r"J = 3 is too deep for a 28x28 image \(at most 2\); use J <= 2 or enlarge"),
        ((28, 28), {"J": -1}, r"expected J >= 0, got -1; J = 0 keeps the image"),
        ((28, 28), {"angles": 5}, r"even number of angles, at least 4, got 5; use angles = 6"),
        ((28, 28), {"angles": 2}, r"even number of angles, at least 4, got 2; use angles = 4"),
        ((28, 28), {"finest": "round"}, r"expected finest = 'curvelet' or 'wavelet', got 'round'"),
        ((28,), {}, r"expected shape = \(height, width\), both at least 1, got \(28,\)"),
        ((0, 28), {}, r"expected shape = \(height, width\), both at least 1, got \(0, 28\)"),
    ],
)
def test_impossible_designs_are_refused(shape: tuple[int, int], arguments: dict[str, int], text: str) -> None:
    with pytest.raises(ValueError, match="curvelet_bank: .*" + text):
        curvelet_bank(shape, **arguments)  # type: ignore[arg-type]


@pytest.mark.untyped
def test_fractions_are_refused() -> None:
    with pytest.raises(TypeError, match=r"curvelet_bank: J must be a whole number, got 2\.0"):
        curvelet_bank((28, 28), 2.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"curvelet_bank: each side must be a whole number, got 2\.5"):
        curvelet_bank((28, 2.5))  # type: ignore[arg-type]
