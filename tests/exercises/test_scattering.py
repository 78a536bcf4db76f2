"""The exercises on scattering: a solution passes on many draws, each mutant fails with a pointed hint."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from wavelets_course.exercises import Verdict
from wavelets_course.laws import translation_gap
from wavelets_course.scattering import Scattering2D


def band(x: Tensor, psi: Tensor) -> Tensor:
    return torch.fft.ifft2(torch.fft.fft2(x) * psi)


def channel(x: Tensor, psi: Tensor, phi: Tensor) -> Tensor:
    return band(band(x, psi).abs(), phi).real


def count(J: int, L: int, max_order: int) -> int:
    return sum(math.comb(J, m) * L**m for m in range(max_order + 1))


@lru_cache
def layer(J: int) -> Scattering2D:
    return Scattering2D(J, (64, 64), max_order=1).double()


def smallest(x: Tensor, displacement: tuple[int, int], tolerance: float) -> int:
    return next(J for J in range(1, 6) if translation_gap(layer(J), displacement, x) < tolerance)


def absolute(x: Tensor, displacement: tuple[int, int], tolerance: float) -> int:
    """The change is not divided by the norm."""
    moved = x.roll(displacement, (-2, -1))
    gaps = ((layer(J)(moved) - layer(J)(x)).norm() for J in range(1, 6))
    return next((J for J, gap in enumerate(gaps, start=1) if gap < tolerance), 5)


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "scattering-1": channel,
    "scattering-2": count,
    "scattering-3": smallest,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("scattering-1", lambda x, psi, phi: band(x, psi).abs(), "the average by phi is missing"),
    ("scattering-1", lambda x, psi, phi: band(band(x, psi), phi).real, "is the modulus there?"),
    ("scattering-1", lambda x, psi, phi: band(band(x, psi), phi).abs(), "modulus first, average second"),
    ("scattering-1", lambda x, psi, phi: band(band(x, psi).abs().square(), phi).real, "not its square"),
    ("scattering-1", lambda x, psi, phi: band(band(x, psi).real.abs(), phi).real, "take its modulus before"),
    ("scattering-1", lambda x, psi, phi: band(band(x, psi).abs(), phi), "should be real"),
    ("scattering-1", lambda x, psi, phi: channel(x, psi, phi)[::4, ::4], "should have shape"),
    ("scattering-2", lambda J, L, m: count(J, L, m) - 1, "order 0, the average of the image itself"),
    ("scattering-2", lambda J, L, m: sum((J * L) ** k for k in range(m + 1)), "only pairs with j2 > j1"),
    (
        "scattering-2",
        lambda J, L, m: 1 + J * L * (m > 0) + L * J * (J - 1) // 2 * (m > 1),
        "both wavelets of a pair",
    ),
    ("scattering-2", lambda J, L, m: count(J, L, min(m, 2)), "three scales j1 < j2 < j3"),
    ("scattering-3", lambda x, a, t: 5, "is enough and keeps more"),
    ("scattering-3", lambda x, a, t: 1, "too much"),
    ("scattering-3", lambda x, a, t: 0, "out of range"),
    ("scattering-3", absolute, "relative to ||S x||"),
]


SEEDS = (4, 2)


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)
