"""wavedec2 and waverec2 as users run them: dtypes, devices, gradients, compilation, export, errors."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from wavelets_course import laws
from wavelets_course.signals import BOUNDARY_MODES, BoundaryMode
from wavelets_course.transforms import (
    Detail2d,
    Pyramid2d,
    Wavelet2d,
    flatten,
    unflatten,
    wavedec2,
    wavedec2_adjoint,
    waverec2,
)

modes = pytest.mark.parametrize("mode", BOUNDARY_MODES)
real_and_complex = pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])


# ---- dtypes, devices, batches ---------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_single(dtype: torch.dtype, generator: torch.Generator) -> None:
    x = torch.randn(2, 19, 26, generator=generator).to(dtype)
    pyramid = wavedec2(x, "db2", mode="reflect")
    single = wavedec2(x.float(), "db2", mode="reflect")
    assert {band.dtype for band in (pyramid.approx, *pyramid.details[0])} == {dtype}
    torch.testing.assert_close(flatten(pyramid), flatten(single).to(dtype), rtol=0, atol=0)
    for rebuild in (waverec2, wavedec2_adjoint):
        back = rebuild(pyramid, "db2", mode="reflect")
        wide = unflatten(flatten(pyramid).float(), like=pyramid)
        torch.testing.assert_close(back, rebuild(wide, "db2", mode="reflect").to(dtype), rtol=0, atol=0)
    assert laws.relative_error(waverec2(pyramid, "db2", mode="reflect"), x) < 4 * torch.finfo(dtype).eps


def test_autocast_leaves_the_precision_alone(generator: torch.Generator) -> None:
    x = torch.randn(3, 16, 16, generator=generator)
    expected = flatten(wavedec2(x, "db2"))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(flatten(wavedec2(x, "db2")), expected, rtol=0, atol=0)


@modes
def test_device_of_the_input_is_kept(mode: BoundaryMode, device: torch.device) -> None:
    x = torch.randn(2, 31, 18, generator=torch.Generator().manual_seed(1)).to(device)
    pyramid = wavedec2(x, "db2", mode=mode)
    assert flatten(pyramid).device.type == device.type
    assert laws.relative_error(waverec2(pyramid, "db2", mode=mode), x) < 1e-5
    on_cpu = Pyramid2d(
        pyramid.approx.cpu(), tuple(Detail2d(*(b.cpu() for b in d)) for d in pyramid.details), (31, 18)
    )
    spread = wavedec2_adjoint(pyramid, "db2", mode=mode)
    assert laws.relative_error(spread.cpu(), wavedec2_adjoint(on_cpu, "db2", mode=mode)) < 1e-6


def test_a_batch_is_its_images(generator: torch.Generator) -> None:
    x = torch.randn(2, 3, 21, 16, generator=generator)
    together = flatten(wavedec2(x, "db2"))
    torch.testing.assert_close(together[1, 2], flatten(wavedec2(x[1, 2], "db2")), rtol=0, atol=0)
    mapped = torch.vmap(lambda u: flatten(wavedec2(u, "db2")))(x)
    torch.testing.assert_close(mapped, together)


@pytest.mark.parametrize("mode", ["symmetric", "periodization", "antireflect"])
def test_an_empty_batch_stays_empty(mode: BoundaryMode) -> None:
    pyramid = wavedec2(torch.zeros(0, 3, 21, 16), "db2", mode=mode)
    assert pyramid.approx.shape[:2] == (0, 3)
    assert waverec2(pyramid, "db2", mode=mode).shape == (0, 3, 21, 16)
    assert wavedec2_adjoint(pyramid, "db2", mode=mode).shape == (0, 3, 21, 16)


def test_no_scale_is_a_copy(generator: torch.Generator) -> None:
    x = torch.randn(1, 9, generator=generator)  # one row has no scale to take
    pyramid = wavedec2(x)
    assert pyramid.details == ()
    for copy in (pyramid.approx, waverec2(pyramid), wavedec2_adjoint(pyramid)):
        torch.testing.assert_close(copy, x, rtol=0, atol=0)
    assert len({t.data_ptr() for t in (x, pyramid.approx, waverec2(pyramid))}) == 3


def test_nan_and_infinity_flow_through() -> None:
    x = torch.zeros(16, 16)
    x[0, 0], x[15, 15] = torch.nan, torch.inf
    detail = wavedec2(x, "haar", J=1).details[0].horizontal
    assert int(detail.isnan().sum()) == 1
    assert int(detail.isinf().sum()) == 1


# ---- gradients ------------------------------------------------------------------------------


# torch's own forward-mode rules still use torch.jit.script.
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")
@modes
@real_and_complex
def test_gradcheck(mode: BoundaryMode, dtype: torch.dtype, generator: torch.Generator) -> None:
    x = torch.randn(6, 7, dtype=dtype, generator=generator, requires_grad=True)
    pyramid = wavedec2(x.detach(), "db2", J=1, mode=mode)
    row = flatten(pyramid).requires_grad_()
    for function, argument in (
        (lambda u: flatten(wavedec2(u, "db2", J=1, mode=mode)), x),
        (lambda c: waverec2(unflatten(c, like=pyramid), "db2", mode=mode), row),
        (lambda c: wavedec2_adjoint(unflatten(c, like=pyramid), "db2", mode=mode), row),
    ):
        assert torch.autograd.gradcheck(function, (argument,), check_forward_ad=True, fast_mode=True)
    if not dtype.is_complex:  # every entry of the Jacobian
        assert torch.autograd.gradcheck(lambda u: flatten(wavedec2(u, "db2", J=1, mode=mode)), (x,))

    def power(u: Tensor) -> Tensor:
        return flatten(wavedec2(u, "db2", J=1, mode=mode)).abs().square()

    assert torch.autograd.gradgradcheck(power, (x,), fast_mode=True)


@modes
@real_and_complex
def test_the_gradient_is_the_adjoint(
    mode: BoundaryMode, dtype: torch.dtype, generator: torch.Generator
) -> None:
    x = torch.randn(2, 23, 14, dtype=dtype, generator=generator, requires_grad=True)
    row = flatten(wavedec2(x, "db3", J=1, mode=mode))
    weights = torch.randn(row.shape, dtype=dtype, generator=generator)
    (gradient,) = torch.autograd.grad(row, x, weights)
    pyramid = unflatten(weights, like=wavedec2(x.detach(), "db3", J=1, mode=mode))
    torch.testing.assert_close(gradient, wavedec2_adjoint(pyramid, "db3", mode=mode), rtol=1e-12, atol=1e-12)


# ---- compilation and export -----------------------------------------------------------------


@pytest.fixture
def fresh_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()


@pytest.mark.untyped
@pytest.mark.needs_compiler
def test_inductor_compiles(fresh_compiler: None, generator: torch.Generator) -> None:
    def there_and_back(u: Tensor) -> tuple[Pyramid2d, Tensor]:
        pyramid = wavedec2(u, "db2", J=1)
        return pyramid, waverec2(pyramid, "db2")

    x = torch.randn(2, 17, 22, generator=generator)
    compiled = torch.compile(there_and_back, fullgraph=True, backend="inductor")(x)
    assert laws.relative_error(compiled, there_and_back(x)) < 1e-6
    assert isinstance(compiled[0], Pyramid2d)
    assert compiled[0].shape == (17, 22)


@pytest.mark.untyped
@pytest.mark.parametrize("mode", ["smooth", "periodization"])
def test_all_three_trace_without_a_break(
    mode: BoundaryMode, fresh_compiler: None, generator: torch.Generator
) -> None:
    x = torch.randn(2, 17, 22, generator=generator, requires_grad=True)

    def energy(u: Tensor) -> Tensor:
        pyramid = wavedec2(u, "db2", J=1, mode=mode)
        difference = waverec2(pyramid, "db2", mode=mode) - wavedec2_adjoint(pyramid, "db2", mode=mode)
        return flatten(pyramid).square().sum() + difference.square().sum()

    compiled = torch.compile(energy, fullgraph=True, backend="aot_eager")
    (expected,) = torch.autograd.grad(energy(x), x)
    (gradient,) = torch.autograd.grad(compiled(x), x)
    torch.testing.assert_close(gradient, expected)


@pytest.mark.untyped
@pytest.mark.parametrize("mode", ["symmetric", "periodization"])
def test_the_layer_exports_with_a_free_batch(
    mode: BoundaryMode, fresh_compiler: None, generator: torch.Generator
) -> None:
    layer = Wavelet2d("db2", J=2, mode=mode)
    batch = torch.export.Dim("batch", min=1, max=64)
    x = torch.randn(2, 1, 17, 22, generator=generator)
    program = torch.export.export(layer, (x,), dynamic_shapes={"x": {0: batch}})
    more = torch.randn(5, 1, 17, 22, generator=generator)
    result = program.module()(more)
    assert result.shape == (17, 22)
    assert laws.relative_error(result, layer(more)) < 1e-6


# ---- errors ---------------------------------------------------------------------------------

ZEROS = torch.zeros(28, 28)
MIXED = Pyramid2d(torch.zeros(4, 4), (Detail2d(*torch.zeros(3, 4, 4).double()),))
UPSIDE_DOWN = Pyramid2d(torch.zeros(4, 4), tuple(Detail2d(*torch.zeros(3, n, n)) for n in (4, 8)))


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: wavedec2(ZEROS, "haar", J=6),
            ValueError,
            "wavedec2: J = 6 is too deep for a 28x28 image with 'haar' (at most 4); "
            "use J <= 4 or enlarge it with signals.extend.",
        ),
        (
            lambda: wavedec2(ZEROS, J=2.0),  # type: ignore[arg-type]
            TypeError,
            "wavedec2: J must be a whole number, got 2.0; give an int",
        ),
        (
            lambda: wavedec2(ZEROS.numpy()),  # type: ignore[arg-type]
            TypeError,
            "wavedec2: expected a tensor, got x = ndarray; convert it: torch.as_tensor(x).",
        ),
        (lambda: wavedec2(ZEROS, J=-1), ValueError, "wavedec2: J must be a number of scales >= 0, got -1"),
        (
            lambda: wavedec2(ZEROS.long()),
            TypeError,
            "wavedec2: expected real or complex values, got torch.int64; convert it: x.float().",
        ),
        (
            lambda: wavedec2(ZEROS[0]),
            ValueError,
            "wavedec2: expected images (*batch, height, width), got shape (28,); make a signal an image",
        ),
        (lambda: wavedec2(ZEROS[:, :0]), ValueError, "of at least one pixel, got shape (28, 0)"),
        (
            lambda: wavedec2(ZEROS, "sym4"),
            ValueError,
            "wavedec2: expected 'haar' or 'db1' to 'db38', got 'sym4'",
        ),
        (
            lambda: wavedec2(ZEROS, mode="mirror"),  # type: ignore[arg-type]
            ValueError,
            "wavedec2: mode must be one of zero, constant, symmetric",
        ),
        (
            lambda: waverec2(wavedec2(ZEROS), mode="mirror"),  # type: ignore[arg-type]
            ValueError,
            "antisymmetric, antireflect, periodization, got 'mirror'; signals.extend shows what each does.",
        ),
        (
            lambda: waverec2(Pyramid2d(ZEROS.long(), ())),
            TypeError,
            "waverec2: expected real or complex coefficients, got torch.int64; convert them: band.float().",
        ),
        (
            lambda: waverec2(wavedec2(ZEROS, "haar", J=1), "db4"),
            ValueError,
            "waverec2: details[0] of 14x14 rebuild 22x22 with 'db4' in mode 'symmetric', "
            "but 28x28 or one more",
        ),
        (
            lambda: waverec2(wavedec2(ZEROS)._replace(shape=(30, 28))),
            ValueError,
            "but 30x28 or one more is needed; pass the wavelet, the mode and the shape of the analysis.",
        ),
        (
            lambda: wavedec2_adjoint(UPSIDE_DOWN),
            ValueError,
            "wavedec2_adjoint: expected details[1].horizontal of shape (4, 4) and torch.float32, "
            "got (8, 8) and torch.float32; details run from fine to coarse",
        ),
        (
            lambda: waverec2(MIXED),
            ValueError,
            "of shape (4, 4) and torch.float32, got (4, 4) and torch.float64",
        ),
        (
            lambda: waverec2(Pyramid2d(ZEROS, (), (28, 29))),
            ValueError,
            "waverec2: the approximation is 28x28, but the shape is 28x29",
        ),
    ],
)
def test_errors_say_the_way_out(call: Callable[[], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        call()
