"""Exercises of the chapter on best n-term approximation."""

import math

import torch
from torch import Tensor

from ..signals import disk, random_polygons, step_edge
from .exercise import Answer, Exercise, Property, Wrong, call, close, number, tensor, whole


def _integer(low: int, high: int, generator: torch.Generator) -> int:
    return int(torch.randint(low, high, (), generator=generator))


def _rows(generator: torch.Generator) -> Tensor:
    return torch.randn(3, _integer(10, 30, generator), generator=generator, dtype=torch.float64)


# best_terms-1: keep the n largest


def _keep(answer: Answer, rows: Tensor, n: int) -> Tensor:
    return tensor(call(answer, rows, n), rows.shape, "the result", (rows, n))


def _keep_shape(answer: Answer, generator: torch.Generator) -> None:
    _keep(answer, _rows(generator), 4)


def _keep_values(answer: Answer, generator: torch.Generator) -> None:
    rows = _rows(generator)
    kept = _keep(answer, rows, 5)
    if bool(((kept != 0) & (kept != rows)).any()):
        raise Wrong(
            "what is kept should stay as it was, and the rest become 0: is something shrunk or moved?"
        )


def _keep_count(answer: Answer, generator: torch.Generator) -> None:
    rows = _rows(generator)
    for n in (0, 3, rows.shape[1]):
        kept = (_keep(answer, rows, n) != 0).sum(1).tolist()
        if sum(kept) == n and len(rows) > 1 and n:
            raise Wrong(f"{n} should be kept of each row; you keep {n} of all rows together")
        if kept != [n] * len(rows):
            raise Wrong(f"{n} should be kept of each row of {rows.shape[1]}, you keep {kept}")


def _keep_largest(answer: Answer, generator: torch.Generator) -> None:
    rows = _rows(generator)
    kept = _keep(answer, rows, 4)
    if _none_larger(rows.abs(), kept != 0):
        return
    if _none_larger(rows, kept != 0):
        raise Wrong("a large negative coefficient is large: compare magnitudes, not values")
    raise Wrong("a coefficient you drop is larger than one you keep")


def _none_larger(sizes: Tensor, kept: Tensor) -> bool:
    dropped = torch.where(kept, -math.inf, sizes).amax(1)
    return bool((dropped <= torch.where(kept, sizes, math.inf).amin(1)).all())


# best_terms-2: all errors at once


def _errors(answer: Answer, row: Tensor) -> Tensor:
    return tensor(call(answer, row), (len(row) + 1,), "the list of errors", (row,))


def _errors_shape(answer: Answer, generator: torch.Generator) -> None:
    _errors(answer, _rows(generator)[0])


def _errors_ends(answer: Answer, generator: torch.Generator) -> None:
    row = _rows(generator)[0]
    errors = _errors(answer, row)
    energy = float(row.square().sum())
    if math.isclose(float(errors[-1]), energy) and abs(float(errors[0])) < 1e-9:
        raise Wrong("that is the energy of what is kept; the error is the energy of what is dropped")
    if math.isclose(float(errors[0]), math.sqrt(energy)):
        raise Wrong("the squared error is asked for, the sum of squares without the root")
    if not math.isclose(float(errors[0]), energy):
        raise Wrong(f"without any term the error is the whole energy, {energy:.3g}; you have {errors[0]:.3g}")
    if abs(float(errors[-1])) > 1e-9 * energy:
        raise Wrong("with all terms nothing is missing: the last error should be 0")


def _errors_values(answer: Answer, generator: torch.Generator) -> None:
    row = _rows(generator)[0]
    sizes = row.square().sort(descending=True).values
    right = torch.stack([sizes[n:].sum() for n in range(len(row) + 1)])
    errors = _errors(answer, row)
    if close(errors, right):
        return
    unsorted = torch.stack([row.square()[n:].sum() for n in range(len(row) + 1)])
    if close(errors, unsorted):
        raise Wrong("you drop the last ones, in the order given: keep the largest first")
    raise Wrong("errors[n] should be the sum of the squares of all but the n largest coefficients")


# best_terms-3: a slope from two exponents


def _slope(answer: Answer, p: float, q: float) -> float:
    return number(call(answer, p, q), "the slope", (p, q))


def _slope_number(answer: Answer, generator: torch.Generator) -> None:
    _slope(answer, 1.0, 1.0)


def _slope_measured(answer: Answer, generator: torch.Generator) -> None:
    """Build the coefficients, sort them, and fit: 2^(p m) of size 2^(-q m)."""
    for _ in range(4):
        p = 0.5 + 1.5 * torch.rand((), generator=generator).item()
        q = p * (0.7 + torch.rand((), generator=generator).item())
        slope, right = _slope(answer, p, q), 1 - 2 * q / p
        if math.isclose(slope, right, abs_tol=1e-9):
            continue
        if math.isclose(slope, -right, abs_tol=1e-9):
            raise Wrong("right in size: the error falls, so the slope is negative")
        if math.isclose(slope, -2 * q / p):
            raise Wrong(
                "that is the slope of the squares of single coefficients: sum them beyond n, which adds 1"
            )
        if math.isclose(slope, -q / p):
            raise Wrong("that is how single coefficients fall, n^(-q/p): now square them and sum beyond n")
        raise Wrong(
            f"for 2^({p:.3g} m) coefficients of size 2^(-{q:.3g} m) the slope is {right:.3g}, you say "
            f"{slope:.3g}: how many coefficients are there down to scale m, and what energy lies beyond?"
        )


