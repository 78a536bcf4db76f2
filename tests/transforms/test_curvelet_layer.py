"""The curvelet layer in use: precisions, batches, gradients, devices, compilation, export."""

import copy
import pickle
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from wavelets_course import laws
from wavelets_course.transforms import Curvelet2d, CurveletCoefficients, curvelets


@pytest.mark.parametrize("finest", ["curvelet", "wavelet"])
def test_layer_is_the_function(finest: str, generator: torch.Generator) -> None:
    x = torch.randn(2, 21, 34, generator=generator)
    layer = Curvelet2d((21, 34), 2, 4, finest=finest)  # type: ignore[arg-type]
    for image in (x, x.double()):
        c = curvelets(image, 2, angles=4, finest=finest)  # type: ignore[arg-type]
        for ours in (layer(image), layer.analysis(image), copy.deepcopy(layer).double()(image)):
            assert laws.relative_error(ours, c) < 1e-15 if image is not x else 1e-7


@pytest.mark.parametrize("batch", [(), (1,), (2, 3), (0,), (2, 0, 1)])
def test_leading_axes(batch: tuple[int, ...], generator: torch.Generator) -> None:
    x = torch.randn(*batch, 16, 18, generator=generator)
    layer = Curvelet2d((16, 18), 1)
    c = layer(x)
    assert c.coarse.shape[:-2] == batch
    assert all(band.shape[:-3] == batch for scale in c.wedges for band in scale)
    assert layer.synthesis(c).shape == x.shape
    assert layer.flatten(c).shape == (*batch, layer.count)


