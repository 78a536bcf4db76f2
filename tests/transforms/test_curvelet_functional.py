"""Curvelets under torch.func, forward mode and inference mode; gradients of one image's row."""

import pytest
import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.autograd.functional import hessian, jacobian
from torch.testing import assert_close

from wavelets_course.sparse.nests import to_row
from wavelets_course.transforms import Curvelet2d, curvelets

SHAPE = (13, 16)


@pytest.fixture(scope="module")
def layer() -> Curvelet2d:
    return Curvelet2d(SHAPE, 1, 4).double()


def images(*batch: int) -> Tensor:
    return torch.randn(
        *batch, *SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(len(batch))
    )


@pytest.mark.parametrize("shape", [(33, 40), (9, 11)])
def test_gradient_of_one_images_row(shape: tuple[int, int], generator: torch.Generator) -> None:
    C = Curvelet2d(shape, 1).double()
    z = torch.randn(shape, dtype=torch.float64, generator=generator, requires_grad=True)
    for row in (C.flatten(C.analysis(z)), to_row("test", C.analysis(z), 0)):
        (gradient,) = torch.autograd.grad(row.square().sum(), z)
        assert_close(gradient, 2 * z.detach())
    assert torch.autograd.gradcheck(lambda z: C.flatten(C.analysis(z)), z, fast_mode=True)


def test_vmap_is_a_batch(layer: Curvelet2d) -> None:
    x = images(3)
    c = torch.vmap(layer)(x)
    assert_close(layer.flatten(c), layer.flatten(layer(x)))
    assert_close(torch.vmap(layer.synthesis)(c), x)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")
def test_forward_mode_is_linear(layer: Curvelet2d) -> None:
    x, v = images(2)
    row, pushed = torch.func.jvp(lambda x: layer.flatten(layer(x)), (x,), (v,))
    assert_close(row, layer.flatten(layer(x)))
    assert_close(pushed, layer.flatten(layer(v)))
    back = torch.func.jvp(lambda r: layer.synthesis(layer.unflatten(r)), (row,), (pushed,))
    assert_close(back, (x, v))
    with forward_ad.dual_level():
        dual = layer.synthesis(layer(forward_ad.make_dual(x, v)))  # type: ignore[no-untyped-call]
        assert_close(forward_ad.unpack_dual(dual).tangent, v)  # type: ignore[no-untyped-call]


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")
def test_jacobians_and_gradients_of_each_image(layer: Curvelet2d) -> None:
    x = images(2)

    def power(x: Tensor) -> Tensor:
        return layer.flatten(layer(x)).pow(4).sum()

    (expected,) = torch.autograd.grad(power(y := x.clone().requires_grad_()), y)
    assert_close(torch.vmap(torch.func.grad(power))(x), expected)
    jacobian = torch.func.jacrev(lambda x: layer(x).coarse.sum(-1))(x[0])
    assert_close(jacobian, torch.func.jacfwd(lambda x: layer(x).coarse.sum(-1))(x[0]))


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")
def test_jacobians_in_one_pass(layer: Curvelet2d) -> None:
    """torch.autograd's batched gradients, backward and forward."""
    x, v = images(2)
    pixels = x.numel()

    def row(x: Tensor) -> Tensor:
        return layer.flatten(layer(x))

    for strategy in ("reverse-mode", "forward-mode"):
        matrix = jacobian(row, x, vectorize=True, strategy=strategy)
        assert_close(torch.tensordot(matrix, v, dims=2), row(v))
        back = jacobian(lambda x: layer.synthesis(layer(x)), x, vectorize=True, strategy=strategy)
        assert_close(back.reshape(pixels, pixels), torch.eye(pixels, dtype=x.dtype))
    energy = hessian(lambda x: row(x).square().sum(), x, vectorize=True)
    assert_close(energy.reshape(pixels, pixels), 2 * torch.eye(pixels, dtype=x.dtype))


def test_built_under_inference_mode_it_can_be_trained_through() -> None:
    with torch.inference_mode():
        layer = Curvelet2d((15, 17), 1)
        double = Curvelet2d((15, 17), 1).double()
        curvelets(torch.zeros(15, 17), 1)
    for function, dtype in ((layer, torch.float32), (double, torch.float64)):
        x = torch.ones(15, 17, dtype=dtype, requires_grad=True)
        layer.flatten(function(x)).square().sum().backward()
        assert_close(x.grad, 2 * torch.ones_like(x))
    x = torch.ones(15, 17, requires_grad=True)
    assert torch.autograd.grad(curvelets(x, 1).coarse.sum(), x)[0].isfinite().all()


@pytest.mark.untyped
def test_a_list_of_angles_is_refused() -> None:
    with pytest.raises(TypeError, match=r"curvelets: angles must be a whole number, got \[6\]"):
        curvelets(torch.ones(32, 32), 2, angles=[6])  # type: ignore[arg-type]
