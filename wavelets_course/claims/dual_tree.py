"""D1, D2 and D3: dual-tree wavelet packets lose nothing, are nearly analytic, and know their own signs."""

from collections.abc import Iterator

import torch
from torch import Tensor

from ..datasets import photograph
from ..filters import conjugation_signs, edge_nodes, packet_kernels_1d, wrong_side_energy
from ..filters.half_sample import HALF_SAMPLE_NAMES, HalfSampleName
from ..laws import energy_ratio, reconstruction_error
from ..signals import white_noise
from ..transforms import DualTreeWaveletPacket2d
from .lectures import DUAL_TREES
from .registry import Claim, Number, around, at_least, at_most, exactly, reported

DEPTHS = (1, 2, 3, 4)
SHAPES = ((64, 64), (48, 80), (31, 17), (1, 23), (97, 5))


def lossless(seed: int) -> dict[str, Number]:
    """Measure round trips of all packets in both precisions, any stride and boundary; and the energy."""
    generator = torch.Generator().manual_seed(seed)
    errors: dict[torch.dtype, list[float]] = {torch.float32: [], torch.float64: []}
    tightness = []
    for layer, taps_agree in _layers():
        for shape in SHAPES:
            x = white_noise(shape, generator, torch.float64)
            for dtype, found in errors.items():
                found.append(_round_trip(layer, x.to(dtype)))
            if taps_agree and all(side % layer.stride == 0 for side in shape):
                tightness.append(abs(energy_ratio(layer.analysis, x) / layer.frame_bound - 1))
    picture = photograph("camera", size=(256, 256))
    errors[torch.float32].append(_round_trip(DualTreeWaveletPacket2d(3), picture))
    return {
        "error_float32": max(errors[torch.float32]),
        "error_float64": max(errors[torch.float64]),
        "energy_gap": max(tightness),
        "round_trips": sum(map(len, errors.values())),
    }


def _layers() -> Iterator[tuple[DualTreeWaveletPacket2d, bool]]:
    for J in DEPTHS:
        for taps in HALF_SAMPLE_NAMES:
            for stride in (2**J, 2 ** (J - 1)):
                yield DualTreeWaveletPacket2d(J, taps=taps, stride=stride), True
        yield DualTreeWaveletPacket2d(J, boundary="zero"), False


def _round_trip(layer: DualTreeWaveletPacket2d, x: Tensor) -> float:
    shape = (x.shape[-2], x.shape[-1])
    return reconstruction_error(layer.analysis, lambda c: layer.synthesis(c, shape), x)


def analyticity(seed: int) -> dict[str, Number]:
    """Measure the largest share of a packet's energy on the wrong side of frequency 0."""
    return {
        "node_1": 100 * wrong_side_energy(2, "kingsbury")[1].item(),
        **{f"kingsbury_{J}": _worst_share(J, "kingsbury") for J in (2, 3, 4)},
        **{f"ours_{J}": _worst_share(J, "half_sample") for J in (2, 3, 4)},
        "edge": min(_edge_share(J, name) for J in (2, 3, 4) for name in HALF_SAMPLE_NAMES),
    }


def _worst_share(J: int, taps: HalfSampleName) -> float:
    """Largest share in per cent, edge nodes left out."""
    shares = wrong_side_energy(J, taps)
    inner = [node for node in range(2**J) if node not in edge_nodes(J)]
    return 100 * shares[inner].max().item()


def _edge_share(J: int, taps: HalfSampleName) -> float:
    return 100 * wrong_side_energy(J, taps)[list(edge_nodes(J))].min().item()


def signs(seed: int) -> dict[str, Number]:
    """Count packets whose energy lies at negative horizontal frequencies, before and after conjugation."""
    kernels = {J: DualTreeWaveletPacket2d(J, taps="kingsbury").resulting_kernels() for J in (1, 2, 3)}
    turned = {J: DualTreeWaveletPacket2d(J).resulting_kernels() for J in (1, 2, 3)}
    return {
        "wrong": sum(_negative(k) for group in (kernels, turned) for k in group.values()),
        "checked": sum(len(k) for group in (kernels, turned) for k in group.values()),
        "flags_2": _flags(2),
        "flags_3": _flags(3),
        "wrong_deep": sum(_wrong_1d(J) for J in range(1, 8)),
    }


