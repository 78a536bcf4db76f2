"""D4 to D7 fail when what they measure is broken."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from wavelets_course.claims import dual_tree_cnn, dual_tree_cnn_training, find
from wavelets_course.claims.registry import Number
from wavelets_course.networks import WaveletConv2d, dual_tree_alexnet, standard_resnet


def measured(identity: str) -> tuple[Mapping[str, Number], list[str]]:
    """Values, and the names of those that are not as expected."""
    [claim] = find(identity)
    assert claim.measure is not None
    values = claim.measure(0)
    return values, [name for name, value in values.items() if not claim.expected[name].admits(value)]


def test_a_bias_too_many_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def louder() -> nn.Module:
        return nn.Sequential(dual_tree_alexnet(), nn.BatchNorm1d(1))

    monkeypatch.setattr(dual_tree_cnn, "dual_tree_alexnet", louder)
    values, broken = measured("D4")
    assert broken == ["wavelet_alexnet"]
    assert values["wavelet_alexnet"] == 61_089_435
    assert values["poster_alexnet"] == 61_077_611


def test_a_kernel_one_pixel_off_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    class Moved(dual_tree_cnn.DualTreeStem):
        def resulting_kernel(self, size: int | None = None) -> Tensor:
            return super().resulting_kernel(size).roll(1, -1)

    def moved(J: int, generator: torch.Generator) -> nn.Module:
        network = dual_tree_alexnet(J, generator=generator)
        network.get_submodule("features.0").__class__ = Moved
        return network

    monkeypatch.setattr(dual_tree_cnn, "dual_tree_alexnet", moved)
    values, broken = measured("D5")
    assert broken == ["gap"]
    assert values["side_3"] == 66


def test_packets_that_are_noise_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found among packets is not found among noise; and packets lie around the middle of the crop."""

    def noise(J: int) -> Tensor:
        return torch.randn(2 * 2 * 4**J, 1, 11, 11, generator=torch.Generator().manual_seed(J))

    packets = dual_tree_cnn.packet_kernels(2)
    assert packets.shape == (64, 1, 11, 11)
    whole = WaveletConv2d(2, range(32), stride=1, padding=0).resulting_kernel()[:, :1]
    assert (packets.square().sum((1, 2, 3)) / whole.square().sum((1, 2, 3))).min() > 0.8
    monkeypatch.setattr(dual_tree_cnn, "packet_kernels", noise)
    values, broken = measured("D7")
    assert {"learned_2", "learned_3"} <= set(broken)
    assert values["learned_3"] < 0.5


def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """D6 on four dozen pictures of noise, whose classes are their brightness."""

    def pictures(train: bool, count: int | None = None) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(int(train))
        labels = torch.arange(48) % 10
        x = torch.randn(48, 3, 32, 32, generator=generator) / 4 + labels.view(-1, 1, 1, 1) - 5
        return x, labels

    monkeypatch.setattr(dual_tree_cnn_training, "pixels", pictures)
    monkeypatch.setattr(dual_tree_cnn_training, "TRIALS", 1)
    config = replace(dual_tree_cnn_training.SMALL, epochs=4, batch_size=16, lr=0.02, device="cpu")
    monkeypatch.setattr(dual_tree_cnn_training, "SMALL", config)


def test_every_contender_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny(monkeypatch)
    [claim] = find("D6")
    assert claim.measure is not None
    values = claim.measure(0)
    assert set(values) == set(claim.expected)
    assert all(0 <= values[name] <= 100 for name in ("standard", "wavelet", "frozen"))
    assert values["behind_standard"] == values["wavelet"] - values["standard"]
    assert min(values[name] for name in ("standard", "wavelet")) < 90  # guessing


def test_wavelets_that_do_not_learn_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(depth: int, generator: torch.Generator) -> nn.Module:
        return _Blind(standard_resnet(depth, classes=10, generator=generator))

    tiny(monkeypatch)
    contenders = {**dual_tree_cnn_training.CONTENDERS, "wavelet": stuck}
    monkeypatch.setattr(dual_tree_cnn_training, "CONTENDERS", contenders)
    _, broken = measured("D6")
    assert broken == ["behind_standard", "ahead_of_frozen"]


class _Blind(nn.Module):
    """A network that sees no picture."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.network(torch.zeros_like(x))
        return out
