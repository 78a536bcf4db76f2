"""Cosines and sines of real images: an orthonormal basis, checked against its definition and SciPy."""

import math

import pytest
import scipy.fft
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from wavelets_course import laws
from wavelets_course.transforms import Fourier2d, fourier_coefficients, fourier_synthesis

SHAPES = [(1, 1), (1, 5), (6, 1), (4, 4), (5, 7), (6, 9), (8, 6)]


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def basis(height: int, width: int) -> torch.Tensor:
    """All basis images, by synthesis of one coefficient each."""
    count = height * width
    return fourier_synthesis(torch.eye(count, dtype=torch.float64).reshape(count, height, width)).flatten(1)


@pytest.mark.parametrize("shape", SHAPES)
def test_basis_is_orthonormal(shape):
    images = basis(*shape)
    assert_close(images @ images.mT, torch.eye(len(images), dtype=torch.float64), rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_basis_images_are_cosines_and_sines(shape):
    """Each is a multiple of cos(w.u) or sin(w.u) at the frequency of its place."""
    height, width = shape
    images = basis(*shape).reshape(height, width, height, width)
    y, x = torch.meshgrid(*(torch.arange(n, dtype=torch.float64) for n in shape), indexing="ij")
    sines = 0
    for row in range(height):
        for column in range(width):
            phase = 2 * math.pi * (row * y / height + column * x / width)
            image = images[row, column]
            shares = [(image * wave).sum().square() / wave.square().sum().clamp(min=1e-9)
                      for wave in (phase.cos(), phase.sin())]  # fmt: skip
            assert_close(torch.stack(shares).amax(), torch.tensor(1.0, dtype=torch.float64))
            sines += int(shares[1] > 0.5 and shares[0] < 0.5)
    own_opposites = (2 - height % 2) * (2 - width % 2)
    assert sines == (height * width - own_opposites) // 2


def test_same_numbers_as_scipy():
    x = noise(6, 7)
    x_hat = scipy.fft.fft2(x.numpy(), norm="ortho")
    c = fourier_coefficients(x)
    assert_close(float(c[0, 0]), float(x_hat[0, 0].real))
    assert_close(float(c[3, 0]), float(x_hat[3, 0].real))
    for row, column in ((1, 2), (0, 3), (2, 6)):
        assert_close(float(c[row, column]), math.sqrt(2) * float(x_hat[row, column].real))
        assert_close(float(c[-row, -column]), math.sqrt(2) * float(x_hat[row, column].imag))


@settings(deadline=None, max_examples=40)
@given(height=st.integers(1, 12), width=st.integers(1, 12), batch=st.sampled_from([(), (2,), (0,), (2, 3)]))
def test_laws(height, width, batch):
    x, fourier = noise(*batch, height, width), Fourier2d()
    assert_close(fourier.synthesis(fourier.analysis(x)), x, rtol=1e-12, atol=1e-12)
    if x.numel():
        assert laws.adjoint_gap(fourier.analysis, fourier.adjoint, x, x.flip(-1)) < 1e-12
        assert abs(laws.energy_ratio(fourier.analysis, x) - 1) < 1e-12
        assert laws.reconstruction_error(lambda u: 1.1 * fourier(u), fourier.synthesis, x) > 0.05


def test_gradcheck():
    x = noise(3, 4).requires_grad_()
    assert torch.autograd.gradcheck(fourier_coefficients, (x,))
    assert torch.autograd.gradcheck(fourier_synthesis, (x,))
    assert torch.autograd.gradgradcheck(fourier_coefficients, (x,))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_dtype_stays(dtype):
    x = noise(5, 6).to(dtype)
    c = fourier_coefficients(x)
    assert c.dtype == fourier_synthesis(c).dtype == dtype
    assert_close(c.double(), fourier_coefficients(x.double()), rtol=1e-2, atol=1e-2)


def test_input_is_left_alone_and_may_be_a_view():
    x = noise(3, 8, 5)
    before = x.clone()
    assert_close(fourier_coefficients(x.mT), fourier_coefficients(x.mT.contiguous()))
    assert_close(fourier_coefficients(x)[1], fourier_coefficients(x[1]))
    assert torch.equal(x, before)
    assert fourier_coefficients(torch.full((2, 2), math.nan)).isnan().all()


@pytest.mark.untyped
@pytest.mark.parametrize("f", [fourier_coefficients, fourier_synthesis])
def test_errors_say_the_way_out(f):
    with pytest.raises(
        TypeError, match=rf"{f.__name__}: expected a floating-point image, got torch.int64.*x\.float\(\)"
    ):
        f(torch.ones(2, 2, dtype=torch.int64))
    with pytest.raises(TypeError, match=rf"{f.__name__}: expected a real image, got torch.complex64.*fft2"):
        f(torch.ones(2, 2, dtype=torch.complex64))
    with pytest.raises(TypeError, match=rf"{f.__name__}: expected a tensor"):
        f([[1.0]])
    with pytest.raises(ValueError, match=rf"{f.__name__}: expected images .*x\[None, :\]"):
        f(torch.ones(2))
    with pytest.raises(ValueError, match=rf"{f.__name__}: expected images of at least one pixel"):
        f(torch.ones(2, 0))
