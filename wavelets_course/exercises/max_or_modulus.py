"""Exercises of the chapter on max pooling and the modulus."""

import math

import torch
from torch import Tensor

from .exercise import Answer, Exercise, Property, Wrong, call, number, whole

LARGEST_WINDOW = 60


# max_or_modulus-1: the flip rate


def _answers(generator: torch.Generator, images: int, frames: int) -> Tensor:
    """Classes that stay for a while, then change."""
    stays = torch.rand(images, frames, generator=generator) < 0.7
    answers = torch.randint(0, 5, (images, frames), generator=generator)
    for frame in range(1, frames):
        answers[:, frame] = torch.where(stays[:, frame], answers[:, frame - 1], answers[:, frame])
    return answers


def _true_rate(answers: Tensor) -> float:
    return (answers[:, 1:] != answers[:, :-1]).double().mean().item()


def _rate(answer: Answer, answers: Tensor) -> float:
    return number(call(answer, answers), "the rate", (answers,))


def _rate_of_extremes(answer: Answer, generator: torch.Generator) -> None:
    still, restless = torch.full((3, 5), 7), torch.arange(5).expand(3, 5)
    found = _rate(answer, still), _rate(answer, restless)
    if found == (1, 0):
        raise Wrong("turned round: a flip is where neighbouring frames *differ*")
    if any(abs(value - want) > 1e-9 for value, want in zip(found, (0, 1), strict=True)):
        raise Wrong(
            f"answers that never change should give 0, answers that always change 1; got {found[0]:.3g} and "
            f"{found[1]:.3g}"
        )


def _rate_of_any(answer: Answer, generator: torch.Generator) -> None:
    answers = _answers(generator, 6, 9)
    found, want = _rate(answer, answers), _true_rate(answers)
    if abs(found - want) < 1e-6:
        return
    first = (answers[:, 1:] != answers[:, :1]).double().mean().item()
    if abs(found - first) < 1e-6:
        raise Wrong("each frame is compared with the first one: compare it with the frame before")
    if abs(found - want * 8 / 9) < 1e-6:
        raise Wrong("nine frames have eight steps: divide by the number of steps")
    if abs(found - want * 48) < 1e-6:
        raise Wrong("that is the number of flips: divide by the number of steps, all images together")
    raise Wrong(f"expected {want:.4f} for six images of nine frames, got {found:.4f}")


# max_or_modulus-2: the worst gap


def _true_gap(phases: Tensor) -> float:
    """1 - cos of half of the largest distance between neighbours round the circle."""
    around = torch.remainder(phases.double(), 2 * math.pi).sort().values
    widest = torch.diff(around, append=around[:1] + 2 * math.pi).max().item()
    return 1 - math.cos(widest / 2)


def _gap(answer: Answer, phases: Tensor) -> float:
    return number(call(answer, phases), "the gap", (phases,))


def _gap_of_even_phases(answer: Answer, generator: torch.Generator) -> None:
    for count in (1, 2, 3, 4, 7):
        phases = torch.arange(count, dtype=torch.float64) * 2 * math.pi / count
        found, want = _gap(answer, phases), 1 - math.cos(math.pi / count)
        if abs(found - want) > 1e-6:
            hint = (
                "; one sample alone leaves the whole circle open: the wave may be at -1 there"
                if count == 1
                else ""
            )
            raise Wrong(f"{count} phases spread evenly should give {want:.4f}, got {found:.4f}{hint}")


def _phases(generator: torch.Generator, count: int, arc: float) -> Tensor:
    """Phases anywhere in an arc, in any order."""
    first, *rest = torch.rand(count + 1, generator=generator, dtype=torch.float64).tolist()
    turns = first + arc * torch.tensor(rest, dtype=torch.float64)
    return torch.remainder(2 * math.pi * turns, 2 * math.pi)


def _gap_of_any(answer: Answer, generator: torch.Generator) -> None:
    for arc in (1.0, 0.4, 0.3, 1.0):
        phases = _phases(generator, 6, arc)
        found, want = _gap(answer, phases), _true_gap(phases)
        inside = 1 - math.cos(torch.diff(phases.sort().values).max().item() / 2)
        if abs(found - want) < 1e-6:
            continue
        if abs(found - inside) < 1e-6:
            raise Wrong("the circle closes: from the last phase it goes on to the first one plus 2 pi")
        raise Wrong(
            f"expected {want:.4f} for six random phases, got {found:.4f}; sort the phases first, and take "
            "half of the largest distance"
        )


