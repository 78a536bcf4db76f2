"""Dual-tree packets in use: dtypes, strides, gradients, compilers, other devices, clear errors."""

import copy
import pickle
import re
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck
from torch.autograd.functional import hessian, jacobian

from wavelets_course import laws
from wavelets_course.filters import half_sample_taps
from wavelets_course.transforms import DualTreeWaveletPacket2d, dual_tree_packets, dual_tree_run
from wavelets_course.transforms.dual_tree_bank import analyse, spread


@pytest.mark.parametrize(
    ("dtype", "complex_dtype"),
    [
        (torch.float64, torch.complex128),
        (torch.float32, torch.complex64),
        (torch.bfloat16, torch.complex64),
        (torch.float16, torch.complex64),
    ],
)
def test_dtypes(
    dtype: torch.dtype, complex_dtype: torch.dtype, device: torch.device, generator: torch.Generator
) -> None:
    x = torch.randn(2, 12, 20, dtype=torch.float64, generator=generator).to(dtype)
    expected = dual_tree_packets(x.double(), 2)
    c = DualTreeWaveletPacket2d(2).to(device)(x.to(device))
    assert c.dtype == complex_dtype
    assert laws.relative_error(c.cpu(), expected) < (1e-14 if dtype == torch.float64 else 1e-6)
    real = dual_tree_packets(x, 2, part="real")
    assert real.dtype == dtype
    unit = torch.finfo(dtype).eps
    assert laws.relative_error(real, expected.real) < max(unit, 1e-6 if unit < 1e-3 else 0, 1e-14)


def test_casting_the_module_does_not_round_the_filters(generator: torch.Generator) -> None:
    x = torch.randn(16, 16, dtype=torch.float64, generator=generator)
    layer = DualTreeWaveletPacket2d(2)
    expected = layer(x)
    network = torch.nn.Sequential(layer).half().to(torch.bfloat16)
    assert laws.relative_error(network(x), expected) == 0
    assert list(network.parameters()) == []
    assert network.state_dict() == {}


