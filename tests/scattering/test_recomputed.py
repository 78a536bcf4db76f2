"""Only the argument is kept, and every derivative is that of the function."""

import torch
from torch import Tensor
from torch.testing import assert_close

from wavelets_course.scattering.recomputed import recomputed


def wave(x: Tensor) -> Tensor:
    return (x.sin() * x.exp()).cumsum(-1)


def test_value_and_derivatives(generator: torch.Generator) -> None:
    x = torch.randn(2, 3, dtype=torch.float64, generator=generator, requires_grad=True)
    assert torch.equal(recomputed(wave, x), wave(x))
    assert torch.autograd.gradcheck(lambda x: recomputed(wave, x), x)
    assert torch.autograd.gradgradcheck(lambda x: recomputed(wave, x), x)
    z = torch.view_as_complex(torch.randn(3, 2, dtype=torch.float64, generator=generator)).requires_grad_()
    assert torch.autograd.gradcheck(lambda z: recomputed(lambda z: (z * z).abs(), z), z)


def test_the_argument_alone_is_kept() -> None:
    kept: list[Tensor] = []
    x = torch.ones(5, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        recomputed(wave, x)
    assert len(kept) == 1
    assert torch.equal(kept[0], x)


def test_another_way_back() -> None:
    x = torch.ones(5, requires_grad=True)
    (gradient,) = torch.autograd.grad(recomputed(wave, x, lambda x, g: 7 * g).sum(), x)
    assert torch.equal(gradient, torch.full((5,), 7.0))


def test_inside_others(generator: torch.Generator) -> None:
    x = torch.randn(2, 3, dtype=torch.float64, generator=generator)

    def plain(x: Tensor) -> Tensor:
        return wave(wave(2 * x).square())

    def nested(x: Tensor) -> Tensor:
        return recomputed(lambda x: wave(recomputed(wave, 2 * x).square()), x)

    slopes = [torch.func.grad(lambda x, f=f: f(x).sum()) for f in (plain, nested)]
    curvatures = [torch.func.grad(lambda x, f=f: f(x).square().sum()) for f in slopes]
    for expected, found in (slopes, curvatures):
        assert_close(found(x), expected(x))
