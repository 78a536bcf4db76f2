"""Fuzz: any size, batch, dtype and stride is treated right, or refused in clear words, by every transform."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

pytestmark = pytest.mark.untyped

ANY = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
REFUSED = [torch.int64, torch.uint8, torch.bool]
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128]
STRIDES: dict[str, Callable[[Tensor], Tensor]] = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.mT.contiguous().mT,
    "every second": lambda x: x.repeat_interleave(2, dim=-1)[..., ::2],
    "expanded rows": lambda x: x[..., :1, :].expand(x.shape),
    "offset": lambda x: torch.cat([x[..., :1], x], dim=-1)[..., 1:],
    "conjugated": lambda x: x.conj() if x.is_complex() else x,
}
sides = st.one_of(st.integers(1, 40), st.sampled_from([1, 2, 31, 32, 33, 97, 128, 251, 600]))
sizes = st.tuples(sides, sides).filter(lambda size: size[0] * size[1] <= 20_000)
batches = st.sampled_from([(), (1,), (2,), (0,), (2, 0), (2, 1), (1, 2, 1)])


def image(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(len(shape))).to(
        dtype
    )


@given(batch=batches, size=sizes, dtype=st.sampled_from(DTYPES), stride=st.sampled_from(sorted(STRIDES)))
@ANY
def test_right_or_refused(
    call: Callable[[Tensor], Any],
    reliable: SimpleNamespace,
    batch: tuple[int, ...],
    size: tuple[int, int],
    dtype: torch.dtype,
    stride: str,
) -> None:
    x = STRIDES[stride](image((*batch, *size), dtype))
    found = reliable.outcome(call, x)
    expected = reliable.outcome(call, reliable.widened(x))
    assert (found is None) == (expected is None), "one dtype is refused and another is not"
    if found is not None and expected is not None:
        assert all(part.shape[: len(batch)] == batch for part in found)
        assert reliable.gap(found, expected) <= reliable.tolerance[dtype]


@pytest.mark.parametrize("dtype", REFUSED, ids=str)
def test_integers_are_refused(
    call: Callable[[Tensor], Any], reliable: SimpleNamespace, dtype: torch.dtype
) -> None:
    assert reliable.outcome(call, torch.ones(16, 16).to(dtype)) is None


def test_a_batch_is_its_images(call: Callable[[Tensor], Any], reliable: SimpleNamespace) -> None:
    x = image((2, 3, 33, 20), torch.float32)
    together = reliable.outcome(call, x)
    assert together is not None
    alone = [reliable.outcome(call, x[i, j]) for i in range(2) for j in range(3)]
    stacked = [torch.stack(parts).unflatten(0, (2, 3)) for parts in zip(*alone, strict=True)]
    assert reliable.gap(together, stacked) <= reliable.tolerance[torch.float32]


def test_channels_last_is_only_a_layout(call: Callable[[Tensor], Any], reliable: SimpleNamespace) -> None:
    x = image((2, 3, 33, 20), torch.float32)
    plain, other = reliable.outcome(call, x), reliable.outcome(call, x.to(memory_format=torch.channels_last))
    assert reliable.gap(other, plain) <= reliable.tolerance[torch.float32]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_a_gpu_gives_the_same(
    call: Callable[[Tensor], Any], reliable: SimpleNamespace, dtype: torch.dtype
) -> None:
    x = image((2, 33, 20), dtype)
    here, there = reliable.outcome(call, x), reliable.outcome(call, x.cuda())
    assert here is not None
    assert there is not None
    assert all(part.device.type == "cuda" for part in there)
    assert reliable.gap([part.cpu() for part in there], here) <= reliable.tolerance[dtype]


@pytest.mark.parametrize("shape", [(), (5,), (0, 4), (4, 0), (2, 0, 0)])
def test_what_is_no_image_is_refused(
    call: Callable[[Tensor], Any], reliable: SimpleNamespace, shape: tuple[int, ...]
) -> None:
    """Thresholds take any shape, and zeros may be added around nothing; everything else says no."""
    found = reliable.outcome(call, torch.zeros(shape))
    assert found is None or all(not part.any() for part in found)


@pytest.mark.parametrize(
    ("value", "dtype"), [(1e30, torch.float32), (1e-30, torch.float32), (1e150, torch.float64)]
)
def test_huge_and_tiny_values_only_scale(
    call: Callable[[Tensor], Any],
    reliable: SimpleNamespace,
    name: str,
    value: float,
    dtype: torch.dtype,
) -> None:
    # Beyond 1e154 the scattering of doubles overflows where it squares, though its result would not.
    if "threshold" in name:
        pytest.skip("a threshold is no linear map")
    x = image((24, 24), dtype)
    found = reliable.outcome(call, x * value)
    assert found is not None
    expected = reliable.outcome(call, reliable.widened(x))
    scaled = [part * value for part in expected]
    assert all(bool(part.isfinite().all()) for part in found)
    assert reliable.gap(found, scaled) <= reliable.tolerance[torch.float32]


def test_half_precision_at_its_limit(
    call: Callable[[Tensor], Any], reliable: SimpleNamespace, name: str
) -> None:
    """Values near 65504: computed in single precision, infinite only where the true result is too large."""
    if name in ("waverec2", "n_term_approximation"):
        pytest.skip("goes there and back: its coefficients, in half precision themselves, are infinite")
    x = (image((24, 24), torch.float64).sign() * 6e4).half()
    found, expected = reliable.outcome(call, x), reliable.outcome(call, x.float())
    assert found is not None
    assert expected is not None
    for part, truth in zip(found, expected, strict=True):
        assert not bool(part.isnan().any())
        assert reliable.gap([part], [truth.to(part.dtype)]) <= reliable.tolerance[torch.float16]


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_what_is_not_finite_is_never_lost(
    call: Callable[[Tensor], Any], reliable: SimpleNamespace, value: float
) -> None:
    x = image((24, 24), torch.float32)
    x[11, 7] = value
    found = reliable.outcome(call, x)
    assert found is None or any(not bool(part.isfinite().all()) for part in found)