def test_autocast_does_not_round_the_products(generator: torch.Generator) -> None:
    layer, x = DualTreeWaveletPacket2d(2), torch.randn(16, 16, generator=generator)
    expected = layer(x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert laws.relative_error(layer(x), expected) == 0
        assert laws.reconstruction_error(layer.analysis, layer.synthesis, x) < 1e-6


@pytest.mark.parametrize("boundary", ["periodic", "zero"])
def test_strides_and_batches(boundary: str, generator: torch.Generator) -> None:
    layer = DualTreeWaveletPacket2d(2, boundary=boundary)  # type: ignore[arg-type]
    x = torch.randn(2, 3, 14, 11, dtype=torch.float64, generator=generator)
    expected = layer(x)
    assert laws.relative_error(layer(x.mT.contiguous().mT), expected) < 1e-14
    assert laws.relative_error(layer(x.repeat_interleave(2, -1)[..., ::2]), expected) < 1e-14
    one_by_one = torch.stack([torch.stack([layer(image) for image in row]) for row in x])
    assert laws.relative_error(one_by_one, expected) < 1e-14
    assert layer(x[:0]).shape == (0, *expected.shape[1:])
    assert layer.synthesis(expected[:0], (14, 11)).shape == (0, 3, 14, 11)
    turned = expected.conj().mT.contiguous().mT.conj()
    assert laws.reconstruction_error(layer, lambda _: layer.synthesis(turned, (14, 11)), x) < 1e-13


@pytest.mark.parametrize("part", ["complex", "real"])
def test_the_fast_path_equals_the_plain_one(part: str, generator: torch.Generator) -> None:
    """Images pass one by one through buffers, with edges filled in place: a compiler sees none of it."""
    for boundary, padding in (("periodic", None), ("zero", None), ("zero", 14), ("zero", 40)):
        for J, shape in ((2, (13, 17)), (2, (16, 9)), (1, (5, 1)), (2, (1, 3))):
            layer = DualTreeWaveletPacket2d(J, boundary=boundary, padding=padding, part=part)  # type: ignore[arg-type]
            if padding == 14 and min(shape) < 3:
                continue
            x = torch.randn(3, *shape, dtype=torch.float64, generator=generator)
            plan = layer._working_bank(x), *layer._axes("analysis", *shape)
            plain = analyse(x, *plan)
            c = torch.view_as_complex(plain) if part == "complex" else plain.squeeze(-1)
            assert laws.relative_error(layer(x), c) < 1e-14
            assert laws.relative_error(layer.adjoint(c, shape), spread(plain, *plan)) < 1e-14


@pytest.mark.parametrize("part", ["complex", "real"])
@pytest.mark.parametrize("together", [1, 2, 3, 5, 9])
def test_however_many_images_pass_together(
    part: str, together: int, monkeypatch: pytest.MonkeyPatch, generator: torch.Generator
) -> None:
    layer = DualTreeWaveletPacket2d(2, stride=2, packets=[3, 17, 30], part=part)  # type: ignore[arg-type]
    x = torch.randn(5, 9, 14, dtype=torch.float64, generator=generator)
    plan = layer._working_bank(x), *layer._axes("analysis", 9, 14)
    one = plan[0].columns.shape[0] * plan[2].positions * plan[1].extended
    monkeypatch.setattr(dual_tree_run, "CHUNK", together * one / torch.get_num_threads())
    plain = analyse(x, *plan)
    c = torch.view_as_complex(plain) if part == "complex" else plain.squeeze(-1)
    turns = [turn.images for turn in dual_tree_run._turns(plain, 9, dual_tree_run._Setting(*plan))]
    assert max(turn.stop - turn.start for turn in turns) == min(together, 5)
    assert [image for turn in turns for image in range(5)[turn]] == list(range(5))
    assert laws.relative_error(layer(x), c) < 1e-14
    assert laws.relative_error(layer.adjoint(c, (9, 14)), spread(plain, *plan)) < 1e-14


def test_nan_stays_near(generator: torch.Generator) -> None:
    x = torch.randn(64, 64, generator=generator)
    x[30, 30] = torch.nan
    bad = dual_tree_packets(x, 1).isnan().any(0)
    assert bool(bad.any())
    assert int(bad.sum()) <= 24**2
    assert not bool(bad[:4].any())


@pytest.mark.filterwarnings(
    "ignore:`torch.jit.script` is deprecated:FutureWarning"
)  # torch's own, in forward mode
@pytest.mark.parametrize("part", ["complex", "real"])
@pytest.mark.parametrize("boundary", ["periodic", "zero"])
def test_gradients(part: str, boundary: str, generator: torch.Generator) -> None:
    layer = DualTreeWaveletPacket2d(1, part=part, boundary=boundary, packets=[3, 6])  # type: ignore[arg-type]
    x = torch.randn(1, 5, 4, dtype=torch.float64, generator=generator, requires_grad=True)
    assert gradcheck(layer, x, check_forward_ad=True)
    assert gradgradcheck(layer, x)
    everything = DualTreeWaveletPacket2d(1, part=part, boundary=boundary)  # type: ignore[arg-type]
    c = everything(torch.randn(3, 4, dtype=torch.float64, generator=generator)).requires_grad_()
    assert gradcheck(lambda c: everything.synthesis(c, (3, 4)), c)


def test_the_gradient_is_the_adjoint(generator: torch.Generator) -> None:
    layer = DualTreeWaveletPacket2d(2, stride=2, packets=[3, 17, 30])
    x = torch.randn(9, 14, dtype=torch.float64, generator=generator, requires_grad=True)
    c = layer(x)
    y = torch.randn(c.shape, dtype=c.dtype, generator=generator)
    (gradient,) = torch.autograd.grad(c, x, y)
    assert laws.relative_error(gradient, layer.adjoint(y, (9, 14))) < 1e-14
    assert laws.relative_error(gradient, layer.adjoint(y.conj().resolve_conj(), (9, 14))) > 0.1


def test_function_transforms(generator: torch.Generator) -> None:
    layer = DualTreeWaveletPacket2d(1, part="real")
    x = torch.randn(3, 4, 6, dtype=torch.float64, generator=generator)
    assert laws.relative_error(torch.func.vmap(layer)(x), layer(x)) == 0
    assert laws.relative_error(torch.func.vmap(layer, in_dims=1)(x.transpose(0, 1)), layer(x)) == 0
    jacobian = torch.func.jacrev(layer)(x[0])
    assert laws.relative_error(torch.einsum("kijrc,rc->kij", jacobian, x[1]), layer(x[1])) < 1e-14


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning")  # torch's own
@pytest.mark.parametrize("part", ["complex", "real"])
@pytest.mark.parametrize("boundary", ["periodic", "zero"])
def test_jacobians_in_one_pass(part: str, boundary: str, generator: torch.Generator) -> None:
    """torch.autograd's batched gradients, backward and forward: the matrix that the layer applies."""
    layer = DualTreeWaveletPacket2d(1, part=part, boundary=boundary)  # type: ignore[arg-type]
    x, v = torch.randn(2, 4, 6, dtype=torch.float64, generator=generator)

    def numbers(x: Tensor) -> Tensor:
        return torch.view_as_real(layer(x)) if part == "complex" else layer(x)

    def round_trip(x: Tensor) -> Tensor:
        return layer.synthesis(layer(x), (4, 6)).pow(2)

    one_by_one = jacobian(numbers, x)
    assert laws.relative_error(torch.tensordot(one_by_one, v, dims=2), numbers(v)) < 1e-14
    for strategy in ("reverse-mode", "forward-mode"):
        at_once = jacobian(numbers, x, vectorize=True, strategy=strategy)
        assert laws.relative_error(at_once, one_by_one) < 1e-14
        back = jacobian(round_trip, x, vectorize=True, strategy=strategy).reshape(24, 24)
        assert laws.relative_error(back, torch.diag(2 * x.flatten())) < 1e-13
    energy = hessian(lambda x: numbers(x).square().sum(), x, vectorize=True).reshape(24, 24)
    assert laws.relative_error(energy, 2 * layer.frame_bound * torch.eye(24, dtype=x.dtype)) < 1e-13


@pytest.mark.filterwarnings("ignore::UserWarning")  # of the profiler, about what it cannot measure here
def test_a_profiler_can_look_on(generator: torch.Generator) -> None:
    x = torch.randn(8, 8, generator=generator)
    with torch.profiler.profile(record_shapes=True) as profile:
        c = DualTreeWaveletPacket2d(1)(x)
    assert any(event.key == "_Packets" for event in profile.key_averages())
    assert laws.relative_error(c, dual_tree_packets(x, 1)) == 0


def test_copies_and_shows_its_settings(generator: torch.Generator) -> None:
    layer = DualTreeWaveletPacket2d(2, stride=2, boundary="zero", padding=14, packets=[1, 2], part="real")
    assert repr(layer) == (
        "DualTreeWaveletPacket2d(J=2, taps='half_sample', stride=2, 2 packets, boundary='zero', padding=14, "
        "part='real')"
    )
    assert "taps='half_sample_4_3'" in repr(DualTreeWaveletPacket2d(1, taps=half_sample_taps(4, 3)))
    x = torch.randn(20, 20, generator=generator)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert laws.relative_error(twin(x), layer(x)) == 0


@pytest.mark.untyped
@pytest.mark.needs_compiler
def test_compiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, generator: torch.Generator) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()
    layer = DualTreeWaveletPacket2d(1, part="real", packets=[1, 5])
    x = torch.randn(2, 8, 6, generator=generator, requires_grad=True)
    compiled = torch.compile(layer, fullgraph=True)
    assert laws.relative_error(compiled(x), layer(x)) < 1e-6
    gradients = [torch.autograd.grad(f(x).square().sum(), x)[0] for f in (compiled, layer)]
    assert laws.relative_error(*gradients) < 1e-6


