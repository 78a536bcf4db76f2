"""Each law accepts an operator that keeps it and rejects a sabotaged one."""

import math
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from wavelets_course import laws

ROOT = math.sqrt(0.5)


class Bands(NamedTuple):
    low: Tensor
    high: tuple[Tensor, Tensor, Tensor]
    shape: tuple[int, int] | None = None


def haar(x: Tensor) -> Bands:
    """One level of the orthonormal Haar transform, written out."""
    a, b, c, d = x[..., ::2, ::2], x[..., ::2, 1::2], x[..., 1::2, ::2], x[..., 1::2, 1::2]
    return Bands(
        (a + b + c + d) / 2,
        ((a + b - c - d) / 2, (a - b + c - d) / 2, (a - b - c + d) / 2),
        (x.shape[-2], x.shape[-1]),
    )


def inverse_haar(bands: Bands) -> Tensor:
    low, (horizontal, vertical, diagonal), _ = bands
    x = low.new_empty(*low.shape[:-2], 2 * low.shape[-2], 2 * low.shape[-1])
    x[..., ::2, ::2] = (low + horizontal + vertical + diagonal) / 2
    x[..., ::2, 1::2] = (low + horizontal - vertical - diagonal) / 2
    x[..., 1::2, ::2] = (low - horizontal + vertical - diagonal) / 2
    x[..., 1::2, 1::2] = (low - horizontal - vertical + diagonal) / 2
    return x


def swapped_haar(x: Tensor) -> Bands:
    low, (horizontal, vertical, diagonal), shape = haar(x)
    return Bands(low, (vertical, horizontal, diagonal), shape)


def draw(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=generator, dtype=dtype)


def circular(taps: list[float], *, reverse: bool) -> Any:
    """Circular convolution along the last axis: the textbook sum over shifts."""

    def convolve(x: Tensor) -> Tensor:
        sign = -1 if reverse else 1
        return sum((tap * torch.roll(x, sign * k, -1) for k, tap in enumerate(taps)), torch.zeros_like(x))

    return convolve


