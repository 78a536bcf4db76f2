"""Noise: moments, spectrum, and the seed that fixes it."""

import pytest
import torch

from wavelets_course.signals import power_law_noise, white_noise


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.complex64], ids=str)
def test_white_noise_has_mean_zero_and_variance_one(dtype: torch.dtype) -> None:
    x = white_noise((400, 500), seeded(), dtype)
    assert x.dtype == dtype
    assert x.mean().abs() < 0.01
    assert x.abs().square().mean().item() == pytest.approx(1, abs=0.01)


def test_noise_repeats_with_its_seed_and_leaves_the_global_one_alone() -> None:
    before = torch.get_rng_state()
    torch.testing.assert_close(white_noise((5,), seeded(3)), white_noise((5,), seeded(3)), rtol=0, atol=0)
    pair = [power_law_noise((2, 4, 4), 1.5, seeded(3)) for _ in range(2)]
    torch.testing.assert_close(*pair, rtol=0, atol=0)
    assert (white_noise((5,), seeded(3)) != white_noise((5,), seeded(4))).all()
    torch.testing.assert_close(torch.get_rng_state(), before, rtol=0, atol=0)


@pytest.mark.parametrize("exponent", [0, 1.0, 2.0, 3.5])
def test_power_law_noise_has_its_slope_and_variance(exponent: float) -> None:
    x = power_law_noise((100, 64, 96), exponent, seeded(), torch.float64)
    assert x.mean((-2, -1)).abs().max() < 1e-12
    power = torch.fft.fft2(x).abs().square().mean(0)
    omega = torch.hypot(torch.fft.fftfreq(64)[:, None], torch.fft.fftfreq(96)).double()
    known = omega > 0
    design = torch.stack((torch.ones(int(known.sum())).double(), omega[known].log()), dim=1)
    slope = torch.linalg.lstsq(design, power[known].log()[:, None]).solution[1].item()
    assert slope == pytest.approx(-exponent, abs=0.02)
    assert x.square().mean().item() == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize("exponent", [300.0, -300.0, 3000.0])
def test_steep_spectra_neither_overflow_nor_vanish(exponent: float) -> None:
    x = power_law_noise((32, 64, 64), exponent, seeded(), torch.float64)
    assert x.mean((-2, -1)).abs().max() < 1e-12
    assert x.square().mean().item() == pytest.approx(1, rel=0.5)  # few waves are left
    assert (x[0] - x[0, :, :1]).abs().max() > 0 or (x[0] - x[0, :1]).abs().max() > 0


def test_double_precision_does_not_depend_on_the_default_dtype() -> None:
    single = power_law_noise((8, 9), 1.7, seeded(), torch.float64)
    torch.set_default_dtype(torch.float64)
    try:
        double = power_law_noise((8, 9), 1.7, seeded(), torch.float64)
    finally:
        torch.set_default_dtype(torch.float32)
    torch.testing.assert_close(single, double, rtol=0, atol=0)


def test_small_shapes() -> None:
    assert power_law_noise((1, 1), 2.0).tolist() == [[0.0]]
    assert power_law_noise((0, 4, 4), 2.0).shape == (0, 4, 4)
    assert power_law_noise((1, 8), -1.0).shape == (1, 8)


@pytest.mark.untyped
def test_errors_say_what_to_do() -> None:
    with pytest.raises(TypeError, match=r"white_noise: expected .* got torch.int64; use torch.float32"):
        white_noise((2,), dtype=torch.int64)
    with pytest.raises(ValueError, match=r"power_law_noise: expected shape .* got \(4,\)"):
        power_law_noise((4,), 1.0)
    with pytest.raises(TypeError, match=r"expected a real dtype, got torch.complex64"):
        power_law_noise((4, 4), 1.0, dtype=torch.complex64)
    with pytest.raises(ValueError, match="power_law_noise: exponent must be finite, got nan"):
        power_law_noise((4, 4), float("nan"))
