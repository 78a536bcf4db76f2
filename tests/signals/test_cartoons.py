"""Cartoons: areas, directions and moments that are known on paper."""

import math

import pytest
import torch
from skimage.draw import disk as skimage_disk

from wavelets_course import laws
from wavelets_course.signals import dirac, disk, gaussian_blob, plane_wave, step_edge


def test_disk_equals_scikit_image() -> None:
    expected = torch.zeros(40, 60)
    expected[skimage_disk((11.3, 30.7), 9.2, shape=(40, 60))] = 1
    torch.testing.assert_close(disk((40, 60), (11.3, 30.7), 9.2), expected)


def test_disk_has_the_area_of_a_disk() -> None:
    assert disk((256, 256)).sum().item() == pytest.approx(math.pi * 64**2, rel=0.005)
    assert disk((5, 5), radius=0).sum() == 1


@pytest.mark.parametrize("theta", [0.0, 0.3, math.pi / 2, 2.5, -1.0])
def test_step_edge_rises_along_theta(theta: float) -> None:
    edge = step_edge((65, 65), theta, dtype=torch.float64)
    y, x = torch.meshgrid(torch.arange(65.0).double() - 32, torch.arange(65.0).double() - 32, indexing="ij")
    window = torch.where(torch.hypot(y, x) <= 32, 1.0, 0.0)
    right, down = (edge * window * x).sum(), (edge * window * y).sum()
    assert math.remainder(torch.atan2(down, right).item() - theta, 2 * math.pi) == pytest.approx(0, abs=0.03)


def test_step_edge_moves_by_its_offset() -> None:
    assert step_edge((1, 9), offset=2).tolist() == [[0, 0, 0, 0, 0, 0, 1, 1, 1]]
    assert step_edge((9, 1), math.pi / 2, offset=-2)[:, 0].tolist() == [0, 0, 1, 1, 1, 1, 1, 1, 1]


def test_blob_has_the_moments_of_its_covariance() -> None:
    covariance = torch.tensor([[20.0, 6.0], [6.0, 9.0]], dtype=torch.float64)
    blob = gaussian_blob((81, 91), covariance=covariance, dtype=torch.float64)
    y, x = torch.meshgrid(torch.arange(81.0).double() - 40, torch.arange(91.0).double() - 45, indexing="ij")
    u = torch.stack((y, x))
    measured = torch.einsum("ayx,byx,yx->ab", u, u, blob) / blob.sum()
    torch.testing.assert_close(measured, covariance, rtol=1e-9, atol=1e-9)
    assert blob.max() == 1
    torch.testing.assert_close(gaussian_blob((9, 9), 2), gaussian_blob((9, 9), covariance=[[4, 0], [0, 4]]))


def test_plane_wave_is_one_line_of_the_spectrum() -> None:
    omega = (2 * math.pi * 3 / 16, -2 * math.pi * 2 / 20)
    spectrum = torch.fft.fft2(plane_wave((16, 20), omega, dtype=torch.complex128)).abs()
    assert spectrum[3, -2].item() == pytest.approx(320)
    assert spectrum.sum().item() == pytest.approx(320)


def test_plane_wave_diagonalises_a_convolution(generator: torch.Generator) -> None:
    kernel = torch.fft.fft2(torch.randn(8, 8, generator=generator, dtype=torch.float64))
    wave = plane_wave((8, 8), (math.pi / 4, math.pi / 2), dtype=torch.complex128)
    filtered = torch.fft.ifft2(torch.fft.fft2(wave) * kernel)
    assert laws.relative_error(filtered, kernel[1, 2] * wave) < 1e-14


def test_dirac_is_one_pixel() -> None:
    assert dirac((4, 6)).nonzero().tolist() == [[2, 3]]
    assert dirac((4, 6), (0, 5)).nonzero().tolist() == [[0, 5]]


def test_dtypes_and_empty_shapes() -> None:
    assert disk((0, 4)).shape == (0, 4)
    assert gaussian_blob((3, 3), dtype=torch.float64).dtype == torch.float64
    assert step_edge((3, 3), dtype=torch.bfloat16).dtype == torch.bfloat16


@pytest.mark.untyped
def test_errors_say_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"disk: radius must be >= 0, got -1"):
        disk((4, 4), radius=-1)
    with pytest.raises(ValueError, match=r"shape must be \(height, width\) >= 0, got \(-1, 2\)"):
        disk((-1, 2), radius=1)
    with pytest.raises(ValueError, match=r"sigma must be > 0, got 0; a point is signals.dirac"):
        gaussian_blob((4, 4), 0)
    with pytest.raises(ValueError, match="give sigma or covariance, got both"):
        gaussian_blob((4, 4), 1, covariance=[[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="symmetric and positive definite"):
        gaussian_blob((4, 4), covariance=[[1, 2], [2, 1]])
    with pytest.raises(ValueError, match=r"pixel \(4, 0\) is outside a 4x4 image; count rows"):
        dirac((4, 4), (4, 0))
    for draw, name in (
        (lambda: disk((4, 4), radius=math.nan), "disk: radius"),
        (lambda: disk((4, 4), (math.nan, 0)), "disk: centre"),
        (lambda: step_edge((4, 4), math.nan), "step_edge: theta"),
        (lambda: step_edge((4, 4), offset=math.nan), "step_edge: offset"),
        (lambda: gaussian_blob((4, 4), math.nan), "gaussian_blob: sigma"),
        (lambda: plane_wave((4, 4), (0.0, math.inf)), "plane_wave: omega"),
    ):
        with pytest.raises(ValueError, match=rf"^{name} must be finite, got .*(nan|inf)"):
            draw()
    with pytest.raises(ValueError, match="symmetric and positive definite"):
        gaussian_blob((4, 4), covariance=[[math.inf, 0], [0, 1]])
