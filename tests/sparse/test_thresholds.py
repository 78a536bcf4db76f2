"""Thresholds: against their formulas, their optimisation problem, autograd, and PyWavelets."""

import numpy
import pytest
import pywt
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from wavelets_course.sparse import hard_threshold, soft_threshold

BOTH = pytest.mark.parametrize("shrink", [soft_threshold, hard_threshold])
FLOATS = [torch.float64, torch.float32, torch.bfloat16, torch.float16]


def numbers(*shape: int, dtype: torch.dtype = torch.float64, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
@pytest.mark.parametrize(("shrink", "mode"), [(soft_threshold, "soft"), (hard_threshold, "hard")])
def test_same_as_pywavelets(shrink, mode, dtype):
    x = numbers(500, dtype=dtype)
    theirs = torch.from_numpy(pywt.threshold(x.numpy(), 0.7, mode))
    torch.testing.assert_close(shrink(x, 0.7), theirs, rtol=1e-14, atol=1e-14)


def test_one_side_is_a_relu_with_a_bias():
    x = numbers(50)
    torch.testing.assert_close(soft_threshold(x, 0.3, one_sided=True), torch.relu(x - 0.3))
    torch.testing.assert_close(hard_threshold(x, 0.3, one_sided=True), x * (x > 0.3))


@BOTH
def test_two_sides_are_two_one_sided_channels(shrink):
    x = numbers(50)
    plus, minus = shrink(x, 0.4, one_sided=True), shrink(-x, 0.4, one_sided=True)
    torch.testing.assert_close(plus - minus, shrink(x, 0.4))


@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
def test_soft_solves_its_problem(dtype):
    """No point of a fine set does better than soft_threshold in |y - x|^2 / 2 + tau |y|."""
    x, tau = numbers(40, 1, dtype=dtype), 0.6
    others = torch.cat([torch.zeros(1, dtype=dtype), 2 * numbers(4000, dtype=dtype, seed=1)])

    def objective(y: Tensor) -> Tensor:
        return (y - x).abs().square() / 2 + tau * y.abs()

    best = objective(soft_threshold(x, tau))
    assert (best <= objective(others).amin(-1, keepdim=True) + 1e-12).all()
    worse = objective(hard_threshold(x, tau))  # the check rejects another threshold
    assert (worse > objective(others).amin(-1, keepdim=True) + 1e-12).any()


@settings(deadline=None, max_examples=30)
@given(tau=st.floats(0, 3), seed=st.integers(0, 99))
def test_soft_contracts_and_hard_is_idempotent(tau, seed):
    x, y = numbers(2, 30, dtype=torch.complex128, seed=seed)
    assert ((soft_threshold(x, tau) - soft_threshold(y, tau)).abs() <= (x - y).abs() + 1e-12).all()
    once = hard_threshold(x, tau)
    torch.testing.assert_close(hard_threshold(once, tau), once, rtol=0, atol=0)
    assert (soft_threshold(x, tau).angle() - x.angle())[x.abs() > tau + 1e-6].abs().le(1e-9).all()


@BOTH
def test_zero_threshold_keeps_everything(shrink):
    for dtype in (torch.float32, torch.complex64):
        x = numbers(20, dtype=dtype)
        torch.testing.assert_close(shrink(x, 0), x, rtol=0, atol=0)


@BOTH
@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
def test_gradcheck_away_from_the_threshold(shrink, dtype):
    x = numbers(12, dtype=dtype)
    x = torch.where((x.abs() - 0.5).abs() < 0.05, 2 * x, x).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: shrink(x, 0.5), (x,))
    assert torch.autograd.gradgradcheck(lambda x: shrink(x, 0.5), (x,))


def test_gradient_reaches_a_tensor_of_thresholds():
    x, tau = 1 + numbers(3, 8).abs(), torch.tensor([[0.2], [0.5], [0.9]], dtype=torch.float64)
    assert torch.autograd.gradcheck(soft_threshold, (x, tau.requires_grad_()))
    assert torch.autograd.gradcheck(soft_threshold, (x * torch.tensor(0.6 + 0.8j), tau))


@BOTH
@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
@pytest.mark.parametrize("tau", [0.0, 1.0])
def test_gradient_is_finite_at_zero_and_at_the_threshold(shrink, dtype, tau):
    x = torch.tensor([0.0, tau, -tau, 2.0], dtype=dtype, requires_grad=True)
    shrink(x, tau).abs().sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()


@BOTH
@pytest.mark.parametrize("dtype", FLOATS)
def test_dtype_stays(shrink, dtype):
    x = numbers(4, 5).to(dtype)
    y = shrink(x, torch.tensor([0.5], dtype=torch.float64))
    assert y.dtype == dtype
    torch.testing.assert_close(y.double(), shrink(x.double(), 0.5), rtol=1e-2, atol=1e-2)