@given(batch=st.lists(st.integers(0, 2), max_size=2), rows=st.integers(1, 4), columns=st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_the_haar_transform_keeps_the_laws(batch: list[int], rows: int, columns: int) -> None:
    generator = torch.Generator().manual_seed(0)
    x, other = (draw(generator, *batch, 2 * rows, 2 * columns) for _ in range(2))
    bands = haar(other)
    assert laws.reconstruction_error(haar, inverse_haar, x) < 1e-14
    assert laws.reconstruction_error(inverse_haar, haar, bands) < 1e-14
    assert laws.adjoint_gap(haar, inverse_haar, x, bands) < 1e-14
    assert laws.adjoint_gap(inverse_haar, haar, bands, x) < 1e-14
    assert laws.linearity_gap(haar, x, other) < 1e-14
    assert laws.linearity_gap(inverse_haar, bands, haar(x)) < 1e-14
    if x.numel():
        assert laws.energy_ratio(haar, x) == pytest.approx(1, abs=1e-14)
        assert laws.contraction_ratio(haar, x, other) == pytest.approx(1, abs=1e-14)


def test_reconstruction_rejects_swapped_bands(generator: torch.Generator) -> None:
    assert laws.reconstruction_error(swapped_haar, inverse_haar, draw(generator, 8, 8)) > 0.1


def test_adjoint_rejects_a_filter_that_is_not_reversed(generator: torch.Generator) -> None:
    x, y = draw(generator, 3, 16), draw(generator, 3, 16)
    taps = [0.5, 1.0, -0.25]
    assert laws.adjoint_gap(circular(taps, reverse=False), circular(taps, reverse=True), x, y) < 1e-14
    assert laws.adjoint_gap(circular(taps, reverse=False), circular(taps, reverse=False), x, y) > 1e-3


def test_adjoint_rejects_the_inverse_of_a_biorthogonal_pair(generator: torch.Generator) -> None:
    matrix = torch.tensor([[1.0, 1.0], [0.0, 1.0]], dtype=torch.float64)  # invertible, not orthogonal
    x, y = draw(generator, 2), draw(generator, 2)
    inverse = torch.linalg.inv(matrix)
    assert laws.reconstruction_error(matrix.matmul, inverse.matmul, x) < 1e-14
    assert laws.adjoint_gap(matrix.matmul, matrix.T.matmul, x, y) < 1e-14
    assert laws.adjoint_gap(matrix.matmul, inverse.matmul, x, y) > 1e-2


def test_adjoint_rejects_swapped_bands(generator: torch.Generator) -> None:
    x, y = draw(generator, 8, 8), haar(draw(generator, 8, 8))
    assert laws.adjoint_gap(swapped_haar, inverse_haar, x, y) > 1e-3


def test_adjoint_rejects_a_missing_conjugate(generator: torch.Generator) -> None:
    x, y = (draw(generator, 16, dtype=torch.complex128) for _ in range(2))
    phase = torch.polar(torch.ones(16, dtype=torch.float64), torch.arange(16, dtype=torch.float64))
    assert laws.adjoint_gap(phase.mul, phase.conj().mul, x, y) < 1e-14
    assert laws.adjoint_gap(phase.mul, phase.mul, x, y) > 1e-2


def test_adjoint_from_real_to_complex_takes_the_real_inner_product(generator: torch.Generator) -> None:
    x, y = draw(generator, 16), draw(generator, 16, dtype=torch.complex128)
    unitary = {"norm": "ortho"}
    assert (
        laws.adjoint_gap(
            lambda u: torch.fft.fft(u, **unitary), lambda v: torch.fft.ifft(v, **unitary).real, x, y
        )
        < 1e-14
    )
    assert (
        laws.adjoint_gap(
            lambda u: torch.fft.fft(u, **unitary), lambda v: torch.fft.ifft(v, **unitary).imag, x, y
        )
        > 1e-3
    )
    assert laws.adjoint_gap(torch.real, lambda v: v.to(torch.complex128), y, x) < 1e-14


def test_energy_rejects_a_missing_normalisation(generator: torch.Generator) -> None:
    x = draw(generator, 4, 8)
    assert laws.energy_ratio(lambda u: torch.fft.fft2(u, norm="ortho"), x) == pytest.approx(1, abs=1e-14)
    assert laws.energy_ratio(torch.fft.fft2, x) == pytest.approx(32, rel=1e-12)
    assert math.isnan(laws.energy_ratio(torch.fft.fft2, 0 * x))


def test_equivariance_rejects_the_wrong_action_on_the_output(generator: torch.Generator) -> None:
    x = draw(generator, 2, 16)

    def by(steps: int) -> Any:
        return lambda u: torch.roll(u, steps, -1)

    def halve(u: Tensor) -> Tensor:
        return u[..., ::2]

    assert laws.equivariance_gap(halve, by(2), by(1), x) == 0
    assert laws.equivariance_gap(halve, by(2), by(2), x) > 0.1
    assert laws.equivariance_gap(halve, by(1), by(1), x) > 0.1


def test_translation_rejects_what_is_not_invariant(generator: torch.Generator) -> None:
    x = draw(generator, 2, 6, 9)
    assert laws.translation_gap(lambda u: torch.fft.fft2(u).abs(), (2, 3), x) < 1e-14
    assert laws.translation_gap(lambda u: u, (2, 3), x) > 0.5
    assert laws.translation_gap(lambda u: u, (6, -9), x) == 0
    assert laws.translation_gap(lambda u: u.sum(-1), (3,), x) < 1e-14


def test_contraction_rejects_an_amplifier(generator: torch.Generator) -> None:
    x, y = draw(generator, 16), draw(generator, 16)
    assert laws.contraction_ratio(torch.abs, x, y) <= 1
    assert laws.contraction_ratio(lambda u: 2 * u, x, y) == pytest.approx(2)
    assert math.isnan(laws.contraction_ratio(torch.abs, x, x))


@pytest.mark.parametrize(
    "bent", [torch.abs, torch.relu, torch.square, lambda u: u + 1], ids=["abs", "relu", "square", "one more"]
)
def test_linearity_rejects_what_bends(bent: Any, generator: torch.Generator) -> None:
    x, y = draw(generator, 16).abs(), draw(generator, 16).abs()
    assert laws.linearity_gap(lambda u: torch.cumsum(u, 0), x, y) < 1e-14
    assert laws.linearity_gap(bent, x, y) > 1e-2


def test_linearity_over_the_complex_numbers_rejects_the_conjugate(generator: torch.Generator) -> None:
    x, y = (draw(generator, 16, dtype=torch.complex128) for _ in range(2))
    assert laws.linearity_gap(torch.conj, x, y) < 1e-14
    assert laws.linearity_gap(torch.conj, x, y, a=1j) > 0.1


@pytest.mark.untyped
@pytest.mark.parametrize(
    "law",
    [
        lambda f, x: laws.reconstruction_error(f, torch.abs, x),
        lambda f, x: laws.reconstruction_error(torch.abs, f, x),
        lambda f, x: laws.adjoint_gap(f, torch.abs, x, x),
        lambda f, x: laws.adjoint_gap(torch.abs, f, x, x),
        lambda f, x: laws.energy_ratio(f, x),
        lambda f, x: laws.equivariance_gap(f, torch.abs, torch.abs, x),
        lambda f, x: laws.translation_gap(f, (1,), x),
        lambda f, x: laws.contraction_ratio(f, x, x + 1),
        lambda f, x: laws.linearity_gap(f, x, x),
    ],
)
def test_every_law_refuses_an_operator_that_edits_its_input(law: Any) -> None:
    x = torch.ones(4)
    with pytest.raises(ValueError, match=r"changed its input in place.*work on x\.clone\(\)"):
        law(lambda u: u.mul_(2), x)
    torch.testing.assert_close(x, torch.ones(4), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.int64, torch.bool])
def test_sums_run_in_double_precision(dtype: torch.dtype, device: torch.device) -> None:
    x = torch.ones(10_000, dtype=dtype, device=device)
    assert laws.energy_ratio(lambda u: u, x) == 1
    assert laws.relative_error(x, torch.ones(10_000, device=device)) == 0


def test_laws_take_tensors_that_need_gradients_and_strided_ones() -> None:
    x = torch.arange(24.0).reshape(4, 6).T.requires_grad_()
    assert laws.reconstruction_error(torch.fft.fft2, lambda u: torch.fft.ifft2(u).real, x) < 1e-6
    assert x.grad is None
