"""F6 must be able to fail: broken transforms and a jagged edge miss its intervals."""

from collections.abc import Callable
from functools import partial

import pytest
import torch

from wavelets_course.claims import best_terms
from wavelets_course.signals import piecewise_smooth, white_noise
from wavelets_course.transforms import Curvelet2d, Wavelet2d

[CLAIM] = best_terms.CLAIMS


@pytest.fixture(autouse=True)
def one_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best_terms, "IMAGES", 1)


def wavelet_for_curvelet(shape: tuple[int, int], J: int = 4) -> Wavelet2d:
    """No directions."""

    class Squares(Wavelet2d):
        def analysis(self, x: torch.Tensor) -> object:
            pyramid = super().analysis(x)
            return type("Named", (tuple,), {"wedges": pyramid.details, "_make": pyramid._make})(pyramid)

    return Squares("haar", J=J + 1, mode="periodization")


def noise(shape: tuple[int, int], generator: torch.Generator, **_: object) -> torch.Tensor:
    return white_noise(shape, generator, torch.float64)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("name", "sabotage", "missed"),
    [
        ("Fourier2d", partial(Wavelet2d, "haar", mode="periodization"), {"fourier_slope"}),
        ("Curvelet2d", wavelet_for_curvelet, {"curvelet_growth"}),
        (
            "piecewise_smooth",
            noise,
            {"fourier_slope", "haar_slope", "db2_slope", "curvelet_slope", "haar_growth", "curvelet_growth"},
        ),
    ],
)
def test_what_is_broken_misses(
    name: str, sabotage: Callable[..., object], missed: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best_terms, name, sabotage)
    values = best_terms.slopes(0)
    assert missed <= {key for key, wanted in CLAIM.expected.items() if not wanted.admits(values[key])}


def test_a_jagged_edge_wakes_no_fewer_wavelets() -> None:
    """Why pixels are averages: point samples add staircase steps, at every scale as many or more."""
    wavelet = Wavelet2d("db4", mode="periodization")
    images = [
        piecewise_smooth((256, 256), torch.Generator().manual_seed(0), oversample=k, dtype=torch.float64)
        for k in (1, 4)
    ]
    finest = [float(sum(band.square().sum() for band in wavelet.analysis(x).details[0])) for x in images]
    assert finest[0] > 1.5 * finest[1]
    assert Curvelet2d((256, 256), J=4).analysis(images[0]).coarse.isfinite().all()
