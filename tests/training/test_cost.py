"""The calculator agrees with arithmetic, with published tables, and with what runs."""

import math
import time
from collections.abc import Callable

import pytest
import torch
import torchvision
from torch import nn
from torch.profiler import ProfilerActivity, profile
from torchvision.models import AlexNet_Weights, ResNet34_Weights, ResNet50_Weights

from wavelets_course.networks import scatresnet10
from wavelets_course.training import cost
from wavelets_course.training.cost import (
    Workload,
    largest_batch,
    rate_of,
    training_cost,
    training_memory,
    utilization_of,
    workload,
)

PUBLISHED = {
    "alexnet": AlexNet_Weights.IMAGENET1K_V1,
    "resnet34": ResNet34_Weights.IMAGENET1K_V1,
    "resnet50": ResNet50_Weights.IMAGENET1K_V1,
}


def small_net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * 64, 10),
    )


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_and_multiply_adds_of_published_networks(name: str) -> None:
    with torch.device("meta"):
        network = getattr(torchvision.models, name)()
    work = workload(network, (3, 224, 224))
    meta = PUBLISHED[name].meta
    assert work.parameters == work.trained == meta["num_params"]
    assert work.forward / 1e9 == pytest.approx(meta["_ops"], abs=6e-4)
    assert 2.9 < work.step / work.forward < 3


def test_by_hand() -> None:
    work = workload(small_net(), (3, 16, 16))
    convolution, linear = 8 * 3 * 9 * 16 * 16, 10 * 8 * 64
    assert work.forward == convolution + linear
    assert work.step == 2 * convolution + 3 * linear  # nobody asks for the gradient of the picture
    # The outputs of the convolution (batch norm needs it) and of ReLU; the maxima and their places (int64).
    assert work.kept_bytes == 4 * (2 * 8 * 256 + 8 * 64) + 8 * 8 * 64
    assert work.fixed_bytes == 2 * 8 * 4  # batch norm's mean and deviation
    assert (work.parameter_bytes, work.buffer_bytes) == (4 * work.parameters, 2 * 8 * 4 + 8)


@pytest.mark.parametrize("batch", [1, 6])
def test_kept_memory_is_what_a_profiler_sees_allocated(batch: int) -> None:
    network, x = small_net(), torch.zeros(batch, 3, 16, 16)
    work = workload(network, (3, 16, 16))
    network(x)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        output = network(x)
    allocated = sum(event.self_cpu_memory_usage for event in watched.key_averages())
    memory = training_memory(work, batch)
    assert allocated - output.nbytes == memory.activations
    assert memory.samples == x.nbytes


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("sgd", lambda p: torch.optim.SGD(p, 0.1)),
        ("momentum", lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
        ("adamw", torch.optim.AdamW),
    ],
)
def test_optimizer_memory_is_what_it_keeps(
    name: cost.Optimizer, make: Callable[..., torch.optim.Optimizer]
) -> None:
    network = small_net()
    network[0].requires_grad_(False)
    optimizer = make([p for p in network.parameters() if p.requires_grad])
    network(torch.randn(2, 3, 16, 16)).sum().backward()
    optimizer.step()
    kept = [value for state in optimizer.state.values() for key, value in state.items() if key != "step"]
    memory = training_memory(workload(network, (3, 16, 16)), 2, name)
    assert memory.optimizer == sum(value.nbytes for value in kept if value is not None)
    assert memory.gradients == sum(p.grad.nbytes for p in network.parameters() if p.grad is not None)


def test_meta_and_real_networks_cost_the_same_and_stay_as_they_are() -> None:
    network = small_net().eval()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert workload(network, (3, 16, 16)) == workload(network, (3, 16, 16), meta=False)
    assert not network.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_a_hybrid_networks_trunk() -> None:
    network = scatresnet10(shape=(32, 32), J=2, classes=10)
    encoding = network.scattering(torch.zeros(1, 3, 32, 32))
    work = workload(network.trunk, tuple(encoding.flatten(1, 2).shape[1:]))
    assert work.parameters == sum(parameter.numel() for parameter in network.parameters())


def test_largest_batch_just_fits() -> None:
    work = workload(small_net(), (3, 16, 16))
    for limit in (10_000, 100_000, 10**7, 123_456_789):
        batch = largest_batch(work, limit, "adamw")
        assert training_memory(work, batch + 1, "adamw").total > limit
        if batch:
            assert training_memory(work, batch, "adamw").total <= limit
    assert largest_batch(work, 10) == 0


def test_time_money_and_utilization() -> None:
    work = workload(small_net(), (3, 16, 16))
    alone = training_cost(work, 1_281_167, 90, rate=1000.0, price_per_hour=2.0)
    assert alone.device_hours == pytest.approx(1_281_167 * 90 / 1000 / 3600)
    assert alone.price == pytest.approx(2 * alone.device_hours)
    many = training_cost(work, 1_281_167, 90, rate=1000.0, devices=8, efficiency=0.8)
    assert many.seconds == pytest.approx(alone.seconds / 6.4)
    assert many.multiply_adds == alone.multiply_adds == 1_281_167 * 90 * work.step
    assert math.isnan(many.price)
    assert utilization_of(work, rate_of(work, 1e12, 0.3), 1e12) == pytest.approx(0.3)


def seconds(network: nn.Module, x: torch.Tensor) -> float:
    """Processor time of one training step: less touched by other programs than the clock is."""
    taken = []
    for _ in range(7):
        began = time.process_time()
        network(x).sum().backward()
        taken.append(time.process_time() - began)
    return sorted(taken)[3]


def test_measured_time_goes_with_multiply_adds() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        networks = [
            nn.Sequential(nn.Linear(n, n, bias=False), nn.Linear(n, n, bias=False)) for n in (512, 1024)
        ]
        work = [workload(network, (network[0].in_features,)) for network in networks]
        measured = [seconds(network, torch.zeros(256, network[0].in_features)) for network in networks]
    finally:
        torch.set_num_threads(threads)
    assert work[1].step / work[0].step == 4
    assert 2 < measured[1] / measured[0] < 8


@pytest.mark.untyped
def test_nonsense_is_refused() -> None:
    work = Workload(1, 1, 1, 3, 4, 4, 0, 4, 4, 0)
    with pytest.raises(ValueError, match="one of sgd, momentum, adamw; got 2 and 'lion'"):
        training_memory(work, 2, "lion")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a batch of at least 1"):
        training_memory(work, 0)
    with pytest.raises(ValueError, match=r"must be positive and efficiency in \(0, 1\]; got 10, 1, 0, 1, 1"):
        training_cost(work, 10, 1, rate=0)
    with pytest.raises(ValueError, match="must be positive"):
        training_cost(work, 10, 1, rate=1, efficiency=1.5)
