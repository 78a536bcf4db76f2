"""Batches in chunks: the same numbers and derivatives, less memory, any range of values."""

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import pytest
import torch
from kymatio import Scattering2D as Kymatio
from torch import Tensor
from torch.testing import assert_close

from wavelets_course.filters import morlet_bank_2d
from wavelets_course.scattering import Scattering2D, chunks, scattering_2d


def peak(run: Callable[[], object]) -> int:
    """The most bytes that were allocated at once."""
    with torch.profiler.profile(profile_memory=True) as profile:
        run()
    events = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    sizes = [event.nbytes() for event in sorted(events, key=lambda event: event.start_ns())]
    return max(accumulate(sizes))


def gradient(layer: Callable[[Tensor], Any], x: Tensor) -> Tensor:
    x = x.clone().requires_grad_()
    return torch.autograd.grad(layer(x).square().sum(), x)[0]


@pytest.mark.parametrize("max_order", [1, 2])
def test_gradient_takes_a_third_of_the_memory(max_order: int, generator: torch.Generator) -> None:
    x = torch.randn(16, 32, 32, generator=generator)
    ours = Scattering2D(2, (32, 32), max_order=max_order)
    theirs = Kymatio(2, (32, 32), max_order=max_order, frontend="torch")
    assert_close(gradient(ours, x), gradient(theirs, x), rtol=0, atol=2e-5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(chunks.ROOM, "cpu", 2**16)  # one image at a time, as at 224x224
        assert peak(lambda: gradient(ours, x)) < peak(lambda: gradient(theirs, x)) / 3


def test_only_the_images_are_kept_for_the_gradient(generator: torch.Generator) -> None:
    kept = []
    x = torch.randn(3, 32, 32, generator=generator, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.nbytes) or t, lambda t: t):
        Scattering2D(2, (32, 32))(x)
    assert sum(kept) <= 2 * x.nbytes


def test_memory_of_one_large_image(generator: torch.Generator) -> None:
    """Beyond filters and result: the padded image, its spectrum, and two or three filtered copies."""
    x = torch.randn(1, 480, 480, generator=generator)
    layer = Scattering2D(2, (480, 480), max_order=1)
    assert layer(x).nbytes < 2.2 * x.nbytes
    assert peak(lambda: layer(x)) < 18 * x.nbytes


@pytest.mark.parametrize("room", [1, 2**15, 2**30])
def test_chunks_do_not_show(room: int, generator: torch.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(5, 17, 20, dtype=torch.float64, generator=generator)
    layer = Scattering2D(2, (17, 20), L=3).double()
    expected, slope = torch.stack([layer(image) for image in x]), gradient(layer, x)
    monkeypatch.setitem(chunks.ROOM, "cpu", room)
    assert_close(layer(x), expected, rtol=1e-12, atol=1e-14)
    assert_close(gradient(layer, x), slope, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shape", [(8, 8), (6, 9)])
def test_second_derivatives(shape: tuple[int, int], generator: torch.Generator) -> None:
    layer = Scattering2D(1, shape, L=2, max_order=1).double()
    x = torch.randn(2, *shape, dtype=torch.float64, generator=generator, requires_grad=True)
    assert torch.autograd.gradcheck(layer, x)
    one = x[:1, ...].detach().requires_grad_()
    assert torch.autograd.gradgradcheck(lambda x: layer(x)[..., :2, :2], one)


def test_second_derivative_where_the_modulus_is_zero() -> None:
    x = torch.zeros(1, 16, 16, requires_grad=True)
    (first,) = torch.autograd.grad(Scattering2D(2, (16, 16))(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.square().sum(), x)
    assert first.isfinite().all()
    assert second.isfinite().all()


@pytest.mark.filterwarnings("ignore:There is a performance drop")  # what works in place, batched again
@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")  # forward mode loads torch's scripts first
def test_in_function_transforms(generator: torch.Generator) -> None:
    x = torch.randn(3, 12, 16, generator=generator)
    layer = Scattering2D(2, (12, 16), L=2)

    def energy(x: Tensor) -> Tensor:
        return layer(x).square().sum()

    expected = gradient(layer, x)
    assert_close(torch.func.grad(energy)(x), expected)
    assert_close(torch.func.vmap(layer)(x), layer(x))
    assert_close(torch.func.vmap(torch.func.grad(energy))(x), expected)
    with pytest.raises(RuntimeError, match="jvp"):  # forward mode says that it is not there
        torch.func.jvp(energy, (x,), (x,))


@pytest.mark.parametrize(
    ("dtype", "factor"),
    [
        (torch.float32, 1e-30),
        (torch.float32, 1e37),
        (torch.float64, 1e-300),
        (torch.float64, 1e200),
        (torch.float64, 1e306),
    ],
)
def test_any_magnitude(dtype: torch.dtype, factor: float, generator: torch.Generator) -> None:
    x = torch.randn(2, 16, 16, dtype=dtype, generator=generator)
    x[1] *= 1e-3
    layer = Scattering2D(2, (16, 16), L=4).to(dtype)
    precision = {"rtol": 1e-5, "atol": 1e-8} if dtype == torch.float32 else {"rtol": 1e-12, "atol": 1e-15}
    assert_close(layer(factor * x) / factor, layer(x), **precision)
    large = gradient(lambda x: layer(x) / factor, factor * x)
    assert_close(large * factor, gradient(layer, x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_power_of_two(dtype: torch.dtype) -> None:
    limits = torch.finfo(dtype)
    largest = torch.tensor(
        [1.0, 1.5, 3.0, 0.0, float("nan"), float("inf"), limits.max, limits.tiny], dtype=dtype
    )
    powers = chunks.power_of_two(largest)
    assert powers[:5].tolist() == [1, 1, 2, 1, 1]
    assert powers.isfinite().all()
    assert ((largest / powers)[[6, 7]].square() - 1).isfinite().all()
    assert torch.equal(torch.frexp(powers).mantissa, torch.full_like(powers, 0.5))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast_does_not_round(dtype: torch.dtype, generator: torch.Generator) -> None:
    x = torch.randn(2, 16, 16, generator=generator, requires_grad=True)
    layer = Scattering2D(2, (16, 16), L=4)
    with torch.autocast("cpu", dtype=dtype):
        S = layer(x)
        slope = torch.autograd.grad(layer(x).square().sum(), x)[0]
    assert S.dtype == torch.float32
    assert torch.equal(S, layer(x))
    assert_close(slope, gradient(layer, x.detach()))


def test_every_layout(generator: torch.Generator) -> None:
    x = torch.randn(2, 3, 16, 12, generator=generator)
    bank = morlet_bank_2d((16, 12), 2, 4)
    layouts = [x.contiguous(memory_format=torch.channels_last), x.mT.contiguous().mT, x.flip(0).flip(0)]
    for laid in [*layouts, x[:1].expand(2, 3, 16, 12)]:
        assert_close(scattering_2d(laid, bank), scattering_2d(laid.contiguous(), bank))
