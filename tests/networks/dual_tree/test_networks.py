"""AlexNet and ResNets with wavelets in front: exact counts, the same trunk, controls."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from wavelets_course.networks import (
    dual_tree_alexnet,
    dual_tree_resnet,
    dual_tree_resnet34,
    frozen_first_layer,
    poster_alexnet,
    poster_resnet,
    standard_alexnet,
    standard_resnet,
)

COUNTS: list[tuple[Callable[[], nn.Module], int]] = [
    (standard_alexnet, 61_100_840),
    (dual_tree_alexnet, 61_089_433),
    (lambda: dual_tree_alexnet(nonlinearity="modulus", taps="kingsbury"), 61_089_433),
    (lambda: dual_tree_alexnet(2), 61_089_283),
    (poster_alexnet, 61_077_611),
    (lambda: poster_alexnet(2), 61_077_611),
    (standard_resnet, 21_797_672),
    (dual_tree_resnet34, 21_794_171),
    (lambda: dual_tree_resnet34(nonlinearity="modulus", taps="kingsbury"), 21_794_171),
    (lambda: dual_tree_resnet34(3), 21_794_321),
    (poster_resnet, 21_788_267),
    (lambda: standard_resnet(18, classes=10), 11_181_642),
    (lambda: dual_tree_resnet(18), 11_178_141),
    (lambda: standard_resnet(34, classes=10), 21_289_802),
    (lambda: dual_tree_resnet34(classes=10), 21_286_301),
    (lambda: dual_tree_resnet(34, nonlinearity="modulus"), 21_286_301),
]


@pytest.mark.parametrize(("build", "count"), COUNTS, ids=[str(count) for _, count in COUNTS])
def test_parameters(build: Callable[[], nn.Module], count: int) -> None:
    with torch.device("meta") if build is standard_alexnet else torch.device("cpu"):
        network = build()
    assert sum(parameter.numel() for parameter in network.parameters()) == count


@pytest.mark.parametrize(
    "build",
    [
        lambda kind, generator: dual_tree_resnet(10, 2, kind, generator=generator),
        lambda kind, generator: dual_tree_resnet(10, 3, kind, generator=generator),
    ],
)
@pytest.mark.parametrize("kind", ["max", "modulus"])
def test_small_images(
    build: Callable[[str, torch.Generator], nn.Module], kind: str, generator: torch.Generator
) -> None:
    network = build(kind, generator)
    x = torch.randn(4, 3, 32, 32, generator=generator)
    y = network(x)
    assert y.shape == (4, 10)
    y.square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    network.eval()
    alone = torch.cat([network(image[None]) for image in x])
    torch.testing.assert_close(network(x), alone, rtol=1e-4, atol=1e-5)


def test_alexnet_sees_what_alexnet_sees(generator: torch.Generator) -> None:
    x = torch.randn(2, 3, 67, 90, generator=generator)
    for network in (
        dual_tree_alexnet(3, classes=7, generator=generator),
        dual_tree_alexnet(2, "modulus", classes=7, generator=generator),
        poster_alexnet(2, classes=7, generator=generator),
    ):
        assert network.eval()(x).shape == (2, 7)


def test_the_trunk_is_the_originals() -> None:
    """From generators in the same state, everything behind the stem starts the same."""

    def state(build: Callable[..., nn.Module]) -> dict[str, torch.Tensor]:
        return build(generator=torch.Generator().manual_seed(3)).state_dict()

    before = torch.random.get_rng_state()
    plain = state(lambda generator: standard_resnet(10, classes=10, generator=generator))
    ours = state(lambda generator: dual_tree_resnet(10, generator=generator))
    assert torch.equal(before, torch.random.get_rng_state())
    shared = [name for name in plain if not name.startswith(("conv1", "bn1"))]
    assert len(shared) > 40
    assert all(torch.equal(plain[name], ours[name]) for name in shared)
    again = state(lambda generator: dual_tree_resnet(10, generator=generator))
    assert all(torch.equal(ours[name], again[name]) for name in ours)


def test_the_stem_is_trained_with_the_rest(generator: torch.Generator) -> None:
    network = dual_tree_resnet(10, nonlinearity="modulus", generator=generator)
    x, y = torch.randn(16, 3, 32, 32, generator=generator), torch.arange(16) % 10
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(6):
        loss = nn.functional.cross_entropy(network(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0]


def test_a_frozen_first_layer_stays(generator: torch.Generator) -> None:
    network = standard_resnet(10, classes=10, generator=generator)
    control = frozen_first_layer(network)
    assert all(parameter.requires_grad for parameter in network.parameters())
    still = [name for name, parameter in control.named_parameters() if not parameter.requires_grad]
    assert still == ["conv1.weight"]
    before = {name: parameter.clone() for name, parameter in control.named_parameters()}
    optimizer = torch.optim.SGD(control.parameters(), lr=0.1, weight_decay=0.1)
    control(torch.randn(4, 3, 32, 32, generator=generator)).square().mean().backward()
    optimizer.step()
    moved = {name for name, p in control.named_parameters() if not torch.equal(p, before[name])}
    assert moved == set(before) - {"conv1.weight"}


@pytest.mark.untyped
def test_what_cannot_be_built_is_refused() -> None:
    with pytest.raises(ValueError, match="expected depth 10, 18 or 34, got 50"):
        standard_resnet(50)
    with pytest.raises(ValueError, match="no Conv2d in Linear; give a network that begins with one"):
        frozen_first_layer(nn.Linear(2, 2))
