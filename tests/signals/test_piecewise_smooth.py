"""The image with one smooth edge: smooth away from it, averaged across it, the same at every size."""

import pytest
import torch
from torch.testing import assert_close

from wavelets_course.signals import piecewise_smooth


def draw(size: int, seed: int = 0, **options: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return piecewise_smooth((size, size), generator, dtype=torch.float64, **options)


@pytest.mark.parametrize("seed", range(20))
def test_values_and_edge(seed):
    x = draw(128, seed)
    assert 0.1 < x.min() < x.max() < 0.9
    jumps = torch.stack([(x - x.roll(1, axis)).abs() for axis in (-2, -1)]).amax(0)
    on_edge = (jumps > 0.08).sum() / 128
    assert 1.5 < on_edge < 4.5  # a closed curve, about 1.7 sides long, seen by rows and by columns
    rim = torch.cat([jumps[0], jumps[:, 0]])
    assert rim.max() < 0.02  # periodic: no edge along the rim of the picture


def test_the_same_picture_at_every_size():
    """A pixel is the mean over its square: averaging 2x2 pixels of the double size gives the same image."""
    fine = draw(128, oversample=4)
    pooled = torch.nn.functional.avg_pool2d(fine[None, None], 2)[0, 0]
    assert_close(draw(64, oversample=8), pooled, rtol=0, atol=1e-12)


def test_one_point_a_pixel_is_a_staircase():
    sampled, averaged = draw(64, oversample=1), draw(64)
    jumps = [(x - x.roll(1, -1)).abs() for x in (sampled, averaged)]
    middling = [int(((j > 0.05) & (j < 0.25)).sum()) for j in jumps]
    assert middling[0] == 0
    assert middling[1] > 40


def test_seeds_sizes_and_dtypes():
    assert torch.equal(draw(32, 3), draw(32, 3))
    assert not torch.equal(draw(32, 3), draw(32, 4))
    image = piecewise_smooth((20, 33), torch.Generator().manual_seed(0))
    assert image.shape == (20, 33)
    assert image.dtype == torch.float32
    assert piecewise_smooth((0, 4)).shape == (0, 4)


@pytest.mark.untyped
def test_errors_say_the_way_out():
    for shape, oversample in (((-1, 4), 4), ((4, 4), 0)):
        with pytest.raises(ValueError, match=r"piecewise_smooth: expected sides >= 0 and oversample >= 1"):
            piecewise_smooth(shape, oversample=oversample)
