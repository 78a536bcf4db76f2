"""Names, order, counts, exchange with PyWavelets, and the largest coefficients."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import pywt
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course import laws
from wavelets_course.transforms import (
    Detail2d,
    Pyramid2d,
    coefficient_count,
    flatten,
    from_pywt,
    largest,
    max_level,
    to_pywt,
    unflatten,
    wavedec2,
    waverec2,
)


def pyramid_of(values: list[float]) -> Pyramid2d:
    """Four coefficients: approx, horizontal, vertical, diagonal."""
    approx, *bands = (torch.tensor([[value]]) for value in values)
    return Pyramid2d(approx, (Detail2d(*bands),), (2, 2))


@pytest.mark.parametrize(
    ("shape", "J", "count"), [((28, 28), 4, 799), ((32, 32), 5, 1024), ((28, 28), 2, 784), ((1, 9), 0, 9)]
)
def test_coefficient_count(shape: tuple[int, int], J: int, count: int) -> None:
    assert coefficient_count(wavedec2(torch.zeros(5, *shape), "haar", J)) == count


@given(st.integers(1, 70), st.integers(1, 70))
@settings(deadline=None, max_examples=30)
def test_haar_keeps_the_count_exactly_when_two_to_the_J_divides(height: int, width: int) -> None:
    for J in range(max_level((height, width)) + 1):
        count = coefficient_count(wavedec2(torch.zeros(height, width), "haar", J))
        divides = height % 2**J == 0 and width % 2**J == 0
        assert (count == height * width) if divides else (count > height * width)


def test_flatten_runs_through_pywavelets_list(generator: torch.Generator) -> None:
    x = torch.randn(3, 20, 13, dtype=torch.float64, generator=generator)
    row = flatten(wavedec2(x, "db2", J=2))
    for image, ours in zip(x, row, strict=True):
        approx, *details = pywt.wavedec2(image.numpy(), "db2", level=2)
        theirs = np.concatenate([approx.ravel(), *(band.ravel() for detail in details for band in detail)])
        torch.testing.assert_close(ours, torch.from_numpy(theirs), rtol=1e-12, atol=1e-14)


def test_unflatten_undoes_flatten(generator: torch.Generator) -> None:
    pyramid = wavedec2(torch.randn(4, 2, 19, 30, generator=generator), "db2", J=2)
    back = unflatten(flatten(pyramid), like=pyramid)
    assert back.shape == (19, 30)
    assert laws.relative_error(back, pyramid) == 0
    one = unflatten(flatten(pyramid)[0, 0], like=pyramid)
    assert one.approx.shape == pyramid.approx.shape[-2:]


@pytest.mark.parametrize("numpy", [True, False])
def test_pywt_lists_go_there_and_back(numpy: bool, generator: torch.Generator) -> None:
    x = torch.randn(2, 17, 22, dtype=torch.float64, generator=generator)
    pyramid = wavedec2(x, "db2", J=2)
    nested = to_pywt(pyramid, numpy=numpy)
    assert isinstance(nested[0], np.ndarray) == numpy
    assert [band.shape[-1] for band in nested[1]] == [pyramid.details[1].horizontal.shape[-1]] * 3
    back = from_pywt(nested, shape=(17, 22))
    assert laws.relative_error(back, pyramid) == 0
    torch.testing.assert_close(waverec2(back, "db2"), x)


def test_pywavelets_reads_ours(generator: torch.Generator) -> None:
    x = torch.randn(3, 16, 24, dtype=torch.float64, generator=generator)
    rebuilt = pywt.waverec2(to_pywt(wavedec2(x, "db4", mode="periodization")), "db4", "periodization")
    torch.testing.assert_close(torch.from_numpy(rebuilt), x, rtol=1e-12, atol=1e-13)


def test_to_pywt_copies(generator: torch.Generator) -> None:
    pyramid = wavedec2(torch.randn(4, 4, generator=generator).requires_grad_(), "haar")
    before = pyramid.approx.detach().clone()
    to_pywt(pyramid)[0][...] = 0
    torch.testing.assert_close(pyramid.approx.detach(), before)
    half = Pyramid2d(before.bfloat16(), ())
    assert to_pywt(half)[0].dtype == np.float32


def test_from_pywt_copies_arrays() -> None:
    nested = pywt.wavedec2(np.ones((4, 4)), "haar")
    pyramid = from_pywt(nested)
    nested[0][...] = 7
    assert float(pyramid.approx) == pytest.approx(4)
    assert pyramid.shape is None


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_largest_breaks_ties_by_position(count: int) -> None:
    kept = flatten(largest(pyramid_of([-2.0, 2.0, 2.0, -2.0]), count))
    assert kept.tolist() == [-2.0, 2.0, 2.0, -2.0][:count] + [0.0] * (4 - count)


@given(st.integers(0, 10**6), st.integers(1, 3), st.booleans(), st.data())
@settings(deadline=None, max_examples=40)
def test_largest_keeps_exactly_the_largest_of_each_image(
    seed: int, batch: int, is_complex: bool, data: st.DataObject
) -> None:
    generator = torch.Generator().manual_seed(seed)
    dtype = torch.complex64 if is_complex else torch.float32
    # Few levels of magnitude: many ties.
    x = torch.randint(-2, 3, (batch, 9, 14), generator=generator).to(dtype)
    pyramid = wavedec2(x + 0.5, "haar", J=2)
    count = data.draw(st.integers(0, coefficient_count(pyramid)))
    before, kept = flatten(pyramid), flatten(largest(pyramid, count))
    torch.testing.assert_close(flatten(pyramid), before, rtol=0, atol=0)
    for image, ours in zip(before, kept, strict=True):
        sizes = image.abs().numpy()
        chosen = sorted(np.lexsort((np.arange(len(sizes)), -sizes))[:count])
        expected = torch.zeros_like(image)
        expected[chosen] = image[chosen]
        torch.testing.assert_close(ours, expected, rtol=0, atol=0)


def test_largest_gives_the_best_rebuilt_image(generator: torch.Generator) -> None:
    """Orthonormal: the squared error is the energy left out, and no other choice leaves less."""
    x = torch.randn(16, 16, dtype=torch.float64, generator=generator)
    pyramid = wavedec2(x, "haar")
    row = flatten(pyramid)
    error = float((waverec2(largest(pyramid, 40), "haar") - x).square().sum())
    assert error == pytest.approx(float(row.square().sort().values[:-40].sum()), rel=1e-12)
    for _ in range(20):
        chosen = torch.randperm(256, generator=generator)[:40]
        other = unflatten(torch.zeros_like(row).scatter(0, chosen, row[chosen]), like=pyramid)
        assert float((waverec2(other, "haar") - x).square().sum()) > error


def test_largest_passes_gradients_of_what_it_keeps() -> None:
    values = torch.tensor([3.0, 1.0, -2.0, 0.5], requires_grad=True)
    kept = largest(unflatten(values, like=pyramid_of([0.0] * 4)), 2)
    flatten(kept).sum().backward()
    torch.testing.assert_close(values.grad, torch.tensor([1.0, 0.0, 1.0, 0.0]))


@pytest.mark.untyped
def test_errors_say_the_way_out() -> None:
    pyramid = pyramid_of([1.0] * 4)
    for count in (-1, 5):
        with pytest.raises(
            ValueError,
            match=re.escape(f"largest: count must lie in 0 to 4, the coefficients of one image; got {count}"),
        ):
            largest(pyramid, count)
    with pytest.raises(
        ValueError,
        match=re.escape("unflatten: expected rows of 4 coefficients for this pyramid, got shape (5,)"),
    ):
        unflatten(torch.zeros(5), like=pyramid)
    nested = pywt.wavedec2(np.ones((4, 4)), "haar", level=1)
    with pytest.raises(
        ValueError,
        match=re.escape(
            "from_pywt: expected (cH, cV, cD) at position 1, got a tuple of ndarray, NoneType, "
            "ndarray; give arrays of zeros"
        ),
    ):
        from_pywt([nested[0], (nested[1][0], None, nested[1][2])])
    with pytest.raises(
        ValueError, match=re.escape("from_pywt: expected (cH, cV, cD) at position 1, got a ndarray")
    ):
        from_pywt([nested[0], nested[1][0]])


def test_to_pywt_writes_out_lazy_conjugates_and_signs(generator: torch.Generator) -> None:
    z = torch.randn(3, 4, dtype=torch.complex128, generator=generator)
    conjugate, negative = to_pywt(Pyramid2d(z.conj(), (Detail2d(z.conj().imag, z.real, z.imag),)))
    np.testing.assert_array_equal(conjugate, z.numpy().conj())
    np.testing.assert_array_equal(negative[0], -z.numpy().imag)


@pytest.mark.parametrize("turn", [lambda a: a[::-1, ::-1], lambda a: a.astype(">f8"), lambda a: a.T])
def test_from_pywt_reads_any_array(turn: Callable[[Any], Any]) -> None:
    array = turn(np.arange(12.0).reshape(3, 4))
    pyramid = from_pywt([array, (array, array, array)])
    assert pyramid.approx.dtype == torch.float64
    assert pyramid.approx.tolist() == array.tolist() == pyramid.details[0].diagonal.tolist()


@pytest.mark.untyped
def test_what_only_looks_like_a_pyramid_is_refused() -> None:
    pyramid = pyramid_of([1.0] * 4)
    band = pyramid.approx
    for broken, text in [
        (to_pywt(pyramid), "waverec2: expected a Pyramid2d, got a list of ndarray, tuple; from_pywt reads"),
        (
            pyramid._replace(details=((band, band, band),)),
            r"expected details\[0\] to be a Detail2d of tensors",
        ),
        (
            pyramid._replace(details=(Detail2d(band, None, band),)),
            "got a Detail2d of Tensor, NoneType, Tensor",
        ),
        (
            pyramid._replace(approx=band.numpy()),
            "expected approx to be a tensor, got a ndarray; torch.from_num",
        ),
    ]:
        with pytest.raises(TypeError, match=text):
            waverec2(broken)
        with pytest.raises(TypeError, match=r"largest: expected"):
            largest(broken, 1)
    with pytest.raises(ValueError, match=r"waverec2: expected pyramid.shape = \(height, width\), got \(8,\)"):
        waverec2(pyramid._replace(shape=(8,)))
    with pytest.raises(
        ValueError, match=r"from_pywt: expected \[cA, \(cH, cV, cD\), ...\], got an empty list"
    ):
        from_pywt([])


@pytest.mark.untyped
def test_flatten_refuses_bands_of_different_batches_and_dtypes() -> None:
    band, wide = torch.zeros(2, 2), torch.zeros(2, 2, dtype=torch.float64)
    mixed = Pyramid2d(band, (Detail2d(band, band, wide),))
    with pytest.raises(
        ValueError, match=r"batch \(\) and torch.float32, .* got \(\) and torch.float64; analyse"
    ):
        flatten(mixed)
    batches = Pyramid2d(band, (Detail2d(band, band, torch.zeros(5, 2, 2)),))
    with pytest.raises(ValueError, match=r"every band of batch \(\) .* got \(5,\)"):
        largest(batches, 1)


@pytest.mark.untyped
def test_how_many_to_keep_is_whole() -> None:
    with pytest.raises(TypeError, match=r"largest: count must be a whole number, got 2\.0"):
        largest(pyramid_of([1.0] * 4), 2.0)  # type: ignore[arg-type]
