"""Warps: group laws on the torus, SciPy's spline, gradients, and sabotage."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from torch import Tensor

from wavelets_course import laws
from wavelets_course.signals import (
    deform,
    deformation_size,
    dilate,
    gaussian_blob,
    interpolate,
    plane_wave,
    rotate,
    shift,
    smooth_field,
    white_noise,
)

sizes = st.integers(1, 9)
whole = st.integers(-20, 20)
fractions = st.floats(-6, 6)


def noise(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return white_noise(shape, torch.Generator().manual_seed(0), dtype)


@given(rows=sizes, columns=sizes, dy=whole, dx=whole)
@settings(max_examples=40, deadline=None)
def test_whole_shifts_roll(rows: int, columns: int, dy: int, dx: int) -> None:
    x = noise(2, rows, columns)
    rolled = torch.roll(x, (dy, dx), (-2, -1))
    torch.testing.assert_close(shift(x, (dy, float(dx))), rolled, rtol=0, atol=0)
    through_fourier = shift(x, torch.tensor([float(dy), float(dx)], dtype=torch.float64))
    torch.testing.assert_close(through_fourier, rolled, rtol=0, atol=1e-12)


@given(rows=sizes, columns=sizes, dy=fractions, dx=fractions)
@settings(max_examples=40, deadline=None)
def test_fractional_shifts_are_exact_below_nyquist(rows: int, columns: int, dy: float, dx: float) -> None:
    frequency = (2 * math.pi * ((rows - 1) // 2) / rows, 2 * math.pi * ((columns - 1) // 2) / columns)
    wave = plane_wave((rows, columns), frequency, dtype=torch.complex128)
    angle = torch.tensor(-(frequency[0] * dy + frequency[1] * dx), dtype=torch.float64)
    expected = wave * torch.polar(torch.ones((), dtype=torch.float64), angle)
    torch.testing.assert_close(shift(wave, (dy, dx)), expected, rtol=0, atol=1e-12)
    real = shift(wave.real, (dy, dx))
    assert real.dtype == torch.float64
    torch.testing.assert_close(real, expected.real, rtol=0, atol=1e-12)


def test_shift_at_nyquist_is_real_and_the_real_part() -> None:
    x = torch.tensor([[1.0, -1.0, 1.0, -1.0]], dtype=torch.float64)
    torch.testing.assert_close(shift(x, (0, 0.25)), x * math.cos(math.pi / 4))
    torch.testing.assert_close(shift(x.to(torch.complex128), (0, 0.25)).imag, torch.zeros(1, 4).double())


def test_shift_equals_scipy() -> None:
    x = noise(15, 17)
    expected = np.fft.ifft2(ndimage.fourier_shift(np.fft.fft2(x.numpy()), (1.3, -2.7))).real
    torch.testing.assert_close(shift(x, (1.3, -2.7)), torch.from_numpy(expected))


def test_shifts_add_up_and_a_wrong_sign_is_seen() -> None:
    x = noise(9, 11)
    twice = shift(shift(x, (0.4, -1.3)), (0.6, 2.3))
    assert laws.relative_error(twice, shift(x, (1, 1))) < 1e-14
    assert laws.relative_error(shift(shift(x, (0.4, -1.3)), (-0.6, -2.3)), shift(x, (1, 1))) > 0.1
    assert (
        laws.adjoint_gap(
            lambda u: shift(u, (0.3, 0.7)), lambda v: shift(v, (-0.3, -0.7)), x, noise(9, 11) ** 2
        )
        < 1e-14
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.complex64], ids=str)
def test_warps_keep_dtype_device_and_input(dtype: torch.dtype, device: torch.device) -> None:
    x = noise(2, 3, 8, 6, dtype=torch.float32).to(device, dtype)
    copy = x.clone()
    field = torch.zeros(2, 8, 6, device=device)
    tolerance = {"rtol": 0.0, "atol": 2e-2 if x.element_size() == 2 else 2e-6}
    for moved in (shift(x, (0.0, 1e-9)), rotate(x, 0.0), dilate(x, 1), deform(x, field)):
        assert moved.dtype == dtype
        assert moved.device.type == device.type
        torch.testing.assert_close(moved, x, **tolerance)
    torch.testing.assert_close(x, copy, rtol=0, atol=0)


def test_empty_batches_and_strides(generator: torch.Generator) -> None:
    x = torch.empty(0, 3, 4, 5)
    for moved in (shift(x, (1, 2)), shift(x, (0.5, 2)), rotate(x, 1.0), deform(x, torch.zeros(2, 4, 5))):
        assert moved.shape == x.shape
    strided = noise(6, 5, 4).permute(2, 1, 0)
    field = smooth_field((5, 6), 1.0, generator, dtype=torch.float64)
    torch.testing.assert_close(deform(strided, field), deform(strided.contiguous(), field))


@pytest.mark.parametrize("mode", ["grid-wrap", "mirror"])
def test_interpolation_equals_scipy(mode: str) -> None:
    x = noise(12, 15)
    rows, columns = noise(6, 7) * 5 + 5, noise(7, 6).T * 6 + 7
    expected = ndimage.map_coordinates(x.numpy(), [rows.numpy(), columns.numpy()], order=3, mode=mode)
    ours = interpolate(x, rows, columns, "periodic" if mode == "grid-wrap" else "reflect")
    torch.testing.assert_close(ours, torch.from_numpy(expected), rtol=0, atol=1e-7)


def test_interpolation_is_of_fourth_order() -> None:
    errors = []
    for n in (16, 32, 64):
        wave = torch.sin(2 * math.pi * torch.arange(n).double() / n).expand(1, n)
        at = torch.arange(n).double().expand(1, n) + 0.37
        errors.append(
            (interpolate(wave, torch.zeros(1, n).double(), at) - torch.sin(2 * math.pi * at / n)).abs().max()
        )
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(16, rel=0.1)


def test_batches_of_images_and_fields_broadcast() -> None:
    images, fields = noise(3, 1, 6, 7), noise(4, 2, 6, 7)
    together = deform(images, fields)
    assert together.shape == (3, 4, 6, 7)
    torch.testing.assert_close(together[2, 1], deform(images[2, 0], fields[1]))


def test_quarter_turns_of_a_square_are_exact() -> None:
    x = noise(2, 8, 8)
    # From x towards y, that is clockwise as arrays are printed; rot90 turns the other way.
    torch.testing.assert_close(rotate(x, math.pi / 2), torch.rot90(x, -1, (-2, -1)))
    torch.testing.assert_close(rotate(x[..., :7], math.pi), x[..., :7].flip((-2, -1)))


def test_a_wave_turns_by_the_angle() -> None:
    blob = gaussian_blob((64, 64), 7.0, dtype=torch.float64)

    def packet(theta: float) -> Tensor:
        y, x = torch.meshgrid(
            torch.arange(64.0).double() - 31.5, torch.arange(64.0).double() - 31.5, indexing="ij"
        )
        return blob * torch.cos(0.6 * (x * math.cos(theta) + y * math.sin(theta)))

    assert laws.relative_error(rotate(packet(0.4), 0.5), packet(0.9)) < 2e-3
    assert laws.relative_error(rotate(packet(0.4), -0.5), packet(0.9)) > 0.5


def test_dilation_multiplies_lengths() -> None:
    small, large = (gaussian_blob((63, 64), s, dtype=torch.float64) for s in (4.0, 6.0))
    assert laws.relative_error(dilate(small, 1.5), large) < 1e-3
    assert laws.relative_error(dilate(large, 2 / 3, "zero"), small) < 1e-3
    assert laws.relative_error(dilate(small, 2 / 3), large) > 0.3


def test_a_constant_field_is_a_shift_and_acts_from_the_output() -> None:
    x = noise(8, 9)
    field = torch.tensor([3.0, -2.0]).double().reshape(2, 1, 1).expand(2, 8, 9)
    assert laws.relative_error(deform(x, field), shift(x, (3, -2))) < 1e-14
    assert laws.relative_error(deform(x, -field), shift(x, (3, -2))) > 0.5
    assert laws.relative_error(deform(x, field.flip(0)), shift(x, (3, -2))) > 0.5


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_a_field_in_half_precision_counts_its_pixels(dtype: torch.dtype) -> None:
    x, field = noise(1, 3000, dtype=torch.float32), torch.zeros(2, 1, 3000)
    field[1] = 0.5
    torch.testing.assert_close(deform(x, 0 * field.to(dtype)), x)
    torch.testing.assert_close(deform(x, field.to(dtype)), deform(x, field), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_far_fractional_shifts_keep_their_digits(dtype: torch.dtype) -> None:
    wave = torch.sin(2 * math.pi * 3 * torch.arange(64).to(dtype) / 64).expand(64, 64)
    for moved in (wave, wave.mT):
        near = shift(moved, (0.5, 0.5))
        torch.testing.assert_close(shift(moved, (640000.5, 640000.5)), near)
        torch.testing.assert_close(shift(moved, (64 * 2.0**40 + 0.5, 0.5 - 64 * 2.0**40)), near)
        torch.testing.assert_close(shift(moved, torch.tensor([640000.5, -639999.5])), near)


def test_dilations_are_batched_over_their_factors() -> None:
    x, factors = noise(6, 7), torch.tensor([0.5, 1.0, 1.7], dtype=torch.float64)
    together = torch.func.vmap(lambda s: dilate(x, s))(factors)
    torch.testing.assert_close(together, torch.stack([dilate(x, s.item()) for s in factors]))
    assert dilate(x, torch.tensor(-1.0)).isnan().all()


def test_boundary_modes_decide_what_comes_in() -> None:
    ones, field = torch.ones(6, 6), torch.zeros(2, 6, 6)
    field[1] = 2.0
    torch.testing.assert_close(deform(ones, field, "periodic"), ones)
    torch.testing.assert_close(deform(ones, field, "constant"), ones)
    black = deform(ones, field, "zero")
    torch.testing.assert_close(black[:, :2], torch.zeros(6, 2), rtol=0, atol=1e-6)
    torch.testing.assert_close(black[:, 2:], torch.ones(6, 4))


def test_gradients() -> None:
    x = noise(2, 5, 4).requires_grad_()
    field = (noise(2, 5, 4).detach() * 0.7 + 0.3).requires_grad_()
    angle, factor = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.3, 1.2))
    displacement = torch.tensor([0.3, -1.2], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(shift, (x, displacement))
    assert torch.autograd.gradcheck(rotate, (x, angle))
    assert torch.autograd.gradcheck(dilate, (x, factor))
    assert torch.autograd.gradcheck(deform, (x, field))
    assert torch.autograd.gradcheck(lambda u, f: deform(u, f, "antireflect"), (x, field))
    assert torch.autograd.gradcheck(
        lambda z: deform(z, field.detach()), torch.complex(x.detach(), x.detach()).requires_grad_()
    )


def test_nan_in_a_field_stays_local() -> None:
    field = torch.zeros(2, 4, 5)
    field[0, 1, 2], field[1, 3, 3] = math.nan, math.inf
    for mode in ("periodic", "symmetric"):
        moved = deform(torch.ones(4, 5), field, mode)
        assert moved.isnan().nonzero().tolist() == [[1, 2], [3, 3]]


def test_smooth_field_is_smooth_and_of_its_amplitude(generator: torch.Generator) -> None:
    field = smooth_field((48, 64), 3.0, generator, dtype=torch.float64)
    assert field.norm(dim=0).max().item() == pytest.approx(3)
    assert field.mean((-2, -1)).abs().max() < 1e-14
    high = torch.fft.fft2(field).abs()
    assert high[:, 12:36].max() < 1e-4 * high.max()
    finer = smooth_field((48, 64), 3.0, generator, scale=2)
    assert deformation_size(finer) > 1.5 * deformation_size(field)
    assert smooth_field((1, 1), 2.0).tolist() == [[[0.0]], [[0.0]]]


@given(entries=st.lists(st.floats(-3, 3), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_deformation_size_is_the_operator_norm(entries: list[float]) -> None:
    jacobian = torch.tensor(entries, dtype=torch.float64).reshape(2, 2)
    u = torch.stack(torch.meshgrid(torch.arange(5.0).double(), torch.arange(7.0).double(), indexing="ij"))
    field = torch.einsum("ab,byx->ayx", jacobian, u).expand(3, 2, 5, 7)
    expected = torch.linalg.matrix_norm(jacobian, 2).expand(3)
    torch.testing.assert_close(deformation_size(field), expected, rtol=1e-9, atol=1e-9)
    transposed = torch.einsum("ba,byx->ayx", jacobian, u)
    torch.testing.assert_close(deformation_size(transposed), expected[0], rtol=1e-9, atol=1e-9)


def test_deformation_size_edges() -> None:
    assert deformation_size(torch.full((2, 4, 4), 7.0)) == 0
    assert deformation_size(torch.randn(2, 1, 1)) == 0
    assert deformation_size(torch.empty(0, 2, 4, 4)).shape == (0,)
    flat = torch.zeros(2, 4, 4, requires_grad=True)
    deformation_size(flat).backward()
    assert flat.grad is not None
    assert flat.grad.isfinite().all()


@pytest.mark.untyped
def test_errors_say_what_to_do() -> None:
    x, whole_numbers = torch.ones(4, 4), torch.ones(4, 4, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"shift: expected a finite displacement \(dy, dx\), got \(nan, 0\)"):
        shift(x, (math.nan, 0))
    with pytest.raises(ValueError, match=r"expected a displacement \(dy, dx\), got 1 numbers"):
        shift(x, (1,))
    for warp in (lambda u: shift(u, (0.5, 0)), lambda u: rotate(u, 1.0), lambda u: dilate(u, 2.0)):
        with pytest.raises(TypeError, match=r"got torch.uint8; convert it: x\.float\(\)"):
            warp(whole_numbers)
    with pytest.raises(ValueError, match=r"dilate: factor must be > 0, got -1.0; 2.0 doubles"):
        dilate(x, -1.0)
    with pytest.raises(ValueError, match=r"deform: expected a field .*2, 4, 4\), got \(2, 4, 5\); stack"):
        deform(x, torch.zeros(2, 4, 5))
    with pytest.raises(ValueError, match="rotate: mode must be one of"):
        rotate(x, 1.0, "mirror")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="deform: mode must be one of"):
        deform(x, torch.zeros(2, 4, 4), "mirror")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="rotate: angle must be finite, got nan"):
        rotate(x, math.nan)
    with pytest.raises(ValueError, match="rotate: mode 'periodic' needs at least one sample"):
        rotate(torch.ones(0, 4), 1.0)
    with pytest.raises(TypeError, match=r"expected a real field, got torch.complex64"):
        deformation_size(torch.ones(2, 4, 4, dtype=torch.complex64))
    with pytest.raises(ValueError, match=r"got \(3, 4, 4\); stack"):
        deformation_size(torch.ones(3, 4, 4))


@pytest.mark.untyped
def test_deform_compiles_into_one_graph() -> None:
    torch._dynamo.reset()
    x, field = torch.randn(2, 8, 7), smooth_field((8, 7), 1.5)
    compiled = torch.compile(deform, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x, field), deform(x, field))
