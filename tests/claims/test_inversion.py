"""S4 and S5: what they need, what they say when it is not there, and that they can fail."""

import math
from collections.abc import Callable

import pytest
import torch

from wavelets_course.claims import find, inversion
from wavelets_course.datasets import photograph
from wavelets_course.descent import History


def test_crops_are_central() -> None:
    image = torch.zeros(512, 768)
    image[192:320, 320:448] = 1
    assert inversion.centre_crop(image).shape == (128, 128)
    assert inversion.centre_crop(image).all()
    assert inversion.centre_crop(image.mT).all()


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps on small crops of embedded photographs, in place of Kodak's."""
    images = [photograph(name, size=32) for name in ("camera", "chelsea", "coins")]
    monkeypatch.setattr(inversion, "kodak", lambda: (*images, *[images[0].flip(-1)] * 9))
    for name, value in {"SIDE": 32, "STEPS": 4, "MORE": 2}.items():
        monkeypatch.setattr(inversion, name, value)


def test_s4_measures_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    [claim] = find("S4")
    assert claim.measure is not None
    values = claim.measure(0)
    assert set(values) == set(claim.expected)
    gaps = [values[f"{name}_3"] - values[f"{name}_4"] for name in inversion.NAMES]
    assert values["smallest_gap"] == min(gaps)
    assert sorted(gaps)[5] <= values["median_gap"] <= sorted(gaps)[6]
    assert all(map(math.isfinite, values.values()))
    assert claim.judge(values) == "fails"  # six steps are not enough


def test_s4_fails_where_inversion_returns_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    still = History((1.0,), "steps", 0.0)

    def lazy(layer: object, target: torch.Tensor, **_: object) -> tuple[torch.Tensor, History]:
        return torch.zeros(len(target), 32, 32), History.of((still,) * len(target), 0.0)

    monkeypatch.setattr(inversion, "invert", lazy)
    [claim] = find("S4")
    assert claim.measure is not None
    assert claim.judge(claim.measure(0)) == "fails"


@pytest.mark.parametrize(
    ("name", "sabotage"),
    [
        ("blob_attenuation", lambda C, bank: torch.ones(bank.J, bank.L)),
        ("gabor_bank_2d", inversion.morlet_bank_2d),
    ],
)
def test_s5_can_fail(monkeypatch: pytest.MonkeyPatch, name: str, sabotage: Callable[..., object]) -> None:
    monkeypatch.setattr(inversion, name, sabotage)
    monkeypatch.setattr(inversion, "BLOBS", 2)
    monkeypatch.setattr(inversion, "FEW", 1)
    [claim] = find("S5")
    assert claim.measure is not None
    values = claim.measure(0)
    assert not claim.expected["gap"].admits(values["gap"])
