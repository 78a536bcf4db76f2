"""Blocks of 2x2: the formula, both ways of running it, gradients, and what it must reject."""

import pytest
import torch

from wavelets_course import laws
from wavelets_course.transforms import Wavelet2d, flatten, wavedec2, wavedec2_adjoint, waverec2
from wavelets_course.transforms.haar import merge_blocks, split_blocks

TURN = torch.tensor([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]) / 2.0
SHAPES = [(2, 2), (4, 6), (3, 8, 10), (2, 3, 6, 4), (0, 4, 4), (1, 1, 600, 514)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.complex64])
def test_blocks_are_turned_by_the_matrix(
    shape: tuple[int, ...], dtype: torch.dtype, generator: torch.Generator
) -> None:
    x = torch.randn(shape, dtype=dtype, generator=generator)
    pixels = torch.stack([x[..., r::2, c::2] for r in (0, 1) for c in (0, 1)], dim=-1)
    expected = (pixels @ TURN.to(dtype)).unbind(-1)
    torch.testing.assert_close(split_blocks(x), expected)
    torch.testing.assert_close(merge_blocks(*expected), x)


def test_recorded_or_not_the_numbers_are_the_same(generator: torch.Generator) -> None:
    x = torch.randn(5, 40, 36, generator=generator)
    recorded = split_blocks(x.clone().requires_grad_())
    assert all(band.requires_grad for band in recorded)
    plain = split_blocks(x)
    torch.testing.assert_close(plain, tuple(b.detach() for b in recorded), rtol=0, atol=0)
    torch.testing.assert_close(merge_blocks(*plain), merge_blocks(*recorded).detach(), rtol=0, atol=0)


def test_strides_do_not_matter(generator: torch.Generator) -> None:
    x = torch.randn(2, 3, 8, 12, generator=generator)
    views = [
        x.mT,
        x.to(memory_format=torch.channels_last),
        x[..., ::2],
        x[:, :1].expand(2, 3, 8, 12),
        x.flip(-1),
    ]
    for view in views:
        torch.testing.assert_close(split_blocks(view), split_blocks(view.contiguous()), rtol=0, atol=0)
        bands = [view, *(torch.randn(view.shape, generator=generator) for _ in range(3))]
        together = merge_blocks(*(band.contiguous() for band in bands))
        torch.testing.assert_close(merge_blocks(*bands), together, rtol=0, atol=0)


# torch's own forward-mode rules still use torch.jit.script.
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")
@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
@pytest.mark.parametrize("size", [(2, 4), (3, 5)])
def test_gradients(size: tuple[int, int], dtype: torch.dtype, generator: torch.Generator) -> None:
    x = torch.randn(*size, dtype=dtype, generator=generator, requires_grad=True)

    def there(u: torch.Tensor) -> torch.Tensor:
        return flatten(wavedec2(u, J=1))

    def there_and_back(u: torch.Tensor) -> torch.Tensor:
        pyramid = wavedec2(u, J=1)
        return waverec2(pyramid) + 2 * wavedec2_adjoint(pyramid)

    for function in (there, there_and_back):
        assert torch.autograd.gradcheck(function, (x,), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(lambda u: there(u).abs().square(), (x,))


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")
def test_vmap_and_jvp_see_the_recorded_way(generator: torch.Generator) -> None:
    x, t = torch.randn(2, 3, 8, 8, generator=generator)
    torch.testing.assert_close(torch.vmap(lambda u: flatten(wavedec2(u)))(x), flatten(wavedec2(x)))
    out, tangent = torch.func.jvp(lambda u: flatten(wavedec2(u)), (x,), (t,))
    torch.testing.assert_close(out, flatten(wavedec2(x)))
    torch.testing.assert_close(tangent, flatten(wavedec2(t)))


def test_a_turn_the_wrong_way_is_rejected(generator: torch.Generator) -> None:
    """Diagonal and approximation exchanged, and a factor left out: the round trip notices both."""
    x = torch.randn(4, 4, dtype=torch.float64, generator=generator)

    def exchanged(bands: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return merge_blocks(bands[3], bands[1], bands[2], bands[0])

    assert laws.reconstruction_error(split_blocks, lambda bands: merge_blocks(*bands), x) < 1e-15
    assert laws.reconstruction_error(split_blocks, exchanged, x) > 0.1
    assert laws.energy_ratio(split_blocks, x) == pytest.approx(1, abs=1e-14)
    assert laws.energy_ratio(lambda u: split_blocks(2 * u), x) == pytest.approx(4)


@pytest.mark.untyped
def test_compiled_and_exported_it_is_the_same(generator: torch.Generator) -> None:
    torch._dynamo.reset()
    x = torch.randn(3, 1, 20, 22, generator=generator)

    def there_and_back(u: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        pyramid = wavedec2(u, J=2)
        return flatten(pyramid), waverec2(pyramid)

    compiled = torch.compile(there_and_back, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), there_and_back(x))
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(Wavelet2d("haar", J=2), (x,), dynamic_shapes={"x": {0: batch}})
    more = torch.randn(5, 1, 20, 22, generator=generator)
    torch.testing.assert_close(flatten(program.module()(more)), flatten(wavedec2(more, J=2)))