def test_batch_is_a_loop_and_strides_do_not_matter(generator: torch.Generator) -> None:
    x = torch.randn(20, 24, 3, generator=generator).permute(2, 0, 1)
    layer = Curvelet2d((20, 24), 2)
    together, apart = layer(x), [layer(image.clone(memory_format=torch.contiguous_format)) for image in x]
    assert_close(layer.flatten(together), torch.stack([layer.flatten(c) for c in apart]), rtol=0, atol=1e-6)
    turned = CurveletCoefficients(
        together.coarse.mT.contiguous().mT,
        tuple(tuple(band.mT.contiguous().mT for band in scale) for scale in together.wedges),
    )
    assert_close(layer.synthesis(turned), x, rtol=0, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_single(dtype: torch.dtype, generator: torch.Generator) -> None:
    x = torch.randn(16, 16, generator=generator).to(dtype)
    layer = Curvelet2d((16, 16), 1, finest="curvelet").to(dtype)
    c, single = layer(x), layer(x.float())
    assert layer.weight.dtype == torch.float32
    assert c.coarse.dtype == dtype
    assert torch.equal(c.coarse, single.coarse.to(dtype))
    assert all(
        torch.equal(a, b)
        for s, t in zip(c.wedges, single.wedges, strict=True)
        for a, b in zip(s, t, strict=True)
    )
    assert layer.synthesis(c).dtype == dtype
    assert_close(layer.synthesis(c), x, rtol=0.02, atol=0.02)


def test_a_bad_pixel_stays_in_its_image() -> None:
    x = torch.ones(2, 16, 16)
    x[0, 3, 3] = torch.nan
    row = (layer := Curvelet2d((16, 16), 1)).flatten(layer(x))
    assert row[0].isnan().any()
    assert row[1].isfinite().all()


@pytest.mark.parametrize("finest", ["curvelet", "wavelet"])
def test_gradients(finest: str, generator: torch.Generator) -> None:
    layer = Curvelet2d((9, 10), 1, 4, finest=finest).double()  # type: ignore[arg-type]
    x = torch.randn(2, 9, 10, dtype=torch.float64, generator=generator, requires_grad=True)
    row = torch.randn(2, layer.count, dtype=torch.float64, generator=generator, requires_grad=True)

    def analysis(image: torch.Tensor) -> torch.Tensor:
        return layer.flatten(layer.analysis(image))

    def synthesis(numbers: torch.Tensor) -> torch.Tensor:
        return layer.synthesis(layer.unflatten(numbers))

    assert torch.autograd.gradcheck(analysis, x, fast_mode=True)
    assert torch.autograd.gradcheck(synthesis, row, fast_mode=True)
    assert torch.autograd.gradgradcheck(lambda image: analysis(image).pow(3), x, fast_mode=True)
    assert torch.autograd.gradgradcheck(lambda numbers: synthesis(numbers).pow(3), row, fast_mode=True)


def test_gradient_of_the_energy_is_twice_the_image(generator: torch.Generator) -> None:
    layer = Curvelet2d((32, 24), 2)
    x = torch.randn(3, 32, 24, generator=generator, requires_grad=True)
    energy = layer.flatten(layer(x)).square().sum()
    assert_close(torch.autograd.grad(energy, x)[0], 2 * x.detach(), rtol=0, atol=1e-5)


def test_buffers_keep_their_digits() -> None:
    layer = Curvelet2d((16, 16), 1)
    assert layer.state_dict() == {}
    assert list(layer.parameters()) == []
    assert [name for name, _ in layer.named_buffers()] == ["weight", "window", "source"]
    for cast in (layer.half, layer.bfloat16, layer.float):
        assert_close(cast().weight, layer.layout.weight.float(), rtol=0, atol=0)
    assert_close(layer.double().weight, layer.layout.weight, rtol=0, atol=0)
    assert repr(layer) == "Curvelet2d((16, 16), J=1, angles=6, finest='curvelet')"


def test_moves_and_copies(device: torch.device, generator: torch.Generator) -> None:
    x = torch.randn(2, 24, 16, generator=generator)
    layer = Curvelet2d((24, 16), 2)
    expected = layer.flatten(layer(x))
    moved = copy.deepcopy(layer).to(device)
    assert_close(moved.flatten(moved(x.to(device))).cpu(), expected)
    assert_close(moved.synthesis(moved(x.to(device))).cpu(), x)
    assert_close(moved(x.double().to(device)).coarse.cpu(), layer(x.double()).coarse)
    assert torch.equal((twin := pickle.loads(pickle.dumps(layer))).flatten(twin(x)), expected)
    revived = Curvelet2d((24, 16), 2).to("meta").to_empty(device=device)
    assert_close(revived.flatten(revived(x.to(device))).cpu(), expected)


def test_sizes_without_numbers(generator: torch.Generator) -> None:
    """Images on the meta device become coefficients there; a layer there has windows from its design."""
    x = torch.randn(2, 24, 16, generator=generator)
    layer = Curvelet2d((24, 16), 2)
    empty = copy.deepcopy(layer).to("meta")
    for each in (layer, empty):
        c = each(x.to("meta"))
        assert {band.device.type for band in (c.coarse, *c.wedges[0], *c.wedges[1])} == {"meta"}
        assert each.flatten(c).shape == (2, layer.count)
        assert each.synthesis(c).shape == x.shape
    assert_close(empty.flatten(empty(x)), layer.flatten(layer(x)))


def test_what_overflows_is_infinite_or_nan_and_the_rest_right(generator: torch.Generator) -> None:
    layer, x = Curvelet2d((16, 16), 1), torch.randn(16, 16, generator=generator).clamp(-1, 1)
    expected = layer.flatten(layer(x.double()))
    for unit in (1e30, 1e34, 1e37, 3e38):
        row = layer.flatten(layer(x * unit)).double()
        held = row.isfinite()
        assert_close(row[held] / unit, expected[held], rtol=0, atol=1e-5)
        assert held.all() or unit > 1e36
        assert not held.all() or unit < 1e38
        image = layer.synthesis(layer(x * unit))
        assert_close(image[held := image.isfinite()] / unit, x[held], rtol=0, atol=1e-5)
        assert_close(layer.flatten(layer(x.double() * unit)) / unit, expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_never_waits_for_the_gpu(generator: torch.Generator) -> None:
    x = torch.randn(2, 64, 64, generator=generator).cuda()
    layer = Curvelet2d((64, 64), 2).cuda()
    layer.synthesis(layer(x))
    torch.cuda.set_sync_debug_mode("error")
    try:
        layer.synthesis(layer(x))
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.untyped
def test_export(generator: torch.Generator) -> None:
    layer = Curvelet2d((16, 18), 1, 4)
    x = torch.randn(2, 16, 18, generator=generator)
    program = torch.export.export(layer, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    more = torch.randn(5, 16, 18, generator=generator)
    assert_close(tuple(program.module()(more)), tuple(layer(more)))


@pytest.mark.untyped
def test_compile_traces_whole(generator: torch.Generator) -> None:
    torch._dynamo.reset()
    layer = Curvelet2d((16, 16), 1, 4)
    x = torch.randn(2, 16, 16, generator=generator, requires_grad=True)

    def round_trip(image: torch.Tensor) -> torch.Tensor:
        return layer.synthesis(layer(image))

    def energy(image: torch.Tensor) -> torch.Tensor:
        return layer.flatten(layer(image)).pow(4).sum()

    for function in (round_trip, energy):
        compiled = torch.compile(function, backend="aot_eager", fullgraph=True)
        assert_close(compiled(x), function(x))
        expected = torch.autograd.grad(function(x).square().sum(), x)
        assert_close(torch.autograd.grad(compiled(x).square().sum(), x), expected)


@pytest.mark.untyped
@pytest.mark.needs_compiler
@pytest.mark.filterwarnings(
    "ignore:Torchinductor does not support code generation for complex"
)  # FFTs: eager kernels
def test_compile_to_machine_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generator: torch.Generator
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()
    layer = Curvelet2d((8, 8), 1, 4)
    x = torch.randn(2, 8, 8, generator=generator)
    assert_close(tuple(torch.compile(layer, fullgraph=True)(x)), tuple(layer(x)))