def _gap_of_turns(answer: Answer, generator: torch.Generator) -> None:
    for _ in range(4):
        phases = _phases(generator, 5, 1.0)
        turned = phases + 2 * math.pi * torch.tensor([0, 3, -2, 1, -1])
        if abs(_gap(answer, turned) - _true_gap(phases)) > 1e-6:
            raise Wrong("whole turns do not change a phase: take the remainder modulo 2 pi first")


# max_or_modulus-3: the smallest window


def _worst_of_window(window: int, wavelength: float) -> float:
    return _true_gap(2 * math.pi * torch.arange(window, dtype=torch.float64) / wavelength)


def _true_window(wavelength: float, tolerance: float) -> int:
    """The smallest window, 0 where none up to the largest is enough."""
    gaps = (_worst_of_window(window, wavelength) for window in range(1, LARGEST_WINDOW + 1))
    return next((window for window, gap in enumerate(gaps, start=1) if gap <= tolerance), 0)


def _window_task(generator: torch.Generator) -> tuple[float, float, int]:
    """A wavelength and a tolerance that is not on the edge of two answers."""
    while True:
        draw = torch.rand(2, generator=generator, dtype=torch.float64).tolist()
        wavelength, tolerance = 2.3 + 9 * draw[0], 0.05 + 0.3 * draw[1]
        window = _true_window(wavelength, tolerance)
        near = window and min(
            abs(_worst_of_window(w, wavelength) - tolerance) for w in (max(window - 1, 1), window)
        )
        if window and near > 1e-4:
            return wavelength, tolerance, window


def _window(answer: Answer, wavelength: float, tolerance: float) -> int:
    return whole(call(answer, wavelength, tolerance), "the window", (wavelength, tolerance))


def _window_enough(answer: Answer, generator: torch.Generator) -> None:
    for _ in range(5):
        wavelength, tolerance, _ = _window_task(generator)
        found = _window(answer, wavelength, tolerance)
        if found < 1 or _worst_of_window(min(found, LARGEST_WINDOW), wavelength) > tolerance:
            raise Wrong(
                f"{found} samples of a wave {wavelength:.3f} pixels long leave a gap above {tolerance:.3f} "
                "at some phase: check it with the worst gap of the phases 2 pi n / wavelength"
            )


def _window_smallest(answer: Answer, generator: torch.Generator) -> None:
    for _ in range(8):
        wavelength, tolerance, want = _window_task(generator)
        found = _window(answer, wavelength, tolerance)
        if found > want:
            raise Wrong(
                f"{want} samples would do for a wave {wavelength:.3f} pixels long and a gap of "
                f"{tolerance:.3f}, got {found}: return the first window that is enough"
            )


EXERCISES = (
    Exercise(
        "max_or_modulus-1",
        "How often does it flip?",
        "Write `flip_rate(answers)` for the classes `(images, frames)` that a network gave to each frame of "
        "a movement: the share of steps from one frame to the next at which the answer changes.",
        "def flip_rate(answers):\n    ...  # a number from 0 to 1",
        (
            Property("0 where answers stay, 1 where they always change", _rate_of_extremes),
            Property("the share of steps for any answers", _rate_of_any),
        ),
    ),
    Exercise(
        "max_or_modulus-2",
        "The worst phase",
        "A window sees a wave of height 1 at some `phases`, in radians: `cos(phase + a)` for each of them, "
        "with an `a` that nobody knows. Write `worst_gap(phases)`: how far below 1 the largest of these can "
        "be, for the worst `a`.",
        "def worst_gap(phases):\n    ...  # a number from 0 to 2",
        (
            Property("phases evenly round the circle", _gap_of_even_phases),
            Property("any phases", _gap_of_any),
            Property("whole turns make no difference", _gap_of_turns),
        ),
    ),
    Exercise(
        "max_or_modulus-3",
        "How large a window?",
        "A wave is `wavelength` pixels long, and max pooling sees `n` pixels of it in a row. Write "
        "`smallest_window(wavelength, tolerance)`: the smallest `n` whose largest value is at most "
        "`tolerance` below the crest, whatever the phase.",
        "def smallest_window(wavelength, tolerance):\n    ...  # a whole number of pixels",
        (
            Property("the window is enough", _window_enough),
            Property("a smaller one would not be", _window_smallest),
        ),
    ),
)
