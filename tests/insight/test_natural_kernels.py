"""Independent components are found where there are some, and photographs have waves."""

import re

import pytest
import torch
from torch.testing import assert_close

from wavelets_course.datasets import photograph
from wavelets_course.insight import kernel_similarity, natural_kernels, shuffled_kernels


def test_finds_the_patterns_a_picture_is_made_of(generator: torch.Generator) -> None:
    """A picture of sparse strokes of two kinds gives back the two strokes."""
    strokes = torch.zeros(2, 1, 5, 5)
    strokes[0, 0, 2, :] = 1
    strokes[1, 0, :, 2] = 1
    places = (torch.rand(2, 1, 1, 400, 400, generator=generator) < 2e-3).float()
    signs = torch.randn(2, 1, 1, 400, 400, generator=generator)
    picture = sum(
        torch.nn.functional.conv2d(places[k] * signs[k], strokes[k][None], padding=2)[0, 0] for k in (0, 1)
    )
    found = natural_kernels([picture], 48, 7, generator=generator)  # type: ignore[list-item]
    similarity = kernel_similarity(strokes, found).similarity
    assert similarity.min() > 0.8
    noise = torch.randn(found.shape, generator=generator)
    assert kernel_similarity(strokes, noise).similarity.max() < 0.7


def test_photographs_give_localised_waves(generator: torch.Generator) -> None:
    kernels = natural_kernels([photograph("camera"), photograph("coffee")], 36, 9, generator=generator)
    assert kernels.shape == (36, 1, 9, 9)
    assert_close(kernels.square().sum((1, 2, 3)), torch.ones(36))
    spectra = torch.fft.fft2(kernels, (32, 32)).abs().square().flatten(1)
    shuffled = torch.fft.fft2(shuffled_kernels(kernels, generator=generator), (32, 32))
    peak = (spectra.amax(1) / spectra.sum(1)).median()
    control = shuffled.abs().square().flatten(1)
    assert peak > 1.5 * (control.amax(1) / control.sum(1)).median()


def test_a_seed_is_a_set_of_kernels() -> None:
    picture = photograph("camera", size=128)
    before = picture.clone()
    one, two, three = (
        natural_kernels([picture], 8, 5, patches=2000, generator=torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, three)
    assert torch.equal(picture, before)


@pytest.mark.untyped
def test_too_small_or_too_many_is_refused(generator: torch.Generator) -> None:
    with pytest.raises(ValueError, match=re.escape("of at least 11x11, got [(10, 20)]")):
        natural_kernels([torch.ones(10, 20)], generator=generator)
    with pytest.raises(ValueError, match=re.escape("of at least 11x11, got []")):
        natural_kernels([], generator=generator)
    with pytest.raises(ValueError, match="expected from 1 to 24 kernels of 5x5, got 25"):
        natural_kernels([torch.ones(10, 20)], 25, 5, generator=generator)
