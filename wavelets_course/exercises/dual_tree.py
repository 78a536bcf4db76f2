"""Exercises of the chapter on the dual tree."""

import math
from typing import Any

import torch
from torch import Tensor

from .exercise import Answer, Exercise, Property, Wrong, call, close, number, tensor, whole

SIDE = 16


def _random(generator: torch.Generator, *shape: int) -> Tensor:
    """Complex noise."""
    return torch.randn(*shape, generator=generator, dtype=torch.complex128)


def _draw(low: int, high: int, generator: torch.Generator) -> int:
    """A whole number, both ends included."""
    return int(torch.randint(low, high + 1, (), generator=generator))


def _complex(value: Any, shape: tuple[int, ...], what: str, given: tuple[Tensor, ...]) -> Tensor:
    """Read a result as a complex128 tensor of a known shape."""
    if isinstance(value, Tensor) and value.is_complex():
        parts = torch.view_as_real(value.resolve_conj())
        return torch.view_as_complex(tensor(parts, (*shape, 2), what, given).contiguous())
    tensor(value, shape, what, given)
    raise Wrong(f"{what} should be complex: `torch.complex(real, imaginary)` or `real + 1j * imaginary`")


# dual_tree-1: the share at negative frequencies


def _side_energies(psi: Tensor) -> tuple[float, float]:
    energy = torch.fft.fft(psi).abs().square()
    half = (len(psi) - 1) // 2
    return energy[-half:].sum().item(), energy[1 : half + 1].sum().item()


def _share(answer: Answer, psi: Tensor) -> float:
    return number(call(answer, psi), "the share", (psi,))


def _wave(length: int, k: int) -> Tensor:
    return torch.exp(2j * math.pi * k * torch.arange(length, dtype=torch.float64) / length)


