"""S2, S3 and E2: how many numbers order 1 keeps, and how little a translation changes them."""

import math
from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor

from ..datasets import photograph
from ..filters import FilterBank2d, gabor_bank_2d, translation_bound, translation_constant, translation_gain
from ..scattering import Scattering2D, scattering_paths
from ..signals import dirac, plane_wave, power_law_noise, random_polygons, shift, white_noise
from .lectures import COMPRESSING
from .registry import Claim, Number, at_most, exactly, reported

SHAPE = (64, 64)
TRIALS = 1000


def size(seed: int) -> dict[str, Number]:
    """Count what a layer really returns."""
    S = _order_one((3, 224, 224), J=3)
    cases = [(N, J, L) for N, J, L in product((32, 64, 96), (1, 2, 3, 4), (4, 8))]
    return {
        "numbers_in": 3 * 224 * 224,
        "numbers_out": S.numel(),
        "channels": S.shape[0] * S.shape[1],
        "side": S.shape[-1],
        "misfits": sum(_order_one((N, N), J, L).numel() * 4**J != (1 + L * J) * N**2 for N, J, L in cases),
        "ratio_at_2": _order_one((32, 32), J=2).numel() / 32**2,
        "ratio_at_3": _order_one((32, 32), J=3).numel() / 32**2,
    }


def _order_one(shape: tuple[int, ...], J: int, L: int = 8) -> Tensor:
    return torch.as_tensor(Scattering2D(J, (shape[-2], shape[-1]), L, max_order=1)(torch.zeros(shape)))


def paths(seed: int) -> dict[str, Number]:
    """Count the paths of order 1 and find the coarsest wavelet among them."""
    first = [path for path in scattering_paths(J=3, L=8, max_order=1) if path.j1 is not None]
    return {"coarsest": max(path.j1 for path in first if path.j1 is not None), "count": 1 + len(first)}


def stability(seed: int) -> dict[str, Number]:
    """Try Proposition 1 on random images, filters, displacements and thresholds; then its extremes."""
    generator = torch.Generator().manual_seed(seed)
    bank = gabor_bank_2d(SHAPE, J=3, L=8)
    draws = _images(generator)
    ratios = [_trial(bank, draws[t % len(draws)](), generator) for t in range(TRIALS)]
    extremes = [
        _extremes(bank, j, ell, a) for j, ell, a in product(range(3), range(8), ((0, 1), (1, 0), (2, -1)))
    ]
    waves, diracs, printed = zip(*extremes, strict=True)
    return {
        "inside": sum(ratio <= 1 for ratio in ratios),
        "largest_share": max(ratios),
        "plane_wave_gap": max(abs(share - 1) for share in waves),
        "dirac_share": max(diracs),
        "dirac_share_printed": max(printed),
    }


def _images(generator: torch.Generator) -> list[Callable[[], Tensor]]:
    """Ways to draw an image: noise (also coloured, also complex), polygons, a photograph, plane waves."""
    camera = photograph("camera", size=SHAPE).double()

    def white() -> Tensor:
        return white_noise(SHAPE, generator, torch.float64)

    def complex_noise() -> Tensor:
        return torch.complex(white(), white())

    def wave() -> Tensor:
        k = [2 * math.pi * _integer(side, generator) / side for side in SHAPE]
        return plane_wave(SHAPE, (k[0], k[1]), dtype=torch.complex128)

    return [
        white,
        lambda: power_law_noise(SHAPE, 2.0, generator).double(),
        lambda: random_polygons(SHAPE, 3, generator).double(),
        lambda: camera + 0.1 * white(),
        complex_noise,
        wave,
    ]


def _trial(bank: FilterBank2d, x: Tensor, generator: torch.Generator) -> float:
    """Left side over right side of Proposition 1, all else drawn at random.

    Displacements reach 1, 2, 4 ... pixels, so that small ones are not rare; at most half of a side, so that
    their length is the distance on the torus.
    """
    j, ell = _integer(bank.J, generator), _integer(bank.L, generator)
    psi_hat, omega_0 = bank.psi_hat[j, ell], bank.wave_vectors()[j, ell]
    reach = 2 ** _integer(int(math.log2(min(bank.shape))), generator)
    a = (_integer(2 * reach + 1, generator) - reach, _integer(2 * reach + 1, generator) - reach)
    eps = psi_hat.abs().max().item() * 10 ** (-4 + 3 * torch.rand((), generator=generator).item())
    bound = float(x.norm()) * translation_bound(psi_hat, omega_0, a, eps)
    return _displacement_of_band(x, psi_hat, omega_0, a) / bound


