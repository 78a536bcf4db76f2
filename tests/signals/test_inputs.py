"""Every function of the folder names itself, what came, and the way out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from wavelets_course import signals

AT = torch.zeros(1, 1)
IMAGES: dict[str, Callable[[Any], Any]] = {
    "extend": lambda x: signals.extend(x, 1),
    "interpolate": lambda x: signals.interpolate(x, AT, AT),
    "shift": lambda x: signals.shift(x, (1, 1)),
    "rotate": lambda x: signals.rotate(x, 1.0),
    "dilate": lambda x: signals.dilate(x, 2.0),
    "deform": lambda x: signals.deform(x, torch.zeros(2, 4, 4)),
    "mse": lambda x: signals.mse(x, x),
    "psnr": lambda x: signals.psnr(x, x),
    "snr": lambda x: signals.snr(x, x),
    "ssim": lambda x: signals.ssim(x, x),
}
ANY: dict[str, Callable[[Any], Any]] = {
    "extend_axis": lambda x: signals.extend_axis(x, 1, 1),
    "extension_rule": lambda x: signals.extension_rule(x, 4, "zero"),
    "deformation_size": lambda x: signals.deformation_size(x),
}


@pytest.mark.untyped
@pytest.mark.parametrize("name", [*IMAGES, *ANY])
@pytest.mark.parametrize("value", [np.ones((4, 4)), [[1.0, 2.0]]], ids=["array", "list"])
def test_arrays_and_lists_are_no_tensors(name: str, value: Any) -> None:
    kind = type(value).__name__
    with pytest.raises(TypeError, match=rf"^{name}: expected a tensor, got \w+ = {kind}; .*torch\.as_tensor"):
        (IMAGES | ANY)[name](value)


@pytest.mark.untyped
@pytest.mark.parametrize("name", IMAGES)
def test_signals_are_no_images(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: expected images .* got shape \(4,\); .*x\[None, :\]"):
        IMAGES[name](torch.ones(4))


@pytest.mark.untyped
@pytest.mark.parametrize("name", sorted(set(IMAGES) - {"shift"}))
def test_integers_are_no_intensities(name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{name}: .* got torch.uint8; convert it: x\.float"):
        IMAGES[name](torch.ones(4, 4, dtype=torch.uint8))


@pytest.mark.untyped
def test_fields_and_positions_are_tensors_too() -> None:
    with pytest.raises(TypeError, match=r"deform: expected a tensor, got field = ndarray"):
        signals.deform(torch.ones(4, 4), np.zeros((2, 4, 4)))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"interpolate: expected a tensor, got y_position = list"):
        signals.interpolate(torch.ones(4, 4), [[0.0]], AT)  # type: ignore[arg-type]
