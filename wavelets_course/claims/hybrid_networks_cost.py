"""S6, S7: what hybrid networks cost: weights, multiply-adds, memory, time, and the largest batch."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import resnet50, resnet101

from ..insight import kept_for_backward, multiply_adds, parameter_count
from ..networks import scatresnet10, scatresnet50, wide_scatresnet50_2
from .registry import Number

SIDE, CLASSES = 224, 1000
BATCH, ROUNDS = 8, 9  # on a CPU
MANY, MANY_ROUNDS = 64, 21  # on a GPU: the paper's batch
CARD = 11e9  # bytes: the paper's card
REFERENCES: Mapping[str, Callable[..., nn.Module]] = {"50": resnet50, "101": resnet101}


def parameters(seed: int) -> dict[str, Number]:
    """Count what is learned, without making it."""
    with torch.device("meta"):
        networks = {
            "scatresnet_10": scatresnet10(),
            "scatresnet_10_orders_1_2": scatresnet10(max_order=2),
            "scatresnet_50": scatresnet50(),
            "wide_scatresnet_50_2": wide_scatresnet50_2(),
            "resnet_50": resnet50(weights=None),
            "resnet_101": resnet101(weights=None),
        }
    return {name: parameter_count(network) for name, network in networks.items()}


def inference(seed: int) -> dict[str, Number]:
    """Times of the trunk alone over those of the residual networks, in turn; work and memory beside them."""
    encoding, x = _inputs(BATCH, seed, "cpu")
    trunk = scatresnet50().trunk
    references = {name: make(weights=None) for name, make in REFERENCES.items()}
    calls = {"ours": _inferring(trunk, encoding)}
    calls |= {name: _inferring(network, x) for name, network in references.items()}
    found = time_ratios(in_turn(calls, ROUNDS), "time")
    own_work, own_kept = multiply_adds(trunk, encoding[:1]), kept_for_backward(trunk, encoding[:2])
    for name, network in references.items():
        found[f"multiply_adds_{name}"] = own_work / multiply_adds(network, x[:1])
        found[f"kept_{name}"] = kept_for_backward(network, x[:2]) / own_kept
    return found


def whole(seed: int) -> dict[str, Number]:
    """The same with the scattering inside: images come in on both sides."""
    _, x = _inputs(BATCH, seed, "cpu")
    return _whole(x, ROUNDS)


def on_a_gpu(seed: int) -> dict[str, Number]:
    """All times again, and the largest batch that a training step takes in the paper's memory."""
    encoding, x = _inputs(MANY, seed, "cuda")
    calls = {"ours": _inferring(scatresnet50().trunk.cuda(), encoding)}
    calls |= {name: _inferring(make(weights=None).cuda(), x) for name, make in REFERENCES.items()}
    found = time_ratios(in_turn(calls, MANY_ROUNDS, torch.cuda.synchronize), "time")
    found |= _whole(x, MANY_ROUNDS, torch.cuda.synchronize)
    del calls, encoding, x
    ours = _largest_on_gpu(scatresnet50)
    others = {name: _largest_on_gpu(make) for name, make in REFERENCES.items()}
    found |= {"batch": ours} | {f"batch_resnet_{name}": largest for name, largest in others.items()}
    return found | {f"batch_ratio_{name}": ours / max(1, largest) for name, largest in others.items()}


def _whole(x: Tensor, rounds: int, finish: Callable[[], object] = lambda: None) -> dict[str, Number]:
    network, resnet = scatresnet50((x.shape[-2], x.shape[-1])).to(x.device), resnet50().to(x.device)
    calls = {"ours": _inferring(network, x), "50": _inferring(resnet, x)}
    calls["scattering"] = _inferring(network.encode, x)
    seconds = in_turn(calls, rounds, finish)
    share = statistics.median(seconds.pop("scattering")) / statistics.median(seconds["ours"])
    return time_ratios(seconds, "whole") | {"scattering_share": share}


def in_turn(
    calls: Mapping[str, Callable[[], object]], rounds: int, finish: Callable[[], object] = lambda: None
) -> dict[str, list[float]]:
    """Seconds of each call, in turn, every other round backwards; a first round warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(-1, rounds):
        for name in calls if turn % 2 == 0 else reversed(list(calls)):
            finish()
            start = time.perf_counter()
            calls[name]()
            finish()
            seconds[name].append(time.perf_counter() - start)
    return {name: values[1:] for name, values in seconds.items()}


def time_ratios(seconds: Mapping[str, list[float]], name: str) -> dict[str, Number]:
    """Median time of ``"ours"`` over that of each other call; least and most of one round beside it.

    Examples
    --------
    >>> time_ratios({"ours": [1.0, 2.0, 3.0], "50": [4.0, 4.0, 4.0]}, "time")
    {'time_50': 0.5, 'time_50_least': 0.25, 'time_50_most': 0.75}
    """
    ours, found = seconds["ours"], {}
    for other in seconds.keys() - {"ours"}:
        each = [a / b for a, b in zip(ours, seconds[other], strict=True)]
        found[f"{name}_{other}"] = statistics.median(ours) / statistics.median(seconds[other])
        found |= {f"{name}_{other}_least": min(each), f"{name}_{other}_most": max(each)}
    return dict(sorted(found.items()))


def largest(fits: Callable[[int], bool]) -> int:
    """Largest count that fits, if all smaller ones do: doubled until one does not, then halved in between.

    Examples
    --------
    >>> largest(lambda count: count <= 175), largest(lambda count: False)
    (175, 0)
    """
    low, high = 0, 1
    while fits(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _largest_on_gpu(make: Callable[[], nn.Module]) -> int:
    """Largest batch of images of one training step with momentum, in `CARD` bytes."""
    network = make().cuda().train()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)

    def fits(count: int) -> bool:
        try:
            _training_step(network, optimiser, count)
        except torch.OutOfMemoryError:
            return False
        finally:
            optimiser.zero_grad(set_to_none=True)
            gc.collect()
            torch.cuda.empty_cache()
        return True

    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, CARD / total))
    try:
        return largest(fits)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def _training_step(network: nn.Module, optimiser: torch.optim.Optimizer, count: int) -> None:
    x = torch.rand(count, 3, SIDE, SIDE, device="cuda")
    labels = torch.zeros(count, dtype=torch.long, device="cuda")
    torch.autograd.backward(nn.functional.cross_entropy(network(x), labels))
    optimiser.step()


def _inputs(count: int, seed: int, device: str) -> tuple[Tensor, Tensor]:
    """Encodings and images; their values do not matter for time."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(count, 3, SIDE, SIDE, generator=generator)
    encoding = torch.rand(count, 75, SIDE // 8, SIDE // 8, generator=generator)
    return encoding.to(device), x.to(device)


def _inferring(call: Any, x: Tensor) -> Callable[[], object]:
    if isinstance(call, nn.Module):
        call.eval()

    def run() -> object:
        with torch.no_grad():
            return call(x)

    return run
