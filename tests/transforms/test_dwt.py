"""wavedec2 and waverec2: PyWavelets in every mode and size, the laws, and operators they must reject."""

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
import pywt
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course import laws
from wavelets_course.filters.taps import wavelet_taps
from wavelets_course.signals import BOUNDARY_MODES, BoundaryMode
from wavelets_course.transforms import (
    Detail2d,
    Pyramid2d,
    dwt,
    flatten,
    from_pywt,
    max_level,
    one_scale,
    unflatten,
    wavedec2,
    wavedec2_adjoint,
    waverec2,
)

WAVELETS = ["haar", "db2", "db3", "db4", "db20"]
SIZES = [(1, 17), (2, 3), (28, 28), (31, 47), (79, 97)]
LOSSLESS_EVEN_IF_LONG = 1e-12  # smooth and antireflect leave the range of the image, scale after scale

STRIDES = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.mT,
    "every second": lambda x: x.repeat_interleave(2, dim=-1)[..., ::2],
    "expanded": lambda x: x[..., :1, :].expand(x.shape),
}

modes = pytest.mark.parametrize("mode", BOUNDARY_MODES)


def cases(wavelet: str) -> Iterator[tuple[tuple[int, int], int]]:
    """Every size at every depth it allows."""
    for size in SIZES:
        for J in range(max_level(size, wavelet) + 1):
            yield size, J


def random_like(pyramid: Pyramid2d, generator: torch.Generator) -> Pyramid2d:
    row = flatten(pyramid)
    return unflatten(torch.randn(row.shape, dtype=row.dtype, generator=generator), like=pyramid)


def pywt_gap(x: torch.Tensor, wavelet: str, J: int, mode: BoundaryMode) -> float:
    theirs = from_pywt(pywt.wavedec2(x.numpy(), wavelet, mode, level=J))
    return laws.relative_error(wavedec2(x, wavelet, J, mode=mode)[:2], theirs[:2])


# ---- an independent library -----------------------------------------------------------------


