"""The ledger itself: the quick claims, measured now, against what was stored; and claims that must fail."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from wavelets_course.claims import CLAIMS, compare, find, haar, run, scattering
from wavelets_course.claims import gabor_and_morlet as banks
from wavelets_course.transforms import Detail2d

QUICK = [claim.id for claim in CLAIMS if claim.scale == "quick"]


@pytest.mark.parametrize("identity", QUICK)
def test_stored_verdict_still_stands(identity: str) -> None:
    measured = run(identity)
    assert [m.status for m in measured] == ["measured"]
    assert compare(measured) == []


@pytest.mark.parametrize("identity", ["W1", "S3"])
def test_the_verdict_does_not_hang_on_the_seed(identity: str) -> None:
    [claim] = find(identity)
    assert claim.measure is not None
    assert claim.judge(claim.measure(20261121)) == "holds"


real_wavedec2, real_waverec2 = haar.wavedec2, haar.waverec2
real_gabor_bank, real_layer, real_paths = (
    banks.gabor_bank_2d,
    scattering.Scattering2D,
    scattering.scattering_paths,
)


def swapped(x: torch.Tensor, wavelet: str, J: int, *, mode: str) -> object:
    """Horizontal and vertical exchanged."""
    pyramid = real_wavedec2(x, wavelet, J=J, mode=mode)
    return pyramid._replace(details=tuple(Detail2d(d[1], d[0], d[2]) for d in pyramid.details))


def lossy(pyramid: object, wavelet: str) -> torch.Tensor:
    """Too bright by 1e-5."""
    return real_waverec2(pyramid, wavelet) * (1 + 1e-5)


def with_order_2(J: int, shape: tuple[int, int], L: int, **_: object) -> object:
    return real_layer(J, shape, L, max_order=2)


def upside_down(shape: tuple[int, int], J: int, L: int) -> object:
    """Coarse wavelets first."""
    bank = real_gabor_bank(shape, J, L)
    return replace(bank, psi_hat=bank.psi_hat.flip(0))


@pytest.mark.parametrize(
    ("identity", "module", "name", "sabotage", "broken"),
    [
        ("W1", haar, "waverec2", lossy, "error_float64"),
        ("W2", haar, "wavedec2", swapped, "worst_difference"),
        ("S1", banks, "morlet_bank_2d", lambda *a, **k: real_gabor_bank(*a[:3]), "tight_gap"),
        ("E1", banks, "gabor_bank_2d", upside_down, "largest_ratio"),
        (
            "S2",
            scattering,
            "Scattering2D",
            with_order_2,
            "numbers_out",
        ),
        ("S3", scattering, "translation_bound", lambda *_: 1e-3, "inside"),
        (
            "E2",
            scattering,
            "scattering_paths",
            lambda J, L, max_order: real_paths(J + 1, L, max_order),
            "count",
        ),
    ],
)
def test_a_sabotaged_ingredient_makes_the_claim_fail(
    monkeypatch: pytest.MonkeyPatch,
    identity: str,
    module: object,
    name: str,
    sabotage: Callable[..., object],
    broken: str,
) -> None:
    [claim] = find(identity)
    assert claim.measure is not None
    monkeypatch.setattr(module, name, sabotage)
    monkeypatch.setattr(haar, "SIDES", (4, 5))  # fewer sizes do: it has to fail
    values = claim.measure(0)
    assert claim.judge(values) == "fails"
    assert not claim.expected[broken].admits(values[broken])