def _extremes(bank: FilterBank2d, j: int, ell: int, a: tuple[int, int]) -> tuple[float, float, float]:
    """Shares of the sharp constant that the worst plane wave and the Dirac reach, and the printed ratio.

    The printed one is ``|e^(i omega_0.a) psi(a) - psi(0)| / (||x|| ||a|| eta_0)``, where eta_0 is taken as
    the standard deviation of ``psi_hat`` along the wave, ``1 / sigma``.
    """
    psi_hat, omega_0 = bank.psi_hat[j, ell], bank.wave_vectors()[j, ell]
    constant = translation_constant(psi_hat, omega_0, a)
    peak = divmod(int(translation_gain(psi_hat, omega_0, a).argmax()), SHAPE[1])
    worst = (2 * math.pi * peak[0] / SHAPE[0], 2 * math.pi * peak[1] / SHAPE[1])
    wave = plane_wave(SHAPE, worst, dtype=torch.complex128)
    spike = dirac(SHAPE, dtype=torch.float64)
    psi = torch.fft.ifft2(psi_hat)
    turn = torch.exp(1j * (omega_0 * torch.tensor(a, dtype=torch.float64)).sum())
    printed = (turn * psi[a] - psi[0, 0]).abs() * bank.sigma[j] / math.hypot(*a)
    return (
        _displacement_of_band(wave, psi_hat, omega_0, a) / (constant * float(wave.norm())),
        _displacement_of_band(spike, psi_hat, omega_0, a) / (constant * float(spike.norm())),
        printed.item(),
    )


def _displacement_of_band(x: Tensor, psi_hat: Tensor, omega_0: Tensor, a: tuple[int, int]) -> float:
    """The left side, ``||x_a * psi - e^(-i omega_0.a) x * psi||``, by convolving twice."""
    moved, still = (torch.fft.ifft2(torch.fft.fft2(image) * psi_hat) for image in (shift(x, a), x))
    phase = (omega_0 * torch.tensor(a, dtype=torch.float64)).sum()
    return float((moved - torch.exp(-1j * phase) * still).norm())


def _integer(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (), generator=generator))


CLAIMS = (
    Claim(
        id="S2",
        source=COMPRESSING,
        chapter="scattering",
        title="Order 1 compresses from J = 3 on",
        sentence=r"The number of coefficients used to represent $Sx$ is $(1 + |\Theta| J)\, N^2 / 2^{2J}$; "
        r"with $|\Theta| = 8$ the input signal is compressed if $J \ge 3$.",
        published="28×28×75 = 58,800 numbers from 224×224×3 = 150,528",
        citation=("oyallon2018compressing",),
        expected={
            "numbers_in": exactly("numbers in, 224×224×3", 150_528),
            "numbers_out": exactly("numbers out at J = 3", 58_800),
            "channels": exactly("channels, three colours together", 75),
            "side": exactly("side of the maps, pixels", 28),
            "misfits": exactly("cases off the formula, of 24 (N, J, L)", 0),
            "ratio_at_2": exactly("numbers out over numbers in at J = 2", 17 / 16),
            "ratio_at_3": exactly("numbers out over numbers in at J = 3", 25 / 64),
        },
        measure=size,
    ),
    Claim(
        id="S3",
        source=COMPRESSING,
        chapter="scattering",
        title="Proposition 1: small under translation",
        sentence=r"For any signal $x$, $\|x_a \star \psi - e^{-i\omega_0^T a} x \star \psi\| \le "
        r"\|x\| (\eta_0 \|a\| + \tilde\varepsilon(\|a\|))$, where $\tilde\varepsilon$ is of the order of "
        r"$\varepsilon$. This inequality is near-optimal, for Gabor wavelets, if $x$ is a Dirac: "
        r"$|e^{i\omega_0^T a} \psi(a) - \psi(0)| \sim \|x\| \|a\| \eta_0$.",
        published="the inequality, no number; near-optimal for a Dirac",
        citation=("oyallon2018compressing",),
        corrected=r"With $\eta_0(\varepsilon) = \max |\omega - \omega_0|$ over $|\hat\psi| > \varepsilon$ "
        r"and "
        r"an integer displacement, the right side is $\|x\| (\eta_0 \|a\| \sup|\hat\psi| + "
        r"2\varepsilon)$. The "
        r"sharp constant $\sup |e^{-i\omega \cdot a} - e^{-i\omega_0 \cdot a}| |\hat\psi(\omega)|$ is "
        r"attained by a plane wave. A Dirac spreads its energy over all frequencies, most of which the "
        r"filter never "
        r"passes, and falls far short.",
        expected={
            "inside": exactly("trials inside the bound, of 1,000", TRIALS),
            "plane_wave_gap": at_most(
                "worst distance of a plane wave from the sharp constant, relative", 1e-6
            ),
            "dirac_share": at_most("largest share of the sharp constant that a Dirac reaches", 0.5),
            "largest_share": reported("largest share of the bound in a trial"),
            "dirac_share_printed": reported(
                r"the printed Dirac expression over $\|x\| \|a\| / \sigma_j$, largest"
            ),
        },
        measure=stability,
    ),
    Claim(
        id="E2",
        source=COMPRESSING,
        chapter="scattering",
        title="J scales, not J + 1",
        sentence=r"$j \le J$ in the sum over wavelets and in the definition of $Sx$.",
        published=r"$j \le J$, beside the count $1 + |\Theta| J$",
        citation=("oyallon2018compressing",),
        corrected=r"The count needs $J$ scales, $j = 0, \ldots, J - 1$; with $j = 0, \ldots, J$ it would be "
        r"$1 + |\Theta| (J + 1)$: 33 channels at $J = 3$, not 25.",
        expected={
            "count": exactly("channels at J = 3 with 8 angles", 25),
            "coarsest": exactly("largest j at J = 3", 2),
        },
        measure=paths,
    ),
)
