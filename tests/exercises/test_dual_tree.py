"""The exercises on the dual tree: a solution passes on many draws, each mutant fails with a pointed hint."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from wavelets_course.exercises import Verdict, check
from wavelets_course.figures.dual_tree_packets import node_at
from wavelets_course.filters import packet_centres_1d, packet_kernels_1d, packet_trees_1d, wrong_side_energy
from wavelets_course.transforms import DualTreeWaveletPacket2d


def sides(psi: Tensor, power: int = 2) -> tuple[Tensor, Tensor]:
    energy = torch.fft.fft(psi).abs() ** power
    half = (len(psi) - 1) // 2
    return energy[-half:].sum(), energy[1 : half + 1].sum()


def wrong_side(psi: Tensor) -> Tensor:
    negative, positive = sides(psi)
    return negative / (negative + positive)


def with_ends(psi: Tensor) -> Tensor:
    """Counts the frequencies 0 and pi in the whole."""
    return sides(psi)[0] / torch.fft.fft(psi).abs().square().sum()


def lower_half(psi: Tensor) -> Tensor:
    """Takes the second half of the array: pi included."""
    energy = torch.fft.fft(psi).abs().square()
    return energy[len(psi) // 2 :].sum() / energy[1:].sum()


def place(k: int, J: int) -> int:
    return next(p for p in range(2**J) if node_at(p, J) == k)


def backwards(k: int, J: int) -> int:
    return int(format(k, f"0{J}b")[::-1], 2)


def two_directions(aa: Tensor, ab: Tensor, ba: Tensor, bb: Tensor) -> tuple[Tensor, Tensor]:
    return torch.complex(aa - bb, ba + ab), torch.complex(aa + bb, ba - ab)


def is_left(kernels: Tensor, axis: int = -1) -> Tensor:
    energy = torch.fft.fft2(kernels).abs().square().sum(-3 - axis)
    half = energy.shape[-1] // 2
    return (energy[:, half + 1 :].sum(-1) > energy[:, 1:half].sum(-1))[:, None, None]


def to_the_right(kernels: Tensor) -> Tensor:
    return torch.where(is_left(kernels), kernels.conj(), kernels)


def in_place(kernels: Tensor) -> Tensor:
    left = is_left(kernels).flatten()
    kernels[left] = kernels[left].conj()
    return kernels


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "dual_tree-1": wrong_side,
    "dual_tree-2": place,
    "dual_tree-3": two_directions,
    "dual_tree-4": to_the_right,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("dual_tree-1", lambda psi: 1 - wrong_side(psi), "sides swapped"),
    ("dual_tree-1", lambda psi: sides(psi)[0], "should give 0 and 1"),
    ("dual_tree-1", lambda psi: sides(psi)[0] / len(psi) ** 2, "divide by the energy of both sides"),
    ("dual_tree-1", lambda psi: (lambda n, p: n / (n + p))(*sides(psi, 1)), "|psi_hat|^2, with the square"),
    ("dual_tree-1", with_ends, "belong to no side"),
    ("dual_tree-1", lower_half, "belong to no side"),
    ("dual_tree-1", lambda psi: wrong_side(psi) * torch.ones(2), "should have shape ()"),
    ("dual_tree-2", lambda k, J: k, "upside down"),
    ("dual_tree-2", lambda k, J: node_at(k, J), "the other way round"),
    ("dual_tree-2", backwards, "each H before a letter swaps"),
    ("dual_tree-2", lambda k, J: place(k, J) + 0.5, "a whole number"),
    ("dual_tree-3", lambda *trees: two_directions(*trees)[::-1], "are swapped"),
    ("dual_tree-3", lambda aa, ab, ba, bb: two_directions(aa, ba, ab, bb), "psi_b is the conjugate"),
    (
        "dual_tree-3",
        lambda *trees: tuple(psi.conj() for psi in two_directions(*trees)),
        "psi_a is the conjugate",
    ),
    (
        "dual_tree-3",
        lambda aa, ab, ba, bb: two_directions(aa, ab, ba, -bb),
        "mind the sign of bb",
    ),
    ("dual_tree-3", lambda *trees: tuple(psi / 2 for psi in two_directions(*trees)), "yours hold 0.5 times"),
    ("dual_tree-3", lambda *trees: two_directions(*trees)[0], "expected two results"),
    ("dual_tree-3", lambda *trees: tuple(psi.real for psi in two_directions(*trees)), "should be complex"),
    (
        "dual_tree-3",
        lambda *trees: tuple(psi[1:] for psi in two_directions(*trees)),
        "should have shape",
    ),
    ("dual_tree-4", lambda kernels: kernels, "treated alike"),
    ("dual_tree-4", lambda kernels: to_the_right(kernels).conj(), "all look to the left"),
    (
        "dual_tree-4",
        lambda kernels: torch.where(is_left(kernels), kernels.flip(-1), kernels),
        "use `.conj()`, not `.flip()`",
    ),
    ("dual_tree-4", in_place, "changes its input"),
    ("dual_tree-4", lambda kernels: to_the_right(kernels).real, "should be complex"),
]


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)


@pytest.mark.parametrize("seed", range(5))
def test_the_wrong_axis_is_told(seed: int) -> None:
    def by_rows(kernels: Tensor) -> Tensor:
        return torch.where(is_left(kernels, axis=-2), kernels.conj(), kernels)

    verdict = check("dual_tree-4", by_rows, seed=seed)
    assert not verdict.ok
    hints = ("halves of the last axis", "treated alike", "all look to the left")
    assert any(hint in repr(verdict) for hint in hints), repr(verdict)


def test_numpy_and_lazy_conjugates_are_read() -> None:
    assert check("dual_tree-3", lambda *trees: list(two_directions(*trees)), seed=0).ok
    assert check("dual_tree-4", lambda kernels: to_the_right(kernels).conj().conj(), seed=0).ok


def test_the_share_is_what_the_package_says() -> None:
    kernels = torch.nn.functional.pad(packet_kernels_1d(3), (0, 2**15))
    shares = torch.stack([wrong_side(psi) for psi in kernels])
    torch.testing.assert_close(shares, wrong_side_energy(3), atol=2e-4, rtol=0)


@pytest.mark.parametrize("J", [1, 2, 3, 5])
def test_the_place_is_what_the_package_says(J: int) -> None:
    places = torch.tensor([place(k, J) for k in range(2**J)])
    torch.testing.assert_close((places.double() + 0.5) * torch.pi / 2**J, packet_centres_1d(J))


def test_directions_and_sides_are_the_packages() -> None:
    a, b = packet_trees_1d(2)
    down, across = 1, 3  # nodes LH and HH
    k = sum(4**s * (2 * (down >> s & 1) + (across >> s & 1)) for s in range(2))
    psi = two_directions(*(torch.outer(v[down], h[across]) for v in (a, b) for h in (a, b)))
    ours = to_the_right(torch.stack(psi))
    theirs = DualTreeWaveletPacket2d(2, packets=[k, 16 + k]).resulting_kernels()
    torch.testing.assert_close(ours, theirs)
