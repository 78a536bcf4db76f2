"""One-dimensional packets: against a slow cascade of np.convolve, and the published one-sidedness."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from wavelets_course.filters import (
    conjugation_signs,
    dual_tree_taps,
    edge_nodes,
    half_sample_taps,
    packet_centres_1d,
    packet_kernels_1d,
    packet_spectra_1d,
    packet_trees_1d,
    qshift_taps,
    wrong_side_energy,
)
from wavelets_course.filters.half_sample import HALF_SAMPLE_NAMES, HalfSampleTaps

PAIRS: tuple[HalfSampleTaps, ...] = (*HALF_SAMPLE_NAMES, half_sample_taps(4, 3))
taps_names = pytest.mark.parametrize("taps", PAIRS, ids=["half_sample", "kingsbury", "14 taps"])


def tree_by_stages(x: np.ndarray, J: int, taps: HalfSampleTaps, tree: int) -> np.ndarray:
    """Filter a signal stage by stage, as facts of the reference state it: successor by successor."""
    pair = dual_tree_taps(taps)
    h1, g1, h2, g2 = (np.array(f) for f in (pair.low_a, pair.high_a, pair.low_b, pair.high_b))
    o = [0.0]
    filters = {"h1": h1, "g1": g1, "h2": h2, "g2": g2, "h": h1, "g": g1}
    filters |= {"h1fs": np.r_[o, o, h1], "h2fs": np.r_[o, h1, o]}
    filters |= {"g1fs": np.r_[g1, o, o], "g2fs": np.r_[o, -g1, o]}
    after = {"h1fs": ("h1", "g1"), "g1fs": ("h2", "g2"), "h2fs": ("h2", "g2"), "g2fs": ("h1", "g1")}
    after |= {"h1": ("h1", "g1"), "h2": ("h2", "g2"), "g1": ("h", "g"), "g2": ("h", "g")}
    after |= {"h": ("h", "g"), "g": ("h", "g")}
    nodes = [(("h1fs", "g1fs"), ("h2fs", "g2fs"))[tree]]
    signals = [x]
    for _ in range(J):
        named = [(name, y) for names, y in zip(nodes, signals, strict=True) for name in names]
        signals = [np.convolve(y, filters[name][::-1], "valid")[::2] for name, y in named]
        nodes = [after[name] for name, _ in named]
    return np.stack(signals)


@taps_names
@pytest.mark.parametrize("J", [1, 2, 3, 4])
def test_kernels_equal_the_cascade(J: int, taps: HalfSampleTaps) -> None:
    x = np.random.default_rng(0).standard_normal(300)
    trees = packet_trees_1d(J, taps)
    for tree in (0, 1):
        y = tree_by_stages(x, J, taps, tree)
        for k in range(2**J):
            ours = np.correlate(x, trees[tree, k].numpy(), "valid")[:: 2**J]
            np.testing.assert_allclose(ours, y[k], atol=1e-12)


def test_lengths() -> None:
    """Support 30 for J = 2 and 66 for J = 3, from taps and strides."""
    assert [packet_trees_1d(J).shape[-1] for J in (1, 2, 3)] == [12, 30, 66]


@taps_names
@pytest.mark.parametrize("J", [1, 2, 3])
def test_each_tree_is_an_orthonormal_basis(J: int, taps: HalfSampleTaps) -> None:
    for tree in packet_trees_1d(J, taps):
        length, step = tree.shape[-1], 2**J
        for shift in range(0, length, step):
            gram = tree[:, shift:] @ tree[:, : length - shift].T
            torch.testing.assert_close(gram, (shift == 0) * torch.eye(step).double(), atol=1e-13, rtol=0)


def test_published_one_sidedness() -> None:
    """On the reference filters: 0.16 % at J = 2, nodes 1 and 3; 0.13 to 0.25 % at J = 3; edges 14 to 19 %."""
    two, three = 100 * wrong_side_energy(2, "kingsbury"), 100 * wrong_side_energy(3, "kingsbury")
    assert [round(float(two[k]), 2) for k in (1, 3)] == [0.16, 0.16]
    inner = three[[1, 2, 3, 5, 6, 7]]
    assert [round(float(bound), 2) for bound in (inner.min(), inner.max())] == [0.13, 0.25]
    for shares, J in ((two, 2), (three, 3)):
        edges = shares[list(edge_nodes(J))]
        assert bool(((edges > 14) & (edges < 19)).all())


@pytest.mark.parametrize("J", [2, 3, 4, 5])
def test_ours_is_more_analytic_than_the_published(J: int) -> None:
    inner = [k for k in range(2**J) if k not in edge_nodes(J)]
    ours, published = (wrong_side_energy(J, taps)[inner].max() for taps in HALF_SAMPLE_NAMES)
    assert 5 * ours < published


@taps_names
def test_wrong_side_energy_equals_the_integral(taps: HalfSampleTaps) -> None:
    """By Gauss and Legendre: 200 nodes leave nothing of a trigonometric polynomial of degree 65."""
    kernels = packet_kernels_1d(3, taps).numpy()
    nodes, weights = np.polynomial.legendre.leggauss(200)
    omega = (nodes - 1) * math.pi / 2  # from -pi to 0
    spectra = kernels @ np.exp(-1j * np.outer(np.arange(kernels.shape[-1]), omega))
    below = (np.abs(spectra) ** 2 @ weights) * math.pi / 2
    share = below / (2 * math.pi * (np.abs(kernels) ** 2).sum(-1))
    np.testing.assert_allclose(wrong_side_energy(3, taps).numpy(), share, atol=1e-13)


def test_equal_trees_are_not_analytic(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure rejects what is no pair: the same tree twice lies on both sides."""
    from wavelets_course.filters import packet_kernels

    trees = packet_trees_1d(2)
    monkeypatch.setattr(packet_kernels, "packet_trees_1d", lambda *_: trees[:1].expand(2, -1, -1))
    torch.testing.assert_close(wrong_side_energy(2), torch.full((4,), 0.5, dtype=torch.float64))


