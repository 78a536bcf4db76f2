"""The stem equals plain convolutions with its resulting kernels, in every mode and at any size."""

import re
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.testing import assert_close

from wavelets_course import laws
from wavelets_course.networks import (
    ALEXNET_STEM,
    RESNET_STEM,
    DualTreeFilters,
    DualTreeStem,
    ModulusBatchNorm2d,
    PacketGroups,
    PacketMixing,
    StemPlan,
    WaveletConv2d,
    alexnet_mixing,
    dual_tree_sparsity,
    resnet_mixing,
)

CASES = [
    (plan, mixing, nonlinearity)
    for plan, mixings in (
        (ALEXNET_STEM, (alexnet_mixing(2), alexnet_mixing(3))),
        (RESNET_STEM, (resnet_mixing(2), resnet_mixing(3))),
    )
    for mixing in mixings
    for nonlinearity in ("max", "modulus")
]
NAMES = [f"{'resnet' if plan.normalised else 'alexnet'}-{m.J}-{kind}" for plan, m, kind in CASES]
each_stem = pytest.mark.parametrize(("plan", "mixing", "nonlinearity"), CASES, ids=NAMES)


def made(plan: StemPlan, mixing: PacketMixing, nonlinearity: str = "max", seed: int = 0) -> DualTreeStem:
    generator = torch.Generator().manual_seed(seed)
    return DualTreeStem(plan, mixing, nonlinearity, generator=generator)  # type: ignore[arg-type]


def plainly(stem: DualTreeStem, x: Tensor) -> Tensor:
    """One convolution with the resulting kernels, then torchvision's order: norm, ReLU, pooling."""
    plan, kernel = stem.plan, stem.resulting_kernel().detach()
    free = plan.channels - stem.wavelets.mixing.outputs

    def convolved(kernel: Tensor) -> Tensor:
        return functional.conv2d(x, kernel, stride=plan.stride, padding=stem.kernel_padding)

    def pooled(y: Tensor, bias: Tensor | None) -> Tensor:
        y = y if bias is None else y + bias[:, None, None]
        y = functional.batch_norm(y, None, None, training=True) if plan.normalised else y
        return functional.max_pool2d(functional.relu(y), 3, 2, plan.pool_padding)

    first = pooled(convolved(kernel[:free].real), stem.free.bias)
    if not kernel.is_complex():
        return torch.cat((first, pooled(convolved(kernel[free:]), stem.wavelets.bias)), 1)
    z = torch.complex(convolved(kernel[free:].real), convolved(kernel[free:].imag))
    u = z.abs()[..., 1 - plan.pool_padding :: 2, 1 - plan.pool_padding :: 2]
    u = u[..., : first.shape[-2], : first.shape[-1]]
    if plan.normalised:
        u = u / (u.square().mean((0, 2, 3), keepdim=True) / 2 + 1e-5).sqrt()
    return torch.cat((first, u.relu()), 1)


@each_stem
def test_equals_plain_convolutions(
    plan: StemPlan, mixing: PacketMixing, nonlinearity: str, generator: torch.Generator
) -> None:
    stem = made(plan, mixing, nonlinearity).double()
    x = torch.randn(2, 3, 64, 72, dtype=torch.float64, generator=generator)
    out = stem(x)
    assert out.shape[1] == 64
    assert laws.relative_error(out, plainly(stem, x)) < 1e-12


def test_the_comparison_sees_a_kernel_out_of_place(generator: torch.Generator) -> None:
    stem = made(ALEXNET_STEM, alexnet_mixing(2)).double()
    x = torch.randn(1, 3, 64, 64, dtype=torch.float64, generator=generator)
    expected = plainly(stem, x)
    stem.wavelets.packets.transform.padding = stem.kernel_padding - 1
    assert laws.relative_error(stem(x), expected) > 0.1
    stem.wavelets.packets.transform.padding = stem.kernel_padding
    assert laws.relative_error(stem(x), expected) < 1e-12
    with torch.no_grad():
        stem.wavelets.weights[0][0, 0, 0] *= 1.01
    assert laws.relative_error(stem(x), expected) > 1e-5


