"""Fields at extreme scales, and what they refuse."""

import math

import pytest
import torch

from wavelets_course.signals import deformation_size, smooth_field


@pytest.mark.parametrize("scale", [300, 1e6])
def test_the_widest_blur_leaves_the_longest_wave(scale: float, generator: torch.Generator) -> None:
    field = smooth_field((32, 32), 2.0, generator, scale=scale, dtype=torch.float64)
    assert field.norm(dim=0).max().item() == pytest.approx(2)
    spectrum = torch.fft.fft2(field).abs()
    assert (spectrum.sum((0, 1, 2)) - spectrum[:, [0, 0, 1, -1], [1, -1, 0, 0]].sum()).abs() < 1e-9
    assert deformation_size(field) < 1


@pytest.mark.untyped
def test_errors_say_what_to_do() -> None:
    with pytest.raises(ValueError, match="amplitude and scale must be >= 0"):
        smooth_field((4, 4), -1.0)
    with pytest.raises(ValueError, match="smooth_field: amplitude must be finite, got nan"):
        smooth_field((4, 4), math.nan)
    with pytest.raises(ValueError, match="smooth_field: scale must be finite, got inf"):
        smooth_field((4, 4), 1.0, scale=math.inf)