@taps_names
@pytest.mark.parametrize("J", [1, 2, 3, 4, 6])
def test_conjugated_kernels_lie_at_positive_frequencies(J: int, taps: HalfSampleTaps) -> None:
    points = 4 * packet_kernels_1d(J, taps).shape[-1]
    energy = packet_spectra_1d(J, taps, points).abs().square()
    positive = energy[:, 1 : points // 2].sum(-1) / energy.sum(-1)
    assert float(positive.min()) > 0.75
    a, b = packet_trees_1d(J, taps)
    plain = torch.fft.fft(torch.complex(a, b), points).abs().square()
    flips = plain[:, points // 2 + 1 :].sum(-1) > plain[:, 1 : points // 2].sum(-1)
    assert torch.equal(conjugation_signs(J, taps) < 0, flips)


@pytest.mark.parametrize("J", [1, 2, 3, 5])
def test_centres_are_those_of_the_spectra(J: int) -> None:
    centres = packet_centres_1d(J)
    bands = (centres * 2**J / math.pi - 0.5).round().long()
    assert sorted(bands.tolist()) == list(range(2**J))
    points = 64 * 2**J
    energy = packet_spectra_1d(J, points=points).abs().square()[:, : points // 2]
    assert torch.equal(energy.unflatten(-1, (2**J, 32)).sum(-1).argmax(-1), bands)


def test_a_pair_stands_for_its_name() -> None:
    for function in (packet_trees_1d, packet_kernels_1d, packet_spectra_1d, wrong_side_energy):
        assert torch.equal(function(2, "kingsbury"), function(2, qshift_taps()))
        assert torch.equal(function(2), function(2, half_sample_taps(3, 2)))


def test_a_longer_delay_is_more_analytic() -> None:
    """The delay's error, hence the energy on the wrong side, falls with the degree of Thiran's polynomial."""
    inner = [k for k in range(8) if k not in edge_nodes(3)]
    shares = [wrong_side_energy(3, half_sample_taps(3, L))[inner].max().item() for L in (1, 2, 3, 4)]
    assert shares == sorted(shares, reverse=True)


def test_results_are_copies() -> None:
    packet_trees_1d(2).zero_()
    assert float(packet_trees_1d(2).abs().max()) > 0.1


@pytest.mark.untyped
@pytest.mark.parametrize(
    "function",
    [packet_trees_1d, packet_centres_1d, edge_nodes],
    ids=["packet_trees_1d", "packet_centres_1d", "edge_nodes"],
)
def test_errors_name_the_way_out(function: Callable[[object], object]) -> None:
    with pytest.raises(ValueError, match=f"{function.__name__}: J must be a number of stages >= 1, got 0"):
        function(0)
    with pytest.raises(TypeError, match=rf"{function.__name__}: J must be a whole number, got 2\.0"):
        function(2.0)


@pytest.mark.untyped
def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="the 66 taps of J = 3 need as many points, got 32"):
        packet_spectra_1d(3, points=32)


def test_signs_are_numbers_on_any_default_device() -> None:
    with torch.device("meta"):
        signs = conjugation_signs(3, "kingsbury")
    assert torch.equal(signs, conjugation_signs(3, "kingsbury"))