@pytest.mark.parametrize("J", [2, 3])
def test_the_posters_layer_equals_a_convolution(J: int, generator: torch.Generator) -> None:
    layer = WaveletConv2d(J, range(32), stride=2, padding=14).double()
    nn.init.normal_(layer.bias, generator=generator)
    x = torch.randn(2, 3, 64, 50, dtype=torch.float64, generator=generator)
    kernel = layer.resulting_kernel()
    assert kernel.shape[:2] == (64, 3)
    expected = functional.conv2d(x, kernel, layer.bias, stride=2, padding=14)
    assert laws.relative_error(layer(x), expected) < 1e-12
    a, b = kernel[2].flatten(), kernel[3].flatten()  # neighbours: one packet's real and imaginary part
    assert abs((a @ b / a.norm() / b.norm()).item()) < 0.05


def test_real_and_imaginary_part_share_their_weights(generator: torch.Generator) -> None:
    mixing = alexnet_mixing(2)
    real = DualTreeFilters(mixing, stride=4, padding=12, bias=False)
    both = DualTreeFilters(mixing, stride=4, padding=12, part="complex")
    both.load_state_dict(real.state_dict())
    x = torch.randn(2, 3, 64, 64, generator=generator)
    assert laws.relative_error(both(x).real, real(x)) < 1e-6
    assert laws.relative_error(both.resulting_kernel().real, real.resulting_kernel()) < 1e-6


def test_groups_do_not_see_each_other() -> None:
    filters = DualTreeFilters(alexnet_mixing(3), stride=4, padding=30)
    matrix = filters.mixture()
    assert matrix.shape == (32, 94)
    assert int((matrix != 0).sum()) == 206
    assert (matrix != 0).sum(1).tolist() == [1] * 6 + [4] * 18 + [16] * 8


def test_cropped_kernels_are_where_the_convolution_looks() -> None:
    stem = made(ALEXNET_STEM, alexnet_mixing(3))
    whole, small = stem.resulting_kernel(), stem.resulting_kernel(11)
    assert_close(whole[:32, :, 28:39, 28:39], stem.free.weight)
    assert_close(small, whole[..., 28:39, 28:39])
    assert_close(stem.resulting_kernel(66), whole)
    middle = stem.resulting_kernel(31)
    assert_close(middle[..., 10:21, 10:21], small)
    energy = whole[32:].square()  # packets lie around the middle of what the convolution sees
    places = torch.arange(66.0)
    mean = (energy.sum((1, 2)) * places).sum(-1) / energy.sum((1, 2, 3))
    assert (mean - 33).abs().max() < 4


def test_each_output_is_drawn_toward_one_packet(generator: torch.Generator) -> None:
    stem = made(ALEXNET_STEM, alexnet_mixing(3))
    before = stem.sparsity()
    by_hand = sum(
        kind.penalty * (row.abs().sum() / row.abs().max() - 1)
        for kind, weight in zip(stem.wavelets.mixing.kinds, stem.wavelets.weights, strict=True)
        for row in weight.flatten(0, 1)
    )
    assert_close(before, torch.as_tensor(by_hand))
    before.backward()
    assert stem.wavelets.weights[1].grad is not None
    assert stem.wavelets.weights[2].grad.isfinite().all()
    with torch.no_grad():
        for weight in stem.wavelets.weights:
            weight[..., 1:] = 0
    assert stem.sparsity().item() == 0
    assert_close(dual_tree_sparsity(nn.Sequential(made(ALEXNET_STEM, alexnet_mixing(3)), stem)), before)
    with torch.no_grad():
        for weight in stem.wavelets.weights:
            weight.zero_()
    assert stem.sparsity().item() == 0


