"""W1 and W2: what the Haar decomposition keeps, and that it is the one everybody uses."""

from collections.abc import Iterator
from itertools import product

import pywt
import torch
from torch import Tensor

from ..datasets import photograph
from ..laws import energy_ratio, reconstruction_error
from ..signals import BOUNDARY_MODES, BoundaryMode, white_noise
from ..transforms import coefficient_count, max_level, wavedec2, waverec2
from .lectures import MULTIRESOLUTION
from .registry import Claim, Number, at_most, exactly, reported

SIDES = (*range(2, 10), 13, 16, 17, 31)
"""Heights and widths of W2's images: small, odd, even, not square."""


def lossless(seed: int) -> dict[str, Number]:
    """Measure round trips in both precisions, and count coefficients."""
    images = list(_images(seed))
    whole = [
        (rows * 2**J, columns * 2**J, J) for rows, columns, J in product((1, 3, 4), (1, 2, 5), (1, 2, 3, 4))
    ]
    return {
        "error_float32": max(_round_trip(x.float()) for x in images),
        "error_float64": max(_round_trip(x) for x in images),
        "size_changes": sum(_count(h, w, J) != h * w for h, w, J in whole),
        "coefficients_of_28x28": _count(28, 28, 4),
        "energy_gap": max(abs(energy_ratio(_full_haar, x) - 1) for x in images if _dyadic(x)),
    }


def same_as_pywavelets(seed: int) -> dict[str, Number]:
    """Compare every band of every depth with PyWavelets' one-level transform, applied repeatedly."""
    generator = torch.Generator().manual_seed(seed)
    worst, mismatched, bands = 0.0, 0, 0
    for height, width in product(SIDES, SIDES):
        x = white_noise((height, width), generator, torch.float64)
        for mode in BOUNDARY_MODES:
            for ours, theirs in _pairs_of_bands(x, mode):
                bands += 1
                if ours.shape != theirs.shape:
                    mismatched += 1
                else:
                    worst = max(worst, ((ours - theirs).norm() / x.norm()).item())
    return {"bands": bands, "sizes_that_differ": mismatched, "worst_difference": worst}


def _pairs_of_bands(x: Tensor, mode: BoundaryMode) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield ours and PyWavelets' ``C_1 ... C_J`` and ``W_1^a ... W_J^a`` for the deepest J."""
    J = max_level(tuple(x.shape), "haar")
    C = x.numpy()
    for level, ours in enumerate(wavedec2(x, "haar", J=J, mode=mode).details, start=1):
        C, W = pywt.dwt2(C, "haar", mode=mode)
        yield wavedec2(x, "haar", J=level, mode=mode).approx, torch.from_numpy(C)
        yield from zip(ours, map(torch.from_numpy, W), strict=True)


def _images(seed: int) -> Iterator[Tensor]:
    """Two photographs and noise of odd, long and dyadic shapes, in float64."""
    generator = torch.Generator().manual_seed(seed)
    yield photograph("camera", size=(256, 256)).double()
    yield photograph("coins", size=(181, 243)).double()
    for shape in ((28, 28), (17, 31), (3, 50), (64, 64), (99, 2)):
        yield white_noise(shape, generator, torch.float64)


def _full_haar(x: Tensor) -> tuple[object, ...]:
    return wavedec2(x, "haar")


def _round_trip(x: Tensor) -> float:
    return reconstruction_error(_full_haar, lambda pyramid: waverec2(pyramid, "haar"), x)


def _count(height: int, width: int, J: int) -> int:
    return coefficient_count(wavedec2(torch.zeros(height, width), "haar", J=J))


def _dyadic(x: Tensor) -> bool:
    return all(side & (side - 1) == 0 for side in x.shape)


CLAIMS = (
    Claim(
        id="W1",
        source=MULTIRESOLUTION,
        chapter="haar",
        title="The Haar transform loses nothing",
        sentence="Can encode losslessly; and without increasing the size of the data vector.",
        published="no number; lossless and of equal size are said of discrete wavelets in general",
        citation=("voetberg2023wavpool",),
        corrected="Lossless for every image. The size stays only where $2^J$ divides height and width: each "
        "level of an odd side has to round up, so that a 28×28 digit at $J = 4$ becomes 799 coefficients for "
        "784 pixels.",
        expected={
            "error_float32": at_most("worst round-trip error, float32", 1e-6),
            "error_float64": at_most("worst round-trip error, float64", 1e-14),
            "size_changes": exactly("sizes that change although $2^J$ divides both sides, of 36", 0),
            "coefficients_of_28x28": exactly("coefficients of a 28×28 image (784 pixels) at J = 4", 799),
            "energy_gap": reported("worst change of energy where every side is a power of 2, float64"),
        },
        measure=lossless,
    ),
    Claim(
        id="W2",
        source=MULTIRESOLUTION,
        chapter="haar",
        title="The slide's recursion is PyWavelets'",
        sentence=r"$C_\ell(S) = \phi \circ (\phi \circ \cdots S)$ ($\ell$ times) and "
        r"$W^a_{\ell+1}(S) = \psi^a \circ C_\ell(S)$.",
        published="the definition, no number; the authors compute it with PyWavelets",
        citation=("voetberg2023wavpool", "lee2019pywavelets"),
        expected={
            "worst_difference": at_most(
                "worst difference of a band, relative to the image's norm, float64", 1e-12
            ),
            "sizes_that_differ": exactly("bands whose sizes differ", 0),
            "bands": reported("bands compared: nine boundary modes, 144 sizes from 2×2 to 31×31, all depths"),
        },
        measure=same_as_pywavelets,
    ),
)
