"""D8 and D9 fail when what they measure is broken; D8's own steps on a handful of pictures."""

import pytest
import torch
from torch import Tensor

from wavelets_course.claims import find, max_or_modulus
from wavelets_course.insight import max_pooled, moduli


def of(identity: str) -> max_or_modulus.Claim:
    [claim] = find(identity)
    return claim


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(max_or_modulus, "PHOTOGRAPHS", ("camera", "grass"))


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("name", "sabotage", "broken"),
    [
        ("expected_pooling_gap", lambda frequency: frequency[:, 0], "correlation"),
        ("expected_pooling_gap", lambda frequency: frequency.norm(dim=-1), "median_error"),
        ("gabor_pooling_gaps", lambda images, f: torch.ones(len(images), len(f)).double(), "low_over_median"),
        (
            "max_pooled",
            lambda z: moduli(z).sum((-2, -1), keepdim=True) + 0 * max_pooled(z),
            "shift_correlation_2",
        ),
    ],
)
def test_d9_fails_when_broken(name, sabotage, broken, monkeypatch):
    monkeypatch.setattr(max_or_modulus, name, sabotage)
    values = max_or_modulus.gaps(0)
    assert not of("D9").expected[broken].admits(values[broken])
    assert of("D9").judge(values) == "fails"


@pytest.mark.usefixtures("few")
def test_what_is_sabotaged_holds_otherwise():
    values = max_or_modulus.gaps(0)
    for name in ("correlation", "median_error", "low_over_median", "shift_correlation_2"):
        assert of("D9").expected[name].admits(values[name]), name


def fake(rates: dict[str, list[float]]):
    """Networks whose rates and accuracies are known."""
    asked: list[tuple[str, int]] = []

    def trained(kind: str, seed: int) -> tuple[float, float]:
        asked.append((kind, seed))
        return rates[kind][seed % 3], 0.5

    return trained, asked


def test_d8_is_the_median_of_paired_falls(monkeypatch):
    trained, asked = fake({"max": [0.2, 0.1, 0.3], "modulus": [0.1, 0.08, 0.15]})
    monkeypatch.setattr(max_or_modulus, "_trained", trained)
    values = max_or_modulus.flips_of_networks(2)
    assert asked == [(kind, seed) for seed in (6, 7, 8) for kind in ("max", "modulus")]
    assert values["median_fall"] == pytest.approx(50)
    assert values["smallest_fall"] == pytest.approx(20)
    assert values["flips_max"] == pytest.approx(20)
    assert of("D8").judge(values) == "holds"


def test_d8_fails_where_the_modulus_is_no_calmer(monkeypatch):
    trained, _ = fake({"max": [0.2, 0.2, 0.2], "modulus": [0.19, 0.1, 0.3]})
    monkeypatch.setattr(max_or_modulus, "_trained", trained)
    assert of("D8").judge(max_or_modulus.flips_of_networks(0)) == "fails"


def test_d8_trains_and_judges_both_kinds_alike(monkeypatch):
    """A few noisy pictures in the place of CIFAR-10; what is learned does not matter."""
    generator = torch.Generator().manual_seed(0)

    class Pictures(list):
        def __init__(self, train: bool, transform: None) -> None:
            assert transform is None
            draws = torch.rand(12, 3, 32, 32, generator=generator)
            super().__init__([(picture, index % 10) for index, picture in enumerate(draws)])

    for name, value in {"cifar10": Pictures, "TRAINED_ON": 8, "JUDGED_ON": 6, "EPOCHS": 1}.items():
        monkeypatch.setattr(max_or_modulus, name, value)
    seen: list[Tensor] = []

    def flip_rate(network: torch.nn.Module, images: Tensor, progress: bool) -> float:
        assert not network.training
        seen.append(images)
        return 0.25

    monkeypatch.setattr(max_or_modulus, "flip_rate", flip_rate)
    for kind in ("max", "modulus"):
        rate, accuracy = max_or_modulus._trained(kind, 0)
        assert rate == 0.25
        assert 0 <= accuracy <= 1
    assert seen[0].shape == (6, 3, 32, 32)
    assert seen[0].mean().abs() < 0.5  # normalised
