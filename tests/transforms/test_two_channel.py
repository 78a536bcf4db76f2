"""One step along one axis: PyWavelets' dwt and idwt at every length, and the transpose as a matrix."""

from dataclasses import replace

import pytest
import pywt
import torch

from wavelets_course import laws
from wavelets_course.filters.taps import Taps, wavelet_taps
from wavelets_course.signals import BOUNDARY_MODES, BoundaryMode
from wavelets_course.transforms.two_channel import merge, split, split_adjoint

WAVELETS = ["haar", "db2", "db3", "db4", "db9", "db20"]
LENGTHS = [*range(1, 14), 16, 23, 40]

modes = pytest.mark.parametrize("mode", BOUNDARY_MODES)
wavelets = pytest.mark.parametrize("wavelet", WAVELETS)


def signal(length: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randn(1, length, dtype=torch.float64, generator=generator)


def split_gap_to_pywt(taps: Taps, wavelet: str, x: torch.Tensor, mode: BoundaryMode) -> float:
    peer = pywt.dwt(x.numpy(), wavelet, mode)
    return laws.relative_error(split(x, taps, -1, mode), tuple(map(torch.from_numpy, peer)))


@modes
@wavelets
def test_split_equals_pywavelets_at_every_length(
    wavelet: str, mode: BoundaryMode, generator: torch.Generator
) -> None:
    for length in LENGTHS:
        if length == 1 and mode in ("reflect", "antireflect"):
            continue  # PyWavelets refuses it; ours repeats the lone sample
        x = signal(length, generator)
        assert split_gap_to_pywt(wavelet_taps(wavelet), wavelet, x, mode) < 1e-13, length


@modes
@wavelets
def test_merge_equals_pywavelets_at_every_length(
    wavelet: str, mode: BoundaryMode, generator: torch.Generator
) -> None:
    taps = wavelet_taps(wavelet)
    shortest = 1 if mode == "periodization" else len(taps) // 2
    for length in range(shortest, shortest + 12):
        low, high = signal(length, generator), signal(length, generator)
        peer = torch.from_numpy(pywt.idwt(low.numpy(), high.numpy(), wavelet, mode))
        assert laws.relative_error(merge(low, high, taps, -1, mode), peer) < 1e-14, length


@modes
@wavelets
def test_merge_undoes_split(wavelet: str, mode: BoundaryMode, generator: torch.Generator) -> None:
    taps = wavelet_taps(wavelet)
    # These two leave the range of the signal, the further the longer the filter.
    tolerance = 1e-14 * (len(taps) if mode in ("smooth", "antireflect") else 1)
    for length in LENGTHS:
        x = signal(length, generator)
        rebuilt = merge(*split(x, taps, -1, mode), taps, -1, mode)
        assert laws.relative_error(rebuilt[..., :length], x) < tolerance, length


@modes
@wavelets
@pytest.mark.parametrize("axis", [-1, -2])
def test_split_adjoint_is_the_transposed_matrix(wavelet: str, mode: BoundaryMode, axis: int) -> None:
    taps = wavelet_taps(wavelet)
    for length in (1, 2, 5, 8, 13):
        unit = torch.eye(length, dtype=torch.float64)  # unit signals run along the axis
        matrix = torch.cat(split(unit, taps, axis, mode), dim=axis)
        rows = matrix.shape[axis]
        low, high = torch.eye(rows, dtype=torch.float64).chunk(2, dim=axis)
        transposed = split_adjoint(low, high, taps, axis, mode, length)
        torch.testing.assert_close(transposed, matrix.mT, rtol=1e-14, atol=1e-14 * length)


@pytest.mark.parametrize("axis", [-1, -2])
def test_both_axes_do_the_same(axis: int, generator: torch.Generator) -> None:
    x = torch.randn(3, 9, 9, generator=generator)
    taps = wavelet_taps("db3")
    along = split(x, taps, axis, "smooth")
    across = tuple(band.mT for band in split(x.mT, taps, -3 - axis, "smooth"))
    torch.testing.assert_close(along, across)


@pytest.mark.parametrize("mode", ["zero", "smooth", "antireflect", "antisymmetric"])
def test_a_nan_stays_where_filters_carry_it(mode: BoundaryMode) -> None:
    """A coefficient of zero means independent: far bands and far pixels stay finite."""
    taps, x = wavelet_taps("db2"), torch.zeros(1, 32)
    x[0, 16] = torch.nan
    low, high = split(x, taps, -1, mode)
    assert int(low.isnan().sum()) == 2
    assert int(split_adjoint(low, high, taps, -1, mode, 32).isnan().sum()) == 6


@pytest.mark.parametrize(
    "sabotage",
    [
        lambda t: replace(t, low=t.rec_low, high=t.rec_high),  # filter not reversed
        lambda t: replace(t, low=t.high, high=t.low),  # bands exchanged
        lambda t: replace(t, high=tuple(-tap for tap in t.high)),  # the other sign convention
    ],
    ids=["not reversed", "bands exchanged", "sign"],
)
def test_a_wrong_filter_is_rejected(sabotage, generator: torch.Generator) -> None:  # type: ignore[no-untyped-def]
    good, x = wavelet_taps("db2"), signal(16, generator)
    bad = sabotage(good)

    def round_trip(taps: Taps) -> float:
        return laws.reconstruction_error(
            lambda u: split(u, taps, -1, "symmetric"), lambda b: merge(*b, taps, -1, "symmetric"), x
        )

    assert split_gap_to_pywt(good, "db2", x, "symmetric") < 1e-14
    assert round_trip(good) < 1e-14
    assert split_gap_to_pywt(bad, "db2", x, "symmetric") > 0.1
    assert round_trip(bad) > 0.1