def _slope_theorem(answer: Answer, generator: torch.Generator) -> None:
    cases = {"Fourier": (2.0, 1.5, -0.5), "wavelets": (1.0, 1.0, -1.0), "curvelets": (0.5, 0.75, -2.0)}
    for name, (p, q, right) in cases.items():
        if not math.isclose(slope := _slope(answer, p, q), right):
            raise Wrong(
                f"for {name}, p = {p:g} and q = {q:g}, the theorem says {right:g}; you say {slope:.3g}"
            )


# best_terms-4: squares on an edge


def _squares(answer: Answer, image: Tensor, side: int) -> int:
    return whole(call(answer, image, side), "the count", (image, side))


def _blocks(image: Tensor, side: int) -> int:
    rows, columns = image.shape[0] // side, image.shape[1] // side
    blocks = image.reshape(rows, side, columns, side).transpose(1, 2).flatten(2)
    return int((blocks.amax(-1) > blocks.amin(-1)).sum())


def _squares_whole(answer: Answer, generator: torch.Generator) -> None:
    _squares(answer, disk((32, 32), dtype=torch.float64), 4)


def _squares_flat(answer: Answer, generator: torch.Generator) -> None:
    value = torch.rand((), generator=generator, dtype=torch.float64)
    count = _squares(answer, value.expand(16, 32).clone(), 4)
    if count:
        raise Wrong(f"a flat image has no edge, in no square; you count {count}")


def _squares_straight(answer: Answer, generator: torch.Generator) -> None:
    """An upright edge inside one column of squares, and one between two columns."""
    side = 4
    for offset, right in ((1.0, 8), (0.0, 0)):
        count = _squares(answer, step_edge((32, 32), offset=offset, dtype=torch.float64), side)
        if count != right:
            where = "through one column of squares" if right else "between two columns of squares"
            raise Wrong(
                f"an upright edge {where} of side 4 in a 32x32 image crosses {right}; you count {count}"
            )


def _squares_values(answer: Answer, generator: torch.Generator) -> None:
    for side in (2, 4, 8):
        image = random_polygons((32, 64), 3, generator, dtype=torch.float64)
        if (count := _squares(answer, image, side)) != (right := _blocks(image, side)):
            raise Wrong(
                f"in an image of polygons {right} squares of side {side} are not flat, you count {count}: "
                "squares start at multiples of the side, and rows and columns may differ in number"
            )


EXERCISES = (
    Exercise(
        name="best_terms-1",
        title="Keep the n largest",
        prompt="Write `keep_largest(rows, n)`: of each row `rows[i]` keep the `n` coefficients of largest "
        "magnitude and set the others to 0. `torch.argsort` or `torch.topk` helps.",
        stub="def keep_largest(rows, n):\n    ...  # the shape of rows",
        properties=(
            Property("the shape stays", _keep_shape),
            Property("what is kept is unchanged", _keep_values),
            Property("n are kept of each row", _keep_count),
            Property("none that is dropped is larger", _keep_largest),
        ),
    ),
    Exercise(
        name="best_terms-2",
        title="All errors at once",
        prompt="Write `all_errors(row)`: the squared error of the best n-term approximation for n = 0, 1, "
        "..., `len(row)`, where `row` holds the coefficients of an image in an orthonormal basis. No "
        "transform is needed.",
        stub="def all_errors(row):\n    ...  # len(row) + 1 numbers",
        properties=(
            Property("one number for each n from 0", _errors_shape),
            Property("all energy at first, none at last", _errors_ends),
            Property("the energy of what is dropped", _errors_values),
        ),
    ),
    Exercise(
        name="best_terms-3",
        title="Predict the slope",
        prompt=r"After $m$ halvings of the picture's side there are about $2^{pm}$ coefficients of size "
        r"about $2^{-qm}$; all others are 0. Write `slope(p, q)`: the exponent of $n$ in the squared error "
        "of the best n-term approximation (for $2q > p$).",
        stub="def slope(p, q):\n    ...  # negative",
        properties=(
            Property("a number", _slope_number),
            Property("it is right for other p and q", _slope_measured),
            Property("it gives the three exponents of the theorem", _slope_theorem),
        ),
    ),
    Exercise(
        name="best_terms-4",
        title="Count squares on an edge",
        prompt="Write `squares_on_edge(image, side)`: how many of the squares of `side` by `side` pixels, "
        "laid as tiles from the top left corner, are not flat. The side divides height and width.",
        stub="def squares_on_edge(image, side):\n    ...  # a whole number",
        properties=(
            Property("a whole number", _squares_whole),
            Property("a flat image has none", _squares_flat),
            Property("a straight edge crosses one column of squares", _squares_straight),
            Property("it is right on polygons", _squares_values),
        ),
    ),
)
