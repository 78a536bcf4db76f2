"""Numbers over nests of tensors: relative error, structures, what cannot be measured."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from wavelets_course import laws


def test_relative_error_is_the_textbook_number() -> None:
    assert laws.relative_error(torch.tensor([3.0, 5.0]), torch.tensor([3.0, 4.0])) == pytest.approx(0.2)
    bands = (torch.tensor([3.0]), (torch.tensor([[4.0]]), None))
    moved = (torch.tensor([3.0]), (torch.tensor([[4.5]]), (8, 8)))
    assert laws.relative_error(moved, bands) == pytest.approx(0.1)


def test_relative_error_of_nothing_is_zero_and_of_something_from_nothing_is_infinite() -> None:
    zero = torch.zeros(3)
    assert laws.relative_error(zero, zero) == 0
    assert laws.relative_error(torch.empty(0, 4), torch.empty(0, 4)) == 0
    assert laws.relative_error(torch.ones(3), zero) == math.inf


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_not_finite_never_passes(value: float) -> None:
    x, broken = torch.ones(3), torch.tensor([1.0, 1.0, value])
    assert not laws.relative_error(broken, x) < 1e300
    assert not laws.relative_error(broken, broken) < 1e300
    assert not laws.relative_error((x, broken), (x, x)) < 1e300
    assert not laws.reconstruction_error(lambda u: broken * u, lambda u: u, x) < 1e300
    assert not laws.adjoint_gap(lambda u: broken * u, lambda u: broken * u, x, x) < 1e300
    assert not laws.energy_ratio(lambda u: broken * u, x) < 1e300
    assert not laws.translation_gap(lambda u: broken * u, (1,), x) < 1e300
    assert not laws.contraction_ratio(lambda u: broken * u, x, 0 * x) < 1e300
    assert not laws.linearity_gap(lambda u: broken * u, x, x) < 1e300


@pytest.mark.untyped
def test_shapes_are_not_broadcast() -> None:
    with pytest.raises(
        ValueError, match=r"relative_error: both sides .* \(3,\) and \(1,\); nothing is broadcast"
    ):
        laws.relative_error(torch.ones(3), torch.ones(1))
    with pytest.raises(ValueError, match="same shapes"):
        laws.relative_error((torch.ones(3),), (torch.ones(3), torch.ones(3)))
    with pytest.raises(ValueError, match=r"translation_gap: displacement .* 3 entries, x only 2 axes"):
        laws.translation_gap(torch.abs, (1, 1, 1), torch.ones(2, 2))


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("result", "text"),
    [
        (lambda x: None, r"got NoneType without any; does the operator end in `return`\?"),
        (lambda x: (), "got tuple without any"),
        (lambda x: (None, {"shape": (4, 4)}), "got tuple without any"),
        (lambda x: x.sum().item(), r"got float among them; make numbers tensors \(torch.as_tensor\)"),
        (lambda x: (x, "name"), "got str among them"),
    ],
)
def test_no_law_holds_where_there_is_nothing_to_compare(result: Any, text: str) -> None:
    x = torch.ones(4)
    for law in (
        lambda: laws.relative_error(result(x), result(x)),
        lambda: laws.reconstruction_error(lambda u: u, result, x),
        lambda: laws.adjoint_gap(result, lambda u: u, x, x),
        lambda: laws.energy_ratio(result, x),
        lambda: laws.translation_gap(result, (1,), x),
        lambda: laws.equivariance_gap(result, torch.abs, torch.abs, x),
        lambda: laws.contraction_ratio(result, x, 2 * x),
        lambda: laws.linearity_gap(result, x, x),
    ):
        with pytest.raises(TypeError, match=f"laws: .*{text}"):
            law()


def test_arrays_and_dicts_are_measured() -> None:
    ones, zeros = np.ones(3), np.zeros(3)
    assert laws.relative_error(ones, zeros) == math.inf
    assert laws.relative_error(ones[::-1], torch.ones(3)) == 0
    assert laws.relative_error(2 * ones.astype(">f4"), ones) == 1
    first, second = {"a": torch.ones(2), "j": (1, 2)}, {"j": (), "a": torch.full((2,), 1.5)}
    assert laws.relative_error(second, first) == 0.5
    assert laws.relative_error({"a": ones, "b": zeros}, {"b": zeros, "a": ones}) == 0
    assert laws.energy_ratio(lambda u: [u.numpy(), (u.numpy(),)], torch.ones(4)) == pytest.approx(2)
    assert laws.translation_gap(lambda u: [{"coef": u, "j": (0,)}], (1,), torch.arange(4.0)) > 0.1
    assert laws.linearity_gap(lambda u: {"low": np.abs(u)}, ones, -ones) > 0.1
    with pytest.raises(ValueError, match="changed its input in place"):
        laws.energy_ratio(lambda u: np.negative(u, out=u), np.ones(3))


@pytest.mark.untyped
def test_structures_must_agree() -> None:
    x = torch.ones(2)
    with pytest.raises(
        ValueError, match=r"nested alike, got \[\[\(2,\), \(2,\)\], \(2,\)\] and \[\(2,\), \["
    ):
        laws.relative_error(((x, x), x), (x, (x, x)))
    with pytest.raises(ValueError, match=r"nested alike, got \{'a': \(2,\)\} and \{'b': \(2,\)\}"):
        laws.relative_error({"a": x}, {"b": x})
    with pytest.raises(ValueError, match="linearity_gap: both sides"):
        laws.linearity_gap(torch.abs, x, (x, x))
