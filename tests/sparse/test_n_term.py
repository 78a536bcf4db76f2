"""n-term approximation: against its definition, against PyWavelets, and on frames that are no bases."""

import math

import pytest
import pywt
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from wavelets_course.datasets import photograph
from wavelets_course.sparse import n_term_approximation, n_term_error
from wavelets_course.transforms import Curvelet2d, Fourier2d, Wavelet2d, flatten, largest, wavedec2, waverec2

BASES = {
    "fourier": Fourier2d(),
    "haar": Wavelet2d("haar", mode="periodization"),
    "db2": Wavelet2d("db2", J=2, mode="periodization"),
    "db4": Wavelet2d("db4", J=1, mode="periodization"),
}
COUNTS = [0, 1, 5, 17, 100, 255, 256]


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def two_bases(x: Tensor) -> tuple[Tensor, ...]:
    """A tight frame of twice as many vectors: Fourier and Haar, each divided by sqrt 2."""
    return BASES["fourier"].analysis(x) / math.sqrt(2), flatten(wavedec2(x, "haar")) / math.sqrt(2)


def from_two_bases(c: tuple[Tensor, ...]) -> Tensor:
    from wavelets_course.transforms import unflatten

    like = wavedec2(torch.zeros(c[0].shape[-2:], dtype=c[0].dtype), "haar")
    return (BASES["fourier"].synthesis(c[0]) + waverec2(unflatten(c[1], like), "haar")) / math.sqrt(2)


def half_spectrum(x: Tensor) -> tuple[Tensor, Tensor]:
    """A frame with complex coefficients: analytic and low-pass halves of each row."""
    x_hat = torch.fft.rfft(x, norm="ortho")
    return x_hat[..., 1:-1] * math.sqrt(2), x_hat[..., [0, -1]].real


def from_half_spectrum(c: tuple[Tensor, Tensor]) -> Tensor:
    inner, ends = c[0] / math.sqrt(2), c[1].to(c[0].dtype)
    x: Tensor = torch.fft.irfft(torch.cat([ends[..., :1], inner, ends[..., 1:]], -1), norm="ortho")
    return x


@pytest.mark.parametrize("name", BASES)
def test_energy_of_the_dropped_is_the_error_of_the_image(name):
    """Two ways to the same number: sorted energies, and synthesis."""
    x, basis = noise(2, 16, 16), BASES[name]
    fast = n_term_error(x, basis, COUNTS, orthonormal=True)
    assert_close(fast, n_term_error(x, basis, COUNTS), rtol=1e-9, atol=1e-12)
    assert fast.shape == (2, 7)
    assert_close(fast[:, 0], torch.ones(2, dtype=torch.float64))
    assert fast[:, -1].max() < 1e-25
    assert (fast.diff(dim=-1) <= 0).all()


@pytest.mark.parametrize("transform", [(two_bases, from_two_bases), (half_spectrum, from_half_spectrum)])
def test_error_is_that_of_the_approximation(transform):
    x = noise(3, 16, 16)
    errors = n_term_error(x, transform, [3, 40, 200])
    for k, n in enumerate((3, 40, 200)):
        gap = (n_term_approximation(x, transform, n) - x).square().sum((-2, -1))
        assert_close(errors[:, k], gap / x.square().sum((-2, -1)))
    absolute = n_term_error(x, transform, [3, 40, 200], relative=False)
    assert_close(absolute, errors * x.square().sum((-2, -1))[:, None])


def test_all_terms_of_a_tight_frame_give_the_image_back():
    x = noise(8, 8)
    assert_close(n_term_approximation(x, (two_bases, from_two_bases), 128), x)
    assert_close(n_term_approximation(x, (half_spectrum, from_half_spectrum), 64), x)


def test_same_as_pywavelets_and_largest():
    x = photograph("camera", size=64).double()
    flat, slices = pywt.coeffs_to_array(pywt.wavedec2(x.numpy(), "db2", "periodization", level=4))
    cut = sorted(abs(flat.ravel()))[-200]
    kept = pywt.array_to_coeffs(flat * (abs(flat) >= cut), slices, output_format="wavedec2")
    theirs = torch.from_numpy(pywt.waverec2(kept, "db2", "periodization"))
    basis = Wavelet2d("db2", J=4, mode="periodization")
    ours = n_term_approximation(x, basis, 200)
    assert_close(ours, theirs, rtol=0, atol=1e-10)
    assert_close(basis.synthesis(largest(basis.analysis(x), 200)), ours)


