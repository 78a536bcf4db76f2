"""The exercises on banks: a solution passes on many draws, each mutant fails with a pointed hint."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from wavelets_course.exercises import Verdict, check
from wavelets_course.filters import littlewood_paley, morlet_bank_2d


def kappa(g_xi: float, g_0: float) -> float:
    return g_xi / g_0


def opposite(x: Tensor) -> Tensor:
    return x.flip((-2, -1)).roll((1, 1), (-2, -1))


def total(psi: Tensor, phi: Tensor) -> Tensor:
    energy = psi.square().sum(0)
    return (energy + opposite(energy)) / 2 + phi.square()


def factor(psi: Tensor, phi: Tensor) -> Tensor:
    factor = (1 - phi.square()) / total(psi, 0 * phi)
    factor[0, 0] = 0
    return factor


def tight(psi: Tensor, phi: Tensor) -> Tensor:
    return psi * factor(psi, phi).sqrt()


def with_flip_alone(psi: Tensor, phi: Tensor) -> Tensor:
    energy = psi.square().sum(0)
    return (energy + energy.flip((-2, -1))) / 2 + phi.square()


def without_room(psi: Tensor, phi: Tensor) -> Tensor:
    one = total(psi, 0 * phi).clamp_min(1e-30).rsqrt()
    return psi * one


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "gabor_and_morlet-1": kappa,
    "gabor_and_morlet-2": total,
    "gabor_and_morlet-3": tight,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("gabor_and_morlet-1", lambda a, b: b / a, "the ratio is upside down"),
    ("gabor_and_morlet-1", lambda a, b: -a / b, "wrong sign"),
    ("gabor_and_morlet-1", lambda a, b: a, "divide by it"),
    ("gabor_and_morlet-1", lambda a, b: a - b, "should be 0, and is"),
    ("gabor_and_morlet-1", lambda a, b: a / (b - b), "ZeroDivisionError"),
    (
        "gabor_and_morlet-2",
        lambda psi, phi: psi.square().sum(0) + phi.square(),
        "half of each wavelet's energy belongs",
    ),
    (
        "gabor_and_morlet-2",
        lambda psi, phi: 2 * total(psi, 0 * phi) + phi.square(),
        "by a factor 2: where does the 1/2",
    ),
    (
        "gabor_and_morlet-2",
        lambda psi, phi: total(psi, 0 * phi) + phi.square() / 2,
        "low-pass filter is off by a factor 0.5",
    ),
    ("gabor_and_morlet-2", lambda psi, phi: total(psi, phi.abs().sqrt()), "low-pass filter is wrong"),
    (
        "gabor_and_morlet-2",
        lambda psi, phi: with_flip_alone(psi, 0 * phi),
        "`roll` by 1 along both axes",
    ),
    (
        "gabor_and_morlet-2",
        lambda psi, phi: 2 * with_flip_alone(psi, phi) - phi.square(),
        "`roll` by 1 along both axes",
    ),
    ("gabor_and_morlet-2", lambda psi, phi: 0 * phi, "wavelets is wrong"),
    (
        "gabor_and_morlet-2",
        lambda psi, phi: (psi.sum(0) + opposite(psi.sum(0))) / 2 + phi.square(),
        "wavelets is wrong",
    ),
    ("gabor_and_morlet-3", lambda psi, phi: psi * factor(psi, phi), "take its square root"),
    ("gabor_and_morlet-3", without_room, "leave room for phi_hat"),
    (
        "gabor_and_morlet-3",
        lambda psi, phi: psi * ((1 - phi.square()) / total(psi, 0 * phi)).sqrt(),
        "something divided by zero",
    ),
    ("gabor_and_morlet-3", lambda psi, phi: tight(psi, phi) + (psi == 0), "psi_hat stays 0 there"),
    ("gabor_and_morlet-3", lambda psi, phi: tight(psi, phi).roll(1, 0), "multiplied by the same number"),
    ("gabor_and_morlet-3", lambda psi, phi: psi, "it is off by up to"),
]


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)


@pytest.mark.parametrize("seed", range(5))
def test_flip_without_roll_gets_one_hint_and_no_other(seed: int) -> None:
    verdict = repr(check("gabor_and_morlet-2", with_flip_alone, seed=seed))
    hint = "after `flip`, index 0 must go back to its place: `roll` by 1 along both axes"
    assert verdict.count(hint) == 1
    assert "half of each wavelet's energy" not in verdict
    assert "squares |.|^2 are summed" not in verdict


def test_the_solutions_are_what_the_package_does() -> None:
    kymatio, frame = (morlet_bank_2d((24, 32), J=2, frame=name) for name in ("kymatio", "tight"))
    psi = kymatio.psi_hat.flatten(0, 1)
    torch.testing.assert_close(total(psi, kymatio.phi_hat), littlewood_paley(kymatio))
    ours = tight(frame.psi_hat.flatten(0, 1), frame.phi_hat)
    torch.testing.assert_close(ours, frame.psi_hat.flatten(0, 1), atol=1e-8, rtol=1e-6)
