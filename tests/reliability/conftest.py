"""Every public transform as one function of an image, and what each dtype may cost."""

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from wavelets_course import scattering, signals, sparse, transforms

CALLS: dict[str, Callable[[Tensor], Any]] = {
    "wavedec2 haar": lambda x: transforms.wavedec2(x)[:2],
    "wavedec2 db3": lambda x: transforms.wavedec2(x, "db3", mode="periodization")[:2],
    "waverec2": lambda x: transforms.waverec2(transforms.wavedec2(x, "db2"), "db2"),
    "Wavelet2d": lambda x: transforms.flatten(transforms.Wavelet2d("db2", mode="smooth")(x)),
    "extend symmetric": lambda x: signals.extend(x, ((3, 0), (2, 700))),
    "extend zero": lambda x: signals.extend(x, 2, "zero"),
    "extend reflect": lambda x: signals.extend(x, 1, "reflect"),
    "shift": lambda x: signals.shift(x, (1.5, -2)),
    "rotate": lambda x: signals.rotate(x, 0.3),
    "dilate": lambda x: signals.dilate(x, 1.2, "symmetric"),
    "Scattering2D": lambda x: scattering.Scattering2D(1, tuple(x.shape[-2:]), L=2, max_order=2)(x),
    "dual_tree_packets": lambda x: transforms.dual_tree_packets(x, 1),
    "curvelets": lambda x: list(transforms.curvelets(x, 1, angles=4)),
    "fourier_coefficients": transforms.fourier_coefficients,
    "n_term_approximation": lambda x: sparse.n_term_approximation(
        x, (transforms.fourier_coefficients, transforms.fourier_synthesis), 1
    ),
    "soft_threshold": lambda x: sparse.soft_threshold(x, 0.5),
    "hard_threshold": lambda x: sparse.hard_threshold(x, 0.5),
}
"""Layers are made for the image they get; every setting is one that most sizes allow."""

TOLERANCE = {
    torch.float16: 4e-3,
    torch.bfloat16: 3e-2,
    torch.float32: 2e-5,
    torch.complex64: 2e-5,
    torch.float64: 1e-10,
    torch.complex128: 1e-10,
}
"""Relative error allowed against the same work in double precision: twice to eight times the dtype's step,
times what sums over a few hundred pixels lose. CPU against GPU likewise."""

FOUR_PARTS = re.compile(
    r"^[\w. ]+: .*(expected|must|is too|needs|got|but|lie|hold|is no|are no).*", re.DOTALL
)


def tensors(nest: Any) -> Iterator[Tensor]:
    """All tensors of a result."""
    if isinstance(nest, Tensor):
        yield nest
    elif nest is not None:
        for part in nest:
            yield from tensors(part)


def outcome(call: Callable[[Tensor], Any], x: Tensor) -> list[Tensor] | None:
    """The result's tensors, or None where the image was refused in clear words; anything else fails."""
    before = x.clone()
    try:
        found = list(tensors(call(x)))
    except (TypeError, ValueError) as error:
        if not FOUR_PARTS.match(str(error)):
            raise AssertionError(f"an error that does not help: {error!r}") from error
        return None
    unchanged = (before == x) | (before.isnan() & x.isnan())
    assert bool(unchanged.all()), "the input was changed"
    assert found, "nothing came back"
    return found


def widened(x: Tensor) -> Tensor:
    """The same numbers in double precision, contiguous."""
    return x.to(torch.complex128 if x.is_complex() else torch.float64).contiguous()


def gap(result: list[Tensor], expected: list[Tensor]) -> float:
    """Largest difference over the largest magnitude of all tensors; NaN and infinity must sit alike."""
    scale, worst = 0.0, 0.0
    for a, b in zip(result, expected, strict=True):
        assert a.shape == b.shape
        a, b = widened(a), widened(b)
        finite = torch.isfinite(a) & torch.isfinite(b)
        if bool(finite.any()):
            worst = max(worst, float((a - b)[finite].abs().max()))
            scale = max(scale, float(b[finite].abs().max()))
    return worst / scale if scale else worst


@pytest.fixture(params=sorted(CALLS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def call(name: str) -> Callable[[Tensor], Any]:
    return CALLS[name]


@pytest.fixture
def reliable() -> SimpleNamespace:
    """What the tests of this folder share, in one place."""
    return SimpleNamespace(
        outcome=outcome, gap=gap, widened=widened, tensors=tensors, tolerance=TOLERANCE, calls=CALLS
    )
