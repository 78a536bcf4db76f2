"""The exercises on networks with wavelets: a solution passes on many draws, each mutant fails with a hint."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from wavelets_course.exercises import Verdict
from wavelets_course.networks import RESNET_STEM, DualTreeStem, alexnet_mixing, resnet_mixing

Groups = list[tuple[int, int, int]]


def learned(free: int, side: int, groups: Groups) -> int:
    return 3 * side**2 * free + 3 + sum(g * p * o for g, p, o in groups)


def dense(free: int, side: int, groups: Groups) -> int:
    packets, outputs = sum(g * p for g, p, _ in groups), sum(g * o for g, _, o in groups)
    return 3 * side**2 * free + 3 + packets * outputs


def resulting(packets: Tensor, weights: Tensor, colours: Tensor) -> Tensor:
    return torch.einsum("c,ok,kuv->ocuv", colours, weights, packets)


def best_phase(kernel: Tensor, packet: Tensor) -> Tensor:
    plane, _ = torch.linalg.qr(torch.stack((packet.real.flatten(), packet.imag.flatten()), 1))
    return (plane.T @ kernel.flatten()).norm() / kernel.norm()


def without_plane(kernel: Tensor, packet: Tensor) -> Tensor:
    return (kernel * packet).sum().abs() / kernel.norm() / packet.real.norm()


def as_it_stands(kernel: Tensor, packet: Tensor) -> Tensor:
    return (kernel * packet.real).sum().abs() / kernel.norm() / packet.real.norm()


SOLUTIONS: dict[str, Callable[..., Any]] = {
    "dual_tree_cnn-1": learned,
    "dual_tree_cnn-2": resulting,
    "dual_tree_cnn-3": best_phase,
}

MUTANTS: list[tuple[str, Callable[..., Any], str]] = [
    ("dual_tree_cnn-1", lambda f, s, g: learned(f, s, g) - 2 * s**2 * f, "free kernels see three colours"),
    ("dual_tree_cnn-1", lambda f, s, g: learned(f, s, g) - 3, "3 weights that make the colours grey"),
    ("dual_tree_cnn-1", lambda f, s, g: learned(f, s, g) + f, "no wavelets: should be"),
    ("dual_tree_cnn-1", dense, "only the packets of its group"),
    (
        "dual_tree_cnn-1",
        lambda f, s, g: learned(f, s, [(1, p, o) for _, p, o in g]),
        "weights of its own",
    ),
    ("dual_tree_cnn-1", lambda f, s, g: learned(f, s, g) + len(g), "groups ["),
    ("dual_tree_cnn-1", lambda f, s, g: learned(f, s, g) + (f == 40 and s == 7 and len(g) == 5), "5907"),
    ("dual_tree_cnn-2", lambda *parts: None, "does the function end in `return`?"),
    ("dual_tree_cnn-2", lambda *parts: resulting(*parts)[:, 0], "should have shape"),
    ("dual_tree_cnn-2", lambda p, w, c: resulting(p, w, torch.ones_like(c)), "red and blue have weight 0"),
    ("dual_tree_cnn-2", lambda p, w, c: resulting(p, w, c.roll(1)), "that packet in green"),
    ("dual_tree_cnn-2", lambda p, w, c: resulting(p, w, c).abs(), "that packet in green"),
    ("dual_tree_cnn-2", lambda p, w, c: resulting(p, w * w.abs(), c), "one convolution with your kernel"),
    ("dual_tree_cnn-3", as_it_stands, "should have similarity 1"),
    ("dual_tree_cnn-3", lambda k, p: best_phase(k, p) * k.norm(), "2.5 times as loud"),
    ("dual_tree_cnn-3", without_plane, "should have similarity 1"),
    ("dual_tree_cnn-3", lambda k, p: best_phase(k, p) ** 2, "the best phase has similarity"),
    ("dual_tree_cnn-3", lambda k, p: torch.ones(()), "the best phase has similarity"),
]


def test_solution_passes(solved: Verdict) -> None:
    assert solved.ok, repr(solved)


def test_mutant_fails_with_a_hint(misled: Any) -> None:
    for verdict in misled.verdicts:
        assert not verdict.ok
        assert misled.hint in repr(verdict), repr(verdict)


def test_the_solutions_count_and_mix_as_the_package_does() -> None:
    for mixing, free, side, bias in ((resnet_mixing(2), 40, 7, 0), (alexnet_mixing(3), 32, 11, 64)):
        groups = [(len(kind.packets), len(kind.packets[0]), kind.outputs) for kind in mixing.kinds]
        assert learned(free, side, groups) + bias == {40: 5907, 32: 11_648 - 32 + 3 + 206 + 64}[free]
    stem = DualTreeStem(RESNET_STEM, resnet_mixing(2))
    packets = stem.wavelets.packets.transform.resulting_kernels().float()
    ours = resulting(packets, stem.wavelets.mixture(), stem.wavelets.packets.colours)
    torch.testing.assert_close(ours, stem.wavelets.resulting_kernel())
