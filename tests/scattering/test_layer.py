"""Scattering2D: equal to the function, kymatio's conventions, buffers that move, compile and export."""

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from kymatio import Scattering2D as Kymatio
from torch import nn
from torch.testing import assert_close

from wavelets_course import laws
from wavelets_course.filters import morlet_bank_2d
from wavelets_course.scattering import Scattering2D, margins, scattering_2d
from wavelets_course.signals import extend


@pytest.mark.parametrize("frame", ["kymatio", "tight"])
@pytest.mark.parametrize("max_order", [0, 1, 2])
def test_layer_is_the_function(frame: str, max_order: int, generator: torch.Generator) -> None:
    x = torch.randn(2, 17, 20, generator=generator)
    layer = Scattering2D(2, (17, 20), L=4, max_order=max_order, frame=frame)  # type: ignore[arg-type]
    bank = morlet_bank_2d(layer.padded_shape, 2, 4, frame=frame)  # type: ignore[arg-type]
    assert torch.equal(layer(x), scattering_2d(x, bank, max_order))
    assert torch.equal(layer.double()(x.double()), scattering_2d(x.double(), bank, max_order))


def test_pre_pad(generator: torch.Generator) -> None:
    x = torch.randn(2, 20, 24, generator=generator)
    theirs = Kymatio(2, (15, 16), L=4, pre_pad=True, frontend="torch")(x)
    assert_close(Scattering2D(2, (15, 16), L=4, pre_pad=True)(x), theirs, rtol=0, atol=1e-5)


def test_out_type_list(generator: torch.Generator) -> None:
    x = torch.randn(2, 3, 16, 20, generator=generator)
    theirs = Kymatio(2, (16, 20), L=3, out_type="list", frontend="torch")(x)
    ours = Scattering2D(2, (16, 20), L=3, out_type="list")(x)
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        assert {key: our[key] for key in ("j", "n", "theta")} == {
            key: their[key] for key in ("j", "n", "theta")
        }
        assert_close(our["coef"], their["coef"], rtol=0, atol=1e-5)
    assert_close(torch.stack([c["coef"] for c in ours], dim=-3), Scattering2D(2, (16, 20), L=3)(x))


def test_kymatio_arguments_and_name(generator: torch.Generator) -> None:
    x = torch.randn(16, 16, generator=generator)
    ours, theirs = Scattering2D(2, (16, 16)), Kymatio(2, (16, 16), frontend="torch")
    assert_close(ours.scattering(x), theirs.scattering(x), rtol=0, atol=1e-5)
    for name in ("J", "L", "shape", "max_order", "pre_pad", "out_type"):
        assert getattr(ours, name) == getattr(theirs, name)