def _negative(kernels: Tensor) -> int:
    """How many have more energy at negative than at positive horizontal frequency."""
    points = 2 * kernels.shape[-1]
    spectra = torch.fft.fft2(kernels, (points, points)).abs().square().sum(-2)
    below, above = spectra[:, points // 2 + 1 :].sum(-1), spectra[:, 1 : points // 2].sum(-1)
    return int((below > above).sum())


def _flags(J: int) -> int:
    """How many channels of the tree products, taken as they are, have to be conjugated."""
    negative = conjugation_signs(J, "kingsbury").tolist().count(-1)
    nodes: int = 2**J  # Psi_a takes the horizontal packet as it is, Psi_b its conjugate
    return nodes * negative + nodes * (nodes - negative)


def _wrong_1d(J: int) -> int:
    """How many one-dimensional packets have more energy at negative frequencies, on a grid of them."""
    kernels = packet_kernels_1d(J)
    points = 4 * kernels.shape[-1]
    spectra = torch.fft.fft(kernels, points).abs().square()
    below, above = spectra[:, points // 2 + 1 :].sum(-1), spectra[:, 1 : points // 2].sum(-1)
    return int((below > above).sum())


CLAIMS = (
    Claim(
        id="D1",
        source=DUAL_TREES,
        chapter="dual_tree",
        title="Dual-tree packets lose nothing",
        sentence="Discrete wavelet transforms: built on well-established mathematical framework.",
        published="no number; both trees are orthonormal by design",
        citation=("leterme2021modelisation", "bayram2008dual"),
        expected={
            "error_float32": at_most("worst round-trip error, float32", 1e-6),
            "error_float64": at_most("worst round-trip error, float64", 1e-12),
            "energy_gap": at_most("worst change of energy against the frame bound, float64", 1e-12),
            "round_trips": reported(
                "round trips: J = 1 to 4, both filter pairs, two strides, two boundaries, five shapes"
            ),
        },
        measure=lossless,
    ),
    Claim(
        id="D2",
        source=DUAL_TREES,
        chapter="dual_tree",
        title="Packets are nearly analytic",
        sentence="Selection of dual-tree complex wavelet packet filters; the reference implementation takes "
        "Kingsbury's 10-tap Q-shift filters.",
        published="no number; measured beforehand on the reference filters: 0.16 % at J = 2, 0.13 to 0.25 % "
        "at J = 3, edge nodes 14 to 19 %",
        citation=("leterme2021modelisation", "kingsbury2001complex", "bayram2008dual"),
        expected={
            "node_1": around("node 1 at J = 2, per cent", 0.16, 0.005),
            "kingsbury_2": at_most("J = 2, largest share, per cent", 0.25),
            "kingsbury_3": at_most("J = 3, largest share, per cent", 0.25),
            "kingsbury_4": at_most("J = 4, largest share, per cent", 0.45),
            "edge": at_least("edge nodes, smallest share, per cent", 5),
            "ours_2": reported("our pair at J = 2, largest share, per cent"),
            "ours_3": reported("our pair at J = 3, largest share, per cent"),
            "ours_4": reported("our pair at J = 4, largest share, per cent"),
        },
        measure=analyticity,
    ),
    Claim(
        id="D3",
        source=DUAL_TREES,
        chapter="dual_tree",
        title="Conjugation signs follow from the filters",
        sentence="The real and imaginary parts of complex wavelet packet coefficients are stored in separate "
        "channels. In the code, the imaginary parts of listed channels change their sign.",
        published="no number; the reference implementation lists the channels, for J = 2 and J = 3 only",
        citation=("leterme2021modelisation",),
        expected={
            "wrong": exactly("kernels with more energy at negative horizontal frequency, J = 1 to 3", 0),
            "checked": exactly("kernels checked, both filter pairs", 336),
            "wrong_deep": exactly("one-dimensional packets so, J = 1 to 7", 0),
            "flags_2": reported("channels that had to be conjugated at J = 2, of 32"),
            "flags_3": reported("channels that had to be conjugated at J = 3, of 128"),
        },
        measure=signs,
    ),
)
