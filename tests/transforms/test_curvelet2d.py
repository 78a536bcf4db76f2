"""Curvelets: a slow full-size formula, the laws, where waves and edges go, shapes of curvelets, limits."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from wavelets_course import laws
from wavelets_course.filters.curvelet import deepest
from wavelets_course.signals import step_edge
from wavelets_course.transforms import Curvelet2d, CurveletCoefficients, curvelets

SHAPES = [((32, 32), 2), ((33, 31), 2), ((47, 64), 3), ((8, 9), 1), ((1, 12), 0), ((5, 3), 0), ((40, 100), 3)]


def noise(layer: Curvelet2d, batch: tuple[int, ...], generator: torch.Generator) -> CurveletCoefficients:
    """Coefficients that are no image's."""
    return layer.unflatten(torch.randn(*batch, layer.count, dtype=torch.float64, generator=generator))


def textbook(x: Tensor, j: int, J: int, K: int, centre: float, rows: int, columns: int) -> Tensor:
    """One wedge by its formula: every frequency of three periods, every sample, no wrapping, no FFT of it."""
    height, width = x.shape
    k_y, k_x = torch.arange(-height, height + 1), torch.arange(-width, width + 1)
    y, x_ = 2 * math.pi * k_y.double()[:, None] / height, 2 * math.pi * k_x.double()[None] / width

    def fall(t: Tensor) -> Tensor:
        t = t.clamp(0, 1)
        return torch.cos(math.pi / 2 * (3 * t**2 - 2 * t**3)) * (t < 1)

    def low(scale: int) -> Tensor:
        return fall((y.abs() * 2**scale / math.pi - 0.8) / 0.4) * fall(
            (x_.abs() * 2**scale / math.pi - 0.8) / 0.4
        )

    theta = torch.atan2(y, x_)
    away = theta - 0.05 * torch.sin(4 * theta) - centre
    away = torch.atan2(away.sin(), away.cos()).abs() * K / math.pi
    window = math.sqrt(2) * (low(j) ** 2 - low(j + 1) ** 2).clamp(min=0).sqrt() * fall((away - 0.25) / 0.5)
    spectrum = torch.fft.fft2(x)[(k_y % height)[:, None], (k_x % width)[None]] * window
    along_y = torch.exp(2j * math.pi * torch.outer(torch.arange(rows), k_y).double() / rows)
    along_x = torch.exp(2j * math.pi * torch.outer(k_x, torch.arange(columns)).double() / columns)
    scale = math.sqrt(height * width * rows * columns)
    coefficients: Tensor = along_y @ spectrum @ along_x / scale
    return coefficients


@pytest.mark.parametrize("shape", [(24, 20), (21, 35), (32, 32)])
def test_coefficients_are_those_of_the_formula(shape: tuple[int, int], generator: torch.Generator) -> None:
    x, J = torch.randn(shape, dtype=torch.float64, generator=generator), 2
    c = curvelets(x, J, angles=6)
    for j, scale in enumerate(c.wedges):
        centres = [[-math.pi / 6, 0.0, math.pi / 6], [math.pi / 3, math.pi / 2, 2 * math.pi / 3]]
        for band, angles in zip(scale, centres, strict=True):
            for ours, centre in zip(band, angles, strict=True):
                assert_close(ours, textbook(x, j, J, 6, centre, *ours.shape), rtol=0, atol=1e-13)


