"""Networks with wavelets in front: beside the networks that they stand for.

These are no peers, which do the same work, but what bounds the case: the network that is replaced, with
random weights, for its speed does not depend on them. The peer is the same hybrid on kymatio's coefficients.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import resnet50, resnet101

from wavelets_course.laws import relative_error
from wavelets_course.networks import (
    ScatResNet,
    dual_tree_alexnet,
    dual_tree_resnet34,
    scatresnet50,
    standard_alexnet,
    standard_resnet,
)

from .case import Case, Entry, Setting, Target
from .peers import kymatio_layer
from .timing import Call

GROUP = "Networks"
BATCH, SIDE, WORDS = 8, 224, "8×3×224×224"
REFERENCES: dict[str, Callable[..., Any]] = {"ResNet-50": resnet50, "ResNet-101": resnet101}
TARGETS = {"ResNet-50": 0.8, "ResNet-101": 0.5}
TRAINED: dict[str, tuple[Callable[[], nn.Module], Callable[[], nn.Module]]] = {
    "AlexNet": (dual_tree_alexnet, standard_alexnet),
    "ResNet-34": (dual_tree_resnet34, standard_resnet),
}


def entries() -> Iterator[Entry]:
    """Inference of ScatResNet-50, from its encoding as its paper measures it, and whole; training steps."""
    for name, bound in TARGETS.items():
        title = f"ScatResNet-50 from its encoding, beside {name}, {WORDS}"
        make = partial(from_the_encoding, reference=name)
        yield Entry(f"scatresnet-50-{name.lower()}", GROUP, title, make, (Target("limit", bound),))
    title = f"ScatResNet-50 with its scattering, beside ResNet-50, {WORDS}"
    yield Entry("scatresnet-50-whole", GROUP, title, whole, (Target("limit", 0.85),))
    for name in TRAINED:
        title = f"A training step, {name} with a dual-tree first layer, beside {name}, {WORDS}"
        make = partial(training_step, name=name)
        yield Entry(f"dual-tree-{name.lower()}-step", GROUP, title, make, (Target("limit", 1.1),))


def from_the_encoding(setting: Setting, reference: str) -> Case:
    """The learned part alone: coefficients come in, as they do where they are stored or made elsewhere."""
    x = pictures(setting)
    network = hybrid(setting, x)
    encoding = network.encode(x)
    return Case(inferring(network.trunk, encoding), limits=replaced(setting, reference, x))


def whole(setting: Setting) -> Case:
    """Images come in; kymatio's coefficients go through the same trunk."""
    x = pictures(setting)
    network = hybrid(setting, x)
    ours, peers, gaps = inferring(network, x), {}, {}
    layer = kymatio_layer(3, network.scattering.shape, 1, setting.device)
    if layer is not None:
        theirs = inferring(lambda images: network.trunk(encode(network, layer, images)), x)
        peers["kymatio"] = theirs
        gaps["kymatio"] = lambda: relative_error(ours().float(), theirs().float())
    return Case(ours, peers, replaced(setting, "ResNet-50", x), gaps)


def pictures(setting: Setting) -> Tensor:
    """RGB images; quick settings shrink the batch and the sides."""
    return torch.stack([setting.images(BATCH, SIDE, SIDE, seed=colour) for colour in range(3)], dim=1)


def training_step(setting: Setting, name: str) -> Case:
    """Forward, backward and one step with momentum."""
    x = pictures(setting)
    ours, original = (learning(make().to(setting.device, setting.dtype), x) for make in TRAINED[name])
    return Case(ours, limits={name: original})


def encode(network: ScatResNet, layer: Any, x: Tensor) -> Tensor:
    """Do what `ScatResNet.encode` does, with kymatio's layer."""
    normalised = ((x - network.mean) / network.std).float()
    return torch.as_tensor(layer(normalised)).flatten(1, 2).to(x.dtype)


def hybrid(setting: Setting, x: Tensor) -> ScatResNet:
    """ScatResNet-50 for these images, ready to infer."""
    drawn = torch.Generator().manual_seed(0)
    network = scatresnet50((x.shape[-2], x.shape[-1]), generator=drawn)
    return network.to(setting.device, setting.dtype).eval()


def replaced(setting: Setting, name: str, x: Tensor) -> dict[str, Call]:
    """Infer with the residual network of this name."""
    network = REFERENCES[name](weights=None).to(setting.device, setting.dtype).eval()
    return {name: inferring(network, x)}


def inferring(network: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[], Tensor]:
    """Call a network with no gradient in mind."""

    def run() -> Tensor:
        with torch.no_grad():
            return network(x)

    return run


def learning(network: nn.Module, x: Tensor) -> Call:
    """Train a network on one batch, a step a call."""
    labels = torch.zeros(len(x), dtype=torch.long, device=x.device)
    optimiser = torch.optim.SGD(network.train().parameters(), lr=1e-4, momentum=0.9)

    def run() -> None:
        optimiser.zero_grad()
        torch.autograd.backward(nn.functional.cross_entropy(network(x), labels))
        optimiser.step()

    return run