@settings(max_examples=12, deadline=None)
@given(st.integers(32, 70), st.integers(32, 70), st.sampled_from(range(len(CASES))))
def test_any_size(height: int, width: int, case: int) -> None:
    """Maps are those of the network it stands for, or one row or column smaller."""
    stem, plan = made(*CASES[case]), CASES[case][0]
    out = stem(torch.rand(2, 3, height, width))
    sides = [(side + 2 * plan.padding - plan.kernel) // plan.stride + 1 for side in (height, width)]
    pooled = [(side + 2 * plan.pool_padding - 3) // 2 + 1 for side in sides]
    assert all(0 <= was - now <= 1 for was, now in zip(pooled, out.shape[-2:], strict=True))
    assert (out >= 0).all()


@each_stem
def test_maps_of_imagenet_size_are_those_of_the_original(
    plan: StemPlan, mixing: PacketMixing, nonlinearity: str
) -> None:
    side = 56 if plan.normalised else 27
    assert made(plan, mixing, nonlinearity)(torch.rand(1, 3, 224, 224)).shape == (1, 64, side, side)


@each_stem
def test_everything_learns_but_the_wavelets(
    plan: StemPlan, mixing: PacketMixing, nonlinearity: str, generator: torch.Generator
) -> None:
    stem = made(plan, mixing, nonlinearity)
    stem(torch.randn(2, 3, 64, 64, generator=generator)).square().mean().backward()
    for name, parameter in stem.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name
    assert all("transform" not in name for name in stem.state_dict())


def test_gradients_are_those_of_the_plain_convolution(generator: torch.Generator) -> None:
    stem = made(ALEXNET_STEM, alexnet_mixing(2), "modulus").double()
    x = torch.randn(2, 3, 48, 48, dtype=torch.float64, generator=generator)
    w = stem.wavelets
    learned = [w.packets.colours, *w.weights]
    ours = torch.autograd.grad(stem(x)[:, 32:].square().sum(), learned)
    kernel = stem.resulting_kernel()[32:]
    z = [functional.conv2d(x, k, stride=4, padding=stem.kernel_padding) for k in (kernel.real, kernel.imag)]
    u = (z[0].square() + z[1].square())[..., 1::2, 1::2]
    rows, columns = stem(x).shape[-2:]
    plain = torch.autograd.grad(u[..., :rows, :columns].sum(), learned)
    for a, b in zip(ours, plain, strict=True):
        assert laws.relative_error(a, b) < 1e-11


def test_a_flat_image_has_a_gradient() -> None:
    stem = made(RESNET_STEM, resnet_mixing(2), "modulus")
    stem(torch.zeros(2, 3, 32, 32)).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in stem.parameters())


@pytest.mark.parametrize("nonlinearity", ["max", "modulus"])
def test_autocast(nonlinearity: str, generator: torch.Generator) -> None:
    stem = made(RESNET_STEM, resnet_mixing(2), nonlinearity)
    x = torch.randn(2, 3, 64, 64, generator=generator)
    expected = stem(x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = stem(x)
    assert laws.relative_error(out.float(), expected) < 2e-2
    out.float().square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in stem.parameters())


@pytest.mark.parametrize("nonlinearity", ["max", "modulus"])
def test_formats_dtypes_and_empty_batches(nonlinearity: str, generator: torch.Generator) -> None:
    stem = made(RESNET_STEM, resnet_mixing(2), nonlinearity).eval()
    x = torch.randn(2, 3, 33, 40, generator=generator)
    expected = stem(x)
    turned = stem.to(memory_format=torch.channels_last)(x.to(memory_format=torch.channels_last))
    assert laws.relative_error(turned, expected) < 1e-5
    assert stem(x[:0]).shape == (0, *expected.shape[1:])
    assert laws.relative_error(stem.double()(x.double()), expected.double()) < 1e-5
    if nonlinearity == "max":
        halved = stem.to(torch.bfloat16)(x.to(torch.bfloat16))
        assert halved.dtype == torch.bfloat16
        assert laws.relative_error(halved.float(), expected) < 3e-2


def test_a_seed_is_a_stem(generator: torch.Generator) -> None:
    state = torch.random.get_rng_state()
    one, two, three = (made(RESNET_STEM, resnet_mixing(2), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(state, torch.random.get_rng_state())
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(one.free.weight, three.free.weight)
    assert not torch.equal(one.wavelets.mixture(), three.wavelets.mixture())
    limits = [
        w.abs().max().item() * w.shape[-1] ** 0.5
        for w in made(ALEXNET_STEM, alexnet_mixing(3)).wavelets.weights
    ]
    assert all(0.5 < limit <= 1 for limit in limits)


@pytest.mark.parametrize("nonlinearity", ["max", "modulus"])
def test_safetensors(nonlinearity: str, tmp_path: Path, generator: torch.Generator) -> None:
    stem = made(RESNET_STEM, resnet_mixing(2), nonlinearity, seed=1)
    x = torch.randn(2, 3, 32, 32, generator=generator)
    stem(x)  # moves the running statistics
    save_file(stem.state_dict(), tmp_path / "stem.safetensors")
    twin = made(RESNET_STEM, resnet_mixing(2), nonlinearity, seed=2)
    twin.load_state_dict(load_file(tmp_path / "stem.safetensors"))
    assert torch.equal(twin.eval()(x), stem.eval()(x))


def test_the_norm_of_a_modulus(generator: torch.Generator) -> None:
    norm = ModulusBatchNorm2d(3)
    z = (
        torch.randn(8, 3, 20, 20, dtype=torch.complex64, generator=generator)
        * torch.tensor([1, 5, 0.1])[:, None, None]
    )
    y = norm(z.abs())
    assert_close(y.square().mean((0, 2, 3)), torch.full((3,), 2.0), rtol=2e-2, atol=0)
    real = nn.BatchNorm2d(3, affine=False)(z.real)
    assert_close(real.square().mean((0, 2, 3)), torch.ones(3), rtol=2e-2, atol=0)
    assert_close(norm.running_energy, 0.9 * 2 + 0.1 * z.abs().square().mean((0, 2, 3)))
    norm.eval()
    assert_close(norm(z.abs()), z.abs() / (norm.running_energy / 2 + 1e-5).sqrt()[:, None, None])
    before = norm.running_energy.clone()
    with torch.no_grad():
        norm.weight.fill_(-2.0)
        norm.bias.fill_(-1.0)
    assert_close(norm(z.abs()) + 1, 2 * z.abs() / (before / 2 + 1e-5).sqrt()[:, None, None])
    assert torch.equal(norm.running_energy, before)


@pytest.mark.untyped
@pytest.mark.needs_compiler
def test_compiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, generator: torch.Generator) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()
    filters = DualTreeFilters(PacketMixing(1, (PacketGroups(((1, 5),), 1),)), stride=2, padding=5)
    x = torch.randn(2, 3, 8, 6, generator=generator)
    with torch.no_grad():  # the transform's own tests compile its gradient
        assert laws.relative_error(torch.compile(filters, fullgraph=True)(x), filters(x)) < 1e-5


@pytest.mark.untyped
@pytest.mark.parametrize("nonlinearity", ["max", "modulus"])
def test_exports(nonlinearity: str, generator: torch.Generator) -> None:
    stem = made(RESNET_STEM, resnet_mixing(2), nonlinearity).eval()
    x = torch.randn(2, 3, 32, 32, generator=generator)
    program = torch.export.export(stem, (x,))
    assert laws.relative_error(program.module()(x), stem(x)) < 1e-5


@pytest.mark.untyped
def test_what_does_not_fit_is_refused() -> None:
    stem = made(RESNET_STEM, resnet_mixing(2))
    for x in (torch.ones(3, 32, 32), torch.ones(1, 1, 32, 32)):
        with pytest.raises((ValueError, RuntimeError)):
            stem(x)
        with pytest.raises(
            ValueError, match=re.escape("expected colour images (batch, 3, height, width), got")
        ):
            stem.wavelets(x)
    with pytest.raises(ValueError, match="is smaller than the 30x30 kernels of J = 2"):
        stem.wavelets(torch.ones(1, 3, 1, 1))
    with pytest.raises(ValueError, match="expected a size from 7 to 30, got 31"):
        stem.resulting_kernel(31)
    with pytest.raises(ValueError, match="nonlinearity must be 'max' or 'modulus', got 'relu'"):
        DualTreeStem(RESNET_STEM, resnet_mixing(2), "relu")  # type: ignore[arg-type]
    everything = PacketMixing(2, (PacketGroups(tuple((k,) for k in range(32)), 2),))
    with pytest.raises(ValueError, match="64 wavelet channels leave none of 64 free"):
        DualTreeStem(RESNET_STEM, everything)
    with pytest.raises(ValueError, match="complex outputs have no bias"):
        DualTreeFilters(resnet_mixing(2), stride=2, padding=14, part="complex", bias=True)
    with pytest.raises(ValueError, match="no DualTreeFilters in Linear; leave the penalty out"):
        dual_tree_sparsity(nn.Linear(1, 1))
    with pytest.raises(ValueError, match="no energy in an empty batch"):
        ModulusBatchNorm2d(2)(torch.ones(0, 2, 4, 4))