def _share_of_waves(answer: Answer, generator: torch.Generator) -> None:
    for length in (SIDE, SIDE + 1):
        k = _draw(1, SIDE // 2 - 1, generator)
        shares = [_share(answer, _wave(length, sign * k)) for sign in (1, -1)]
        if all(abs(share - want) < 1e-9 for share, want in zip(shares, (1, 0), strict=True)):
            raise Wrong("sides swapped: in FFT order positive frequencies come first, negative ones last")
        if any(abs(share - want) > 1e-9 for share, want in zip(shares, (0, 1), strict=True)):
            raise Wrong(
                f"the waves exp(i w n) and exp(-i w n), {length} samples and {k} periods long, should give "
                f"0 and 1, got {shares[0]:.3g} and {shares[1]:.3g}"
            )


def _share_of_real(answer: Answer, generator: torch.Generator) -> None:
    for length in (SIDE, SIDE + 1):
        psi = _random(generator, length).real
        share = _share(answer, psi.to(torch.complex128))
        if abs(share - 0.5) > 1e-9:
            raise Wrong(
                f"a real filter has as much on either side, so 1/2; got {share:.3g} for {length} taps: "
                "frequency 0, and pi where the length is even, belong to no side"
            )


def _share_of_any(answer: Answer, generator: torch.Generator) -> None:
    for length in (SIDE, SIDE + 1):
        psi = _random(generator, length) + 2 * _wave(length, 3)
        negative, positive = _side_energies(psi)
        share, want = _share(answer, psi), negative / (negative + positive)
        if abs(share - want) <= 1e-9:
            continue
        scaled = _share(answer, 2 * psi)
        if abs(scaled - share) > 1e-9:
            raise Wrong("twice the filter has the same share: divide by the energy of both sides together")
        raise Wrong(
            f"the share should be {want:.4f} for {length} random taps, got {share:.4f}: energy is "
            "|psi_hat|^2, with the square, and frequencies 0 and pi are left out of both sums"
        )


# dual_tree-2: the place of a node among the frequencies


def _place_of(k: int) -> int:
    """Undo ``place ^ (place >> 1)``."""
    place = 0
    while k:
        place ^= k
        k >>= 1
    return place


def _place(answer: Answer, k: int, J: int) -> int:
    return whole(call(answer, k, J), "the place", (k, J))


def _compare_place(answer: Answer, k: int, J: int) -> None:
    place, want = _place(answer, k, J), _place_of(k)
    if place == want:
        return
    letters = format(k, f"0{J}b").replace("0", "L").replace("1", "H")
    message = f"node k = {k} of {J} stages, {letters}, has place {want}, you say {place}"
    if place == k:
        raise Wrong(message + ": below a high-pass the band is upside down, and its H half comes first")
    if place == k ^ (k >> 1):
        raise Wrong(
            message + ": this is the node that stands at place k; the question is the other way round"
        )
    raise Wrong(message + ": each H before a letter swaps the two halves that the letter chooses from")


def _place_first(answer: Answer, generator: torch.Generator) -> None:
    for k in (0, 1):
        _compare_place(answer, k, 1)


def _place_second(answer: Answer, generator: torch.Generator) -> None:
    for k in range(4):
        _compare_place(answer, k, 2)


def _place_any(answer: Answer, generator: torch.Generator) -> None:
    for J in (3, 4, _draw(5, 7, generator)):
        for k in torch.randperm(2**J, generator=generator)[:12].tolist():
            _compare_place(answer, k, J)


# dual_tree-3: two directions from four trees


def _directions(answer: Answer, trees: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    result = call(answer, *trees)
    if result is None:
        raise Wrong("psi_a, psi_b is None: does the function end in `return`?")
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong(
            f"expected two results, psi_a and psi_b, got {type(result).__name__}: `return psi_a, psi_b`"
        )
    shape = tuple(trees[0].shape)
    psi_a, psi_b = (
        _complex(value, shape, name, trees) for value, name in zip(result, ("psi_a", "psi_b"), strict=True)
    )
    return psi_a, psi_b


def _four_trees(generator: torch.Generator) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
    """Answers aa, ab, ba, bb to an image whose analytic answers are waves, and the two waves."""
    alpha, beta = (0.3 + torch.rand(2, generator=generator, dtype=torch.float64)).tolist()
    y, x = alpha * torch.arange(6, dtype=torch.float64)[:, None], beta * torch.arange(7, dtype=torch.float64)
    trees = y.cos() * x.cos(), y.cos() * x.sin(), y.sin() * x.cos(), y.sin() * x.sin()
    return trees, torch.exp(1j * (y + x)), torch.exp(1j * (y - x))


def _directions_shape(answer: Answer, generator: torch.Generator) -> None:
    _directions(answer, _four_trees(generator)[0])


def _directions_energy(answer: Answer, generator: torch.Generator) -> None:
    trees = tuple(_random(generator, 4, 5).real for _ in range(4))
    kept = sum(psi.abs().square().sum().item() for psi in _directions(answer, trees))
    ratio = kept / (2 * sum(tree.square().sum().item() for tree in trees))
    if abs(ratio - 1) > 1e-9:
        raise Wrong(
            f"psi_a and psi_b should together hold twice the energy of the four trees; yours hold "
            f"{2 * ratio:.3g} times: each tree goes into one part of psi_a and of psi_b, with factor 1 or -1"
        )


def _directions_waves(answer: Answer, generator: torch.Generator) -> None:
    trees, rising, falling = _four_trees(generator)
    psi_a, psi_b = _directions(answer, trees)
    if close(psi_a, rising) and close(psi_b, falling):
        return
    if close(psi_a, falling) and close(psi_b, rising):
        raise Wrong("psi_a and psi_b are swapped: psi_a is the product of two waves of the same sign")
    if close(psi_b, falling.conj()) or close(psi_a, rising.conj()):
        which = "psi_a" if close(psi_a, rising.conj()) else "psi_b"
        raise Wrong(
            f"{which} is the conjugate: the vertical factor is a + i b in both, so ba counts + in both"
        )
    wrong = "psi_b" if close(psi_a, rising) else "psi_a"
    factor = "(a + i b) (a - i b)" if wrong == "psi_b" else "(a + i b) (a + i b)"
    raise Wrong(
        f"{wrong} is no single wave: multiply out {factor}, vertical factor first; i times i is -1, so "
        "mind the sign of bb"
    )


def _directions_any(answer: Answer, generator: torch.Generator) -> None:
    trees = tuple(_random(generator, 4, 5).real for _ in range(4))
    aa, ab, ba, bb = trees
    psi_a, psi_b = _directions(answer, trees)
    if not close(psi_a, torch.complex(aa - bb, ba + ab)) or not close(psi_b, torch.complex(aa + bb, ba - ab)):
        raise Wrong("right for waves, wrong for other answers: it should be one sum, the same everywhere")


# dual_tree-4: the side of a two-dimensional kernel


def _kernels(generator: torch.Generator) -> Tensor:
    """Noise on one side of the frequency plane, a little on the other; right, left, right, left, ..."""
    noise = _random(generator, 6, SIDE, SIDE)
    right = torch.fft.fftfreq(SIDE) * torch.tensor([1.0, -1.0]).repeat(3)[:, None] > 0
    kernels: Tensor = torch.fft.ifft2(noise * torch.where(right, 1.0, 0.3)[:, None, :])
    return kernels


def _turn(answer: Answer, kernels: Tensor) -> Tensor:
    return _complex(call(answer, kernels), tuple(kernels.shape), "the result", (kernels,))


def _turned_shape(answer: Answer, generator: torch.Generator) -> None:
    _turn(answer, _kernels(generator))


def _turned_same(answer: Answer, generator: torch.Generator) -> None:
    kernels = _kernels(generator)
    turned = _turn(answer, kernels)
    for k, (was, now) in enumerate(zip(kernels, turned, strict=True)):
        if not close(now, was) and not close(now, was.conj()):
            raise Wrong(
                f"kernel {k} is neither what it was nor its conjugate; a mirrored kernel looks another way: "
                "use `.conj()`, not `.flip()`"
            )


def _turned_right(answer: Answer, generator: torch.Generator) -> None:
    kernels = _kernels(generator)
    turned = _turn(answer, kernels)
    energy = torch.fft.fft2(turned).abs().square().sum(-2)
    right = energy[:, 1 : SIDE // 2].sum(-1) > energy[:, SIDE // 2 + 1 :].sum(-1)
    if right.all():
        return
    if not right.any():
        raise Wrong("all look to the left: conjugate those whose energy is at negative frequencies")
    if close(turned, kernels) or close(turned, kernels.conj()):
        raise Wrong("all kernels were treated alike: some need conjugating, others do not")
    wrong = [k for k, fine in enumerate(right.tolist()) if not fine]
    raise Wrong(
        f"kernels {wrong} have most energy at negative horizontal frequency: compare the sums over the two "
        "halves of the last axis"
    )


EXERCISES = (
    Exercise(
        "dual_tree-1",
        "On the wrong side",
        "Write `wrong_side(psi)`: the share of a complex filter's energy that lies at negative frequencies, "
        "from `torch.fft.fft(psi)`. Frequency 0, and $\\pi$ where the length is even, belong to no side and "
        "are left out.",
        "def wrong_side(psi):\n    ...  # a number from 0 to 1",
        (
            Property("a wave is all on one side", _share_of_waves),
            Property("a real filter is half and half", _share_of_real),
            Property("right for any filter", _share_of_any),
        ),
    ),
    Exercise(
        "dual_tree-2",
        "Where is node k?",
        "Write `frequency_place(k, J)`: the place, counted from frequency 0, of node `k` among the $2^J$ "
        "nodes of `J` stages. The binary digits of `k` say low (0) or high (1), first stage first. A "
        "high-pass followed by subsampling turns the band upside down.",
        "def frequency_place(k, J):\n    ...  # 0 to 2**J - 1",
        (
            Property("one stage: low, then high", _place_first),
            Property("two stages: LL, LH, HH, HL", _place_second),
            Property("any number of stages", _place_any),
        ),
        required=0,
    ),
    Exercise(
        "dual_tree-3",
        "Four trees, two directions",
        "Write `two_directions(aa, ab, ba, bb)` for the real answers of the four separable trees, the "
        "vertical tree named first: the complex `psi_a`, answer of $(a + ib)(a + ib)$, and `psi_b`, answer "
        "of $(a + ib)(a - ib)$.",
        "def two_directions(aa, ab, ba, bb):\n    ...  # psi_a, psi_b: complex, the shape of aa",
        (
            Property("two complex results", _directions_shape),
            Property("twice the energy of the trees, together", _directions_energy),
            Property("each is a single wave where the trees see one", _directions_waves),
            Property("right for any answers", _directions_any),
        ),
    ),
    Exercise(
        "dual_tree-4",
        "All to the right",
        "Write `to_the_right(kernels)` for complex kernels `(packets, rows, columns)`: conjugate those that "
        "have more energy at negative than at positive horizontal frequencies, and leave the others.",
        "def to_the_right(kernels):\n    ...  # the same shape",
        (
            Property("complex, the same shape", _turned_shape),
            Property("each kernel is kept or conjugated", _turned_same),
            Property("all have their energy at positive horizontal frequencies", _turned_right),
        ),
    ),
)
