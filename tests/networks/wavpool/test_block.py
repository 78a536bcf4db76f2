"""The block of answers and its pooling: torch's own three-dimensional pooling is the oracle."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from wavelets_course.networks.wavpool.block import pool_levels, stack_levels


def answers(generator: torch.Generator, widths: list[int], directions: int = 3) -> list[Tensor]:
    return [
        torch.randn(2, width, directions, generator=generator, dtype=torch.float64, requires_grad=True)
        for width in widths
    ]


@pytest.mark.parametrize("side", [1, 2, 3])
@pytest.mark.parametrize("widths", [[3, 3, 3, 3, 3, 3], [1, 4, 2, 7, 5, 6], [6, 6, 12, 12, 1, 2]])
@pytest.mark.parametrize("pooling", ["max", "average"])
def test_pooling_is_torchs(pooling: str, widths: list[int], side: int, generator: torch.Generator) -> None:
    given = answers(generator, widths, 3 // side * side)
    torchs = functional.max_pool3d if pooling == "max" else functional.avg_pool3d
    ours = pool_levels(given, max(widths), side, pooling)
    expected = torchs(stack_levels(given, max(widths)), side)
    torch.testing.assert_close(ours, expected)
    with torch.no_grad():
        assert torch.equal(pool_levels(given, max(widths), side, pooling), ours)
    weights = torch.randn(ours.shape, generator=generator, dtype=torch.float64)
    gradients = torch.autograd.grad((ours * weights).sum(), given)
    for gradient, wanted in zip(
        gradients, torch.autograd.grad((expected * weights).sum(), given), strict=True
    ):
        torch.testing.assert_close(gradient, wanted)


def test_nothing_in_gives_nothing_out() -> None:
    assert pool_levels([torch.zeros(0, 4, 2)] * 4, 5, 2).shape == (0, 2, 1, 2)


def test_missing_numbers_are_not_hidden_by_a_maximum() -> None:
    whole = torch.zeros(1, 2, 2)
    assert pool_levels([whole, whole * torch.nan], 2, 2).isnan().all()
    assert pool_levels([whole.requires_grad_(), whole * torch.nan], 2, 2).isnan().all()


def test_levels_stand_behind_zeros_in_the_order_given(generator: torch.Generator) -> None:
    narrow, wide = (torch.randn(2, h, 3, generator=generator) for h in (2, 5))
    block = stack_levels([narrow, wide], 5)
    assert block.shape == (2, 5, 3, 2)
    assert torch.equal(block[..., 1], wide)
    assert torch.equal(block[:, 3:, :, 0], narrow)
    assert not block[:, :3, :, 0].any()
