"""Boundary modes against PyWavelets' padding and transform, page examples, and laws."""

import warnings

import numpy as np
import pytest
import pywt
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wavelets_course import laws
from wavelets_course.signals import BOUNDARY_MODES, BoundaryMode, extend, extend_axis, extension_rule

widths = st.integers(0, 23)
modes = st.sampled_from(BOUNDARY_MODES)

# The rules of PyWavelets' page "Signal extension modes", worked by hand for x = 1 2 3 5.
PAGE = {
    "zero": [0, 0, 0, 1, 2, 3, 5, 0, 0, 0],
    "constant": [1, 1, 1, 1, 2, 3, 5, 5, 5, 5],
    "symmetric": [3, 2, 1, 1, 2, 3, 5, 5, 3, 2],
    "reflect": [5, 3, 2, 1, 2, 3, 5, 3, 2, 1],
    "periodic": [2, 3, 5, 1, 2, 3, 5, 1, 2, 3],
    "smooth": [-2, -1, 0, 1, 2, 3, 5, 7, 9, 11],
    "antisymmetric": [-3, -2, -1, 1, 2, 3, 5, -5, -3, -2],
    "antireflect": [-3, -1, 0, 1, 2, 3, 5, 7, 8, 9],
    "periodization": [2, 3, 5, 1, 2, 3, 5, 1, 2, 3],
}


def pywt_pad(x: np.ndarray, pads: list[tuple[int, int]], mode: str) -> np.ndarray:
    """Pad by one sample more and crop it: pywt.pad fails on a trailing width of 0 in two modes."""
    padded = pywt.pad(x, [(before + 1, after + 1) for before, after in pads], mode)
    return padded[tuple(slice(1, -1) for _ in pads)]


@pytest.mark.parametrize("mode", BOUNDARY_MODES)
def test_modes_extend_as_drawn(mode: BoundaryMode) -> None:
    x = torch.tensor([1.0, 2.0, 3.0, 5.0])
    torch.testing.assert_close(
        extend_axis(x, 3, 3, mode=mode), torch.tensor(PAGE[mode]).float(), rtol=0, atol=0
    )


@given(before=widths, after=widths, length=st.integers(2, 9), mode=modes)
@settings(max_examples=150, deadline=None)
def test_one_axis_equals_pywavelets_at_any_distance(
    before: int, after: int, length: int, mode: BoundaryMode
) -> None:
    x = np.random.default_rng(length).standard_normal(length)
    expected = torch.from_numpy(pywt_pad(x, [(before, after)], mode))
    torch.testing.assert_close(extend_axis(torch.from_numpy(x), before, after, mode=mode), expected)


@given(
    rows=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    columns=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    shape=st.tuples(st.integers(2, 6), st.integers(2, 6)),
    mode=modes,
)
@settings(max_examples=80, deadline=None)
def test_images_equal_pywavelets(
    rows: tuple[int, int], columns: tuple[int, int], shape: tuple[int, int], mode: BoundaryMode
) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    expected = torch.from_numpy(pywt_pad(x, [rows, columns], mode))
    torch.testing.assert_close(extend(torch.from_numpy(x), (rows, columns), mode), expected)


# pywt.dwt refuses a single sample in the whole-sample modes (pywt.pad repeats it, and so do we), and
# pairs samples differently in "periodization".
CASES = [
    (mode, length)
    for mode in BOUNDARY_MODES
    for length in (1, 2, 3, 8)
    if mode != "periodization" and not (length == 1 and "reflect" in mode)
]


@pytest.mark.parametrize(("mode", "length"), CASES)
@pytest.mark.parametrize("wavelet", ["haar", "db7", "db20"])
def test_filtering_the_extension_gives_pywavelets_transform(
    mode: BoundaryMode, wavelet: str, length: int
) -> None:
    x = np.random.default_rng(0).standard_normal(length)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a signal shorter than the filter
        expected, _ = pywt.dwt(x, wavelet, mode=mode)
    low = pywt.Wavelet(wavelet).dec_lo
    longer = extend_axis(torch.from_numpy(x), len(low) - 1, len(low), mode=mode).numpy()
    actual = np.convolve(longer, low, "valid")[1::2][: len(expected)]
    torch.testing.assert_close(torch.from_numpy(actual), torch.from_numpy(expected))


@pytest.mark.parametrize("mode", BOUNDARY_MODES)
def test_a_lone_sample_extends(mode: BoundaryMode) -> None:
    expected = {"zero": [0.0, 2, 0, 0], "antisymmetric": [-2.0, 2, -2, 2]}.get(mode, [2.0, 2, 2, 2])
    if mode == "periodization":
        expected = [2.0] * 5  # the odd length has become 2
    torch.testing.assert_close(extend_axis(torch.tensor([2.0]), 1, 2, mode=mode), torch.tensor(expected))


@pytest.mark.parametrize("mode", BOUNDARY_MODES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.complex64], ids=str)
def test_dtype_stays_and_extension_is_linear(
    mode: BoundaryMode, dtype: torch.dtype, device: torch.device
) -> None:
    x = torch.arange(12, device=device).reshape(3, 4).to(dtype)
    if dtype.is_complex:
        x = x * (1 + 2j)
    longer = extend(x, ((5, 0), (0, 3)), mode)
    assert longer.dtype == dtype
    assert longer.device.type == device.type
    expected = extend(x.real.double(), ((5, 0), (0, 3)), mode)  # small integers: exact in every dtype
    torch.testing.assert_close(longer.real.double(), expected, rtol=0, atol=0)


