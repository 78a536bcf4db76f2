"""Paths: kymatio's order of channels, and their number."""

from collections.abc import Callable

import pytest
import torch
from kymatio import Scattering2D as Kymatio

from wavelets_course.scattering import Path, scattering_channels, scattering_paths


@pytest.mark.parametrize(("J", "L"), [(1, 4), (2, 8), (3, 3)])
@pytest.mark.parametrize("max_order", [1, 2])
def test_kymatio_orders_its_channels_so(J: int, L: int, max_order: int) -> None:
    layer = Kymatio(J, (8, 8), L=L, max_order=max_order, out_type="list", frontend="torch")
    theirs = [(c["j"], c["theta"]) for c in layer(torch.zeros(8, 8))]
    paths = scattering_paths(J, L, max_order)
    ours = [((p.j1, p.j2)[: p.order], (p.ell1, p.ell2)[: p.order]) for p in paths]
    assert ours == theirs


@pytest.mark.parametrize("J", [1, 2, 5])
@pytest.mark.parametrize("L", [1, 8])
@pytest.mark.parametrize("max_order", [0, 1, 2])
def test_count(J: int, L: int, max_order: int) -> None:
    paths = scattering_paths(J, L, max_order)
    assert len(paths) == len(set(paths)) == scattering_channels(J, L, max_order)
    assert paths[0] == Path(0)
    assert all(p.j2 > p.j1 for p in paths if p.j1 is not None and p.j2 is not None)


def test_claim_s2() -> None:
    """(1 + L J) N^2 / 2^(2J) numbers a colour: 75 x 28 x 28 from 224 x 224 x 3."""
    assert 3 * scattering_channels(J=3, L=8, max_order=1) * (224 // 2**3) ** 2 == 58_800
    assert scattering_channels(2, 8, 1) == 17
    assert scattering_channels(2, 8, 2) == 81


@pytest.mark.untyped
@pytest.mark.parametrize("function", [scattering_paths, scattering_channels])
def test_refusal(function: object) -> None:
    with pytest.raises(ValueError, match="expected max_order = 0, 1 or 2, got 3"):
        function(2, 8, 3)  # type: ignore[operator]


@pytest.mark.untyped
@pytest.mark.parametrize("function", [scattering_paths, scattering_channels])
@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((-2,), ValueError, "expected J >= 1 and L >= 1, got J = -2 and L = 8"),
        ((2, 0), ValueError, "expected J >= 1 and L >= 1, got J = 2 and L = 0"),
        ((2.5,), TypeError, r"J must be a whole number, got 2\.5"),
        ((2, 8.0), TypeError, r"L must be a whole number, got 8\.0"),
        ((2, 8, True), TypeError, "max_order must be a whole number, got True"),
        ((2, 8, 2.0), TypeError, r"max_order must be a whole number, got 2\.0"),
    ],
)
def test_counts_are_whole(
    function: Callable[..., object], arguments: tuple[object, ...], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=f"{function.__name__}: {text}"):
        function(*arguments)