@BOTH
def test_input_is_left_alone_and_may_be_a_view(shrink):
    x = numbers(6, 8, dtype=torch.complex128)
    before = x.clone()
    torch.testing.assert_close(shrink(x.mT.conj(), 0.5), shrink(x, 0.5).mT.conj())
    assert torch.equal(x, before)
    assert shrink(x[:0], 0.5).shape == (0, 8)


@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.complex64])
def test_nan_and_infinity_flow_through(shrink, dtype):
    x = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.1], dtype=dtype)
    y = shrink(x, 0.5)
    assert y.isnan().tolist() == [True, False, False, False]
    assert y.isinf().tolist() == [False, True, True, False]
    assert y[3] == 0


INFINITY, NAN = float("inf"), float("nan")


@BOTH
@pytest.mark.parametrize("dtype", [*FLOATS, torch.complex64])
def test_nothing_is_left_up_to_the_threshold(shrink, dtype):
    """Infinity up to infinity as well."""
    x = torch.tensor([INFINITY, -INFINITY, 3.0, -1.0, 0.0], dtype=dtype)
    for one_sided in (False, True) if dtype.is_floating_point else (False,):
        assert shrink(x, INFINITY, one_sided=one_sided).tolist() == [0] * 5
    x.requires_grad_()
    each = x.detach().abs().real.requires_grad_(shrink is soft_threshold)
    kept = shrink(x, each)
    assert kept.tolist() == [0] * 5
    kept.abs().sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0] * 5
    assert shrink is hard_threshold or each.grad is not None
    assert each.grad is None or each.grad.tolist() == [0] * 5


@BOTH
@pytest.mark.parametrize("dtype", [*FLOATS, torch.complex64])
def test_nan_in_numbers_or_thresholds_stays(shrink, dtype):
    x = torch.tensor([NAN, NAN, 0.1, 5.0, INFINITY, 2.0], dtype=dtype)
    thresholds = torch.tensor([1.0, INFINITY, NAN, NAN, NAN, 1.0])
    for one_sided in (False, True) if dtype.is_floating_point else (False,):
        y = shrink(x, thresholds, one_sided=one_sided)
        assert y.isnan().tolist() == [True] * 5 + [False]
        assert shrink(x, torch.tensor(NAN), one_sided=one_sided).isnan().all()
    half = torch.complex(torch.tensor(INFINITY), torch.tensor(NAN))  # its modulus is infinite, not NaN
    assert shrink(half, INFINITY).isnan()


@pytest.mark.untyped
@BOTH
def test_numbers_of_any_kind_are_thresholds(shrink):
    x = numbers(6)
    for one in (1, 1.0, numpy.float32(1), numpy.int64(1), torch.tensor(1), torch.ones(1), torch.ones(6)):
        torch.testing.assert_close(shrink(x, one), shrink(x, 1.0), rtol=0, atol=0)


@BOTH
def test_negative_entries_of_a_tensor_count_as_zero(shrink):
    x = numbers(3)
    torch.testing.assert_close(shrink(x, torch.tensor(-1.0)), x, rtol=0, atol=0)


@pytest.mark.untyped
@BOTH
def test_errors_say_the_way_out(shrink):
    name = shrink.__name__
    with pytest.raises(TypeError, match=rf"{name}: expected real or complex values.*x\.float\(\)"):
        shrink(torch.arange(3), 1)
    with pytest.raises(TypeError, match=rf"{name}: expected a tensor, got x = list"):
        shrink([1.0], 1)
    for threshold in (-0.5, float("nan")):
        with pytest.raises(ValueError, match=rf"{name}: expected threshold >= 0, got .*; use 0 to keep"):
            shrink(torch.ones(3), threshold)
    for threshold in ("1", None, 1j, [1.0], numpy.ones(3)):
        with pytest.raises(TypeError, match=rf"{name}: expected a number or a real tensor as threshold, got"):
            shrink(torch.ones(3), threshold)
    with pytest.raises(TypeError, match=rf"{name}: expected real thresholds, got torch.complex64.*abs\(\)"):
        shrink(torch.ones(3), torch.ones(3, dtype=torch.complex64))
    for shape in ((2, 3), (2,), (1, 3)):
        with pytest.raises(
            ValueError, match=r"do not broadcast to x of shape \(3,\).*threshold\[:, None, No"
        ):
            shrink(torch.ones(3), torch.ones(shape))
    with pytest.raises(ValueError, match=rf"{name}: complex numbers have no sides.*x\.real and x\.imag"):
        shrink(torch.ones(3, dtype=torch.complex64), 1, one_sided=True)


@pytest.mark.untyped
@pytest.mark.parametrize("dtype", [torch.float32, torch.complex64])
@BOTH
def test_traces_without_a_break(shrink, dtype):
    torch._dynamo.reset()
    x = numbers(3, 4, dtype=dtype)
    traced = torch.compile(lambda x, t: shrink(x, t), backend="eager", fullgraph=True)
    torch.testing.assert_close(traced(x, torch.tensor(0.5)), shrink(x, 0.5))
    for number in (0.5, 0.7, 1):  # the second makes it a symbol
        torch.testing.assert_close(traced(x, number), shrink(x, number))
