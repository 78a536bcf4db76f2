"""The block of answers and its pooling: torch's own three-dimensional pooling is the oracle."""

import pytest
import torch
from torch.nn import functional

from wavelets_course.networks.wavpool_block import pool_block, stack_levels


@pytest.mark.parametrize("side", [1, 2, 3])
@pytest.mark.parametrize(("hidden", "levels"), [(3, 3), (7, 5), (12, 4)])
@pytest.mark.parametrize("pooling", ["max", "average"])
def test_pooling_is_torchs(
    pooling: str, hidden: int, levels: int, side: int, generator: torch.Generator
) -> None:
    block = torch.randn(2, hidden, 3, levels, generator=generator, dtype=torch.float64, requires_grad=True)
    torchs = functional.max_pool3d if pooling == "max" else functional.avg_pool3d
    ours, expected = pool_block(block, side, pooling), torchs(block, side)
    torch.testing.assert_close(ours, expected)
    weights = torch.randn(ours.shape, generator=generator, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((ours * weights).sum(), block)
    (wanted,) = torch.autograd.grad((expected * weights).sum(), block)
    torch.testing.assert_close(gradient, wanted)


def test_nothing_in_gives_nothing_out() -> None:
    assert pool_block(torch.zeros(0, 4, 3, 4), 2).shape == (0, 2, 1, 2)


def test_missing_numbers_are_not_hidden_by_a_maximum() -> None:
    block = torch.zeros(1, 2, 3, 2)
    block[0, 0, 0, 0] = torch.nan
    assert pool_block(block, 2).isnan().all()


def test_levels_stand_behind_zeros_in_the_order_given(generator: torch.Generator) -> None:
    narrow, wide = (torch.randn(2, h, 3, generator=generator) for h in (2, 5))
    block = stack_levels([narrow, wide], 5)
    assert block.shape == (2, 5, 3, 2)
    assert torch.equal(block[..., 1], wide)
    assert torch.equal(block[:, 3:, :, 0], narrow)
    assert not block[:, :3, :, 0].any()