@pytest.mark.untyped
def test_exports(generator: torch.Generator) -> None:
    layer = DualTreeWaveletPacket2d(2, packets=[1, 30])
    x = torch.randn(2, 12, 12, generator=generator)
    program = torch.export.export(layer, (x,))
    assert laws.relative_error(program.module()(x), layer(x)) < 1e-6


LAYER = DualTreeWaveletPacket2d(2)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("x", "error", "text"),
    [
        (torch.ones(4, 4, dtype=torch.int64), TypeError, "got torch.int64; convert it: x.float()"),
        (torch.ones(4, 4, dtype=torch.complex64), TypeError, "got torch.complex64; transform x.real and"),
        (torch.ones(4), ValueError, "expected images (*batch, height, width), got shape (4,); make a signal"),
        (torch.ones(4, 0), ValueError, "expected images of at least one pixel, got shape (4, 0)"),
        ([[1.0]], TypeError, "expected a tensor, got a list"),
    ],
    ids=["integers", "complex", "one axis", "no pixels", "no tensor"],
)  # fmt: skip
def test_images_that_are_none_are_refused(x: Tensor, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        LAYER(x)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"J": 0}, ValueError, "J must be a number of stages >= 1, got 0"),
        ({"J": 1.0}, TypeError, "J must be a whole number, got 1.0"),
        ({"J": 2, "stride": 3}, ValueError, "stride must be a power of 2 from 1 to 2**J = 4, got 3"),
        ({"J": 2, "stride": 8}, ValueError, "stride must be a power of 2 from 1 to 2**J = 4, got 8"),
        ({"J": 1, "packets": [8]}, ValueError, "packets must be channel indices from 0 to 7 for J = 1"),
        ({"J": 1, "packets": [1, 1]}, ValueError, "at least one and none twice, got [1, 1]; None takes all"),
        ({"J": 1, "packets": []}, ValueError, "at least one"),
        ({"J": 2, "packets": 3}, TypeError, "packets must be channel indices in a list or tuple, got 3; one"),
        ({"J": 2, "packets": [1, 2.0]}, TypeError, "packets[1] must be a whole number, got 2.0"),
        ({"J": 1, "boundary": "reflect"}, ValueError, "must be one of 'periodic', 'zero', got 'reflect'"),
        ({"J": 1, "padding": 3}, ValueError, "padding must be a number of zeros >= 0 with boundary='zero'"),
        ({"J": 1, "part": "imaginary"}, ValueError, "part must be one of 'complex', 'real', got 'imaginary'"),
        ({"J": 1, "taps": "db2"}, ValueError, "expected one of 'half_sample', 'kingsbury', got 'db2'"),
    ],
    ids=lambda case: "-".join(case) if isinstance(case, dict) else None,
)  # fmt: skip
def test_settings_that_are_none_are_refused(
    settings: dict[str, object], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=re.escape(text)):
        DualTreeWaveletPacket2d(**settings)  # type: ignore[arg-type]