@pytest.mark.parametrize("shape", [(130, 130), (108, 130)])
def test_full_size_inverse_fft_then_striding_is_the_same(
    shape: tuple[int, int], generator: torch.Generator
) -> None:
    x, layer, compared = torch.randn(shape, dtype=torch.float64, generator=generator), Curvelet2d(shape, 2), 0
    for band, c in zip(layer.bank.bands[1:], (b for s in layer(x).wedges[::-1] for b in s), strict=True):
        common = [math.gcd(side, places) for side, places in zip(shape, c.shape[1:], strict=True)]
        pixels, places = (
            [slice(None, None, n // g) for n, g in zip(sizes, common, strict=True)]
            for sizes in (shape, c.shape[1:])
        )
        slow = torch.fft.ifft2(torch.fft.fft2(x) * layer.bank.windows(band))[:, pixels[0], pixels[1]]
        slow *= math.sqrt(x.numel() / c[0].numel())  # unitary FFTs of both sizes
        assert_close(c[:, places[0], places[1]], slow, rtol=0, atol=1e-13)
        compared += math.prod(common)
    assert compared > 100


@pytest.mark.parametrize(("shape", "J"), SHAPES)
@pytest.mark.parametrize("finest", ["curvelet", "wavelet"])
def test_laws(shape: tuple[int, int], J: int, finest: str, generator: torch.Generator) -> None:
    layer = Curvelet2d(shape, J, finest=finest)  # type: ignore[arg-type]
    x, y = (torch.randn(2, *shape, dtype=torch.float64, generator=generator) for _ in range(2))
    c = noise(layer, (2,), generator)
    assert abs(laws.energy_ratio(layer.analysis, x) - 1) < 1e-12
    assert laws.reconstruction_error(layer.analysis, layer.synthesis, x) < 1e-12
    assert laws.reconstruction_error(layer.analysis, layer.synthesis, x.float()) < 1e-6
    assert laws.adjoint_gap(layer.analysis, layer.adjoint, x, c) < 1e-14
    assert laws.linearity_gap(layer.analysis, x, y) < 1e-14
    assert laws.relative_error(layer.synthesis(c), layer.adjoint(c)) == 0


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(2, 5), st.sampled_from(["curvelet", "wavelet"]))
def test_any_shape_is_kept_exactly(height: int, width: int, half: int, finest: str) -> None:
    layer = Curvelet2d((height, width), deepest((height, width)), 2 * half, finest=finest)  # type: ignore[arg-type]
    x = torch.randn(height, width, dtype=torch.float64, generator=torch.Generator().manual_seed(height))
    assert abs(laws.energy_ratio(layer.analysis, x) - 1) < 1e-12
    assert laws.reconstruction_error(layer.analysis, layer.synthesis, x) < 1e-12


@pytest.mark.parametrize(
    "sabotage",
    [
        lambda window, source: window[0].mul_(1.01),
        lambda window, source: source[0].add_(1).remainder_(32 * 32),
    ],
)
def test_laws_see_a_broken_wedge(
    sabotage: Callable[[Tensor, Tensor], Tensor], generator: torch.Generator
) -> None:
    from wavelets_course.transforms.curvelet2d import analysed, summed
    from wavelets_course.transforms.curvelet_folding import folding

    x = torch.randn(32, 32, dtype=torch.float64, generator=generator)
    sound, broken = Curvelet2d((32, 32), 2), Curvelet2d((32, 32), 2)
    band = broken.bank.scales[0][1]
    sabotage(band.window_hat, band.source)
    layout = folding(broken.bank)

    def analysis(image: Tensor) -> CurveletCoefficients:
        return analysed(image, broken.bank, layout)

    def adjoint(c: CurveletCoefficients) -> Tensor:
        return summed(c, broken.bank, layout)

    assert laws.reconstruction_error(analysis, adjoint, x) > 1e-4
    assert laws.reconstruction_error(analysis, sound.synthesis, x) > 1e-4
    c = noise(sound, (), generator)
    assert laws.adjoint_gap(analysis, sound.adjoint, x, c) > 1e-6
    assert laws.adjoint_gap(analysis, adjoint, x, c) < 1e-14


@pytest.mark.parametrize("shape", [(108, 108), (130, 130), (108, 130)])
def test_a_shift_by_whole_samples_shifts_the_coefficients(
    shape: tuple[int, int], generator: torch.Generator
) -> None:
    x = torch.randn(shape, dtype=torch.float64, generator=generator)
    layer = Curvelet2d(shape, 2)
    sizes = [band.window_hat.shape[1:] for band in layer.bank.bands]
    common = [math.gcd(side, *(size[axis] for size in sizes)) for axis, side in enumerate(shape)]
    step = [side // g for side, g in zip(shape, common, strict=True)]

    def shifted(c: CurveletCoefficients) -> CurveletCoefficients:
        def roll(band: Tensor) -> Tensor:
            return band.roll([n // g for n, g in zip(band.shape[-2:], common, strict=True)], (-2, -1))

        return CurveletCoefficients(roll(c.coarse), tuple(tuple(roll(b) for b in s) for s in c.wedges))

    gap = laws.equivariance_gap(layer.analysis, lambda u: u.roll(step, (0, 1)), shifted, x)
    assert gap < 1e-13
    assert max(common) > 1  # else the shift by a whole period says nothing


@pytest.mark.parametrize("theta", [0.0, 0.4, math.pi / 4, 1.2, math.pi / 2, 2.0, 3 * math.pi / 4, 2.7])
def test_a_plane_wave_lights_the_wedge_of_its_direction(theta: float) -> None:
    layer, scale = Curvelet2d((128, 128), 3), 1
    k_y, k_x = round(26 * math.sin(theta)), round(26 * math.cos(theta))
    y, x = torch.arange(128.0)[:, None], torch.arange(128.0)[None]
    c = layer(torch.cos(2 * math.pi * (k_y * y + k_x * x) / 128))
    energy = [torch.cat([b.abs().square().sum((1, 2)) for b in s]) for s in c.wedges]
    assert int(torch.stack([e.sum() for e in energy]).argmax()) == scale
    directions = torch.cat([band.theta for band in layer.bank.scales[scale]])
    turn = (directions - theta + math.pi / 2).remainder(math.pi) - math.pi / 2
    assert float(turn[energy[scale].argmax()].abs()) < float(turn.abs().min()) + 0.01  # midway, either
    assert float(energy[scale].sort().values[-2:].sum() / energy[scale].sum()) > 0.999


@pytest.mark.parametrize("theta", [0.0, 0.5, math.pi / 2, 2.2])
def test_a_straight_edge_lights_few_curvelets(theta: float) -> None:
    hann = torch.hann_window(256)
    smooth = torch.nn.functional.avg_pool2d(step_edge((1024, 1024), theta)[None], 4)[0]  # no staircase
    layer = Curvelet2d((256, 256))
    c = layer(smooth * hann[:, None] * hann)
    for scale, bands in zip(c.wedges[:2], layer.bank.scales, strict=False):
        directions = torch.cat([band.theta for band in bands])
        energy = torch.cat([b.abs().square().sum((1, 2)) for b in scale])
        turn = (directions - theta + math.pi / 2).remainder(math.pi) - math.pi / 2
        near = turn.abs() < 1.2 * math.pi / len(directions)
        assert float(energy[near].sum() / energy.sum()) > 0.85
        row = torch.cat([b.abs().square().flatten() for b in scale]).sort(descending=True).values
        assert float(row[: len(row) // 50].sum() / row.sum()) > 0.95


def spread(layer: Curvelet2d, j: int) -> tuple[float, float]:
    """Standard deviations across and along the curvelet of direction 0 at scale j, in pixels."""
    c = layer.unflatten(torch.zeros(layer.count, dtype=torch.float64))
    band, wedge = c.wedges[j][0], int(layer.bank.scales[j][0].theta.abs().argmin())
    band[wedge, band.shape[1] // 2, band.shape[2] // 2] = 1
    power = (
        layer.adjoint(c).square()
        + layer.adjoint(
            c._replace(wedges=tuple(tuple(1j * b if b.is_complex() else b for b in s) for s in c.wedges))
        ).square()
    )
    stds = []
    for axis in (1, 0):  # across runs along x, the wave's direction
        profile = power.sum(1 - axis) / power.sum()
        at = torch.arange(len(profile)).double()
        middle = (profile * at).sum()
        stds.append(float((profile * (at - middle) ** 2).sum().sqrt()))
    return stds[0], stds[1]


def test_curvelets_scale_parabolically() -> None:
    layer = Curvelet2d((512, 512), 5, angles=6).double()
    sizes = [spread(layer, j) for j in (1, 3)]
    assert sizes[1][0] / sizes[0][0] == pytest.approx(4, rel=0.1)  # width: 4 times over two scales
    assert sizes[1][1] / sizes[0][1] == pytest.approx(2, rel=0.15)  # length: twice
    assert all(width < length for width, length in sizes)


def test_flatten_counts_reals_and_keeps_energy(generator: torch.Generator) -> None:
    layer, x = Curvelet2d((33, 40), 2), torch.randn(3, 2, 33, 40, dtype=torch.float64, generator=generator)
    c = layer(x)
    row = layer.flatten(c)
    assert row.shape == (3, 2, layer.count)
    assert layer.redundancy == layer.count / (33 * 40)
    assert_close(row.square().sum(-1), x.square().sum((-2, -1)), rtol=1e-12, atol=0)
    assert laws.relative_error(layer.unflatten(row), c) == 0


def test_largest_keeps_the_largest(generator: torch.Generator) -> None:
    layer, x = Curvelet2d((24, 24), 1), torch.randn(2, 24, 24, dtype=torch.float64, generator=generator)
    row = layer.flatten(layer(x))
    kept = layer.flatten(layer.largest(layer(x), 100))
    for whole, part in zip(row, kept, strict=True):
        assert int((part != 0).sum()) == 100
        assert_close(part[part != 0].abs().sort().values, whole.abs().sort().values[-100:], rtol=0, atol=0)
    assert int(torch.count_nonzero(layer.flatten(layer.largest(layer(x), 0)))) == 0
    assert laws.relative_error(layer.largest(layer(x), layer.count), layer(x)) == 0


@pytest.mark.untyped
def test_wrong_input_is_refused() -> None:
    layer = Curvelet2d((16, 16), 1)
    for x, error, text in [
        (
            torch.zeros(16, 16, dtype=torch.int64),
            TypeError,
            r"expected a floating-point image, got torch.int64; convert it: x.float\(\)",
        ),
        (torch.zeros(16, 16, dtype=torch.complex64), TypeError, "expected a real image, got torch.complex64"),
        ([[1.0]], TypeError, r"expected a tensor, got a list; convert it"),
        (torch.zeros(16), ValueError, r"expected images \(\*batch, height, width\), got shape \(16,\)"),
        (torch.zeros(16, 17), ValueError, r"expected images of 16x16, got 16x17; make a layer with shape="),
    ]:
        with pytest.raises(error, match=rf"Curvelet2d\.analysis: {text}"):
            layer(x)
    with pytest.raises(TypeError, match=r"curvelets: expected a floating-point image"):
        curvelets(torch.zeros(16, 16, dtype=torch.int32))


@pytest.mark.untyped
def test_wrong_coefficients_are_refused() -> None:
    layer, c = Curvelet2d((16, 16), 1), curvelets(torch.zeros(16, 16), 1)
    for wrong, error, text in [
        (tuple(c), TypeError, "synthesis: expected CurveletCoefficients, got a tuple; pass what analysis"),
        (c._replace(wedges=()), ValueError, r"expected 1 scales of \[2\] tensors, finest first, got \[\]"),
        (c._replace(coarse=c.coarse[1:]), ValueError, r"expected a real band .* got a real one"),
        (c._replace(wedges=((c.wedges[0][0].real, c.wedges[0][1]),)), ValueError, "expected a complex band"),
    ]:
        with pytest.raises(error, match=text):
            layer.synthesis(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=rf"unflatten: expected rows of {layer.count} coefficients"):
        layer.unflatten(torch.zeros(7))
    with pytest.raises(ValueError, match=rf"largest: count must lie in 0 to {layer.count}, got -1"):
        layer.largest(c, -1)
