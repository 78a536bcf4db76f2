"""Hybrid networks: published counts, what is fixed and what learns, any size, and every way they are used."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from wavelets_course import networks
from wavelets_course.networks import ScatResNet, scatresnet10, scatresnet50, wide_scatresnet50_2
from wavelets_course.scattering import Scattering2D

SEED = 20261121


def small(shape: tuple[int, int] = (32, 32), J: int = 2, **options: object) -> ScatResNet:
    drawn = torch.Generator().manual_seed(SEED)
    settings_: dict[str, object] = {"classes": 4, "L": 4, "generator": drawn} | options
    return ScatResNet(shape, J, (8, 16), (1, 1), **settings_)


def images(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(SEED))


# Published numbers.


@pytest.mark.parametrize(
    ("make", "options", "parameters"),
    [
        (scatresnet10, {}, 11_441_640),
        (scatresnet10, {"max_order": 2}, 12_768_744),
        (scatresnet50, {}, 27_850_856),
        (wide_scatresnet50_2, {}, 107_015_400),
    ],
)
def test_parameters_are_the_published_ones(make, options, parameters):
    with torch.device("meta"):
        network = make(**options)
    assert sum(weights.numel() for weights in network.parameters()) == parameters


def test_sizes_on_the_way_are_the_papers():
    with torch.device("meta"):
        network, x = scatresnet50(), torch.rand(2, 3, 224, 224)
        encoding = network.encode(x)
        maps = [network.trunk.stem(encoding)]
        for group in network.trunk.groups:
            maps.append(group(maps[-1]))
        logits = network(x)
    assert encoding.shape == (2, 75, 28, 28)
    assert [tuple(m.shape[1:]) for m in maps] == [(128, 28, 28), (512, 28, 28), (1024, 14, 14), (2048, 7, 7)]
    assert logits.shape == (2, 1000)


def test_layers_are_as_many_as_the_name_says():
    """A stem, two or three convolutions a block, a classifier; shortcuts are not counted."""
    with torch.device("meta"):
        for make, layers in ((scatresnet10, 10), (scatresnet50, 50)):
            convolutions = [
                name
                for name, module in make().trunk.named_modules()
                if isinstance(module, nn.Conv2d) and "downsample" not in name
            ]
            assert len(convolutions) + 1 == layers


# What is fixed, and what learns.


def test_the_encoding_is_the_scattering_of_normalised_images():
    network, x = small((32, 24), mean=(0.1, 0.2, 0.3), std=(0.5, 1.0, 2.0)), images(2, 3, 32, 24)
    layer = Scattering2D(2, (32, 24), L=4, max_order=1)
    colours = [
        layer((x[:, c] - mean) / std) for c, (mean, std) in enumerate(((0.1, 0.5), (0.2, 1.0), (0.3, 2.0)))
    ]
    torch.testing.assert_close(network.encode(x), torch.cat(colours, 1))
    torch.testing.assert_close(network(x), network.trunk(network.encode(x)))


def test_scattering_first_and_normalising_then_is_another_encoding():
    """The check above can fail: a mean taken from coefficients is not one taken from images."""
    network, x = small(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)), images(2, 3, 32, 32)
    swapped = ((network.scattering(x) - 0.5) / 0.5).flatten(1, 2)
    assert (network.encode(x) - swapped).norm() > 0.1 * swapped.norm()


def test_images_keep_nothing_for_a_gradient_that_nobody_asked_for():
    network, x = small(), images(2, 3, 32, 32)
    kept: list[Tensor] = []

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        encoding = network.encode(x)
    assert not encoding.requires_grad
    assert kept == []


def test_a_gradient_reaches_the_image_and_every_weight():
    network, x = small().double(), images(2, 3, 32, 32).double().requires_grad_()
    network(x).square().sum().backward()
    for gradient in [x.grad, *(weights.grad for weights in network.parameters())]:
        assert gradient is not None
        assert gradient.isfinite().all()
        assert gradient.abs().max() > 0


def test_training_changes_the_trunk_and_nothing_else():
    network, x = small().train(), images(8, 3, 32, 32)
    before = network.encode(x)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    losses = []
    for _ in range(30):
        loss = nn.functional.cross_entropy(network(x), torch.arange(8) % 4)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    torch.testing.assert_close(network.encode(x), before, rtol=0, atol=0)


def test_input_is_left_as_it_was():
    network, x = small(), images(2, 3, 32, 32)
    before = x.clone()
    network(x)
    assert torch.equal(x, before)


# First weights.


def test_weights_come_from_the_generator_and_leave_the_global_one_alone():
    state = torch.get_rng_state()
    first, second = (small(stem="normalised").state_dict() for _ in range(2))
    other = small(stem="normalised", generator=torch.Generator().manual_seed(1)).state_dict()
    assert torch.equal(torch.get_rng_state(), state)
    for name, weights in first.items():
        assert torch.equal(weights, second[name])
        assert weights.isfinite().all()
    drawn = [
        name
        for name in first
        if first[name].is_floating_point() and not torch.equal(first[name], other[name])
    ]
    assert {"trunk.stem.1.weight", "trunk.stem.1.bias", "trunk.classifier.weight"} <= set(drawn)


def test_without_a_generator_the_global_seed_decides():
    torch.manual_seed(3)
    first = small(generator=None).trunk.classifier.weight
    torch.manual_seed(3)
    assert torch.equal(first, small(generator=None).trunk.classifier.weight)


def test_convolutions_start_with_the_published_spread():
    network = scatresnet10(shape=(32, 32), J=2, generator=torch.Generator().manual_seed(SEED))
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            expected = (2 / (module.kernel_size[0] ** 2 * module.out_channels)) ** 0.5
            assert module.weight.std().item() == pytest.approx(expected, rel=0.02)
            assert abs(module.weight.mean().item()) < 0.02 * expected
    stem = network.trunk.stem
    assert isinstance(stem[0], nn.BatchNorm2d)
    assert (stem[0].affine, stem[0].momentum) == (False, 0.9)


# Any size.


@settings(deadline=None, max_examples=12)
@given(height=st.integers(4, 40), width=st.integers(4, 40), J=st.integers(1, 2), colours=st.integers(1, 3))
def test_any_size_that_holds_the_average(height: int, width: int, J: int, colours: int):
    network = small((height, width), J, mean=[0.5] * colours, std=[0.5] * colours).eval()
    x = images(2, colours, height, width)
    assert network.encode(x).shape == (2, colours * (1 + 4 * J), height >> J, width >> J)
    assert network(x).shape == (2, 4)


def test_another_shape_with_the_same_weights():
    network = small().double().eval()
    wider = network.with_shape((40, 64))
    x = images(2, 3, 40, 64).double()
    assert wider.trunk is network.trunk
    assert wider.scattering.shape == (40, 64)
    fresh = small((40, 64)).double().eval()
    torch.testing.assert_close(wider(x), fresh(x), rtol=0, atol=0)
    assert not wider.training
    assert network.with_shape((8, 8)).train().trunk is network.trunk


def test_no_image_has_no_logits():
    network = small().eval()
    assert network(images(0, 3, 32, 32)).shape == (0, 4)


# Every way of use.


def test_weights_survive_safetensors_and_hold_no_filter(tmp_path: Path):
    network, other = small().eval(), small(generator=torch.Generator().manual_seed(1)).eval()
    assert all(name.startswith("trunk.") for name in network.state_dict())
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    x = images(2, 3, 32, 32)
    torch.testing.assert_close(other(x), network(x), rtol=0, atol=0)
    other = small((48, 32)).eval()
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    assert other(images(2, 3, 48, 32)).isfinite().all()


def test_bf16_autocast_scatters_in_float32():
    network, x = small(), images(4, 3, 32, 32)
    network.train()
    plain = network.encode(x)
    with torch.autocast("cpu", torch.bfloat16):
        encoding, logits = network.encode(x), network(x)
        loss = nn.functional.cross_entropy(logits, torch.arange(4))
    loss.backward()
    assert encoding.dtype == torch.float32
    torch.testing.assert_close(encoding, plain)
    assert all(weights.grad.isfinite().all() for weights in network.parameters())


def test_channels_last_gives_the_same_logits(device: torch.device):
    network, x = small().eval().to(device), images(2, 3, 32, 32).to(device)
    expected = network(x)
    network = network.to(memory_format=torch.channels_last)
    torch.testing.assert_close(
        network(x.to(memory_format=torch.channels_last)), expected, rtol=1e-4, atol=1e-5
    )


def test_evaluation_does_not_depend_on_the_batch():
    network, x = small(), images(6, 3, 32, 32)
    network.train()(x)
    network.eval()
    torch.testing.assert_close(network(x)[:2], network(x[:2]), rtol=1e-4, atol=1e-5)


@pytest.mark.untyped
@pytest.mark.needs_compiler
def test_compiled_network_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()
    network, x = small((16, 16), 1).eval(), images(2, 3, 16, 16)
    compiled = torch.compile(network, fullgraph=True)
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), network(x), rtol=1e-4, atol=1e-5)
    torch._dynamo.reset()


@pytest.mark.untyped
def test_exported_network_takes_any_batch():
    network, x = small().eval(), images(3, 3, 32, 32)
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(network, (x,), dynamic_shapes=({0: batch},))
    more = images(5, 3, 32, 32)
    torch.testing.assert_close(program.module()(more), network(more))


# What is refused.


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: small()(images(2, 3, 32, 30)),
            r"expected images \(batch, 3, 32, 32\), got \(2, 3, 32, 30\); ",
        ),
        (lambda: small()(images(2, 1, 32, 32)), r"ScatResNet: expected images .* network.with_shape"),
        (lambda: small()(images(3, 32, 32)), r"got \(3, 32, 32\)"),
        (lambda: small((6, 32), 3), r"2\*\*J = 8"),
        (lambda: small(mean=(0.5,), std=(0.5, 0.5)), "a mean and a positive std for each colour"),
        (lambda: small(std=(0.2, 0.0, 0.2)), "a positive std"),
        (
            lambda: small().trunk(images(2, 3, 32, 32)),
            r"maps \(batch, 27, height, width\), got .*ScatResNet.encode",
        ),
        (lambda: networks.ResidualTrunk(3, (8, 16), (1,)), "a width and a depth for each group"),
        (lambda: networks.ResidualTrunk(3, (), ()), "at least one"),
        (lambda: networks.ResidualTrunk(3, (8, 0), (1, 1)), r"widths\[1\] to be a positive integer, got 0"),
        (lambda: networks.ResidualTrunk(3, (8,), (1.5,)), r"depths\[0\] to be a positive integer, got 1.5"),
        (
            lambda: networks.ResidualTrunk(3, (8,), (1,), block="wide"),
            "block = 'basic' or 'bottleneck', got 'wide'",
        ),
        (lambda: networks.ResidualTrunk(3, (8,), (1,), stem="none"), "stem = 'plain' or 'normalised'"),
        (lambda: small(classes=0), "classes to be a positive integer"),
    ],
)
def test_what_does_not_fit_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


@pytest.mark.untyped
@pytest.mark.parametrize("dtype", [torch.uint8, torch.complex64])
def test_bytes_and_complex_numbers_are_refused(dtype: torch.dtype):
    with pytest.raises(TypeError, match=r"values in \[0, 1\], got torch\.(uint8|complex64); x / 255"):
        small()(torch.ones(1, 3, 32, 32, dtype=dtype))