@pytest.mark.untyped
def test_synthesis_says_what_it_lacks() -> None:
    c = LAYER(torch.ones(8, 8))
    with pytest.raises(
        ValueError, match=r"9x8 image has coefficients \(\*batch, 32, 3, 2\), got \(32, 2, 2\)"
    ):
        LAYER.synthesis(c, (9, 8))
    with pytest.raises(TypeError, match=r"part='complex' takes complex coefficients, got torch\.float32"):
        LAYER.adjoint(c.real)
    some = DualTreeWaveletPacket2d(2, packets=[3])
    with pytest.raises(ValueError, match="needs all 32 packets once, this layer has 1; make the layer with"):
        some.synthesis(some(torch.ones(8, 8)))
    stem = DualTreeWaveletPacket2d(2, boundary="zero", padding=14)
    with pytest.raises(ValueError, match="padding=14 leaves out positions from which kernels see the image"):
        stem.synthesis(stem(torch.ones(8, 8)), (8, 8))
    with pytest.raises(ValueError, match=r"not follow from its coefficients; pass shape=\(height, width\)"):
        stem.adjoint(stem(torch.ones(8, 8)))
    tight = DualTreeWaveletPacket2d(2, boundary="zero", padding=0)
    with pytest.raises(
        ValueError, match="8x9 image with 0 zeros around it is smaller than the 30x30 kernels"
    ):
        tight(torch.ones(8, 9))


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("shape", "error", "text"),
    [
        ((12,), ValueError, "expected shape = (height, width), got (12,); pass x.shape[-2:]"),
        ((3, 12, 12), ValueError, "expected shape = (height, width), got (3, 12, 12)"),
        (12, TypeError, "expected shape = (height, width), got 12"),
        ("ab", TypeError, "expected shape = (height, width), got 'ab'"),
        ((3.5, 20), TypeError, "height must be a whole number, got 3.5"),
        ((20, None), TypeError, "width must be a whole number, got None"),
        ((0, 20), ValueError, "expected an image of at least one pixel, got shape (0, 20)"),
        ((20, -4), ValueError, "expected an image of at least one pixel, got shape (20, -4)"),
    ],
    ids=str,
)  # fmt: skip
def test_sizes_that_are_none_are_refused(shape: object, error: type[Exception], text: str) -> None:
    for layer in (LAYER, DualTreeWaveletPacket2d(2, boundary="zero", padding=2)):
        with pytest.raises(error, match=re.escape(f"output_shape: {text}")):
            layer.output_shape(shape)  # type: ignore[arg-type]
    for operation in ("synthesis", "adjoint"):
        with pytest.raises(error, match=re.escape(f"{operation}: {text}")):
            getattr(LAYER, operation)(torch.ones(32, 3, 3, dtype=torch.complex64), shape)


@pytest.mark.parametrize("part", ["complex", "real"])
def test_sizes_without_numbers(part: str) -> None:
    """Images on the meta device become coefficients there, wherever the layer's matrices are."""
    x = torch.empty(2, 12, 20, device="meta")
    with torch.device("meta"):
        empty = DualTreeWaveletPacket2d(2, part=part)  # type: ignore[arg-type]
    for layer in (empty, DualTreeWaveletPacket2d(2, part=part)):  # type: ignore[arg-type]
        c = layer(x)
        assert (c.device.type, c.shape) == ("meta", (2, *layer.output_shape((12, 20))))
        assert layer.synthesis(c).shape == layer.adjoint(c).shape == x.shape


def test_a_layer_without_numbers_gets_its_own_back(generator: torch.Generator) -> None:
    x = torch.randn(12, 20, generator=generator)
    expected = DualTreeWaveletPacket2d(2)(x)
    with torch.device("meta"):
        empty = DualTreeWaveletPacket2d(2)
    torch.testing.assert_close(empty(x), expected)
    for layer in (empty, DualTreeWaveletPacket2d(2), DualTreeWaveletPacket2d(2).to("meta")):
        torch.testing.assert_close(layer.to_empty(device="cpu")(x), expected)