@pytest.mark.parametrize("options", [{}, {"L": 4, "max_order": 1}, {"out_type": "list"}])
def test_a_call_written_for_kymatio_needs_one_changed_import(
    options: dict[str, Any], generator: torch.Generator
) -> None:
    x = torch.randn(2, 3, 16, 16, generator=generator)
    ours, theirs = (
        make(J=2, shape=(16, 16), frontend="torch", **options)(x) for make in (Scattering2D, Kymatio)
    )
    if options.get("out_type") == "list":
        ours, theirs = (torch.stack([c["coef"] for c in S], dim=-3) for S in (ours, theirs))
    assert_close(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.untyped
@pytest.mark.parametrize("frontend", ["numpy", "sklearn", "pytorch", None])
def test_other_frontends_are_refused(frontend: str) -> None:
    text = rf"Scattering2D: expected frontend = 'torch', got {frontend!r}; leave it out .* torch.from_numpy"
    with pytest.raises(ValueError, match=text):
        Scattering2D(2, (16, 16), frontend=frontend)


@pytest.mark.parametrize("batch", [(), (1,), (2, 3), (2, 1, 2), (0,), (3, 0)])
def test_leading_axes(batch: tuple[int, ...]) -> None:
    assert Scattering2D(2, (16, 13), L=4)(torch.ones(*batch, 16, 13)).shape == (*batch, 25, 4, 3)


def test_buffers() -> None:
    layer = Scattering2D(2, (16, 16), L=4)
    assert {name: tuple(b.shape) for name, b in layer.filters.named_buffers()} == {
        "first.0.folding": (1, 2, 2, 24, 24, 2),
        "first.1.folding": (4, 2, 2, 12, 12, 2),
        "second.0.0.folding": (4, 2, 4, 12, 12, 2),
        "averages.0.rows": (4, 24),
        "averages.0.columns": (24, 4),
        "averages.1.rows": (4, 12),
        "averages.1.columns": (12, 4),
    }
    assert (layer.psi_hat.shape, layer.phi_hat.shape) == ((2, 4, 24, 24), (24, 24))
    assert layer.state_dict() == {}
    assert list(layer.parameters()) == []
    nn.Sequential(layer, nn.Flatten()).load_state_dict({})
    assert "J=2, shape=(16, 16), L=4" in repr(layer)


@pytest.mark.parametrize("frame", ["kymatio", "tight"])
def test_the_design_is_made_when_asked_for(frame: str) -> None:
    layer = Scattering2D(2, (16, 16), L=4, frame=frame)  # type: ignore[arg-type]
    assert not any(torch.is_tensor(kept) for kept in vars(layer).values())
    assert "bank" not in vars(layer)
    assert layer.bank is layer.bank
    assert_close(layer.bank.psi_hat, morlet_bank_2d((24, 24), 2, 4, layer.frame).psi_hat, rtol=0, atol=0)


def test_filters_keep_their_digits() -> None:
    layer = Scattering2D(2, (16, 16), L=4)
    assert layer.psi_hat.dtype == torch.float32
    for cast in (layer.half, layer.bfloat16, layer.float):
        assert cast().psi_hat.dtype == torch.float32
        assert_close(layer.psi_hat, layer.bank.psi_hat.float(), rtol=0, atol=0)
    assert_close(layer.double().psi_hat, layer.bank.psi_hat, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_rounds_once(dtype: torch.dtype, generator: torch.Generator) -> None:
    x = torch.randn(16, 16, generator=generator).to(dtype)
    layer = Scattering2D(2, (16, 16), L=4).to(dtype)
    assert_close(layer(x), layer(x.float()).to(dtype), rtol=0, atol=0)


def test_moves(device: torch.device, generator: torch.Generator) -> None:
    x = torch.randn(2, 16, 16, generator=generator)
    layer = Scattering2D(2, (16, 16), L=4)
    expected = layer(x)
    moved = copy.deepcopy(layer).to(device)
    assert moved.psi_hat.device.type == device.type
    assert_close(moved(x.to(device)).cpu(), expected)
    assert torch.equal(pickle.loads(pickle.dumps(layer))(x), expected)
    revived = copy.deepcopy(layer).to("meta").to_empty(device=device)
    assert_close(revived(x.to(device)).cpu(), expected)


def test_shares_its_memory(generator: torch.Generator) -> None:
    layer = Scattering2D(2, (16, 16), L=4).share_memory()
    assert all(buffer.is_shared() for buffer in layer.buffers())


def test_made_without_memory_and_filled_later(generator: torch.Generator) -> None:
    x = torch.randn(16, 16, generator=generator)
    layer = Scattering2D(2, (16, 16), L=4).to("meta")
    assert layer.psi_hat.is_meta
    assert_close(layer.to_empty(device="cpu")(x), Scattering2D(2, (16, 16), L=4)(x), rtol=0, atol=0)


def test_all_digits_take_a_double_layer(generator: torch.Generator) -> None:
    x = torch.randn(16, 16, dtype=torch.float64, generator=generator)
    layer = Scattering2D(2, (16, 16), L=4)
    exact = scattering_2d(x, layer.bank)
    assert 1e-10 < laws.relative_error(layer(x), exact) < 1e-6
    assert laws.relative_error(layer.double()(x), exact) < 1e-14


def test_in_a_network_the_gradient_passes(generator: torch.Generator) -> None:
    network = nn.Sequential(Scattering2D(2, (8, 8), L=4, max_order=1), nn.Flatten(), nn.Linear(9 * 4, 2))
    x = torch.randn(3, 8, 8, generator=generator, requires_grad=True)
    network(x).sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
    assert x.grad.abs().sum() > 0


@pytest.mark.untyped
@pytest.mark.parametrize("pre_pad", [False, True])
def test_export(pre_pad: bool, generator: torch.Generator) -> None:
    layer = Scattering2D(2, (9, 12), L=2, pre_pad=pre_pad)
    shape = layer.padded_shape if pre_pad else layer.shape
    x, more = (torch.randn(batch, *shape, generator=generator) for batch in (2, 5))
    program = torch.export.export(layer, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    assert_close(program.module()(more), layer(more))


def slope(layer: Any, x: torch.Tensor) -> torch.Tensor:
    return torch.autograd.grad(layer(x).square().sum(), x)[0]


@pytest.mark.untyped
@pytest.mark.parametrize("batch", [(2,), (3, 2)])
def test_compile_traces_whole(batch: tuple[int, ...], generator: torch.Generator) -> None:
    torch._dynamo.reset()
    layer = Scattering2D(2, (16, 16), L=4)
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True, dynamic=True)
    for count in (2, 5):
        x = torch.randn(count, *batch, 16, 16, generator=generator, requires_grad=True)
        assert_close(compiled(x), layer(x))
        assert_close(slope(compiled, x), slope(layer, x))


@pytest.mark.untyped
@pytest.mark.needs_compiler
def test_compile_to_machine_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generator: torch.Generator
) -> None:
    """No warning of complex numbers either: the compiler does not see them."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()
    layer = Scattering2D(1, (8, 8), L=2)
    x = torch.randn(2, 8, 8, generator=generator, requires_grad=True)
    compiled = torch.compile(layer, fullgraph=True)
    assert_close(compiled(x), layer(x))
    assert_close(slope(compiled, x), slope(layer, x))


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"J": 5, "shape": (28, 28)}, r"J = 5 is too deep for a 28x28 image \(2\*\*J = 32 .* use J <= 4"),
        ({"J": 0, "shape": (28, 28)}, r"expected J >= 1 and L >= 1, got J = 0 and L = 8"),
        ({"J": 2, "shape": (28, 28), "L": 0}, r"expected J >= 1 and L >= 1, got J = 2 and L = 0"),
        ({"J": 2, "shape": (28,)}, r"expected shape = \(height, width\), got \(28,\)"),
        ({"J": 2, "shape": (28, 28), "max_order": 3}, r"expected max_order = 0, 1 or 2, got 3"),
        (
            {"J": 2, "shape": (28, 28), "out_type": "tuple"},
            r"expected out_type = 'array' or 'list', got 'tuple'",
        ),
        (
            {"J": 2, "shape": (28, 28), "frame": "loose"},
            r"expected frame = 'kymatio' or 'tight', got 'loose'",
        ),
    ],
)
def test_refused_designs(arguments: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match="Scattering2D: .*" + text):
        Scattering2D(**arguments)  # type: ignore[arg-type]


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"J": 2.0, "shape": (32, 32)}, r"J must be a whole number, got 2\.0"),
        ({"J": True, "shape": (32, 32)}, "J must be a whole number, got True"),
        ({"J": 2, "shape": (32, 32), "L": 2.0}, r"L must be a whole number, got 2\.0"),
        ({"J": 2, "shape": 32}, r"expected shape = \(height, width\), got 32"),
        ({"J": 2, "shape": (32, 32), "max_order": True}, "max_order must be a whole number, got True"),
    ],
)
def test_counts_are_whole(arguments: dict[str, object], text: str) -> None:
    with pytest.raises(TypeError, match="Scattering2D: " + text):
        Scattering2D(**arguments)  # type: ignore[arg-type]


@pytest.mark.untyped
def test_the_way_out_is_one() -> None:
    padded = Scattering2D(2, (16, 12), L=2, pre_pad=True)
    x = torch.zeros(16, 12)
    text = r"padded images of 24x20, got 16x12; .*\(x, scattering.margins\(\(16, 12\), 2\), 'reflect'\)"
    with pytest.raises(ValueError, match=text):
        padded(x)
    assert padded(extend(x, margins((16, 12), 2), "reflect")).shape == (9, 4, 3)
    with pytest.raises(ValueError, match=r"got 15x15; extend images of 16x12 by .* or set pre_pad=False"):
        padded(torch.zeros(15, 15))
    for shape in ((3, 16), (0, 16)):
        with pytest.raises(ValueError, match=r"2\*\*J = 4 pixels must fit: enlarge them .* a smaller J"):
            Scattering2D(2, (16, 16), L=2)(torch.zeros(shape))


@pytest.mark.untyped
def test_refused_images() -> None:
    layer = Scattering2D(2, (16, 16))
    with pytest.raises(
        ValueError,
        match=r"Scattering2D: expected images of 16x16, got 16x15; make a layer with shape=\(16, 15\)",
    ):
        layer(torch.zeros(16, 15))
    with pytest.raises(
        TypeError,
        match=r"Scattering2D: expected a floating-point image, got torch.int64; convert it: x.float\(\)",
    ):
        layer(torch.zeros(16, 16, dtype=torch.int64))
    with pytest.raises(TypeError, match=r"Scattering2D: expected a real image, got torch.complex64"):
        layer(torch.zeros(16, 16, dtype=torch.complex64))
    with pytest.raises(TypeError, match=r"expected a tensor, got a ndarray; convert it: torch.from_numpy"):
        layer(np.zeros((16, 16)))