def test_curvelets_keep_what_their_own_selection_keeps():
    """Same terms, real and imaginary parts apart, as Curvelet2d.largest; all of them give the image back."""
    x = photograph("camera", size=64).double()
    curvelet = Curvelet2d((64, 64), J=2).double()
    kept = curvelet.synthesis(curvelet.largest(curvelet.analysis(x), 1000))
    assert_close(n_term_approximation(x, curvelet, 1000), kept)
    assert_close(n_term_approximation(x, curvelet, curvelet.count), x, rtol=0, atol=1e-10)
    errors = n_term_error(torch.stack([x, x.mT]), curvelet, [100, 500, 2000])
    assert (errors.diff(dim=-1) < 0).all()
    with pytest.raises(ValueError, match=rf"needs as many numbers as pixels, 4096, .*got {curvelet.count}"):
        n_term_error(x, curvelet, [1], orthonormal=True)


def test_a_photograph_from_a_tenth_of_its_wavelets():
    """Mallat's Wavelet Tour, chapter 9: wavelets beat the Fourier basis on an image with edges."""
    x = photograph("camera", size=128)
    tenth = [128 * 128 // 10]
    assert n_term_error(x, BASES["haar"], tenth) < n_term_error(x, BASES["fourier"], tenth) / 2


def test_best_of_all_choices_in_a_basis():
    """No other choice of n coefficients comes nearer: tried on every pair of a small image."""
    x = noise(2, 4)
    c = Fourier2d().analysis(x).flatten()
    best = n_term_error(x, Fourier2d(), [2], relative=False).item()
    errors = []
    for i in range(8):
        for j in range(i):
            kept = torch.zeros(8, dtype=torch.float64)
            kept[[i, j]] = c[[i, j]]
            errors.append((Fourier2d().synthesis(kept.reshape(2, 4)) - x).square().sum().item())
    assert_close(best, min(errors))
    assert sorted(errors)[1] > best  # and the comparison can tell another choice


def test_real_and_imaginary_parts_are_two_terms():
    transform = (lambda x: torch.complex(x, 2 * x) / 3, lambda c: (c.real + 2 * c.imag) * 3 / 5)
    x = torch.tensor([[1.0, 10.0]])
    assert_close(n_term_approximation(x, transform, 1), torch.tensor([[0.0, 8.0]]))
    assert_close(n_term_approximation(x, transform, 2), torch.tensor([[0.0, 10.0]]))


@settings(deadline=None, max_examples=25)
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    batch=st.sampled_from([(), (3,), (0,), (2, 1)]),
    seed=st.integers(0, 99),
)
def test_a_batch_is_a_loop(height, width, batch, seed):
    x = noise(*batch, height, width, seed=seed)
    counts = [0, (height * width) // 2, height * width]
    errors = n_term_error(x, Fourier2d(), counts, orthonormal=True)
    assert errors.shape == (*batch, 3)
    rows = [n_term_error(image, Fourier2d(), counts) for image in x.reshape(-1, height, width)]
    assert_close(errors.reshape(-1, 3), torch.stack(rows) if rows else errors.reshape(-1, 3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_dtypes(dtype):
    x = photograph("camera", size=32).to(dtype)
    kept = n_term_approximation(x, BASES["haar"], 100)
    assert kept.dtype == dtype
    errors = n_term_error(x, BASES["haar"], [10, 100], orthonormal=True)
    assert errors.dtype == torch.float64
    exact = n_term_error(x.double(), BASES["haar"], [10, 100])
    assert_close(errors, exact, rtol=0.02, atol=0)


def test_complex_images():
    x = noise(8, 8, dtype=torch.complex128)
    transform = (lambda x: torch.fft.fft2(x, norm="ortho"), lambda c: torch.fft.ifft2(c, norm="ortho"))
    fast = n_term_error(x, transform, [0, 64, 128], orthonormal=True)
    assert_close(fast, n_term_error(x, transform, [0, 64, 128]), rtol=1e-10, atol=1e-20)


def test_zeros_nan_and_views():
    zeros = torch.zeros(4, 4)
    assert n_term_error(zeros, BASES["haar"], [0, 3], orthonormal=True).tolist() == [0, 0]
    broken = torch.stack([zeros, zeros + math.nan])
    assert n_term_error(broken, BASES["haar"], [2]).isnan().tolist() == [[False], [True]]
    assert n_term_error(broken, BASES["haar"], [2], orthonormal=True).isnan().tolist() == [[False], [True]]
    x = noise(6, 4, seed=2)
    before = x.clone()
    assert_close(
        n_term_approximation(x.mT, Fourier2d(), 5), n_term_approximation(x.mT.clone(), Fourier2d(), 5)
    )
    assert torch.equal(x, before)
    assert n_term_error(x, Fourier2d(), []).shape == (0,)


@pytest.mark.parametrize("size", [1e-305, 1e-200, 1e300, 1.7e308])
@pytest.mark.parametrize("orthonormal", [True, False])
def test_errors_have_no_unit(size, orthonormal):
    x, haar = photograph("camera", size=32).double(), BASES["haar"]
    errors = n_term_error(x, haar, COUNTS[:-1], orthonormal=orthonormal)
    scaled = n_term_error(x * size, haar, COUNTS[:-1], orthonormal=orthonormal)
    assert_close(scaled, errors, rtol=1e-12, atol=0)
    assert errors.min() > 0
    both = n_term_error(torch.stack([x, x * size]), haar, COUNTS[:-1], orthonormal=orthonormal)
    assert_close(both, torch.stack([errors, scaled]), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_errors_have_no_unit_in_less_than_double(dtype):
    x, haar = photograph("camera", size=32).to(dtype), BASES["haar"]
    x[0, 0] = 1
    errors = n_term_error(x, haar, [10, 100])
    for size in (2.0**15, 2.0**-4) if dtype == torch.float16 else (2.0**127, 2.0**-100):
        assert_close(n_term_error(x * size, haar, [10, 100]), errors, rtol=0, atol=0)


def test_absolute_errors_keep_their_unit():
    x, haar = noise(8, 8), BASES["haar"]
    errors = n_term_error(x, haar, [0, 5], relative=False)
    assert_close(errors[0], x.square().sum())
    for size in (1e-100, 1e140):
        assert_close(
            n_term_error(x * size, haar, [0, 5], relative=False), errors * size**2, atol=0, rtol=1e-12
        )
    assert n_term_error(x * 1e200, haar, 5, relative=False).isinf()


def test_one_count_gives_one_error():
    x = noise(2, 3, 8, 8)
    several = n_term_error(x, Fourier2d(), [7])
    assert several.shape == (2, 3, 1)
    for one in (7, torch.tensor(7)):
        assert_close(n_term_error(x, Fourier2d(), one), several[..., 0], rtol=0, atol=0)


@pytest.mark.parametrize("relative", [True, False])
def test_gradient_of_the_error(relative):
    """By differences; the unit that an image is counted in takes no part."""
    x = noise(4, 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: n_term_error(x, BASES["haar"], [6], relative=relative), (x,))


def test_ties_keep_exactly_n():
    x = torch.ones(4, 4)
    identity = (lambda x: x, lambda c: c)
    assert n_term_approximation(x, identity, 5).sum() == 5


def test_gradient_of_the_kept_part():
    x = noise(4, 4).requires_grad_()
    basis = BASES["haar"]
    assert torch.autograd.gradcheck(lambda x: n_term_approximation(x, basis, 6), (x,))


@pytest.mark.untyped
def test_errors_say_the_way_out():
    x, haar = torch.ones(4, 4), BASES["haar"]
    with pytest.raises(ValueError, match=r"n_term_error: n must lie in 0 to 16.*got 17"):
        n_term_error(x, haar, [1, 17])
    with pytest.raises(ValueError, match=r"n_term_approximation: n must lie in 0 to 16.*got -1"):
        n_term_approximation(x, haar, -1)
    with pytest.raises(TypeError, match=r"n_term_approximation: n must be a whole number, got 2\.5"):
        n_term_approximation(x, haar, 2.5)
    for wrong in (2.5, [2.5], None):
        with pytest.raises(TypeError, match=r"n_term_error: n must be a whole number, got"):
            n_term_error(x, haar, wrong)
    with pytest.raises(TypeError, match=r"n_term_error: expected a transform with analysis and synthesis"):
        n_term_error(x, "haar", [1])
    with pytest.raises(TypeError, match=r"n_term_error: expected real or complex values.*x\.float\(\)"):
        n_term_error(x.int(), haar, [1])
    with pytest.raises(ValueError, match=r"orthonormal=True needs as many numbers as pixels, 9, .*got 16"):
        n_term_error(torch.ones(3, 3), Wavelet2d("haar", mode="zero"), [1], orthonormal=True)
    with pytest.raises(ValueError, match=r"n_term_error: orthonormal=True .*of another energy"):
        n_term_error(x, (lambda x: 1.01 * x, lambda c: c / 1.01), [1], orthonormal=True)
