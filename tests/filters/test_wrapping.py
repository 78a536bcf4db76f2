"""Wrapping: no two frequencies of a window meet, and the grid is as small as its lines allow."""

import pytest
import torch

from wavelets_course.filters.wrapping import fast_length, wrapped


def parallelogram(height: int, width: int, slope: int) -> torch.Tensor:
    """Columns of equal height, each ``slope`` rows below the one before."""
    window = torch.zeros(1, height + slope * width, width, dtype=torch.float64)
    for column in range(width):
        window[0, slope * column : slope * column + height, column] = torch.arange(1.0, height + 1)
    return window


@pytest.mark.parametrize("slope", [0, 1, 2])
def test_a_slanted_window_needs_no_more_places_than_an_upright_one(slope: int) -> None:
    window = parallelogram(8, 10, slope)
    k_y, k_x = torch.arange(-3, window.shape[1] - 3)[:, None], torch.arange(5, 15)[None]
    small = wrapped(window, k_y, k_x, (100, 100))
    assert small.window_hat.shape == (1, 8, 10)
    torch.testing.assert_close(small.window_hat.square().sum(), window.square().sum(), rtol=0, atol=0)


def test_every_weight_keeps_its_frequency(generator: torch.Generator) -> None:
    window = torch.rand(3, 7, 9, dtype=torch.float64, generator=generator)
    k_y, k_x = torch.arange(-4, 3)[:, None], torch.arange(-2, 7)[None]
    small = wrapped(window, k_y, k_x, (11, 13))
    frequency = (k_y % 11 * 13 + k_x % 13).flatten()
    for ours, source, theirs in zip(small.window_hat, small.source, window, strict=True):
        back = torch.zeros(11 * 13, dtype=torch.float64)
        back[source[ours > 0]] = ours[ours > 0]
        torch.testing.assert_close(back[frequency], theirs.flatten(), rtol=0, atol=0)


def test_a_window_of_nothing_keeps_one_place() -> None:
    small = wrapped(torch.zeros(2, 3, 3), torch.arange(3)[:, None], torch.arange(3)[None], (8, 8))
    assert small.window_hat.tolist() == [[[0.0]], [[0.0]]]


def test_fast_lengths_have_small_factors() -> None:
    assert [fast_length(n) for n in (1, 7, 11, 31, 97, 121, 243)] == [1, 8, 12, 32, 100, 125, 243]
