"""Exercises of the chapter on the Haar transform."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ..transforms import Detail2d, Pyramid2d, coefficient_count, wavedec2, waverec2
from .exercise import Answer, Exercise, Property, Wrong, call, close, tensor, whole

ROOT = math.sqrt(2)
BANDS = ("approx", "horizontal", "vertical", "diagonal")


def _signal(generator: torch.Generator) -> Tensor:
    length = 2 * int(torch.randint(4, 12, (), generator=generator))
    return torch.randn(3, length, generator=generator, dtype=torch.float64)


def _image(generator: torch.Generator) -> Tensor:
    height, width = (2 * int(torch.randint(3, 9, (), generator=generator)) for _ in range(2))
    return torch.randn(2, height, width + 2 * (height == width), generator=generator, dtype=torch.float64)


def _unpack(value: object, count: int, what: str) -> tuple[object, ...]:
    if value is None:
        raise Wrong(f"your function should return {what}, and returns None: does it end in `return`?")
    if not isinstance(value, (tuple, list)) or len(value) != count:
        got = f"{len(value)} things" if isinstance(value, (tuple, list)) else type(value).__name__
        raise Wrong(f"your function should return {what}, a tuple of {count}, got {got}")
    return tuple(value)


# haar-1: one step in one dimension


def _step(answer: Answer, x: Tensor) -> tuple[Tensor, Tensor]:
    approx, detail = _unpack(call(answer, x), 2, "(approx, detail)")
    shape = (*x.shape[:-1], x.shape[-1] // 2)
    return tensor(approx, shape, "approx", [x]), tensor(detail, shape, "detail", [x])


def _step_shapes(answer: Answer, generator: torch.Generator) -> None:
    _step(answer, _signal(generator))


def _step_constant(answer: Answer, generator: torch.Generator) -> None:
    approx, detail = _step(answer, torch.full((8,), 3.0, dtype=torch.float64))
    if detail.abs().max() > 1e-9:
        swapped = approx.abs().max() < 1e-9
        hint = (
            "you return (detail, approx): swap them"
            if swapped
            else "detail is a difference of two neighbours"
        )
        raise Wrong(f"a constant signal should have no detail; {hint}")


def _step_energy(answer: Answer, generator: torch.Generator) -> None:
    x = _signal(generator)
    _energy(x, _step(answer, x), {2.0: "did you forget 1/sqrt(2)?", 0.5: "divide by sqrt(2), not by 2"})


def _energy(x: Tensor, bands: tuple[Tensor, ...], hints: dict[float, str]) -> None:
    ratio = float(sum(band.square().sum() for band in bands) / x.square().sum())
    if abs(ratio - 1) < 1e-8:
        return
    for factor, hint in hints.items():
        if abs(ratio / factor - 1) < 1e-8:
            raise Wrong(f"energy is off by a factor {factor:g}: {hint}")
    raise Wrong(f"energy should be kept; yours comes out {ratio:.3g} times as large: check each factor")


def _step_inverse(answer: Answer, generator: torch.Generator) -> None:
    x = _signal(generator)
    approx, detail = _step(answer, x)
    rebuilt = torch.stack([approx + detail, approx - detail], dim=-1).flatten(-2) / ROOT
    if close(rebuilt, x):
        return
    pairs = x.reshape(*x.shape[:-1], -1, 2).flip(-1).flatten(-2)
    if close(rebuilt, pairs):
        raise Wrong("detail has the wrong sign: it is the first of each pair minus the second")
    if close(rebuilt / (rebuilt.norm() / x.norm()), x):
        raise Wrong("(approx + detail, approx - detail) gives the signal up to a factor: see its energy")
    raise Wrong(
        "(approx + detail) / sqrt(2) and (approx - detail) / sqrt(2) should be the samples 0, 2, 4 ... and "
        "1, 3, 5 ...; do your pairs start at even positions, with no sample in two pairs?"
    )


# haar-2: one level in two dimensions


def _level(answer: Answer, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    bands = _unpack(call(answer, x), 4, "(approx, horizontal, vertical, diagonal)")
    shape = (*x.shape[:-2], x.shape[-2] // 2, x.shape[-1] // 2)
    a, h, v, d = (tensor(band, shape, name, [x]) for band, name in zip(bands, BANDS, strict=True))
    return a, h, v, d


def _level_shapes(answer: Answer, generator: torch.Generator) -> None:
    _level(answer, _image(generator))


def _level_energy(answer: Answer, generator: torch.Generator) -> None:
    x = _image(generator)
    hints = {
        4.0: "did you forget 1/sqrt(2) in each direction, so 1/2 in all?",
        2.0: "1/sqrt(2) is needed once for each direction",
        0.25: "dividing by 2 in each direction is too much: 1/sqrt(2) each",
    }
    _energy(x, _level(answer, x), hints)


def _sees(pattern: Callable[[Tensor], Tensor], band: str, picture: str) -> Callable[..., None]:
    """A test that one pattern is seen by one detail band alone."""

    def test(answer: Answer, generator: torch.Generator) -> None:
        y, x = torch.meshgrid(torch.arange(8), torch.arange(6), indexing="ij")
        energies = [float(b.square().sum()) for b in _level(answer, pattern(torch.stack([y, x])).double())][
            1:
        ]
        seen = [name for name, energy in zip(BANDS[1:], energies, strict=True) if energy > 1e-9]
        if seen != [band]:
            who = " and ".join(seen) or "no detail band"
            raise Wrong(
                f"{picture} should be answered by {band} alone, and is answered by {who}: "
                "horizontal is low-pass along x (the last axis) and high-pass along y"
            )

    return test


def _level_values(answer: Answer, generator: torch.Generator) -> None:
    x = _image(generator)
    pyramid = wavedec2(x, "haar", J=1)
    expected = (pyramid.approx, *pyramid.details[0])
    for name, band, right in zip(BANDS, _level(answer, x), expected, strict=True):
        if not close(band, right):
            if close(-band, right):
                raise Wrong(f"{name} has the wrong sign: a difference is the first minus the second")
            raise Wrong(f"{name} differs from a 2x2 block's sums and differences, times 1/2")


# haar-3: the inverse of one level


def _inverse_input(generator: torch.Generator) -> tuple[Tensor, tuple[Tensor, ...], Tensor]:
    x = _image(generator)
    pyramid = wavedec2(x, "haar", J=1)
    return x, (pyramid.approx, *pyramid.details[0]), pyramid.approx


def _rebuild(answer: Answer, bands: tuple[Tensor, ...]) -> Tensor:
    height, width = bands[0].shape[-2:]
    shape = (*bands[0].shape[:-2], 2 * height, 2 * width)
    return tensor(call(answer, *bands), shape, "the image", bands[:1])


def _inverse_shape(answer: Answer, generator: torch.Generator) -> None:
    _rebuild(answer, _inverse_input(generator)[1])


def _inverse_perfect(answer: Answer, generator: torch.Generator) -> None:
    x, bands, _ = _inverse_input(generator)
    rebuilt = _rebuild(answer, bands)
    if close(rebuilt, x):
        return
    factor = float((rebuilt * x).sum() / x.square().sum())
    if factor > 0 and close(rebuilt / factor, x):
        raise Wrong(f"the image comes back {factor:.4g} times too large: each direction needs one 1/sqrt(2)")
    error = float((rebuilt - x).norm() / x.norm())
    raise Wrong(f"the image does not come back: relative error {error:.2g} (the next lines say which band)")


def _inverse_of(index: int) -> Callable[..., None]:
    """A test of one band alone, all others zero."""

    def test(answer: Answer, generator: torch.Generator) -> None:
        _, bands, _ = _inverse_input(generator)
        alone = tuple(band if k == index else torch.zeros_like(band) for k, band in enumerate(bands))
        expected = waverec2(Pyramid2d(alone[0], (Detail2d(*alone[1:]),)), "haar")
        rebuilt = _rebuild(answer, alone)
        if not close(rebuilt / rebuilt.norm().clamp_min(1e-30), expected / expected.norm()):
            hint = "high-pass along y" if index == 1 else "high-pass along x" if index == 2 else "both signs"
            raise Wrong(f"{BANDS[index]} alone gives a wrong image" + (f": look at {hint}" if index else ""))

    return test


# haar-4: counting


def _count(answer: Answer, height: int, width: int, J: int) -> tuple[int, int]:
    expected = coefficient_count(wavedec2(torch.zeros(height, width), "haar", J=J))
    return whole(call(answer, height, width, J), "the count", [height, width, J]), expected


def _count_dyadic(answer: Answer, generator: torch.Generator) -> None:
    J = int(torch.randint(1, 4, (), generator=generator))
    height, width = (2**J * int(torch.randint(1, 7, (), generator=generator)) for _ in range(2))
    count, expected = _count(answer, height, width, J)
    if count != expected:
        raise Wrong(
            f"where 2^J divides both sides nothing grows: {height}x{width} at J = {J} has {expected}, "
            f"you say {count}; each level leaves three detail bands, and one approximation is left at the end"
        )


def _count_any(answer: Answer, generator: torch.Generator) -> None:
    sizes = [tuple(torch.randint(17, 60, (2,), generator=generator).tolist()) for _ in range(6)]
    for height, width in [(28, 28), *((h | 1, w) for h, w in sizes)]:
        J = int(torch.randint(2, 5, (), generator=generator)) if (height, width) != (28, 28) else 4
        count, expected = _count(answer, height, width, J)
        if count != expected:
            hint = (
                ": it is still the number of pixels; an odd side rounds up" if count == height * width else ""
            )
            hint = hint or (": round up, not down" if count < expected else "")
            raise Wrong(f"{height}x{width} at J = {J} has {expected} coefficients, you say {count}{hint}")


EXERCISES = (
    Exercise(
        "haar-1",
        "One step",
        "Write `haar_step(signal)` for signals `(*batch, time)` of even length: `approx`, the sum of each "
        "pair of "
        "neighbours over $\\sqrt 2$, and `detail`, the first minus the second over $\\sqrt 2$.",
        "def haar_step(signal):\n    ...  # approx, detail: half as long as signal",
        (
            Property("two bands, each half as long", _step_shapes),
            Property("a constant has no detail", _step_constant),
            Property("energy is kept", _step_energy),
            Property("perfect reconstruction holds", _step_inverse),
        ),
    ),
    Exercise(
        "haar-2",
        "One level, four bands",
        "Write `haar_level(image)` for images `(*batch, height, width)` with even sides. `horizontal` "
        "answers "
        "horizontal lines: it is low-pass along x and high-pass along y.",
        "def haar_level(image):\n    ...  # approx, horizontal, vertical, diagonal",
        (
            Property("four bands of half the height and width", _level_shapes),
            Property("energy is kept", _level_energy),
            Property(
                "a bright row is seen by horizontal",
                _sees(lambda u: (u[0] == 3).int(), "horizontal", "a bright row"),
            ),
            Property(
                "a bright column is seen by vertical",
                _sees(lambda u: (u[1] == 2).int(), "vertical", "a bright column"),
            ),
            Property(
                "a chessboard is seen by diagonal",
                _sees(lambda u: (u[0] + u[1]) % 2, "diagonal", "a chessboard"),
            ),
            Property("every coefficient is right", _level_values),
        ),
    ),
    Exercise(
        "haar-3",
        "And back",
        "Write `haar_inverse(approx, horizontal, vertical, diagonal)`, which gives back the image of "
        "`haar-2`.",
        "def haar_inverse(approx, horizontal, vertical, diagonal):\n    ...  # the image",
        (
            Property("the image is twice as high and wide", _inverse_shape),
            Property("perfect reconstruction holds", _inverse_perfect),
            *(
                Property(f"{name} alone gives the right pattern", _inverse_of(k))
                for k, name in enumerate(BANDS)
            ),
        ),
    ),
    Exercise(
        "haar-4",
        "How many coefficients?",
        "Write `coefficient_count(height, width, J)` for images of any size: an odd side is extended by "
        "one sample "
        "before each level.",
        "def coefficient_count(height, width, J):\n"
        "    ...  # coefficients of a height x width image after J Haar levels",
        (
            Property("as many as pixels where 2^J divides both sides", _count_dyadic),
            Property("right for odd sides, and 799 for 28x28 at J = 4", _count_any),
        ),
        required=0,
    ),
)
