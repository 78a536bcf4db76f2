"""Dual-tree packets: the laws, a slow independent transform, and operators they must reject."""

import math
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import conv2d

from wavelets_course import laws
from wavelets_course.filters import conjugation_signs, half_sample_taps, packet_trees_1d
from wavelets_course.filters.half_sample import HALF_SAMPLE_NAMES, HalfSampleName
from wavelets_course.transforms import DualTreeWaveletPacket2d, dual_tree_packets

ALEXNET = [k for k in range(128) if k not in (0, 64) and not 48 <= k < 64 and not 112 <= k < 128]
RESNET_EX = [1, 2, 19, 17, 18, 3, 5, 23, 10, 27, 31, 7, 21, 11, 26, 15]


def correlated(x: Tensor, kernel: Tensor, stride: int, start: int, count: int, axis: int) -> Tensor:
    """Correlate a periodic axis, sample by sample."""
    positions = start + stride * torch.arange(count)
    return sum(tap * x.index_select(axis, (positions + t) % x.shape[axis]) for t, tap in enumerate(kernel))


def four_products(x: Tensor, J: int, taps: HalfSampleName, stride: int) -> Tensor:
    """The reference: Psi_a = (aa - bb) + i (ba + ab), Psi_b = (aa + bb) + i (ba - ab), packet by packet."""
    trees = packet_trees_1d(J, taps)
    signs = conjugation_signs(J, taps).tolist()
    height, width = x.shape[-2:]
    start = -(trees.shape[-1] - 2**J) // 2
    found = []
    for block, k in product((0, 1), range(4**J)):
        digits = [k // 4**j % 4 for j in reversed(range(J))]
        kv, kh = (int("".join(str(d // 2 if up else d % 2) for d in digits), 2) for up in (True, False))
        both = {}
        for v, h in product("ab", "ab"):
            y = correlated(x, trees["ab".index(v), kv], stride, start, height // stride, -2)
            both[v + h] = correlated(y, trees["ab".index(h), kh], stride, start, width // stride, -1)
        aa, ab, ba, bb = (both[name] for name in ("aa", "ab", "ba", "bb"))
        packet = torch.complex(aa - bb, ba + ab) if block == 0 else torch.complex(aa + bb, ba - ab)
        horizontal_is_positive = (signs[kh] > 0) == (block == 0)
        found.append(packet if horizontal_is_positive else packet.conj().resolve_conj())
    return torch.stack(found, dim=-3)


# ---- an independent transform, and the page it follows ----------------------------------------


@pytest.mark.parametrize("taps", HALF_SAMPLE_NAMES)
@pytest.mark.parametrize(("J", "stride"), [(1, 2), (1, 1), (2, 4), (2, 2), (3, 8)])
def test_equals_the_four_products(
    J: int, stride: int, taps: HalfSampleName, generator: torch.Generator
) -> None:
    x = torch.randn(2, 16, 24, dtype=torch.float64, generator=generator)
    expected = four_products(x, J, taps, stride)
    ours = dual_tree_packets(x, J, taps=taps, stride=stride)
    assert laws.relative_error(ours, expected) < 1e-13
    swapped = four_products(x.mT, J, taps, stride).mT
    assert laws.relative_error(ours, swapped) > 0.5  # vertical and horizontal exchanged


@pytest.mark.parametrize(("J", "stride", "padding", "size"), [(2, 2, 14, 32), (3, 4, 34, 57), (1, 2, 5, 8)])
def test_zero_padding_equals_a_convolution(
    J: int, stride: int, padding: int, size: int, generator: torch.Generator
) -> None:
    """With 34 zeros and stride 4, 224 pixels become 57 as in the reference's AlexNet."""
    layer = DualTreeWaveletPacket2d(J, stride=stride, boundary="zero", padding=padding, packets=[1, 6, 3])
    x = torch.randn(1, 1, 64, 4 * size, dtype=torch.float64, generator=generator)
    kernels = layer.resulting_kernels()[:, None]
    expected = torch.complex(
        *(
            conv2d(x, part.contiguous(), stride=stride, padding=padding)
            for part in (kernels.real, kernels.imag)
        )
    )
    assert laws.relative_error(layer(x[:, 0]), expected) < 1e-13
    reference = DualTreeWaveletPacket2d(3, stride=4, boundary="zero", padding=34)
    assert reference.output_shape((224, 224)) == (128, 57, 57)
    assert DualTreeWaveletPacket2d(2, stride=2, boundary="zero", padding=14).output_shape((224, 224))[1:] == (
        112,
        112,
    )


# ---- laws -------------------------------------------------------------------------------------


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_any_size_depth_and_boundary_is_rebuilt(data: st.DataObject) -> None:
    draw = data.draw
    J = draw(st.integers(1, 3))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    part = draw(st.sampled_from(["complex", "real"]))
    layer = DualTreeWaveletPacket2d(
        J,
        taps=draw(st.sampled_from([*HALF_SAMPLE_NAMES, half_sample_taps(4, 3), half_sample_taps(1, 1)])),
        stride=2 ** draw(st.integers(max(0, J - 1), J)),
        boundary=draw(st.sampled_from(["periodic", "zero"])),
        part=part,  # type: ignore[arg-type]
    )
    batch = draw(st.lists(st.integers(0, 2), max_size=2))
    shape = draw(st.integers(1, 33)), draw(st.integers(1, 33))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    x = torch.randn(*batch, shape[1], shape[0], dtype=dtype, generator=generator).mT
    before = x.clone()
    c = layer(x)
    tolerance = 1e-6 if dtype == torch.float32 else 1e-13
    assert c.shape == (*batch, *layer.output_shape(shape))
    rebuilt = layer.synthesis(c, shape)
    assert rebuilt.dtype == dtype
    assert rebuilt.shape == x.shape
    assert torch.equal(x, before)
    assert laws.relative_error(rebuilt, x) < tolerance
    y = torch.randn(c.shape, dtype=c.dtype, generator=generator)
    assert laws.adjoint_gap(layer.analysis, lambda u: layer.adjoint(u, shape), x, y) < tolerance
    whole = layer.boundary == "zero" or all(side % layer.stride == 0 for side in shape)
    if x.numel() and whole:
        assert abs(laws.energy_ratio(layer.analysis, x) / layer.frame_bound - 1) < tolerance


@pytest.mark.parametrize(("part", "bound"), [("complex", 8), ("real", 4)])
def test_frame_bounds(part: str, bound: float) -> None:
    for J, stride in ((2, 4), (2, 2), (3, 2)):
        layer = DualTreeWaveletPacket2d(J, stride=stride, part=part)  # type: ignore[arg-type]
        assert layer.frame_bound == bound * (2**J / stride) ** 2


def test_the_three_maps_differ_where_a_row_is_repeated(generator: torch.Generator) -> None:
    layer, shape = DualTreeWaveletPacket2d(2), (9, 10)
    c = layer(torch.randn(shape, dtype=torch.float64, generator=generator))
    synthesis, adjoint = layer.synthesis(c, shape), layer.adjoint(c, shape)
    assert laws.relative_error(adjoint / layer.frame_bound, synthesis) > 0.1
    c = layer(torch.randn(8, 12, dtype=torch.float64, generator=generator))
    assert laws.relative_error(layer.adjoint(c) / layer.frame_bound, layer.synthesis(c)) < 1e-14


def test_laws_reject_broken_transforms(generator: torch.Generator) -> None:
    layer = DualTreeWaveletPacket2d(2, taps="kingsbury")
    other = DualTreeWaveletPacket2d(2)
    x = torch.randn(16, 24, dtype=torch.float64, generator=generator)
    y = torch.randn(32, 4, 6, dtype=torch.complex128, generator=generator)
    assert laws.reconstruction_error(layer.analysis, other.synthesis, x) > 1e-3
    assert laws.adjoint_gap(layer.analysis, layer.synthesis, x, y) > 1e-2
    assert laws.adjoint_gap(layer.analysis, lambda c: layer.adjoint(c.conj().resolve_conj()), x, y) > 1e-3
    assert abs(laws.energy_ratio(lambda u: layer(u)[1:], x) / layer.frame_bound - 1) > 1e-3


def test_shifts_by_the_stride_move_the_coefficients(generator: torch.Generator) -> None:
    layer, x = (
        DualTreeWaveletPacket2d(2, stride=2),
        torch.randn(24, 32, dtype=torch.float64, generator=generator),
    )
    shift, moved = (lambda u: u.roll((2, -4), (-2, -1))), (lambda c: c.roll((1, -2), (-2, -1)))
    assert laws.equivariance_gap(layer.analysis, shift, moved, x) < 1e-13
    assert laws.equivariance_gap(layer.analysis, lambda u: u.roll(1, -1), moved, x) > 0.1


def test_larger_strides_are_subsamples(generator: torch.Generator) -> None:
    x = torch.randn(16, 32, dtype=torch.float64, generator=generator)
    fine = dual_tree_packets(x, 3, stride=2)
    for stride in (4, 8):
        step = stride // 2
        assert laws.relative_error(dual_tree_packets(x, 3, stride=stride), fine[..., ::step, ::step]) < 1e-14


# ---- orientation ------------------------------------------------------------------------------


@pytest.mark.parametrize("taps", HALF_SAMPLE_NAMES)
@pytest.mark.parametrize("J", [1, 2, 3])
def test_energy_lies_in_one_quadrant_at_the_frequency(J: int, taps: HalfSampleName) -> None:
    layer = DualTreeWaveletPacket2d(J, taps=taps)
    spectra = torch.fft.fft2(layer.resulting_kernels(), (128, 128)).abs()
    peak = spectra.flatten(1).argmax(1)
    grid = 2 * math.pi * torch.fft.fftfreq(128, dtype=torch.float64)
    at = torch.stack([grid[peak // 128], grid[peak % 128]], dim=1)
    assert float((at - layer.frequencies).abs().max()) < math.pi / 2**J / 2 + 2 * math.pi / 128
    energy = spectra.square()
    assert float((energy[..., 1:64].sum((1, 2)) / energy.sum((1, 2))).min()) > 0.75


def test_a_wave_meets_its_packet_on_a_picture_that_is_not_square() -> None:
    r"""A wave of frequency w, a multiple of ``2 pi / 32``, gives each packet ``(|K(w)|^2 + |K(-w)|^2) / 4``.

    The product of its two halves alternates in sign from one coefficient to the next.
    """
    layer = DualTreeWaveletPacket2d(3)
    kernels = layer.resulting_kernels()
    t = torch.arange(kernels.shape[-1]).double()
    y, x = torch.arange(32.0).double()[:, None], torch.arange(64.0).double()
    for k in (9, 22, 38, 73, 86, 102):
        wy, wx = layer.frequencies[k]
        phase = torch.exp(1j * (wy * t[:, None] + wx * t))
        both = [(kernels * wave).sum((1, 2)).abs().square() for wave in (phase, phase.conj())]
        energy = layer(torch.cos(wy * y + wx * x)).abs().square().mean((-2, -1))
        torch.testing.assert_close(energy, (both[0] + both[1]) / 4, atol=1e-12, rtol=0)
        assert int(energy.argmax()) == k


def test_the_modulus_hardly_flickers_under_a_shift() -> None:
    """What the second tree is for: the energy of a real packet follows the phase, the modulus does not."""
    y, x = torch.arange(64.0).double()[:, None], torch.arange(64.0).double()
    layer = DualTreeWaveletPacket2d(2, packets=[13])
    wy, wx = layer.frequencies[0].tolist()
    waves = torch.stack([torch.cos(wy * y + wx * (x - shift)) for shift in range(4)])
    c = layer(waves)[:, 0, 8, 8]
    modulus, real = c.abs(), c.real.abs()
    assert float(modulus.min() / modulus.max()) > 0.95
    assert float(real.min() / real.max()) < 0.7


# ---- subsets and parts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("J", "packets"), [(3, ALEXNET), (2, RESNET_EX), (2, [20]), (2, [31, 0, 17, 4]), (1, [3, 6])]
)
@pytest.mark.parametrize("part", ["complex", "real"])
def test_a_subset_equals_the_whole(J: int, packets: list[int], part: str, generator: torch.Generator) -> None:
    x = torch.randn(2, 24, 17, dtype=torch.float64, generator=generator)
    some = dual_tree_packets(x, J, stride=2 ** (J - 1), packets=packets, part=part)  # type: ignore[arg-type]
    everything = dual_tree_packets(x, J, stride=2 ** (J - 1))[:, packets]
    assert some.shape == everything.shape
    assert laws.relative_error(some, everything if part == "complex" else everything.real) < 1e-14


def test_layer_equals_function(generator: torch.Generator) -> None:
    x = torch.randn(3, 20, 12, generator=generator)
    layer = DualTreeWaveletPacket2d(2, packets=[5, 4], stride=2, boundary="zero", padding=10, part="real")
    function = dual_tree_packets(x, 2, packets=[5, 4], stride=2, boundary="zero", padding=10, part="real")
    for ours in (layer(x), layer.analysis(x)):
        assert torch.equal(ours, function)


def test_counts() -> None:
    assert DualTreeWaveletPacket2d(3).redundancy == 4
    assert DualTreeWaveletPacket2d(3, part="real").redundancy == 2
    assert DualTreeWaveletPacket2d(3, stride=4, packets=ALEXNET).redundancy == 94 * 2 / 16
    assert DualTreeWaveletPacket2d(2).resulting_kernels().shape == (32, 30, 30)
    assert DualTreeWaveletPacket2d(3, packets=[1], part="real").resulting_kernels().dtype == torch.float64
