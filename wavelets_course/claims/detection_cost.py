"""S9: time and memory of the features that a detector shares."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TypeAlias

import torch
from torch import Tensor
from torchvision.models import resnet101

from ..insight import multiply_adds
from ..networks import Detector, faster_rcnn_resnet50, scattering_faster_rcnn
from .hybrid_networks_cost import CARD, in_turn, largest, time_ratios
from .registry import Number

SHAPE = (800, 1088)  # what 480x640 becomes: the shorter side 800, then padded to multiples of 32
CLASSES = 80
BATCH, ROUNDS = 1, 7  # on a CPU
FOUR, MANY_ROUNDS = 4, 21  # on a GPU: the paper's batch
OBJECTS = 7  # about COCO's mean

Calls: TypeAlias = Mapping[str, Callable[[], object]]
Clock: TypeAlias = Callable[[Calls], dict[str, list[float]]]

DETECTORS: dict[str, Callable[[], Detector]] = {
    "ours": partial(scattering_faster_rcnn, CLASSES, min_size=800, max_size=1333),
    "50": partial(faster_rcnn_resnet50, CLASSES, min_size=800, max_size=1333),
    "101": lambda: faster_rcnn_resnet50(
        CLASSES, resnet101(), freeze_batch_norm=False, min_size=800, max_size=1333
    ),
}


def on_a_cpu(seed: int) -> dict[str, Number]:
    """Times of the shared map over those of the references, in turn; multiply-adds beside them."""
    torch.manual_seed(seed)
    detectors = {name: make().eval() for name, make in DETECTORS.items()}
    x = torch.rand(BATCH, 3, *SHAPE)
    with one_thread():
        found = _times(detectors, x, lambda calls: processor_seconds(calls, ROUNDS))
    small = x[:, :, :224, :224]
    encoding = detectors["ours"].backbone.encode(small)
    own = multiply_adds(detectors["ours"].backbone.groups, encoding)
    for name in ("50", "101"):
        found[f"multiply_adds_{name}"] = own / multiply_adds(detectors[name].backbone, small)
    return found


def on_a_gpu(seed: int) -> dict[str, Number]:
    """The same times, and how many images a training step takes in the paper's memory."""
    torch.manual_seed(seed)
    detectors = {name: make().cuda().eval() for name, make in DETECTORS.items()}
    found = _times(
        detectors,
        torch.rand(FOUR, 3, *SHAPE, device="cuda"),
        lambda calls: in_turn(calls, MANY_ROUNDS, torch.cuda.synchronize),
    )
    del detectors
    for name, make in DETECTORS.items():
        found["batch" if name == "ours" else f"batch_{name}"] = _largest_on_gpu(make)
    return found


def _times(detectors: dict[str, Detector], x: Tensor, clock: Clock) -> dict[str, Number]:
    """From the encoding, and from the image; the scattering's share of the latter."""
    with torch.no_grad():
        encoding = detectors["ours"].backbone.encode(x)
        from_image = {name: partial(detector.backbone, x) for name, detector in detectors.items()}
        calls = from_image | {
            "encoded": partial(detectors["ours"].backbone.groups, encoding),
            "scattering": partial(detectors["ours"].backbone.encode, x),
        }
        seconds = clock(calls)
    references = {name: seconds[name] for name in ("50", "101")}
    share = statistics.median(seconds["scattering"]) / statistics.median(seconds["ours"])
    return (
        time_ratios({"ours": seconds["encoded"]} | references, "features")
        | time_ratios({"ours": seconds["ours"]} | references, "whole")
        | {"scattering_share": share}
    )


def processor_seconds(calls: Calls, rounds: int) -> dict[str, list[float]]:
    """Time that the processor spent on each call, in turn; other programs disturb it less than a clock."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(-1, rounds):
        for name in calls if turn % 2 == 0 else reversed(list(calls)):
            start = time.process_time()
            calls[name]()
            seconds[name].append(time.process_time() - start)
    return {name: values[1:] for name, values in seconds.items()}


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread, so that the processor's time is the time that passes on a quiet machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _largest_on_gpu(make: Callable[[], Detector]) -> int:
    """Most images of one training step with momentum, in the memory of the paper's card."""
    detector = make().cuda().train()
    trained = [weights for weights in detector.parameters() if weights.requires_grad]
    optimiser = torch.optim.SGD(trained, lr=1e-6, momentum=0.9)

    def fits(count: int) -> bool:
        try:
            training_step(detector, optimiser, count)
        except torch.OutOfMemoryError:
            return False
        finally:
            optimiser.zero_grad(set_to_none=True)
            gc.collect()
            torch.cuda.empty_cache()
        return True

    share = CARD / torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, share))
    try:
        return largest(fits)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def training_step(detector: Detector, optimiser: torch.optim.Optimizer, count: int) -> float:
    """One step on ``count`` images of noise with a few boxes; the loss before it."""
    weights = next(detector.parameters())
    images = [torch.rand(3, *SHAPE, device=weights.device) for _ in range(count)]
    corners = torch.rand(OBJECTS, 2, device=weights.device) * 500
    target = {
        "boxes": torch.cat([corners, corners + 120], dim=1),
        "labels": torch.ones(OBJECTS, dtype=torch.int64, device=weights.device),
    }
    losses = detector(images, [target] * count)
    assert isinstance(losses, dict)
    loss = torch.stack(list(losses.values())).sum()
    torch.autograd.backward(loss)
    optimiser.step()
    return float(loss.detach())
