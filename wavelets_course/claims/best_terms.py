"""F6: how fast the best n-term approximation of an image with one smooth edge improves."""

import torch
from torch import Tensor

from ..signals import piecewise_smooth
from ..sparse import Transform, coefficients_per_scale, fit_slope, geometric_counts, n_term_error
from ..transforms import Curvelet2d, Fourier2d, Wavelet2d
from .lectures import FIRST_LAYERS
from .registry import Claim, Number, around, at_most, reported

SIZE = 512
SMALL_N = (100, 1500)
"""Window of Fourier and wavelets. Above it a grid of 512 pixels a side runs out of edge coefficients."""

LARGE_N = (2000, 16000)
"""Window of curvelets. Below it their low-pass band is being paid, about 1,000 numbers."""

SCALES = slice(1, 5)
"""Scales whose coefficients are counted: the finest, j = 0, sees the pixels and not the edge."""

JUDGED = ("haar", "db2", "db4")
"""Their coarsest band has at most 64 numbers. That of db8 has 256, more than the window begins with."""

SLOPE, MARGIN = -1.0, 0.25
"""Expected of each wavelet."""

IMAGES = 5
"""Images whose wavelet slopes are counted, to see how much one image says."""


def slopes(seed: int) -> dict[str, Number]:
    """Draw one image; measure slopes in the windows, coefficients at each scale, and who wins where."""
    x = _image(seed)
    wavelets = {name: Wavelet2d(name, mode="periodization") for name in (*JUDGED, "db8")}
    curvelet, default = Curvelet2d((SIZE, SIZE), J=5), Curvelet2d((SIZE, SIZE))
    small, large = geometric_counts(*SMALL_N, 6), geometric_counts(*LARGE_N, 4)
    curvelet_errors = n_term_error(x, curvelet, large)
    wavelet_errors = {n: n_term_error(x, w, large, orthonormal=True) for n, w in wavelets.items()}
    best = torch.stack(list(wavelet_errors.values())).amin(0)
    return {
        "fourier_slope": _slope(x, Fourier2d(), small),
        **{f"{name}_slope": _slope(x, wavelet, small) for name, wavelet in wavelets.items()},
        "curvelet_slope": float(fit_slope(large, curvelet_errors)),
        "curvelet_slope_default": float(fit_slope(large, n_term_error(x, default, large))),
        "wavelet_slope_large_n": float(fit_slope(large, wavelet_errors["db4"])),
        **{f"{name}_growth": _growth(wavelets[name].analysis(x).details) for name in JUDGED},
        "curvelet_growth": _growth(curvelet.analysis(x).wedges),
        "curvelet_error": float(curvelet_errors[0]),
        "wavelet_error": float(best[0]),
        "curvelet_wins": int((curvelet_errors < best).sum()),
        "wavelet_slopes_inside": sum(
            abs(_slope(image, wavelets[name], small) - SLOPE) <= MARGIN
            for image in map(_image, range(seed, seed + IMAGES))
            for name in JUDGED
        ),
    }


def _image(seed: int) -> Tensor:
    return piecewise_smooth((SIZE, SIZE), torch.Generator().manual_seed(seed), dtype=torch.float64)


def _slope(x: Tensor, basis: Transform, counts: list[int]) -> float:
    return float(fit_slope(counts, n_term_error(x, basis, counts, orthonormal=True)))


def _growth(scales: tuple[object, ...]) -> float:
    """Exponent p of ``count ~ 2^(p m)``, m scales finer: the slope of log2(count)."""
    counts = coefficients_per_scale(scales[SCALES], 0.95).double()
    widths = [2**k for k in range(len(counts), 0, -1)]  # finest first: the largest
    return float(fit_slope(widths, counts))


CLAIMS = (
    Claim(
        id="F6",
        source=FIRST_LAYERS,
        chapter="best_terms",
        title="Edges in n terms: Fourier, wavelets, curvelets",
        sentence=r"Let $f$ be piecewise $C^2$ with a boundary that is also $C^2$. The best approximations "
        r"using $n$ terms satisfy $\|f - f_n^F\|^2 = O(n^{-1/2})$, $\|f - f_n^W\|^2 = O(n^{-1})$ and "
        r"$\|f - f_n^C\|^2 = O(n^{-2} \log^3 n)$.",
        published=r"exponents −1/2, −1 and −2 (with $\log^3 n$), as $n \to \infty$",
        citation=("candes2004tight",),
        expected={
            "fourier_slope": around("slope, Fourier, n from 100 to 1,500", -0.5, 0.12),
            **{
                f"{name}_slope": around(f"slope, {name}, n from 100 to 1,500", SLOPE, MARGIN)
                for name in JUDGED
            },
            "curvelet_slope": at_most("slope, curvelets (J = 5), n from 2,000 to 16,000", -1.35),
            **{
                f"{name}_growth": around(
                    rf"{name}: coefficients grow $2^p$ times from scale to finer scale, $p$", 1.0, 0.25
                )
                for name in JUDGED
            },
            "curvelet_growth": around(
                r"curvelets: coefficients grow $2^p$ times from scale to finer scale, $p$", 0.5, 0.25
            ),
            "db8_slope": reported("slope, db8, n from 100 to 1,500 (its coarsest band has 256 numbers)"),
            "curvelet_slope_default": reported("slope, curvelets (J = 4), n from 2,000 to 16,000"),
            "wavelet_slope_large_n": reported("slope, db4, n from 2,000 to 16,000"),
            "wavelet_slopes_inside": reported(
                "slopes of these three wavelets inside the interval, of 15 on five images"
            ),
            "curvelet_error": reported("relative squared error, curvelets, n = 2,000"),
            "wavelet_error": reported("relative squared error, best of four wavelets, n = 2,000"),
            "curvelet_wins": reported(
                "of 13 counts from 2,000 to 16,000, where curvelets beat every wavelet"
            ),
        },
        measure=slopes,
    ),
)
