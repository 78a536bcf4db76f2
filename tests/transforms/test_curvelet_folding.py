"""Folding: rectangles and single places do the same, each the other's transpose; pieces cover the windows."""

import pytest
import torch
from torch.testing import assert_close

from wavelets_course import laws
from wavelets_course.filters import curvelet_bank
from wavelets_course.transforms import curvelet_folding
from wavelets_course.transforms.curvelet_folding import fold, folding, unfold


@pytest.mark.parametrize(("shape", "J"), [((32, 32), 2), ((21, 50), 2), ((7, 9), 0)])
def test_rectangles_and_places_agree(
    shape: tuple[int, int], J: int, monkeypatch: pytest.MonkeyPatch, generator: torch.Generator
) -> None:
    layout = folding(curvelet_bank(shape, J))
    x_hat = torch.randn(3, *shape, dtype=torch.complex128, generator=generator)
    by_rectangles = tuple(fold(x_hat, layout)), unfold(fold(x_hat, layout), layout)
    monkeypatch.setattr(curvelet_folding, "_by_places", lambda x: True)
    by_places = tuple(fold(x_hat, layout)), unfold(tuple(fold(x_hat, layout)), layout)
    assert laws.relative_error(by_rectangles, by_places) < 1e-15


def test_unfolding_is_the_transpose(generator: torch.Generator) -> None:
    layout = folding(curvelet_bank((24, 20), 2))
    x_hat = torch.randn(2, 24, 20, dtype=torch.complex128, generator=generator)
    c_hat = tuple(
        torch.randn(2, *size, dtype=torch.complex128, generator=generator) for size in layout.plan.bands
    )
    gap = laws.adjoint_gap(lambda x: tuple(fold(x, layout)), lambda c: unfold(c, layout), x_hat, c_hat)
    assert gap < 1e-15
    assert (
        laws.adjoint_gap(lambda x: tuple(fold(x, layout)), lambda c: 1.1 * unfold(c, layout), x_hat, c_hat)
        > 1e-3
    )


def test_pieces_hold_every_weight_once() -> None:
    layout = folding(curvelet_bank((64, 64), 2))
    assert_close(layout.weight.square().sum(), layout.window.square().sum())
    assert int((layout.weight > 0).sum()) == int((layout.window > 0).sum())
    assert sum(piece.size[0] * piece.size[1] for piece in layout.plan.pieces) == len(layout.weight)
    assert len(layout.weight) < len(layout.window)
