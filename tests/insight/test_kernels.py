"""Kernels are found again where they are, moved or negated, and nowhere else."""

import re

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.testing import assert_close

from wavelets_course.insight import kernel_similarity, kernels, shuffled_kernels


def by_hand(a: Tensor, b: Tensor, limit: int) -> Tensor:
    """All correlations by sliding: ``(kernels, others, shifts, shifts)``, kernels of one size."""
    a = a / a.flatten(1).norm(dim=1)[:, None, None, None]
    b = b / b.flatten(1).norm(dim=1)[:, None, None, None]
    return functional.conv2d(a, b, padding=limit)


def test_equals_sliding(generator: torch.Generator) -> None:
    a = torch.randn(5, 3, 7, 7, dtype=torch.float64, generator=generator)
    b = torch.randn(4, 3, 7, 7, dtype=torch.float64, generator=generator)
    slid = by_hand(a, b, 3)  # place (i, j) is a shift of b by (i - 3, j - 3)
    match = kernel_similarity(a, b)
    best = slid.abs().flatten(1).max(-1)
    assert_close(match.similarity, best.values)
    assert_close(match.which, best.indices // 49)
    assert_close(match.shift, torch.stack((best.indices // 7 % 7, best.indices % 7), -1) - 3)
    assert_close(match.flipped, slid.flatten(1).gather(1, best.indices[:, None])[:, 0] < 0)
    signed = kernel_similarity(a, b, signed=True)
    assert_close(signed.similarity, slid.flatten(1).amax(-1))
    assert not signed.flipped.any()
    still = kernel_similarity(a, b, max_shift=0)
    assert_close(still.similarity, slid[..., 3, 3].abs().amax(-1))
    assert (still.shift == 0).all()


def test_finds_what_was_moved_and_negated(generator: torch.Generator) -> None:
    a = torch.zeros(3, 2, 11, 11)
    a[:, :, 3:8, 3:8] = torch.randn(3, 2, 5, 5, generator=generator)
    moved = -2.5 * a.roll((2, -3), (-2, -1))[[2, 0, 1]]
    match = kernel_similarity(moved, a)
    assert_close(match.similarity, torch.ones(3))
    assert match.which.tolist() == [2, 0, 1]
    assert match.shift.tolist() == [[2, -3]] * 3
    assert match.flipped.all()
    assert kernel_similarity(moved, a, signed=True).similarity.max() < 0.95
    assert kernel_similarity(moved, a, max_shift=2).similarity.max() < 0.95


def test_middles_are_aligned_where_sizes_differ(generator: torch.Generator) -> None:
    small = torch.randn(2, 3, 7, 7, generator=generator)
    large = functional.pad(small, (2, 2, 2, 2))
    for match in (kernel_similarity(small, large), kernel_similarity(large, small)):
        assert_close(match.similarity, torch.ones(2))
        assert (match.shift == 0).all()


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch, generator: torch.Generator) -> None:
    a, b = torch.randn(2, 6, 1, 5, 4, generator=generator)
    expected = kernel_similarity(a, b)
    monkeypatch.setattr(kernels, "CHUNK", 1)
    for one, other in zip(kernel_similarity(a, b), expected, strict=True):
        assert_close(one, other)


def test_patterns_are_more_alike_than_their_shuffled_pixels(generator: torch.Generator) -> None:
    n = torch.arange(11.0) - 5
    window = torch.exp(-(n[:, None] ** 2 + n**2) / 12)
    waves = torch.stack([window * torch.cos(0.9 * n + phase) for phase in (0.3, 1.0, 1.7, 2.4)])[:, None]
    others = torch.stack([window * torch.cos(0.9 * n + phase) for phase in (0.0, 1.6)])[:, None]
    alike = kernel_similarity(waves, others).similarity
    shuffled = kernel_similarity(shuffled_kernels(waves, generator=generator), others).similarity
    assert alike.min() > 0.9
    assert shuffled.max() < 0.7


def test_shuffling_keeps_numbers_and_colours(generator: torch.Generator) -> None:
    a = torch.randn(5, 3, 7, 7, generator=generator)
    before = a.clone()
    b = shuffled_kernels(a, generator=generator)
    assert torch.equal(a, before)
    assert not torch.equal(a, b)
    assert_close(b.flatten(-2).sort(-1).values, a.flatten(-2).sort(-1).values)
    order = [[a[k, 0].flatten().tolist().index(v) for v in b[k, 0].flatten().tolist()] for k in range(5)]
    assert_close(a.flatten(-2)[0][:, order[0]], b.flatten(-2)[0])
    assert order[0] != order[1]


def test_nothing_matches_a_kernel_of_zeros(generator: torch.Generator) -> None:
    a = torch.randn(2, 1, 5, 5, generator=generator)
    a[1] = 0
    match = kernel_similarity(a, a)
    assert_close(match.similarity, torch.tensor([1.0, 0.0]))
    assert kernel_similarity(a[:0], a).similarity.shape == (0,)


@pytest.mark.untyped
def test_what_are_no_kernels_is_refused() -> None:
    a = torch.ones(2, 3, 5, 5)
    with pytest.raises(TypeError, match=re.escape("expected real kernels, got torch.complex64; take .real")):
        kernel_similarity(a, a.to(torch.complex64))
    with pytest.raises(ValueError, match=re.escape("of at least one pixel, got (3, 5, 5)")):
        kernel_similarity(a[0], a)
    for among in (a[:, :1], a[:0]):
        with pytest.raises(ValueError, match="as many channels, and at least one to choose from"):
            kernel_similarity(a, among)
