"""scattering_2d: the formula in space, waves on paper, kymatio live, gradients, laws, refusals."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from kymatio import Scattering2D as Kymatio
from torch import Tensor
from torch.testing import assert_close

from wavelets_course import laws
from wavelets_course.filters import gabor_bank_2d, morlet_bank_2d
from wavelets_course.scattering import padded_shape, scattering_2d, scattering_channels, scattering_paths
from wavelets_course.signals import shift

KYMATIO_CASES = [
    *[((size, size), 2, 8) for size in (28, 31, 32, 33)],
    ((64, 48), 3, 8), ((33, 40), 3, 6), ((32, 32), 3, 3), ((17, 30), 1, 4), ((20, 16), 4, 4),
    ((16, 16), 4, 8), ((8, 8), 3, 8), ((2, 2), 1, 8), ((2, 3), 1, 3),
]  # fmt: skip


def in_space(x: Tensor, f: Tensor) -> Tensor:
    """Circular convolution, pixel by pixel."""
    y = torch.zeros_like(f)
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y = y + x[row, column] * f.roll((row, column), (0, 1))
    return y


def wave(shape: tuple[int, int], row: int, column: int) -> Tensor:
    y, x = (torch.arange(n, dtype=torch.float64) * 2 * math.pi / n for n in shape)
    return torch.cos(row * y[:, None] + column * x)


def test_the_formula_in_space(generator: torch.Generator) -> None:
    bank = morlet_bank_2d((8, 12), J=1, L=4)
    x = torch.randn(8, 12, dtype=torch.float64, generator=generator)
    U = [x, *(in_space(x, psi).abs() for psi in bank.psi()[0])]
    expected = torch.stack([in_space(u, bank.phi()).real[::2, ::2] for u in U])
    assert_close(scattering_2d(x, bank), expected)


def test_subsampling_on_the_way_costs_little(generator: torch.Generator) -> None:
    bank = morlet_bank_2d((32, 32), J=2, L=4)
    x = torch.randn(32, 32, dtype=torch.float64, generator=generator)

    def average(u: Tensor) -> Tensor:
        return torch.fft.ifft2(torch.fft.fft2(u) * bank.phi_hat).real[..., ::4, ::4]

    U1 = torch.fft.ifft2(torch.fft.fft2(x) * bank.psi_hat).abs()
    U2 = torch.fft.ifft2(torch.fft.fft2(U1[0, :, None]) * bank.psi_hat[1]).abs()
    expected = torch.cat([average(u).reshape(-1, 8, 8) for u in (x, U1, U2)])
    assert laws.relative_error(scattering_2d(x, bank), expected) < 0.02


def test_a_wave_on_paper() -> None:
    """|cos(omega.u) * psi| = |psi_hat(omega)| / 2 where psi_hat(-omega) is small: constant, so S2 = 0."""
    bank = morlet_bank_2d((64, 64), J=3, L=8)
    S = scattering_2d(wave((64, 64), 17, 17), bank)  # 2.36 radians per sample at 45 degrees
    strongest = scattering_paths(3, 8)[int(S[1:25, 0, 0].argmax()) + 1]
    assert (strongest.j1, strongest.ell1) == (0, 1)
    expected = bank.psi_hat[0, 1, 17, 17] / 2 * bank.phi_hat[0, 0]
    assert_close(S[2], expected.expand(8, 8), rtol=1e-3, atol=0)
    assert S[0].abs().max() < 1e-6
    assert S[25:].abs().max() < 1e-2 * expected


def test_a_constant_on_paper() -> None:
    S = scattering_2d(torch.full((16, 16), 3.0, dtype=torch.float64), morlet_bank_2d((16, 16), J=2))
    assert_close(S[0], torch.full((4, 4), 3 * math.pi / 3.1415, dtype=torch.float64), rtol=1e-8, atol=0)
    assert S[1:].abs().max() < 1e-14


@pytest.mark.parametrize(("shape", "J", "L"), KYMATIO_CASES)
def test_kymatio(shape: tuple[int, int], J: int, L: int, generator: torch.Generator) -> None:
    x = torch.randn(2, *shape, generator=generator)
    ours = scattering_2d(x, morlet_bank_2d(padded_shape(shape, J), J, L))
    theirs = Kymatio(J, shape, L=L, frontend="torch")(x)
    assert ours.shape == theirs.shape
    bounds = [0, 1, 1 + L * J, theirs.shape[1]]
    for first, last in pairwise(bounds):
        if first < last:
            gap = (ours[:, first:last] - theirs[:, first:last]).abs().max() / theirs[
                :, first:last
            ].abs().max()
            assert gap <= 5e-7


@pytest.mark.parametrize("sabotage", ["angles", "pi", "boundary", "order"])
def test_kymatio_rejects(sabotage: str, generator: torch.Generator) -> None:
    x = torch.randn(32, 32, generator=generator)
    theirs = Kymatio(2, (32, 32), frontend="torch")(x)
    bank = morlet_bank_2d((40, 40), 2)
    if sabotage == "angles":
        ours = scattering_2d(x.mT, bank)
    elif sabotage == "pi":
        ours = scattering_2d(x, bank) * (3.1415 / math.pi)
    elif sabotage == "boundary":
        ours = scattering_2d(x, morlet_bank_2d((32, 32), 2))
    else:
        ours = scattering_2d(x, bank).roll(1, -3)
    assert (ours - theirs).abs().max() / theirs.abs().max() > 1e-5


@settings(deadline=None, max_examples=25)
@given(
    batch=st.lists(st.integers(0, 3), max_size=3),
    shape=st.tuples(st.integers(4, 24), st.integers(4, 24)),
    J=st.integers(1, 2),
    L=st.integers(1, 4),
    max_order=st.integers(0, 2),
    dtype=st.sampled_from([torch.float64, torch.float32, torch.bfloat16, torch.float16]),
)
def test_any_batch_shape_and_dtype(
    batch: list[int], shape: tuple[int, int], J: int, L: int, max_order: int, dtype: torch.dtype
) -> None:
    bank = morlet_bank_2d(padded_shape(shape, J), J, L)
    x = torch.randn(*batch, *shape, generator=torch.Generator().manual_seed(1)).to(dtype)
    before = x.clone()
    S = scattering_2d(x, bank, max_order)
    assert torch.equal(x, before)
    assert S.shape == (*batch, scattering_channels(J, L, max_order), shape[0] // 2**J, shape[1] // 2**J)
    assert S.dtype == dtype
    images = x.reshape(-1, *shape)
    for image, coefficients in zip(images, S.reshape(-1, *S.shape[-3:]) if x.numel() else [], strict=False):
        alone = scattering_2d(image.double(), bank, max_order)
        precision = torch.finfo(dtype).eps if dtype.itemsize == 2 else 1e-5
        assert_close(coefficients.double(), alone, rtol=precision, atol=2e-6)


def test_strides_do_not_matter(generator: torch.Generator) -> None:
    bank = morlet_bank_2d((24, 16), J=2, L=4)
    wide = torch.randn(16, 5, 48, 2, generator=generator)
    x = wide[:, :, ::2, 1].permute(1, 2, 0)
    assert not x.is_contiguous()
    assert_close(scattering_2d(x, bank), scattering_2d(x.contiguous(), bank))


def test_device(device: torch.device, generator: torch.Generator) -> None:
    bank = morlet_bank_2d((24, 24), J=2, L=4)
    x = torch.randn(2, 16, 16, generator=generator)
    S = scattering_2d(x.to(device), bank)
    assert S.device.type == device.type
    assert_close(S.cpu(), scattering_2d(x, bank))


@pytest.mark.parametrize("max_order", [0, 1, 2])
def test_gradcheck(max_order: int, generator: torch.Generator) -> None:
    bank = morlet_bank_2d((8, 8), J=2, L=2)
    x = torch.randn(1, 8, 8, dtype=torch.float64, generator=generator, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: scattering_2d(x, bank, max_order), x)
    padded = morlet_bank_2d(padded_shape((5, 6), 2), J=2, L=2)
    x = torch.randn(5, 6, dtype=torch.float64, generator=generator, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: scattering_2d(x, padded, max_order), x)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_gradient_where_the_modulus_is_zero(value: float) -> None:
    x = torch.full((2, 16, 16), value, requires_grad=True)
    scattering_2d(x, morlet_bank_2d((16, 16), J=2)).square().sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()


def test_gradient_of_no_image() -> None:
    x = torch.zeros(0, 3, 16, 16, requires_grad=True)
    scattering_2d(x, morlet_bank_2d((16, 16), J=2)).sum().backward()
    assert x.grad is not None
    assert x.grad.shape == x.shape


@pytest.mark.parametrize("step", [(4, 0), (0, -8), (12, 4)])
def test_equivariant_to_whole_cells(step: tuple[int, int], generator: torch.Generator) -> None:
    bank = morlet_bank_2d((32, 24), J=2)
    x = torch.randn(32, 24, dtype=torch.float64, generator=generator)

    def act_out(S: Tensor) -> Tensor:
        return shift(S, (step[0] // 4, step[1] // 4))

    def act_in(x: Tensor) -> Tensor:
        return shift(x, step)

    def padded(x: Tensor) -> Tensor:
        return scattering_2d(x, morlet_bank_2d(padded_shape((32, 24), 2), 2))

    assert laws.equivariance_gap(lambda x: scattering_2d(x, bank), act_in, act_out, x) < 1e-13
    assert laws.equivariance_gap(padded, act_in, act_out, x) > 1e-2  # reflection is not the torus
    assert laws.equivariance_gap(lambda x: scattering_2d(x, bank), act_in, lambda S: S, x) > 1e-2


def test_translation_moves_coefficients_little() -> None:
    x = wave((64, 64), 9, 4) * wave((64, 64), 1, 2) + wave((64, 64), 20, 3)
    still = laws.translation_gap(lambda x: x, (1, 1), x)
    gaps = [
        laws.translation_gap(lambda x, J=J: scattering_2d(x, morlet_bank_2d((64, 64), J)), (1, 1), x)
        for J in (2, 4)
    ]
    assert gaps[1] < gaps[0] < 0.3 * still


@pytest.mark.parametrize("J", [1, 2, 3])
def test_tight_frame_does_not_add_energy(J: int, generator: torch.Generator) -> None:
    bank = morlet_bank_2d((64, 64), J, frame="tight")
    noise = torch.randn(2, 64, 64, dtype=torch.float64, generator=generator)
    smooth = torch.fft.ifft2(torch.fft.fft2(noise) * morlet_bank_2d((64, 64), 2).phi_hat).real

    def weighted(x: Tensor) -> Tensor:
        return 2**J * scattering_2d(x, bank)

    for x in (noise, smooth):
        energies = [laws.energy_ratio(lambda x, m=m: 2**J * scattering_2d(x, bank, m), x) for m in (0, 1, 2)]
        assert energies[0] < energies[1] <= energies[2] < 1
        assert laws.contraction_ratio(weighted, x[0], x[1]) < 1


def test_energy_law_rejects_a_bank_too_loud(generator: torch.Generator) -> None:
    x = torch.randn(64, 64, dtype=torch.float64, generator=generator)
    loud = morlet_bank_2d((64, 64), 2, frame="tight")
    loud.psi_hat.mul_(1.5)
    assert laws.energy_ratio(lambda x: 4 * scattering_2d(x, loud), x) > 1


@pytest.mark.parametrize(("frame", "largest"), [("kymatio", 1.025), ("tight", 1.083)])
def test_a_contraction_ratio_can_exceed_one(frame: str, largest: float) -> None:
    """Subsampling aliases: on cosines the ratio normalised by 2^J passes 1, whatever the frame."""
    bank = morlet_bank_2d((64, 64), 3, frame=frame)  # type: ignore[arg-type]
    grid = [(row, column) for row in range(0, 33, 2) for column in range(0, 33, 2)][1:]
    waves = torch.stack([wave((64, 64), *at) for at in grid])
    S = 8 * scattering_2d(waves, bank, max_order=1)
    ratios = S.flatten(1).norm(dim=1) / waves.flatten(1).norm(dim=1)
    assert_close(float(ratios.max()), largest, rtol=0, atol=5e-4)


def test_other_banks_scatter_too(generator: torch.Generator) -> None:
    x = torch.randn(16, 16, generator=generator)
    assert scattering_2d(x, gabor_bank_2d((16, 16), 2)).shape == (81, 4, 4)


def test_nan_stays_with_its_image() -> None:
    x = torch.randn(2, 16, 16)
    x[0, 3, 3] = float("nan")
    S = scattering_2d(x, morlet_bank_2d((16, 16), 2))
    assert S[0].isnan().all()
    assert S[1].isfinite().all()


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("shape", "dtype", "error", "text"),
    [
        (
            (16, 16),
            torch.uint8,
            TypeError,
            r"a floating-point image, got torch.uint8; convert it: x.float\(\)",
        ),
        (
            (16, 16),
            torch.complex64,
            TypeError,
            r"a real image, got torch.complex64; scatter x.real and x.imag",
        ),
        ((16,), torch.float32, ValueError, r"images \(\*batch, height, width\), got shape \(16,\)"),
        ((15, 16), torch.float32, ValueError, r"images that fit .* 16x16 .* got 15x16; .* or on 20x24"),
    ],
)
def test_refused_images(
    shape: tuple[int, ...], dtype: torch.dtype, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match="scattering_2d: expected " + text):
        scattering_2d(torch.zeros(shape, dtype=dtype), morlet_bank_2d((16, 16), J=2))


@pytest.mark.untyped
def test_other_refusals() -> None:
    with pytest.raises(
        ValueError, match=r"periodic images that 2\*\*J = 4 divides, got 15x16; use Scattering2D"
    ):
        scattering_2d(torch.zeros(15, 16), morlet_bank_2d((15, 16), J=2))
    with pytest.raises(ValueError, match=r"J = 3 is too deep for a 7x16 image .* use a smaller J"):
        scattering_2d(torch.zeros(7, 16), morlet_bank_2d((16, 32), J=3))
    with pytest.raises(ValueError, match="expected max_order = 0, 1 or 2, got 3"):
        scattering_2d(torch.zeros(16, 16), morlet_bank_2d((16, 16), J=2), max_order=3)
