"""Exercises of the chapter on networks with wavelets in front."""

import torch
from torch import Tensor
from torch.nn import functional

from .exercise import Answer, Exercise, Property, Wrong, call, close, number, tensor, whole

Groups = list[tuple[int, int, int]]


def _draw(low: int, high: int, generator: torch.Generator) -> int:
    """A whole number, both ends included."""
    return int(torch.randint(low, high + 1, (), generator=generator))


def _noise(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


# dual_tree_cnn-1: how many numbers the stem learns


def _groups(generator: torch.Generator) -> Groups:
    return [tuple(_draw(2, 9, generator) for _ in range(3)) for _ in range(_draw(2, 4, generator))]  # type: ignore[misc]


def _count(answer: Answer, free: int, side: int, groups: Groups) -> int:
    return whole(call(answer, free, side, groups), "the count", (free, side, groups))


def _count_free(answer: Answer, generator: torch.Generator) -> None:
    free, side = _draw(2, 40, generator), _draw(3, 11, generator)
    found, want = _count(answer, free, side, []), 3 * side**2 * free + 3
    if found == want:
        return
    if found == side**2 * free + 3:
        raise Wrong("free kernels see three colours: 3 x side x side numbers each")
    if found == want - 3:
        raise Wrong("the 3 weights that make the colours grey are missing")
    raise Wrong(
        f"{free} free kernels of {side}x{side}, no wavelets: should be {want} with the 3 weights, got {found}"
    )


def _count_groups(answer: Answer, generator: torch.Generator) -> None:
    groups = _groups(generator)
    found, want = _count(answer, 0, 1, groups), 3 + sum(g * p * o for g, p, o in groups)
    if found == want:
        return
    dense = 3 + sum(g * p for g, p, _ in groups) * sum(g * o for g, _, o in groups)
    if found == dense:
        raise Wrong("that mixes all packets with all outputs: an output sees only the packets of its group")
    if found == 3 + sum(p * o for _, p, o in groups):
        raise Wrong("each kind has several groups, each with weights of its own")
    raise Wrong(f"groups {groups}: should be {want} with the 3 weights of the colours, got {found}")


def _count_resnet(answer: Answer, generator: torch.Generator) -> None:
    groups = [(6, 1, 2), (4, 1, 1), (1, 1, 2), (4, 1, 1), (1, 1, 2)]
    if (found := _count(answer, 40, 7, groups)) != 5907:
        raise Wrong(f"the ResNet of the chapter should give 5907, got {found}")


# dual_tree_cnn-2: the resulting kernel


def _parts(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    return _noise(generator, 5, 6, 4), _noise(generator, 3, 5), _noise(generator, 3)


def _kernel(answer: Answer, *given: Tensor) -> Tensor:
    packets, weights, colours = given
    shape = (len(weights), len(colours), *packets.shape[1:])
    return tensor(call(answer, *given), shape, "the kernel", given)


def _kernel_shape(answer: Answer, generator: torch.Generator) -> None:
    _kernel(answer, *_parts(generator))


def _kernel_one(answer: Answer, generator: torch.Generator) -> None:
    packets, _, _ = _parts(generator)
    weights, colours = torch.eye(5, dtype=torch.float64)[[2, 0]], torch.tensor([0.0, 1.0, 0.0]).double()
    kernel = _kernel(answer, packets, weights, colours)
    if not close(kernel[:, 1], packets[[2, 0]]):
        raise Wrong("an output with weight 1 for one packet, green alone, should be that packet in green")
    if not close(kernel.sum(1), packets[[2, 0]]):
        raise Wrong("where red and blue have weight 0, their kernels should be 0")


def _kernel_any(answer: Answer, generator: torch.Generator) -> None:
    packets, weights, colours = _parts(generator)
    x = _noise(generator, 2, 3, 16, 15)
    grey = torch.einsum("c,bchw->bhw", colours, x)[:, None]
    mixed = torch.einsum("ok,bkhw->bohw", weights, functional.conv2d(grey, packets[:, None], stride=2))
    found = functional.conv2d(x, _kernel(answer, packets, weights, colours), stride=2)
    if not close(found, mixed):
        raise Wrong(
            "one convolution with your kernel should give what grey, packets and mixture give in turn: "
            "kernel[o, c] is colours[c] times the sum over k of weights[o, k] packets[k]"
        )


# dual_tree_cnn-3: similar up to phase


def _similar(answer: Answer, kernel: Tensor, packet: Tensor) -> float:
    return number(call(answer, kernel, packet), "the similarity", (kernel, packet))


def _pair(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    packet = torch.complex(_noise(generator, 4, 5), _noise(generator, 4, 5))
    return _noise(generator, 4, 5), packet


def _turned(packet: Tensor, phase: float) -> Tensor:
    real: Tensor = (packet * torch.exp(torch.tensor(1j * phase))).real
    return real


def _projection(kernel: Tensor, packet: Tensor) -> float:
    """Length of a unit kernel's projection on the plane of real and imaginary part."""
    plane, _ = torch.linalg.qr(torch.stack((packet.real.flatten(), packet.imag.flatten()), 1))
    return float((plane.T @ kernel.flatten()).norm() / kernel.norm())


def _phase_found(answer: Answer, generator: torch.Generator) -> None:
    _, packet = _pair(generator)
    for phase in (0.0, torch.pi / 2, 6 * float(torch.rand((), generator=generator))):
        found = _similar(answer, 2.5 * _turned(packet, phase), packet)
        if abs(found - 1) > 1e-9:
            raise Wrong(
                f"a kernel that is the packet at phase {phase:.2f}, 2.5 times as loud, should have "
                f"similarity 1, got {found:.4f}"
            )


def _phase_free(answer: Answer, generator: torch.Generator) -> None:
    kernel, packet = _pair(generator)
    first = _similar(answer, kernel, packet)
    for other in (packet * torch.exp(torch.tensor(0.7j)), -3 * packet, packet.conj()):
        found = _similar(answer, kernel, other.resolve_conj())
        if abs(found - first) > 1e-9:
            raise Wrong(
                f"another phase, loudness or sign of the imaginary part changes the similarity from "
                f"{first:.4f} to {found:.4f}; the best phase should be the same pattern"
            )


def _phase_any(answer: Answer, generator: torch.Generator) -> None:
    kernel, packet = _pair(generator)
    found, want = _similar(answer, kernel, packet), _projection(kernel, packet)
    if abs(found - want) <= 1e-9:
        return
    sizes = kernel.norm() * packet.real.norm()
    if abs(found - float((kernel * packet).sum().abs() / sizes)) < 1e-9:
        raise Wrong(
            "real and imaginary part need not be perpendicular, nor equally long: project on their plane"
        )
    raise Wrong(f"the best phase has similarity {want:.4f}, you say {found:.4f}")


EXERCISES = (
    Exercise(
        "dual_tree_cnn-1",
        "What the stem learns",
        "Write `learned_numbers(free, side, groups)`: how many numbers a first layer learns that has "
        "`free` kernels of `side` x `side` pixels in three colours, 3 weights that make the colours grey, "
        "and mixtures: `groups` lists `(groups, packets, outputs)`, so many groups of so many packets, so "
        "many outputs from each group. No bias.",
        "def learned_numbers(free, side, groups):\n    ...  # a whole number",
        (
            Property("free kernels and three weights", _count_free),
            Property("an output sees the packets of its group", _count_groups),
            Property("5907 for the ResNet of the chapter", _count_resnet),
        ),
        required=0,
    ),
    Exercise(
        "dual_tree_cnn-2",
        "The resulting kernel",
        "Write `resulting(packets, weights, colours)` for real packet kernels `(packets, rows, columns)`, "
        "mixing weights `(outputs, packets)` and three weights of the colours: the kernel `(outputs, 3, "
        "rows, columns)` of the one convolution that does all three steps.",
        "def resulting(packets, weights, colours):\n    ...  # (outputs, 3, rows, columns)",
        (
            Property("one kernel for each output and colour", _kernel_shape),
            Property("a single packet in a single colour", _kernel_one),
            Property("one convolution equals the three steps", _kernel_any),
        ),
    ),
    Exercise(
        "dual_tree_cnn-3",
        "Similar up to phase",
        "Write `best_phase(kernel, packet)` for a real kernel and a complex packet of the same shape: the "
        "largest cosine between the kernel and `(exp(1j * phase) * packet).real`, over all phases.",
        "def best_phase(kernel, packet):\n    ...  # a number from 0 to 1",
        (
            Property("1 for the packet itself, at any phase", _phase_found),
            Property("the same whatever the packet's own phase", _phase_free),
            Property("right for any kernel", _phase_any),
        ),
        required=0,
    ),
)