@pytest.mark.parametrize("mode", BOUNDARY_MODES)
def test_gradient_and_adjoint(mode: BoundaryMode) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 4, generator=generator, dtype=torch.float64, requires_grad=True)

    def longer(u: torch.Tensor) -> torch.Tensor:
        return extend(u, ((4, 2), (0, 5)), mode)

    assert torch.autograd.gradcheck(longer, x)
    y = torch.randn(longer(x).shape, generator=generator, dtype=torch.float64)
    pull_back = torch.func.vjp(longer, x.detach())[1]
    assert laws.adjoint_gap(longer, lambda v: pull_back(v)[0], x, y) < 1e-14
    assert laws.linearity_gap(longer, x, x.flip(-1)) < 1e-14


def test_adjoint_rejects_cropping_as_the_adjoint(generator: torch.Generator) -> None:
    x, y = torch.randn(4, 4, generator=generator), torch.randn(8, 8, generator=generator)
    assert laws.adjoint_gap(lambda u: extend(u, 2, "periodic"), lambda v: v[2:-2, 2:-2], x, y) > 1e-3


def test_nan_stays_where_it_is_needed() -> None:
    x = torch.tensor([float("nan"), 1.0, 2.0, 3.0])
    assert extend_axis(x, 0, 2, mode="zero").isnan().sum() == 1
    assert extend_axis(x, 0, 2, mode="smooth").isnan().sum() == 1
    assert extend_axis(x, 0, 2, mode="antireflect").isnan().sum() == 1
    assert extend_axis(x, 2, 0, mode="smooth").isnan().sum() == 3


def test_strides_batches_and_the_input_itself() -> None:
    x = torch.arange(24.0).reshape(2, 3, 4)
    strided = x.transpose(0, 2)[..., ::2]
    torch.testing.assert_close(extend(strided, 3), extend(strided.contiguous(), 3), rtol=0, atol=0)
    assert extend(torch.empty(0, 5, 3, 4), 2).shape == (0, 5, 7, 8)
    copy = extend(x, 0)
    copy += 1
    torch.testing.assert_close(x, torch.arange(24.0).reshape(2, 3, 4), rtol=0, atol=0)
    torch.testing.assert_close(extend_axis(x, 1, 2, axis=0)[:, 1:], extend_axis(x[:, 1:], 1, 2, axis=-3))
    assert extend_axis(torch.empty(2, 0), 1, 2, mode="zero").shape == (2, 3)


def test_the_rule_is_about_positions_outside_and_agrees_inside() -> None:
    inside = torch.arange(5)
    for mode in BOUNDARY_MODES:
        rule = extension_rule(inside, 5, mode)
        assert rule.source.tolist() == list(range(5))
        assert rule.weight.tolist() == [1] * 5
        assert not rule.first.any()
        assert not rule.last.any()


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ((torch.ones(2, 2), 1, "mirror"), ValueError, r"extend: mode must be one of zero, .*, got 'mirror'"),
        ((torch.ones(2, 2, dtype=torch.int64), 1), TypeError, r"got torch.int64; convert it: x\.float\(\)"),
        ((torch.ones(2), 1), ValueError, r"extend: expected images .*got shape \(2,\); make a signal"),
        (
            (torch.ones(2, 2), (1, 2)),
            TypeError,
            r"extend: padding must be a whole number or .*got \(1, 2\); write",
        ),
        ((torch.ones(2, 2), 1.5), TypeError, r"padding must be a whole number or .*got 1.5; write"),
        ((torch.ones(2, 2), ((0, 0), (-1, 0))), ValueError, r"padding must be >= 0, got \(-1, 0\); crop"),
        ((torch.ones(2, 0), 1), ValueError, r"at least one sample along axis -1, .* use mode='zero'"),
    ],
)
def test_errors_say_what_to_do(arguments: tuple[object, ...], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        extend(*arguments)  # type: ignore[arg-type]


def test_whole_numbers_of_any_kind_are_a_padding() -> None:
    x = torch.ones(2, 3)
    torch.testing.assert_close(extend(x, np.int64(2)), extend(x, 2), rtol=0, atol=0)
    torch.testing.assert_close(extend(x, ((np.int32(1), 0), (0, 2))), extend(x, ((1, 0), (0, 2))))


@pytest.mark.untyped
def test_axis_and_rule_refuse_in_their_own_name() -> None:
    with pytest.raises(ValueError, match=r"extend_axis: mode must be one of"):
        extend_axis(torch.ones(2), 1, 1, mode="mirror")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"extension_rule: mode must be one of .* got 'mirror'"):
        extension_rule(torch.arange(3), 4, "mirror")  # type: ignore[arg-type]


@pytest.mark.untyped
def test_an_absent_axis_is_refused() -> None:
    with pytest.raises(ValueError, match=r"extend_axis: axis 2 is not one of the 2 axes of shape \(2, 2\)"):
        extend_axis(torch.ones(2, 2), 1, 1, axis=2)


@pytest.mark.untyped
def test_compiles_into_one_graph() -> None:
    torch._dynamo.reset()
    x = torch.randn(2, 5, 6)
    compiled = torch.compile(extend, fullgraph=True, backend="aot_eager")
    for mode in ("zero", "smooth", "antireflect"):
        torch.testing.assert_close(compiled(x, ((3, 9), (0, 2)), mode), extend(x, ((3, 9), (0, 2)), mode))
