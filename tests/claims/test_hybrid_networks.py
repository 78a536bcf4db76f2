"""S6, S7 and S8: small versions give every number they declare, and each can fail."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from wavelets_course.claims import find
from wavelets_course.claims import hybrid_networks_accuracy as accuracy
from wavelets_course.claims import hybrid_networks_cost as cost
from wavelets_course.claims.registry import Number

RANDOM = np.random.default_rng(20261121)


def measured(identity: str) -> dict[str, Number]:
    [claim] = find(identity)
    assert claim.measure is not None
    values = dict(claim.measure(0))
    assert set(values) == set(claim.expected)
    assert all(map(math.isfinite, values.values()))
    return values


def verdict(identity: str, values: dict[str, Number]) -> str:
    [claim] = find(identity)
    return claim.judge(values)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SIDE": 64, "BATCH": 2, "MANY": 2, "ROUNDS": 2, "MANY_ROUNDS": 2}.items():
        monkeypatch.setattr(cost, name, value)


# Weights.


def test_s6_fails_where_a_block_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "scatresnet50", cost.scatresnet10)
    assert verdict("S6", cost.parameters(0)) == "fails"


# Time and memory.


@pytest.mark.usefixtures("tiny")
def test_s7_measures_what_it_declares() -> None:
    values = measured("S7")
    assert values["time_50_least"] <= values["time_50_most"]
    assert 0.9 < values["multiply_adds_50"] < 1
    assert 1.4 < values["kept_50"] < values["kept_101"] < 3


@pytest.mark.usefixtures("tiny")
def test_s7_fails_where_the_trunk_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_slow(calls: dict[str, object], rounds: int) -> dict[str, list[float]]:
        return {name: [0.81 if name == "ours" else 1.0] * rounds for name in calls}

    monkeypatch.setattr(cost, "in_turn", as_slow)
    monkeypatch.setattr(cost, "SIDE", 224)  # so that work and memory are as declared
    values = measured("S7")
    assert values["time_50"] == pytest.approx(0.81)
    assert verdict("S7", values) == "fails"
    assert verdict("S7", values | {"time_50": 0.79, "time_101": 0.49}) == "holds"


@pytest.mark.usefixtures("tiny")
def test_s7w_scatters_in_less_than_the_whole_time() -> None:
    values = measured("S7W")
    assert 0 < values["scattering_share"] < 1
    assert verdict("S7W", values | {"whole_50": 0.86}) == "fails"


def test_calls_take_turns() -> None:
    order: list[str] = []
    calls = {name: lambda name=name: order.append(name) for name in "ab"}
    seconds = cost.in_turn(calls, 2)
    assert "".join(order) == "ba" + "ab" + "ba"
    assert [len(values) for values in seconds.values()] == [2, 2]


@pytest.fixture
def pretended_gpu(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every ``cuda`` call does nothing; shares of the memory that were asked for are noted."""
    asked: list[float] = []
    monkeypatch.setattr(nn.Module, "cuda", lambda self: self)
    for name in ("synchronize", "empty_cache"):
        monkeypatch.setattr(torch.cuda, name, lambda *_: None)
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", asked.append)
    properties = SimpleNamespace(total_memory=44e9)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: properties)
    return asked


def test_the_largest_batch_is_found_in_the_papers_memory(
    pretended_gpu: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def step(network: nn.Module, optimiser: torch.optim.Optimizer, count: int) -> None:
        tried.append(count)
        if count > 37:
            raise torch.OutOfMemoryError

    monkeypatch.setattr(cost, "_training_step", step)
    assert cost._largest_on_gpu(lambda: nn.Linear(2, 2)) == 37
    assert tried[:7] == [1, 2, 4, 8, 16, 32, 64]
    assert len(tried) <= 12
    assert pretended_gpu == [0.25, 1.0]


@pytest.mark.usefixtures("tiny", "pretended_gpu")
def test_s7b_measures_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = cost._inputs
    monkeypatch.setattr(cost, "_inputs", lambda count, seed, device: inputs(count, seed, "cpu"))
    batches = {cost.scatresnet50: 175, cost.resnet50: 120, cost.resnet101: 70}
    monkeypatch.setattr(cost, "_largest_on_gpu", batches.__getitem__)
    values = measured("S7B")
    times = {"time_50": 0.76, "time_101": 0.46}
    assert values["batch_ratio_101"] == 2.5
    assert verdict("S7B", values | times) == "holds"
    assert verdict("S7B", values | times | {"batch_ratio_50": 1.3}) == "fails"


# Accuracy.


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images that one colour tells apart, in place of CIFAR-10."""
    labels = np.arange(40) % 10
    images = RANDOM.integers(0, 60, (40, 32, 32, 3)) + 19 * labels[:, None, None, None]
    data = SimpleNamespace(data=images.astype(np.uint8), targets=labels.tolist())
    monkeypatch.setattr(accuracy, "cifar10", lambda train: data)
    for name, value in {"TRAINED": 40, "EPOCHS": 2, "TRIALS": 1}.items():
        monkeypatch.setattr(accuracy, name, value)


@pytest.mark.usefixtures("toy")
def test_s8_measures_what_it_declares() -> None:
    values = measured("S8")
    assert all(0 <= values[name] <= 100 for name in ("order_1", "orders_1_2", "resnet"))


@pytest.mark.usefixtures("toy")
def test_s8b_measures_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = accuracy.recipe
    monkeypatch.setattr(accuracy, "recipe", lambda epochs, **_: recipe(1, batch_size=20))
    monkeypatch.setattr(accuracy, "LARGE", 4)
    measured("S8B")


def test_s8_fails_where_order_2_is_missed_or_a_residual_network_is_ahead() -> None:
    def scores(order_1: float, orders_1_2: float, resnet: float) -> dict[str, Number]:
        given = {"order_1": order_1, "orders_1_2": orders_1_2, "resnet": resnet}
        return accuracy.compared({name: lambda _, share=share: share for name, share in given.items()}, 0)

    assert verdict("S8", scores(0.60, 0.61, 0.615)) == "holds"
    assert verdict("S8", scores(0.60, 0.59, 0.50)) == "holds"
    assert verdict("S8", scores(0.60, 0.62, 0.60)) == "fails"
    assert verdict("S8", scores(0.60, 0.60, 0.63)) == "fails"


def test_contenders_have_ten_layers_and_the_same_blocks() -> None:
    network, pixels = accuracy.hybrid(8, 1, 0), accuracy.resnet(8, 0)
    for trunk in (network.trunk, pixels):
        layers = [m for n, m in trunk.named_modules() if isinstance(m, nn.Conv2d) and "downsample" not in n]
        assert len(layers) + 1 == 10
    assert [group[-1].conv2.out_channels for group in network.trunk.groups] == [32, 64]
    assert [group[-1].conv2.out_channels for group in pixels.groups] == [8, 16, 32, 64]


def test_pixels_are_mirrored_and_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    images = RANDOM.integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    monkeypatch.setattr(accuracy, "cifar10", lambda train: SimpleNamespace(data=images, targets=[4, 5, 6]))
    x, labels = accuracy.mirrored(accuracy.pixels(train=True, count=2))
    assert labels.tolist() == [4, 5, 4, 5]
    assert x[2, 1, 7, 30].item() == pytest.approx(images[0, 7, 1, 1] / 255)
    white, _ = accuracy.normalised((torch.ones(1, 3, 2, 2), labels))
    assert white[0, 2, 0, 0].item() == pytest.approx((1 - 0.4465) / 0.2616)
