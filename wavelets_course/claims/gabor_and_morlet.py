"""S1 and E1: what a bank of Gabor or Morlet wavelets covers, and where its wavelets sit."""

import math
from itertools import product

import torch
from torch import Tensor

from ..filters import (
    frequencies,
    gabor_bank_2d,
    littlewood_paley,
    littlewood_paley_bounds,
    morlet_bank_2d,
    subsampled_bounds,
)
from ..laws import contraction_ratio
from ..scattering import Scattering2D
from ..signals import plane_wave
from .lectures import COMPRESSING
from .registry import Claim, Number, around, at_least, at_most, reported

SHAPE, J, L = (64, 64), 3, 8


def covering(seed: int) -> dict[str, Number]:
    """Measure the Littlewood-Paley bounds before and after subsampling, and one contraction ratio."""
    kymatio, tight = morlet_bank_2d(SHAPE, J, L), morlet_bank_2d(SHAPE, J, L, frame="tight")
    bounds, with_corners = littlewood_paley_bounds(kymatio), littlewood_paley_bounds(kymatio, disc=False)
    kept = {"kymatio": subsampled_bounds(kymatio), "tight": subsampled_bounds(tight)}
    return {
        "low": bounds.low,
        "high": bounds.high,
        "corner": with_corners.low,
        "tight_gap": (littlewood_paley(tight) - 1).abs().max().item(),
        "contraction_on_cosines": _worst_contraction(),
        "printed_low": _printed_sum_low(),
        "subsampled_low": kept["kymatio"].low,
        "subsampled_high": kept["kymatio"].high,
        "subsampled_tight_low": kept["tight"].low,
        "subsampled_tight_high": kept["tight"].high,
    }


def _worst_contraction() -> float:
    """Largest ``2^J ||S x|| / ||x||`` of order 1 over the cosines along either axis; S 0 = 0."""
    scattering = Scattering2D(J, SHAPE, L, max_order=1)
    waves = [
        plane_wave(SHAPE, omega).real
        for k in range(1, SHAPE[0] // 2)
        for omega in ((2 * math.pi * k / SHAPE[0], 0.0), (0.0, 2 * math.pi * k / SHAPE[1]))
    ]

    def normalised(x: Tensor) -> Tensor:
        S: Tensor = scattering(2**J * x)  # S is homogeneous
        return S

    return max(contraction_ratio(normalised, x, torch.zeros_like(x)) for x in waves)


def _printed_sum_low() -> float:
    """Smallest value inside the disc of the sum as printed, which looks at omega and not at -omega."""
    bank = morlet_bank_2d(SHAPE, J, L)
    y, x = frequencies(SHAPE)
    printed = bank.psi_hat.square().sum((0, 1)) + bank.phi_hat.square()
    return printed[torch.hypot(y, x) < math.pi].min().item()


def centre_frequencies(seed: int) -> dict[str, Number]:
    """Find where each Gabor filter peaks, and divide by the radius of the next finer one."""
    bank = gabor_bank_2d((256, 256), J, L)
    y, x = frequencies(bank.shape)
    radius = torch.hypot(y, x).flatten()[bank.psi_hat.flatten(-2).argmax(-1)]
    ratios = (radius[1:] / radius[:-1]).flatten().tolist()
    angles = (_direction(bank.psi_hat[j, ell]) - bank.theta[ell] for j, ell in product(range(J), range(L)))
    return {
        "smallest_ratio": min(ratios),
        "largest_ratio": max(ratios),
        "worst_angle": max(abs(math.remainder(float(angle), 2 * math.pi)) for angle in angles),
    }


def _direction(psi_hat: Tensor) -> Tensor:
    """Angle of a filter's peak, from axis -1 towards axis -2."""
    y, x = torch.meshgrid(*(axis.flatten() for axis in frequencies(tuple(psi_hat.shape))), indexing="ij")
    peak = psi_hat.argmax()
    return torch.atan2(y.flatten()[peak], x.flatten()[peak])


CLAIMS = (
    Claim(
        id="S1",
        source=COMPRESSING,
        chapter="gabor_and_morlet",
        title="The bank covers the frequency plane",
        sentence=r"$\sigma_0$ is adjusted such that a wavelet transform preserves all the energy of "
        r"$\hat x$: $1 - \varepsilon_0 \le \sum_{j,\theta} |\hat\psi_{j,\theta}(\omega)|^2 "
        r"+ |\hat\phi_J(\omega)|^2 \le 1 + \varepsilon_0$ for $\|\omega\| < \pi$.",
        published=r"$\varepsilon_0$ is not given. Computed from kymatio's own filters and layer, 64×64, "
        r"$J = 3$, $L = 8$, before this package existed: 0.3475 to 1.0136 inside $\|\omega\| < \pi$ and "
        r"0.1230 in the "
        r"corners (unpadded); contraction ratio on cosines 1.025",
        citation=("oyallon2018compressing", "kymatio2020", "mallat2012group"),
        corrected=r"Eight angles on a half circle see only half of the frequencies, so the sum must be half "
        r"of $|\hat\psi(\omega)|^2 + |\hat\psi(-\omega)|^2$. The bank in use is then far from tight "
        r"($\varepsilon_0 = 0.65$); rescaled wavelets, the frame called tight here, are. Neither is tight "
        r"after subsampling, and a discrete scattering transform, normalised by $2^J$, can expand distances "
        r"a little.",
        expected={
            "low": around("kymatio's bank, smallest value inside the disc", 0.3475, 5e-5),
            "high": around("kymatio's bank, largest value inside the disc", 1.0136, 5e-5),
            "corner": around("kymatio's bank, smallest value in the corners", 0.1230, 5e-5),
            "tight_gap": at_most("tight bank, largest distance from 1 on the whole grid", 1e-4),
            "contraction_on_cosines": around(
                "order 1, largest contraction ratio times $2^J$ on cosines", 1.025, 5e-4
            ),
            "printed_low": reported("the sum as printed, smallest value inside the disc"),
            "subsampled_low": reported("kymatio's bank subsampled, lower frame bound"),
            "subsampled_high": reported("kymatio's bank subsampled, upper frame bound"),
            "subsampled_tight_low": reported("tight bank subsampled, lower frame bound"),
            "subsampled_tight_high": reported("tight bank subsampled, upper frame bound"),
        },
        measure=covering,
    ),
    Claim(
        id="E1",
        source=COMPRESSING,
        chapter="gabor_and_morlet",
        title="Coarse wavelets have low frequencies",
        sentence=r"Each wavelet $\psi_{j,\theta}$ has a bandwidth of $1/(2^j \sigma_0)$ and its central "
        r"frequency is $2^j r_{-\theta}\, \omega_0$.",
        published=r"centre frequency $2^j r_{-\theta}\, \omega_0$",
        citation=("oyallon2018compressing",),
        corrected=r"The centre is $2^{-j} r_\theta\, \omega_0$: dilating by $2^j$ divides frequencies by "
        r"$2^j$, and the transform turns with the wavelet. From one scale to the next the frequency halves.",
        expected={
            "smallest_ratio": at_least("centre of scale j + 1 over that of scale j, smallest", 0.48),
            "largest_ratio": at_most("centre of scale j + 1 over that of scale j, largest", 0.52),
            "worst_angle": at_most("largest angle between centre and wavelet, radians", 0.05),
        },
        measure=centre_frequencies,
    ),
)
