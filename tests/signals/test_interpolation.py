"""Interpolation far away from the image, and what it refuses."""

import pytest
import torch

from wavelets_course.signals import dilate, interpolate, white_noise


def noise(dtype: torch.dtype) -> torch.Tensor:
    return white_noise((6, 8), torch.Generator().manual_seed(0), dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("laps", [2**10, 2**40, 2**90, -(2**90)])
def test_far_positions_wrap_exactly(dtype: torch.dtype, laps: int) -> None:
    x, at = noise(dtype), torch.zeros(1, 1, dtype=torch.float64)
    fraction = 0.25 if abs(laps) < 2**45 else 0.0
    near = interpolate(x, at + 2, at + 3 + fraction)
    far = interpolate(x, at + 2 + 6 * float(laps), at + 3 + fraction + 8 * float(laps))
    if abs(laps) < 2**45:
        torch.testing.assert_close(far, near, rtol=0, atol=0)
    else:  # the nearest number to such a position is a multiple of 8, and known of 6
        expected = x[(6 * laps) % 6, (8 * laps) % 8]
        torch.testing.assert_close(far.squeeze(), expected)


def test_an_enormous_position_is_read_inside_the_image() -> None:
    x = noise(torch.float32)
    far = torch.full((1, 1), 1e30)
    expected = x[int(far.item()) % 6, int(far.item()) % 8]
    torch.testing.assert_close(interpolate(x, far, far).squeeze(), expected)


@pytest.mark.untyped
def test_errors_say_what_to_do() -> None:
    x, at = noise(torch.float32), torch.zeros(1, 1)
    with pytest.raises(
        ValueError, match=r"dilate: positions lie too far outside a 6x8 image: mode 'reflect'"
    ):
        dilate(x, 1e-12, "reflect")
    with pytest.raises(ValueError, match=r"interpolate: positions lie .* use mode='periodic'"):
        interpolate(x, at + 1e30, at, "constant")
    with pytest.raises(ValueError, match=r"expected x_position \(\*batch, rows, columns\), got shape \(1,\)"):
        interpolate(x, at, at[0])
    with pytest.raises(TypeError, match=r"expected a real y_position, got torch.complex64"):
        interpolate(x, at + 1j, at)
    with pytest.raises(ValueError, match="interpolate: mode must be one of"):
        interpolate(x, at, at, "mirror")  # type: ignore[arg-type]