@modes
@pytest.mark.parametrize("wavelet", WAVELETS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
def test_analysis_and_synthesis_equal_pywavelets(
    wavelet: str, mode: BoundaryMode, dtype: torch.dtype, generator: torch.Generator
) -> None:
    for size, J in cases(wavelet):
        x = torch.randn(2, *size, dtype=dtype, generator=generator)
        assert pywt_gap(x, wavelet, J, mode) < 1e-12, (size, J)
        noise = random_like(wavedec2(x, wavelet, J, mode=mode), generator)._replace(shape=None)
        nested = [noise.approx.numpy(), *(tuple(b.numpy() for b in d) for d in reversed(noise.details))]
        theirs = torch.from_numpy(np.array(pywt.waverec2(nested, wavelet, mode)))
        assert laws.relative_error(waverec2(noise, wavelet, mode=mode), theirs) < 1e-12, (size, J)


@given(st.data())
@settings(deadline=None, max_examples=100)
def test_any_batch_size_stride_dtype_equals_pywavelets(data: st.DataObject) -> None:
    draw = data.draw
    batch = draw(st.lists(st.integers(0, 3), max_size=3))
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    dtype = draw(st.sampled_from([torch.float32, torch.float64, torch.complex64, torch.complex128]))
    stride = draw(st.sampled_from(sorted(STRIDES)))
    wavelet, mode = draw(st.sampled_from(WAVELETS)), draw(st.sampled_from(BOUNDARY_MODES))
    J = draw(st.integers(0, max_level((height, width), wavelet)))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    shape = (*batch, width, height) if stride == "transposed" else (*batch, height, width)
    x = torch.randn(shape, dtype=dtype, generator=generator)
    x = STRIDES[stride](x)
    tolerance = 1e-5 if dtype in (torch.float32, torch.complex64) else 1e-12
    before = x.clone()
    pyramid = wavedec2(x, wavelet, J, mode=mode)
    rebuilt = waverec2(pyramid, wavelet, mode=mode)
    assert pyramid.approx.dtype == rebuilt.dtype == dtype
    assert rebuilt.shape == x.shape
    assert torch.equal(x, before)
    if x.numel():
        assert pywt_gap(x, wavelet, J, mode) < tolerance
    y = random_like(pyramid, generator)
    gap = laws.adjoint_gap(
        lambda u: wavedec2(u, wavelet, J, mode=mode), lambda p: wavedec2_adjoint(p, wavelet, mode=mode), x, y
    )
    assert gap < tolerance


@pytest.mark.parametrize("wavelet", ["haar", "db2", "db5", "db20", "db38"])
def test_max_level_equals_pywavelets(wavelet: str) -> None:
    for n in range(1, 700):
        assert max_level((n, 700), wavelet) == pywt.dwtn_max_level((n, 700), wavelet), n


# ---- a page of the literature ---------------------------------------------------------------


def test_the_primer_example() -> None:
    """Stollnitz, DeRose, Salesin, Wavelets for Computer Graphics: A Primer, IEEE CG&A 15(3), 1995, section 2:
    (9, 7, 3, 5) has the normalised Haar coefficients 6 * 2, 2 * 2, 1 * sqrt 2, -1 * sqrt 2; here its square.
    """
    line = torch.tensor([9.0, 7.0, 3.0, 5.0], dtype=torch.float64)
    pyramid = wavedec2(torch.outer(line, line), "haar")
    fine_low, fine = torch.tensor([16.0, 8.0]) / sqrt(2), torch.tensor([1.0, -1.0]) * sqrt(2)
    expected = Pyramid2d(
        torch.tensor([[144.0]]),
        (
            Detail2d(torch.outer(fine, fine_low), torch.outer(fine_low, fine), torch.outer(fine, fine)),
            Detail2d(torch.tensor([[48.0]]), torch.tensor([[48.0]]), torch.tensor([[16.0]])),
        ),
        (4, 4),
    )
    assert laws.relative_error(pyramid, expected) < 1e-7


def test_one_bright_row_is_horizontal() -> None:
    image = torch.zeros(8, 8)
    image[3] = 1
    for detail in wavedec2(image, "db2", J=1).details:
        assert float(detail.horizontal.square().sum()) > 0.1
        assert float(detail.vertical.abs().max()) < 1e-7
        assert float(detail.diagonal.abs().max()) < 1e-7


# ---- laws -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-14)])
def test_haar_is_lossless(dtype: torch.dtype, tolerance: float, generator: torch.Generator) -> None:
    for size, J in [*cases("haar"), ((512, 512), 9)]:
        x = torch.rand(size, dtype=dtype, generator=generator)
        error = laws.reconstruction_error(
            lambda u, J=J: wavedec2(u, "haar", J), lambda p: waverec2(p, "haar"), x
        )
        assert error < tolerance, (size, J)


@modes
@pytest.mark.parametrize("wavelet", WAVELETS)
def test_every_mode_reconstructs_every_size(
    wavelet: str, mode: BoundaryMode, generator: torch.Generator
) -> None:
    for size, J in cases(wavelet):
        x = torch.randn(3, *size, dtype=torch.float64, generator=generator)
        pyramid = wavedec2(x, wavelet, J, mode=mode)
        assert pyramid.shape == size
        error = laws.relative_error(waverec2(pyramid, wavelet, mode=mode), x)
        assert error < LOSSLESS_EVEN_IF_LONG, (size, J)


@modes
@pytest.mark.parametrize("wavelet", WAVELETS)
def test_adjoint_is_exact_in_every_mode(wavelet: str, mode: BoundaryMode, generator: torch.Generator) -> None:
    for size, J in cases(wavelet):
        x = torch.randn(2, *size, dtype=torch.float64, generator=generator)
        y = random_like(wavedec2(x, wavelet, J, mode=mode), generator)
        gap = laws.adjoint_gap(
            lambda u, J=J: wavedec2(u, wavelet, J, mode=mode),
            lambda p: wavedec2_adjoint(p, wavelet, mode=mode),
            x,
            y,
        )
        assert gap < 1e-14, (size, J)
        unknown = wavedec2_adjoint(y._replace(shape=None), wavelet, mode=mode)
        assert all(0 <= most - side <= 1 for most, side in zip(unknown.shape[-2:], size, strict=True))


@pytest.mark.parametrize("wavelet", WAVELETS)
def test_periodization_is_orthonormal(wavelet: str, generator: torch.Generator) -> None:
    x = torch.randn(2, 48, 160, dtype=torch.float64, generator=generator)
    J = min(4, max_level((48, 160), wavelet))
    pyramid = wavedec2(x, wavelet, J, mode="periodization")
    energy = laws.energy_ratio(lambda u: wavedec2(u, wavelet, J, mode="periodization"), x)
    assert energy == pytest.approx(1, abs=1e-14)
    noise = random_like(pyramid, generator)
    rebuilt, spread = (f(noise, wavelet, mode="periodization") for f in (waverec2, wavedec2_adjoint))
    assert laws.relative_error(spread, rebuilt) < 1e-14


def test_periodization_turns_a_shift_into_a_shift(generator: torch.Generator) -> None:
    x = torch.randn(24, 32, dtype=torch.float64, generator=generator)

    def finest(u: torch.Tensor) -> torch.Tensor:
        pyramid = wavedec2(u, "db3", J=1, mode="periodization")
        return torch.stack([pyramid.approx, *pyramid.details[0]])

    def shift(by: int):  # type: ignore[no-untyped-def]
        return lambda u: torch.roll(u, (by, by), (-2, -1))

    assert laws.equivariance_gap(finest, shift(2), shift(1), x) < 1e-14
    assert laws.equivariance_gap(finest, shift(1), shift(1), x) > 0.5  # an odd shift is not seen as one


@pytest.mark.parametrize("N", [2, 3, 4])
def test_polynomials_have_no_details(N: int) -> None:
    """N vanishing moments: away from the edges every detail of degree < N is zero."""
    n = torch.linspace(-1, 1, 64, dtype=torch.float64)
    image = torch.outer(n ** (N - 1), n ** (N - 1)) + n
    for band in wavedec2(image, f"db{N}", J=1, mode="zero").details[0]:
        assert float(band[N:-N, N:-N].abs().max()) < 1e-14
    ramp = wavedec2(torch.outer(n, torch.ones_like(n)) + n, f"db{N}", J=1, mode="smooth")
    assert max(float(band.abs().max()) for band in ramp.details[0]) < 1e-14  # straight on, edges included


def test_analysis_is_linear_and_complex_images_are_two_real_ones(generator: torch.Generator) -> None:
    x = torch.randn(2, 2, 21, 30, dtype=torch.float64, generator=generator)
    gap = laws.linearity_gap(lambda u: wavedec2(u, "db2", mode="antireflect"), x[0], x[1])
    assert gap < 1e-14
    both = flatten(wavedec2(torch.complex(x[0], x[1]), "db2"))
    torch.testing.assert_close(both.real, flatten(wavedec2(x[0], "db2")))
    torch.testing.assert_close(both.imag, flatten(wavedec2(x[1], "db2")))


# ---- every check fails once -----------------------------------------------------------------


def test_swapped_orientations_are_rejected(
    monkeypatch: pytest.MonkeyPatch, generator: torch.Generator
) -> None:
    monkeypatch.setattr(
        one_scale, "Detail2d", lambda horizontal, vertical, diagonal: Detail2d(vertical, horizontal, diagonal)
    )
    with pytest.raises(AssertionError):
        test_one_bright_row_is_horizontal()
    assert pywt_gap(torch.randn(8, 8, dtype=torch.float64, generator=generator), "haar", 1, "symmetric") > 0.1


def test_a_filter_not_reversed_is_rejected(
    monkeypatch: pytest.MonkeyPatch, generator: torch.Generator
) -> None:
    x = torch.randn(16, 16, dtype=torch.float64, generator=generator)
    good = wavelet_taps("db2")
    monkeypatch.setattr(dwt, "_taps", lambda *_: replace(good, low=good.rec_low, high=good.rec_high))
    assert pywt_gap(x, "db2", 1, "symmetric") > 0.1
    assert laws.reconstruction_error(lambda u: wavedec2(u, "db2", 1), lambda p: waverec2(p, "db2"), x) > 0.1


@pytest.mark.parametrize("mode", sorted({*BOUNDARY_MODES} - {"zero", "periodization"}))
def test_the_adjoint_is_not_the_inverse(mode: BoundaryMode, generator: torch.Generator) -> None:
    x = torch.randn(20, 25, dtype=torch.float64, generator=generator)
    wrong_adjoint, wrong_inverse = exchanged_gaps(x, mode, generator)
    assert min(wrong_adjoint, wrong_inverse) > 1e-3


def test_mode_zero_is_an_isometry_so_there_they_agree(generator: torch.Generator) -> None:
    """It keeps every coefficient of the image set in a plane of zeros."""
    x = torch.randn(20, 25, dtype=torch.float64, generator=generator)
    assert laws.energy_ratio(lambda u: wavedec2(u, "db2", 2, mode="zero"), x) == pytest.approx(1, abs=1e-14)
    assert max(exchanged_gaps(x, "zero", generator)) < 1e-14


def exchanged_gaps(x: torch.Tensor, mode: BoundaryMode, generator: torch.Generator) -> tuple[float, float]:
    """The two laws with synthesis taken for the adjoint, and the adjoint taken for synthesis."""

    def analysis(u: torch.Tensor) -> Pyramid2d:
        return wavedec2(u, "db2", 2, mode=mode)

    y = random_like(analysis(x), generator)
    return (
        laws.adjoint_gap(analysis, lambda p: waverec2(p, "db2", mode=mode), x, y),
        laws.reconstruction_error(analysis, lambda p: wavedec2_adjoint(p, "db2", mode=mode), x),
    )


def test_an_in_place_edit_is_rejected(generator: torch.Generator) -> None:
    x = torch.randn(8, 8, generator=generator)
    with pytest.raises(ValueError, match="changed its input in place"):
        laws.reconstruction_error(lambda u: wavedec2(u.mul_(2), "haar"), lambda p: waverec2(p, "haar"), x)
    with pytest.raises(ValueError, match="changed its input in place"):
        laws.reconstruction_error(
            lambda u: wavedec2(u, "haar"), lambda p: waverec2(p._replace(approx=p.approx.mul_(2)), "haar"), x
        )
